//! `[database]`

/// The database.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite:FILE`, relative to `site.data_dir`. Default "sqlite:paperround.db". Made
    /// absolute by the loader; printed through `redacted` only.
    pub url: String,
}
