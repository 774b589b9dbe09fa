//! The mail's own words in every language: the built-in ones, each replaceable by an
//! administrator's. Project Fluent reads them. Never knows which mail they are for.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use intl_memoizer::concurrent::IntlLangMemoizer;
use rust_embed::RustEmbed;

use super::engine::escape_html;
use super::fault::TemplateFault;
use super::figures;
use crate::model::{Language, Rhythm, Span, Timing};

#[derive(RustEmbed)]
#[folder = "locales/"]
struct BuiltIn;

/// What a message is for: in HTML its text is escaped, and what is put in is HTML already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Html,
}

type Bundle = FluentBundle<Arc<FluentResource>>;

/// The words of one language.
struct Voice {
    text: Bundle,
    html: Bundle,
}

/// The words of all languages.
pub(super) struct Messages {
    /// In the order of [`Language::ALL`].
    voices: Vec<Voice>,
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages").finish_non_exhaustive()
    }
}

impl Messages {
    /// The built-in words, with those messages instead that the files `locales/LANGUAGE.ftl` of
    /// the folder `overrides` have. Such a file may have messages of its own.
    pub(super) fn load(overrides: Option<&Path>) -> Result<Self, TemplateFault> {
        let mut voices = Vec::with_capacity(Language::ALL.len());
        for language in Language::ALL {
            let (name, source) = built_in(language)?;
            let mut resources = vec![parse(&name, source)?];
            let own = overrides.map(|folder| folder.join("locales").join(file(language)));
            if let Some(path) = own.filter(|path| path.is_file()) {
                let source = std::fs::read_to_string(&path)
                    .map_err(|error| TemplateFault::unreadable(&path, &error))?;
                resources.push(parse(&path.display().to_string(), source)?);
            }
            let voice = |form| bundle(language, form, &resources);
            voices.push(Voice { text: voice(Form::Text)?, html: voice(Form::Html)? });
        }
        if let Some(folder) = overrides {
            refuse_strangers(&folder.join("locales"))?;
        }
        Ok(Self { voices })
    }

    /// The built-in words, name and source, to be copied out and changed.
    pub(super) fn built_in() -> Result<Vec<(String, String)>, TemplateFault> {
        Language::ALL.into_iter().map(built_in).collect()
    }

    /// The message `key`; English where the language lacks it. `Err` says what is wrong.
    pub(super) fn say(
        &self,
        language: Language,
        form: Form,
        key: &str,
        args: &FluentArgs<'_>,
    ) -> Result<String, String> {
        for language in [language, Language::English] {
            let at = Language::ALL.iter().position(|one| *one == language).unwrap_or(0);
            let Some(voice) = self.voices.get(at) else { continue };
            let bundle = match form {
                Form::Text => &voice.text,
                Form::Html => &voice.html,
            };
            let Some(pattern) = bundle.get_message(key).and_then(|found| found.value()) else {
                continue;
            };
            let mut faults = Vec::new();
            let words = bundle.format_pattern(pattern, Some(args), &mut faults).into_owned();
            return match faults.first() {
                None => Ok(words),
                Some(fault) => Err(format!("the message {key:?} in {}: {fault}", file(language))),
            };
        }
        Err(format!("there is no message {key:?} in locales/*.ftl"))
    }

    /// As [`Messages::say`] for words that are ours alone; what is missing shows as its key.
    pub(super) fn own(
        &self,
        language: Language,
        key: &str,
        args: &[(&'static str, FluentValue<'_>)],
    ) -> String {
        let args: FluentArgs<'_> = args.iter().cloned().collect();
        self.say(language, Form::Text, key, &args).unwrap_or_else(|_| key.to_owned())
    }

    /// When digests come, such as `weekdays at 08:00, Europe/Berlin`.
    pub(super) fn rhythm(&self, language: Language, timing: &Timing) -> String {
        let zone = ("zone", FluentValue::from(timing.zone().name()));
        let hour = timing.hour().map(|hour| ("hour", FluentValue::from(hour.to_string())));
        match (timing.rhythm(), hour, timing.odd_schedule()) {
            (Some(rhythm), Some(hour), _) => {
                let days = self.days(language, rhythm);
                self.own(language, "rhythm", &[("days", days.into()), hour, zone])
            }
            (_, Some(hour), Some((schedule, true))) => {
                let schedule = ("schedule", FluentValue::from(schedule.to_string()));
                self.own(language, "rhythm-schedule-hour", &[hour, schedule, zone])
            }
            (_, _, Some((schedule, _))) => {
                let schedule = ("schedule", FluentValue::from(schedule.to_string()));
                self.own(language, "rhythm-schedule", &[schedule, zone])
            }
            (None, _, None) | (_, None, None) => timing.words(),
        }
    }

