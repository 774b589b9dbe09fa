//! When: spans, days and hours as people write them; the words here stand as `fold`
//! writes them. Pure: what day it is, is told.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use crate::model::{Hint, HourMinute, Until};

/// The longest pause: whoever wants a longer one wants to leave.
const MOST_DAYS: u32 = 3 * 366;

/// What a pause's length says, or what is wrong with it. None where it is no length at all.
pub(super) type Said<T> = Option<Result<T, Hint>>;

/// How `until` calls the months.
pub(super) const MONTH_NAMES: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const MONTHS: [&str; 12] = [
    "january jan januar janner janvier janv enero ene gennaio gen janeiro januari styczen stycznia январь января",
    "february feb februar fevrier fevr fev febrero febbraio fevereiro februari luty lutego февраль февраля",
    "march mar marz mrz mars marzo marco maart mrt marzec marca март марта",
    "april apr avril avr abril abr aprile kwiecien kwietnia апрель апреля",
    "may mai mayo maggio mag maio mei maj maja маи мая",
    "june jun juni juin junio giugno giu junho czerwiec czerwca июнь июня",
    "july jul juli juillet juil julio luglio lug julho lipiec lipca июль июля",
    "august aug aout agosto ago augustus sierpien sierpnia август августа",
    "september sep sept septembre septiembre settembre set setembro wrzesien wrzesnia сентябрь сентября",
    "october oct oktober okt octobre octubre ottobre ott outubro pazdziernik pazdziernika октябрь октября",
    "november nov novembre noviembre novembro listopad listopada ноябрь ноября",
    "december dec dezember dez decembre diciembre dic dicembre dezembro grudzien grudnia декабрь декабря",
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    (
        "monday mondays mon montag montags lundi lunes lunedi maandag segunda poniedzialek",
        Weekday::Monday,
    ),
    (
        "tuesday tuesdays tue tues dienstag dienstags mardi martes martedi dinsdag terca wtorek",
        Weekday::Tuesday,
    ),
    (
        "wednesday wednesdays wed mittwoch mittwochs mercredi miercoles mercoledi woensdag quarta sroda",
        Weekday::Wednesday,
    ),
    (
        "thursday thursdays thu thur thurs donnerstag donnerstags jeudi jueves giovedi donderdag quinta czwartek",
        Weekday::Thursday,
    ),
    (
        "friday fridays fri freitag freitags vendredi viernes venerdi vrijdag sexta piatek",
        Weekday::Friday,
    ),
    (
        "saturday saturdays sat samstag samstags samedi sabado sabato zaterdag sobota",
        Weekday::Saturday,
    ),
    (
        "sunday sundays sun sonntag sonntags dimanche domingo domenica zondag niedziela",
        Weekday::Sunday,
    ),
];

const NUMBERS: [&str; 13] = [
    "zero null",
    "a an one ein eine einen un une uno una um uma een jeden",
    "two couple zwei deux dos due dois duas twee dwa",
    "three drei trois tres tre tres drie trzy",
    "four vier quatre cuatro quattro quatro cztery",
    "five funf cinq cinco cinque vijf piec",
    "six sechs seis sei zes",
    "seven sieben sept siete sette sete zeven",
    "eight acht huit ocho otto oito",
    "nine neun neuf nueve nove negen",
    "ten zehn dix diez dieci dez tien",
    "eleven elf onze",
    "twelve zwolf douze doce dodici doze twaalf",
];

const UNITS: [(&str, u32); 4] = [
    ("day days d tag tage tagen jour jours dia dias giorno giorni dia dias dag dagen dzien dni", 1),
    (
        "week weeks wk wks w woche wochen semaine semaines semana semanas settimana settimane weken tydzien tygodnie",
        7,
    ),
    (
        "month months monat monate monaten mois mes meses mese mesi mes maand maanden miesiac miesiace",
        30,
    ),
    ("year years jahr jahre an ans annee ano anos anno anni ano anos jaar rok", 365),
];

/// Words that bind a date and say nothing.
const BINDING: &str = "the of on at am den dem le el il o de der zum del in next coming again";

pub(super) fn holds(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

pub(super) fn number(word: &str) -> Option<u32> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() <= 5 {
        return word.parse().ok();
    }
    NUMBERS.iter().position(|names| holds(names, word)).and_then(|at| u32::try_from(at).ok())
}

fn unit(word: &str) -> Option<u32> {
    UNITS.iter().find(|(names, _)| holds(names, word)).map(|(_, days)| *days)
}

