//! What our mail looks like: a digest of sample papers, made as every digest is, read as a receiver
//! reads it; and the addresses in it. Nothing is sent.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::Instant;

use mail_auth::common::cache::NoCache;
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::{
    AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt,
};
use mail_parser::MessageParser;

use super::patient::{Patient, ascii};
use super::{Finding, Group, Scope};
use crate::app;
use crate::delivery::{Addressee, Composer, Parts};
use crate::links::Person;
use crate::model::MailKind;
use crate::render::{DigestContext, SAMPLE_MARKER, Sample as _, Templates};
use crate::token::Key;

/// Gmail shows no more of a mail than this much HTML.
const CLIPPED: usize = 102_000;

/// Domains of mailboxes that anybody may have: they let nobody else send in their name.
const FREE: [&str; 18] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "ymail.com",
    "aol.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "proton.me",
    "protonmail.com",
    "mail.ru",
    "qq.com",
];

/// Renders every template with every sample.
pub(super) async fn templates(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let config = patient.config.clone();
    let tried = tokio::task::spawn_blocking(move || app::templates(&config).map(|_| ())).await;
    let name = "templates";
    vec![match tried {
        Ok(Ok(())) => {
            let locale = &patient.config.site.locale;
            Finding::good(Group::Mail, name, format!("every template renders ({locale})"))
        }
        Ok(Err(fault)) => Finding::bad(Group::Mail, name, fault.to_string()).mend(
            "paperround template check   # shows the line; take the file away to have ours back",
        ),
        Err(fault) => {
            Finding::bad(Group::Mail, name, fault.to_string()).mend("paperround template check")
        }
    }]
}

/// Makes a digest and reads it.
pub(super) async fn sample(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let bytes = match digest(patient) {
        Ok(bytes) => bytes,
        Err(why) => {
            let says = format!("a digest of sample papers cannot be made: {why}");
            return vec![
                Finding::bad(Group::Mail, "headers", says).mend("paperround template check"),
            ];
        }
    };
    let mut findings = read(patient, &bytes);
    findings.extend(signed(patient, &bytes).await);
    findings
}

fn digest(patient: &Patient) -> Result<String, String> {
    let (config, digest) = (&patient.config, &patient.config.digest);
    let templates = Templates::in_look(digest.look, digest.templates.as_deref())
        .map_err(|fault| fault.to_string())?;
    let mut samples = DigestContext::samples(&templates, &config.site.locale);
    let (_, context) = samples.drain(..).next().ok_or("there is no sample")?;
    let rendered = templates.digest(&context).map_err(|fault| fault.to_string())?;
    // Nobody gets it: any key will do where there is none yet.
    let key = patient.key.clone().unwrap_or_else(|_| Key::new([0; 32]));
    let composer = Composer::new(config, key);
    let parts = Parts {
        kind: MailKind::Digest,
        marker: SAMPLE_MARKER,
        subject: &rendered.subject,
        html: &rendered.html,
        text: &rendered.text,
        day: Some(patient.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date()),
        letterhead: "",
    };
    let to = "reader@example.org".parse().map_err(|_| "no reader")?;
    let person = Person { id: 1, epoch: 1 };
    let of = Addressee { id: "doctor", to: &to, person, date: patient.clock.now(), answers: None };
    composer.mail(&parts, &of).map(|mail| mail.message).map_err(|error| error.to_string())
}

fn read(patient: &Patient, bytes: &str) -> Vec<Finding> {
    let Some(mail) = MessageParser::default().parse(bytes.as_bytes()) else {
        let says = "a digest of sample papers cannot be read back";
        return vec![Finding::bad(Group::Mail, "headers", says).mend("paperround template check")];
    };
    let header =
        |name: &str| mail.header_raw(name.to_owned()).unwrap_or_default().trim().to_owned();
    let leave = header("List-Unsubscribe");
    let one_click = header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click";
    let headers = match one_click && leave.contains("<https://") {
        true => {
            let says =
                "List-Unsubscribe with one click, List-Id, Message-ID and Date are in a digest";
            Finding::good(Group::Mail, "headers", says)
        }
        false => {
            let says = "digests offer no one-click unsubscription, as site.url is not https";
            Finding::bad(Group::Mail, "headers", says)
                .mend(format!("[site]\nurl = \"{}\"", patient.by_https()))
        }
    };
    let (html, text) =
        (mail.body_html(0).unwrap_or_default(), mail.body_text(0).unwrap_or_default());
    let shown = html.contains("/unsubscribe/") && text.contains("/unsubscribe/");
    let most = usize::try_from(patient.config.digest.max_html.bytes()).unwrap_or(usize::MAX);
    let body = match shown {
        false => {
            let says = "a digest shows no link to unsubscribe; laws and providers want one";
            Finding::bad(Group::Mail, "body", says).mend(
                "write {{ unsubscribe_url }} into mail/digest.html and mail/digest.txt in the folder of digest.templates, \
                 then: paperround template check",
            )
        }
        true if most > CLIPPED => {
            let says = format!("digests may have {most} bytes of HTML, and Gmail shows {CLIPPED}");
            Finding::warn(Group::Mail, "body", says).mend("[digest]\nmax_html = \"90 kB\"")
        }
        true => {
            let says = "a digest has a text part, and shows how to unsubscribe";
            Finding::good(Group::Mail, "body", says)
        }
    };
    vec![headers, body]
}

