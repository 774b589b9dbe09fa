//! Samples of answers to mails: every fact that one can tell. Never real people or papers.

use jiff::civil::date;

use crate::model::{
    Answer, Command, Example, Feat, Hint, HourMinute, Lines, Locale, Opening, Order, Preferences,
    Rhythm, Said, Setting, Timing, TooManyTopics, Topic, TopicFault, TopicSlip, Topics, Unclear,
    Until, Zone,
};

/// Answers of every kind, each with a name that says what is special.
pub(super) fn answers() -> Vec<(&'static str, Answer)> {
    let unclear = |hint| Unclear { line: "sett <time> 7".into(), hint };
    let slips =
        slips().into_iter().map(|said| Hint::Topic("\"<b>".into(), TopicFault { at: 2, said }));
    let write_to = "papers@example.org".to_owned();
    vec![
        ("how things stand", Answer { settings: settings(), ..Answer::default() }),
        (
            "everything done",
            Answer {
                opening: Opening::Done,
                said: said(),
                settings: vec![Setting::AllPapers],
                ..Answer::default()
            },
        ),
        (
            "days in figures",
            Answer {
                opening: Opening::Done,
                said: vec![Said::PausedUntil(date(2026, 12, 24))],
                iso_dates: true,
                ..Answer::default()
            },
        ),
        (
            "nothing understood",
            Answer {
                unclear: hints().into_iter().map(unclear).collect(),
                help: examples(),
                write_to: write_to.clone(),
                ..Answer::default()
            },
        ),
        (
            "topics that cannot be read",
            Answer { unclear: slips.map(unclear).collect(), ..Answer::default() },
        ),
        (
            "a stranger wrote",
            Answer {
                unclear: vec![Unclear { line: String::new(), hint: Hint::Unknown }],
                ..Answer::default()
            },
        ),
        (
            "what can be written",
            Answer { opening: Opening::Help, help: examples(), write_to, ..Answer::default() },
        ),
        ("no subscription", Answer { opening: Opening::NoReader, ..Answer::default() }),
        ("too late", Answer { opening: Opening::TooLate, ..Answer::default() }),
        ("asked back", Answer { asked: asked(), ..Answer::default() }),
    ]
}

fn topic(text: &str) -> Option<Topic> {
    text.parse().ok()
}

fn eight() -> Option<HourMinute> {
    HourMinute::new(8, 0)
}

const ALL_LINES: Lines = Lines { rising: true, trend: true, quiet: true };

pub(super) fn said() -> Vec<Said> {
    let topics: Vec<Topic> =
        ["\"flow matching\" -<b>", "robotics"].into_iter().filter_map(topic).collect();
    let mut all = vec![
        Said::Paused,
        Said::PausedUntil(date(2026, 12, 24)),
        Said::NotAhead(date(2020, 1, 1)),
        Said::Resumed,
        Said::NotPaused,
        Said::Resent,
        Said::ResentBefore,
        Said::NothingToResend,
        Said::NothingToConfirm,
        Said::Subscribed,
        Said::SubscribedAlready,
        Said::Zone(Zone::UTC),
        Said::Rhythm(Rhythm::Weekdays),
        Said::Rhythm(Rhythm::Monthly(31)),
        Said::Language(Locale::default()),
        Said::Lines(ALL_LINES),
        Said::Lines(Lines::default()),
        Said::TopicsOnly(topics.clone()),
        Said::TopicsAdded(topics.clone()),
        Said::TooManyTopics(TooManyTopics(51)),
        Said::NoTopics,
        Said::NoSuchTopic("diffusion".to_owned(), Topics::from(topics)),
        Said::TopicGone("robotics".into()),
        Said::LastTopicGone,
        Said::Declined,
        Said::DoneBefore,
        Said::Unconfirmed,
        Said::HasLeft,
        Said::NoSubscription,
    ];
    all.extend(eight().map(Said::Time));
    all
}

