//! The words of the house as plain data: parsed once at the edge, then trusted.
//! Never does I/O and never reads the time.

mod address;
mod answer;
mod delivery;
mod dns;
mod feedback;
mod lines;
mod listing;
mod locale;
mod look;
mod measure;
mod order;
mod paper;
mod report;
mod rhythm;
mod role;
mod schedule;
mod subscriber;
mod timing;
mod topic;
mod zone;

pub use address::{AddressError, EmailAddress, is_same_domain};
pub use answer::{Answer, Example, Feat, Hint, Opening, Said, Setting, Unclear};
pub use delivery::{DeliveryState, MailKind, Outcome};
pub use dns::{record_line, txt_line};
pub use feedback::Feedback;
pub use lines::Lines;
pub use listing::{FetchOutcome, Listing, Period, Rejected};
pub use locale::{Language, Locale};
pub use look::Look;
pub use measure::{ByteSize, Span};
pub use order::{Command, Order, Until};
pub use paper::{Paper, PaperId};
pub use report::{Finding, Verdict, Way};
pub use rhythm::{HourMinute, Rhythm};
pub use role::Role;
pub use schedule::Schedule;
pub use subscriber::{Preferences, Profile, SubscriberState};
pub use timing::Timing;
pub use topic::{
    Batch, Hit, Interest, Interests, Mask, Near, TooManyTopics, Topic, TopicFault, TopicSlip,
    Topics, same_words, stemmed,
};
pub use zone::{Zone, resolve_civil};