    /// On which days digests come, such as `weekdays`.
    pub(super) fn days(&self, language: Language, rhythm: Rhythm) -> String {
        match rhythm {
            Rhythm::Daily => self.own(language, "days-daily", &[]),
            Rhythm::Weekdays => self.own(language, "days-weekdays", &[]),
            Rhythm::Weekly(_) => {
                let day = rhythm.to_string();
                let day = day.rsplit(':').next().unwrap_or_default().to_owned();
                self.own(language, "days-weekly", &[("day", day.into())])
            }
            Rhythm::Monthly(day) => {
                self.own(language, "days-monthly", &[("day", u32::from(day).into())])
            }
        }
    }

    /// A length of time, such as `7 days`.
    pub(super) fn span(&self, language: Language, span: Span) -> String {
        let (key, count) = match span.secs() {
            secs if secs.is_multiple_of(86_400) => ("span-days", secs / 86_400),
            secs if secs.is_multiple_of(3_600) => ("span-hours", secs / 3_600),
            secs => ("span-minutes", secs.div_ceil(60)),
        };
        self.own(language, key, &[("count", count.into())])
    }

    /// A preheader for a lead without a summary: what else is in the mail.
    pub(super) fn also(&self, language: Language, titles: &[&str]) -> String {
        match titles {
            [] => self.own(language, "preheader-alone", &[]),
            titles => {
                self.own(language, "preheader-also", &[("titles", titles.join(" · ").into())])
            }
        }
    }
}

fn file(language: Language) -> String {
    format!("{}.ftl", language.tag())
}

fn built_in(language: Language) -> Result<(String, String), TemplateFault> {
    let file = file(language);
    let name = format!("locales/{file}");
    let wrong = |what| TemplateFault::new(name.clone(), what);
    let data = BuiltIn::get(&file).ok_or_else(|| wrong("it is missing"))?.data;
    let source = String::from_utf8(data.into_owned()).map_err(|_| wrong("it is not UTF-8"))?;
    Ok((name, source))
}

/// Reads the messages of a file; every slip is refused, as what a slip hides would be missed.
fn parse(name: &str, source: String) -> Result<Arc<FluentResource>, TemplateFault> {
    FluentResource::try_new(source).map(Arc::new).map_err(|(resource, faults)| {
        let first = faults.into_iter().next();
        let line = first.as_ref().and_then(|fault| {
            let before = resource.source().get(..fault.pos.start)?;
            Some(before.matches('\n').count() + 1)
        });
        let what = first.map_or_else(|| "it cannot be read".to_owned(), |f| f.kind.to_string());
        TemplateFault { line, ..TemplateFault::new(name, what) }
    })
}

fn bundle(
    language: Language,
    form: Form,
    resources: &[Arc<FluentResource>],
) -> Result<Bundle, TemplateFault> {
    let tag = language.tag().parse().map_err(|_| TemplateFault::new(file(language), "no tag"))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks would be noise in plain text; HTML isolates with dir="auto".
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(figure));
    if form == Form::Html {
        bundle.set_transform(Some(escaped));
    }
    for resource in resources {
        bundle.add_resource_overriding(Arc::clone(resource));
    }
    Ok(bundle)
}

/// What a message itself says, as HTML.
fn escaped(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len() + 8);
    escape_html(text, &mut out);
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// Numbers with the separators of the language.
fn figure(value: &FluentValue<'_>, memoizer: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let whole = number.value as i64;
    memoizer.with_try_get::<figures::Grouping, _, _>((), |grouping| grouping.format(whole)).ok()
}

