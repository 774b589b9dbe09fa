//! Answers to mails in the reader's language: each fact of `model::Answer` becomes a sentence
//! here, and nowhere else. Never decides what is answered, or to whom.

use fluent_bundle::FluentValue;
use jiff::civil::{Date, DateTime};
use serde::Serialize;

use super::figures;
use super::messages::Messages;
use crate::model::{
    Answer, Command, Example, Feat, Lines, Locale, Opening, Order, Said, Setting, Topic,
};

/// What an answer to a mail says; empty in other notices. What a stranger wrote stands in it
/// only where they are proved to be the reader.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AnswerWords {
    /// What the subject says after the site's name.
    pub subject: String,
    /// The first line.
    pub heading: String,
    /// What was done, or is asked about.
    pub done: Vec<String>,
    /// What was not understood.
    pub unclear: Vec<UnclearLine>,
    /// What is in force now; empty for who is no reader.
    pub settings: Vec<String>,
    /// What can be written, if they are to be told.
    pub help: Vec<HelpLine>,
    /// Where to.
    pub write_to: String,
}

/// What was not understood.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnclearLine {
    /// The words, shortened; empty where they are not to be repeated.
    pub line: String,
    /// What is wrong with them, or what comes nearest.
    pub hint: String,
}

/// What can be written, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HelpLine {
    /// The command.
    pub words: String,
    /// What it does.
    pub does: String,
    /// The same in everyday words of the language; empty where none are understood.
    pub also: String,
}

impl AnswerWords {
    /// The words of `answer` in the language of `locale`.
    pub(super) fn new(messages: &Messages, locale: &Locale, answer: &Answer) -> Self {
        let pen = Pen { messages, locale, iso: answer.iso_dates };
        let (subject, heading, says) = pen.opening(answer.opening);
        let said = answer.said.iter().map(|said| pen.said(said));
        let asked = answer.asked.iter().map(|command| pen.asked(command));
        Self {
            subject,
            heading,
            done: says.into_iter().chain(said).chain(asked).collect(),
            unclear: answer
                .unclear
                .iter()
                .map(|one| UnclearLine { line: one.line.clone(), hint: pen.hint(&one.hint) })
                .collect(),
            settings: answer.settings.iter().map(|setting| pen.setting(setting)).collect(),
            help: answer.help.iter().map(|example| pen.help(example)).collect(),
            write_to: answer.write_to.clone(),
        }
    }
}

/// Writes facts in one language.
pub(super) struct Pen<'a> {
    messages: &'a Messages,
    locale: &'a Locale,
    /// Whether days are written `2026-12-24`.
    iso: bool,
}

/// A part of a message.
pub(super) type Part<'a> = (&'static str, FluentValue<'a>);

