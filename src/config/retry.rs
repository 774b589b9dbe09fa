//! `[retry]`

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread};
use super::show::{Shown, shown};
use crate::model::Span;

pub(super) const SECTION: Section = Section {
    path: "retry",
    repeated: false,
    doc: "When a mail that a relay put off is tried again.",
    keys: &[
        Key::is(
            "first",
            r#""5m""#,
            "a length of time from 1s to 7d, such as \"5m\"",
            "The first wait.",
        ),
        Key::is(
            "factor",
            "2",
            "a number from 1 to 100",
            "Each further wait is so many times as long as the one before.",
        ),
        Key::is(
            "most",
            r#""4h""#,
            "a length of time from 1s to 7d that is no shorter than retry.first",
            "The longest wait.",
        ),
    ],
};

/// When a deferred mail is tried again: `first`, then `factor` times as long each time, at
/// most `most`.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// The first wait. Default 5m.
    pub first: Span,
    /// By what each wait is multiplied. Default 2.
    pub factor: f64,
    /// The longest wait. Default 4h.
    pub most: Span,
}

impl Retry {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let bounds = Span::from_secs(1)..=Span::from_days(7);
        let first = entries.get("first", read::span(bounds.clone()));
        let factor = entries.get("factor", read::decimal(1.0..=100.0));
        let most = entries.get("most", read::span(bounds));
        let (first, factor, most) = (first?, factor?, most?);
        if most < first {
            let hint = Misread::hint(format!("retry.first is \"{first}\""));
            entries.fault("most", format!("\"{most}\""), hint);
        }
        Some(Self { first, factor, most })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![
            ("first", shown(self.first)),
            ("factor", Some(self.factor.into())),
            ("most", shown(self.most)),
        ]
    }
}