pub(super) fn settings() -> Vec<Setting> {
    let at = date(2026, 12, 24).at(0, 0, 0, 0);
    let mut all = vec![
        Setting::PausedUntil(at),
        Setting::Paused,
        Setting::AllPapers,
        Setting::MinVotes(1),
        Setting::MinVotes(12_345),
        Setting::Lines(ALL_LINES),
        Setting::MaxPapers(1),
        Setting::MaxPapers(15),
        Setting::Next(date(2026, 11, 23).at(8, 0, 0, 0)),
    ];
    all.extend(topic("title:\"<flow> matching\"").map(Setting::Topic));
    if let Ok(schedule) = "0 8 * * Mon-Fri".parse() {
        let timing = Timing::of(&Preferences::default(), &schedule, &Zone::UTC);
        all.extend([Setting::Digests(timing.clone()), Setting::DigestsThen(timing)]);
    }
    all
}

pub(super) fn hints() -> Vec<Hint> {
    let (day, other) = (date(2027, 4, 3), date(2027, 3, 4));
    vec![
        Hint::Unknown,
        Hint::Perhaps("set time 07:30".into()),
        Hint::Exclude,
        Hint::TooMany(20),
        Hint::NameTopic,
        Hint::NameTopicToRemove,
        Hint::TooManyTopics(TooManyTopics(51)),
        Hint::EndsOwn,
        Hint::BeginsOwn,
        Hint::SubscribeAlone,
        Hint::NoSpan,
        Hint::Settable,
        Hint::NoTime,
        Hint::NoRhythm,
        Hint::NoLanguage,
        Hint::NoLines,
        Hint::NameZone,
        Hint::NoZone("Mars/<b>".into(), None),
        Hint::NoZone("Pariss".into(), Some("Europe/Paris".into())),
        Hint::UntilWhen,
        Hint::NoLength,
        Hint::TooLong,
        Hint::NoDay("30 february".into()),
        Hint::NotAhead(date(2020, 1, 1)),
        Hint::TooFar(date(2099, 1, 1)),
        Hint::TwoDays("03/04/2027".into(), day, other),
        Hint::NotOnCalendar("31.4.2027".into()),
    ]
}

pub(super) fn slips() -> Vec<TopicSlip> {
    vec![
        TopicSlip::TooLong(12_345),
        TopicSlip::ClosesNothing,
        TopicSlip::LooseMinus,
        TopicSlip::OpenQuote,
        TopicSlip::OpenParenthesis,
        TopicSlip::Empty,
        TopicSlip::MissingBefore,
        TopicSlip::MissingAtEnd,
        TopicSlip::TooDeep,
        TopicSlip::FieldInField,
        TopicSlip::OnlyHasCode,
        TopicSlip::NoColon("votes".into()),
        TopicSlip::NoField("<autor>".into()),
        TopicSlip::FieldAlone("title".into()),
        TopicSlip::TooManyWords,
        TopicSlip::NothingToFind,
        TopicSlip::NoNumber,
    ]
}

/// Every feat, with and without everyday words.
fn examples() -> Vec<Example> {
    let line = |feat, words| Example { feat, words, also: None };
    vec![
        Example { also: Some("abonnieren"), ..line(Feat::Subscribe, "subscribe") },
        Example { also: Some("退订"), ..line(Feat::Unsubscribe, "unsubscribe") },
        line(Feat::Pause, "pause 2 weeks"),
        line(Feat::Resume, "resume"),
        line(Feat::Time, "set time 07:30"),
        line(Feat::Rhythm, "set rhythm weekdays"),
        line(Feat::Zone, "set zone Europe/Paris"),
        line(Feat::Language, "set language de"),
        line(Feat::Lines, "set lines rising, trend"),
        line(Feat::AddTopic, "add topic \"flow matching\""),
        line(Feat::RemoveTopic, "remove topic robotics"),
        line(Feat::Resend, "resend"),
        line(Feat::Status, "status"),
    ]
}

fn asked() -> Vec<Command> {
    let mut orders = vec![
        Order::Subscribe(Vec::new()),
        Order::Unsubscribe,
        Order::Pause(Until::Day(date(2026, 12, 24))),
        Order::Resume,
        Order::Zone(Zone::UTC),
        Order::Rhythm(Rhythm::Daily),
        Order::Language(Locale::default()),
        Order::Lines(ALL_LINES),
        Order::RemoveTopic("robotics".into()),
        Order::Resend,
        Order::Status,
    ];
    orders.extend(topic("robotics").map(Order::AddTopic));
    orders.extend(eight().map(Order::Time));
    orders.into_iter().map(|order| Command { words: order.to_string(), order }).collect()
}
