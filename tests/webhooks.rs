//! Providers report over a real socket: what is proved counts once, and nothing else changes
//! anything. Amazon is a certificate authority of the test's own; no test leaves this machine.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKey, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use paperround::model::{Preferences, SubscriberState};
use paperround::web::Amazon;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, IsCa, Issuer,
    PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use sha2::Sha256;
use support::site::{Answer, FORM, Mail, NOW, Site};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";
const PEM: &str = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem";
const ISSUER: &str = "http://issuer.example/intermediate.cer";
const PASSWORD: &str = "correct horse";
const MAILGUN: &str = "key-1234";
const JSON: &str = "Content-Type: application/json\r\n";
/// SendGrid's own example of a signed request, from the tests of its libraries.
const SENDGRID_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
const SENDGRID_SIGNATURE: &str = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
const SENDGRID_BODY: &str = "[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n";
const SENDGRID_AT: &str = "1600112502";
/// A message that OpenSSL signed with SHA-1, and the public key (RFC 8017 A.1.1).
const OLD_KEY: &str = "MIIBCgKCAQEA0md2QgcZh3uHN9egHImC5amb5BQm72dE1NEEFeybBrcabW7II6xzARbeF1EhJm/A9na7Pigh8tWngHQD6e1ROGjFLV0R6XuYcbWEyn7YD4GtgDnFNeTcyAXeKEH18u1rWkCa2LEdPd/ETE0DTQ+J91sk2G4lmFpOcsB78s0+i12yX/013bpZ0fvGyZp0asEJZhKiHK0hcjbFL/puUn54qTFV2efysnaM4RQHZFv+hGIce8IZDODnvzYN1ycaDHz741GB4NJVYZV6qfIYlYGkGWfXPVC37e1f5idixHuI6YWQF3boqoZ4B1BWwM2dje++7JG1VM4gC4p4TokD8J746wIDAQAB";
const OLD_SIGNATURE: &str = "of9UW5j8n4W/6IsBjrMgoj/rU1AHNXht4saqrIHQvOiwlPDfEWNhI0PAVG0BH/Ulzr7VZHfFNaHZU+YavQkt1U2hfI0RI3+tj/6DoLl/fXIGs3qr9AZ3ARl+DftrmEvaBf0Zo88DiIWnk81u9QEfzHx8vYITpekixHCkYgBXKrF5xPjo+JVZAER3ulsR2djGwD2eUPYO94Ve+foQEbz9bxj4GptBBuZ0/CLVbN/yzU8ntbFIZ6inq6Z34V6T68AlasI/uzCGNo3GKCTbSrYK3ni1hJLnWfgZpLvISOFVn3ZuR3lV9T7shm+hoFIVfOxhQA/XLN+8SYEtzq+UnhcYQw==";

/// A public key, as a certificate holds it.
struct Public(Vec<u8>);

impl PublicKeyData for Public {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// Amazon: its authority, what lies at its addresses, and which of them were asked for.
#[derive(Clone)]
struct World {
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    root: CertificateDer<'static>,
    issuer: Arc<Issuer<'static, rcgen::KeyPair>>,
    key: Arc<RsaKey>,
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params
}

/// Names an issuer's address (RFC 5280 4.2.2.1).
fn issued_at(address: &str) -> CustomExtension {
    let short = |length: usize| u8::try_from(length).unwrap();
    let mut one = vec![0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
    one.extend([0x86, short(address.len())]);
    one.extend(address.as_bytes());
    let mut all = vec![0x30, short(one.len() + 2), 0x30, short(one.len())];
    all.extend(one);
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], all)
}

impl World {
    fn new() -> Self {
        let key = || rcgen::KeyPair::generate().unwrap();
        let (root_key, middle_key) = (key(), key());
        let root_params = authority("Test Root");
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let middle_params = authority("Test Intermediate");
        let middle = middle_params.signed_by(&middle_key, &root_issuer).unwrap();
        let world = Self {
            files: Arc::default(),
            asked: Arc::default(),
            root: root.der().clone(),
            issuer: Arc::new(Issuer::new(middle_params, middle_key)),
            key: Arc::new(RsaKey::generate(KeySize::Rsa2048).unwrap()),
        };
        world.put(ISSUER, middle.der().to_vec());
        world.certify(PEM, "sns.amazonaws.com", (2026, 2027));
        world
    }

    fn put(&self, address: &str, bytes: Vec<u8>) {
        self.files.lock().unwrap().insert(address.to_owned(), bytes);
    }

    /// Puts a certificate of our key there.
    fn certify(&self, address: &str, name: &str, years: (i32, i32)) {
        let public = Public(self.key.public_key().as_ref().to_vec());
        self.certify_key(address, name, years, &public);
    }

    fn certify_key(&self, address: &str, name: &str, years: (i32, i32), key: &Public) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.custom_extensions.push(issued_at(ISSUER));
        let certificate = params.signed_by(key, &self.issuer).unwrap();
        self.put(address, certificate.pem().into_bytes());
    }

    fn amazon(&self) -> Amazon {
        let (files, asked) = (Arc::clone(&self.files), Arc::clone(&self.asked));
        let fetch = move |url: url::Url| {
            asked.lock().unwrap().push(url.to_string());
            let found = files.lock().unwrap().get(url.as_str()).cloned();
            let found: futures_util::future::BoxFuture<'static, _> =
                Box::pin(std::future::ready(found));
            found
        };
        Amazon::new(fetch, vec![self.root.clone()])
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Signs a message by the rules of SNS, version 2.
    fn sign(&self, message: &mut Value) {
        let fields: &[&str] = match message["Type"].as_str() {
            Some("Notification") => {
                &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            }
            _ => {
                &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
            }
        };
        let mut text = String::new();
        for field in fields {
            if let Some(value) = message[field].as_str() {
                text += &format!("{field}\n{value}\n");
            }
        }
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).unwrap();
        message["Signature"] = STANDARD.encode(signature).into();
    }

    /// A signed message of our topic, a minute old, changed before it is signed.
    fn message(&self, notice: &str, change: impl FnOnce(&mut Value)) -> Value {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut message = json!({
            "Type": "Notification",
            "MessageId": format!("22b80b92-fdea-4c2c-8f9d-{number:012}"),
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": notice,
            "Timestamp": "2026-11-23T08:59:00.000Z",
            "SignatureVersion": "2",
            "SigningCertURL": PEM,
            "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
        });
        change(&mut message);
        self.sign(&mut message);
        message
    }
}

