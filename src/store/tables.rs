//! What there is to be copied: every table with its columns. Knows no database.

/// A table's columns by kind, the key's first.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// How many of the columns are its key.
    pub(super) key: usize,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// Rows read and written at a time.
    pub(super) batch: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Whole,
    Text,
    Truth,
}

use Kind::{Text, Truth, Whole};

/// Every table but those of processes (nodes, steps), each after those that it refers to.
pub(super) const TABLES: [Table; 15] = [
    Table {
        name: "papers",
        key: 1,
        columns: &[
            ("id", Whole),
            ("paper_key", Text),
            ("title", Text),
            ("data", Text),
            ("source", Text),
            ("first_listed_at", Whole),
            ("last_listed_at", Whole),
        ],
        batch: 500,
    },
    Table {
        name: "paper_counts",
        key: 2,
        columns: &[("paper", Whole), ("at", Whole), ("votes", Whole), ("stars", Whole)],
        batch: 2_000,
    },
    Table {
        name: "listings",
        key: 3,
        columns: &[
            ("source", Text),
            ("period", Text),
            ("paper", Whole),
            ("position", Whole),
            ("first_at", Whole),
            ("last_at", Whole),
        ],
        batch: 2_000,
    },
    Table {
        name: "fetches",
        key: 1,
        columns: &[
            ("id", Whole),
            ("source", Text),
            ("url", Text),
            ("at", Whole),
            ("outcome", Text),
            ("reason", Text),
            ("reachable", Truth),
            ("period", Text),
            ("listed", Whole),
            ("added", Whole),
            ("changed", Whole),
            ("rejected", Whole),
            ("etag", Text),
            ("last_modified", Text),
            ("body_hash", Text),
            ("kept", Text),
            ("not_before", Whole),
        ],
        batch: 1_000,
    },
    Table {
        name: "profiles",
        key: 1,
        columns: &[("id", Whole), ("preferences", Text)],
        batch: 1_000,
    },
    Table {
        name: "histories",
        key: 1,
        columns: &[("id", Whole), ("hash", Text), ("papers", Text)],
        batch: 1_000,
    },
    Table {
        name: "subscribers",
        key: 1,
        columns: &[
            ("id", Whole),
            ("email", Text),
            ("email_key", Text),
            ("state", Text),
            ("profile", Whole),
            ("history", Whole),
            ("next_due_at", Whole),
            ("last_digest_day", Text),
            ("epoch", Whole),
            ("created_at", Whole),
            ("confirmed_at", Whole),
            ("state_at", Whole),
            ("paused_until", Whole),
            ("moving_to", Text),
        ],
        batch: 2_000,
    },
    Table {
        name: "consents",
        key: 1,
        columns: &[
            ("id", Whole),
            ("subscriber", Whole),
            ("at", Whole),
            ("what", Text),
            ("how", Text),
            ("wording", Text),
            ("source", Text),
        ],
        batch: 2_000,
    },
    Table {
        name: "asked_mails",
        key: 1,
        columns: &[
            ("id", Whole),
            ("at", Whole),
            ("kind", Text),
            ("address", Text),
            ("network", Text),
            ("domain", Text),
            ("quick", Truth),
        ],
        batch: 2_000,
    },
    Table {
        name: "suppressions",
        key: 1,
        columns: &[
            ("address", Text),
            ("email", Text),
            ("at", Whole),
            ("reason", Text),
            ("detail", Text),
        ],
        batch: 2_000,
    },
    Table {
        name: "subscriber_events",
        key: 1,
        columns: &[
            ("id", Whole),
            ("subscriber", Whole),
            ("at", Whole),
            ("what", Text),
            ("detail", Text),
        ],
        batch: 2_000,
    },
    Table {
        name: "plans",
        key: 1,
        columns: &[
            ("id", Whole),
            ("profile", Whole),
            ("history_before", Whole),
            ("history_after", Whole),
            ("due_at", Whole),
            ("planned_at", Whole),
            ("day", Text),
            ("readers", Whole),
            ("candidates", Whole),
            ("digest", Whole),
            ("reason", Text),
        ],
        batch: 1_000,
    },
    Table {
        name: "digests",
        key: 1,
        columns: &[
            ("id", Whole),
            ("profile", Whole),
            ("day", Text),
            ("created_at", Whole),
            ("papers", Text),
            ("marker", Text),
            ("subject", Text),
            ("html", Text),
            ("body_text", Text),
            ("kind", Text),
            ("hash", Text),
        ],
        batch: 20,
    },
    Table {
        name: "deliveries",
        key: 1,
        columns: &[
            ("id", Whole),
            ("kind", Text),
            ("digest", Whole),
            ("subscriber", Whole),
            ("day", Text),
            ("state", Text),
            ("attempts", Whole),
            ("created_at", Whole),
            ("next_attempt_at", Whole),
            ("expires_at", Whole),
            ("finished_at", Whole),
            ("node", Text),
            ("doubtful", Truth),
            ("relay", Text),
            ("reason", Text),
            ("priority", Whole),
            ("begun", Truth),
            ("recipient", Text),
        ],
        batch: 2_000,
    },
    Table {
        name: "attempts",
        key: 1,
        columns: &[
            ("id", Whole),
            ("delivery", Whole),
            ("at", Whole),
            ("relay", Text),
            ("outcome", Text),
            ("reply", Text),
        ],
        batch: 2_000,
    },
];

/// Settings come last: a target that has some is no fresh one.
pub(super) const SETTINGS: Table =
    Table { name: "settings", key: 1, columns: &[("name", Text), ("value", Text)], batch: 1_000 };
