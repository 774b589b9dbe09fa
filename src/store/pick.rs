//! Which deliveries are meant: by their numbers, their state, their kind, to whom, by which relay,
//! since when. A filter becomes the conditions of a statement; values never become part of its text.

use jiff::Timestamp;

use super::sql::Value;
use super::{Sql, either, micros};
use crate::model::{DeliveryState, EmailAddress, MailKind};

/// Which deliveries are meant. What is set must all hold; with nothing set: those that wait.
#[derive(Clone, Debug, Default)]
pub struct QueueFilter {
    /// Only those in this state; else those that wait (in any state, where `ids` or `doubtful`
    /// says which, or with `any`).
    pub state: Option<DeliveryState>,
    /// In any state, where none is asked for.
    pub any: bool,
    /// Only those that may have been sent twice.
    pub doubtful: bool,
    /// Only these rows; empty: any.
    pub ids: Vec<i64>,
    /// Only those that bring this.
    pub kind: Option<MailKind>,
    /// Only those to this address, or to the subscriber who has it.
    pub email: Option<EmailAddress>,
    /// Only those to this receiving domain.
    pub domain: Option<String>,
    /// Only those that this relay was the last to try.
    pub relay: Option<String>,
    /// Only those that were planned before.
    pub before: Option<Timestamp>,
}

/// What stands behind the last @ of a subscriber's key; the index of subscribers by domain has it
/// in just these words.
const DOMAIN: &str = "substr(email_key, length(rtrim(email_key, replace(email_key, '@', ''))) + 1)";

impl QueueFilter {
    /// Whether it says nothing at all: everything that waits.
    pub fn is_open(&self) -> bool {
        let Self { state, any, doubtful, ids, kind, email, domain, relay, before } = self;
        state.is_none()
            && !any
            && !doubtful
            && ids.is_empty()
            && kind.is_none()
            && email.is_none()
            && domain.is_none()
            && relay.is_none()
            && before.is_none()
    }

    /// Whether it means those that wait, as no state is asked for.
    pub(super) fn waits(&self) -> bool {
        self.state.is_none() && !self.any && !self.doubtful && self.ids.is_empty()
    }

    /// Its conditions, over deliveries `d`.
    pub(super) fn conditions(&self) -> Conditions {
        let mut all = Conditions::default();
        if let Some(state) = self.state {
            all = all.and("d.state = ?", state.word());
        } else if self.waits() {
            all = all.and_just("d.state IN ('queued', 'sending', 'deferred')");
        }
        if self.doubtful {
            all = all.and_just("d.doubtful");
        }
        if !self.ids.is_empty() {
            all = all.and_in("d.id", &self.ids);
        }
        if let Some(kind) = self.kind {
            all = all.and("d.kind = ?", kind.word());
        }
        if let Some(email) = &self.email {
            // Deliveries to one reader have two indices, of digests and of the others; those to
            // nobody who subscribes stand under 0.
            let theirs = "SELECT id FROM subscribers WHERE email_key = ?";
            all = all.and(
                &format!(
                    "d.id IN (SELECT id FROM deliveries \
                       WHERE kind = 'digest' AND subscriber IN ({theirs}) \
                     UNION ALL SELECT id FROM deliveries \
                       WHERE kind <> 'digest' AND subscriber IN ({theirs}) \
                     UNION ALL SELECT id FROM deliveries \
                       WHERE kind <> 'digest' AND subscriber = 0 AND lower(recipient) = ?)"
                ),
                email.key(),
            );
        }
        if let Some(domain) = &self.domain {
            all = all.and(
                &format!(
                    "((d.recipient IS NULL \
                       AND d.subscriber IN (SELECT id FROM subscribers WHERE {DOMAIN} = ?)) \
                      OR lower(d.recipient) LIKE '%@' || ?)"
                ),
                domain.trim_start_matches('@').to_lowercase(),
            );
        }
        if let Some(relay) = &self.relay {
            all = all.and("d.relay = ?", relay);
        }
        if let Some(before) = self.before {
            all = all.and("d.created_at < ?", micros(before));
        }
        all
    }
}

/// Conditions of a statement, and their values. `?` in a condition is its value, however often.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    /// As SQLite says them, and PostgreSQL.
    texts: [Vec<String>; 2],
    values: Vec<Value>,
}

impl Conditions {
    /// And this, with its value.
    pub(super) fn and(mut self, condition: &str, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        let text = condition.replace('?', &format!("${}", self.values.len()));
        self.and_just(&text)
    }

    /// And this, which has no value.
    pub(super) fn and_just(mut self, condition: &str) -> Self {
        for texts in &mut self.texts {
            texts.push(condition.to_owned());
        }
        self
    }

    /// And `column` is one of these.
    pub(super) fn and_in(mut self, column: &str, rows: &[i64]) -> Self {
        self.values.push(super::interned::rows_to_json(rows).into());
        let at = self.values.len();
        let [sqlite, postgres] = &mut self.texts;
        sqlite.push(format!("{column} IN (SELECT value FROM json_each(${at}))"));
        postgres.push(format!(
            "{column} IN (SELECT CAST(jsonb_array_elements_text(CAST(${at} AS jsonb)) AS BIGINT))"
        ));
        self
    }

    /// The statement that begins with `head`, has these conditions, and ends with `tail`.
    pub(super) fn select(self, head: &str, tail: &str) -> Sql {
        let text = |texts: Vec<String>| match texts.is_empty() {
            true => format!("{head} {tail}"),
            false => format!("{head} WHERE {} {tail}", texts.join(" AND ")),
        };
        let [sqlite, postgres] = self.texts;
        either(text(sqlite), text(postgres)).bind_all(self.values)
    }
}
