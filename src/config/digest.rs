//! `[digest]`

use std::path::PathBuf;

use crate::model::{ByteSize, Schedule, Span};

/// What a digest is, where the reader did not choose.
#[derive(Clone, Debug)]
pub struct Digest {
    /// When it is due, on the reader's own clock. Default "0 8 * * Mon-Fri".
    pub schedule: Schedule,
    /// Full cards; the rest follow as one-line titles. Default 15.
    pub max_papers: u32,
    /// Papers with fewer votes wait until they have them. Default 0.
    pub min_votes: u32,
    /// How long a paper stays a candidate after it was first seen. Default 7d.
    pub look_back: Span,
    /// Whether a mail says so when nothing is new. Default false.
    pub send_empty: bool,
    /// A digest is not sent later than this after it was planned. Default 20h.
    pub expire_after: Span,
    /// The most that the HTML part may have. Default 90 kB.
    pub max_html: ByteSize,
    /// A folder whose files replace the built-in templates one by one.
    pub templates: Option<PathBuf>,
}
