//! `[log]`

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How addresses look in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressStyle {
    /// `a***@example.org`
    Masked,
    /// A keyed hash.
    Hashed,
    /// As they are.
    Plain,
}

/// The log, on stderr.
#[derive(Clone, Debug)]
pub struct Log {
    /// How lines look. Default text.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,paperround=debug`.
    /// Default info.
    pub level: String,
    /// How addresses look. Default masked.
    pub addresses: AddressStyle,
}
