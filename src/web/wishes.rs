//! What a reader asks for, as fields of a form: read with a sentence for each that is wrong,
//! and shown again.

use std::sync::LazyLock;

use serde::Serialize;

use super::form::Form;
use crate::model::{
    HourMinute, Language, Locale, Preferences, Rhythm, Timing, Topic, Topics, Zone,
};

/// Rhythms that a form offers, in order.
const RHYTHMS: [(&str, &str); 10] = [
    ("daily", "Every day"),
    ("weekdays", "Monday to Friday"),
    ("weekly:mon", "Mondays"),
    ("weekly:tue", "Tuesdays"),
    ("weekly:wed", "Wednesdays"),
    ("weekly:thu", "Thursdays"),
    ("weekly:fri", "Fridays"),
    ("weekly:sat", "Saturdays"),
    ("weekly:sun", "Sundays"),
    ("monthly:1", "The first of each month"),
];

/// The parts of the world whose zones are offered; the others are old names of these.
const PARTS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// Every zone as an option, by parts of the world: HTML, made once.
static ZONES: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    names.sort_unstable();
    let mut html = String::from("<option value=\"UTC\">UTC</option>");
    for part in PARTS {
        html.push_str(&format!("<optgroup label=\"{part}\">"));
        for name in names
            .iter()
            .filter(|name| name.strip_prefix(part).is_some_and(|rest| rest.starts_with('/')))
        {
            html.push_str(&format!("<option value=\"{name}\">{name}</option>"));
        }
        html.push_str("</optgroup>");
    }
    html
});

/// The most characters that all topics have together.
const TOPICS_TEXT: usize = 8_000;

/// One option of a list.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// The fields as a page shows them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Fields {
    rhythms: Vec<Choice>,
    hours: Vec<Choice>,
    /// Whether anything is not left open.
    chosen: bool,
    zone: String,
    /// All zones, as HTML.
    zones: minijinja::Value,
    max_papers: String,
    min_votes: String,
    locales: Vec<Choice>,
    iso_dates: bool,
    /// Topics to tick.
    offered: Vec<Choice>,
    /// The reader's own topics, a line each.
    topics: String,
    longest: usize,
    /// What holds where a field is left open.
    usual: String,
    usual_zone: String,
    usual_papers: u32,
    usual_votes: u32,
    usual_locale: &'static str,
}

/// What holds where a reader leaves a field open.
#[derive(Clone, Debug)]
pub struct Usual {
    /// When digests come.
    pub timing: Timing,
    /// Full cards in a digest.
    pub max_papers: u32,
    /// The votes that a paper needs.
    pub min_votes: u32,
    /// The language of mails.
    pub locale: Locale,
    /// Topics to tick.
    pub topics_offered: Vec<Topic>,
}

impl Fields {
    /// The same with what was typed as topics, so that it can be mended where it is wrong.
    pub(super) fn typed(mut self, form: &Form) -> Self {
        let offered: Vec<&str> = form.all("topics").collect();
        for one in &mut self.offered {
            one.chosen = offered.contains(&one.value.as_str());
        }
        let own = offered.iter().filter(|text| !self.offered.iter().any(|o| o.value == **text));
        self.topics = own.flat_map(|text| text.chars()).take(TOPICS_TEXT).collect();
        self.chosen |= !offered.is_empty();
        self
    }

    /// The fields filled with what `preferences` hold.
    pub(super) fn of(preferences: &Preferences, usual: &Usual) -> Self {
        let text = |value: Option<String>| value.unwrap_or_default();
        let rhythm = text(preferences.rhythm.map(|rhythm| rhythm.to_string()));
        let mut rhythms: Vec<Choice> = RHYTHMS
            .iter()
            .map(|(value, label)| Choice {
                value: (*value).to_owned(),
                label: (*label).to_owned(),
                chosen: *value == rhythm,
            })
            .collect();
        if !rhythm.is_empty() && !rhythms.iter().any(|one| one.chosen) {
            let label = rhythm.replace("monthly:", "Each month on day ");
            rhythms.push(Choice { value: rhythm, label, chosen: true });
        }
        Self {
            rhythms,
            hours: hours(preferences.hour),
            chosen: *preferences != Preferences::default(),
            zone: text(preferences.zone.as_ref().map(Zone::to_string)),
            zones: minijinja::Value::from_safe_string(ZONES.clone()),
            max_papers: text(preferences.max_papers.map(|count| count.to_string())),
            min_votes: text(preferences.min_votes.map(|count| count.to_string())),
            locales: locales(preferences.locale.as_ref()),
            iso_dates: preferences.iso_dates,
            offered: usual
                .topics_offered
                .iter()
                .map(|topic| Choice {
                    value: topic.to_string(),
                    label: topic.to_string(),
                    chosen: preferences.topics.iter().any(|one| one == topic),
                })
                .collect(),
            topics: preferences
                .topics
                .iter()
                .filter(|topic| !usual.topics_offered.contains(topic))
                .map(Topic::as_str)
                .collect::<Vec<_>>()
                .join("\n"),
            longest: TOPICS_TEXT,
            usual: usual.timing.words(),
            usual_zone: usual.timing.zone().to_string(),
            usual_papers: usual.max_papers,
            usual_votes: usual.min_votes,
            usual_locale: usual.locale.language().name(),
        }
    }
}

