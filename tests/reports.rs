//! Reads reports about our mail, and mails that are none: the collection in `reports/`, each with
//! what is expected in its first line, and the shared corpus of real ones where it is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use paperround::bounce::{Report, ReportKind, read};
use paperround::inbound::{Arrival, classify};
use paperround::mail::{Incoming, MOST_PARSED};
use paperround::model::Verdict;
use proptest::prelude::*;

fn report(raw: &[u8]) -> Option<Report> {
    read(&Incoming::read(raw))
}

fn told(report: Option<&Report>) -> String {
    let Some(report) = report else { return "none".to_owned() };
    let mut told: Vec<String> = report
        .findings
        .iter()
        .map(|one| format!("{} {}", one.addr.as_deref().unwrap_or("-"), one.verdict.word()))
        .collect();
    told.sort();
    told.join(", ")
}

fn suppresses(report: Option<&Report>) -> bool {
    let ends = |verdict| matches!(verdict, Verdict::Hard | Verdict::Complaint);
    report.is_some_and(|report| report.findings.iter().any(|one| ends(one.verdict)))
}

/// The collection: name, mail, what is expected.
fn collection() -> Vec<(String, Vec<u8>, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports");
    let mut mails = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the collection") {
        let path = entry.expect("a file").path();
        let raw = std::fs::read(&path).expect("a mail");
        let first =
            String::from_utf8_lossy(raw.split(|byte| *byte == b'\n').next().expect("a line"))
                .into_owned();
        let expected = first.strip_prefix("X-Expected:").expect("what is expected").trim();
        let mut expected: Vec<&str> = expected.split(", ").collect();
        expected.sort_unstable();
        mails.push((path.display().to_string(), raw, expected.join(", ")));
    }
    assert!(mails.len() >= 70, "{} mails", mails.len());
    mails
}

fn with_line_ends(raw: &[u8], end: &[u8]) -> Vec<u8> {
    let plain: Vec<u8> = raw.iter().copied().filter(|byte| *byte != b'\r').collect();
    plain.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(end)
}

