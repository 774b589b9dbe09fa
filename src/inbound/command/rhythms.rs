//! How often: rhythms as people write them; the words here stand as `fold` writes them. Pure.

use jiff::civil::Weekday;

use super::dates::{holds, number, ordinal, weekday};
use crate::model::Rhythm;

/// `daily`, `on weekdays`, `weekly on Friday`, `every Monday`, `monthly on the 15th`.
pub(super) fn rhythm(words: &[&str]) -> Option<Rhythm> {
    let mut kept: Vec<&str> = Vec::new();
    for word in words.iter().flat_map(|word| word.split(':')) {
        if !holds("on the a per once only of in day basis and at", word)
            || words.len() == 1
            || (word == "day")
        {
            kept.push(ordinal(word));
        }
    }
    // `une fois par semaine, le vendredi`, `nur werktags`
    for weekly in ONCE_A_WEEK {
        if let Some(day) = spaced(words, weekly) {
            return match day {
                [] => Some(Rhythm::Weekly(Weekday::Monday)),
                ["le" | "am" | "el" | "los" | "on", day] | [day] => {
                    weekday(day).map(Rhythm::Weekly)
                }
                _ => None,
            };
        }
    }
    let every = |word: &str| holds("every each jeden jede jeden tous chaque cada ogni elke", word);
    Some(match kept.as_slice() {
        [
            "daily" | "taglich" | "everyday" | "quotidien" | "diario" | "dagelijks" | "codziennie",
        ]
        | ["day"] => Rhythm::Daily,
        [all, "day" | "days" | "tag" | "jour" | "dia" | "giorno" | "dag"] if every(all) => {
            Rhythm::Daily
        }
        ["weekdays" | "weekday" | "workdays" | "werktags" | "monfri"]
        | ["working" | "work" | "business", "days"] => Rhythm::Weekdays,
        [all, "weekday" | "workday"] if every(all) => Rhythm::Weekdays,
        [first, "to" | "till" | "through" | "bis", last]
            if weekday(first) == Some(Weekday::Monday)
                && weekday(last) == Some(Weekday::Friday) =>
        {
            Rhythm::Weekdays
        }
        [weekly, day] if is_weekly(weekly) => Rhythm::Weekly(weekday(day)?),
        [weekly] if is_weekly(weekly) => Rhythm::Weekly(Weekday::Monday),
        [all, week] if every(all) && holds("week woche semaine semana settimana", week) => {
            Rhythm::Weekly(Weekday::Monday)
        }
        [all, day] if every(all) && weekday(day).is_some() => Rhythm::Weekly(weekday(day)?),
        ["los" | "les", day] => {
            Rhythm::Weekly(weekday(day.trim_end_matches('s')).or(weekday(day))?)
        }
        // Mondays
        [day] if day.ends_with('s') && day.len() > 5 => Rhythm::Weekly(weekday(day)?),
        [
            "monthly" | "monatlich" | "mensuel" | "mensual" | "mensile" | "mensal" | "maandelijks"
            | "month",
        ] => Rhythm::Monthly(1),
        [all, month] if every(all) && holds("month monat mois mes", month) => Rhythm::Monthly(1),
        ["monthly" | "month", day] => {
            Rhythm::Monthly(number(day).filter(|day| (1..=31).contains(day))?.try_into().ok()?)
        }
        _ => return None,
    })
}

/// Other words for `weekly`.
const ONCE_A_WEEK: [&str; 7] = [
    "une fois par semaine",
    "einmal pro woche",
    "einmal die woche",
    "einmal in der woche",
    "una vez por semana",
    "una vez a la semana",
    "1x pro woche",
];

/// What stands behind these words.
fn spaced<'a, 'b>(words: &'a [&'b str], first: &str) -> Option<&'a [&'b str]> {
    let count = first.split(' ').count();
    let is_it =
        words.len() >= count && first.split(' ').zip(words).all(|(one, other)| one == *other);
    is_it.then(|| &words[count..])
}

fn is_weekly(word: &str) -> bool {
    holds("weekly week wochentlich hebdomadaire semanal settimanale wekelijks", word)
}
