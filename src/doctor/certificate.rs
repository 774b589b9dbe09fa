//! What a certificate says of itself: for whom it is, and until when. Whether it is to be trusted is
//! for whoever made the connection.

use jiff::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    /// The hosts that it is for.
    pub(super) hosts: Vec<String>,
    /// Until when.
    pub(super) until: Timestamp,
}

/// With fewer days left somebody should look: what renews by itself does so earlier.
pub(super) const SOON: i64 = 14;

impl Certificate {
    /// Reads DER; none where it is no certificate.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (_, found) = X509Certificate::from_der(der).ok()?;
        let until = Timestamp::from_second(found.validity().not_after.timestamp()).ok()?;
        let names = found.subject_alternative_name().ok().flatten();
        let hosts = names.into_iter().flat_map(|names| &names.value.general_names);
        let host = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        };
        Some(Self { hosts: hosts.filter_map(host).collect(), until })
    }

    /// Whole days from `now` on; negative when it is over.
    pub(super) fn days(&self, now: Timestamp) -> i64 {
        self.until.duration_since(now).as_hours().div_euclid(24)
    }

    /// In words: for whom, and until when.
    pub(super) fn words(&self, now: Timestamp) -> String {
        let hosts = match self.hosts.as_slice() {
            [] => "no host".to_owned(),
            hosts => hosts.join(", "),
        };
        let day = self.until.strftime("%Y-%m-%d");
        match self.days(now) {
            ..=-1 => format!("it is for {hosts}, and ended on {day}"),
            1 => format!("it is for {hosts}, until {day}, one day from now"),
            days => format!("it is for {hosts}, until {day}, {days} days from now"),
        }
    }
}
