//! Corrupt configs and the words that they are refused with. Every snapshot was read by eye:
//! an admin at night must see what to change.

use std::path::{Path, PathBuf};

use paperround::config::{Config, Faults};

/// The required keys, for files whose faults lie elsewhere.
const GOOD: &str = r#"[site]
url = "https://papers.example.org"
[mail]
from = "papers@example.org"
[[mail.relays]]
url = "folder:outbox"
"#;

fn parse(text: &str, env: &[(&str, &str)]) -> Result<Config, Faults> {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(text, Path::new("c.toml"), env).map(|loaded| loaded.config)
}

/// Each case with what it is refused with.
fn told(cases: &[(&str, &str)]) -> String {
    let here = format!("{}/", std::env::current_dir().expect("a current folder").display());
    let mut out = String::new();
    for (name, text) in cases {
        let faults = parse(text, &[]).err().unwrap_or_else(|| panic!("{name} is accepted"));
        out += &format!("## {name}\n{faults}\n\n");
    }
    out.replace(&here, "/base/")
}

/// The same, each after the good beginning.
fn told_after_good(cases: &[(&str, &str)]) -> String {
    let cases: Vec<_> = cases.iter().map(|(name, text)| (*name, format!("{GOOD}{text}"))).collect();
    told(&cases.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>())
}

