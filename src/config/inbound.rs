//! `[inbound]`: mail to us.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::mail;
use super::mailbox::{Mailbox, mailbox};
use super::read::{self, Misread};
use super::secret;
use super::server;
use super::show::{REDACTED, Shown, shown};
use super::webhooks::{self, Webhooks};
use crate::model::EmailAddress;

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
        Key::is(
            "lmtp",
            r#""127.0.0.1:8024""#,
            "an IP address and a port from 0 to 65535, such as \"127.0.0.1:8024\"",
            "Where mail servers hand over what is for `address`: by LMTP or by SMTP, as they \
             greet. Listened to where `address` is given. Port 0: any free one.",
        )
        .restart(),
        Key::unset(
            "tls_certificate",
            "no STARTTLS",
            "a file with a certificate and its chain in PEM",
            "With it and `tls_key`, mail servers may encrypt (STARTTLS).",
        ),
        Key::unset(
            "tls_key",
            "no STARTTLS",
            "a file with the certificate's private key in PEM",
            "The certificate's key.",
        ),
        Key::unset(
            "imap",
            "no mailbox is read",
            "a mailbox such as \"imaps://user@host\" or \"imaps://user@host/Folder\"",
            "A mailbox whose mail is for `address`, where no mail server hands it over. Plain imap:// \
             is for this machine alone.",
        ),
        Key::unset(
            "password",
            "no login",
            "the password of the user in `imap`, as text",
            "The password of the user in `imap`. Better: password_file.",
        )
        .secret(),
        Key::unset(
            "password_file",
            "no login",
            "a file that holds the password and nothing else",
            "A file that holds the password; relative to this file's folder.",
        ),
        Key::is(
            "imap_done",
            r#""""#,
            "the name of a folder, or \"\" to leave mail where it is, marked as read",
            "Where mail of that mailbox goes once it is dealt with.",
        ),
        Key::is(
            "verify_senders",
            "false",
            "true or false",
            "Whether a sender that passes DMARC (by DNS) may change their own subscription \
             without being asked back. Only where mail comes from the Internet to `lmtp` unchanged.",
        ),
        Key::unset(
            "resolver",
            "those of this machine",
            "an IP address and a port such as \"127.0.0.1:53\"",
            "The DNS server that is asked about senders, and by `doctor`.",
        ),
    ],
};

/// Mail that readers send.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// The mailbox that the program reads, `+addresses` too. Default: none.
    pub address: Option<EmailAddress>,
    /// Where it is handed over, by LMTP or SMTP. Default 127.0.0.1:8024.
    pub lmtp: SocketAddr,
    /// The certificate with its chain and its key, both PEM files. Default: no STARTTLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The mailbox to read, with its password. Default: none.
    pub imap: Option<(Mailbox, SecretString)>,
    /// The folder for mail that is dealt with; empty: it stays, marked as read. Default empty.
    pub imap_done: String,
    /// Whether senders are verified by DMARC. Default false.
    pub verify_senders: bool,
    /// The DNS server that is asked. Default: those of this machine.
    pub resolver: Option<SocketAddr>,
    /// Providers that report over HTTP.
    pub webhooks: Webhooks,
}

impl Inbound {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        if !entries.has("address") {
            for name in ["lmtp", "imap", "tls_certificate"] {
                if entries.has(name) {
                    entries.warn(name, "it has no effect without `address`");
                }
            }
        }
        let webhooks = entries.table(&webhooks::SECTION, Webhooks::read);
        let address = entries.maybe("address", mail::tagged);
        let lmtp = entries.get("lmtp", server::listen);
        let certificate = entries.file("tls_certificate", secret::place);
        let key = entries.file("tls_key", secret::place);
        let imap = entries.maybe("imap", mailbox);
        let password = secret::read(entries, "password", "password_file");
        let imap_done = entries.get("imap_done", |node| {
            let text = read::text(node)?;
            let bad = text.chars().any(char::is_control);
            if bad {
                Err(Misread::hint("it holds a control character"))
            } else {
                Ok(text.to_owned())
            }
        });
        let verify_senders = entries.get("verify_senders", read::truth);
        let resolver = entries.maybe("resolver", server::listen);
        let (imap, password) = (imap?, password?);
        let tls = match (certificate?, key?) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ if entries.looks() => None,
            (certificate, _) => {
                let (given, missing) = match certificate {
                    Some(_) => ("tls_certificate", "tls_key"),
                    None => ("tls_key", "tls_certificate"),
                };
                let misread = Misread::wanted(format!("{missing} beside {given}"));
                entries.fault(given, "only one of the two".to_owned(), misread);
                None
            }
        };
        let imap = match (imap, password) {
            (Some(mailbox), Some(password)) => Some((mailbox, password)),
            (None, None) => None,
            (Some(_), None) => {
                let misread = Misread::wanted("the password of the user in `imap`");
                entries.fault("password_file", "nothing".to_owned(), misread);
                None
            }
            (None, Some(_)) => {
                let misread = Misread::wanted("the mailbox that the password belongs to");
                entries.fault("imap", "nothing".to_owned(), misread);
                None
            }
        };
        Some(Self {
            address: address?,
            lmtp: lmtp?,
            tls,
            imap,
            imap_done: imap_done?,
            verify_senders: verify_senders?,
            resolver: resolver?,
            webhooks: webhooks?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        let (certificate, key) = self.tls.as_ref().map_or((None, None), |(certificate, key)| {
            (shown(certificate.display()), shown(key.display()))
        });
        vec![
            ("address", self.address.as_ref().and_then(shown)),
            ("lmtp", shown(self.lmtp)),
            ("tls_certificate", certificate),
            ("tls_key", key),
            ("imap", self.imap.as_ref().and_then(|(mailbox, _)| shown(mailbox.url()))),
            ("password", self.imap.as_ref().and_then(|_| shown(REDACTED))),
            ("password_file", None),
            ("imap_done", shown(&self.imap_done)),
            ("verify_senders", Some(self.verify_senders.into())),
            ("resolver", self.resolver.and_then(shown)),
        ]
    }
}