fn sns_bounce(email: &str) -> String {
    json!({
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": email, "status": "5.1.1"}],
            "timestamp": "2026-11-23T08:58:00.000Z",
        },
    })
    .to_string()
}

fn sns_complaint(email: &str) -> String {
    let who = json!([{"emailAddress": email}]);
    json!({"eventType": "Complaint", "complaint": {"complainedRecipients": who}}).to_string()
}

/// A key of SendGrid's, and how it signs.
struct Sendgrid(EcdsaKeyPair);

impl Sendgrid {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    fn public(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().unwrap();
        STANDARD.encode(der.as_ref())
    }

    fn headers(&self, at: i64, body: &str) -> String {
        let signature = self.0.sign(&SystemRandom::new(), format!("{at}{body}").as_bytes());
        sendgrid_headers(&at.to_string(), &STANDARD.encode(signature.unwrap()))
    }
}

fn sendgrid_headers(at: &str, signature: &str) -> String {
    format!(
        "{JSON}X-Twilio-Email-Event-Webhook-Signature: {signature}\r\n\
         X-Twilio-Email-Event-Webhook-Timestamp: {at}\r\n"
    )
}

fn basic(user: &str, password: &str) -> String {
    let login = STANDARD.encode(format!("{user}:{password}"));
    format!("{JSON}Authorization: Basic {login}\r\n")
}

fn mailgun(at: i64, token: &str, data: &Value) -> Value {
    let mut mac = Hmac::<Sha256>::new_from_slice(MAILGUN.as_bytes()).unwrap();
    mac.update(format!("{at}{token}").as_bytes());
    let signature = data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes());
    json!({
        "signature": {"timestamp": at.to_string(), "token": token, "signature": signature},
        "event-data": data,
    })
}

fn now() -> i64 {
    NOW.parse::<jiff::Timestamp>().unwrap().as_second()
}

/// A site that takes reports from all four.
struct Reported {
    site: Site,
    world: World,
    sendgrid: Sendgrid,
}

impl Reported {
    async fn start() -> Self {
        let sendgrid = Sendgrid::new();
        let key = sendgrid.public();
        let (site, world) = start(&key).await;
        Self { site, world, sendgrid }
    }

    async fn sns(&self, message: &Value) -> Answer {
        // As SNS does: JSON, by the name of text.
        let kind = "Content-Type: text/plain; charset=UTF-8\r\n";
        self.site.ask("POST", "/hooks/ses", kind, message.to_string().as_bytes()).await
    }

    async fn postmark(&self, record: &Value) -> Answer {
        let headers = basic("papers", PASSWORD);
        let record = record.to_string();
        self.site.ask("POST", "/hooks/postmark", &headers, record.as_bytes()).await
    }

    async fn batch(&self, body: &str) -> Answer {
        let headers = self.sendgrid.headers(now(), body);
        self.site.ask("POST", "/hooks/sendgrid", &headers, body.as_bytes()).await
    }

    async fn mailgun(&self, body: &Value) -> Answer {
        self.site.ask("POST", "/hooks/mailgun", JSON, body.to_string().as_bytes()).await
    }
}

async fn start(sendgrid_key: &str) -> (Site, World) {
    let world = World::new();
    let more = format!(
        "[inbound.webhooks]\nses_topics = [\"{TOPIC}\"]\npostmark_password = \"{PASSWORD}\"\n\
         sendgrid_key = \"{sendgrid_key}\"\nmailgun_key = \"{MAILGUN}\"\n"
    );
    let amazon = world.amazon();
    let site = Site::start_changed(&more, |site| site.hooks.amazon = amazon).await;
    (site, world)
}

async fn readers(site: &Site, names: &[&str]) {
    // Long before anything is reported: what was said before a reader came is not theirs.
    let now = site.app.clock.now();
    site.at("2000-01-01T00:00:00Z");
    let verbs = site.app.subscriptions().unwrap();
    for name in names {
        let email = name.parse().unwrap();
        verbs.add(&email, &Preferences::default(), true, "a test").await.unwrap();
    }
    site.app.clock.set(now);
}

