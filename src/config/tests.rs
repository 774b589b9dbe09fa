//! Good configs: defaults, overrides, what is shown, and that no input makes a panic.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::init::DEFAULT;
use super::*;

const GOOD: &str = "[site]\nurl = \"https://papers.example.org/\"\n[mail]\n\
                    from = \"papers@example.org\"\n[[mail.relays]]\nurl = \"folder:outbox\"\n";

fn load(text: &str, env: &[(&str, &str)]) -> Loaded {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(text, Path::new("/etc/paperround/c.toml"), env)
        .unwrap_or_else(|faults| panic!("{faults}"))
}

fn with_relay(url: &str, rest: &str) -> String {
    GOOD.replace("folder:outbox", url) + rest
}

#[test]
fn defaults() {
    let Loaded { config, warnings, .. } = load(GOOD, &[]);
    assert!(warnings.is_empty(), "{warnings:?}");
    insta::assert_snapshot!(config.show());
    assert_eq!(config.site.address(), "https://papers.example.org");
    assert_eq!(config.database.url, "sqlite:/etc/paperround/paperround-data/paperround.db");
    assert_eq!(config.mail.from_name, "Paper Round");
    assert_eq!(config.mail.bounce_address, None);
}

#[test]
fn sources_have_defaults_by_kind() {
    let text =
        format!("{GOOD}[[sources]]\nkind = \"huggingface-api\"\n[[sources]]\nname = \"b\"\n");
    let sources = load(&text, &[]).config.sources;
    let told: Vec<_> = sources.iter().map(|s| (s.name.as_str(), s.url.as_str())).collect();
    assert_eq!(
        told,
        [
            ("huggingface-api", "https://huggingface.co/api/daily_papers"),
            ("b", "https://huggingface.co/papers")
        ]
    );
}

/// `(section, key)` to its value as text, from the lines of a config, comments included.
fn explained(text: &str) -> BTreeMap<(String, String), String> {
    let mut section = String::new();
    let mut keys = BTreeMap::new();
    for line in text.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
        } else if let Some((key, value)) = line.split_once(" = ")
            && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            keys.insert((section.clone(), key.to_owned()), value.to_owned());
        }
    }
    keys
}

#[test]
fn the_written_config_explains_every_key_with_its_default_and_no_other() {
    let mut written = explained(DEFAULT);
    for section in SECTIONS {
        for key in section.keys {
            let name = (section.path.to_owned(), key.name.to_owned());
            let value = written.remove(&name).unwrap_or_else(|| panic!("{name:?} is missing"));
            if let Preset::Is(default) = key.preset {
                assert_eq!(value, default, "{name:?}");
            }
            assert!(!key.doc.is_empty() && !key.wanted.is_empty(), "{name:?}");
        }
    }
    assert!(written.is_empty(), "unknown: {written:?}");
}

/// The written config with every key set that needs no file beside it.
fn every_key() -> String {
    let lines = DEFAULT
        .lines()
        .filter(|line| {
            !["templates = ", "password", "mail.dkim", "imap = ", "_file = "]
                .iter()
                .any(|no| line.contains(no))
        })
        .filter(|line| !["selector", "key_file", "domain ="].iter().any(|no| line.contains(no)))
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with("[[") => rest,
            _ => line,
        });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_written_config_is_valid_as_it_stands_and_with_every_key_set() {
    let as_it_stands = load(DEFAULT, &[]).config;
    let set = load(&every_key(), &[]).config;
    assert_eq!(set.mail.reply_to.as_ref().map(|a| a.as_str()), Some("editor@example.org"));
    assert_eq!(set.digest.max_papers, as_it_stands.digest.max_papers);
    let RelayTarget::Folder(folder) = &as_it_stands.mail.relays[0].target else { panic!() };
    assert_eq!(folder, Path::new("/etc/paperround/../outbox"));
}

