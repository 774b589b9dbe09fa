//! `[inbound]` and `[admin]`: mail to us, and mail to whoever runs the site.

use super::entries::Entries;
use super::keys::{Key, Section};
use super::mail;
use super::read::Misread;
use super::show::{Shown, shown};
use super::tree::quoted;
use crate::model::EmailAddress;

/// Room for `+unsubscribe-` and a token within the 64 octets of a local part.
const LONGEST_LOCAL: usize = 16;

pub(super) const SECTION: Section = Section {
    path: "inbound",
    repeated: false,
    doc: "Mail that readers send.",
    keys: &[
        Key::unset(
            "address",
            "readers' mail goes to mail.reply_to, where a person reads it",
            "an address such as \"papers@example.org\"",
            "The mailbox that the program reads. Its +addresses must arrive there too: mails hold \
             ones by which their reader confirms or leaves.",
        ),
        Key::later("lmtp"),
        Key::later("imap"),
        Key::later("password"),
        Key::later("password_file"),
    ],
};

pub(super) const ADMIN: Section = Section {
    path: "admin",
    repeated: false,
    doc: "Whoever runs the site.",
    keys: &[Key::unset(
        "alarms_to",
        "alarms stand in the log only",
        "an address such as \"admin@example.org\"",
        "Who is told when something needs a person.",
    )],
};

/// Mail that readers send.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// The mailbox that the program reads, `+addresses` too. Default: none.
    pub address: Option<EmailAddress>,
}

/// Whoever runs the site.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Who is told when something needs a person. Default: nobody but the log.
    pub alarms_to: Option<EmailAddress>,
}

impl Inbound {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let address = entries.maybe("address", mail::address)?;
        if let Some(found) = &address {
            let local = found.local();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            if local.len() > LONGEST_LOCAL || !local.bytes().all(plain) {
                let hint = format!(
                    "before the @ at most {LONGEST_LOCAL} letters, digits, - . or _: a + and a \
                     token follow it"
                );
                entries.fault("address", quoted(found.as_str()), Misread::hint(hint));
            }
        }
        Some(Self { address })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![("address", self.address.as_ref().and_then(shown))]
    }
}

impl Admin {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        Some(Self { alarms_to: entries.maybe("alarms_to", mail::address)? })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![("alarms_to", self.alarms_to.as_ref().and_then(shown))]
    }
}