/// Makes a reader active again, whatever a report made of them.
async fn restore(site: &Site, email: &str) {
    let verbs = site.app.subscriptions().unwrap();
    let email = email.parse().unwrap();
    let mark = verbs.mark_of(&email);
    site.app.store.lift(&mark, Some(&email.key()), site.app.clock.now()).await.unwrap();
    let reader = site.app.store.subscriber(&email).await.unwrap().unwrap();
    verbs.resume(&reader, "a test").await.unwrap();
    assert_eq!(site.state(email.as_str()).await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_notices_of_amazon_count() {
    let all = Reported::start().await;
    let (site, world) = (&all.site, &all.world);
    readers(site, &["ada@example.org", "bob@example.org"]).await;
    let answer = all.sns(&world.message(&sns_bounce("Ada@Example.ORG"), |_| ())).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(site.state("ada@example.org").await, "suppressed");
    assert_eq!(site.state("bob@example.org").await, "active");
    let mark = site.app.subscriptions().unwrap().mark_of(&"ada@example.org".parse().unwrap());
    let kept = site.app.store.suppression(&mark).await.unwrap().unwrap();
    assert_eq!(kept.reason, "bounce");
    assert_eq!(kept.detail, "hard 5.1.1 on 2026-11-23, by Amazon SES");

    let plain = world.message(&sns_complaint("bob@example.org"), |message| {
        message.as_object_mut().unwrap().remove("Subject");
    });
    assert_eq!(all.sns(&plain).await.status, 200);
    assert_eq!(site.state("bob@example.org").await, "unsubscribed");
    assert!(site.mails().is_empty(), "who complained gets no mail about it");

    // What SES sends when a topic is set up, and of people who are none of ours.
    let hello = "Successfully validated SNS topic for Amazon SES event publishing.";
    for notice in [hello, "{}", "[1]", &sns_bounce("stranger@example.org")] {
        assert_eq!(all.sns(&world.message(notice, |_| ())).await.status, 200, "{notice}");
    }
    assert_eq!(site.state("stranger@example.org").await, "none");
    assert_eq!(world.asked(), [PEM, ISSUER], "the certificate is fetched once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_signature_of_amazon_counts_too() {
    let all = Reported::start().await;
    readers(&all.site, &["ada@example.org"]).await;
    let key = Public(STANDARD.decode(OLD_KEY).unwrap());
    all.world.certify_key(PEM, "sns.amazonaws.com", (2026, 2027), &key);
    let notice = "{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\
        \"bounceSubType\":\"General\",\"bouncedRecipients\":[{\"emailAddress\":\
        \"ada@example.org\",\"status\":\"5.1.1\"}],\"timestamp\":\"2026-11-23T08:59:00.000Z\"}}";
    let mut message = json!({
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": notice,
        "Timestamp": "2026-11-23T08:59:01.123Z",
        "SignatureVersion": "2",
        "Signature": OLD_SIGNATURE,
        "SigningCertURL": PEM,
    });
    assert_eq!(all.sns(&message).await.status, 403, "the other hash");
    message["SignatureVersion"] = "1".into();
    assert_eq!(all.sns(&message).await.status, 200);
    assert_eq!(all.site.state("ada@example.org").await, "suppressed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_amazon_did_not_sign_changes_nothing() {
    let all = Reported::start().await;
    let (site, world) = (&all.site, &all.world);
    readers(site, &["ada@example.org"]).await;
    let notice = sns_bounce("ada@example.org");
    let at = |path: &str| format!("https://sns.eu-west-1.amazonaws.com/{path}.pem");
    world.certify(&at("other"), "sns.us-east-1.amazonaws.com", (2026, 2027));
    world.certify(&at("web"), "www.amazonaws.com", (2026, 2027));
    world.certify(&at("expired"), "sns.amazonaws.com", (2025, 2026));
    world.certify(&at("early"), "sns.amazonaws.com", (2027, 2028));
    world.put(&at("rubbish"), b"-----BEGIN CERTIFICATE-----\nAAAA\n".to_vec());
    world.put(&at("empty"), Vec::new());
    let stranger = World::new();
    let strange = stranger.files.lock().unwrap()[PEM].clone();
    world.put(&at("stranger"), strange);

    let set = |field: &'static str, value: &str| {
        let value = value.to_owned();
        move |message: &mut Value| message[field] = value.into()
    };
    let signed = |field, value: &str| world.message(&notice, set(field, value));
    let forged = |field, value: &str| {
        let mut message = world.message(&notice, |_| ());
        set(field, value)(&mut message);
        message
    };
    let mut refused = vec![
        signed("TopicArn", "arn:aws:sns:eu-west-1:210987654321:bounces"),
        signed("Timestamp", "2026-11-23T07:59:59Z"),
        signed("Timestamp", "2026-11-23T10:00:01Z"),
        signed("Timestamp", "yesterday"),
        signed("SigningCertURL", "https://evil.example/x.pem"),
        signed("SigningCertURL", "http://sns.eu-west-1.amazonaws.com/1.pem"),
        signed("SigningCertURL", "https://sns.eu-west-1.amazonaws.com/1.txt"),
        signed("SigningCertURL", "https://sns.eu-west-1.amazonaws.com/?x=1.pem"),
        signed("SignatureVersion", "3"),
        forged("Message", &sns_bounce("bob@example.org")),
        forged("MessageId", "another"),
        forged("Subject", "another"),
        forged("Timestamp", "2026-11-23T08:58:59Z"),
        forged("Signature", ""),
        forged("Signature", "not base64!"),
        stranger.message(&notice, |_| ()),
    ];
    assert!(world.asked().is_empty());
    for message in refused.drain(..) {
        let answer = all.sns(&message).await;
        assert_eq!(answer.status, 403, "{message}");
        assert!(answer.body.contains("does not prove from whom it is"), "{}", answer.body);
    }
    assert_eq!(world.asked(), [PEM, ISSUER], "nothing else was asked for");
    for path in ["other", "web", "expired", "early", "rubbish", "empty", "stranger"] {
        let answer = all.sns(&signed("SigningCertURL", &at(path))).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    for nothing in [json!({}), json!([]), json!({"Type": "Notification"}), signed("Type", "Else")] {
        assert_eq!(all.sns(&nothing).await.status, 400, "{nothing}");
    }
    assert_eq!(site.state("ada@example.org").await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn regions_sign_by_their_own_names() {
    for (host, name) in [
        ("sns.af-south-1.amazonaws.com", "sns-signing.af-south-1.amazonaws.com"),
        ("sns.ap-east-1.amazonaws.com", "sns.ap-east-1.amazonaws.com"),
        ("sns.cn-north-1.amazonaws.com.cn", "sns-cn-north-1.amazonaws.com.cn"),
        ("sns.us-gov-east-1.amazonaws.com", "sns-us-gov-west-1.amazonaws.com"),
    ] {
        let all = Reported::start().await;
        let url = format!("https://{host}/SimpleNotificationService-2.pem");
        all.world.certify(&url, name, (2026, 2027));
        let message = all.world.message("{}", |message| message["SigningCertURL"] = url.into());
        assert_eq!(all.sns(&message).await.status, 200, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_of_ours_is_confirmed_and_no_other() {
    let all = Reported::start().await;
    let world = &all.world;
    let ask = |url: &str, topic: &str| {
        let (url, topic) = (url.to_owned(), topic.to_owned());
        world.message("You have chosen to subscribe", move |message| {
            message["Type"] = "SubscriptionConfirmation".into();
            message["Token"] = "2336412f37".into();
            message["SubscribeURL"] = url.into();
            message["TopicArn"] = topic.into();
        })
    };
    let url = format!(
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2"
    );
    let other = "arn:aws:sns:eu-west-1:210987654321:bounces";
    for (url, topic) in [
        (url.as_str(), other),
        ("https://evil.example/", TOPIC),
        ("http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription", TOPIC),
    ] {
        assert_eq!(all.sns(&ask(url, topic)).await.status, 403, "{url} {topic}");
    }
    assert_eq!(world.asked(), [PEM, ISSUER]);
    assert_eq!(all.sns(&ask(&url, TOPIC)).await.status, 503, "Amazon is not there");
    world.put(&url, b"<ConfirmSubscriptionResponse/>".to_vec());
    assert_eq!(all.sns(&ask(&url, TOPIC)).await.status, 200);
    assert_eq!(world.asked(), [PEM, ISSUER, &url, &url]);

    let over = world.message("You have chosen to deactivate", |message| {
        message["Type"] = "UnsubscribeConfirmation".into();
        message["Token"] = "2".into();
        message["SubscribeURL"] = url.clone().into();
    });
    assert_eq!(all.sns(&over).await.status, 200);
    assert_eq!(world.asked().len(), 4, "nobody is subscribed again against their will");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_make_us_fetch_without_end() {
    let all = Reported::start().await;
    assert_eq!(all.sns(&all.world.message("{}", |_| ())).await.status, 200);
    for number in 0..30 {
        let url = format!("https://sns.eu-west-1.amazonaws.com/{number}.pem");
        let message = all.world.message("{}", |message| message["SigningCertURL"] = url.into());
        assert_eq!(all.sns(&message).await.status, 503);
    }
    assert_eq!(all.world.asked().len(), 11, "ten certificates, and one issuer");
    assert_eq!(all.sns(&all.world.message("{}", |_| ())).await.status, 200, "what is known works");
    all.site.later(1);
    let later = |message: &mut Value| {
        message["Timestamp"] = "2026-11-23T10:00:00Z".into();
        message["SigningCertURL"] = "https://sns.eu-west-1.amazonaws.com/31.pem".into();
    };
    assert_eq!(all.sns(&all.world.message("{}", later)).await.status, 503);
    assert_eq!(all.world.asked().len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn postmark_is_known_by_its_password() {
    let all = Reported::start().await;
    let site = &all.site;
    readers(site, &["ada@example.org", "bob@example.org", "cy@example.org"]).await;
    let bounce = json!({
        "RecordType": "Bounce", "ID": 42, "Type": "HardBounce", "Email": "ada@example.org",
        "BouncedAt": "2026-11-23T08:00:00Z", "Details": "smtp;550 5.1.1 unknown",
    });
    let body = bounce.to_string();
    let token = STANDARD.encode(PASSWORD);
    for headers in [
        JSON.to_owned(),
        basic("papers", "wrong"),
        basic("papers", ""),
        basic(PASSWORD, ""),
        basic("papers", &format!("{PASSWORD} ")),
        format!("Authorization: Bearer {token}\r\n"),
        format!("Authorization: Basic {token}\r\n"),
        "Authorization: Basic ???\r\n".to_owned(),
    ] {
        let answer = site.ask("POST", "/hooks/postmark", &headers, body.as_bytes()).await;
        assert_eq!(answer.status, 403, "{headers}");
        assert!(answer.body.contains("does not prove from whom it is"));
    }
    assert_eq!(site.state("ada@example.org").await, "active");
    assert_eq!(all.postmark(&bounce).await.status, 200);
    assert_eq!(site.state("ada@example.org").await, "suppressed");

    let complaint = json!({
        "RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": "bob@example.org",
    });
    assert_eq!(all.postmark(&complaint).await.status, 200);
    assert_eq!(site.state("bob@example.org").await, "unsubscribed");

    for harmless in [
        json!({"RecordType": "Bounce", "Type": "SpamNotification", "Email": "cy@example.org"}),
        json!({"RecordType": "Bounce", "Type": "SoftBounce", "Email": "cy@example.org"}),
        json!({"RecordType": "Bounce", "Type": "AutoResponder", "Email": "cy@example.org"}),
        json!({"RecordType": "Bounce", "Type": "HardBounce", "Email": "cy"}),
        json!({"RecordType": "Open", "Recipient": "cy@example.org"}),
        json!({"RecordType": 5}),
        json!(null),
    ] {
        assert_eq!(all.postmark(&harmless).await.status, 200, "{harmless}");
    }
    assert_eq!(site.state("cy@example.org").await, "active");
    let left = json!({
        "RecordType": "SubscriptionChange", "Recipient": "cy@example.org",
        "SuppressSending": true, "SuppressionReason": "ManualSuppression",
    });
    assert_eq!(all.postmark(&left).await.status, 200);
    assert_eq!(site.state("cy@example.org").await, "unsubscribed");
    let headers = basic("papers", PASSWORD);
    for bad in ["", "{", "{\"RecordType\":\"Bounce\"", "\u{0}"] {
        let answer = site.ask("POST", "/hooks/postmark", &headers, bad.as_bytes()).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sendgrids_own_example_is_understood() {
    let (site, _) = start(SENDGRID_KEY).await;
    readers(&site, &["hello@world.com"]).await;
    let headers = sendgrid_headers(SENDGRID_AT, SENDGRID_SIGNATURE);
    let post =
        async |body: &str| site.ask("POST", "/hooks/sendgrid", &headers, body.as_bytes()).await;
    assert_eq!(post(SENDGRID_BODY).await.status, 403, "six years later");
    site.at("2020-09-14T19:42:00Z");
    assert_eq!(post(SENDGRID_BODY.trim_end()).await.status, 403, "every byte is signed");
    assert_eq!(post(&SENDGRID_BODY.replace("hello", "other")).await.status, 403);
    assert_eq!(site.state("hello@world.com").await, "active");
    assert_eq!(post(SENDGRID_BODY).await.status, 200);
    assert_eq!(site.state("hello@world.com").await, "suppressed");
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_sendgrid_count_one_by_one() {
    let all = Reported::start().await;
    let site = &all.site;
    let names = ["a@example.org", "b@example.org", "c@example.org", "d@example.org"];
    readers(site, &names).await;
    let batch = json!([
        {"email": "a@example.org", "event": "bounce", "type": "bounce", "status": "5.1.1"},
        {"email": "b@example.org", "event": "spamreport", "timestamp": 1_795_000_000},
        {"email": "c@example.org", "event": "bounce", "type": "blocked", "status": "5.7.1"},
        {"email": "d@example.org", "event": "group_unsubscribe", "timestamp": "soon"},
        {"email": ["c@example.org"], "event": "spamreport"},
        "c@example.org", 5, null, {},
    ])
    .to_string();
    let other = Sendgrid::new();
    for headers in [
        JSON.to_owned(),
        other.headers(now(), &batch),
        all.sendgrid.headers(now() - 26 * 3_600, &batch),
        all.sendgrid.headers(now() + 26 * 3_600, &batch),
        all.sendgrid.headers(now(), "[]"),
        sendgrid_headers("", ""),
        sendgrid_headers(&i64::MAX.to_string(), SENDGRID_SIGNATURE),
    ] {
        let answer = site.ask("POST", "/hooks/sendgrid", &headers, batch.as_bytes()).await;
        assert_eq!(answer.status, 403, "{headers}");
    }
    for name in names {
        assert_eq!(site.state(name).await, "active");
    }
    // Handed over a day late, as signed at first.
    let late = all.sendgrid.headers(now() - 24 * 3_600, &batch);
    assert_eq!(site.ask("POST", "/hooks/sendgrid", &late, batch.as_bytes()).await.status, 200);
    let mut states = Vec::new();
    for name in names {
        states.push(site.state(name).await);
    }
    assert_eq!(states, ["suppressed", "unsubscribed", "active", "unsubscribed"]);

    assert_eq!(all.batch("[]").await.status, 200);
    assert_eq!(all.batch("{}").await.status, 400);
    assert_eq!(all.batch("nothing").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_batches_are_taken_and_endless_ones_refused() {
    let all = Reported::start().await;
    let people: Vec<String> = (0..1_000).map(|number| format!("p{number}@example.org")).collect();
    let names: Vec<&str> = people.iter().map(String::as_str).collect();
    readers(&all.site, &names[..200]).await;
    let batch = |count: usize| {
        let one = |number: usize| json!({"email": people[number % 1_000], "event": "spamreport", "timestamp": now() - 9_000 + number as i64});
        Value::Array((0..count).map(one).collect()).to_string()
    };
    assert_eq!(all.batch(&batch(4_001)).await.status, 400);
    assert_eq!(all.site.state("p1@example.org").await, "active");
    assert_eq!(all.batch(&batch(4_000)).await.status, 200);
    for name in &names[..200] {
        assert_eq!(all.site.state(name).await, "unsubscribed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mailguns_tokens_count_once() {
    let all = Reported::start().await;
    let site = &all.site;
    readers(site, &["ada@example.org", "bob@example.org", "cy@example.org"]).await;
    let failed = json!({
        "event": "failed", "severity": "permanent", "reason": "bounce",
        "recipient": "ada@example.org", "timestamp": 1_795_424_000.25,
        "delivery-status": {"code": 550, "enhanced-code": "5.1.1", "message": "unknown"},
    });
    let complained = |who: &str| json!({"event": "complained", "recipient": who});
    let mut wrong = mailgun(now(), "t0", &failed);
    wrong["signature"]["token"] = "t1".into();
    let mut short = mailgun(now(), "t0", &failed);
    short["signature"]["signature"] = "".into();
    let old = mailgun(now() - 26 * 3_600, "t2", &failed);
    for refused in [&wrong, &short, &old] {
        let answer = all.mailgun(refused).await;
        assert_eq!(answer.status, 403, "{refused}");
        assert!(answer.body.contains("does not prove from whom it is"));
    }
    assert_eq!(site.state("ada@example.org").await, "active");
    let good = mailgun(now(), "t3", &failed);
    assert_eq!(all.mailgun(&good).await.status, 200);
    assert_eq!(site.state("ada@example.org").await, "suppressed");

    // Its signature says nothing of the event: whoever copied it writes another one beside it.
    let mut copied = good.clone();
    copied["event-data"] = complained("bob@example.org");
    assert_eq!(all.mailgun(&copied).await.status, 403);
    // The timestamp may not borrow from the token either.
    let moved = mailgun(now(), "0t4", &complained("cy@example.org"));
    assert_eq!(all.mailgun(&moved).await.status, 200);
    let mut borrowed = moved.clone();
    borrowed["signature"]["timestamp"] = format!("{}0", now()).into();
    borrowed["signature"]["token"] = "t4".into();
    borrowed["event-data"] = complained("bob@example.org");
    assert_eq!(all.mailgun(&borrowed).await.status, 403);
    assert_eq!(site.state("bob@example.org").await, "active");
    assert_eq!(site.state("cy@example.org").await, "unsubscribed");

    for bad in [json!({}), json!([]), json!({"signature": "x"}), json!(1)] {
        assert_eq!(all.mailgun(&bad).await.status, 400, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_twice_has_no_effect_a_second_time() {
    let all = Reported::start().await;
    let site = &all.site;
    let [ada, bob, cy, dee] = ["ada", "bob", "cy", "dee"].map(|name| format!("{name}@example.org"));
    readers(site, &[&ada, &bob, &cy, &dee]).await;
    let notice = all.world.message(&sns_bounce(&ada), |_| ());
    // Complaints: a second bounce of one domain within the hour would wait for its turn.
    let record = json!({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": bob});
    let batch = json!([{"email": cy, "event": "spamreport"}]).to_string();
    let signed = all.sendgrid.headers(now(), &batch);
    let left = json!({"event": "unsubscribed", "recipient": dee});
    let token = mailgun(now(), "t1", &left);
    for turn in 0..2 {
        for (provider, who) in
            [("ses", &ada), ("postmark", &bob), ("sendgrid", &cy), ("mailgun", &dee)]
        {
            let answer = match provider {
                "ses" => all.sns(&notice).await,
                "postmark" => all.postmark(&record).await,
                "sendgrid" => site.ask("POST", "/hooks/sendgrid", &signed, batch.as_bytes()).await,
                _ => all.mailgun(&token).await,
            };
            // A provider that missed our answer must not try for ever.
            assert_eq!(answer.status, 200, "{provider}");
            let is_active = site.state(who).await == "active";
            assert_eq!(is_active, turn == 1, "{provider} {turn}");
            if turn == 0 {
                restore(site, who).await;
                site.app.clock.set(site.app.clock.now() + jiff::SignedDuration::from_secs(60));
            }
        }
    }
}

/// A bounce for good of a mail to `who`, as each provider would report it.
async fn bounce(
    all: &Reported,
    provider: &str,
    who: &str,
    (status, words): (&str, &str),
    named: &Named<'_>,
) -> Answer {
    let hard = named.hard;
    match provider {
        "ses" => {
            let mut mail = json!({
                "timestamp": named.sent, "source": "papers@digest.example",
                "messageId": "0100-0000", "destination": [who],
            });
            if !named.id.is_empty() {
                mail["commonHeaders"] = json!({"messageId": named.id, "to": [who]});
            }
            let notice = json!({
                "notificationType": "Bounce", "mail": mail,
                "bounce": {
                    "bounceType": if hard { "Permanent" } else { "Transient" },
                    "bounceSubType": "General", "feedbackId": "0100-0001",
                    "bouncedRecipients": [{
                        "emailAddress": who, "action": "failed", "status": status,
                        "diagnosticCode": format!("smtp; {words}"),
                    }],
                },
            });
            let now = all.site.app.clock.now().to_string();
            let signed = |message: &mut Value| message["Timestamp"] = now.into();
            all.sns(&all.world.message(&notice.to_string(), signed)).await
        }
        "postmark" => {
            let record = json!({
                "RecordType": "Bounce", "ID": 42, "MessageID": "883953f4-6105-42a2-a16a",
                "Type": if hard { "HardBounce" } else { "SoftBounce" }, "TypeCode": 1,
                "Name": "Hard bounce", "Description": "The server was unable to deliver your \
                message (ex: unknown user, mailbox not found).",
                "Details": format!("smtp;{words}"), "Email": who, "Subject": named.subject,
                "From": "papers@digest.example", "Inactive": hard, "CanActivate": true,
            });
            all.postmark(&record).await
        }
        "sendgrid" => {
            let mut event = json!({
                "event": "bounce", "type": "bounce", "email": who, "status": status,
                "reason": words, "smtp-id": named.id, "sg_message_id": "14c5d75ce93.dfd.64b469",
            });
            if !hard {
                event["bounce_classification"] = "Technical".into();
            }
            let body = json!([event]).to_string();
            let at = all.site.app.clock.now().as_second();
            let headers = all.sendgrid.headers(at, &body);
            all.site.ask("POST", "/hooks/sendgrid", &headers, body.as_bytes()).await
        }
        _ => {
            let data = json!({
                "event": "failed", "severity": "permanent", "reason": "bounce", "recipient": who,
                "delivery-status": {
                    "code": 550, "message": words, "description": "", "enhanced-code": status,
                    "bounce-type": if hard { "hard" } else { "soft" }, "attempt-no": 1,
                },
                "message": {"headers": {
                    "to": who, "message-id": named.id.trim_matches(['<', '>']),
                }},
            });
            let at = all.site.app.clock.now().as_second();
            all.mailgun(&mailgun(at, &format!("{who} {words} {at} {}", named.id), &data)).await
        }
    }
}

/// What a report tells of its mail.
#[derive(Default)]
struct Named<'a> {
    hard: bool,
    id: &'a str,
    subject: &'a str,
    sent: &'a str,
}

fn message_id(mail: &Mail) -> &str {
    mail.raw.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap()
}

const PROVIDERS: [&str; 4] = ["ses", "postmark", "sendgrid", "mailgun"];

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_of_the_person_suppresses_nobody() {
    let all = Reported::start().await;
    let site = &all.site;
    let named = Named { hard: true, ..Named::default() };
    for (nth, provider) in PROVIDERS.into_iter().enumerate() {
        let names = ["ada", "bob", "cy", "gone"].map(|name| format!("{name}@{provider}.example"));
        readers(site, &names.each_ref().map(String::as_str)).await;
        for passing in [
            ("5.2.2", "552 mailbox full, quota exceeded"),
            ("5.4.7", "554 5.4.7 delivery expired"),
            ("5.4.6", "550 5.4.6 routing loop"),
            ("5.3.0", "550 5.3.0 system error"),
        ] {
            assert_eq!(bounce(&all, provider, &names[0], passing, &named).await.status, 200);
        }
        assert!(site.app.store.resting(site.app.clock.now()).await.unwrap().len() == nth);
        for (name, block) in names.iter().zip([
            ("5.0.0", "554 Service unavailable; Client host blocked using zen.spamhaus.org"),
            ("5.1.8", "550 5.1.8 Sender address rejected"),
            ("5.5.0", "550 5.5.0 message rejected: spam"),
        ]) {
            assert_eq!(bounce(&all, provider, name, block, &named).await.status, 200);
        }
        for name in &names {
            assert_eq!(site.state(name).await, "active", "{name}");
        }
        // As from any door: whoever runs the site is told, and the domain rests.
        let alarms = site.app.store.open_alarms().await.unwrap();
        assert!(alarms.iter().any(|alarm| alarm.topic == "bounce-policy"), "{alarms:?}");
        let rests = site.app.store.resting(site.app.clock.now()).await.unwrap();
        let domain = format!("{provider}.example");
        assert!(rests.iter().any(|rest| rest.domain == domain), "{rests:?}");
        // And who is gone is gone.
        let gone = ("5.1.1", "550 5.1.1 no such user");
        assert_eq!(bounce(&all, provider, &names[3], gone, &named).await.status, 200);
        assert_eq!(site.state(&names[3]).await, "suppressed", "{provider}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_ends_by_what_is_said_of_it_alone() {
    const FULL: (&str, &str) = ("5.2.2", "552 5.2.2 mailbox full");
    let all = Reported::start().await;
    let site = &all.site;
    let names = PROVIDERS.map(|provider| format!("ada@{provider}.example"));
    readers(site, &names.each_ref().map(String::as_str)).await;
    let nothing = Named::default();
    for (at, provider) in [
        ("2026-11-23T09:00:00Z", "postmark"),
        ("2026-11-26T09:00:00Z", "sendgrid"),
        ("2026-12-01T09:00:00Z", "mailgun"),
    ] {
        site.at(at);
        for name in &names {
            assert_eq!(bounce(&all, provider, name, FULL, &nothing).await.status, 200);
        }
    }
    assert_eq!(site.send().await.sent, 4, "the probes");
    site.later(2);
    // A mail of before comes back, late, by all that could tell of the probe.
    for name in &names {
        let old = Named { sent: "2026-11-30T08:00:00Z", subject: "Papers", ..Named::default() };
        for provider in PROVIDERS {
            assert_eq!(bounce(&all, provider, name, FULL, &old).await.status, 200);
        }
        assert_eq!(site.state(name).await, "active", "{name}");
    }
    let mails = site.mails();
    for (provider, name) in PROVIDERS.iter().zip(&names) {
        let probe = mails.iter().find(|mail| mail.to == *name).unwrap();
        let of = |id| Named {
            id,
            subject: &probe.subject,
            sent: "2026-12-01T09:00:01Z",
            ..Named::default()
        };
        // Another reader's mail is none of theirs.
        let other = mails.iter().find(|mail| mail.to != *name).unwrap();
        if ["sendgrid", "mailgun"].contains(provider) {
            let other = of(message_id(other));
            assert_eq!(bounce(&all, provider, name, FULL, &other).await.status, 200);
        }
        assert_eq!(site.state(name).await, "active", "{name}");
        // SES tells the Message-ID only where it is set so: the moment does as well.
        let id = if *provider == "ses" { "" } else { message_id(probe) };
        assert_eq!(bounce(&all, provider, name, FULL, &of(id)).await.status, 200);
        assert_eq!(site.state(name).await, "suppressed", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waited_for_the_hour_is_told_of_as_at_once() {
    let all = Reported::start().await;
    let site = &all.site;
    let who = ["ada@example.org", "bob@example.org"];
    readers(site, &who).await;
    let named = Named { hard: true, ..Named::default() };
    for name in who {
        let gone = ("5.1.1", "550 5.1.1 no such user");
        assert_eq!(bounce(&all, "postmark", name, gone, &named).await.status, 200);
    }
    assert_eq!(site.state(who[1]).await, "active", "one of a small domain in an hour");
    site.later(2);
    let judged = site.app.bounces().unwrap().judge_once().await.unwrap();
    assert_eq!(judged.suppressed, 1);
    for name in who {
        let mark = site.app.subscriptions().unwrap().mark_of(&name.parse().unwrap());
        let kept = site.app.store.suppression(&mark).await.unwrap().unwrap();
        assert_eq!(kept.detail, "hard 5.1.1 on 2026-11-23, by Postmark", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mailguns_tokens_hold_over_a_restart() {
    let more = format!("[inbound.webhooks]\nmailgun_key = \"{MAILGUN}\"\n");
    let site = Site::start_with(&more).await;
    readers(&site, &["ada@example.org", "bob@example.org"]).await;
    let complained = |who: &str| json!({"event": "complained", "recipient": who});
    let good = mailgun(now(), "t1", &complained("ada@example.org"));
    let mut copied = good.clone();
    copied["event-data"] = complained("bob@example.org");
    let post = async |site: &Site, body: &Value| {
        site.ask("POST", "/hooks/mailgun", JSON, body.to_string().as_bytes()).await.status
    };
    assert_eq!(post(&site, &good).await, 200);
    assert_eq!(post(&site, &copied).await, 403);
    let site = Site::start_in(site.end().await, &more).await;
    assert_eq!(post(&site, &copied).await, 403);
    assert_eq!(site.state("bob@example.org").await, "active");
    assert_eq!(post(&site, &good).await, 200, "it missed our answer");
    assert_eq!(site.state("ada@example.org").await, "unsubscribed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_not_used_up_by_what_could_not_be_stored() {
    let all = Reported::start().await;
    let site = &all.site;
    readers(site, &["ada@example.org", "bob@example.org"]).await;
    let url = format!("sqlite:{}", site.folder.path().join("data/paperround.db").display());
    let database = sqlx::SqlitePool::connect(&url).await.unwrap();
    let run = async |text: &'static str| sqlx::raw_sql(text).execute(&database).await.unwrap();
    run("CREATE TRIGGER full BEFORE INSERT ON bounces BEGIN SELECT RAISE(ABORT, 'full'); END")
        .await;
    let complained = |who: &str| json!({"event": "complained", "recipient": who});
    let good = mailgun(now(), "t1", &complained("ada@example.org"));
    let mut copied = good.clone();
    copied["event-data"] = complained("bob@example.org");
    assert_eq!(all.mailgun(&good).await.status, 503);
    run("DROP TRIGGER full").await;
    assert_eq!(all.mailgun(&copied).await.status, 403, "nor has anybody else's a chance");
    assert_eq!(all.mailgun(&good).await.status, 200);
    assert_eq!(site.state("ada@example.org").await, "unsubscribed");
    assert_eq!(site.state("bob@example.org").await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_that_is_not_stored() {
    let all = Reported::start().await;
    readers(&all.site, &["ada@example.org"]).await;
    all.site.app.store.close().await;
    let complaint = json!({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email":
        "ada@example.org"});
    for _ in 0..2 {
        assert_eq!(all.postmark(&complaint).await.status, 503, "not even the second time");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_a_page_only_for_who_is_configured() {
    let plain = Site::start().await;
    let nothing = plain.get("/nothing").await;
    for path in ["/hooks/ses", "/hooks/postmark", "/hooks/sendgrid", "/hooks/mailgun", "/hooks"] {
        assert_eq!(plain.get(path).await.whole(), nothing.whole(), "{path}");
        let posted = plain.ask("POST", path, JSON, b"{}").await;
        assert_eq!((posted.status, posted.words()), (404, nothing.words()), "{path}");
    }
    let more = format!("[inbound.webhooks]\nmailgun_key = \"{MAILGUN}\"\n");
    let one = Site::start_with(&more).await;
    assert_eq!(one.ask("POST", "/hooks/mailgun", JSON, b"{}").await.status, 400);
    assert_eq!(one.get("/hooks/mailgun").await.status, 405);
    assert_eq!(one.ask("POST", "/hooks/ses", JSON, b"{}").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_may_be_longer_than_forms() {
    let all = Reported::start().await;
    let batch = |length: usize| format!("[{}]", " ".repeat(length - 2));
    assert_eq!(all.batch(&batch(1_000_000)).await.status, 200);
    assert_eq!(all.batch(&batch(1_100_000)).await.status, 413);
    let form = format!("email=a@example.org&x={}", "x".repeat(70_000));
    assert_eq!(all.site.ask("POST", "/subscribe", FORM, form.as_bytes()).await.status, 413);
    assert_eq!(all.site.ask("POST", "/nothing", FORM, form.as_bytes()).await.status, 413);
}

#[test]
fn no_body_that_is_not_proved_changes_anything() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let all = runtime.block_on(async {
        let all = Reported::start().await;
        readers(&all.site, &["ada@example.org"]).await;
        all
    });
    let good = [
        all.world.message(&sns_bounce("ada@example.org"), |_| ()).to_string(),
        json!([{"email": "ada@example.org", "event": "spamreport"}]).to_string(),
        mailgun(now(), "t", &json!({"event": "complained", "recipient": "ada@example.org"}))
            .to_string(),
    ];
    // A change behind the signed part would be none: the signature is what is hit.
    let unsigned = good.map(|body| body.replace("ignature\":", "ignatur\":"));
    let bodies = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        "\\PC{0,200}".prop_map(String::into_bytes),
        (prop::sample::select(unsigned.to_vec()), any::<prop::sample::Index>(), any::<u8>())
            .prop_map(|(body, at, byte)| {
                let mut body = body.into_bytes();
                let at = at.index(body.len());
                body[at] = byte;
                body
            }),
    ];
    let paths = ["/hooks/ses", "/hooks/postmark", "/hooks/sendgrid", "/hooks/mailgun"];
    let headers = prop::sample::select(vec![
        JSON.to_owned(),
        FORM.to_owned(),
        basic("x", "y"),
        sendgrid_headers(SENDGRID_AT, SENDGRID_SIGNATURE),
        sendgrid_headers(&now().to_string(), "AAAA"),
    ]);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(300));
    let outcome = runner.run(&(prop::sample::select(paths.to_vec()), headers, bodies), |case| {
        let (path, headers, body) = case;
        runtime.block_on(async {
            let status = all.site.ask("POST", path, &headers, &body).await.status;
            prop_assert!(matches!(status, 400 | 403), "{}: {}", path, status);
            Ok(())
        })
    });
    outcome.unwrap();
    // And what is proved may hold anything.
    let value = "\\PC{0,20}".prop_map(Value::from).boxed();
    let leaf = prop_oneof![value, any::<i64>().prop_map(Value::from), Just(Value::Null)];
    let names = prop::sample::select(vec![
        "RecordType",
        "Type",
        "Email",
        "Recipient",
        "event",
        "email",
        "bounce",
        "timestamp",
    ]);
    let words = prop::sample::select(vec!["Bounce", "HardBounce", "bounce", "spamreport", "x"]);
    let leaf = prop_oneof![leaf, words.prop_map(Value::from)];
    let tree = leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(names.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    });
    let outcome = runner.run(&tree, |value| {
        runtime.block_on(async {
            let record = all.postmark(&value).await.status;
            let batch = all.batch(&json!([value]).to_string()).await.status;
            let notice = all.world.message(&value.to_string(), |_| ());
            prop_assert_eq!((record, batch, all.sns(&notice).await.status), (200, 200, 200));
            Ok(())
        })
    });
    outcome.unwrap();
    assert_eq!(runtime.block_on(all.site.state("ada@example.org")), "active");
}

/// Real notices; the corpus is kept beside the repository (`../shared/corpus`, or
/// `PAPERROUND_CORPUS`).
#[tokio::test(flavor = "multi_thread")]
async fn real_notices_mean_what_they_say() {
    let home = std::env::var_os("PAPERROUND_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let archive = home.join("mail.tar.xz");
    if !archive.exists() {
        eprintln!("SKIPPED: no corpus at {}", home.display());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let tar = |archive: &Path| {
        let mut tar = Command::new("tar");
        tar.arg("-xJf").arg(archive).arg("-C").arg(dir.path());
        assert!(tar.status().unwrap().success());
    };
    tar(&archive);
    let all = Reported::start().await;
    let site = &all.site;
    for (file, who, state) in [
        ("json-amazonses-03", "complaint@simulator.amazonses.com", "unsubscribed"),
        ("json-amazonses-04", "success@simulator.amazonses.com", "active"),
        ("json-amazonses-05", "complaint2@simulator.amazonses.com", "active"),
        ("json-amazonses-06", "bounce@simulator.amazonses.com", "suppressed"),
        ("json-sendgrid-13", "kijitora@example.com", "active"),
        ("json-sendgrid-14", "kijitora@example.jp", "active"),
        ("json-sendgrid-15", "kijitora@example.com", "unsubscribed"),
        ("json-sendgrid-16", "kijitora@outlook.example.com", "unsubscribed"),
        // Of a list that is asked for, not of a webhook.
        ("json-sendgrid-02", "kijitora@example.ne.jp", "active"),
        ("json-sendgrid-05", "kijitora@example.ne.jp", "active"),
        ("json-sendgrid-07", "mikeneko@example.co.jp", "active"),
        ("json-sendgrid-09", "kijitora@nyaan.example.jp", "active"),
    ] {
        readers(site, &[who]).await;
        let path = find(dir.path(), &format!("{file}.json")).unwrap();
        let text = lately(&std::fs::read_to_string(path).unwrap());
        let answer = if file.contains("ses") {
            all.sns(&all.world.message(&text, |_| ())).await
        } else {
            all.batch(&text).await
        };
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(site.state(who).await, state, "{file}");
    }
    let kept = site.subscriber("bounce@simulator.amazonses.com").await.unwrap();
    assert_eq!(kept.state, SubscriberState::Suppressed);
}

/// The notice as if it were of today: what is said of a mail of years ago has no effect.
fn lately(text: &str) -> String {
    fn mend(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(at) if name == "timestamp" => {
                            *at = "2026-11-23T08:58:00.000Z".to_owned();
                        }
                        Value::Number(_) if name == "timestamp" => *value = (now() - 120).into(),
                        other => mend(other),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(mend),
            _ => {}
        }
    }
    let Ok(mut value) = serde_json::from_str(text) else { return text.to_owned() };
    mend(&mut value);
    value.to_string()
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    std::fs::read_dir(folder).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, name)
        } else {
            path.file_name().is_some_and(|found| found == name).then_some(path)
        }
    })
}
