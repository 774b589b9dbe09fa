//! What became of the day's digest, in a sentence.

use super::day::Day;
use super::{Answer, Cause};
use crate::model::SubscriberState;
use crate::store::{QueueEntry, TimelineEvent};

impl Day<'_> {
    /// The answer where there was a digest on the day.
    pub(super) fn of_digest(&self, entry: &QueueEntry) -> Answer {
        let answer = match entry.state.as_str() {
            "sent" => self.sent(entry),
            "failed" => self.failed(entry),
            "skipped" => self.skipped(entry),
            _ => self.waiting(entry),
        };
        let mut answer = answer.fact(format!(
            "`queue show {}` has its Message-ID and every answer of a relay",
            entry.id
        ));
        answer.facts.extend(entry.doubt().map(str::to_owned));
        self.once_more(answer)
    }

    fn sent(&self, entry: &QueueEntry) -> Answer {
        let date = self.date;
        let at = entry.finished_at.map(|at| self.local(at)).unwrap_or_default();
        let sent = format!("{date}: the digest was sent at {at}");
        let came_back = |event: &&TimelineEvent| {
            event.delivery == Some(entry.id)
                && matches!(event.what.as_str(), "bounced" | "complained")
        };
        if let Some(event) = self.events.iter().rev().find(came_back) {
            let verb = match event.what.as_str() {
                "complained" => "was complained about",
                _ => "came back",
            };
            let detail = event.detail.replace(&format!("digest of {date}, "), "");
            let said = event.reason.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
            let back = self.local(event.at);
            let answer =
                format!("{sent} and {verb} at {back}: {detail}{said}{}", self.since_then());
            return Answer::new(Cause::Bounced, answer);
        }
        let reply = entry.reason.as_deref().map(|reply| format!(": {reply}")).unwrap_or_default();
        Answer::new(Cause::Sent, format!("{sent}{}{reply}", by(entry))).fact(
            "sent means that the relay took it; whether it arrived only reports tell, and none \
             says that it did not",
        )
    }

    fn failed(&self, entry: &QueueEntry) -> Answer {
        let at = entry.finished_at.map(|at| self.local(at)).unwrap_or_default();
        let reply = entry.reason.as_deref().unwrap_or("no reason was given");
        let said = format!(
            "{}: the digest was refused for good at {at}{}: {reply}{}",
            self.date,
            by(entry),
            self.since_then()
        );
        Answer::new(Cause::Failed, said)
    }

    fn skipped(&self, entry: &QueueEntry) -> Answer {
        let date = self.date;
        let reason = entry.reason.as_deref().unwrap_or("no reason was given");
        if reason.starts_with("expired") {
            let tried = match entry.tries.last() {
                None => "; no attempt at it was made".to_owned(),
                Some(last) => format!(
                    "; {}, the last at {} by {}: {}",
                    attempts(entry.tries.len()),
                    self.local(last.at),
                    last.relay,
                    last.reply
                ),
            };
            let said = format!(
                "{date}: the digest was planned at {} and expired at {} unsent{tried}{}",
                self.local(entry.created_at),
                self.local(entry.expires_at),
                self.since_then()
            );
            let email = &self.reader.email;
            return Answer::new(Cause::Expired, said)
                .fact(format!("`resend {date} --to {email}` sends it after all"));
        }
        let cause = match reason {
            reason if reason.contains("paused") => Cause::Paused,
            reason if reason.contains("unsubscribed") => Cause::Unsubscribed,
            reason if reason.contains("suppressed") => Cause::Suppressed,
            _ => Cause::Skipped,
        };
        let at = entry.finished_at.map(|at| self.local(at)).unwrap_or_default();
        if entry.is_held() {
            let said = format!(
                "{date}: the digest is not sent any more: {reason} ({at}); its papers count as sent"
            );
            let email = &self.reader.email;
            return Answer::new(cause, said)
                .fact(format!("where it did not come, `resend {date} --to {email}` sends it"));
        }
        let then = self.since_then();
        Answer::new(cause, format!("{date}: the digest was not sent: {reason} ({at}){then}"))
    }

    fn waiting(&self, entry: &QueueEntry) -> Answer {
        let date = self.date;
        let until = format!("it may wait until {}", self.local(entry.expires_at));
        if entry.state == "sending" {
            let said = format!("{date}: the digest is being sent now");
            return Answer::new(Cause::Deferred, said).fact(until);
        }
        let next = self.local(entry.next_attempt_at);
        let said = match entry.tries.last() {
            Some(last) => format!(
                "{date}: the digest waits: put off {}, the last time at {} by {}: {}; next attempt \
                 {next}",
                times(entry.tries.len()),
                self.local(last.at),
                last.relay,
                last.reply
            ),
            None => {
                let why = entry.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                format!("{date}: the digest waits to be sent, next attempt {next}{why}")
            }
        };
        Answer::new(Cause::Deferred, said)
            .fact(until)
            .fact(format!("`queue retry {}` tries it at once", entry.id))
    }

    /// What an unsent digest leaves behind.
    fn since_then(&self) -> String {
        let reader = self.reader;
        match reader.state {
            SubscriberState::Active => match self.delivered() || self.goes_again() {
                true => String::new(),
                false => "; its papers come with the next".to_owned(),
            },
            state => format!("; {} since {}", state.word(), self.local(reader.state_at)),
        }
    }

    /// Whether a relay took the digest: then its papers count as sent.
    fn delivered(&self) -> bool {
        let id = self.delivery();
        self.events.iter().any(|event| event.delivery == id && event.what == "sent")
    }

    /// Whether it was sent once more, or is about to be: its papers go along.
    fn goes_again(&self) -> bool {
        self.again().is_some_and(|event| matches!(event.what.as_str(), "sent" | "waiting"))
    }

    /// What became of it last, where it was to be sent once more.
    fn again(&self) -> Option<&TimelineEvent> {
        let words = format!("once more, the digest of {}", self.date);
        self.events.iter().rev().find(|event| {
            event.detail.starts_with(&words)
                && matches!(event.what.as_str(), "sent" | "failed" | "skipped" | "waiting")
        })
    }

    /// With what became of it, where it was sent once more.
    fn once_more(&self, mut answer: Answer) -> Answer {
        if let Some(event) = self.again() {
            let at = self.local(event.at);
            answer.answer.push_str(&match event.what.as_str() {
                "waiting" => format!("; it goes out once more, next attempt {at}"),
                what => format!("; once more: {what} at {at}"),
            });
        }
        answer
    }
}

fn by(entry: &QueueEntry) -> String {
    let relay = entry.relay.as_deref().filter(|relay| !relay.is_empty());
    relay.map(|relay| format!(" by {relay}")).unwrap_or_default()
}

fn attempts(count: usize) -> String {
    if count == 1 { "1 attempt".to_owned() } else { format!("{count} attempts") }
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}
