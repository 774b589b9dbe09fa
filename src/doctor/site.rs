//! The site as strangers reach it: by its public address, over TLS, to this very server; and
//! whether one-click unsubscription (RFC 8058) gets through to it. Nobody is unsubscribed.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::tls::TlsInfo;
use reqwest::{Client, Response, StatusCode, redirect};

use super::certificate::{Certificate, SOON};
use super::patient::{Patient, cause};
use super::{Finding, Group, Scope};

/// For one answer: mailbox providers wait no longer.
const WAIT: Duration = Duration::from_secs(10);

/// An answer, read.
struct Answer {
    status: StatusCode,
    location: String,
    body: String,
    certificate: Option<Certificate>,
}

/// Asks for pages as a stranger does.
pub(super) async fn look(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let site = patient.config.site.address();
    let client = Client::builder()
        .timeout(WAIT)
        .redirect(redirect::Policy::none())
        .tls_info(true)
        // A proxy of ours is not how strangers come.
        .no_proxy()
        .user_agent(concat!("paperround-doctor/", env!("CARGO_PKG_VERSION")))
        .build();
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            let says = format!("the HTTP client cannot be made: {}", cause(&error));
            return vec![
                Finding::bad(Group::Site, "reachable", says).mend("update-ca-certificates"),
            ];
        }
    };
    patient.reach.asked();
    let health = match get(&client, &format!("{site}/healthz")).await {
        Ok(answer) => answer,
        Err(why) => return vec![unreachable(patient, &client, &why).await],
    };
    patient.reach.heard();
    let mut findings = vec![
        Finding::good(Group::Site, "reachable", format!("{site} answers")),
        encrypted(patient, health.certificate.as_ref()),
    ];
    findings.push(healthy(patient, &client, &health).await);
    let Some(links) = patient.links() else {
        let says = "without the key nobody can tell whose server it is";
        findings.push(Finding::skipped(Group::Site, "one-click", says));
        return findings;
    };
    let number = u64::try_from(patient.clock.now().as_microsecond()).unwrap_or(0);
    let page = links.trial(number);
    findings.push(ours(patient, get(&client, &page).await, &links.proof(number, "GET")));
    let post = client
        .post(&page)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click");
    findings.push(one_click(patient, read(post).await, &links.proof(number, "POST")));
    findings
}

async fn get(client: &Client, url: &str) -> Result<Answer, String> {
    read(client.get(url)).await
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answer, String> {
    let answer: Response = request.send().await.map_err(|error| cause(&error))?;
    let tls = answer.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
    let certificate = tls.and_then(Certificate::read);
    let location = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    let (location, status) = (location.unwrap_or_default().to_owned(), answer.status());
    // A page of somebody else may be of any size: what we look for is short.
    let mut answer = answer;
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| cause(&error))? {
        body.extend_from_slice(&piece);
        if body.len() > 64 * 1024 {
            break;
        }
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Answer { status, location, body, certificate })
}

/// How the site is led from a web server to us.
fn proxy(patient: &Patient) -> String {
    let host = patient.config.site.url.host_str().unwrap_or("papers.example.org");
    let listen = patient.config.server.listen;
    format!(
        "in a Caddyfile:\n{host} {{\n  reverse_proxy {listen}\n}}\nor in nginx, in the server for \
         {host}:\nlocation / {{ proxy_pass http://{listen}; }}"
    )
}

/// Nobody answers at the public address: is it the daemon, or the way to it?
async fn unreachable(patient: &Patient, client: &Client, why: &str) -> Finding {
    let site = patient.config.site.address();
    let says = format!("{site} cannot be reached: {why}");
    let listen = patient.config.server.listen;
    let inside = get(client, &format!("http://{listen}/healthz")).await;
    let (more, mend) = match inside {
        Err(_) => (
            format!("; nothing answers at {listen} either"),
            "systemctl start paperround   # or: paperround serve".to_owned(),
        ),
        Ok(_) if why.to_lowercase().contains("certificate") => (
            "; the certificate is at fault, the daemon answers".to_owned(),
            format!("have a certificate made for it; Caddy does so by itself.\n{}", proxy(patient)),
        ),
        Ok(_) => (
            format!("; the daemon answers at {listen}, so the way to it is at fault"),
            proxy(patient),
        ),
    };
    Finding::bad(Group::Site, "reachable", format!("{says}{more}")).mend(mend)
}