#[test]
fn init_writes_a_config_that_loads_and_never_over_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("new/config/paperround.toml");
    init(&file, DEFAULT).unwrap();
    let loaded = Config::load(Some(&file), std::iter::empty()).unwrap();
    assert_eq!(loaded.config.site.data_dir, dir.path().join("new/config/paperround-data"));
    std::fs::write(&file, "mine").unwrap();
    let refused = init(&file, DEFAULT).unwrap_err();
    assert!(refused.to_string().contains("is there already"), "{refused}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn the_relay_table() {
    use SmtpTls::{Implicit, None as Plain, Opportunistic, Required};
    for (url, host, port, tls, user) in [
        ("smtp://mail.example.org", "mail.example.org", 25, Required, None),
        ("smtp://mail.example.org:587/", "mail.example.org", 587, Required, None),
        ("smtp://Mail.Example.org?tls=required", "mail.example.org", 25, Required, None),
        ("smtp://mail.example.org?tls=none", "mail.example.org", 25, Plain, None),
        ("smtp://mail.example.org?tls=opportunistic", "mail.example.org", 25, Opportunistic, None),
        ("smtp://localhost:2525", "localhost", 2525, Plain, None),
        ("smtp://127.0.0.2", "127.0.0.2", 25, Plain, None),
        ("smtp://[::1]:1025", "::1", 1025, Plain, None),
        ("smtp://localhost?tls=required", "localhost", 25, Required, None),
        ("smtp://127.0.0.1.example.org", "127.0.0.1.example.org", 25, Required, None),
        ("smtp://[2001:db8::1]", "2001:db8::1", 25, Required, None),
        ("smtps://mail.example.org", "mail.example.org", 465, Implicit, None),
        ("smtp://me@mail.example.org", "mail.example.org", 25, Required, Some("me")),
        ("smtps://a%40b+c%3D@mx.example.org:1", "mx.example.org", 1, Implicit, Some("a@b+c=")),
        ("smtp://müller.example", "xn--mller-kva.example", 25, Required, None),
        ("smtp://mail_relay:25", "mail_relay", 25, Required, None),
    ] {
        let password = if user.is_some() { "password = \"hunter2\"\n" } else { "" };
        let config = load(&with_relay(url, password), &[]).config;
        let (host, user) = (host.to_owned(), user.map(str::to_owned));
        assert_eq!(
            config.mail.relays[0].target,
            RelayTarget::Smtp { host, port, tls, user },
            "{url}"
        );
        // Shown, it means the same again.
        assert_eq!(load(&config.show(), &[]).config.show(), config.show(), "{url}");
    }
    for (rate, per_second) in [("100/s", 100.0), ("600/m", 10.0), ("5000/h", 5000.0 / 3600.0)] {
        let config = load(&format!("{GOOD}rate = \"{rate}\"\n"), &[]).config;
        assert_eq!(config.mail.relays[0].rate, Some(per_second));
        let again = load(&config.show(), &[]).config;
        assert_eq!(again.mail.relays[0].rate, Some(per_second), "{}", config.show());
    }
}

#[test]
fn senders() {
    for (written, name, address) in [
        ("papers@Example.org", "Paper Round", "papers@example.org"),
        ("Papers <papers@example.org>", "Papers", "papers@example.org"),
        (r#"\"Papers, Inc. \\\"x\\\"\" <p@example.org>"#, r#"Papers, Inc. "x""#, "p@example.org"),
        ("<papers@localhost>", "Paper Round", "papers@localhost"),
    ] {
        let text = GOOD.replace("papers@example.org", written);
        let config = load(&text, &[]).config;
        assert_eq!((config.mail.from_name.as_str(), config.mail.from.as_str()), (name, address));
        assert_eq!(load(&config.show(), &[]).config.mail.from_name, name);
    }
}

#[test]
fn variables_go_before_the_file() {
    let env = [
        ("PAPERROUND_CONFIG", "elsewhere"),
        ("PAPERROUND__SITE__TITLE", "5"),
        ("PAPERROUND__SITE__TIME_ZONE", "\"Europe/Berlin\""),
        ("PAPERROUND__DIGEST__MAX_PAPERS", "5"),
        ("PAPERROUND__DIGEST__SEND_EMPTY", "true"),
        ("PAPERROUND__MAIL__RELAYS__0__URL", "smtps://me@mx.example.org"),
        ("PAPERROUND__MAIL__RELAYS__0__PASSWORD", "0042"),
        ("PAPERROUND__MAIL__RELAYS__1__URL", "folder:b"),
        ("PAPERROUND__MAIL__RELAYS__1__DOMAINS", "[\"Example.org\"]"),
        ("OTHER", "x"),
    ];
    let Config { site, digest, mail, .. } = load(GOOD, &env).config;
    assert_eq!((site.title.as_str(), site.time_zone.name()), ("5", "Europe/Berlin"));
    assert_eq!((digest.max_papers, digest.send_empty), (5, true));
    assert_eq!(mail.relays[0].name, "smtps://me@mx.example.org:465");
    assert_eq!(mail.relays[0].password.as_ref().unwrap().expose_secret(), "0042");
    assert_eq!(mail.relays[1].domains, ["example.org"]);

    let whole = [("PAPERROUND__MAIL__RELAYS", "[{url = \"folder:x\"}, {url = \"folder:y\"}]")];
    assert_eq!(load(GOOD, &whole).config.mail.relays.len(), 2);
    let alone = [
        ("PAPERROUND__SITE__URL", "https://papers.example.org"),
        ("PAPERROUND__MAIL__FROM", "papers@example.org"),
        ("PAPERROUND__MAIL__RELAYS__0__URL", "folder:x"),
    ];
    load("", &alone);
}

#[test]
fn secrets_come_from_files_and_are_never_shown() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (config, secret) = (dir.path().join("c.toml"), dir.path().join("secret"));
    std::fs::write(&secret, "hunter2\r\n").unwrap();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&secret, 0o600);
    let text = with_relay("smtps://me@mx.example.org", "password_file = \"secret\"\n");
    std::fs::write(&config, &text).unwrap();
    let read = |env: &[(&str, &str)]| {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(Some(&config), env).unwrap()
    };
    let loaded = read(&[]);
    let password = |loaded: &Loaded| {
        loaded.config.mail.relays[0].password.as_ref().unwrap().expose_secret().to_owned()
    };
    assert_eq!(password(&loaded), "hunter2");
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let json = loaded.config.show_json().to_string();
    for shown in [format!("{loaded:?}"), loaded.config.show(), json] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert!(loaded.config.show().contains("password = \"<redacted>\""));

    mode(&secret, 0o644);
    assert!(read(&[]).warnings[0].contains("password_file: everyone on this machine can read"));
    // A variable goes before the file's way of giving it.
    assert_eq!(password(&read(&[("PAPERROUND__MAIL__RELAYS__0__PASSWORD", "other")])), "other");

    std::fs::write(&config, text.replace("password_file", "password")).unwrap();
    mode(&config, 0o644);
    assert!(read(&[]).warnings[0].contains("can read the password in it"));
    let plain = load(&with_relay("smtps://me@mx.example.org", "password = \"hunter2\"\n"), &[]);
    assert!(!format!("{plain:?}").contains("hunter2"));
    mode(&config, 0o600);
    assert!(read(&[]).warnings.is_empty());
}

