//! What a change of the config means for the readers, in sentences with their number. Says what
//! the planner will do and decides nothing of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::config::{Config, DatabaseTarget};
use crate::model::{Preferences, Span, Timing};
use crate::store::{Store, StoreError, Wishing};

/// Groups of readers that are told apart by their timing; the rest are summed up.
const MOST: usize = 5;

/// Every effect of `new` in place of `old` that a reader would notice.
pub(super) async fn of(
    store: &Store,
    old: &Config,
    new: &Config,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let readers = store.wishing(now).await?;
    let mut told = Vec::new();
    if readers.is_empty() {
        return Ok(told);
    }
    let all: i64 = readers.iter().map(|one| one.readers).sum();
    told.extend(database(old, new, all));
    told.extend(timing(old, new, &readers, now));
    told.extend(papers(store, old, new, &readers, now).await?);
    told.extend(wishes(old, new, &readers, all));
    told.extend(relays(store, old, new).await?);
    told.extend(addresses(old, new, all));
    Ok(told)
}

/// Another database knows nobody, or somebody else.
fn database(old: &Config, new: &Config, all: i64) -> Option<String> {
    let same = match (&old.database.target, &new.database.target) {
        (DatabaseTarget::Sqlite(old), DatabaseTarget::Sqlite(new)) => old == new,
        _ => old.database.url == new.database.url,
    };
    let moves =
        format!("{} and what each was sent are in {}", readers(all, "reader"), old.database.url);
    if !same {
        let sentence = format!(
            "{moves}: after a restart {} is used, which knows only what was copied into it \
             (`paperround copy --from {} --to {}`); nobody else gets mail, and who is in both may \
             get papers twice",
            new.database.url, old.database.url, new.database.url
        );
        return Some(sentence);
    }
    (old.site.data_dir != new.site.data_dir).then(|| {
        format!(
            "the server's key lies in {}: without it in {} too, every link in the mails of {} \
             stops working",
            old.site.data_dir.display(),
            new.site.data_dir.display(),
            readers(all, "reader")
        )
    })
}

/// Readers whose next digest comes at another moment.
#[derive(Default)]
struct Moved {
    readers: i64,
    /// Those whose digest is due already: it is not moved.
    overdue: i64,
    /// Those who had one on the day of the new moment.
    served: i64,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    after: Option<Timestamp>,
    zones: (String, String),
}

/// Whose digests come at other times.
fn timing(old: &Config, new: &Config, all: &[Wishing], now: Timestamp) -> Vec<String> {
    let mut groups: BTreeMap<(String, String), Moved> = BTreeMap::new();
    for one in all {
        let of = |config: &Config| {
            Timing::of(&one.preferences, &config.digest.schedule, &config.site.time_zone)
        };
        let (before, after) = (of(old), of(new));
        if before == after {
            continue;
        }
        let Some(next) = after.next_after(now, None) else { continue };
        let day = after.zone().civil(next).date();
        let group = groups.entry((before.words(), after.words())).or_default();
        group.readers += one.readers;
        group.overdue += one.overdue;
        group.served += one.served_on(day);
        group.from = earlier(group.from, one.next_due_at.filter(|due| *due > now));
        group.to = earlier(group.to, Some(next));
        group.after = earlier(group.after, after.next_after(now, Some(day)));
        group.zones = (before.zone().name().to_owned(), after.zone().name().to_owned());
    }
    let mut told: Vec<(i64, String)> = groups
        .into_iter()
        .map(|((before, after), moved)| (moved.readers, moved.words(&before, &after)))
        .collect();
    told.sort_by_key(|(readers, _)| -readers);
    let rest: i64 = told.iter().skip(MOST).map(|(readers, _)| readers).sum();
    let mut told: Vec<String> = told.into_iter().take(MOST).map(|(_, text)| text).collect();
    if rest > 0 {
        told.push(format!("{} more get theirs at other times, too", readers(rest, "reader")));
    }
    if !told.is_empty() {
        told.push(
            "nobody gets a paper twice by that, nor two digests for one day: what each was sent \
             is remembered"
                .to_owned(),
        );
    }
    told
}

impl Moved {
    fn words(&self, before: &str, after: &str) -> String {
        let at = |at: Option<Timestamp>, zone: &str| moment(at, zone);
        let mut text = format!(
            "{} follow{} the site's times, which change from {before} to {after}: their next \
             digest moves from {} to {}",
            readers(self.readers, "reader"),
            if self.readers == 1 { "s" } else { "" },
            at(self.from, &self.zones.0),
            at(self.to, &self.zones.1),
        );
        if self.served > 0 {
            text += &format!(
                " ({} of them, who had one for that day, get the next at {})",
                number(self.served),
                at(self.after, &self.zones.1)
            );
        }
        if self.overdue > 0 {
            text += &format!("; {} whose digest is due already get it now", number(self.overdue));
        }
        text
    }
}

