//! Who sends mail for many, by the name of their relay, and what SPF must name for their servers
//! to send in our name. From their own setup pages. Plain data.

/// Somebody who sends for many.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) name: &'static str,
    /// What its relays' names end with.
    ends: &'static str,
    /// What they begin with.
    begins: &'static str,
    /// What our record must hold.
    pub(super) term: &'static str,
    /// Whether it puts a domain of its own into the envelope unless told otherwise: SPF then judges
    /// that one, and ours need not name it.
    pub(super) own_envelope: bool,
}

const fn at(
    name: &'static str,
    begins: &'static str,
    ends: &'static str,
    term: &'static str,
    own_envelope: bool,
) -> Provider {
    Provider { name, ends, begins, term, own_envelope }
}

const PROVIDERS: [Provider; 19] = [
    at("Google", "smtp", ".gmail.com", "include:_spf.google.com", false),
    at("Google", "smtp-relay", ".google.com", "include:_spf.google.com", false),
    at("Microsoft 365", "", ".office365.com", "include:spf.protection.outlook.com", false),
    at(
        "Microsoft 365",
        "",
        ".mail.protection.outlook.com",
        "include:spf.protection.outlook.com",
        false,
    ),
    at("Amazon SES", "email-smtp.", ".amazonaws.com", "include:amazonses.com", true),
    at("SendGrid", "", ".sendgrid.net", "include:sendgrid.net", true),
    at("Mailgun", "", ".mailgun.org", "include:mailgun.org", false),
    at("Postmark", "", ".postmarkapp.com", "include:spf.mtasv.net", true),
    at("Brevo", "", ".brevo.com", "include:spf.brevo.com", true),
    at("Mailjet", "", ".mailjet.com", "include:spf.mailjet.com", true),
    at("SparkPost", "", ".sparkpostmail.com", "include:_spf.sparkpostmail.com", true),
    at("Mandrill", "", ".mandrillapp.com", "include:spf.mandrillapp.com", true),
    at("SMTP2GO", "", ".smtp2go.com", "include:spf.smtp2go.com", true),
    at("Resend", "", ".resend.com", "include:amazonses.com", true),
    at("Fastmail", "", ".fastmail.com", "include:spf.messagingengine.com", false),
    at("Migadu", "", ".migadu.com", "include:spf.migadu.com", false),
    at("Proton", "", ".protonmail.ch", "include:_spf.protonmail.ch", false),
    at("Zoho", "", ".zoho.com", "include:zoho.com", false),
    at("Infomaniak", "", ".infomaniak.com", "include:spf.infomaniak.ch", false),
];

/// Whose relay `host` is.
pub(super) fn provider(host: &str) -> Option<&'static Provider> {
    let host = host.to_lowercase();
    PROVIDERS.iter().find(|one| host.ends_with(one.ends) && host.starts_with(one.begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_are_known_by_their_names() {
        let term = |host| provider(host).map(|one| one.term);
        assert_eq!(term("smtp.gmail.com"), Some("include:_spf.google.com"));
        assert_eq!(term("email-smtp.eu-west-1.amazonaws.com"), Some("include:amazonses.com"));
        assert_eq!(term("ec2-1-2-3-4.amazonaws.com"), None);
        assert_eq!(term("smtp.eu.mailgun.org"), Some("include:mailgun.org"));
        assert_eq!(term("mailgun.org.evil.example"), None);
        assert_eq!(term("mx.example.org"), None);
    }
}
