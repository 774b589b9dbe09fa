//! Amazon SNS: the envelope in which SES's notices come, and its signature. Believes nothing of an
//! envelope before its topic, its age and its signature are right.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use url::{Host, Url};

use super::amazon::Keys;
use super::{Amazon, Refused, Report, mark, near, ses};

/// How old a message may be: SNS tries again for an hour at most.
const OLDEST: SignedDuration = SignedDuration::from_hours(1);

/// A message, as it is posted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    r#type: String,
    message_id: String,
    token: Option<String>,
    topic_arn: String,
    subject: Option<String>,
    message: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
}

/// The report in a message of one of the topics. A wish to confirm a subscription is granted on
/// the way.
pub(super) async fn open(
    (amazon, keys): (&Amazon, &Keys),
    topics: &[String],
    body: &[u8],
    now: Timestamp,
) -> Result<Report, Refused> {
    let message: Message = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
    if !topics.contains(&message.topic_arn) {
        return Err(Refused::Forged("it is of a topic that is not configured"));
    }
    let sent = message.timestamp.parse().ok();
    if !sent.is_some_and(|sent| near(sent, now, OLDEST)) {
        return Err(Refused::Forged("it was signed too long ago"));
    }
    let text = message.canonical().ok_or(Refused::Unreadable)?;
    let certificate = at_amazon(&message.signing_cert_url)
        .filter(|url| url.path().ends_with(".pem") && url.query().is_none())
        .ok_or(Refused::Forged("its certificate is not at Amazon SNS"))?;
    let algorithm = match message.signature_version.as_str() {
        "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        "2" => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(Refused::Forged("its signature is of an unknown version")),
    };
    let signature = STANDARD.decode(&message.signature).unwrap_or_default();
    let key = keys.of(amazon, &certificate, now).await?;
    UnparsedPublicKey::new(algorithm, &*key.der)
        .verify(text.as_bytes(), &signature)
        .map_err(|_| Refused::Forged("the signature is wrong"))?;

    let id = mark(&[message.message_id.as_bytes()]);
    let events = match message.r#type.as_str() {
        "Notification" => match serde_json::from_str::<Value>(&message.message) {
            Ok(notice) => ses::events(&notice, now),
            Err(_) => {
                tracing::info!(topic = message.topic_arn, "a notice of SNS that is not of a mail");
                Vec::new()
            }
        },
        "SubscriptionConfirmation" => {
            message.confirm(amazon).await?;
            Vec::new()
        }
        _ => {
            tracing::warn!(topic = message.topic_arn, "SNS ended its subscription");
            Vec::new()
        }
    };
    Ok(Report { id, events })
}

impl Message {
    /// The text that is signed: the names and values of these fields, each on lines of its own;
    /// none where one is missing, or the type is none that is documented.
    fn canonical(&self) -> Option<String> {
        let confirms = match self.r#type.as_str() {
            "Notification" => false,
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => true,
            _ => return None,
        };
        let mut fields = vec![("Message", &self.message), ("MessageId", &self.message_id)];
        if confirms {
            fields.push(("SubscribeURL", self.subscribe_url.as_ref()?));
        } else if let Some(subject) = &self.subject {
            fields.push(("Subject", subject));
        }
        fields.push(("Timestamp", &self.timestamp));
        if confirms {
            fields.push(("Token", self.token.as_ref()?));
        }
        fields.extend([("TopicArn", &self.topic_arn), ("Type", &self.r#type)]);
        Some(fields.iter().flat_map(|(name, value)| [name, "\n", value, "\n"]).collect())
    }

    async fn confirm(&self, amazon: &Amazon) -> Result<(), Refused> {
        let url = self.subscribe_url.as_deref().and_then(at_amazon);
        let url = url.ok_or(Refused::Forged("what confirms it is not at Amazon SNS"))?;
        amazon.fetch(url).await.ok_or(Refused::NotNow("the subscription was not confirmed"))?;
        tracing::info!(topic = self.topic_arn, "SNS will report to this site");
        Ok(())
    }
}

/// The address, if it is one of SNS itself: `https://sns.REGION.amazonaws.com/…`, or of China.
fn at_amazon(text: &str) -> Option<Url> {
    // Names of files and queries are longer than this nowhere.
    let url = Url::parse(text).ok().filter(|_| text.len() <= 2_048)?;
    let Some(Host::Domain(host)) = url.host() else { return None };
    let region = host.strip_prefix("sns.")?;
    let region = region.strip_suffix(".amazonaws.com").or(region.strip_suffix(".amazonaws.com.cn"));
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let good = region.is_some_and(|region| region.len() >= 3 && region.bytes().all(fits))
        && url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    good.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_amazons_own_addresses_are_asked() {
        for good in [
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.eu-west-1.amazonaws.com:443/x.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/x.pem",
        ] {
            assert!(at_amazon(good).is_some(), "{good}");
        }
        for bad in [
            "http://sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com.evil.example/x.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/x.pem",
            "https://user@sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.example/sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com:8443/x.pem",
            "https://sns.a.amazonaws.com/x.pem",
            "https://sns.us-east-1.evil.amazonaws.com/x.pem",
            "https://bucket.s3.amazonaws.com/x.pem",
            "https://snsx.us-east-1.amazonaws.com/x.pem",
            "https://sns..amazonaws.com/x.pem",
            "https://sns.us_east.amazonaws.com/x.pem",
            "https://169.254.169.254/x.pem",
            "https://sns.us-east-1.amazonaws.com./x.pem",
            "x.pem",
            "",
        ] {
            assert!(at_amazon(bad).is_none(), "{bad}");
        }
    }
}