#[test]
fn what_has_no_effect_is_said() {
    let text = GOOD.replace(
        "[[mail.relays]]",
        "[inbound]\nlmtp = \"127.0.0.1:1\"\n\
         [[mail.relays]]\ndomains = [\"example.org\"]",
    );
    let text = text.replace("[site]", "[site]\nlocale = \"de\"");
    let warnings = load(&text, &[]).warnings.join("\n");
    insta::assert_snapshot!(warnings);
}

/// A key that signs, in a file of this mode.
fn key_file(folder: &Path, mode: u32) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("dkim.pem");
    let (_, pem) =
        crate::signing::SigningKey::generate(crate::signing::Algorithm::Ed25519).unwrap();
    std::fs::write(&path, pem).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[test]
fn keys_that_sign_are_read_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    let good = key_file(folder.path(), 0o600);
    let text = |lines: &str| format!("{GOOD}[mail.dkim]\nselector = \"Pr1\"\n{lines}\n");
    let one = load(&text(&format!("key_file = {good:?}")), &[]);
    let dkim = &one.config.mail.dkim[0];
    assert_eq!((dkim.domain.as_str(), dkim.selector.as_str()), ("example.org", "pr1"));
    assert!(one.warnings.is_empty(), "{:?}", one.warnings);
    assert!(Config::parse(&one.config.show(), Path::new("c.toml"), std::iter::empty()).is_ok());
    let other = load(&text(&format!("key_file = {good:?}\ndomain = \"example.net\"")), &[]);
    assert!(other.warnings[0].contains("does not cover"), "{:?}", other.warnings);

    let refused = |lines: &str| {
        let faults =
            Config::parse(&text(lines), Path::new("c.toml"), std::iter::empty()).unwrap_err();
        faults.render(false)
    };
    let open = folder.path().join("open");
    std::fs::create_dir(&open).unwrap();
    let open = key_file(&open, 0o644);
    let said = refused(&format!("key_file = {open:?}"));
    assert!(said.contains("c.toml:9:12") && said.contains("chmod 600"), "{said}");
    let none = folder.path().join("none.pem");
    assert!(refused(&format!("key_file = {none:?}")).contains("there is no such file"));
    std::fs::write(&good, "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n").unwrap();
    let said = refused(&format!("key_file = {good:?}"));
    assert!(said.contains("holds a public key"), "{said}");
    let dir = folder.path();
    assert!(refused(&format!("key_file = {dir:?}")).contains("not a regular file"));
    let twice = key_file(folder.path(), 0o640);
    let twice = format!("key_file = {twice:?}");
    let both = format!("[[mail.dkim]]\nselector = \"a\"\n{twice}\n").repeat(2);
    let faults = Config::parse(&format!("{GOOD}{both}"), Path::new("c.toml"), std::iter::empty())
        .unwrap_err();
    assert!(faults.render(false).contains("has this selector"));
}

