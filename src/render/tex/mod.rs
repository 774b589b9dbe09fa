//! TeX in titles and abstracts as plain Unicode: formulas, accents, styles, quotes, also where a
//! source has stripped their dollars and backslashes. What is not surely TeX stays as written.
//! Never shortens and never escapes; time grows with the text alone, whatever it holds.

mod accents;
mod address;
mod bare;
mod built;
mod commands;
mod dollar;
mod math;
mod prose;
mod punctuation;
mod script;
mod source;
mod table;

use std::borrow::Cow;

pub(super) use math::is_operator;
use source::Source;

/// `text`, one line, as it is meant to be read.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let source = Source::new(text);
    let read = prose::prose(&source, 0..text.len(), 0);
    if read == text { Cow::Borrowed(text) } else { Cow::Owned(read) }
}

#[cfg(test)]
mod tests;
