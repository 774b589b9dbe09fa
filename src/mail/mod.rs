//! Mail as bytes: from the parts of a letter to a finished RFC 5322 message, the same bytes
//! each time. Never renders a template, never sends, and never reads the time.

mod compose;
mod headers;
mod quoted;

pub use compose::{ComposeError, Envelope, Letter, ascii_address, compose};
pub use headers::{List, list_headers};
