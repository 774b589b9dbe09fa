//! What a digest says beside its papers, for those who ask for it: what still rises, the week's
//! trend, and why nothing came on the days before. Reads the store, and writes nothing.

use std::cmp::Reverse;
use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::shelf::Shelf;
use super::{DigestError, Planner, Wish};
use crate::model::Timing;
use crate::render::{Beside, Hush, Moved, Silence};
use crate::store::StoreError;

/// The most papers that are told to rise.
const RISING: usize = 3;
/// Votes that a paper must have gained to be told: fewer are no news.
const LEAST_GAIN: u32 = 3;
/// The longest silence that is looked at, in days.
const LONGEST: i64 = 40;

/// The day that is planned.
#[derive(Clone, Copy)]
pub(super) struct Today<'a> {
    pub(super) now: Timestamp,
    pub(super) day: Date,
    pub(super) timing: &'a Timing,
    /// Since when papers are candidates.
    pub(super) since: Timestamp,
    /// The rows of the papers that the reader never wants to see again.
    pub(super) hidden: &'a HashSet<i64>,
}

impl Planner {
    pub(super) async fn beside(
        &self,
        wish: &Wish<'_>,
        today: Today<'_>,
        nothing: bool,
        shelf: &mut Shelf,
    ) -> Result<Beside, DigestError> {
        let lines = wish.preferences.lines;
        let mut beside = Beside::default();
        if lines.rising {
            beside.rising = self.rising(wish, today, shelf).await?;
        }
        if lines.trend && wish.last_day.is_none_or(|last| last < monday(today.day)) {
            beside.trend = shelf.trend(&self.store, today.now).await?;
        }
        beside.silence = self.silence(wish, today, nothing, shelf).await?;
        Ok(beside)
    }

    /// The papers that they were sent within the look-back and that gained the most votes since
    /// the slot of their last digest.
    async fn rising(
        &self,
        wish: &Wish<'_>,
        today: Today<'_>,
        shelf: &mut Shelf,
    ) -> Result<Vec<Moved>, StoreError> {
        let last = wish.last_day.and_then(|day| today.timing.latest_on(day));
        let Some(last) = last else { return Ok(Vec::new()) };
        let votes = shelf.votes_at(&self.store, last).await?;
        let sent: HashSet<i64> = wish.sent.iter().copied().collect();
        let candidates = shelf.candidates();
        let mut risen: Vec<_> = candidates
            .iter()
            .filter(|one| sent.contains(&one.row) && one.first_listed_at >= today.since)
            .filter(|one| !one.paper.withdrawn && !today.hidden.contains(&one.row))
            .filter_map(|one| {
                let then = votes.get(&one.row)?;
                Some((one.paper.votes.unwrap_or(0).saturating_sub(*then), one))
            })
            .filter(|(gain, _)| *gain >= LEAST_GAIN)
            .collect();
        risen.sort_by_key(|(gain, one)| (Reverse(*gain), Reverse(one.paper.votes), one.row));
        Ok(risen.iter().take(RISING).map(|(gain, one)| Moved::new(&one.paper, *gain)).collect())
    }

    /// The days since their last digest on which one was due and nothing was new; `nothing`: this
    /// day is the last of them. None where they have none to miss.
    async fn silence(
        &self,
        wish: &Wish<'_>,
        today: Today<'_>,
        nothing: bool,
        shelf: &mut Shelf,
    ) -> Result<Option<Silence>, StoreError> {
        let Some(last_day) = wish.last_day else { return Ok(None) };
        let Today { now, day, timing, .. } = today;
        // Most had one the day before, and there is nothing to look for.
        if !nothing && last_day.tomorrow().is_ok_and(|next| next >= day) {
            return Ok(None);
        }
        let Some(last) = timing.latest_on(last_day) else { return Ok(None) };
        // Nor where the slot after it is this one: the store need not be asked.
        let missed = |slot| timing.zone().civil(slot).date() < day;
        let mut days: Vec<(Date, Timestamp)> = Vec::new();
        if timing.next_after(last, Some(last_day)).is_some_and(missed) {
            let long_ago = now
                .checked_sub(jiff::SignedDuration::from_hours(24 * LONGEST))
                .unwrap_or(Timestamp::MIN);
            let plans =
                self.store.silent_plans(wish.profile, wish.history, last_day, long_ago).await?;
            days.extend(plans.iter().filter(|plan| plan.day < day).map(|plan| (plan.day, plan.at)));
        }
        if nothing {
            days.push((day, now));
        }
        days.dedup_by_key(|(day, _)| *day);
        let (Some((from, _)), Some((to, until))) = (days.first(), days.last()) else {
            return Ok(None);
        };
        let candidates = shelf.candidates();
        let mut since = candidates
            .iter()
            .filter(|one| last < one.first_listed_at && one.first_listed_at <= *until);
        let why = if since.any(|one| !wish.sent.contains(&one.row)) {
            Hush::NothingForThem
        } else if shelf.was_read(&self.store, last, *until).await? {
            Hush::NothingListed
        } else {
            Hush::NothingRead
        };
        Ok(Some(Silence { from: *from, to: *to, days: days.len(), why }))
    }
}

/// The first day of the week of `day`, by ISO 8601.
fn monday(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day)
}
