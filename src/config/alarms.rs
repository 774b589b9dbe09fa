//! `[alarms]`: from when on something is a trouble that needs a person.

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read;
use super::show::{Shown, shown};
use crate::model::{ByteSize, Span};

pub(super) const SECTION: Section = Section {
    path: "alarms",
    repeated: false,
    doc: "When whoever runs the site is told: docs/alarms.md lists all alarms.",
    keys: &[
        Key::is(
            "failed_fetches",
            "3",
            "a whole number from 1 to 100",
            "So many fetches of a source in a row that gave nothing are an alarm.",
        ),
        Key::is(
            "relay_down",
            r#""15m""#,
            "a length of time from 1m to 7d",
            "A relay that has taken nothing for so long is an alarm.",
        ),
        Key::is(
            "digest_late",
            r#""1h""#,
            "a length of time from 5m to 7d",
            "Digests that are not planned, or not tried, so long after their time are an alarm.",
        ),
        Key::is(
            "disk_free",
            r#""500 MB""#,
            "a size such as \"500 MB\"",
            "Less free space than this where data_dir lies is an alarm.",
        ),
        Key::is(
            "certificate",
            r#""14d""#,
            "a length of time from 1d to 90d",
            "A certificate of [inbound] that ends within this time is an alarm.",
        ),
        Key::is(
            "canary_within",
            r#""30m""#,
            "a length of time from 1m to 1d",
            "A canary that has not come back after so long is an alarm.",
        ),
    ],
};

/// From when on something is a trouble.
#[derive(Clone, Debug)]
pub struct Alarms {
    /// Fetches of a source in a row that gave nothing. Default 3.
    pub failed_fetches: u32,
    /// How long a relay may take nothing. Default 15 minutes.
    pub relay_down: Span,
    /// How late a digest may be. Default an hour.
    pub digest_late: Span,
    /// Free space that there must be. Default 500 MB.
    pub disk_free: ByteSize,
    /// How long a certificate must hold. Default 14 days.
    pub certificate: Span,
    /// How long a canary may fly. Default 30 minutes.
    pub canary_within: Span,
}

impl Alarms {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        const MINUTE: Span = Span::from_secs(60);
        let failed_fetches = entries.get("failed_fetches", read::whole(1..=100));
        let relay_down = entries.get("relay_down", read::span(MINUTE..=Span::from_days(7)));
        let five = Span::from_secs(300);
        let digest_late = entries.get("digest_late", read::span(five..=Span::from_days(7)));
        let disk_free = entries.get("disk_free", read::parsed::<ByteSize>);
        let days = Span::from_days(1)..=Span::from_days(90);
        let certificate = entries.get("certificate", read::span(days));
        let canary_within = entries.get("canary_within", read::span(MINUTE..=Span::from_days(1)));
        Some(Self {
            failed_fetches: failed_fetches?,
            relay_down: relay_down?,
            digest_late: digest_late?,
            disk_free: disk_free?,
            certificate: certificate?,
            canary_within: canary_within?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![
            ("failed_fetches", Some(i64::from(self.failed_fetches).into())),
            ("relay_down", shown(self.relay_down)),
            ("digest_late", shown(self.digest_late)),
            ("disk_free", shown(self.disk_free)),
            ("certificate", shown(self.certificate)),
            ("canary_within", shown(self.canary_within)),
        ]
    }
}
