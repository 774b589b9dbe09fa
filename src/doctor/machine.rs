//! The machine: its clock against those of others, its time zones, and how much room is left.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::patient::{Patient, cause};
use super::{Finding, Group, Scope};
use crate::config::DatabaseTarget;

/// Seconds that the clock may be off before it shows, and before mail suffers: signatures and
/// certificates are judged by time.
const OFF: i64 = 5;
const FAR_OFF: i64 = 300;
/// An answer that takes longer tells the time badly.
const SLOW: Duration = Duration::from_secs(10);

const GB: u64 = 1_000_000_000;

/// Compares the clock with those of the servers of our sources, who are not us.
pub(super) async fn clock(patient: &Patient, _: &Scope) -> Vec<Finding> {
    if patient.clock.is_fixed() {
        let says = "the time was given with --at";
        return vec![Finding::skipped(Group::Machine, "clock", says)];
    }
    let client = reqwest::Client::builder()
        .timeout(SLOW)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let Ok(client) = client else {
        let says = "the HTTP client cannot be made";
        return vec![Finding::skipped(Group::Machine, "clock", says)];
    };
    let mut why = "there is no source to ask".to_owned();
    for source in &patient.config.sources {
        patient.reach.asked();
        let begun = patient.clock.now();
        match client.head(source.url.clone()).send().await {
            Ok(answer) => {
                patient.reach.heard();
                let ended = patient.clock.now();
                let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
                let theirs = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
                let who = source.url.host_str().unwrap_or(&source.name);
                if let Some(theirs) = theirs {
                    return vec![judged(who, begun, ended, theirs.timestamp())];
                }
                why = format!("{who} does not say what time it is");
            }
            Err(error) => why = format!("{} does not answer: {}", source.name, cause(&error)),
        }
    }
    let says = format!("nobody could be asked what time it is: {why}");
    vec![
        Finding::warn(Group::Machine, "clock", says)
            .mend("timedatectl   # \"synchronized: yes\" is well"),
    ]
}

/// Theirs is cut to a second, and was told at some moment while we waited.
fn judged(who: &str, begun: Timestamp, ended: Timestamp, theirs: Timestamp) -> Finding {
    let (early, late) =
        (begun.as_second() - theirs.as_second() - 1, ended.as_second() - theirs.as_second());
    let off = if early > 0 { early } else { late.min(0) };
    let says = match off {
        0 => format!("the clock goes as that of {who}"),
        1.. => format!("the clock is {off} s ahead of that of {who}"),
        _ => format!("the clock is {} s behind that of {who}", -off),
    };
    let mend = "timedatectl set-ntp true   # or: apt install systemd-timesyncd";
    match off.abs() {
        FAR_OFF.. => Finding::bad(Group::Machine, "clock", says).mend(mend),
        OFF.. => Finding::warn(Group::Machine, "clock", says).mend(mend),
        _ => Finding::good(Group::Machine, "clock", says),
    }
}

/// Looks at zones and disks.
pub(super) async fn look(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let mut findings = vec![zones(patient)];
    let data = patient.config.site.data_dir.clone();
    let mut places: Vec<(&str, PathBuf)> = vec![("disk data", data)];
    if let DatabaseTarget::Sqlite(file) = &patient.config.database.target
        && let Some(folder) = file.parent()
        && !folder.starts_with(&places[0].1)
    {
        places.push(("disk database", folder.to_owned()));
    }
    for (name, place) in places {
        findings.push(disk(name, &place));
    }
    findings
}

