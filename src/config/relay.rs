//! `[[mail.relays]]`

use std::collections::HashSet;

use secrecy::SecretString;
use url::Host;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::secret;
use super::show::{REDACTED, Shown, shown};
use super::target::{RelayTarget, SmtpTls, bracketed, target};
use super::tree::{Node, Value, quoted};

pub(super) const SECTION: Section = Section {
    path: "mail.relays",
    repeated: true,
    doc: "The servers that mail is handed to, the preferred one first; a section for each.",
    keys: &[
        Key::required(
            "url",
            "\"smtp://host:25\", \"smtps://user@host\", \"sendmail:\" or \"folder:path\"",
            "smtp:// speaks STARTTLS or sends nothing, but for this machine, where it is plain \
             (?tls=opportunistic or ?tls=none must be said); smtps:// is TLS from the start; \
             sendmail: runs a program; folder: writes .eml files.",
        ),
        Key::unset(
            "password",
            "no login",
            "the password of the user in the url, as text",
            "The password of the user in the url. Better: password_file.",
        )
        .secret(),
        Key::unset(
            "password_file",
            "no login",
            "a file that holds the password and nothing else",
            "A file that holds the password; relative to this file's folder.",
        ),
        Key::is(
            "connections",
            "8",
            "a whole number from 1 to 1000",
            "How many connections at most.",
        ),
        Key::unset(
            "rate",
            "no bound",
            "mails a second, minute or hour: \"100/s\", \"600/m\" or \"5000/h\"",
            "How many mails at most.",
        ),
        Key::is(
            "domains",
            r#"["*"]"#,
            "a list of domains such as [\"example.org\"], or [\"*\"] for all",
            "The receiving domains that it serves.",
        ),
        Key::is(
            "weight",
            "1",
            "a whole number from 0 to 1000",
            "Its share of the mail among the relays that serve a domain; 0: only when no other \
             can.",
        ),
        Key::unset(
            "ramp_up",
            "no bound",
            "mails on the first day, such as \"500/d\"",
            "For a sender that nobody knows yet: so many mails on its first day, half as many \
             again each day, for 30 days.",
        ),
    ],
};

/// One relay.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Its address without any secret, for logs; unique.
    pub name: String,
    /// Where it is.
    pub target: RelayTarget,
    /// The password of the login name; there whenever that is.
    pub password: Option<SecretString>,
    /// How many connections at most. Default 8.
    pub connections: u32,
    /// How many mails a second at most (`"100/s"`, `"600/m"`, `"5000/h"`). Default: no bound.
    pub rate: Option<f64>,
    /// Its share of the mail among those that serve a domain; 0: where no other can. Default 1.
    pub weight: u32,
    /// Mails on its first day (`"500/d"`), half as many again each day for 30 days. Default: no
    /// bound.
    pub ramp_up: Option<u32>,
    /// The receiving domains that it serves, in lower case; `*` for all. Default `["*"]`.
    pub domains: Vec<String>,
}

/// All relays below `[mail]`: at least one, each once.
pub(super) fn read_all(mail: &mut Entries<'_>) -> Option<Vec<Relay>> {
    let mut names = HashSet::new();
    let relays = mail.tables(&SECTION, |entries| {
        let relay = Relay::read(entries)?;
        if !names.insert(relay.name.clone()) {
            let hint = Misread::hint("another relay has the same address");
            entries.fault("url", quoted(&relay.name), hint);
        }
        Some(relay)
    })?;
    if relays.is_empty() {
        // As any missing key is told: by reading a section that has none.
        return mail.blank(&SECTION, Relay::read).map(|relay| vec![relay]);
    }
    if !relays.iter().any(|relay| relay.domains.iter().any(|domain| domain == "*")) {
        mail.warn("relays", "no relay serves all domains; mail to the others waits for ever");
    }
    Some(relays)
}

impl Relay {
    /// Whether it serves the receiving domain `domain`, in lower case.
    pub fn serves(&self, domain: &str) -> bool {
        self.domains.iter().any(|pattern| match pattern.strip_prefix("*.") {
            _ if pattern == "*" => true,
            Some(parent) => domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
            None => pattern.eq_ignore_ascii_case(domain),
        })
    }

    fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let base = entries.resolve("");
        let target = entries.get("url", |node| target(node, &base));
        let password = secret::read(entries, "password", "password_file");
        let connections = entries.get("connections", read::whole(1..=1_000));
        let rate = entries.maybe("rate", rate);
        let weight = entries.get("weight", read::whole(0..=1_000));
        let ramp_up = entries.maybe("ramp_up", ramp_up);
        let domains = entries.get("domains", domains);
        let (target, password) = (target?, password?);

        let user = match &target {
            RelayTarget::Smtp { user, .. } => user.as_ref(),
            RelayTarget::Folder(_) | RelayTarget::Sendmail(_) => None,
        };
        match (user, &password) {
            (Some(_), None) => {
                let misread = Misread::wanted("the password of the user in the url");
                entries.fault("password_file", "nothing".to_owned(), misread);
            }
            (None, Some(_)) => {
                let misread = Misread::wanted("the user that the password belongs to")
                    .and_hint("write it before the host: smtps://user@host");
                entries.fault("url", quoted(&target.name()), misread);
            }
            _ => {}
        }
        if let (
            Some(_),
            RelayTarget::Smtp { tls: SmtpTls::Opportunistic | SmtpTls::None, host, .. },
        ) = (user, &target)
            && !Host::parse(&bracketed(host)).is_ok_and(|host| read::is_loopback(&host))
        {
            entries.warn("url", "the password may travel unencrypted");
        }
        Some(Self {
            name: target.name(),
            target,
            password,
            connections: connections?,
            rate: rate?,
            weight: weight?,
            ramp_up: ramp_up?,
            domains: domains?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![
            ("url", shown(self.target.url())),
            ("password", self.password.as_ref().and_then(|_| shown(REDACTED))),
            ("password_file", None),
            ("connections", Some(self.connections.into())),
            ("rate", self.rate.and_then(|rate| shown(rate_text(rate)))),
            ("weight", Some(self.weight.into())),
            ("ramp_up", self.ramp_up.and_then(|count| shown(format!("{count}/d")))),
            ("domains", Some(self.domains.clone().into())),
        ]
    }
}

/// `100/s`, `600/m`, `5000/h`, in mails a second.
fn rate(node: &Node) -> Reading<f64> {
    let text = read::text(node)?;
    let (count, unit) = text.trim().split_once('/').ok_or_else(Misread::default)?;
    let count: u32 = count.trim().parse().map_err(|_| Misread::default())?;
    let secs = match unit.trim() {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err(Misread::default()),
    };
    if count == 0 {
        return Err(Misread::hint("nothing would ever be sent"));
    }
    Ok(f64::from(count) / secs)
}

/// `500/d`.
fn ramp_up(node: &Node) -> Reading<u32> {
    let text = read::text(node)?;
    let (count, unit) = text.trim().split_once('/').ok_or_else(Misread::default)?;
    let count: u32 = count.trim().parse().map_err(|_| Misread::default())?;
    match (count, unit.trim()) {
        (0, _) => Err(Misread::hint("nothing would ever be sent")),
        (count, "d" | "day") => Ok(count),
        _ => Err(Misread::default()),
    }
}

/// The text that `rate` reads as the same number.
fn rate_text(rate: f64) -> String {
    let (unit, secs) = [("s", 1.0), ("m", 60.0)]
        .into_iter()
        .find(|(_, secs)| ((rate * secs).round() / secs - rate).abs() < 1e-9)
        .unwrap_or(("h", 3_600.0));
    format!("{}/{unit}", (rate * secs).round())
}

fn domains(node: &Node) -> Reading<Vec<String>> {
    let Value::List(items) = node.value() else { return Err(Misread::default()) };
    if items.is_empty() {
        return Err(Misread::hint("the relay would serve nobody"));
    }
    let one = |item: &Node| {
        let at = |hint| Misread {
            seen: Some(item.seen()),
            place: Some(item.place.clone()),
            hint,
            ..Misread::default()
        };
        let text = item.text().ok_or_else(|| at(None))?.trim();
        match Host::parse(text) {
            _ if text == "*" => Ok("*".to_owned()),
            Ok(Host::Domain(name)) if !name.is_empty() => Ok(name.to_lowercase()),
            _ if text.contains('@') => Err(at(Some("only what follows the @".to_owned()))),
            _ => Err(at(None)),
        }
    };
    items.iter().map(one).collect()
}
