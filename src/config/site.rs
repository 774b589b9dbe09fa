//! `[site]`

use std::path::PathBuf;

use crate::model::Zone;

/// The site: what it is called and where it lives.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name, in subjects and headings. Default "Paper Round".
    pub title: String,
    /// Its public address, without a trailing slash. Required.
    pub url: url::Url,
    /// The zone of readers who did not choose one, and of fetch schedules. Default UTC.
    pub time_zone: Zone,
    /// The language of dates and of the mail's own words. Default "en".
    pub locale: String,
    /// Where database, key and kept pages lie; relative to the config file. Default
    /// "paperround-data" beside it.
    pub data_dir: PathBuf,
}
