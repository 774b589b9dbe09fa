//! What a mail says of its sender, beside the signature: kept with each digest and notice, so that every
//! try is the same mail, whatever the configuration says by then. Never holds a secret.

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::links::Links;
use crate::model::EmailAddress;
use crate::token::Key;

/// The sender's side of a mail, as the configuration had it when the mail was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letterhead {
    /// `site.title`
    pub title: String,
    /// `site.url`, without a trailing slash.
    pub site: String,
    /// The display name of the sender.
    pub from_name: String,
    /// `mail.from`
    pub from: EmailAddress,
    /// `mail.reply_to`
    pub reply_to: Option<EmailAddress>,
    /// `mail.list_id`
    pub list_id: String,
    /// `inbound.address`
    pub inbound: Option<EmailAddress>,
    /// The mailbox whose `+addresses` are the envelope senders.
    pub bounces: Option<EmailAddress>,
}

impl Letterhead {
    /// As the configuration has it.
    pub fn of(config: &Config) -> Self {
        let Config { site, mail, inbound, .. } = config;
        Self {
            title: site.title.clone(),
            site: site.address().to_owned(),
            from_name: mail.from_name.clone(),
            from: mail.from.clone(),
            reply_to: mail.reply_to.clone(),
            list_id: mail.list_id.clone(),
            inbound: inbound.address.clone(),
            bounces: mail.bounce_address.clone().or_else(|| inbound.address.clone()),
        }
    }

    /// As text, to be kept with a digest.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Self::to_text`] wrote.
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The address of a person who helps.
    pub fn contact(&self) -> &EmailAddress {
        self.reply_to.as_ref().unwrap_or(&self.from)
    }

    /// Signed links of this site.
    pub fn links(&self, key: Key) -> Links {
        Links::new(key, &self.site, self.inbound.clone(), self.contact().clone())
            .with_bounces(self.bounces.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_as_the_same() {
        let text = "[site]\nurl = \"https://papers.example.org/x/\"\ntitle = \"Zwölf\"\n[mail]\n\
                    from = \"\\\"A, B\\\" <papers@example.org>\"\nbounce_address = \"b@example.org\"\n\
                    [[mail.relays]]\nurl = \"folder:outbox\"\n";
        let path = std::path::Path::new("c.toml");
        let config = Config::parse(text, path, std::iter::empty()).unwrap().config;
        let head = Letterhead::of(&config);
        assert_eq!(Letterhead::from_text(&head.to_text()), Some(head.clone()));
        assert_eq!(
            (head.site.as_str(), head.from_name.as_str()),
            ("https://papers.example.org/x", "A, B")
        );
        assert_eq!(Letterhead::from_text(""), None);
    }
}
