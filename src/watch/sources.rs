//! Sources that give nothing, and sources that are silent.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Watch, WatchError};
use crate::alarms::{Kind, Trouble};
use crate::config;
use crate::model::FetchOutcome;
use crate::store::FetchRow;

/// How long after its moment a fetch may still come.
const GRACE: SignedDuration = SignedDuration::from_mins(30);
/// How far back it is looked for what is usual.
const PAST: SignedDuration = SignedDuration::from_hours(60 * 24);
/// Fewer fetches with something new say nothing of what is usual.
const FEW: usize = 6;
/// Fetches looked at, to tell since when all of them failed.
const MOST: u32 = 720;
/// Silence on working days that is never an alarm.
const QUIET: SignedDuration = SignedDuration::from_hours(48);

impl Watch {
    pub(super) async fn look_at_sources(&self, now: Timestamp) -> Result<(), WatchError> {
        let (mut broken, mut silent) = (Vec::new(), Vec::new());
        for source in &self.sources {
            let last = self.store.last_fetches(&source.name, now, MOST).await?;
            if let Some(trouble) = self.broken(source, &last) {
                broken.push(trouble);
            } else if let Some(trouble) = self.silent(source, &last, now).await? {
                silent.push(trouble);
            }
        }
        self.alarms.settle(Kind::SourceBroken, "", &broken, now).await?;
        self.alarms.settle(Kind::SourceSilent, "", &silent, now).await?;
        Ok(())
    }

    /// So many fetches in a row that gave nothing.
    fn broken(&self, source: &config::Source, last: &[FetchRow]) -> Option<Trouble> {
        let most = self.bounds.failed_fetches as usize;
        let bad = [FetchOutcome::Incomplete.word(), FetchOutcome::Broken.word()];
        let failed = last.iter().take_while(|row| bad.contains(&row.outcome.as_str())).count();
        if failed < most {
            return None;
        }
        let (newest, oldest) = (last.first()?, last.get(failed - 1)?);
        let reason = newest.reason.as_deref().unwrap_or("it is not known why");
        let kept = match newest.kept {
            Some(_) => format!(
                "What came is kept: `paperround source status` says where, and `paperround source \
                 replay {}` reads it again.",
                source.name
            ),
            None => "`paperround source status` says more.".to_owned(),
        };
        let fetches = if failed == 1 { "fetch".to_owned() } else { format!("{failed} fetches") };
        Some(Trouble::new(
            &source.name,
            format!(
                "The last {fetches} gave nothing, since {}. The last one: {reason}. Papers \
                 that are known stay, and digests go on with them. {kept}",
                moment(oldest.at)
            ),
        ))
    }

    /// No good fetch, or nothing new, for longer than is usual.
    async fn silent(
        &self,
        source: &config::Source,
        last: &[FetchRow],
        now: Timestamp,
    ) -> Result<Option<Trouble>, WatchError> {
        // One that was never fetched well is new, or broken.
        let good = self.store.last_good_fetch(&source.name, now).await?;
        let Some(good) = good else { return Ok(None) };
        let mut due = Some(good.at);
        for _ in 0..self.bounds.failed_fetches {
            due = due.and_then(|at| source.schedule.next_after(at, &self.zone));
        }
        let asked_for_peace = last.first().and_then(|row| row.not_before);
        let due = due.map(|due| asked_for_peace.map_or(due, |at| at.max(due)));
        if due.is_some_and(|due| now > due.saturating_add(GRACE).unwrap_or(Timestamp::MAX)) {
            return Ok(Some(Trouble::new(
                &source.name,
                format!(
                    "The last good fetch was at {}, and its schedule ({}) has had {} moments \
                     since. Is `paperround serve` at work? `paperround fetch {}` tries it now.",
                    moment(good.at),
                    source.schedule.text(),
                    self.bounds.failed_fetches,
                    source.name
                ),
            )));
        }
        let since = now.saturating_sub(PAST).unwrap_or(Timestamp::MIN);
        let mut brought = self.store.fetches_with_new(&source.name, since).await?;
        brought.retain(|at| *at <= now);
        let Some(newest) = brought.first().copied().filter(|_| brought.len() >= FEW) else {
            return Ok(None);
        };
        let gaps = brought.windows(2).map(|pair| worked(pair[1], pair[0]));
        let usual = gaps.max().unwrap_or(SignedDuration::ZERO);
        if worked(newest, now) <= (usual * 2).max(QUIET) {
            return Ok(None);
        }
        Ok(Some(Trouble::new(
            &source.name,
            format!(
                "It answers, and has listed no new paper since {}. Within two months it was never \
                 more than {} hours of working days without one. Has its page moved, or its list \
                 stopped? Look at {}.",
                moment(newest),
                usual.as_hours().max(1),
                source.url
            ),
        )))
    }
}

/// The time between two moments that lies on working days, by UTC.
fn worked(from: Timestamp, to: Timestamp) -> SignedDuration {
    let mut at = from.to_zoned(TimeZone::UTC);
    let end = to.to_zoned(TimeZone::UTC);
    let mut total = SignedDuration::ZERO;
    // No more than the two months that are looked at, and what passed since.
    for _ in 0..400 {
        if at >= end {
            break;
        }
        let Some(midnight) = at.tomorrow().ok().and_then(|day| day.start_of_day().ok()) else {
            break;
        };
        let until = midnight.clone().min(end.clone());
        if !matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday) {
            total += until.duration_since(&at);
        }
        at = midnight;
    }
    total
}

/// To the minute: the same words as long as it is the same moment.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_do_not_count() {
        let worked = |from: &str, to: &str| {
            worked(from.parse().unwrap(), to.parse().unwrap()).as_secs() / 3_600
        };
        // 2026-11-23 is a Monday.
        assert_eq!(worked("2026-11-23T08:00:00Z", "2026-11-23T20:00:00Z"), 12);
        assert_eq!(worked("2026-11-23T08:00:00Z", "2026-11-25T08:00:00Z"), 48);
        assert_eq!(worked("2026-11-20T12:00:00Z", "2026-11-23T12:00:00Z"), 24);
        assert_eq!(worked("2026-11-21T00:00:00Z", "2026-11-23T00:00:00Z"), 0);
        assert_eq!(worked("2026-11-23T00:00:00Z", "2026-11-22T00:00:00Z"), 0);
    }
}
