//! Senders that their domain vouches for: signed mail, keys and policies asked of a DNS server on
//! this machine. Who signs for another domain, or forges, or kept an old mail, proves nothing.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::HashMap;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::DkimSigner;
use paperround::inbound::{Accept as _, Accepted, Arrival};
use support::site::Site;
use tokio::net::UdpSocket;

/// Answers questions for TXT records (RFC 1035 4) from `records`, and says of all else that
/// there is none.
async fn dns(records: HashMap<String, String>) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0_u8; 1_500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let asked = &buffer[..length];
            let (mut name, mut at) = (Vec::new(), 12);
            while asked[at] != 0 {
                let end = at + 1 + usize::from(asked[at]);
                name.push(String::from_utf8_lossy(&asked[at + 1..end]).to_lowercase());
                at = end;
            }
            let question = &asked[12..at + 5];
            let is_txt = asked[at + 1..at + 3] == [0, 16];
            let found = records.get(&name.join(".")).filter(|_| is_txt);
            let code = if records.contains_key(&name.join(".")) { 0 } else { 3 };
            let mut answer = asked[..2].to_vec();
            answer.extend([0x84, 0x80 | code, 0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0]);
            answer.extend(question);
            if let Some(text) = found {
                // The name again by a pointer, TXT, IN, a minute, one string.
                answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
                answer.extend((text.len() as u16 + 1).to_be_bytes());
                answer.push(text.len() as u8);
                answer.extend(text.bytes());
            }
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    addr
}

struct Domain {
    name: &'static str,
    key: Vec<u8>,
}

impl Domain {
    fn new(name: &'static str) -> Self {
        Self { name, key: Ed25519Key::generate_pkcs8().unwrap() }
    }

    fn records(&self, policy: &str) -> [(String, String); 2] {
        let key = Ed25519Key::from_pkcs8_der(&self.key).unwrap();
        let public = STANDARD.encode(key.public_key());
        [
            (format!("s._domainkey.{}", self.name), format!("v=DKIM1; k=ed25519; p={public}")),
            (format!("_dmarc.{}", self.name), policy.to_owned()),
        ]
    }

    /// A mail that this domain signs, whoever its `From` names.
    fn signs(&self, from: &str, date: &str, subject: &str) -> String {
        let mail = format!(
            "From: <{from}>\r\nTo: <papers@digest.example>\r\nSubject: {subject}\r\n\
             Date: {date}\r\nMessage-ID: <{subject}.{date}@mua.example>\r\n\r\n\r\n"
        )
        .replace("ID: <set time", "ID: <set-time");
        let signature = DkimSigner::from_key(Ed25519Key::from_pkcs8_der(&self.key).unwrap())
            .domain(self.name)
            .selector("s")
            .headers(["From", "To", "Subject", "Date"])
            .sign(mail.as_bytes())
            .unwrap();
        format!("{}{mail}", signature.to_header())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_vouched_for_need_not_be_asked() {
    let (own, other) = (Domain::new("example.org"), Domain::new("evil.example"));
    let records = own
        .records("v=DMARC1; p=reject")
        .into_iter()
        .chain(other.records("v=DMARC1; p=none"))
        .collect();
    let resolver = dns(records).await;
    let site = Site::start_with(&format!(
        "[inbound]\naddress = \"papers@digest.example\"\nverify_senders = true\n\
         resolver = \"{resolver}\"\n"
    ))
    .await;
    site.fill().await;
    site.welcome("ada@example.org").await;
    let postbox = site.app.postbox().unwrap();
    let hand = async |bytes: String| {
        let to = ["papers@digest.example".to_owned()];
        let from = Some("ada@example.org");
        let arrival = Arrival { from, to: &to, bytes: bytes.as_bytes() };
        assert_eq!(postbox.accept_once(arrival).await.unwrap(), Accepted::Done);
        let ada = site.subscriber("ada@example.org").await.unwrap();
        ada.preferences.hour.map(|hour| hour.to_string())
    };
    const NOW: &str = "Mon, 23 Nov 2026 08:59:00 +0000";
    let hour = |hour: u8| format!("set time 0{hour}:00");

    // Unsigned; signed by another domain; altered; kept for a month.
    let signed = own.signs("ada@example.org", NOW, &hour(1));
    let unsigned = signed[signed.find("From:").unwrap()..].to_owned();
    assert_eq!(hand(unsigned).await, None);
    assert_eq!(hand(other.signs("ada@example.org", NOW, &hour(2))).await, None);
    assert_eq!(hand(signed.replace("01:00", "03:00")).await, None);
    let old = "Fri, 23 Oct 2026 08:59:00 +0000";
    assert_eq!(hand(own.signs("ada@example.org", old, &hour(4))).await, None);

    let true_one = own.signs("ada@example.org", NOW, &hour(5));
    assert_eq!(hand(true_one).await.as_deref(), Some("05:00"));
}