/// Papers that would not come any more, or not again.
async fn papers(
    store: &Store,
    old: &Config,
    new: &Config,
    all: &[Wishing],
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let (before, after) = (old.digest.look_back, new.digest.look_back);
    if before == after {
        return Ok(None);
    }
    let since = |preferences: &Preferences, config: &Config, look_back: Span| {
        Timing::of(preferences, &config.digest.schedule, &config.site.time_zone)
            .candidates_since(now, look_back)
    };
    let touched: Vec<&Wishing> = all
        .iter()
        .filter(|one| since(&one.preferences, old, before) != since(&one.preferences, new, after))
        .collect();
    let count: i64 = touched.iter().map(|one| one.readers).sum();
    if count == 0 {
        return Ok(None);
    }
    let starts = |look_back: Span| now.checked_sub(look_back.signed()).unwrap_or(Timestamp::MIN);
    let (from, to) = (starts(before).min(starts(after)), starts(before).max(starts(after)));
    let between = store.first_listed_between(from, to).await?;
    let who = readers(count, "reader");
    Ok(Some(if after < before {
        format!(
            "digest.look_back becomes shorter, from {before} to {after}: of {} first seen in \
             between, those that {who} have not been sent yet will not come any more",
            readers(between, "paper")
        )
    } else {
        format!(
            "digest.look_back becomes longer, from {before} to {after}, for {who}: papers that \
             were first seen before it changed and that the old one had left behind stay behind, \
             so that nothing comes twice"
        )
    }))
}

/// What holds where readers chose nothing themselves.
fn wishes(old: &Config, new: &Config, all: &[Wishing], everybody: i64) -> Vec<String> {
    let mut told = Vec::new();
    let count = |open: fn(&Preferences) -> bool| -> i64 {
        all.iter().filter(|one| open(&one.preferences)).map(|one| one.readers).sum()
    };
    let (before, after) = (&old.digest, &new.digest);
    let chose_none = count(|preferences| preferences.max_papers.is_none());
    if before.max_papers != after.max_papers && chose_none > 0 {
        told.push(format!(
            "{} who chose no number get {} full cards in place of {}; the other papers follow as \
             titles, so none is lost",
            readers(chose_none, "reader"),
            after.max_papers,
            before.max_papers
        ));
    }
    let chose_none = count(|preferences| preferences.min_votes.is_none());
    if before.min_votes != after.min_votes && chose_none > 0 {
        let then = if after.min_votes > before.min_votes {
            "papers with fewer wait until they have them, or fall out of the look-back"
        } else {
            "papers within the look-back that had too few until now come with the next digest"
        };
        told.push(format!(
            "for {} who chose none, digest.min_votes goes from {} to {}: {then}",
            readers(chose_none, "reader"),
            before.min_votes,
            after.min_votes
        ));
    }
    let asked_nothing = count(|preferences| !preferences.lines.quiet);
    if before.send_empty != after.send_empty && asked_nothing > 0 {
        let who = readers(asked_nothing, "reader");
        told.push(if after.send_empty {
            format!("{who} get a mail on days without a new paper, too")
        } else {
            format!("{who} get no mail any more on days without a new paper")
        });
    }
    if before.expire_after != after.expire_after {
        told.push(format!(
            "digests planned from now on are given up after {} in place of {}, for {}; those that \
             wait already keep their time",
            after.expire_after,
            before.expire_after,
            readers(everybody, "reader")
        ));
    }
    told
}

/// Readers whose domain no relay serves any more.
async fn relays(store: &Store, old: &Config, new: &Config) -> Result<Option<String>, StoreError> {
    let domains = |config: &Config| -> Vec<Vec<String>> {
        config.mail.relays.iter().map(|relay| relay.domains.clone()).collect()
    };
    if domains(old) == domains(new) {
        return Ok(None);
    }
    let served = |domain: &str| new.mail.relays.iter().any(|relay| relay.serves(domain));
    let mut left: Vec<(String, i64)> = store.readers_by_domain().await?;
    left.retain(|(domain, _)| !served(domain));
    let count: i64 = left.iter().map(|(_, readers)| readers).sum();
    Ok(left.first().map(|(domain, _)| {
        format!(
            "no relay serves {} of {} any more ({domain}{}): their digests fail",
            readers(i64::try_from(left.len()).unwrap_or(i64::MAX), "domain"),
            readers(count, "reader"),
            if left.len() > 1 { ", …" } else { "" }
        )
    }))
}

/// Links and addresses in mails that lie in people's mailboxes.
fn addresses(old: &Config, new: &Config, all: i64) -> Vec<String> {
    let mut told = Vec::new();
    let who = readers(all, "reader");
    if old.site.address() != new.site.address() {
        told.push(format!(
            "the mails that {who} have hold links to {}: that address must go on leading here",
            old.site.address()
        ));
    }
    if let Some(before) = &old.inbound.address
        && new.inbound.address.as_ref() != Some(before)
    {
        told.push(format!(
            "the mails that {who} have name {before} as a way to leave: mail to it is not read \
             any more"
        ));
    }
    if old.mail.list_id != new.mail.list_id {
        told.push(format!(
            "mail programs of {who} sort by mail.list_id: their rules for {} stop working",
            old.mail.list_id
        ));
    }
    if old.mail.from.key() != new.mail.from.key() {
        told.push(format!(
            "{who} get mail from {} in place of {}, which their providers do not know yet",
            new.mail.from, old.mail.from
        ));
    }
    told
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

fn moment(at: Option<Timestamp>, zone: &str) -> String {
    let Some(at) = at else { return "none".to_owned() };
    match jiff::tz::TimeZone::get(zone) {
        Ok(rules) => at.to_zoned(rules).strftime("%a %Y-%m-%d %H:%M").to_string() + " " + zone,
        Err(_) => at.to_string(),
    }
}

/// `1 reader`, `1,204 readers`.
fn readers(count: i64, one: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{} {one}{many}", number(count))
}

fn number(count: i64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digit != '-' {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
