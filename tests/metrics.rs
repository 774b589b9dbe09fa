//! Figures and health over a real socket: who may read them, that they tell what happened, that
//! the documents, the alert rules and the dashboard name what there is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use paperround::alarms::{Kind, Trouble};
use paperround::meter::{self, METRICS};
use serde_json::Value;
use support::site::{NOW, Site};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The value of the one series that begins so.
fn figure(text: &str, series: &str) -> f64 {
    let lines = text.lines().filter_map(|line| line.strip_prefix(series));
    let values: Vec<&str> = lines.filter_map(|rest| rest.strip_prefix(' ')).collect();
    assert_eq!(values.len(), 1, "{series} in {text}");
    values[0].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_counted() {
    meter::start();
    let site = Site::start().await;
    site.fill().await;
    site.welcome("ann@example.org").await;
    site.get("/unsubscribe/nonsense").await;
    site.get("/no-such-page-at-all").await;
    site.ask("BREW", "/", "", b"").await;
    let answer = site.get("/metrics").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = answer.body;
    assert_eq!(figure(&text, "paperround_subscribers{state=\"active\"}"), 1.0);
    assert_eq!(figure(&text, "paperround_subscribers{state=\"paused\"}"), 0.0);
    assert_eq!(figure(&text, "paperround_papers"), 3.0);
    assert_eq!(figure(&text, "paperround_digests_total"), 1.0);
    assert_eq!(figure(&text, "paperround_deliveries_planned_total"), 1.0);
    assert_eq!(figure(&text, "paperround_deliveries_waiting{state=\"queued\"}"), 0.0);
    let relay = format!("folder:{}", site.folder.path().join("out").display());
    for (kind, count) in [("digest", 1.0), ("notice", 1.0)] {
        let of = format!("{{relay=\"{relay}\",kind=\"{kind}\",outcome=\"sent\"}}");
        assert_eq!(figure(&text, &format!("paperround_deliveries_total{of}")), count);
    }
    let waited = "paperround_queue_wait_seconds_count{kind=\"digest\"}";
    assert_eq!(figure(&text, waited), 1.0);
    let route = "paperround_http_requests_total{route=\"/unsubscribe/{token}\",method=\"GET\",\
                 status=\"404\"}";
    assert_eq!(figure(&text, route), 1.0);
    let other = "paperround_http_requests_total{route=\"other\",method=\"GET\",status=\"404\"}";
    assert_eq!(figure(&text, other), 1.0);
    assert!(text.contains("method=\"other\"") && !text.contains("BREW"), "{text}");
    assert_eq!(figure(&text, "paperround_alarms_open{topic=\"dkim\"}"), 0.0);
    assert!(figure(&text, "paperround_data_free_bytes") > 0.0);
    assert!(figure(&text, "paperround_database_size_bytes") > 0.0);
    assert!(!text.contains("example.org") && !text.contains("nonsense"), "{text}");

    let known: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(known.contains(name) || name.starts_with("process_"), "{name} is not in the table");
        assert!(text.contains(&format!("# HELP {name} ")), "{name} has no help");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_not_for_everybody() {
    let site = Site::start().await;
    assert_eq!(site.get("/metrics").await.status, 200);
    for header in ["X-Forwarded-For: 203.0.113.9\r\n", "Forwarded: for=127.0.0.1\r\n"] {
        let refused = site.ask("GET", "/metrics", header, b"").await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert!(refused.body.contains("server.trusted_proxies"), "{}", refused.body);
    }
    site.end().await;

    let behind = "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n";
    let site = Site::start_with(behind).await;
    let from = |ip: &str| format!("X-Forwarded-For: {ip}\r\n");
    let refused = site.ask("GET", "/metrics", &from("203.0.113.9"), b"").await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("metrics.allow"), "{}", refused.body);
    assert_eq!(site.ask("GET", "/metrics", &from("127.0.0.1"), b"").await.status, 200);
    site.end().await;

    let token = format!("{behind}[metrics]\nallow = [\"all\"]\ntoken = \"open sesame\"\n");
    let site = Site::start_with(&token).await;
    assert_eq!(site.get("/metrics").await.status, 403);
    for (shown, status) in
        [("Bearer open sesame", 200), ("bearer open sesame", 200), ("Bearer open", 403), ("x", 403)]
    {
        let headers = format!("{}Authorization: {shown}\r\n", from("203.0.113.9"));
        assert_eq!(site.ask("GET", "/metrics", &headers, b"").await.status, status, "{shown}");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readyz_says_what_is_wrong() {
    let site = Site::start_with("[admin]\nalarms_to = \"admin@digest.example\"\n").await;
    let ask = async |headers: &str| {
        let answer = site.ask("GET", "/readyz", headers, b"").await;
        (answer.status, serde_json::from_str::<Value>(&answer.body).unwrap())
    };
    let (status, said) = ask("").await;
    assert_eq!(
        (status, &said["status"], &said["troubles"]),
        (200, &"ready".into(), &Value::Array(vec![]))
    );
    let alarms = site.app.alarms().unwrap();
    let wrong = [Trouble::new("huggingface", "Its address https://secret.example gives nothing.")];
    alarms.settle(Kind::SourceBroken, "", &wrong, NOW.parse().unwrap()).await.unwrap();
    let (status, said) = ask("").await;
    assert_eq!((status, &said["status"]), (200, &"degraded".into()));
    let trouble = &said["troubles"][0];
    assert_eq!(trouble["what"], "source-broken");
    assert_eq!(trouble["since"], NOW);
    assert_eq!(trouble["detail"], "huggingface: Its address https://secret.example gives nothing.");
    let (status, said) = ask("X-Forwarded-For: 203.0.113.9\r\n").await;
    assert_eq!((status, &said["status"]), (200, &"degraded".into()));
    assert_eq!(said["troubles"][0]["detail"], "A source gives nothing");

    site.app.store.close().await;
    // The last answer about the database counts for two seconds; alarms are asked for anew.
    let (status, said) = ask("").await;
    assert_eq!((status, &said["status"]), (503, &"failing".into()));
    assert_eq!(said["troubles"][0]["what"], "database");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_has_an_id() {
    let site = Site::start().await;
    let one = site.get("/no-such-page").await;
    let id = one.header("x-request-id").to_owned();
    assert_eq!(id.len(), 16, "{}", one.head);
    assert!(one.body.contains(&id), "the error page names it");
    assert_ne!(site.get("/no-such-page").await.header("x-request-id"), id);
    let forged = site.ask("GET", "/", "X-Request-Id: mine\r\n", b"").await;
    assert_ne!(forged.header("x-request-id"), "mine", "strangers choose none");
    site.end().await;
    let site = Site::start_with("[server]\ntrusted_proxies = [\"127.0.0.1\"]\n").await;
    let told = site.ask("GET", "/", "X-Request-Id: 0af7-mine.1\r\n", b"").await;
    assert_eq!(told.header("x-request-id"), "0af7-mine.1");
    let odd = site.ask("GET", "/", "X-Request-Id: a\"b c\r\n", b"").await;
    assert_eq!(odd.header("x-request-id").len(), 16);
    site.end().await;
}

#[test]
fn the_document_lists_every_metric() {
    const MARK: &str = "<!-- made -->";
    let text = read("docs/metrics.md");
    let list = format!("{MARK}\n{}{MARK}\n", meter::list());
    if std::env::var_os("PAPERROUND_WRITE_DOCS").is_some() {
        let (before, rest) = text.split_once(MARK).unwrap();
        let after = rest.rsplit_once(&format!("{MARK}\n")).map_or(rest, |(_, after)| after);
        let made =
            format!("{before}{list}{}", after.trim_start_matches('\n').replacen("", "\n", 1));
        std::fs::write(root().join("docs/metrics.md"), made).unwrap();
        return;
    }
    assert!(text.contains(&list), "make it anew with PAPERROUND_WRITE_DOCS=1");
}

/// The names of our metrics in a query.
fn named(query: &str) -> BTreeSet<&str> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    query.split(word).filter(|name| name.starts_with("paperround_")).collect()
}

fn check(query: &str, place: &str) {
    for name in named(query) {
        let whole = ["_bucket", "_count", "_sum"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .filter(|base| METRICS.iter().any(|metric| metric.name == *base))
            .unwrap_or(name);
        let metric = METRICS.iter().find(|metric| metric.name == whole);
        let metric = metric.unwrap_or_else(|| panic!("{place}: there is no {name}"));
        assert_eq!(
            name != whole,
            matches!(metric.kind, meter::Kind::Histogram(_)),
            "{place}: {name}"
        );
        // Labels that are asked for exist.
        for selector in query.split(name).skip(1).filter_map(|rest| rest.strip_prefix('{')) {
            let inside = selector.split('}').next().unwrap();
            for label in inside.split(',').filter_map(|part| part.split(['=', '!']).next()) {
                let known = metric.labels.contains(&label.trim());
                assert!(known || ["job", "instance"].contains(&label), "{place}: {name}: {label}");
            }
        }
    }
}

#[test]
fn alert_rules_ask_for_what_there_is() {
    let rules = read("contrib/prometheus/alerts.yml");
    assert!(named(&rules).len() > 10);
    check(&rules, "alerts.yml");
    // Each of the program's own alarms that figures can show has a rule, under its word.
    for kind in Kind::ALL {
        use Kind::{BounceHeld, Certificate, Dkim, SignUps, Test, WebhookFailing};
        let known_here = [BounceHeld, Certificate, Dkim, SignUps, Test, WebhookFailing];
        let has = rules.contains(&format!("\"{}: ", kind.word()));
        assert!(has || known_here.contains(&kind), "{}", kind.word());
    }
}

#[test]
fn the_dashboard_is_one() {
    let dashboard: Value = serde_json::from_str(&read("contrib/grafana/paperround.json")).unwrap();
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 36);
    assert_eq!(dashboard["uid"], "paperround");
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: its id is another's");
        let at = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24, "{title} is too wide");
        for (x, y) in (at("x")..at("x") + at("w"))
            .flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y)))
        {
            assert!(taken.insert((x, y)), "{title} lies over another panel");
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title} has no unit");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{title} asks for nothing");
        for target in targets {
            let query = target["expr"].as_str().unwrap();
            assert!(!named(query).is_empty() || query.contains("process_"), "{title}: {query}");
            check(query, title);
        }
    }
    for list in dashboard["annotations"]["list"].as_array().unwrap() {
        check(list["expr"].as_str().unwrap_or(""), "annotations");
    }
}
