//! Alarms: whoever runs the site is told once that something needs a person, every six hours that
//! it still does, and once that it is over. Remembers in the store, so that a restart tells
//! nothing twice and several processes tell once. Never decides what is wrong: rooms do, and
//! `watch`.

mod kind;
mod telling;

pub use kind::{Kind, Severity};
pub use telling::{Event, State};

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::config::Config;
use crate::meter;
use crate::model::{EmailAddress, MailKind, Zone};
use crate::notices::{NoticeError, Stationery};
use crate::render::{AnswerWords, NoticeContext};
use crate::store::{AlarmRow, AlarmTurn, NewNotice, Store};
use telling::Words;

/// Mails about one kind come no more often.
pub const EVERY: SignedDuration = SignedDuration::from_hours(6);
/// How often it is noted that one is still there.
const NOTED: SignedDuration = SignedDuration::from_mins(10);
/// A mail that could not leave for so long tells nothing any more.
const NEWS: SignedDuration = SignedDuration::from_hours(24);

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it is about, such as a source's name; may be empty.
    pub subject: String,
    /// What is wrong and what to do, in whole sentences.
    pub detail: String,
}

impl Trouble {
    /// About `subject`.
    pub fn new(subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { subject: subject.into(), detail: detail.into() }
    }
}

/// Tells whoever runs the site that something needs a person. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Alarms {
    store: Store,
    to: Option<EmailAddress>,
    stationery: Arc<Stationery>,
    site: (String, String),
    zone: Zone,
    /// The names of the webhooks.
    hooks: Arc<[String]>,
}

impl Alarms {
    /// To whom the configuration says; without anybody there the log alone tells.
    pub fn new(config: &Config, store: Store, stationery: Arc<Stationery>) -> Self {
        Self {
            store,
            to: config.admin.alarms_to.clone(),
            stationery,
            site: (config.site.title.clone(), config.site.address().to_owned()),
            zone: config.site.time_zone.clone(),
            hooks: config.admin.webhooks.iter().map(|hook| hook.name.clone()).collect(),
        }
    }

    /// All that is wrong of this `kind` at `place` (a machine; empty: all of them): what is new
    /// is opened, what is not there any more is over. Returns whether a mail tells of anything
    /// that is wrong.
    pub async fn settle(
        &self,
        kind: Kind,
        place: &str,
        found: &[Trouble],
        now: Timestamp,
    ) -> Result<bool, NoticeError> {
        self.turn(kind, place, found, |row| row.place == place, now).await
    }

