//! Sections that a later version reads: known, so that one file serves both, without effect.

use super::keys::{Key, Section};

const fn section(path: &'static str, keys: &'static [Key]) -> Section {
    Section { path, repeated: false, doc: "", keys }
}

pub(super) const SUBSCRIPTIONS: Section = section(
    "subscriptions",
    &[
        Key::later("open"),
        Key::later("confirm_within"),
        Key::later("topics_offered"),
        Key::later("limits"),
    ],
);

pub(super) const INBOUND: Section = section(
    "inbound",
    &[
        Key::later("address"),
        Key::later("lmtp"),
        Key::later("imap"),
        Key::later("password"),
        Key::later("password_file"),
    ],
);

pub(super) const ADMIN: Section = section("admin", &[Key::later("alarms_to")]);