fn zones(patient: &Patient) -> Finding {
    let folder = std::env::var("TZDIR").unwrap_or_else(|_| "/usr/share/zoneinfo".to_owned());
    let name = patient.config.site.time_zone.name();
    let text = std::fs::read_to_string(Path::new(&folder).join("tzdata.zi")).unwrap_or_default();
    let release = text.lines().next().and_then(|line| line.strip_prefix("# version "));
    let Some(release) = release else {
        let says = format!("{name} is known; of which release its rules are is not said");
        return Finding::good(Group::Machine, "zones", says);
    };
    let year: Option<i16> = release.get(..4).and_then(|year| year.parse().ok());
    let now = patient.clock.now().to_zoned(jiff::tz::TimeZone::UTC).year();
    match year {
        // Every year some country changes its clocks.
        Some(year) if now - year >= 2 => {
            let says =
                format!("the rules of time zones are of {release}: some clocks have changed since");
            Finding::warn(Group::Machine, "zones", says)
                .mend("apt update && apt install --only-upgrade tzdata")
        }
        _ => Finding::good(Group::Machine, "zones", format!("{name}, by the rules of {release}")),
    }
}

/// Room on the file system of `place`, or of the nearest folder above it that is there.
fn disk(name: &str, place: &Path) -> Finding {
    let there = place.ancestors().find(|one| one.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(there) {
        Ok(about) => {
            let size = |blocks: u64| blocks.saturating_mul(about.f_frsize);
            // With no file left to be made, room is of no use.
            let files = (about.f_files > 0).then_some((about.f_favail, about.f_files));
            room(name, there, size(about.f_bavail), size(about.f_blocks), files)
        }
        Err(error) => {
            let says = format!("how full {} is cannot be said: {error}", there.display());
            Finding::warn(Group::Machine, name, says).mend(format!("df -h {}", there.display()))
        }
    }
}

fn room(name: &str, place: &Path, free: u64, whole: u64, files: Option<(u64, u64)>) -> Finding {
    let share = free.saturating_mul(100).checked_div(whole).unwrap_or(100);
    let place = place.display();
    let in_gb = |bytes: u64| format!("{}.{} GB", bytes / GB, bytes % GB / (GB / 10));
    let says = format!("{} of {} free ({share} %) at {place}", in_gb(free), in_gb(whole));
    let mend = format!("du -xh -d2 {place} | sort -h | tail   # says what takes the room");
    let full = files.is_some_and(|(free, whole)| free < whole / 1_000);
    if full {
        let says = format!("{says}, but hardly a file can be made (inodes)");
        return Finding::bad(Group::Machine, name, says).mend(format!("df -i {place}"));
    }
    match (free, share) {
        // Planning a day for many readers takes as much.
        (..200_000_000, _) | (_, ..1) => Finding::bad(Group::Machine, name, says).mend(mend),
        (..GB, _) | (_, ..5) => Finding::warn(Group::Machine, name, says).mend(mend),
        _ => Finding::good(Group::Machine, name, says),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn little_room_is_told() {
        let of = |free, whole, files| room("disk", Path::new("/"), free, whole, files).verdict;
        assert_eq!(of(50 * GB, 100 * GB, None), Verdict::Good);
        assert_eq!(of(4 * GB, 100 * GB, None), Verdict::Warn);
        assert_eq!(of(GB - 1, 2 * GB, None), Verdict::Warn);
        assert_eq!(of(GB / 10, 2 * GB, None), Verdict::Bad);
        assert_eq!(of(9 * GB, 1_000 * GB, None), Verdict::Bad);
        assert_eq!(of(50 * GB, 100 * GB, Some((0, 1_000_000))), Verdict::Bad);
    }

    #[test]
    fn clocks_are_compared_to_the_second() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let of = |begun, ended, theirs| {
            let found = judged("a.example", at(begun), at(ended), at(theirs));
            (found.verdict, found.says)
        };
        assert_eq!(of(100, 101, 100).0, Verdict::Good);
        assert_eq!(of(100, 108, 104).0, Verdict::Good, "a slow answer is no wrong clock");
        assert_eq!(of(100, 100, 103).0, Verdict::Good);
        let (verdict, says) = of(160, 160, 100);
        assert_eq!(
            (verdict, says.as_str()),
            (Verdict::Warn, "the clock is 59 s ahead of that of a.example")
        );
        assert_eq!(of(100, 101, 1_000).0, Verdict::Bad);
    }
}