#[test]
fn json_has_every_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = key_file(folder.path(), 0o600);
    let dkim = format!("[[mail.dkim]]\nselector = \"s\"\nkey_file = {key:?}\n");
    let hook = "[[admin.webhooks]]\nurl = \"https://hooks.example.org/x\"\n";
    let json = load(&format!("{GOOD}{dkim}{hook}"), &[]).config.show_json();
    for section in SECTIONS {
        let path = section.path.replace('.', "/");
        let mut at = json.pointer(&format!("/{path}")).unwrap();
        if section.repeated {
            at = &at[0];
        }
        for key in section.keys.iter().filter(|key| !key.name.ends_with("_file")) {
            assert!(at.get(key.name).is_some(), "{}.{}", section.path, key.name);
        }
    }
}

#[test]
fn a_list_is_named_in_ascii_whatever_the_sender_is_called() {
    let text = GOOD.replace("papers@example.org", "papers@b\u{fc}cher.example");
    assert_ne!(text, GOOD);
    assert_eq!(load(&text, &[]).config.mail.list_id, "digest.xn--bcher-kva.example");
}

fn try_parse(text: &str, env: &[(String, String)]) {
    match Config::parse(text, Path::new("c.toml"), env.iter().cloned()) {
        Ok(loaded) => {
            let shown = loaded.config.show();
            let again = Config::parse(&shown, Path::new("c.toml"), std::iter::empty());
            match again {
                Ok(again) => assert_eq!(again.config.show(), shown),
                Err(faults) => panic!("{shown}\n{faults}"),
            }
        }
        Err(faults) => {
            assert!(!faults.list().is_empty());
            assert!(faults.to_string().contains(": error: "));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_ends_in_a_config_or_in_faults(text in "\\PC*", raw in any::<Vec<u8>>()) {
        try_parse(&text, &[]);
        try_parse(&String::from_utf8_lossy(&raw), &[]);
    }

    #[test]
    fn so_does_any_change_to_a_good_one(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, "[\\PC\\n]{0,4}|[\\[\\]=.\"'{}#\\\\]{1,3}"), 1..4),
        name in "(SITE|MAIL|SOURCES|DIGEST)(__(URL|FROM|0|1|RELAYS|MAX_PAPERS)){0,4}",
        value in "\\PC{0,8}",
    ) {
        let mut text: Vec<char> = every_key().chars().collect();
        let mut plain: Vec<char> = DEFAULT.chars().collect();
        for (at, remove, insert) in cuts {
            for text in [&mut text, &mut plain] {
                let at = at.index(text.len());
                let end = (at + remove).min(text.len());
                text.splice(at..end, insert.chars());
            }
        }
        let env = [(format!("PAPERROUND__{name}"), value)];
        try_parse(&text.iter().collect::<String>(), &env);
        try_parse(&plain.iter().collect::<String>(), &[]);
        try_parse(DEFAULT, &env);
    }
}

/// The variable of a key, in the first of its sections.
fn variable(section: &Section, key: &Key) -> String {
    let path: Vec<String> = section.path.split('.').map(str::to_uppercase).collect();
    let zero = if section.repeated { "__0" } else { "" };
    format!("PAPERROUND__{}{zero}__{}", path.join("__"), key.name.to_uppercase())
}