/// Every half hour, and the chosen minute.
fn hours(chosen: Option<HourMinute>) -> Vec<Choice> {
    let half_hours = (0..48).filter_map(|half| HourMinute::new(half / 2, half % 2 * 30));
    let mut all: Vec<HourMinute> = half_hours.chain(chosen).collect();
    all.sort_unstable();
    all.dedup();
    let choice = |hour: HourMinute| Choice {
        value: hour.to_string(),
        label: hour.to_string(),
        chosen: Some(hour) == chosen,
    };
    all.into_iter().map(choice).collect()
}

/// Every language by its own name, and what was chosen beyond them (`en-GB`).
fn locales(chosen: Option<&Locale>) -> Vec<Choice> {
    let chosen = chosen.map(Locale::to_string);
    let mut all: Vec<Choice> = Language::ALL
        .into_iter()
        .map(|language| Choice {
            value: language.tag().to_owned(),
            label: language.name().to_owned(),
            chosen: chosen.as_deref() == Some(language.tag()),
        })
        .collect();
    if let Some(value) = chosen.filter(|tag| all.iter().all(|one| one.value != *tag)) {
        all.push(Choice { label: value.clone(), value, chosen: true });
    }
    all
}

/// The preferences that a form asks for, or the first sentence about what is wrong.
pub(super) fn read(form: &Form) -> Result<Preferences, String> {
    let rhythm = form.get("rhythm").map(str::parse::<Rhythm>).transpose();
    let hour = form.get("hour").map(hour).transpose();
    let locale = form.get("locale").map(str::parse::<Locale>).transpose();
    let zone = form.get("time_zone").map(str::parse::<Zone>).transpose();
    Ok(Preferences {
        rhythm: rhythm.map_err(|_| "Please choose the days from the list.".to_owned())?,
        hour: hour?,
        zone: zone.map_err(|_| {
            "That time zone is not known; one from the list, such as Europe/Berlin, is.".to_owned()
        })?,
        max_papers: number(form, "max_papers", 1..=1_000, "full papers in a mail")?,
        min_votes: number(form, "min_votes", 0..=1_000_000, "votes that a paper needs")?,
        locale: locale.map_err(|_| "Please choose the language from the list.".to_owned())?,
        iso_dates: form.get("iso_dates").is_some(),
        topics: topics(form)?,
    })
}

/// What is ticked, and what is written, one topic a line.
fn topics(form: &Form) -> Result<Topics, String> {
    let text = form.all("topics").collect::<Vec<_>>().join("\n");
    if text.chars().count() > TOPICS_TEXT {
        return Err(format!("Topics can have {TOPICS_TEXT} characters together."));
    }
    Topics::read(&text).map_err(|error| format!("Please check the topic {error}."))
}

/// `07:30`; browsers may add seconds.
fn hour(text: &str) -> Result<HourMinute, String> {
    let short = text.get(..5).filter(|_| text.len() == 8).unwrap_or(text);
    short.parse().map_err(|_| "Please give the hour as 07:30.".to_owned())
}

fn number(
    form: &Form,
    name: &str,
    range: std::ops::RangeInclusive<u32>,
    what: &str,
) -> Result<Option<u32>, String> {
    let Some(text) = form.get(name) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| range.contains(number));
    number
        .map(Some)
        .ok_or_else(|| format!("The number of {what} can be {} to {}.", range.start(), range.end()))
}
