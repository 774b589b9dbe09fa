//! Dates and numbers as each language writes them, by the Unicode CLDR (ICU4X). Never reads the
//! time.

use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{MD, YMDE};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use intl_memoizer::Memoizable;
use jiff::civil::Date;
use unic_langid::LanguageIdentifier;

use crate::model::{Language, Locale};

/// Numbers with the separators of a language.
pub(super) struct Grouping(DecimalFormatter);

impl Grouping {
    pub(super) fn format(&self, number: i64) -> String {
        self.0.format(&Decimal::from(number)).to_string()
    }
}

impl Memoizable for Grouping {
    type Args = ();
    type Error = String;

    fn construct(language: LanguageIdentifier, (): ()) -> Result<Self, String> {
        let tag: icu_locale_core::Locale =
            language.to_string().parse().map_err(|_| format!("{language} is no language"))?;
        DecimalFormatter::try_new(tag.into(), Default::default())
            .map(Self)
            .map_err(|error| error.to_string())
    }
}

/// A number with the separators of the language.
pub(super) fn number(language: Language, number: i64) -> String {
    DecimalFormatter::try_new(Locale::from(language).tag().clone().into(), Default::default())
        .map_or_else(|_| number.to_string(), |format| Grouping(format).format(number))
}

/// `Monday, November 23, 2026`, as the locale has it.
pub(super) fn date_long(locale: &Locale, date: Date) -> String {
    FixedCalendarDateTimeFormatter::<Gregorian, YMDE>::try_new(
        locale.tag().clone().into(),
        YMDE::long(),
    )
    .ok()
    .and_then(|format| Some(format.format(&gregorian(date)?).to_string()))
    .unwrap_or_else(|| date.to_string())
}

/// `Nov 23`, as the locale has it.
pub(super) fn date_short(locale: &Locale, date: Date) -> String {
    FixedCalendarDateTimeFormatter::<Gregorian, MD>::try_new(
        locale.tag().clone().into(),
        MD::medium(),
    )
    .ok()
    .and_then(|format| Some(format.format(&gregorian(date)?).to_string()))
    .unwrap_or_else(|| date.to_string())
}

fn gregorian(date: Date) -> Option<icu_calendar::Date<Gregorian>> {
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    icu_calendar::Date::try_new_gregorian(i32::from(date.year()), month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_each_locale() {
        let date = jiff::civil::date(2026, 11, 23);
        for (locale, long, short) in [
            ("en", "Monday, November 23, 2026", "Nov 23"),
            ("en-GB", "Monday, 23 November 2026", "23 Nov"),
            ("de", "Montag, 23. November 2026", "23. Nov."),
            ("fr", "lundi 23 novembre 2026", "23 nov."),
            ("es", "lunes, 23 de noviembre de 2026", "23 nov"),
            ("ja", "2026年11月23日月曜日", "11月23日"),
            ("zh", "2026年11月23日星期一", "11月23日"),
        ] {
            let locale: Locale = locale.parse().unwrap();
            assert_eq!(date_long(&locale, date), long);
            assert_eq!(date_short(&locale, date), short);
        }
    }
}
