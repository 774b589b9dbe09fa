//! Answers of <https://huggingface.co/api/daily_papers>: a bare JSON array of the same items
//! as the pages carry. It does not say what it lists; its items do, or the request did.

use std::borrow::Cow;

use serde::de::{MapAccess, SeqAccess};
use url::Url;

use super::huggingface::{common_day, gather};
use super::item::{Item, day};
use super::lenient::{Lenient, Loose, Text, mend_surrogates, object};
use super::text::{cut, line};
use super::{Fault, Reading};
use crate::model::Period;

object! {
    /// What comes in place of the array.
    Envelope {
        items: Option<Vec<Item<'de>>> = "dailyPapers",
        error: Text<'de> = "error",
        message: Text<'de> = "message",
    }
}

#[derive(Default)]
enum Answer<'de> {
    Items(Vec<Item<'de>>),
    Object(Envelope<'de>),
    #[default]
    Other,
}

impl<'de> Lenient<'de> for Answer<'de> {
    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        Option::<Vec<Item<'de>>>::list(list).map(|items| Self::Items(items.unwrap_or_default()))
    }
    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        Envelope::object(object).map(Self::Object)
    }
}

/// Reads an answer to the request for `asked`, where that is known.
pub fn answer(text: &str, asked: Option<&Url>) -> Result<Reading, Fault> {
    let json: Cow<'_, str> = mend_surrogates(text);
    let Loose(answer) = serde_json::from_str::<Loose<Answer<'_>>>(&json)
        .map_err(|error| Fault::Unreadable(error.to_string()))?;
    let items = match answer {
        Answer::Items(items) => items,
        Answer::Object(Envelope { items: Some(items), .. }) => items,
        Answer::Object(Envelope { error: Some(error), .. })
        | Answer::Object(Envelope { message: Some(error), .. }) => {
            return Err(Fault::Refused(cut(line(&error), 200)));
        }
        _ => return Err(Fault::Unreadable("it is not an array of papers".to_owned())),
    };
    let date = asked.and_then(|url| parameter(url, "date")).and_then(|date| day(&date));
    // Asked for no day, it gives the newest papers, which may be of several.
    let percent = if date.is_some() { 50 } else { 90 };
    let period = asked
        .and_then(wider)
        .or_else(|| common_day(&items, percent).or(date).map(Period::Day))
        .unwrap_or(Period::Feed);
    Ok(Reading::new(gather(period, items)))
}

/// What the address asks for, where it is not a day.
fn wider(url: &Url) -> Option<Period> {
    if parameter(url, "week").is_some() {
        Some(Period::Week(None))
    } else if let Some(month) = parameter(url, "month") {
        Some(Period::Month(day(&format!("{month}-01"))))
    } else {
        (parameter(url, "sort")? == "trending" && parameter(url, "date").is_none())
            .then_some(Period::Trending)
    }
}

/// A parameter of the address's query.
pub(super) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"[{"paper":{"id":"2605.06356","title":"T","submittedOnDailyAt":"2026-05-08T00:17:55.450Z"}}]"#;

    #[test]
    fn the_day_is_the_items_or_the_requests() {
        let date = Url::parse("https://huggingface.co/api/daily_papers?date=2026-05-09").unwrap();
        let month = Url::parse("https://huggingface.co/api/daily_papers?month=2026-05").unwrap();
        let period = |text, url| answer(text, url).unwrap().listing.period;
        let day = |text: &str| Period::Day(text.parse().unwrap());
        assert_eq!(period(ONE, None), day("2026-05-08"));
        assert_eq!(period(ONE, Some(&date)), day("2026-05-08"));
        assert_eq!(period("[]", Some(&date)), day("2026-05-09"));
        assert_eq!(period(ONE, Some(&month)), Period::Month("2026-05-01".parse().ok()));
        assert_eq!(period("[]", None), Period::Feed);
    }

    #[test]
    fn errors_are_said_and_bombs_refused() {
        assert_eq!(
            answer(r#"{"error":"rate limited"}"#, None),
            Err(Fault::Refused("rate limited".into()))
        );
        for bad in ["", "{}", "5", "[", r#""x""#, "null"] {
            assert!(matches!(answer(bad, None), Err(Fault::Unreadable(_))), "{bad}");
        }
        for bomb in [
            "[".repeat(1_000_000),
            "{\"a\":".repeat(300_000),
            format!("[{}", "{\"paper\":".repeat(100_000)),
        ] {
            assert!(answer(&bomb, None).is_err());
        }
        assert_eq!(answer("[1, null, {}]", None).unwrap().listing.rejected.len(), 3);
    }
}
