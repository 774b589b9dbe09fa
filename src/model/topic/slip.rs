//! What may be wrong with a topic's text, as facts and in plain English for whoever runs the
//! site. What mails say of it in a reader's language is `render`'s.

use std::fmt;

use super::Topic;

/// What is wrong with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicSlip {
    /// It has so many characters, more than [`Topic::LONGEST`].
    TooLong(usize),
    /// A closing parenthesis without its opening one.
    ClosesNothing,
    /// A minus with nothing right behind it.
    LooseMinus,
    /// A quotation mark that is not closed.
    OpenQuote,
    /// An opening parenthesis that is not closed.
    OpenParenthesis,
    /// There is nothing in it.
    Empty,
    /// A word is missing before this.
    MissingBefore,
    /// A word is missing at the end.
    MissingAtEnd,
    /// Parentheses stand deeper than [`Topic::DEEPEST`].
    TooDeep,
    /// A field inside another's parentheses.
    FieldInField,
    /// `has:` something that is not known.
    OnlyHasCode,
    /// `votes:` or `stars:` instead of a comparison.
    NoColon(String),
    /// There is no field of this name.
    NoField(String),
    /// Nothing stands behind this field's colon.
    FieldAlone(String),
    /// It has more words than [`Topic::MOST_TERMS`].
    TooManyWords,
    /// No letter and no digit.
    NothingToFind,
    /// No whole number behind the sign of a comparison.
    NoNumber,
}

impl fmt::Display for TopicSlip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(length) => {
                write!(f, "a topic can have {} characters, not {length}", Topic::LONGEST)
            }
            Self::ClosesNothing => f.write_str("this parenthesis closes nothing; leave it out"),
            Self::LooseMinus => f.write_str("a minus stands right before what is not wanted"),
            Self::OpenQuote => {
                f.write_str("this quotation mark is not closed; add one after the phrase")
            }
            Self::OpenParenthesis => f.write_str("this parenthesis is not closed"),
            Self::Empty => f.write_str("a topic needs a word, such as diffusion"),
            Self::MissingBefore => f.write_str("a word or phrase is missing before this"),
            Self::MissingAtEnd => f.write_str("a word or phrase is missing here, at the end"),
            Self::TooDeep => {
                write!(f, "parentheses can stand {} deep, no deeper", Topic::DEEPEST)
            }
            Self::FieldInField => {
                f.write_str("a field cannot stand inside another field's parentheses")
            }
            Self::OnlyHasCode => f.write_str("only has:code is known"),
            Self::NoColon(name) => write!(f, "write {name}>=20, without the colon"),
            Self::NoField(name) => write!(
                f,
                "there is no field {name:?}: title, abstract, author, org, keyword, votes, stars \
                 and has are known; put the words in quotation marks to look for them as they stand"
            ),
            Self::FieldAlone(name) => {
                write!(f, "{name}: needs a word or phrase after the colon")
            }
            Self::TooManyWords => {
                write!(f, "a topic can have {} words; make two of it", Topic::MOST_TERMS)
            }
            Self::NothingToFind => f.write_str("there is no letter or digit in this to look for"),
            Self::NoNumber => {
                f.write_str("a whole number comes right after the sign, as in votes>=20")
            }
        }
    }
}