#[test]
fn what_the_schema_says_of_a_key_is_what_reading_takes() {
    let mut judged = 0;
    for section in SECTIONS.iter().filter(|section| section.path != "mail.dkim") {
        for key in section.keys {
            let name = variable(section, key);
            let read = |value: &str| {
                let env = [(name.clone(), value.to_owned())];
                Config::parse(GOOD, Path::new("/etc/c.toml"), env.into_iter()).map(|_| ())
            };
            let (good, bad): (Vec<String>, Vec<String>) = match key.takes() {
                Takes::Truth => (vec!["true".into(), "false".into()], vec!["1".into()]),
                Takes::Whole(from, to) => (
                    vec![from.to_string(), to.to_string()],
                    vec![(from - 1).to_string(), (to + 1).to_string(), "1.5".into()],
                ),
                Takes::Number(from, to) => (
                    vec![from.to_string(), to.to_string()],
                    vec![(from - 0.1).to_string(), (to + 0.1).to_string()],
                ),
                Takes::Words(words) => (words, vec!["zzz".into()]),
                Takes::Texts => (Vec::new(), vec!["1".into(), "{}".into()]),
                Takes::Text => continue,
            };
            for value in &good {
                if let Err(faults) = read(value) {
                    // A feed has no address of its own, nor has a webhook.
                    let told = faults.to_string();
                    let lacks = told.contains("needs one") || told.contains("url or url_file");
                    assert!(lacks, "{name}={value}: {faults}");
                }
            }
            for value in &bad {
                assert!(read(value).is_err(), "{name}={value} is accepted");
            }
            judged += 1;
        }
    }
    assert!(judged >= 15, "{judged}");
    // A default that is no text has a kind that says so.
    for section in SECTIONS {
        for key in section.keys {
            let Preset::Is(default) = key.preset else { continue };
            let text = matches!(key.takes(), Takes::Text | Takes::Words(_));
            assert_eq!(default.starts_with('"'), text, "{}.{}", section.path, key.name);
        }
    }
}

#[test]
fn the_schema_says_which_sections_there_must_be_and_how_they_are_written() {
    let parse = |text: &str| Config::parse(text, Path::new("/etc/c.toml"), std::iter::empty());
    for section in SECTIONS.iter().filter(|section| section.repeated) {
        let text = format!("{GOOD}[{}]\n", section.path)
            .replace("[[mail.relays]]\nurl = \"folder:outbox\"\n", "");
        let told = parse(&text).unwrap_err().to_string();
        let as_one = !told.contains("a section with the header");
        assert_eq!(as_one, schema::ALSO_ONE.contains(&section.path), "{}: {told}", section.path);
        let bare = GOOD.replace("[[mail.relays]]\nurl = \"folder:outbox\"\n", "");
        let needed = parse(&bare).unwrap_err().to_string().contains(section.path);
        assert_eq!(needed, schema::AT_LEAST_ONE.contains(&section.path), "{}", section.path);
    }
    let whole = schema();
    assert_eq!(whole["required"], serde_json::json!(["site", "mail"]));
    assert_eq!(whole["properties"]["mail"]["required"], serde_json::json!(["from", "relays"]));
}

#[test]
fn changes_are_told_by_key_and_those_that_need_a_restart_are_kept() {
    let old = load(GOOD, &[]);
    assert!(old.changes_to(&load(GOOD, &[])).is_empty());
    let text = GOOD
        .replace("[mail]", "data_dir = \"x\"\ntitle = \"New\"\n[server]\nlisten = \"127.0.0.1:1\"\n[inbound]\naddress = \"a@b.example\"\nlmtp = \"127.0.0.1:2\"\n[mail]")
        .replace("folder:outbox", "smtps://me@host")
        + "password = \"hunter2\"\n";
    let new = load(&text, &[]);
    let changes = old.changes_to(&new);
    let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|line| line == "site.title: \"Paper Round\" → \"New\""), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("mail.relays[0].password: not set →")));
    assert!(!told.concat().contains("hunter2"), "{told:#?}");
    let secret = load(&text.replace("hunter2", "hunter3"), &[]);
    let told = new.changes_to(&secret);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].to_string(), "mail.relays[0].password: \"<redacted>\" (changed)");

    let kept = new.keeping(&old);
    let waiting: BTreeMap<String, bool> =
        kept.changes_to(&new).into_iter().map(|change| (change.key, change.restart)).collect();
    assert!(waiting.values().all(|restart| *restart), "{waiting:?}");
    // The address for mail was not listened to: it can be now.
    let keys: Vec<&str> = waiting.keys().map(String::as_str).collect();
    assert_eq!(keys, ["database.url", "server.listen", "site.data_dir"]);
    let later = load(&text.replace("127.0.0.1:2", "127.0.0.1:3"), &[]);
    let waiting = later.keeping(&new).changes_to(&later);
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].key, "inbound.lmtp");
    // Every key that says so, and no other, is kept.
    let marked: Vec<String> = SECTIONS
        .iter()
        .flat_map(|section| section.keys.iter().map(move |key| (section, key)))
        .filter(|(_, key)| key.restart)
        .map(|(section, key)| format!("{}.{}", section.path, key.name))
        .collect();
    assert_eq!(
        marked,
        [
            "site.data_dir",
            "server.listen",
            "database.url",
            "database.password",
            "database.password_file",
            "inbound.lmtp",
            "telemetry.otlp"
        ]
    );
}