impl Pen<'_> {
    pub(super) fn say(&self, key: &str, parts: &[Part<'_>]) -> String {
        self.messages.own(self.locale.language(), key, parts)
    }

    /// A message with one text in it.
    pub(super) fn with(&self, key: &str, name: &'static str, text: impl ToString) -> String {
        self.say(key, &[(name, text.to_string().into())])
    }

    pub(super) fn date(&self, date: Date) -> String {
        if self.iso { date.to_string() } else { figures::date_long(self.locale, date) }
    }

    /// A moment; of midnight the day alone.
    fn moment(&self, at: DateTime) -> String {
        let date = self.date(at.date());
        match (at.hour(), at.minute()) {
            (0, 0) => date,
            (hour, minute) => {
                let hour = format!("{hour:02}:{minute:02}");
                self.say("date-hour", &[("date", date.into()), ("hour", hour.into())])
            }
        }
    }

    /// One after another, as the language lists things.
    fn list(&self, items: impl IntoIterator<Item = String>) -> String {
        let join = |list: String, item: String| {
            self.say("list", &[("list", list.into()), ("item", item.into())])
        };
        items.into_iter().reduce(join).unwrap_or_default()
    }

    fn lines(&self, lines: Lines) -> String {
        let Lines { rising, trend, quiet } = lines;
        let all = [(rising, "line-rising"), (trend, "line-trend"), (quiet, "line-quiet")];
        if lines.is_empty() {
            return self.say("line-none", &[]);
        }
        self.list(all.into_iter().filter(|one| one.0).map(|one| self.say(one.1, &[])))
    }

    /// Subject, heading, and what there is to say beside.
    fn opening(&self, opening: Opening) -> (String, String, Option<String>) {
        let (subject, heading, says) = match opening {
            Opening::Standing => ("answer-standing", "answer-standing-heading", None),
            Opening::Done => ("answer-done", "answer-done-heading", None),
            Opening::Help => ("answer-help", "answer-help-heading", None),
            Opening::NoReader => {
                ("answer-no-reader", "answer-no-reader-heading", Some("answer-no-reader-says"))
            }
            Opening::TooLate => {
                ("answer-too-late", "answer-too-late-heading", Some("answer-too-late-says"))
            }
        };
        (self.say(subject, &[]), self.say(heading, &[]), says.map(|key| self.say(key, &[])))
    }

    fn said(&self, said: &Said) -> String {
        match said {
            Said::Paused => self.say("said-paused", &[]),
            Said::PausedUntil(day) => self.with("said-paused-until", "day", self.date(*day)),
            Said::NotAhead(day) => self.with("said-not-ahead", "day", self.date(*day)),
            Said::Resumed => self.say("said-resumed", &[]),
            Said::NotPaused => self.say("said-not-paused", &[]),
            Said::Resent => self.say("said-resent", &[]),
            Said::ResentBefore => self.say("said-resent-before", &[]),
            Said::NothingToResend => self.say("said-nothing-to-resend", &[]),
            Said::NothingToConfirm => self.say("said-nothing-to-confirm", &[]),
            Said::Subscribed => self.say("said-subscribed", &[]),
            Said::SubscribedAlready => self.say("said-subscribed-already", &[]),
            Said::Time(hour) => self.with("said-time", "hour", hour),
            Said::Zone(zone) => self.with("said-zone", "zone", zone),
            Said::Rhythm(rhythm) => {
                let days = self.messages.days(self.locale.language(), *rhythm);
                self.with("said-rhythm", "days", days)
            }
            Said::Language(own) => self.with("said-language", "language", own.language().name()),
            Said::Lines(lines) => self.with("said-lines", "lines", self.lines(*lines)),
            Said::TopicsOnly(topics) => self.with("said-topics-only", "topics", line(topics)),
            Said::TopicsAdded(topics) => self.with("said-topics", "topics", line(topics)),
            Said::TooManyTopics(many) => {
                self.with("said-no-topic-added", "why", self.too_many_topics(*many))
            }
            Said::NoTopics => self.say("said-no-topics", &[]),
            Said::NoSuchTopic(text, topics) => {
                let values = [("topic", text.as_str().into()), ("topics", topics.line().into())];
                self.say("said-no-such-topic", &values)
            }
            Said::TopicGone(text) => self.with("said-topic-gone", "topic", text),
            Said::LastTopicGone => self.say("said-last-topic-gone", &[]),
            Said::Declined => self.say("said-declined", &[]),
            Said::DoneBefore => self.say("said-done-before", &[]),
            Said::Unconfirmed => self.say("said-unconfirmed", &[]),
            Said::HasLeft => self.say("said-has-left", &[]),
            Said::NoSubscription => self.say("said-no-subscription", &[]),
        }
    }

    fn setting(&self, setting: &Setting) -> String {
        let rhythm = |timing| self.messages.rhythm(self.locale.language(), timing);
        match setting {
            Setting::PausedUntil(at) => self.with("setting-paused-until", "day", self.moment(*at)),
            Setting::Paused => self.say("setting-paused", &[]),
            Setting::Digests(timing) => self.with("setting-digests", "rhythm", rhythm(timing)),
            Setting::DigestsThen(timing) => {
                self.with("setting-digests-then", "rhythm", rhythm(timing))
            }
            Setting::AllPapers => self.say("setting-all-papers", &[]),
            Setting::Topic(topic) => self.with("setting-topic", "topic", topic),
            Setting::MinVotes(votes) => {
                self.say("setting-min-votes", &[("count", (*votes).into())])
            }
            Setting::Lines(lines) => self.with("setting-lines", "lines", self.lines(*lines)),
            Setting::MaxPapers(most) => {
                self.say("setting-max-papers", &[("count", (*most).into())])
            }
            Setting::Next(at) => self.with("setting-next", "when", self.moment(*at)),
        }
    }

    /// A command that is asked back about.
    fn asked(&self, command: &Command) -> String {
        let feat = match &command.order {
            Order::Subscribe(_) => Feat::Subscribe,
            Order::Unsubscribe => Feat::Unsubscribe,
            Order::Pause(_) => Feat::Pause,
            Order::Resume => Feat::Resume,
            Order::Time(_) => Feat::Time,
            Order::Zone(_) => Feat::Zone,
            Order::Rhythm(_) => Feat::Rhythm,
            Order::Language(_) => Feat::Language,
            Order::Lines(_) => Feat::Lines,
            Order::AddTopic(_) => Feat::AddTopic,
            Order::RemoveTopic(_) => Feat::RemoveTopic,
            Order::Resend => Feat::Resend,
            Order::Status => Feat::Status,
            // These change nothing, and nobody is asked about them.
            Order::Confirm | Order::Help => return command.words.clone(),
        };
        let meaning = self.say(meaning(feat), &[]);
        let command = command.words.as_str();
        self.say("ask-line", &[("command", command.into()), ("meaning", meaning.into())])
    }

    fn help(&self, example: &Example) -> HelpLine {
        let key = match example.feat {
            // With what can be chosen.
            Feat::Subscribe => "help-subscribe",
            Feat::Pause => "help-pause",
            Feat::Rhythm => "help-rhythm",
            Feat::Language => "help-language",
            Feat::Lines => "help-lines",
            feat => meaning(feat),
        };
        HelpLine {
            words: example.words.to_owned(),
            does: self.say(key, &[]),
            also: example.also.unwrap_or_default().to_owned(),
        }
    }
}

/// The message that says in a few words what a command does.
fn meaning(feat: Feat) -> &'static str {
    match feat {
        Feat::Subscribe => "means-subscribe",
        Feat::Unsubscribe => "means-unsubscribe",
        Feat::Pause => "means-pause",
        Feat::Resume => "means-resume",
        Feat::Time => "means-time",
        Feat::Rhythm => "means-rhythm",
        Feat::Zone => "means-zone",
        Feat::Language => "means-language",
        Feat::Lines => "means-lines",
        Feat::AddTopic => "means-add-topic",
        Feat::RemoveTopic => "means-remove-topic",
        Feat::Resend => "means-resend",
        Feat::Status => "means-status",
    }
}

/// Topics in one line.
fn line(topics: &[Topic]) -> String {
    topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>().join("; ")
}
