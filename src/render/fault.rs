//! What is wrong with a template, said such that its author finds the place.

use std::path::Path;

/// A template that cannot be read, parsed or rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct TemplateFault {
    /// The file: a path where it is the administrator's, else the built-in's name.
    pub file: String,
    /// The line, from 1, where known.
    pub line: Option<usize>,
    /// What is wrong there.
    pub what: String,
}

impl TemplateFault {
    pub(super) fn new(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, what: what.into() }
    }

    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::new(path.display().to_string(), format!("it cannot be read: {error}"))
    }

    /// The innermost fault of `error`: in an included file, the place there counts.
    /// `file_of` says where a template of a given name lies.
    pub(super) fn from_engine(
        template: &str,
        error: &minijinja::Error,
        file_of: impl Fn(&str) -> String,
    ) -> Self {
        let mut inner = error;
        while let Some(cause) =
            std::error::Error::source(inner).and_then(|cause| cause.downcast_ref())
        {
            inner = cause;
        }
        let what = match inner.detail() {
            Some(detail) => format!("{}: {detail}", inner.kind()),
            None => inner.kind().to_string(),
        };
        Self { file: file_of(inner.name().unwrap_or(template)), line: inner.line(), what }
    }

    fn sentence(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}: {}", self.file, self.what),
            None => format!("{}: {}", self.file, self.what),
        }
    }
}
