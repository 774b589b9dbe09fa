//! Days and spans as people write them in mails.

use super::*;
use crate::inbound::command::words::fold;
use jiff::civil::date;

#[test]
fn the_words_stand_as_they_are_compared() {
    let units = UNITS.iter().map(|(names, _)| *names);
    let weekdays = WEEKDAYS.iter().map(|(names, _)| *names);
    for names in MONTHS.into_iter().chain(NUMBERS).chain(units).chain(weekdays).chain([BINDING]) {
        assert_eq!(fold(names), names);
    }
}

#[test]
fn days_come_and_never_lie_behind() {
    let today = date(2026, 11, 25);
    let said = |text: &str| until(&text.split(' ').collect::<Vec<_>>(), today);
    let day = |text: &str| match said(text) {
        Some(Ok(Until::Day(day))) => day,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(day("until 25 november"), date(2027, 11, 25));
    assert_eq!(day("until 29 february"), date(2028, 2, 29));
    assert_eq!(day("until wednesday"), date(2026, 12, 2));
    assert_eq!(day("until tomorrow"), date(2026, 11, 26));
    assert_eq!(day("until next week"), date(2026, 11, 30));
    assert_eq!(day("until the new year"), date(2027, 1, 1));
    assert_eq!(day("until 5/5/2027"), date(2027, 5, 5));
    assert_eq!(
        day("jusquau 3 janvier 2027".replace("jusquau", "until").as_str()),
        date(2027, 1, 3)
    );
    for bad in [
        "until 2026-11-25",
        "until 31 april",
        "until 99999",
        "until 2026-13-01",
        "until",
        "until 1/2/2027",
        "until 2099-01-01",
    ] {
        assert!(matches!(said(bad), Some(Err(_))), "{bad}: {:?}", said(bad));
    }
    for none in ["tokens", "whenever", "2", "two"] {
        assert_eq!(said(none), None, "{none}");
    }
}

#[test]
fn hours() {
    let at = |text: &str| time(&text.split(' ').collect::<Vec<_>>()).map(|time| time.to_string());
    for (text, hour) in [
        ("07:30", "07:30"),
        ("7.30", "07:30"),
        ("7h30", "07:30"),
        ("19h", "19:00"),
        ("12am", "00:00"),
        ("12 pm", "12:00"),
        ("7 uhr", "07:00"),
        ("7 uhr 30", "07:30"),
        ("seven in the evening", "19:00"),
        ("noon", "12:00"),
        ("7", "07:00"),
    ] {
        assert_eq!(at(text).as_deref(), Some(hour), "{text}");
    }
    for bad in ["25:00", "13 am", "7:3", "7:60", "x", "123", "7 bees", "h"] {
        assert_eq!(at(bad), None, "{bad}");
    }
}
