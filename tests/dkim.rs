//! Signatures as receivers see them: keys made by the program, mail sent by it, verified by
//! `check-eml` where the tools are at hand, and by the standard's own steps here always.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn program(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
    // Who joins on Monday is due on Tuesday.
    let day = if words.contains(&"run") { 24 } else { 23 };
    let at = format!("2026-02-{day}T08:20:00Z");
    command.current_dir(folder).args(["-c", "c.toml", "--at", &at]).args(words);
    command.output().unwrap()
}

fn good(done: &Output) -> String {
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// Three readers' mails, signed, and the keys as the DNS would have them.
fn sent() -> (tempfile::TempDir, Vec<Vec<u8>>, HashMap<String, String>) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let config = "[site]\nurl = \"https://digest.example\"\ndata_dir = \"data\"\n\
                  [mail]\nfrom = \"Paper Round <papers@digest.example>\"\n\
                  [[mail.relays]]\nurl = \"folder:outbox\"\n";
    std::fs::write(folder.join("c.toml"), config).unwrap();
    let made: Value =
        serde_json::from_str(&good(&program(folder, &["key", "dkim", "--json"]))).unwrap();
    let config = format!("{config}{}", made["config"].as_str().unwrap());
    std::fs::write(folder.join("c.toml"), config).unwrap();
    let records = made["records"].as_array().unwrap().iter();
    let dns = records.map(|record| {
        let text = |name: &str| record[name].as_str().unwrap().to_owned();
        (text("name"), text("value"))
    });
    let dns = dns.collect();
    for name in ["ann", "bob", "a.rather.long.address.that.needs.its.own.line.and.yet.another"] {
        let address = format!("{name}@example.net");
        good(&program(folder, &["subscriber", "add", &address, "--confirmed"]));
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    good(&program(folder, &["fetch", "--from", page.to_str().unwrap()]));
    good(&program(folder, &["run", "--no-fetch"]));
    let files = std::fs::read_dir(folder.join("outbox")).unwrap();
    let mails: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert_eq!(mails.len(), 3);
    (home, mails, dns)
}

/// Verifies one signature by the steps of RFC 6376 6.1, and gives its algorithm.
fn verify(mail: &str, field: &str, dns: &HashMap<String, String>) -> String {
    let tags: HashMap<&str, String> = field
        .split_once(':')
        .unwrap()
        .1
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .map(|(name, value)| (name.trim(), value.split_whitespace().collect()))
        .collect();
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    let mut canonical = String::new();
    for line in body.split("\r\n") {
        let words: Vec<&str> = line.split([' ', '\t']).collect();
        let mut line = words.join(" ");
        while line.contains("  ") {
            line = line.replace("  ", " ");
        }
        canonical += line.trim_end_matches(' ');
        canonical += "\r\n";
    }
    let canonical = format!("{}\r\n", canonical.trim_end_matches("\r\n"));
    assert_eq!(STANDARD.encode(Sha256::digest(canonical)), tags["bh"]);

    let relaxed = |field: &str| {
        let (name, value) = field.split_once(':').unwrap();
        let words: Vec<&str> = value.split_whitespace().collect();
        format!("{}:{}", name.to_lowercase(), words.join(" "))
    };
    let mut fields: Vec<&str> = fields(head);
    let mut text = String::new();
    for name in tags["h"].split(':') {
        let is_it = |field: &&str| field.split(':').next().unwrap().eq_ignore_ascii_case(name);
        if let Some(at) = fields.iter().rposition(is_it) {
            text += &relaxed(fields.remove(at));
            text += "\r\n";
        }
    }
    let signature = &tags["b"];
    let cut = field.rfind("b=").unwrap() + 2;
    text += &relaxed(&field[..cut]);
    let signature = STANDARD.decode(signature).unwrap();
    let name = format!("{}._domainkey.{}", tags["s"], tags["d"]);
    let (_, public) = dns[&name].split_once("p=").unwrap();
    let public = STANDARD.decode(public).unwrap();
    match tags["a"].as_str() {
        "rsa-sha256" => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(text.as_bytes(), &signature)
            .unwrap(),
        _ => UnparsedPublicKey::new(&ED25519, public)
            .verify(&Sha256::digest(text), &signature)
            .unwrap(),
    }
    tags["a"].clone()
}

/// The fields of a head, folded as they are.
fn fields(head: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = vec![0];
    let ends = head.match_indices("\r\n").map(|(at, _)| at + 2);
    starts.extend(ends.filter(|at| !head[*at..].starts_with([' ', '\t'])));
    starts.push(head.len());
    starts.windows(2).map(|at| head[at[0]..at[1]].trim_end_matches("\r\n")).collect()
}

#[test]
fn every_mail_carries_two_signatures_that_verify() {
    let (home, mails, dns) = sent();
    for mail in &mails {
        let mail = std::str::from_utf8(mail).unwrap();
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let of_ours = fields(head).into_iter().filter(|field| field.starts_with("DKIM-Signature:"));
        let kinds: Vec<String> = of_ours.map(|field| verify(mail, field, &dns)).collect();
        assert_eq!(kinds, ["rsa-sha256", "ed25519-sha256"]);
        // An address in angle brackets cannot be folded (RFC 2369 2).
        let may_be_long = |line: &str| line.contains("<http") || line.contains("<mailto");
        let is_good = |line: &str| line.len() <= 78 || may_be_long(line);
        assert!(head.split("\r\n").all(is_good), "{head}");
    }
    judged(home.path(), &mails, &dns);
}

/// By dkimpy, where it is at hand.
fn judged(folder: &Path, mails: &[Vec<u8>], dns: &HashMap<String, String>) {
    let tools = std::env::var_os("PAPERROUND_TOOLS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools"),
        PathBuf::from,
    );
    let judge = tools.join("check-eml");
    if !judge.exists() {
        eprintln!("not judged by check-eml: it is not at {}", judge.display());
        return;
    }
    let judged = folder.join("judged");
    std::fs::create_dir(&judged).unwrap();
    for (at, mail) in mails.iter().enumerate() {
        std::fs::write(judged.join(format!("digest-{at}.eml")), mail).unwrap();
    }
    std::fs::write(folder.join("dns.json"), serde_json::to_string(dns).unwrap()).unwrap();
    let report = folder.join("report.json");
    let done = Command::new(&judge)
        .args(["--need-ed25519", "--no-now", "--skip", "htmlvalidate,caniemail,sa,rspamd,render"])
        .arg("--dns")
        .arg(folder.join("dns.json"))
        .arg("--json")
        .arg(&report)
        .arg(&judged)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let Ok(report) = std::fs::read_to_string(&report) else {
        eprintln!("not judged by check-eml: {}", String::from_utf8_lossy(&done.stderr));
        return;
    };
    eprintln!("{said}");
    let broken: Vec<&str> = said.lines().filter(|line| line.contains(" D0")).collect();
    assert!(broken.is_empty(), "{broken:?}\n{report}");
}

