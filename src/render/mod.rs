//! Render: turns plain values into the words of a mail, by templates that an administrator
//! may replace one by one. Never sends, never stores, never reads the time, and knows
//! nothing of MIME (that is `mail`).
//!
//! A digest is rendered once for everybody who receives it. What is personal in it stands
//! as a marker, where [`Markers::cut`] cuts, for the person's own words to go there.

mod beside;
mod check;
mod cut;
mod digest;
mod engine;
mod fault;
mod figures;
mod fit;
mod inspect;
mod link;
mod markers;
mod messages;
mod notice;
mod paper;
mod sample;
mod templates;
mod tex;
mod words;

pub use beside::{Beside, Hush, Moved, Silence, Trend, Why};
pub use check::{Checked, Measured};
pub use digest::{DigestContext, Frame, SilenceView};
pub use engine::escape_html;
pub use fault::TemplateFault;
pub use fit::Fitted;
pub use markers::{Field, Markers, Personal, Piece};
pub use notice::{AnswerWords, HelpLine, NoticeContext, Unclear};
pub use paper::{Link, PaperView};
pub use sample::{MARKER as SAMPLE_MARKER, Sample};
pub use templates::{Rendered, Templates};
pub use words::{clean, excerpt, readable, shorten};

#[cfg(test)]
mod tests;