/// Our own keys, in the place of the DNS.
struct Own(HashMap<Box<str>, Txt>);

impl ResolverCache<Box<str>, Txt> for Own {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.get(name).cloned()
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Verifies the signatures with our own keys: what is published is `dkim`'s to compare.
async fn signed(patient: &Patient, bytes: &str) -> Option<Finding> {
    const NAME: &str = "signature";
    let keys = &patient.config.mail.dkim;
    if keys.is_empty() {
        return None;
    }
    let mut own = Own(HashMap::new());
    for one in keys {
        let record = one.key.record().ok()?;
        let key = DomainKey::parse(record.as_bytes()).ok()?;
        let name = format!("{}._domainkey.{}.", one.selector, one.domain);
        own.0.insert(name.into_boxed_str(), Txt::DomainKey(key.into()));
    }
    let bad = |says: String| {
        Finding::bad(Group::Mail, NAME, says)
            .mend("paperround key dkim   # makes new keys; add what it prints")
    };
    // Asked for nothing, as every key is at hand.
    let here = NameServerConfig::udp(std::net::Ipv4Addr::LOCALHOST.into());
    let nobody = ResolverConfig::from_parts(None, Vec::new(), vec![here]);
    let verifier = MessageAuthenticator::new(nobody, ResolverOpts::default());
    let (Ok(verifier), Some(message)) = (verifier, AuthenticatedMessage::parse(bytes.as_bytes()))
    else {
        return Some(bad("a signed digest cannot be read back".to_owned()));
    };
    let asked = Parameters {
        params: &message,
        cache_txt: Some(&own),
        cache_mx: None::<&NoCache<_, _>>,
        cache_ptr: None::<&NoCache<_, _>>,
        cache_ipv4: None::<&NoCache<_, _>>,
        cache_ipv6: None::<&NoCache<_, _>>,
    };
    let results = verifier.verify_dkim(asked).await;
    let passed = results.iter().filter(|one| *one.result() == DkimResult::Pass).count();
    Some(match passed == keys.len() && results.len() == keys.len() {
        true => {
            let says = format!("{passed} of {passed} signatures of a digest hold, by our own keys");
            Finding::good(Group::Mail, NAME, says)
        }
        false => bad(format!("{passed} of {} signatures of a digest hold", keys.len())),
    })
}

/// Looks at who is named in our mail, and who hears of trouble.
pub(super) async fn addresses(patient: &Patient, _: &Scope) -> Vec<Finding> {
    vec![sender(patient), alarms(patient), postal(patient)]
}

fn sender(patient: &Patient) -> Finding {
    let from = &patient.config.mail.from;
    let domain = ascii(from.domain()).to_lowercase();
    if FREE.contains(&domain.as_str()) {
        let says = format!("mail.from is at {domain}, which lets nobody else send in its name");
        return Finding::bad(Group::Mail, "sender", says)
            .mend("[mail]\nfrom = \"papers@YOUR-OWN-DOMAIN\"");
    }
    Finding::good(Group::Mail, "sender", format!("mail is from {from}"))
}

fn alarms(patient: &Patient) -> Finding {
    const NAME: &str = "alarms";
    let config = &patient.config;
    let line = "[admin]\nalarms_to = \"YOU@example.org\"";
    let Some(to) = &config.admin.alarms_to else {
        let says = "nobody is told when something goes wrong: alarms stand in the log alone";
        return Finding::warn(Group::Mail, NAME, says).mend(line);
    };
    let own = [config.inbound.address.as_ref(), config.mail.bounce_address.as_ref()];
    if own.into_iter().flatten().any(|own| own.key() == to.key()) {
        let says = format!("alarms go to {to}, which the program reads, and nobody else");
        return Finding::bad(Group::Mail, NAME, says).mend(line);
    }
    let served = config.mail.relays.iter().any(|relay| relay.serves(&ascii(to.domain())));
    if !served {
        let says = format!("alarms go to {to}, and no relay serves {}", to.domain());
        return Finding::bad(Group::Mail, NAME, says)
            .mend(format!("[[mail.relays]]\ndomains = [\"{}\"]   # or [\"*\"]", to.domain()));
    }
    Finding::good(Group::Mail, NAME, format!("alarms go to {to}"))
}

fn postal(patient: &Patient) -> Finding {
    match &patient.config.mail.postal_address {
        Some(_) => {
            Finding::good(Group::Mail, "postal address", "it stands at the foot of each mail")
        }
        None => {
            let says = "no postal address stands in our mail; where mail is commercial, the law wants \
                        one (such as 15 USC 7704 in the United States)";
            Finding::warn(Group::Mail, "postal address", says)
                .mend("[mail]\npostal_address = \"\"\"\nNAME\nSTREET\nTOWN\n\"\"\"")
        }
    }
}