fn encrypted(patient: &Patient, certificate: Option<&Certificate>) -> Finding {
    let url = &patient.config.site.url;
    let now = patient.clock.now();
    match certificate {
        _ if url.scheme() != "https" => {
            let says = "site.url is http: mail programs then offer no one-click unsubscription";
            Finding::bad(Group::Site, "https", says)
                .mend(format!("[site]\nurl = \"{}\"", patient.by_https()))
        }
        None => Finding::good(Group::Site, "https", "encrypted"),
        Some(shown) if shown.days(now) < SOON => {
            let says = format!("the certificate ends soon: {}", shown.words(now));
            Finding::warn(Group::Site, "https", says)
                .mend("certbot renew   # or look why Caddy does not renew it: journalctl -u caddy")
        }
        Some(shown) => {
            Finding::good(Group::Site, "https", format!("encrypted; {}", shown.words(now)))
        }
    }
}

async fn healthy(patient: &Patient, client: &Client, health: &Answer) -> Finding {
    let bad = |says: String| Finding::bad(Group::Site, "healthz", says);
    let told: serde_json::Value = serde_json::from_str(&health.body).unwrap_or_default();
    let said = told["status"].as_str();
    match (health.status, said) {
        (StatusCode::OK, Some("ok")) => {
            let version = told["version"].as_str().unwrap_or("unknown");
            Finding::good(Group::Site, "healthz", format!("the daemon is well (version {version})"))
        }
        (StatusCode::SERVICE_UNAVAILABLE, Some("failing")) => {
            let reason = told["reason"].as_str().unwrap_or("for no reason that it says");
            bad(format!("the daemon is not well: {reason}"))
                .mend("paperround doctor --only database")
        }
        (status, _) if status.is_redirection() => {
            bad(format!("{} leads on to {}", patient.config.site.address(), health.location))
                .mend(format!("[site]\nurl = \"{}\"", health.location.trim_end_matches("/healthz")))
        }
        (status, _) => {
            let listen = patient.config.server.listen;
            let runs = get(client, &format!("http://{listen}/healthz")).await.is_ok();
            let mend = match runs {
                true => proxy(patient),
                false => "systemctl start paperround   # or: paperround serve".to_owned(),
            };
            bad(format!("{status} from somebody who is not Paper Round, at /healthz")).mend(mend)
        }
    }
}

/// Only our server has our key.
fn ours(patient: &Patient, answer: Result<Answer, String>, proof: &str) -> Finding {
    match answer {
        Ok(answer) if answer.body.trim() == proof => {
            Finding::good(Group::Site, "this server", "links in mails lead to this server")
        }
        other => {
            let says = format!(
                "links in mails lead to another server, or to one with another key: {}",
                said(&other)
            );
            Finding::bad(Group::Site, "this server", says).mend(format!(
                "restart the daemon that runs at {} if its key was changed: systemctl restart \
                 paperround\nelse {}",
                patient.config.server.listen,
                proxy(patient)
            ))
        }
    }
}

fn one_click(patient: &Patient, answer: Result<Answer, String>, proof: &str) -> Finding {
    const NAME: &str = "one-click";
    match answer {
        Ok(answer) if answer.body.trim() == proof && answer.status == StatusCode::OK => {
            Finding::good(
                Group::Site,
                NAME,
                "a POST of RFC 8058 gets through, and is answered at once",
            )
        }
        other => {
            let says = format!(
                "a POST of RFC 8058 does not get through, so unsubscribing in mail programs fails: {}",
                said(&other)
            );
            let listen = patient.config.server.listen;
            let mend = format!(
                "let POST on /unsubscribe/ through as it is: no login, no redirect, no challenge, no \
                 cache; in nginx:\nlocation /unsubscribe/ {{ proxy_pass http://{listen}; auth_basic off; }}"
            );
            Finding::bad(Group::Site, NAME, says).mend(mend)
        }
    }
}

fn said(answer: &Result<Answer, String>) -> String {
    match answer {
        Err(why) => why.clone(),
        Ok(answer) if answer.status.is_redirection() => {
            format!("{} to {}", answer.status, answer.location)
        }
        Ok(answer) => answer.status.to_string(),
    }
}