fn month(word: &str) -> Option<i8> {
    MONTHS.iter().position(|names| holds(names, word)).and_then(|at| i8::try_from(at + 1).ok())
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(names, _)| holds(names, word)).map(|(_, day)| *day)
}

/// `for two weeks`, `10 days`, `until 24 December`.
pub(super) fn until(words: &[&str], today: Date) -> Said<Until> {
    let (first, rest) = words.split_first()?;
    if holds("until till til bis jusquau jusquaux jusqua jusquen hasta fino ate tot do до", first)
    {
        let rest = match rest.split_first() {
            Some((word, rest))
                if holds("a al ad a zum le o ao further", word) && rest.len() > 1 =>
            {
                rest
            }
            _ => rest,
        };
        return match rest {
            [] => Some(Err(Hint::UntilWhen)),
            ["notice"]
            | ["further", "notice"]
            | ["auf", "weiteres"]
            | ["nuevo", "aviso"]
            | ["nouvel", "ordre"] => Some(Ok(Until::Resumed)),
            ["i" | "im" | "we", ..] => Some(Ok(Until::Resumed)),
            _ => Some(day(rest, today).map(Until::Day)),
        };
    }
    if holds("for fur fuer pour pendant durante por per voor na на", first) {
        return match rest {
            ["now"] | ["a", "while"] | ["the", "moment"] => Some(Ok(Until::Resumed)),
            _ => span(rest),
        };
    }
    span(words)
}

fn span(words: &[&str]) -> Said<Until> {
    let words: Vec<&str> =
        words.iter().copied().filter(|w| !holds("the of next die den les las os de", w)).collect();
    let days = match words.as_slice() {
        ["a", "couple", unit_word] => 2 * unit(unit_word)?,
        [count, unit_word] => number(count)?.checked_mul(unit(unit_word)?)?,
        // 2w, 10days
        [one] => {
            let digits = one.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            number(&one[..digits])?.checked_mul(unit(&one[digits..])?)?
        }
        _ => return None,
    };
    Some(match days {
        0 => Err(Hint::NoLength),
        1..=MOST_DAYS => Ok(Until::Days(days)),
        _ => Err(Hint::TooLong),
    })
}

/// A day that is to come.
fn day(words: &[&str], today: Date) -> Result<Date, Hint> {
    let unknown = || Hint::NoDay(words.join(" ").chars().take(40).collect());
    let kept: Vec<String> = words
        .iter()
        .filter(|word| !holds(BINDING, word))
        .map(|word| ordinal(word).to_owned())
        .collect();
    let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
    let day = match kept.as_slice() {
        ["tomorrow" | "morgen" | "demain"] => today.tomorrow().ok(),
        ["week"] => next(today, Weekday::Monday),
        ["month"] => today.first_of_month().checked_add(1.month()).ok(),
        ["year"] => Date::new(today.year() + 1, 1, 1).ok(),
        [one] => match (month(one), weekday(one)) {
            (Some(month), _) => coming(today, month, 1),
            (_, Some(weekday)) => next(today, weekday),
            _ => return figures(one, today).unwrap_or_else(|| Err(unknown())),
        },
        ["new", "year"] => Date::new(today.year() + 1, 1, 1).ok(),
        [one, other] => match (month(one), month(other)) {
            (Some(month), _) if other.len() == 4 => dated(other, month, "1"),
            (_, Some(month)) => {
                number(one).and_then(|day| coming(today, month, day.try_into().ok()?))
            }
            (Some(month), _) => {
                number(other).and_then(|day| coming(today, month, day.try_into().ok()?))
            }
            _ => None,
        },
        [one, other, year] => match (month(one), month(other)) {
            (_, Some(month)) => dated(year, month, one),
            (Some(month), _) => dated(year, month, other),
            // Monday 24 December, as written.
            _ => weekday(one).and_then(|_| {
                let (day, month) = (number(other), month(year));
                coming(today, month?, day?.try_into().ok()?)
            }),
        },
        [name, day, month_word, year] if weekday(name).is_some() => {
            month(month_word).and_then(|month| dated(year, month, day))
        }
        _ => None,
    };
    ahead(day.ok_or_else(unknown)?, today)
}

/// `24th` is `24`.
pub(super) fn ordinal(word: &str) -> &str {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    match &word[digits..] {
        "st" | "nd" | "rd" | "th" | "er" | "." if digits > 0 => &word[..digits],
        _ => word,
    }
}

fn ahead(day: Date, today: Date) -> Result<Date, Hint> {
    let most = today.saturating_add(i64::from(MOST_DAYS).days());
    if day <= today {
        Err(Hint::NotAhead(day))
    } else if day > most {
        Err(Hint::TooFar(day))
    } else {
        Ok(day)
    }
}

