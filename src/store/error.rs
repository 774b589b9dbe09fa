//! What can go wrong with the database, in words for the person who runs it.

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened or made.
    #[error("cannot open the database {place}: {reason}")]
    Open {
        /// Its place, without secrets.
        place: String,
        /// What was wrong, and what to do.
        reason: String,
    },
    /// The database was written by a newer version.
    #[error(
        "the database {place} has schema {found}, newer than this version knows ({known}); \
         run the version that wrote it, or a later one"
    )]
    Newer {
        /// Its place, without secrets.
        place: String,
        /// The newest migration in it.
        found: i64,
        /// The newest migration of ours.
        known: i64,
    },
    /// A stored value does not read back.
    #[error("the database holds a damaged {what}: {value:?}; restore it from a backup")]
    Damaged {
        /// Which value.
        what: &'static str,
        /// What stands there, cut to 100 characters.
        value: String,
    },
    /// This process hung, or was cut off, for so long that its work was given to others.
    #[error("this process lost its lease: what it had claimed is others' work now")]
    Fenced,
    /// What was asked for is not to be done here.
    #[error("{reason}")]
    Refused {
        /// Why, and what to do.
        reason: String,
    },
    /// A process that shares the database goes by another key or configuration.
    #[error("this process may not work on the database {place}: {reason}")]
    Stranger {
        /// The database's place, without secrets.
        place: String,
        /// What differs, and what to do.
        reason: String,
    },
    /// A statement failed.
    #[error("the database did not do it")]
    Database(#[from] sqlx::Error),
}

impl StoreError {
    /// A stored value that does not read back.
    pub(crate) fn damaged(what: &'static str, value: &str) -> Self {
        Self::Damaged { what, value: value.chars().take(100).collect() }
    }
}
