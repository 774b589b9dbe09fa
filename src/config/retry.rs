//! `[retry]`

use crate::model::Span;

/// When a deferred mail is tried again: `first`, then `factor` times as long each time, at
/// most `most`.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// The first wait. Default 5m.
    pub first: Span,
    /// By what each wait is multiplied. Default 2.
    pub factor: f64,
    /// The longest wait. Default 4h.
    pub most: Span,
}