#[test]
fn keys_are_never_overwritten_unasked() {
    let home = tempfile::tempdir().unwrap();
    let make = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
        command.current_dir(home.path()).env("NO_COLOR", "1").env_remove("PAPERROUND_CONFIG");
        command.args([
            "key",
            "dkim",
            "--domain",
            "example.org",
            "--selector",
            "x",
            "--dir",
            "keys",
        ]);
        command.args(more).output().unwrap()
    };
    let text = good(&make(&[]));
    assert!(text.contains("xr._domainkey.example.org") && text.contains("v=DKIM1; k=ed25519; p="));
    assert!(!text.contains("PRIVATE"));
    // A string of a TXT record has at most 255 bytes.
    let strings = text
        .lines()
        .filter(|line| line.contains(" IN TXT "))
        .flat_map(|line| line.split('"').skip(1).step_by(2));
    assert!(strings.clone().count() == 3 && strings.into_iter().all(|part| part.len() <= 255));
    let key = home.path().join("keys/dkim-xr.pem");
    let first = std::fs::read(&key).unwrap();
    let again = make(&[]);
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.code() == Some(1) && said.contains("is there already"), "{said}");
    assert_eq!(std::fs::read(&key).unwrap(), first);
    good(&make(&["--force", "--kind", "rsa"]));
    assert_ne!(std::fs::read(&key).unwrap(), first);
}