#[test]
fn the_collection_is_read_as_expected_whatever_its_line_ends() {
    let mut faults = Vec::new();
    for (name, raw, expected) in collection() {
        for end in [&b"\n"[..], b"\r\n", b"\r"] {
            let got = told(report(&with_line_ends(&raw, end)).as_ref());
            if got != expected {
                faults.push(format!("{name} {end:?}: expected [{expected}], got [{got}]"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn what_came_back_comes_along_in_every_form() {
    let mut with_it = 0;
    for (name, raw, expected) in collection() {
        let is_bounce =
            !expected.is_empty() && expected != "none" && !expected.contains("autoreply");
        let came_back = raw.windows(21).any(|words| words == b"Message-ID: <d1@news.");
        if is_bounce && came_back {
            let report = report(&raw).expect(&name);
            assert!(
                report.returned.contains("<d1@news.example.com>"),
                "{name}: {}",
                report.returned
            );
            assert!(report.returned.len() <= 64 << 10);
            with_it += 1;
        }
    }
    assert!(with_it > 20, "{with_it}");
}

#[test]
fn a_report_says_status_and_words_of_each_recipient() {
    let (_, raw, _) =
        collection().into_iter().find(|(name, ..)| name.ends_with("gmail-full.eml")).expect("it");
    let report = report(&raw).expect("a report");
    assert_eq!(report.kind, ReportKind::Bounce);
    assert_eq!(report.findings[0].status.as_deref(), Some("5.2.2"));
    assert!(
        report.findings[0]
            .detail
            .starts_with("552-5.2.2 The recipient's inbox is out of storage space.")
    );
    assert!(report.findings[0].detail.chars().count() <= 300);
}

/// A program that leaves the list for its reader marks its mail as a machine's: the token in the
/// address counts all the same.
#[test]
fn what_a_program_sends_to_an_unsubscribe_token_unsubscribes() {
    let own = "papers@news.example.com".parse().expect("an address");
    for (to, class) in [
        ("papers+unsubscribe-abc", "reply"),
        ("papers", "complaint"),
        ("papers+b-abc", "complaint"),
    ] {
        let raw = format!(
            "From: ann@icloud.example\nTo: {to}@news.example.com\nSubject: unsubscribe\n\
             Auto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\n\nA mail to unsubscribe.\n"
        );
        let mail = Incoming::read(raw.as_bytes());
        let report = read(&mail);
        let arrival = Arrival { from: None, to: &[], bytes: raw.as_bytes() };
        assert_eq!(classify(&arrival, &mail, report.as_ref(), Some(&own)).word(), class, "{to}");
        assert_eq!(told(report.as_ref()), "ann@icloud.example complaint");
    }
}

/// As long as what is parsed at most. None may hang, overflow the stack or panic.
#[test]
fn bombs_are_read_within_bounds() {
    const HEAD: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n";
    let bombs = [
        "Content-Type: message/rfc822\n\n",
        "Con tent - Type : (c) message/rfc822\n\n",
        "Content-Type: multipart/digest; boundary=b\n\n--b\n\n",
        "--a\n\nx\n",
        "--a\nContent-Type: message/delivery-status\n\n",
        "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n",
        "<a@b.example>: 550 user unknown\n",
        "A: b\n",
        "@",
        "\"@",
        "(",
        "\n",
        "5.",
        "rcpt to",
        "{\"a\":",
        "<a &amp;",
        "Content-Transfer-Encoding: base64\n",
    ];
    for bomb in bombs {
        for head in [
            "",
            &format!("{HEAD}Content-Type: multipart/report; boundary=a\n\n"),
            &format!("{HEAD}\n"),
        ] {
            let mut raw = head.to_owned();
            raw.push_str(&bomb.repeat(MOST_PARSED / bomb.len() + 1));
            let findings = report(raw.as_bytes()).map_or(0, |report| report.findings.len());
            assert!(findings <= 200, "{bomb}: {findings}");
        }
    }
}

#[test]
fn depth_that_an_encoding_hides_is_not_followed() {
    let inner = "Content-Type: message/rfc822\n\n".repeat(20_000);
    let encoded = data_encoding::BASE64_MIME.encode(inner.as_bytes());
    for kind in ["message/rfc822", "(c) message/rfc822", "message/global", "mess(c)age/rfc822"] {
        for name in ["Content-Transfer-Encoding", "Content-Tran sfer-Encoding"] {
            let raw =
                format!("From: a@b.example\nContent-Type: {kind}\n{name}: base64\n\n{encoded}");
            assert_eq!(report(raw.as_bytes()), None);
        }
    }
    let raw = format!(
        "Content-Type: multipart/digest; boundary=a\n\n--a\nContent-Transfer-Encoding: base64\n\n{encoded}"
    );
    assert_eq!(report(raw.as_bytes()), None);
}

/// The corpus, unpacked once; `PAPERROUND_CORPUS` says where it lies if not beside the repository.
fn corpus() -> Option<PathBuf> {
    static CORPUS: OnceLock<Option<tempfile::TempDir>> = OnceLock::new();
    let unpack = || {
        let home = std::env::var_os("PAPERROUND_CORPUS").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
            PathBuf::from,
        );
        let archive = home.join("mail.tar.xz");
        if !archive.is_file() {
            eprintln!("SKIPPED: no {}", archive.display());
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let unpacked =
            Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(folder.path()).status();
        assert!(unpacked.expect("tar").success());
        Some(folder)
    };
    CORPUS.get_or_init(unpack).as_ref().map(|folder| folder.path().join("mail"))
}

/// Real mails: path within the corpus, class, what is expected.
fn real_mails(folder: &Path) -> Vec<(String, String, String)> {
    let table = std::fs::read_to_string(folder.join("SOURCES.tsv")).expect("the table");
    let rows = table.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    let column = |row: &[&str], at: usize| row.get(at).copied().unwrap_or_default().to_owned();
    rows.map(|row| (column(&row, 0), column(&row, 5), column(&row, 6)))
        .filter(|(file, ..)| file.starts_with("bounce/") || file.starts_with("odd/"))
        .collect()
}

#[test]
fn real_mails_are_read_as_well_as_they_were() {
    let Some(folder) = corpus() else { return };
    let mut count = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    for (file, class, expected) in real_mails(&folder) {
        let raw = std::fs::read(folder.join(&file)).expect("a mail");
        for end in [&b"\n"[..], b"\r\n", b"\r"] {
            let found = report(&with_line_ends(&raw, end));
            if ["odd", "autoreply", "mdn", "not-bounce"].contains(&class.as_str())
                && suppresses(found.as_ref())
            {
                wrong.push(format!("{file} is no report: {}", told(found.as_ref())));
            }
        }
        let is_scored =
            ["bounce/sisimai-bsd", "bounce/flufl"].iter().any(|part| file.starts_with(part));
        if !is_scored || class != "bounce" {
            continue;
        }
        let found = report(&raw);
        let mut known = Vec::new();
        for one in expected.split('|').filter_map(|one| one.trim().strip_prefix("addr=")) {
            let (addr, action) = one.split_once(";action=").unwrap_or((one, ""));
            known.push(addr.to_ascii_lowercase());
            if !["hard", "soft", "policy"].iter().any(|word| action.starts_with(word)) {
                continue;
            }
            let finding = found.iter().flat_map(|report| &report.findings).find(|finding| {
                finding.addr.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(addr))
            });
            let is_hard = finding.is_some_and(|finding| finding.verdict == Verdict::Hard);
            let should = action.starts_with("hard");
            *count.entry("addresses").or_default() += 1;
            *count.entry("found").or_default() += usize::from(finding.is_some());
            *count.entry("hard").or_default() += usize::from(should);
            *count.entry("hard found").or_default() += usize::from(should && is_hard);
            *count.entry("soft").or_default() += usize::from(!should);
            *count.entry("soft called hard").or_default() += usize::from(!should && is_hard);
        }
        for finding in found.iter().flat_map(|report| &report.findings) {
            let addr = finding.addr.as_deref().unwrap_or_default().to_ascii_lowercase();
            if finding.verdict == Verdict::Hard && !known.is_empty() && !known.contains(&addr) {
                wrong.push(format!("{file}: {addr} did not fail"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(count["found"] * 100 >= count["addresses"] * 97, "{count:?}");
    assert!(count["hard found"] * 100 >= count["hard"] * 97, "{count:?}");
    // Who is lost by mistake is lost; who stays by mistake bounces again.
    assert!(count["soft called hard"] * 100 <= count["soft"], "{count:?}");
}

/// A change to a mail: where, how much of it goes, what comes instead.
fn change() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..20),
        prop::sample::select(vec![
            "\r",
            "\n\n",
            "--",
            "@",
            "<",
            "\"",
            "(",
            ";",
            "\0",
            "Content-Type: message/rfc822\n\n",
            "Content-Type: multipart/mixed; boundary=\"",
            "Content-Transfer-Encoding: base64\n",
            "Final-Recipient: rfc822;",
            "charset=iso-2022-jp",
            "=?utf-8?b?",
            "From: MAILER-DAEMON\n",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    (any::<prop::sample::Index>(), 0_usize..200, piece)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_mails_are_read_without_a_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        let mut mails: Vec<Vec<u8>> = collection().into_iter().map(|(_, raw, _)| raw).collect();
        if let Some(folder) = corpus() {
            let file = &which.get(&real_mails(&folder)).0.clone();
            mails.push(std::fs::read(folder.join(file)).expect("a mail"));
        }
        let mut raw = which.get(&mails).clone();
        for (at, gone, piece) in changes {
            let at = at.index(raw.len() + 1);
            let end = raw.len().min(at + gone);
            raw.splice(at..end, piece);
        }
        if let Some(report) = report(&raw) {
            for finding in &report.findings {
                prop_assert!(finding.detail.chars().count() <= 300 && !finding.detail.contains('\n'));
            }
        }
    }

    #[test]
    fn what_is_cut_off_makes_no_report_of_a_mail_that_is_none(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let is_none = |expected: &str| expected == "none" || expected.contains("autoreply") || expected.is_empty();
        let mails: Vec<_> = collection().into_iter().filter(|(_, _, expected)| is_none(expected)).collect();
        let (name, raw, _) = which.get(&mails);
        let report = report(&raw[..at.index(raw.len())]);
        prop_assert!(!suppresses(report.as_ref()), "{name}: {}", told(report.as_ref()));
    }
}