    /// Something is wrong now; whether other things of its kind still are is not known.
    pub async fn raise(
        &self,
        kind: Kind,
        subject: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<bool, NoticeError> {
        self.turn(kind, "", &[Trouble::new(subject, detail)], |_| false, now).await
    }

    /// What was raised is over, if it was raised.
    pub async fn over(&self, kind: Kind, subject: &str, now: Timestamp) -> Result<(), NoticeError> {
        self.turn(kind, "", &[], |row| row.subject == subject, now).await.map(|_| ())
    }

    /// Ends what was not raised again for so long that it is over, and what is about something
    /// that does not `live` any more: of a kind, by its row.
    pub async fn fade(
        &self,
        lives: impl Fn(Kind, &AlarmRow) -> bool,
        now: Timestamp,
    ) -> Result<(), NoticeError> {
        let quiet = now.saturating_sub(EVERY).unwrap_or(Timestamp::MIN);
        let open = self.store.open_alarms().await?;
        let over = |row: &AlarmRow| match Kind::from_word(&row.topic) {
            Some(kind) if kind.fades() => row.seen_at <= quiet,
            Some(kind) => !lives(kind, row),
            None => false,
        };
        for row in open.iter().filter(|row| over(row)) {
            let Some(kind) = Kind::from_word(&row.topic) else { continue };
            self.turn(kind, &row.place, &[], |one| one.id == row.id, now).await?;
        }
        Ok(())
    }

    /// What a test alarm says, and its mail, if somebody gets any: for whoever sends both at once.
    ///
    /// # Errors
    ///
    /// A template that does not render.
    pub fn test(&self, now: Timestamp) -> Result<(Event, Option<NewNotice>), NoticeError> {
        let words = Words { kind: Kind::Test, place: "", zone: &self.zone, now };
        let detail = "Somebody tried the alarms by `paperround alarm test`. Nothing is wrong, and \
                      nothing is to be done.";
        let event = self.event(words, State::Open, &Trouble::new("", detail), now);
        let mail = telling::Mail {
            subject: Kind::Test.title().to_owned(),
            lines: vec![detail.to_owned()],
            now,
        };
        let notice = self.to.is_some().then(|| self.mail(mail)).transpose()?;
        Ok((event, notice))
    }

    /// What is open.
    pub async fn open(&self) -> Result<Vec<AlarmRow>, NoticeError> {
        Ok(self.store.open_alarms().await?)
    }

    async fn turn(
        &self,
        kind: Kind,
        place: &str,
        found: &[Trouble],
        ends: impl Fn(&AlarmRow) -> bool,
        now: Timestamp,
    ) -> Result<bool, NoticeError> {
        let lately = now.saturating_sub(EVERY).unwrap_or(Timestamp::MIN);
        let known = self.store.alarms_of(kind.word(), lately).await?;
        let (open, past): (Vec<_>, Vec<_>) =
            known.iter().partition::<Vec<&AlarmRow>, _>(|row| row.closed_at.is_none());
        let found_of = |row: &AlarmRow| {
            found.iter().find(|one| one.subject == row.subject && row.place == place)
        };
        let is_open = |one: &&Trouble| !open.iter().any(|row| found_of(row) == Some(*one));
        let opens: Vec<&Trouble> = found.iter().filter(is_open).collect();
        let (closes, stays): (Vec<&AlarmRow>, Vec<&AlarmRow>) =
            open.iter().copied().partition(|row| found_of(row).is_none() && ends(row));
        let noted = now.saturating_sub(NOTED).unwrap_or(Timestamp::MIN);
        let seen = stays.iter().filter_map(|row| found_of(row).map(|one| (*row, one)));
        let seen: Vec<(&AlarmRow, &Trouble)> = seen.collect();

        let was_told = |told: fn(&AlarmRow) -> Option<Timestamp>| {
            known.iter().filter_map(told).any(|at| at > lately)
        };
        let news = !opens.is_empty() || !seen.is_empty();
        let tells = self.to.is_some() && news && !was_told(|row| row.mailed_at);
        let ended = closes.iter().any(|row| row.mailed_at.is_some()) && self.to.is_some();

        let again: Vec<&AlarmRow> = seen
            .iter()
            .map(|(row, _)| *row)
            .filter(|row| row.posted_at.is_none_or(|at| at <= lately))
            .filter(|_| !self.hooks.is_empty())
            .collect();
        let posted_lately = |one: &Trouble| {
            past.iter().any(|row| {
                row.subject == one.subject
                    && row.place == place
                    && row.posted_at.is_some_and(|at| at > lately)
            })
        };
        let fresh: Vec<&Trouble> = opens
            .iter()
            .copied()
            .filter(|one| !self.hooks.is_empty() && !posted_lately(one))
            .collect();
        let over: Vec<&AlarmRow> =
            closes.iter().copied().filter(|row| row.posted_at.is_some()).collect();
        let notes =
            seen.iter().filter(|(row, one)| row.detail != one.detail || row.seen_at <= noted);
        let notes: Vec<(i64, &str)> =
            notes.map(|(row, one)| (row.id, one.detail.as_str())).collect();
        // Most times nothing has changed: that costs no commit.
        if opens.is_empty() && closes.is_empty() && notes.is_empty() && !tells && again.is_empty() {
            return Ok(false);
        }

        let words = Words { kind, place, zone: &self.zone, now };
        let notice = match tells || ended {
            true => Some(self.mail(words.mail(&opens, &stays, &closes, tells))?),
            false => None,
        };
        let mut events = Vec::new();
        for one in &fresh {
            events.push(self.event(words, State::Open, one, now));
        }
        for row in &again {
            let one = found_of(row).cloned().unwrap_or_default();
            events.push(self.event(words, State::Still, &one, row.opened_at));
        }
        for row in &over {
            let one = Trouble::new(&row.subject, words.over(row));
            events.push(self.event(words, State::Over, &one, row.opened_at));
        }
        // What cannot be told is not told that it cannot.
        let hears =
            |hook: &str, event: &Event| kind != Kind::WebhookFailing || hook != event.subject;
        let posts = events.iter().flat_map(|event| {
            let hooks = self.hooks.iter().map(String::as_str).filter(|hook| hears(hook, event));
            hooks.map(|hook| (hook, event.to_json())).collect::<Vec<_>>()
        });
        let turn = AlarmTurn {
            topic: kind.word(),
            place,
            opens: opens
                .iter()
                .map(|one| {
                    let posted = fresh.iter().any(|other| other.subject == one.subject);
                    (one.subject.as_str(), one.detail.as_str(), posted)
                })
                .collect(),
            seen: notes,
            closes: closes.iter().map(|row| row.id).collect(),
            mailed: tells,
            posted: again.iter().map(|row| row.id).collect(),
            notice: notice.as_ref(),
            posts: posts.collect(),
        };
        if !self.store.turn_alarms(&turn, now).await? {
            return Ok(false);
        }
        for one in &opens {
            let Trouble { subject, detail } = one;
            meter::ALARMS.add(&[kind.word()], 1);
            tracing::warn!(topic = kind.word(), subject, place, detail, "alarm");
        }
        for row in &closes {
            tracing::info!(topic = kind.word(), subject = row.subject, place, "alarm over");
        }
        Ok(tells)
    }

    fn event(&self, words: Words<'_>, state: State, one: &Trouble, since: Timestamp) -> Event {
        Event {
            version: 1,
            site: self.site.0.clone(),
            url: self.site.1.clone(),
            state,
            topic: words.kind.word().to_owned(),
            title: words.kind.title().to_owned(),
            severity: words.kind.severity().word().to_owned(),
            subject: one.subject.clone(),
            place: words.place.to_owned(),
            detail: one.detail.clone(),
            since,
            at: words.now,
        }
    }

    fn mail(&self, said: telling::Mail) -> Result<NewNotice, NoticeError> {
        let now = said.now;
        let letter = self.stationery.letter(MailKind::Alarm, None, |context| NoticeContext {
            detail: said.lines.join("\n\n"),
            answer: AnswerWords {
                subject: said.subject.clone(),
                heading: said.subject,
                done: said.lines,
                ..AnswerWords::default()
            },
            ..context
        })?;
        Ok(NewNotice {
            letter: Arc::new(letter),
            recipient: self.to.clone(),
            expires_at: now.saturating_add(NEWS).unwrap_or(Timestamp::MAX),
            answers: None,
        })
    }
}

impl Default for Trouble {
    fn default() -> Self {
        Self::new("", "")
    }
}
