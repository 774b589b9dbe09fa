//! What an answer to a mail says: what was done, what is in force, what was not understood, and
//! what can be written. Plain facts; their words in each language are `render`'s.

use jiff::civil::{Date, DateTime};

use super::{
    Command, HourMinute, Lines, Locale, Rhythm, Timing, TooManyTopics, Topic, TopicFault, Topics,
    Zone,
};

/// An answer to a mail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// How it opens.
    pub opening: Opening,
    /// What came of what was asked for.
    pub said: Vec<Said>,
    /// What it asks back about.
    pub asked: Vec<Command>,
    /// What was not understood.
    pub unclear: Vec<Unclear>,
    /// What is in force now; none for who is no reader.
    pub settings: Vec<Setting>,
    /// What can be written, if they are to be told.
    pub help: Vec<Example>,
    /// Where to; empty where mail does not come in.
    pub write_to: String,
    /// Whether its reader wants dates as `2026-12-24`.
    pub iso_dates: bool,
}

/// What an answer opens with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// How things stand.
    #[default]
    Standing,
    /// Something was done, or could not be.
    Done,
    /// What can be written.
    Help,
    /// The address has no subscription.
    NoReader,
    /// The yes came too late, or was said to nothing that was asked.
    TooLate,
}

/// What came of one thing that a reader asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// No digests until somebody says `resume`.
    Paused,
    /// No digests until this day.
    PausedUntil(Date),
    /// Nothing was paused, as this day is not to come.
    NotAhead(Date),
    /// Digests come again.
    Resumed,
    /// They were not paused.
    NotPaused,
    /// The last digest comes once more.
    Resent,
    /// It did within the last day.
    ResentBefore,
    /// There was no digest yet.
    NothingToResend,
    /// The subscription is confirmed already.
    NothingToConfirm,
    /// The subscription is in force.
    Subscribed,
    /// It was before.
    SubscribedAlready,
    /// Digests come at this hour.
    Time(HourMinute),
    /// Days count on this clock.
    Zone(Zone),
    /// Digests come on these days.
    Rhythm(Rhythm),
    /// Mails come in this language.
    Language(Locale),
    /// This comes beside the papers.
    Lines(Lines),
    /// Papers of these topics come, and no others any more.
    TopicsOnly(Vec<Topic>),
    /// Papers of these topics come too.
    TopicsAdded(Vec<Topic>),
    /// None was added.
    TooManyTopics(TooManyTopics),
    /// There are no topics that one could be taken from.
    NoTopics,
    /// No topic that they called so; theirs are these.
    NoSuchTopic(String, Topics),
    /// The topic that they called so is gone.
    TopicGone(String),
    /// The last topic is gone.
    LastTopicGone,
    /// They said no to what was asked: nothing was changed.
    Declined,
    /// What was asked was done before.
    DoneBefore,
    /// The subscription is not confirmed yet.
    Unconfirmed,
    /// They have left.
    HasLeft,
    /// There is no subscription that could be changed.
    NoSubscription,
}

/// One thing that is in force.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Paused until this moment on the reader's clock.
    PausedUntil(DateTime),
    /// Paused until somebody says `resume`.
    Paused,
    /// When digests come.
    Digests(Timing),
    /// When they come after the pause.
    DigestsThen(Timing),
    /// All papers, whatever their topic.
    AllPapers,
    /// One of the topics.
    Topic(Topic),
    /// The least votes of a paper.
    MinVotes(u32),
    /// What comes beside the papers.
    Lines(Lines),
    /// How many papers stand in full.
    MaxPapers(u32),
    /// When the next digest is due, on the reader's clock.
    Next(DateTime),
}

/// What was not understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Unclear {
    /// The words, shortened; empty where they are not to be repeated.
    pub line: String,
    /// What is wrong with them, or what comes nearest.
    pub hint: Hint,
}

/// What is wrong with a line of a mail, or what comes nearest to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Hint {
    /// A line of the mail is no command; whose words are not repeated.
    Unknown,
    /// Perhaps this command is meant.
    Perhaps(String),
    /// Commands that exclude each other.
    Exclude,
    /// More than so many commands in one mail.
    TooMany(usize),
    /// A topic is to be named behind `add topic`.
    NameTopic,
    /// A topic is to be named behind `remove topic`.
    NameTopicToRemove,
    /// So many topics are too many.
    TooManyTopics(TooManyTopics),
    /// What is wrong with the topic of which this is the beginning.
    Topic(String, TopicFault),
    /// `unsubscribe` with an address: it ends the subscription of the sender alone.
    EndsOwn,
    /// `subscribe` with an address: it subscribes the sender alone.
    BeginsOwn,
    /// `subscribe` with a sentence behind it.
    SubscribeAlone,
    /// Neither a span nor a day.
    NoSpan,
    /// What can be set.
    Settable,
    /// Not a time of day.
    NoTime,
    /// Not a rhythm.
    NoRhythm,
    /// Not a language that mails are written in.
    NoLanguage,
    /// Not lines of a digest.
    NoLines,
    /// A zone is to be named.
    NameZone,
    /// There is no zone of this name; perhaps the other.
    NoZone(String, Option<String>),
    /// `until` without a day.
    UntilWhen,
    /// A pause of no length.
    NoLength,
    /// A pause longer than three years.
    TooLong,
    /// Not a day.
    NoDay(String),
    /// A day that is not to come any more.
    NotAhead(Date),
    /// A day that is more than three years away.
    TooFar(Date),
    /// It may be either of two days, as day and month stand in figures.
    TwoDays(String, Date, Date),
    /// There is no such day.
    NotOnCalendar(String),
}

/// Something that can be written, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it does.
    pub feat: Feat,
    /// The command.
    pub words: &'static str,
    /// The same in everyday words of the reader's language, where those are understood.
    pub also: Option<&'static str>,
}

/// What can be asked for by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feat {
    /// To begin.
    Subscribe,
    /// No more mail.
    Unsubscribe,
    /// No digests for a while.
    Pause,
    /// Digests again.
    Resume,
    /// Another hour.
    Time,
    /// Other days.
    Rhythm,
    /// Another clock.
    Zone,
    /// Another language.
    Language,
    /// What comes beside the papers.
    Lines,
    /// One topic more.
    AddTopic,
    /// One topic less.
    RemoveTopic,
    /// The last digest once more.
    Resend,
    /// What is in force.
    Status,
}
