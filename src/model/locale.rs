//! A locale: the language of a mail's own words, and the country whose dates it has. Only those
//! in which there are words can be named. Never knows the words.

use std::fmt;
use std::str::FromStr;

use icu_locale_core::LanguageIdentifier;

use super::measure::as_text;

/// A language that mails are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Japanese.
    Japanese,
    /// Chinese in simplified characters.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 6] =
        [Self::English, Self::German, Self::French, Self::Spanish, Self::Japanese, Self::Chinese];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Japanese => "ja",
            Self::Chinese => "zh",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Japanese => "日本語",
            Self::Chinese => "简体中文",
        }
    }

    /// Other names that people write, in small letters.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::English => {
                &["english", "englisch", "anglais", "inglés", "ingles", "英語", "英语"]
            }
            Self::German => {
                &["german", "deutsch", "allemand", "alemán", "aleman", "ドイツ語", "德语"]
            }
            Self::French => {
                &["french", "français", "francais", "französisch", "francés", "フランス語", "法语"]
            }
            Self::Spanish => &[
                "spanish",
                "español",
                "espanol",
                "castellano",
                "spanisch",
                "スペイン語",
                "西班牙语",
            ],
            Self::Japanese => &["japanese", "日本語", "nihongo", "japanisch", "japonais", "日语"],
            Self::Chinese => {
                &["chinese", "中文", "简体中文", "simplified chinese", "chinesisch", "汉语"]
            }
        }
    }

    /// The language that is called so, in a tag or by a name.
    pub fn called(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        Self::ALL.into_iter().find(|one| one.tag() == text || one.names().contains(&text.as_str()))
    }
}

/// A language, and perhaps a script and a country: `de`, `en-GB`, `zh-Hans`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locale {
    language: Language,
    tag: LanguageIdentifier,
}

impl Locale {
    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// As the library of dates and numbers wants it.
    pub fn tag(&self) -> &LanguageIdentifier {
        &self.tag
    }
}

impl Default for Locale {
    fn default() -> Self {
        Language::English.into()
    }
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        let tag = language.tag().parse().unwrap_or(LanguageIdentifier::UNKNOWN);
        Self { language, tag }
    }
}

impl FromStr for Locale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let tags = Language::ALL.map(Language::tag).join(", ");
        let wrong = |why: &str| {
            let near = Language::called(text)
                .map(|language| format!("; did you mean {}?", language.tag()));
            format!("{text:?} {why}: {tags}{}", near.unwrap_or_default())
        };
        let unknown = || wrong("is not a language that mails are written in");
        let tag: LanguageIdentifier = text.replace('_', "-").parse().map_err(|_| unknown())?;
        let language = Language::ALL
            .into_iter()
            .find(|one| one.tag() == tag.language.as_str())
            .ok_or_else(unknown)?;
        let script = tag.script.map(|script| script.to_string());
        let place = tag.region.map(|region| region.to_string());
        let traditional = script.as_deref() == Some("Hant")
            || script.is_none() && matches!(place.as_deref(), Some("TW" | "HK" | "MO"));
        if language == Language::Chinese && traditional {
            return Err(wrong("has traditional characters, and mails only simplified ones"));
        }
        Ok(Self { language, tag })
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.tag)
    }
}

as_text!(Locale);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_read_back_in_their_usual_form() {
        for (text, tag) in [
            ("en", "en"),
            ("EN-gb", "en-GB"),
            ("de_AT", "de-AT"),
            ("zh-hans-cn", "zh-Hans-CN"),
            ("zh-SG", "zh-SG"),
            (" ja ", "ja"),
        ] {
            assert_eq!(text.parse::<Locale>().unwrap().to_string(), tag);
        }
    }

    #[test]
    fn what_there_are_no_words_for_is_refused_with_a_hint() {
        for (text, hint) in [
            ("deutsch", "did you mean de?"),
            ("English", "did you mean en?"),
            ("日本語", "did you mean ja?"),
            ("it", "en, de, fr, es, ja, zh"),
            ("", "en, de, fr, es, ja, zh"),
            ("zh-TW", "traditional"),
            ("zh-Hant", "traditional"),
            ("de-DE-x-private", "en, de"),
        ] {
            let fault = text.parse::<Locale>().unwrap_err();
            assert!(fault.contains(hint), "{fault}");
        }
    }

    #[test]
    fn every_language_is_called_by_its_own_name() {
        for language in Language::ALL {
            assert_eq!(Language::called(language.name()), Some(language));
            assert_eq!(Locale::from(language).to_string(), language.tag());
        }
    }
}
