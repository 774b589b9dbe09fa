//! `[site]`

use std::path::PathBuf;

use url::Url;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::show::{Shown, shown};
use super::tree::Node;
use crate::model::{Language, Locale, Zone};

pub(super) const SECTION: Section = Section {
    path: "site",
    repeated: false,
    doc: "What the site is called and where it lives.",
    keys: &[
        Key::required(
            "url",
            "the site's public address, such as \"https://papers.example.org\"",
            "The public address: links in mails begin with it. https, or http on this machine.",
        ),
        Key::is("title", r#""Paper Round""#, "a name on one line", "In subjects and headings."),
        Key::is(
            "time_zone",
            r#""UTC""#,
            "an IANA time zone such as \"Europe/Berlin\"",
            "For readers who did not choose one, and for the schedules of sources.",
        ),
        Key::is(
            "locale",
            r#""en""#,
            "en, de, fr, es, ja or zh, perhaps with a country such as \"en-GB\"",
            "The language of the mail's own words and of its dates, where a reader chose none.",
        ),
        Key::is(
            "data_dir",
            r#""paperround-data""#,
            "a folder",
            "Where database, key and kept pages lie; relative to this file's folder.",
        )
        .restart(),
    ],
};

/// The site: what it is called and where it lives.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name, in subjects and headings. Default "Paper Round".
    pub title: String,
    /// Its public address, without a trailing slash (but for a bare host, where `Url` always
    /// has one). Required.
    pub url: Url,
    /// The zone of readers who did not choose one, and of fetch schedules. Default UTC.
    pub time_zone: Zone,
    /// The language of dates and of the mail's own words, where a reader chose none. Default
    /// "en".
    pub locale: Locale,
    /// Where database, key and kept pages lie; absolute. Default "paperround-data" beside the
    /// config file.
    pub data_dir: PathBuf,
}

impl Site {
    /// The public address as text, never with a trailing slash: `https://papers.example.org`.
    pub fn address(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let title = entries.get("title", read::line);
        let url = entries.get("url", address);
        let time_zone = entries.get("time_zone", zone);
        let locale = entries.get("locale", language);
        let data_dir = entries.get("data_dir", read::path).map(|path| entries.resolve(path));
        Some(Self {
            title: title?,
            url: url?,
            time_zone: time_zone?,
            locale: locale?,
            data_dir: data_dir?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![
            ("url", shown(self.address())),
            ("title", shown(&self.title)),
            ("time_zone", shown(&self.time_zone)),
            ("locale", shown(&self.locale)),
            ("data_dir", shown(self.data_dir.display())),
        ]
    }
}

fn address(node: &Node) -> Reading<Url> {
    let mut url = read::web_address(node)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Misread::hint("links are made by adding to it: leave out what follows ? or #"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn zone(node: &Node) -> Reading<Zone> {
    let text = read::text(node)?;
    text.parse().map_err(|_| {
        let names = jiff::tz::db().available().map(|name| name.to_string()).collect::<Vec<_>>();
        let near = super::keys::nearest(text.trim(), names.iter().map(String::as_str));
        Misread { hint: near.map(read::did_you_mean), ..Misread::default() }
    })
}

fn language(node: &Node) -> Reading<Locale> {
    let text = read::text(node)?.trim();
    text.parse().map_err(|fault: String| {
        let tags = Language::ALL.map(Language::tag);
        let near =
            Language::called(text).map(Language::tag).or_else(|| super::keys::nearest(text, tags));
        match near {
            Some(near) => Misread::hint(read::did_you_mean(near)),
            None if fault.contains("traditional") => {
                Misread::hint("Chinese is written in simplified characters only: zh")
            }
            None => Misread::default(),
        }
    })
}
