//! What was not understood in a mail, in the reader's language: what is wrong with a command or
//! a topic, and what comes nearest. Never reads commands.

use super::answer::Pen;
use crate::model::{Hint, TooManyTopics, Topic, TopicFault, TopicSlip, Topics};

impl Pen<'_> {
    pub(super) fn too_many_topics(&self, TooManyTopics(count): TooManyTopics) -> String {
        self.say("too-many-topics", &[("count", count.into()), ("most", Topics::MOST.into())])
    }

    pub(super) fn hint(&self, hint: &Hint) -> String {
        match hint {
            Hint::Unknown => self.say("hint-unknown", &[]),
            Hint::Perhaps(command) => self.with("hint-perhaps", "command", command),
            Hint::Exclude => self.say("hint-exclude", &[]),
            Hint::TooMany(most) => self.say("hint-too-many", &[("count", (*most).into())]),
            Hint::NameTopic => self.say("hint-name-topic", &[]),
            Hint::NameTopicToRemove => self.say("hint-name-topic-to-remove", &[]),
            Hint::TooManyTopics(many) => self.too_many_topics(*many),
            Hint::Topic(topic, TopicFault { at, said }) => {
                let parts = [
                    ("topic", topic.as_str().into()),
                    ("what", self.slip(said).into()),
                    ("place", (at + 1).into()),
                ];
                self.say("hint-topic", &parts)
            }
            Hint::EndsOwn => self.say("hint-ends-own", &[]),
            Hint::BeginsOwn => self.say("hint-begins-own", &[]),
            Hint::SubscribeAlone => self.say("hint-subscribe-alone", &[]),
            Hint::NoSpan => self.say("hint-no-span", &[]),
            Hint::Settable => self.say("hint-settable", &[]),
            Hint::NoTime => self.say("hint-no-time", &[]),
            Hint::NoRhythm => self.say("hint-no-rhythm", &[]),
            Hint::NoLanguage => self.say("hint-no-language", &[]),
            Hint::NoLines => self.say("hint-no-lines", &[]),
            Hint::NameZone => self.say("hint-name-zone", &[]),
            Hint::NoZone(name, None) => self.with("hint-no-zone", "name", name),
            Hint::NoZone(name, Some(zone)) => {
                let command = format!("set zone {zone}");
                let parts = [("name", name.as_str().into()), ("command", command.into())];
                self.say("hint-no-zone-near", &parts)
            }
            Hint::UntilWhen => self.say("hint-until-when", &[]),
            Hint::NoLength => self.say("hint-no-length", &[]),
            Hint::TooLong => self.say("hint-too-long", &[]),
            Hint::NoDay(text) => self.with("hint-no-day", "text", text),
            Hint::NotAhead(day) => self.with("hint-not-ahead", "day", self.date(*day)),
            Hint::TooFar(day) => self.with("hint-too-far", "day", self.date(*day)),
            // To be written back to us, so in the one form that is surely understood.
            Hint::TwoDays(text, one, other) => {
                let parts = [
                    ("text", text.as_str().into()),
                    ("one", one.to_string().into()),
                    ("other", other.to_string().into()),
                ];
                self.say("hint-two-days", &parts)
            }
            Hint::NotOnCalendar(text) => self.with("hint-not-on-calendar", "text", text),
        }
    }

    /// What is wrong with a topic.
    fn slip(&self, slip: &TopicSlip) -> String {
        let most = |key: &str, most: usize| self.say(key, &[("most", most.into())]);
        match slip {
            TopicSlip::TooLong(length) => {
                let parts = [("length", (*length).into()), ("most", Topic::LONGEST.into())];
                self.say("slip-too-long", &parts)
            }
            TopicSlip::ClosesNothing => self.say("slip-closes-nothing", &[]),
            TopicSlip::LooseMinus => self.say("slip-loose-minus", &[]),
            TopicSlip::OpenQuote => self.say("slip-open-quote", &[]),
            TopicSlip::OpenParenthesis => self.say("slip-open-parenthesis", &[]),
            TopicSlip::Empty => self.say("slip-empty", &[]),
            TopicSlip::MissingBefore => self.say("slip-missing-before", &[]),
            TopicSlip::MissingAtEnd => self.say("slip-missing-at-end", &[]),
            TopicSlip::TooDeep => most("slip-too-deep", Topic::DEEPEST),
            TopicSlip::FieldInField => self.say("slip-field-in-field", &[]),
            TopicSlip::OnlyHasCode => self.say("slip-only-has-code", &[]),
            TopicSlip::NoColon(name) => self.with("slip-no-colon", "name", name),
            TopicSlip::NoField(name) => self.with("slip-no-field", "name", name),
            TopicSlip::FieldAlone(name) => self.with("slip-field-alone", "name", name),
            TopicSlip::TooManyWords => most("slip-too-many-words", Topic::MOST_TERMS),
            TopicSlip::NothingToFind => self.say("slip-nothing-to-find", &[]),
            TopicSlip::NoNumber => self.say("slip-no-number", &[]),
        }
    }
}