/// The next day of this name after today.
fn next(today: Date, weekday: Weekday) -> Option<Date> {
    today.nth_weekday(1, weekday).ok()
}

/// The next such day of the calendar after today.
fn coming(today: Date, month: i8, day: i8) -> Option<Date> {
    // A leap day may be some years away.
    (0..=8)
        .filter_map(|years| Date::new(today.year() + years, month, day).ok())
        .find(|day| *day > today)
}

fn dated(year: &str, month: i8, day: &str) -> Option<Date> {
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month, number(day)?.try_into().ok()?).ok()
}

/// `2026-12-24`, `24.12.2026`, `24.12`, `24/12/2026`.
fn figures(word: &str, today: Date) -> Said<Date> {
    let sign = word.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = word.trim_end_matches('.').split(sign).collect();
    if !matches!(sign, '-' | '.' | '/') || parts.iter().any(|part| number(part).is_none()) {
        return None;
    }
    let of = |part: &str| number(part).and_then(|number| i8::try_from(number).ok());
    let day = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => dated(year, of(month)?, day),
        [first, second, year] if sign == '/' => {
            // Here the day comes first, there the month.
            let (one, two) = (of(first)?, of(second)?);
            match (one > 12, two > 12) {
                _ if one == two => dated(year, one, second),
                (true, _) => dated(year, two, first),
                (_, true) => dated(year, one, second),
                _ => {
                    let days = (dated(year, two, first), dated(year, one, second));
                    return Some(Err(match days {
                        (Some(day), Some(other)) => Hint::TwoDays(word.to_owned(), day, other),
                        _ => Hint::NotOnCalendar(word.to_owned()),
                    }));
                }
            }
        }
        [day, month, year] => dated(year, of(month)?, day),
        [day, month] if sign == '.' => coming(today, of(month)?, of(day)?),
        _ => None,
    };
    Some(day.ok_or_else(|| Hint::NotOnCalendar(word.to_owned())).and_then(|day| ahead(day, today)))
}

/// `07:30`, `7am`, `7:30 pm`, `19h`, `7 Uhr`, `seven in the evening`, `noon`.
pub(super) fn time(words: &[&str]) -> Option<HourMinute> {
    let (first, rest) = words.split_first()?;
    let rest: Vec<&str> = rest
        .iter()
        .copied()
        .filter(|w| !holds("oclock uhr uur heures horas the in at am:", w))
        .collect();
    match *first {
        "noon" | "midday" | "mittags" | "midi" if rest.is_empty() => {
            return HourMinute::new(12, 0);
        }
        "midnight" | "mitternacht" | "minuit" if rest.is_empty() => return HourMinute::new(0, 0),
        _ => {}
    }
    let digits = first.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 2 {
        return None;
    }
    let (hour, behind) = match digits {
        0 => (number(first).filter(|hour| *hour > 0 && first.len() > 2)?, ""),
        _ => (first[..digits].parse().ok()?, &first[digits..]),
    };
    let (minute, half) = match behind.chars().next() {
        Some(':' | '.' | 'h') => {
            let tail = &behind[1..];
            let minutes = tail.bytes().take_while(u8::is_ascii_digit).count();
            match minutes {
                2 => (tail[..2].parse().ok()?, &tail[2..]),
                0 if behind.starts_with('h') => (0, tail),
                _ => return None,
            }
        }
        _ => (0, behind),
    };
    let half = match half {
        "uhr" | "h" => "",
        half => half,
    };
    let half = match (half, rest.as_slice()) {
        (half, []) => half,
        ("", ["am" | "morning" | "morgens" | "fruh"]) => "am",
        ("", ["pm" | "evening" | "afternoon" | "night" | "abends"]) => "pm",
        ("", [minutes]) if minute == 0 && minutes.len() == 2 && *first == &first[..digits] => {
            return clock(hour, number(minutes)?);
        }
        _ => return None,
    };
    match half {
        "" => clock(hour, minute),
        "am" | "a" if (1..=12).contains(&hour) => clock(hour % 12, minute),
        "pm" | "p" if (1..=12).contains(&hour) => clock(hour % 12 + 12, minute),
        // 19:30 pm
        "pm" if hour > 12 => clock(hour, minute),
        _ => None,
    }
}

fn clock(hour: u32, minute: u32) -> Option<HourMinute> {
    HourMinute::new(hour.try_into().ok()?, minute.try_into().ok()?)
}

#[cfg(test)]
#[path = "dates_tests.rs"]
mod tests;