#[test]
fn syntax() {
    let told = told(&[
        ("a text without its end", "[site]\nurl = \"https://example.org\ntitle = \"x\"\n"),
        ("no value", "[site]\nurl =\n[mail]\nfrom = \n"),
        ("no quotes", "[site]\nurl = https://papers.example.org\n"),
        (
            "a header without its end",
            "[site\nurl = \"https://a.example\"\n[mail]\nform = \"a@b.example\"\n",
        ),
        ("a key twice", "[site]\nurl = \"https://a.example\"\nurl = \"https://b.example\"\n"),
        ("a section twice", "[site]\nurl = \"https://a.example\"\n[site]\ntitle = \"x\"\n"),
        ("YAML", "site:\n  url: https://papers.example.org\nmail:\n  from: x\n"),
        ("JSON", "{\"site\": {\"url\": \"https://papers.example.org\"}}\n"),
        ("a colon", "[site]\nurl: \"https://papers.example.org\"\n"),
        ("a leading zero", "[digest]\nmax_papers = 015\n"),
        ("Windows path", "[site]\ndata_dir = \"C:\\papers\"\n"),
        (
            "half a list",
            "[[mail.relays]]\nurl = \"folder:x\"\ndomains = [\"a.example\", \n[retry]\nfactor = 2\n",
        ),
        (
            "slips in several places",
            "[site]\nurl = \"https://a.example\"\ntitel = \"x\"\n[digest]\nmax_papers = = 5\nlook_back = 7\n",
        ),
        ("Python's words", "[digest]\nsend_empty = False\nmax_papers = None\n"),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn missing() {
    let told = told(&[
        ("nothing", ""),
        ("only a comment", "# later\n"),
        (
            "sections without their keys",
            "\n[site]\ntitle = \"x\"\n\n[mail]\nreply_to = \"a@example.org\"\n\n  [[mail.relays]]\nconnections = 2\n",
        ),
        (
            "a feed without its address",
            &format!("{GOOD}[[sources]]\nkind = \"feed\"\n[[sources]]\nkind = \"arxiv\"\n"),
        ),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn unknown() {
    let told = told_after_good(&[
        ("a slip", "[digest]\nmax_paper = 3\nlookback = \"7d\"\nmax-html = \"90 kB\"\n"),
        ("a section", "[digests]\nmax_papers = 3\n"),
        ("a section like nothing", "[zzz]\na = 1\n"),
        ("a key at the top", "title = \"x\"\nfoo = 1\n[x]\n"),
        ("a key of another section", "[digest]\ntime_zone = \"UTC\"\n"),
        ("in every source", "[[sources]]\nlink = \"x\"\n[[sources]]\nname = \"b\"\nuri = \"x\"\n"),
        ("in a later section", "[inbound]\nadress = \"a@example.org\"\n"),
        (
            "beside a bad value",
            "[inbound]\naddress = \"papers+x@example.org\"\nlmtp = \"127.0.0.1:8024\"\n",
        ),
        ("odd names", "[log]\n\"\" = 1\n\"a\\u001b[31mb\" = 2\n\"größe\" = 3\n"),
        ("dotted", "log.levle = \"info\"\nserver.listen.port = 80\n"),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn types() {
    let told = told_after_good(&[
        (
            "numbers as text",
            "[digest]\nmax_papers = \"15\"\nsend_empty = \"true\"\n[retry]\nfactor = \"2\"\n",
        ),
        (
            "text as numbers",
            "[digest]\nlook_back = 7\nmax_html = 90\nschedule = 8\n[log]\nlevel = 2\n",
        ),
        (
            "other kinds",
            "[digest]\nmax_papers = 1.5\nlook_back = [1]\nsend_empty = {}\nexpire_after = 2026-01-01\n",
        ),
        ("beyond 64 bits", "[digest]\nmax_papers = 99999999999999999999\n"),
        ("one table for several", "[sources]\nurl = \"https://a.example\"\n"),
        ("several for one", "[[server]]\nlisten = \"127.0.0.1:1\"\n"),
        ("no table", "[subscriptions]\nopen = true\n[x]\n"),
        ("a list of other things", "[[sources]]\n[retry]\nfirst = []\n"),
    ]);
    insta::assert_snapshot!(told);
    let at_the_top = self::told(&[
        ("a section that is none", "site = \"https://a.example\"\nmail = 5\nlog = []\n"),
        (
            "relays as texts",
            "[mail]\nfrom = \"a@example.org\"\nrelays = [\"smtp://u:hunter2@h\"]\n",
        ),
    ]);
    insta::assert_snapshot!("types_at_the_top", at_the_top);
}

#[test]
fn values() {
    let told = told_after_good(&[
        (
            "of a digest",
            "[digest]\nschedule = \"0 8 * *\"\nmax_papers = 0\nlook_back = \"0s\"\nexpire_after = \"0s\"\nmax_html = \"1 B\"\ntemplates = \"no/such\"\n",
        ),
        (
            "schedules",
            "[digest]\nschedule = \"61 * * * *\"\n[[sources]]\nschedule = \"0 0 31 2 *\"\n",
        ),
        ("of retry", "[retry]\nfirst = \"1h\"\nfactor = 0.5\nmost = \"1m\"\n"),
        ("a shorter longest wait", "[retry]\nfirst = \"1h\"\nmost = \"1m\"\n"),
        ("not a number", "[retry]\nfactor = nan\n"),
        ("of the log", "[log]\nformat = \"txt\"\nlevel = \"inof\"\naddresses = \"mask\"\n"),
        ("a log filter", "[log]\nlevel = \"info,paper round=debug\"\n"),
        ("ports", "[server]\nlisten = \"127.0.0.1:65536\"\n"),
        ("a listening name", "[server]\nlisten = \"localhost:8080\"\n"),
        ("only a port", "[server]\nlisten = \":8080\"\n"),
        ("a database file alone", "[database]\nurl = \"papers.db\"\n"),
        ("a database in memory", "[database]\nurl = \"sqlite::memory:\"\n"),
        ("a database scheme", "[database]\nurl = \"sqlit:papers.db\"\n"),
        ("source kinds", "[[sources]]\nkind = \"hugingface\"\n[[sources]]\nkind = \"reddit\"\n"),
        (
            "source names",
            "[[sources]]\nname = \"a b\"\n[[sources]]\nname = \"x\"\n[[sources]]\nname = \"x\"\n[[sources]]\n[[sources]]\n",
        ),
        (
            "source addresses",
            "[[sources]]\nname = \"a\"\nurl = \"http://example.org/feed\"\n[[sources]]\nname = \"b\"\nurl = \"htps://example.org\"\n[[sources]]\nname = \"c\"\nurl = \"example.org/feed\"\n[[sources]]\nname = \"d\"\nurl = \"https://u:hunter2@example.org\"\n[[sources]]\nname = \"e\"\nurl = \"https://\"\nmax_size = \"9 TB\"\n[[sources]]\nname = \"f\"\nurl = \"file:///etc/passwd\"\n",
        ),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn site_and_mail() {
    let told = told(&[
        (
            "a site",
            "[site]\nurl = \"http://papers.example.org\"\ntitle = \"\"\ntime_zone = \"Europe/Berln\"\nlocale = \"English\"\ndata_dir = \"\"\n",
        ),
        ("a site's query", "[site]\nurl = \"https://example.org/?a=1\"\n"),
        (
            "a title of two lines",
            "[site]\nurl = \"https://example.org\"\ntitle = \"a\\r\\nBcc: x\"\n",
        ),
        (
            "addresses",
            "[mail]\nfrom = \"Paper Round\"\nreply_to = \"a@b\"\nbounce_address = \"a b@example.org\"\nlist_id = \"my list\"\npostal_address = \" \"\n",
        ),
        ("half a name", "[mail]\nfrom = \"Paper Round <a@example.org\"\n"),
        ("a second header", "[mail]\nfrom = \"Paper\\nBcc: x@example.org <a@example.org>\"\n"),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn relays() {
    let one = |url: &str, rest: &str| {
        format!(
            "[site]\nurl = \"https://a.example\"\n[mail]\nfrom = \"a@example.org\"\n[[mail.relays]]\nurl = \"{url}\"\n{rest}"
        )
    };
    let cases = [
        ("no scheme", one("mail.example.org:25", "")),
        ("another scheme", one("stmp://mail.example.org", "")),
        ("a web address", one("https://mail.example.org", "")),
        ("no host", one("smtp://", "")),
        ("a port out of range", one("smtp://mail.example.org:70000", "")),
        ("port 0", one("smtp://mail.example.org:0", "")),
        ("a password in the url", one("smtps://user:hunter2@mail.example.org", "")),
        ("a password in the url, with @", one("smtps://user:hun@ter/2@mail.example.org", "")),
        ("an unknown option", one("smtp://mail.example.org?starttls=no", "")),
        ("an unknown kind of TLS", one("smtp://mail.example.org?tls=opportunist", "")),
        ("TLS twice", one("smtp://mail.example.org?tls=none&tls=required", "")),
        ("smtps with an option", one("smtps://mail.example.org?tls=none", "")),
        ("a path", one("smtp://mail.example.org/x", "")),
        ("no folder", one("folder:", "")),
        ("a user without a password", one("smtps://user@mail.example.org", "")),
        ("a password without a user", one("smtps://mail.example.org", "password = \"hunter2\"\n")),
        (
            "two passwords",
            one("smtps://u@mail.example.org", "password = \"hunter2\"\npassword_file = \"x\"\n"),
        ),
        (
            "a password file that is not there",
            one("smtps://u@mail.example.org", "password_file = \"no-such\"\n"),
        ),
        (
            "a password file that is a folder",
            one("smtps://u@mail.example.org", "password_file = \"src\"\n"),
        ),
        (
            "a password of another type",
            one("smtps://u@mail.example.org", "password = [\"hunter2\"]\n"),
        ),
        ("a misspelt password", one("smtps://u@mail.example.org", "pasword = \"hunter2\"\n")),
        (
            "a secret under another name",
            one("smtps://u@mail.example.org", "credential = \"hunter2\"\n"),
        ),
        ("a broken password", one("smtps://u@mail.example.org", "password = \"hunter2\n")),
        ("a password without quotes", one("smtps://u@mail.example.org", "password = hunter2\n")),
        ("a quoted password", one("smtps://u@mx.example.org", "\"password\" = \"hunter2\n")),
        (
            "a password among others",
            one("folder:x", "[inbound]\npassword = { a = \"hunter2\", b = }\n"),
        ),
        (
            "all on one line",
            "mail = { relays = [{ credential = \"hunter2\", connections = 0, conections = 1 }] }"
                .to_owned(),
        ),
        (
            "a password over lines",
            one("smtps://u@mail.example.org", "password = \"\"\"\nhunter2\\q\n\"\"\"\n"),
        ),
        ("numbers", one("folder:x", "connections = 0\nrate = \"0/s\"\ndomains = []\n")),
        (
            "forms",
            one(
                "folder:x",
                "connections = -1\nrate = \"100 per second\"\ndomains = [\"*\", \"a@example.org\", 5]\n",
            ),
        ),
        ("one domain", one("folder:x", "domains = \"*\"\n")),
        ("the same twice", one("folder:x", "[[mail.relays]]\nurl = \"folder:x\"\n")),
    ];
    let cases: Vec<_> = cases.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let told = told(&cases);
    assert!(!told.contains("hunter2") && !told.contains("ter/2"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn variables() {
    let mut out = String::new();
    for env in [
        &[("PAPERROUND__SITE__TITEL", "x"), ("PAPERROUND__DIGESTS__MAX_PAPERS", "5")][..],
        &[("PAPERROUND__DIGEST__MAX_PAPERS", "many"), ("PAPERROUND__DIGEST__LOOK_BACK", "7")],
        &[("PAPERROUND__DIGEST", "x"), ("PAPERROUND__", "x"), ("PAPERROUND__SITE____URL", "x")],
        &[("PAPERROUND__SITE__TITLE__X", "x"), ("PAPERROUND__SITE__URL__X", "x")],
        &[("PAPERROUND__SOURCES__1__URL", "https://example.org")],
        &[("PAPERROUND__SOURCES__0__URL", "http://example.org")],
        &[("PAPERROUND__SOURCES__URL", "https://example.org")],
        &[("PAPERROUND__MAIL__RELAYS__0__PASSWORD", "hunter2\n")],
        &[("PAPERROUND__MAIL__RELAYS__0__PASWORD", "hunter2")],
        &[("PAPERROUND__MAIL__RELAYS__2__URL", "folder:x")],
        &[("PAPERROUND__MAIL__RELAYS__1__CONNECTIONS", "2")],
    ] {
        let faults = parse(GOOD, env).unwrap_err();
        out += &format!("## {env:?}\n{faults}\n\n").replace("\"hunter2", "\"********");
        assert!(!out.contains("hunter2"), "{out}");
    }
    insta::assert_snapshot!(out);
}

#[test]
fn for_programs() {
    let text = format!("{GOOD}[digest]\nmax_papres = 3\nlook_back = 7\n[log\n");
    let faults = parse(&text, &[("PAPERROUND__LOG__FORMAT", "xml")]).unwrap_err();
    let told = serde_json::to_string_pretty(&faults).unwrap();
    insta::assert_snapshot!(told);
    assert_eq!(faults.list().len(), 4);
    assert!(faults.render(true).contains("\u{1b}["));
}

/// Files that are no text to begin with: one fault each, at once.
#[test]
fn files() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(at(name), bytes).unwrap();
        at(name)
    };
    std::fs::create_dir(at("folder")).unwrap();
    std::fs::create_dir(at("folder-with")).unwrap();
    write("folder-with/paperround.toml", b"");
    std::os::unix::fs::symlink(at("loop-b"), at("loop-a")).unwrap();
    std::os::unix::fs::symlink(at("loop-a"), at("loop-b")).unwrap();
    std::os::unix::fs::symlink(at("gone"), at("dangling")).unwrap();
    let utf16: Vec<u8> = "[site]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [PathBuf; 13] = [
        at("gone"),
        at("dangling"),
        at("loop-a"),
        at("folder"),
        at("folder-with"),
        write("empty", b""),
        write("blank", b" \n\n"),
        write("nul", b"[site]\nurl = \"\0\"\n"),
        write("latin1", b"[site]\n# gr\xf6\xdfe\nurl = 1\n"),
        write("utf16", &utf16),
        write("huge", &vec![b'#'; 1_000_001]),
        write("garbage", &[0xff; 300]),
        PathBuf::from("/dev/null"),
    ];
    let mut out = String::new();
    for file in files {
        let faults = Config::load(Some(&file), std::iter::empty()).unwrap_err();
        assert_eq!(faults.list().len(), 1, "{faults}");
        out += &format!("{faults}\n");
    }
    let out = out.replace(&dir.path().display().to_string(), "DIR");
    insta::assert_snapshot!(out);
}

#[test]
fn a_file_of_nothing_but_faults_is_told_in_part() {
    let faults = parse(&"x = \n".repeat(50_000), &[]).unwrap_err();
    assert_eq!(faults.list().len(), 100);
    assert!(faults.to_string().ends_with("more"), "{faults}");
}

#[test]
fn a_large_file_is_judged_in_seconds() {
    let many = |line: fn(usize) -> String| {
        let mut text = String::new();
        for n in 0.. {
            text += &line(n);
            if text.len() > 200_000 {
                break;
            }
        }
        text
    };
    for text in [
        many(|n| format!("[[sources]]\nname = \"a{n}\"\n")),
        many(|n| format!("a{n} = 1\n")),
        many(|n| format!("a{n} =\nb{n} = 1\n")),
        many(|n| format!("[a{n}\n")),
        many(|_| "] = ".to_owned()),
        "[".repeat(100_000) + &"\n".repeat(100_000),
        format!("x = \"{}", "ü".repeat(450_000)),
        format!("{GOOD}[server]\nlisten = \"{}\"", "ü".repeat(450_000)),
    ] {
        let start = std::time::Instant::now();
        if let Err(faults) = parse(&text, &[]) {
            assert!(faults.to_string().len() < 100_000);
        }
        let (took, first): (_, String) = (start.elapsed(), text.chars().take(20).collect());
        assert!(took.as_secs() < 20, "{first:?} {took:?}");
    }
}

#[test]
fn deep_nesting_ends_in_a_fault() {
    for text in [
        "[".repeat(200_000),
        format!("x = {}", "[".repeat(200_000)),
        format!("x = {}", "{a=".repeat(100_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
    ] {
        assert!(parse(&text, &[]).is_err());
        assert!(parse(GOOD, &[("PAPERROUND__SITE__TITLE__X", &text)]).is_err());
    }
    let name = format!("PAPERROUND__{}X", "A__".repeat(50_000));
    assert!(parse(GOOD, &[(&name, "1")]).is_err());
}
