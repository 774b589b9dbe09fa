//! `[subscriptions]` and `[subscriptions.limits]`

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::show::{Shown, shown};
use super::tree::{Node, Value};
use crate::model::{Span, Topic, TopicFault};

pub(super) const SECTION: Section = Section {
    path: "subscriptions",
    repeated: false,
    doc: "Who may subscribe, and how.",
    keys: &[
        Key::is(
            "open",
            "true",
            "true or false",
            "Whether anybody may subscribe; else only whom an administrator adds.",
        ),
        Key::is(
            "confirm_within",
            r#""7d""#,
            "a length of time from 1h to 30d, such as \"7d\"",
            "How long a confirm link works. Who never confirms is forgotten then.",
        ),
        Key::is(
            "topics_offered",
            "[]",
            "a list of topics such as [\"llm OR \\\"language model\\\"\", \"robotics\"]",
            "Topics to tick on the form; readers may write their own beside.",
        ),
    ],
};

pub(super) const LIMITS: Section = Section {
    path: "subscriptions.limits",
    repeated: false,
    doc: "How many mails an hour strangers may cause by signing up; an address gets one a day.",
    keys: &[
        Key::is(
            "per_network",
            "30",
            "a whole number from 1 to 1000000",
            "By one network: an IPv4 /24 or an IPv6 /64.",
        ),
        Key::is(
            "per_domain",
            "500",
            "a whole number from 1 to 1000000",
            "To the mailboxes of one domain.",
        ),
        Key::is("in_all", "2000", "a whole number from 1 to 1000000", "By everybody."),
    ],
};

/// Who may subscribe, and how.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    /// Whether anybody may. Default true.
    pub open: bool,
    /// How long a confirm link works; who never confirms is forgotten then. Default 7d.
    pub confirm_within: Span,
    /// Topics to tick on the form. Default: none.
    pub topics_offered: Vec<Topic>,
    /// How much mail strangers may cause.
    pub limits: Limits,
}

/// How many mails an hour strangers may cause by signing up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// By one network, an IPv4 /24 or an IPv6 /64. Default 30.
    pub per_network: u32,
    /// To one domain. Default 500.
    pub per_domain: u32,
    /// By everybody. Default 2000.
    pub in_all: u32,
}

impl Subscriptions {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let within = Span::from_secs(3_600)..=Span::from_days(30);
        let open = entries.get("open", read::truth);
        let confirm_within = entries.get("confirm_within", read::span(within));
        let topics_offered = entries.get("topics_offered", topics);
        let limits = entries.table(&LIMITS, Limits::read);
        Some(Self {
            open: open?,
            confirm_within: confirm_within?,
            topics_offered: topics_offered?,
            limits: limits?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        let topics: Vec<String> = self.topics_offered.iter().map(ToString::to_string).collect();
        vec![
            ("open", Some(self.open.into())),
            ("confirm_within", shown(self.confirm_within)),
            ("topics_offered", Some(topics.into())),
        ]
    }
}

/// Topics as readers write them.
fn topics(node: &Node) -> Reading<Vec<Topic>> {
    let Value::List(items) = node.value() else { return Err(Misread::default()) };
    let one = |item: &Node| {
        item.text().unwrap_or_default().parse().map_err(|fault: TopicFault| Misread {
            seen: Some(item.seen()),
            place: Some(item.place.clone()),
            ..Misread::hint(fault.to_string())
        })
    };
    items.iter().map(one).collect()
}

impl Limits {
    fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let per_network = entries.get("per_network", read::whole(1..=1_000_000));
        let per_domain = entries.get("per_domain", read::whole(1..=1_000_000));
        let in_all = entries.get("in_all", read::whole(1..=1_000_000));
        Some(Self { per_network: per_network?, per_domain: per_domain?, in_all: in_all? })
    }

    pub(super) fn shown(self) -> Shown {
        vec![
            ("per_network", Some(self.per_network.into())),
            ("per_domain", Some(self.per_domain.into())),
            ("in_all", Some(self.in_all.into())),
        ]
    }
}