/// A file that no language reads would have no effect, and nobody would know why.
fn refuse_strangers(folder: &Path) -> Result<(), TemplateFault> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let known = Language::ALL.map(file);
    let stranger = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "ftl")
            && !known.iter().any(|one| path.file_name().is_some_and(|name| name == one.as_str()))
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    match paths.into_iter().find(stranger) {
        None => Ok(()),
        Some(path) => {
            let what = format!("mails are not written in that language: {}", known.join(", "));
            Err(TemplateFault::new(path.display().to_string(), what))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Preferences, Zone};

    fn keys(source: &str) -> Vec<&str> {
        source
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
            .filter_map(|line| line.split_once(" = ").map(|(key, _)| key))
            .collect()
    }

    /// Names put in, each once, in order.
    fn names(source: &str, key: &str) -> Vec<String> {
        let start = source.find(&format!("\n{key} = ")).unwrap();
        let own =
            |line: &&str| line.starts_with([' ', '}']) || line.starts_with(&format!("{key} = "));
        let message: String = source[start + 1..].lines().take_while(own).collect();
        let mut names: Vec<String> = message
            .split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphabetic()).collect())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn every_language_has_every_message_with_the_same_parts() {
        let all = Messages::built_in().unwrap();
        let english = &all[0].1;
        for (name, source) in &all[1..] {
            assert_eq!(keys(source), keys(english), "{name}");
            for key in keys(english) {
                let (own, usual) = (names(source, key), names(english, key));
                assert!(own.iter().all(|part| usual.contains(part)), "{name}: {key}");
                // A language without plurals need not say how many.
                let left_out = usual.iter().find(|part| !own.contains(part) && *part != "count");
                assert_eq!(left_out, None, "{name}: {key}");
            }
        }
    }

    #[test]
    fn messages_are_plural_grouped_and_escaped() {
        let messages = Messages::load(None).unwrap();
        let say = |language, form, key, name, value: FluentValue<'static>| {
            let args = [(name, value)].into_iter().collect();
            messages.say(language, form, key, &args).unwrap()
        };
        for (language, count, words) in [
            (Language::English, 1, "1 vote"),
            (Language::English, 12_345, "12,345 votes"),
            (Language::German, 12_345, "12.345 Stimmen"),
            (Language::French, 0, "0 vote"),
            (Language::French, 12_345, "12\u{202f}345 votes"),
            (Language::Spanish, 1_234, "1234 votos"),
            (Language::Japanese, 12_345, "12,345票"),
            (Language::Chinese, 2, "2 票"),
        ] {
            assert_eq!(say(language, Form::Text, "votes", "count", count.into()), words);
        }
        let html = say(Language::English, Form::Html, "questions", "contact", "<b>x</b>".into());
        assert_eq!(html, "Questions go to <b>x</b>.");
        let args = FluentArgs::from_iter([("days", "a"), ("hour", "b")]);
        let fault = messages.say(Language::German, Form::Text, "rhythm", &args).unwrap_err();
        assert!(fault.contains("zone") && fault.contains("de.ftl"), "{fault}");
        let fault = messages.say(Language::German, Form::Text, "nonsense", &args).unwrap_err();
        assert!(fault.contains("nonsense"), "{fault}");
    }

    #[test]
    fn rhythms_in_english_are_those_of_the_timing() {
        let messages = Messages::load(None).unwrap();
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        for rhythm in [None, Some("daily"), Some("weekdays"), Some("weekly:wed"), Some("monthly:3")]
        {
            let preferences = Preferences {
                rhythm: rhythm.map(|text| text.parse().unwrap()),
                ..Preferences::default()
            };
            let timing = Timing::of(&preferences, &"0 8 * * Mon-Fri".parse().unwrap(), &zone);
            assert_eq!(messages.rhythm(Language::English, &timing), timing.words());
        }
        let odd = |hour: Option<&str>| {
            let preferences = Preferences {
                hour: hour.map(|text| text.parse().unwrap()),
                ..Preferences::default()
            };
            Timing::of(&preferences, &"0 8 1-7 * Mon".parse().unwrap(), &zone)
        };
        assert_eq!(
            messages.rhythm(Language::English, &odd(None)),
            "“0 8 1-7 * Mon”, Europe/Berlin"
        );
        assert_eq!(
            messages.rhythm(Language::German, &odd(Some("19:30"))),
            "um 19:30 Uhr an den Tagen von „0 8 1-7 * Mon“, Europe/Berlin"
        );
        assert_eq!(messages.span(Language::French, Span::from_days(7)), "7 jours");
    }

    #[test]
    fn a_folder_replaces_message_by_message_and_faults_have_their_line() {
        let folder = tempfile::tempdir().unwrap();
        let locales = folder.path().join("locales");
        std::fs::create_dir(&locales).unwrap();
        std::fs::write(locales.join("de.ftl"), "nothing-new = Heute nichts\nown = Eigenes\n")
            .unwrap();
        let messages = Messages::load(Some(folder.path())).unwrap();
        let none = FluentArgs::new();
        let say = |key| messages.say(Language::German, Form::Text, key, &none).unwrap();
        assert_eq!((say("nothing-new"), say("own")), ("Heute nichts".into(), "Eigenes".into()));
        assert_eq!(say("also-new"), "Auch neu");

        std::fs::write(locales.join("de.ftl"), "a = b\n\nbroken { \n").unwrap();
        let fault = Messages::load(Some(folder.path())).unwrap_err();
        assert!(fault.file.ends_with("de.ftl") && fault.line == Some(3), "{fault}");
        std::fs::write(locales.join("de.ftl"), "a = b\n").unwrap();
        std::fs::write(locales.join("it.ftl"), "a = b\n").unwrap();
        let fault = Messages::load(Some(folder.path())).unwrap_err();
        assert!(fault.file.ends_with("it.ftl"), "{fault}");
    }
}
