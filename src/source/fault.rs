//! Why bytes are not a listing. Every one is shown to the admin as it stands.

/// What is wrong with an answer as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is nothing in it.
    #[error("the answer is empty")]
    Empty,
    /// It is binary.
    #[error("the answer is not text")]
    NotText,
    /// It cannot be decoded as declared.
    #[error("the answer is not valid {charset}: {places} places cannot be read")]
    Undecodable {
        /// The declared or assumed character set.
        charset: &'static str,
        /// How often it is violated.
        places: usize,
    },
    /// A page without papers and without the place where they belong.
    #[error("there is no list of papers in the page{}", titled(.title))]
    NoListing {
        /// The page's title; may be empty.
        title: String,
    },
    /// A page that wants something of its reader.
    #[error("the page asks to prove that one is human or to log in{}", titled(.title))]
    Challenge {
        /// The page's title; may be empty.
        title: String,
    },
    /// The list is there and cannot be read.
    #[error("the list cannot be read: {0}")]
    Unreadable(String),
    /// The source itself says that it failed.
    #[error("the source answers with an error: {0}")]
    Refused(String),
    /// There are papers, and nothing says of which day they are.
    #[error("the page does not say which day it lists ({papers} papers)")]
    NoDay {
        /// How many.
        papers: usize,
    },
    /// Nested beyond reason.
    #[error("the answer is nested more than {0} deep")]
    TooDeep(usize),
    /// Cut into pieces beyond reason.
    #[error("the answer has more than {0} elements")]
    TooMany(usize),
}

fn titled(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(" {title:?}") }
}
