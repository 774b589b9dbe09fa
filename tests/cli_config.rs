//! `paperround config` as whoever runs the site meets it: explained, compared, edited in a real
//! editor's manner, noted and taken back.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/daemon.rs"]
mod daemon;

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use daemon::Daemon;
use serde_json::Value;

fn config(title: &str, more: &str) -> String {
    format!(
        "[site]\nurl = \"https://digest.example\"\ntitle = {title:?}\ndata_dir = \"data\"\n\
         [server]\nlisten = \"LISTEN\"\n\
         [[sources]]\nkind = \"feed\"\nurl = \"http://127.0.0.1:9/feed\"\nschedule = \"0 0 1 1 *\"\n\
         [mail]\nfrom = \"papers@digest.example\"\n[[mail.relays]]\n\
         url = \"smtps://me@127.0.0.1:9\"\npassword = \"hunter2\"\n{more}"
    )
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr)
}

/// An editor that does `script` to the file that it is given.
fn editor(daemon: &Daemon, script: &str) -> String {
    let path = daemon.beside("editor");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_change_is_edited_taken_over_noted_and_taken_back() {
    let mut daemon = Daemon::new(&config("First", ""));
    daemon.serve();
    let first = std::fs::read_to_string(daemon.file()).unwrap();
    std::fs::set_permissions(daemon.file(), std::fs::Permissions::from_mode(0o640)).unwrap();

    // Nothing done, and a fault with nobody to answer: the file stays.
    let editor_of = |script: &str| editor(&daemon, script);
    let done = daemon.call_with(&["config", "edit"], &[("VISUAL", &editor_of("true"))]);
    assert!(done.status.success() && said(&done).contains("is as it was"), "{}", said(&done));
    let slip = editor_of("sed -i 's/^title/titel/' \"$1\"");
    let done = daemon.call_with(&["config", "edit"], &[("VISUAL", &slip)]);
    assert_eq!(done.status.code(), Some(78), "{}", said(&done));
    assert!(said(&done).contains("did you mean title?") && said(&done).contains("left as it was"));
    let done = daemon.call_with(&["config", "edit"], &[("VISUAL", "/bin/false")]);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    assert_eq!(std::fs::read_to_string(daemon.file()).unwrap(), first);

    // A good one, by an editor with arguments: taken over by the daemon, with the same mode.
    let good = editor_of("sed -i 's/First/Second/' \"$2\"") + " --now";
    let done = daemon.call_with(&["config", "edit"], &[("VISUAL", ""), ("EDITOR", &good)]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("the running paperround has taken it over"), "{}", said(&done));
    assert!(said(&done).contains("site.title: \"First\" → \"Second\""), "{}", said(&done));
    assert!(daemon.get("/").contains("Second"));
    let mode = std::fs::metadata(daemon.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);

    let history = json(&daemon.call(&["--json", "config", "history"]));
    let versions = history["versions"].as_array().unwrap();
    assert_eq!(versions[0]["who"], "the-admin");
    assert_eq!(
        (&versions[0]["outcome"], &versions[1]["outcome"]),
        (&"applied".into(), &"applied".into())
    );
    assert_eq!(versions[1]["who"], "file");
    let number = versions[1]["version"].to_string();
    let shown = daemon.call(&["config", "history", "--show", &number]);
    assert!(shown.contains("First") && shown.contains("<redacted>"), "{shown}");

    // By hand, broken: refused, and a rollback needs no file that reads.
    daemon.write("[site\n");
    daemon.wait("it is refused", || daemon.said("is refused").len() == 1);
    let done = daemon.call_with(&["config", "rollback", &number], &[]);
    assert_eq!(done.status.code(), Some(78));
    assert!(said(&done).contains("--database"), "{}", said(&done));
    let database = "sqlite:data/paperround.db";
    let done = daemon.call_with(&["config", "rollback", &number, "--database", database], &[]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("taken it over"), "{}", said(&done));
    assert_eq!(std::fs::read_to_string(daemon.file()).unwrap(), first);
    daemon.wait("it is as it was", || daemon.get("/").contains("First"));
    daemon.write(&(config("First", "") + "[half\n"));
    daemon.wait("it is refused", || daemon.said("is refused").len() == 2);
    // Without a number it is what still is in force that comes back, not what was before that.
    let done = daemon.call_with(&["config", "rollback"], &[]);
    assert_eq!(std::fs::read_to_string(daemon.file()).unwrap(), first);
    assert!(said(&done).contains("taken it over"), "what reads says where: {}", said(&done));
    let done = daemon.call_with(&["config", "rollback", "999"], &[]);
    assert!(!done.status.success() && said(&done).contains("there is no version 999"));

    // What needs a restart, and what differs.
    let text = config("Third", "connections = 3\n").replace("hunter2", "hunter3");
    std::fs::write(daemon.beside("new.toml"), daemon.text(&text)).unwrap();
    let new = daemon.beside("new.toml");
    let told = daemon.call(&["config", "diff", new.to_str().unwrap()]);
    assert!(told.contains("mail.relays[0].password: \"<redacted>\" (changed)"), "{told}");
    assert!(told.contains("mail.relays[0].connections: 8 → 3"), "{told}");
    for words in [
        &["config", "history"][..],
        &["--json", "config", "history", "--show", "1"],
        &["config", "diff", "--version", "1"],
        &["config", "show"],
        &["config", "explain", "mail.relays"],
    ] {
        let told = said(&daemon.call_with(words, &[]));
        assert!(!told.contains("hunter"), "{words:?}: {told}");
    }
    assert!(!daemon.log().contains("hunter"));
    daemon.stop();
    let done = daemon.call_with(&["config", "rollback"], &[]);
    assert!(said(&done).contains("no running paperround was seen"), "{}", said(&done));
}

/// While the file is broken the daemon goes on; who looks at what it does sees that, and is told of
/// the file.
#[test]
fn a_broken_file_hides_nothing() {
    let mut daemon = Daemon::new(&config("First", ""));
    daemon.serve();
    daemon.call(&["subscriber", "add", "a@example.org", "--confirmed"]);
    let broken = |more: &str| daemon.write(&(config("First", "") + "[half\n[other\n" + more));
    broken("");
    daemon.wait("it is refused", || daemon.said("is refused").len() == 1);
    for words in [
        &["alarm", "list"][..],
        &["why", "a@example.org"],
        &["queue", "list"],
        &["subscriber", "list"],
        &["health"],
    ] {
        let done = daemon.call_with(words, &[]);
        assert_eq!(done.status.code(), Some(0), "{words:?}: {}", said(&done));
        assert!(said(&done).contains("the config file is broken"), "{words:?}: {}", said(&done));
    }
    let done = daemon.call_with(&["subscriber", "add", "b@example.org"], &[]);
    assert_eq!(done.status.code(), Some(78), "what changes things is refused: {}", said(&done));

    let doctor = ["--json", "doctor", "--offline", "--only", "machine"];
    let done = daemon.call_with(&doctor, &[]);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    let told = json(&String::from_utf8_lossy(&done.stdout));
    let findings = told["findings"].as_array().unwrap();
    let found = findings.iter().find(|one| one["name"] == "config").unwrap();
    assert_eq!(found["verdict"], "bad");
    assert!(found["mend"].as_str().unwrap().contains("paperround config rollback"), "{found}");
    assert!(found["says"].as_str().unwrap().contains("and this goes by the version"), "{found}");

    // Refused since the first time, whatever came after it.
    let troubles = || {
        let page = daemon.get("/readyz");
        let body = json(page.split("\r\n\r\n").nth(1).unwrap());
        body["troubles"].as_array().unwrap().clone()
    };
    let first = troubles();
    assert_eq!((first.len(), &first[0]["what"]), (1, &"config".into()), "{first:?}");
    let refused_at = first[0]["since"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let history = json(&daemon.call_with_stdout(&["--json", "config", "history"]));
    let at = |n: usize| history["versions"][n]["at"].as_str().unwrap().parse().unwrap();
    let [noted, applied]: [jiff::Timestamp; 2] = [at(0), at(1)];
    assert!(refused_at > applied && (noted - refused_at).get_seconds().abs() < 5, "{first:?}");
    broken("[third\n");
    daemon.wait("it is refused again", || daemon.said("is refused").len() == 2);
    assert_eq!(troubles()[0]["since"], first[0]["since"]);

    // The alarm of this machine says it no second time; one of another machine is another thing.
    let database = rusqlite::Connection::open(daemon.beside("data/paperround.db")).unwrap();
    for place in [paperround::machine::host().as_str(), "beta"] {
        let row = "INSERT INTO alarms (topic, subject, place, detail, opened_at, seen_at) \
                   VALUES ('config-refused', '', ?1, 'c.toml:3:1: wrong', 0, 0)";
        database.execute(row, [place]).unwrap();
    }
    let told: Vec<_> = troubles().iter().map(|one| one["what"].clone()).collect();
    assert_eq!(told, ["config", "config-refused"], "{:?}", troubles());
    let shown = daemon.call_with_stdout(&["config", "history"]);
    assert!(shown.contains("more: `config history --show "), "{shown}");
}

/// What the daemon took over but for a key, what a way back means for the readers, and who it was.
#[test]
fn what_waits_whom_it_touches_and_who_did_it_are_told() {
    let mut daemon = Daemon::new(&config("First", ""));
    daemon.serve();
    let diff = || json(&daemon.call(&["--json", "config", "diff"]));
    assert_eq!(diff()["waiting"].as_array().unwrap().len(), 0);
    let script = "sed -i 's/^listen.*/listen = \"127.0.0.1:1\"/' \"$1\"";
    let done = daemon.call_with(&["config", "edit"], &[("VISUAL", &editor(&daemon, script))]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(diff()["waiting"], Value::from(vec!["server.listen"]));
    let told = daemon.call(&["config", "diff"]);
    assert!(told.contains("server.listen: its new value still waits for a restart"), "{told}");

    let script = "sed -i 's/^data_dir/time_zone = \"Asia\\/Tokyo\"\\ndata_dir/' \"$1\"";
    daemon.call(&["subscriber", "add", "a@example.org", "--confirmed"]);
    let edit = ["config", "edit", "--yes"];
    let done = daemon.call_with(&edit, &[("VISUAL", &editor(&daemon, script))]);
    assert!(done.status.success(), "{}", said(&done));
    let taken = daemon.said("the config is in force");
    assert!(taken.last().unwrap().contains("the-admin"), "{taken:?}");
    let before = std::fs::read_to_string(daemon.file()).unwrap();
    let done = daemon.call_with(&["config", "rollback"], &[]);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    assert!(said(&done).contains("1 reader") && said(&done).contains("--yes"), "{}", said(&done));
    assert_eq!(std::fs::read_to_string(daemon.file()).unwrap(), before);
    let env = [("USER", ""), ("LOGNAME", "")];
    let done = daemon.call_with(&["config", "rollback", "--yes"], &env);
    assert!(done.status.success(), "{}", said(&done));
    assert!(!std::fs::read_to_string(daemon.file()).unwrap().contains("Tokyo"));
    let history = json(&daemon.call(&["--json", "config", "history"]));
    let who = history["versions"][0]["who"].as_str().unwrap();
    assert!(!["file", "unknown user", "the-admin", ""].contains(&who), "by the uid: {history}");
    assert_eq!(history["versions"][1]["who"], "the-admin", "{history}");
}

#[test]
fn two_do_not_edit_at_once_and_a_change_meanwhile_is_not_lost() {
    let daemon = Daemon::new(&config("First", ""));
    let (go, going) = (daemon.beside("go"), daemon.beside("going"));
    let script = format!(
        "touch {}; while [ ! -e {} ]; do sleep 0.02; done; sed -i 's/First/Mine/' \"$1\"",
        going.display(),
        go.display()
    );
    let waits = editor(&daemon, &script);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| daemon.call_with(&["config", "edit"], &[("VISUAL", &waits)]));
        daemon.wait("the editor is open", || going.exists());
        let second = daemon.call_with(&["config", "edit"], &[("VISUAL", "/bin/true")]);
        assert_eq!(second.status.code(), Some(1));
        assert!(said(&second).contains("is being edited already"), "{}", said(&second));
        // Somebody else, without the lock.
        daemon.write(&config("Theirs", ""));
        std::fs::write(&go, "").unwrap();
        let first = first.join().unwrap();
        assert_eq!(first.status.code(), Some(1), "{}", said(&first));
        assert!(said(&first).contains("changed by somebody else"), "{}", said(&first));
    });
    let text = std::fs::read_to_string(daemon.file()).unwrap();
    assert!(text.contains("Theirs"), "{text}");
    let left = std::fs::read_dir(daemon.folder.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".paper")), "{left:?}");
}

#[test]
fn keys_are_explained_with_what_they_are_set_to_and_where() {
    let daemon = Daemon::new(&config("First", "weight = 2\n"));
    let told = daemon.call(&["config", "explain", "site.title"]);
    assert!(told.contains("Now: \"First\", from ") && told.contains("paperround.toml:3"), "{told}");
    let told = daemon.call(&["config", "explain", "max_papers"]);
    assert!(told.contains("digest.max_papers") && told.contains("15, from the default"), "{told}");
    let env = [("PAPERROUND__DIGEST__MAX_PAPERS", "3")];
    let done = daemon.call_with(&["config", "explain", "PAPERROUND__DIGEST__MAX_PAPERS"], &env);
    let told = said(&done);
    assert!(told.contains("3, from the variable PAPERROUND__DIGEST__MAX_PAPERS"), "{told}");
    let told = json(&daemon.call(&["--json", "config", "explain", "mail.relays[0].weight"]));
    let value = &told["keys"][0]["values"][0];
    assert_eq!((&value["value"], &value["from"]), (&"2".into(), &"file".into()), "{told}");
    let told = daemon.call(&["config", "explain", "server.listen"]);
    assert!(told.contains("A new value counts after a restart."), "{told}");
    for (name, near) in [
        ("digest.shedule", "did you mean digest.schedule?"),
        ("password", "database.password or mail.relays.password or inbound.password"),
        ("zzzzzz", "config schema"),
    ] {
        let done = daemon.call_with(&["config", "explain", name], &[]);
        assert_eq!(done.status.code(), Some(2));
        assert!(said(&done).contains(near), "{name}: {}", said(&done));
    }
    // A broken file is no reason not to be told.
    daemon.write("[site\n");
    let done = daemon.call_with(&["config", "explain", "digest"], &[]);
    assert!(done.status.success() && said(&done).contains("[digest]"), "{}", said(&done));
}

#[test]
fn a_check_says_whom_a_change_touches() {
    let zoned = |schedule: &str, zone: &str, more: &str| {
        config("First", "").replace("data_dir", &format!("time_zone = \"{zone}\"\ndata_dir"))
            + &format!("[digest]\nschedule = \"{schedule}\"\n{more}")
    };
    let mut daemon = Daemon::new(&zoned("0 8 * * *", "UTC", ""));
    daemon.serve();
    daemon.stop();
    let roll = daemon.beside("readers.csv");
    let rows: Vec<String> = (0..1_204).map(|n| format!("r{n}@example.org")).collect();
    std::fs::write(&roll, format!("email\n{}\n", rows.join("\n"))).unwrap();
    let at = ["--at", "2027-03-01T12:00:00Z"];
    let import = ["subscriber", "import", roll.to_str().unwrap(), "--confirmed"];
    daemon.call(&[&at[..], &import].concat());
    let check = || {
        let done = daemon.call_with(&[&at[..], &["config", "check"]].concat(), &[]);
        assert!(done.status.success(), "{}", said(&done));
        said(&done)
    };
    assert!(!check().contains("readers"), "{}", check());

    daemon.write(&zoned("0 6 * * Mon", "Europe/Berlin", "max_papers = 5\nlook_back = \"2d\"\n"));
    let told = check();
    assert!(
        told.contains(
            "1,204 readers follow the site's times, which change from daily at 08:00, UTC to \
             Mondays at 06:00, Europe/Berlin: their next digest moves from Tue 2027-03-02 08:00 \
             UTC to Mon 2027-03-08 06:00 Europe/Berlin"
        ),
        "{told}"
    );
    assert!(told.contains("nobody gets a paper twice by that"), "{told}");
    assert!(told.contains("1,204 readers who chose no number get 5 full cards"), "{told}");

    daemon.write(
        &zoned("0 8 * * *", "UTC", "look_back = \"2d\"\nsend_empty = true\n")
            .replace("https://digest.example", "https://papers.example"),
    );
    let told = check();
    assert!(told.contains("look_back becomes shorter, from 7d to 2d"), "{told}");
    assert!(told.contains("1,204 readers get a mail on days without a new paper"), "{told}");
    assert!(told.contains("links to https://digest.example"), "{told}");

    daemon.write(
        &(zoned("0 8 * * *", "UTC", "").replace(
            "password = \"hunter2\"",
            "password = \"hunter2\"\ndomains = [\"example.com\"]",
        )),
    );
    assert!(check().contains("no relay serves 1 domain of 1,204 readers any more (example.org)"));
}

#[test]
fn the_schema_is_one_and_takes_what_the_program_takes() {
    let daemon = Daemon::new(&config("First", ""));
    let schema = json(&daemon.call(&["config", "schema"]));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let relay = &schema["properties"]["mail"]["properties"]["relays"];
    assert_eq!(relay["minItems"], 1);
    assert_eq!(relay["items"]["properties"]["weight"]["maximum"], 1000);
    assert_eq!(
        schema["properties"]["log"]["properties"]["format"]["enum"],
        Value::from(vec!["text", "json", "journald"])
    );
    // Judged by another's validator, where there is one.
    let file = daemon.beside("schema.json");
    std::fs::write(&file, schema.to_string()).unwrap();
    let judge = format!(
        "import json, jsonschema, tomllib\n\
         schema = json.load(open({file:?}))\n\
         jsonschema.Draft202012Validator.check_schema(schema)\n\
         judge = jsonschema.Draft202012Validator(schema)\n\
         for good in [{good:?}, {default:?}]:\n\
         \x20   judge.validate(tomllib.load(open(good, 'rb')))\n\
         bad = tomllib.load(open({good:?}, 'rb'))\n\
         bad['digest'] = dict(max_papers=0, titel=1)\n\
         bad['mail']['relays'][0]['password_file'] = 'x'\n\
         bad['log'] = dict(format='xml')\n\
         print(len(list(judge.iter_errors(bad))))\n",
        file = file.to_str().unwrap(),
        good = daemon.file().to_str().unwrap(),
        default = concat!(env!("CARGO_MANIFEST_DIR"), "/config/default.toml"),
    );
    let there = Command::new("python3").args(["-c", "import jsonschema, tomllib"]).output();
    if !there.is_ok_and(|done| done.status.success()) {
        eprintln!("SKIPPED: Python's jsonschema (Debian: python3-jsonschema) is not installed");
        return;
    }
    let done = Command::new("python3").args(["-c", &judge]).output().unwrap();
    assert_eq!(said(&done).trim(), "4", "{}", said(&done));
}

/// Whatever has become of the file, the way back is open, and nothing waits for a pipe or reads
/// without an end.
#[test]
fn whatever_is_in_its_place_the_file_comes_back() {
    let mut daemon = Daemon::new(&config("First", ""));
    daemon.serve();
    let first = std::fs::read_to_string(daemon.file()).unwrap();
    let place = format!("sqlite:{}", daemon.beside("data/paperround.db").display());
    let elsewhere = [("PAPERROUND__DATABASE__URL", place.as_str())];
    let run = |program: &str, words: &[&str]| {
        assert!(Command::new(program).args(words).arg(daemon.file()).status().unwrap().success());
    };
    let breaks: [(&str, &dyn Fn(), bool); 5] = [
        ("gone", &|| (), true),
        ("a loop", &|| run("ln", &["-s", "paperround.toml"]), true),
        ("a pipe", &|| run("mkfifo", &[]), true),
        ("endless", &|| run("ln", &["-s", "/dev/zero"]), true),
        ("a folder", &|| run("mkdir", &[]), false),
    ];
    for (what, put, mends) in breaks {
        let refused = daemon.said("is refused").len();
        std::fs::remove_file(daemon.file()).unwrap();
        put();
        daemon.wait(what, || daemon.said("is refused").len() > refused);
        let last = daemon.said("is refused").pop().unwrap();
        if what == "gone" {
            assert!(last.contains("config rollback --database sqlite:"), "{last}");
            assert!(!last.contains("paperround init"), "{last}");
            assert!(daemon.get("/readyz").contains("config rollback --database"), "{what}");
        }
        for words in
            [&["why", "a@example.org"][..], &["queue", "list"], &["health"], &["config", "history"]]
        {
            let done = daemon.call_with(words, &elsewhere);
            assert_ne!(done.status.code(), Some(78), "{what} {words:?}: {}", said(&done));
        }
        let history = ["config", "history", "--database", &place];
        assert!(daemon.call(&history).contains("applied"), "{what}");
        // Nothing is written where nothing is changed.
        let edit = daemon.call_with(&["config", "edit"], &[elsewhere[0], ("VISUAL", "/bin/false")]);
        assert_eq!(edit.status.code(), Some(1), "{what}: {}", said(&edit));
        assert!(said(&edit).contains("last in force is edited"), "{what}: {}", said(&edit));

        let done = daemon.call_with(&["config", "rollback", "--yes", "--database", &place], &[]);
        if mends {
            assert!(done.status.success(), "{what}: {}", said(&done));
        } else {
            assert!(said(&done).contains("a folder in its place"), "{what}: {}", said(&done));
            std::fs::remove_dir(daemon.file()).unwrap();
            daemon.call_with(&["config", "rollback", "--yes", "--database", &place], &[]);
        }
        assert_eq!(std::fs::read_to_string(daemon.file()).unwrap(), first, "{what}");
    }
}

/// Who looks at what is stored needs no key; who sends does.
#[test]
fn a_key_that_is_gone_hides_nothing() {
    let key = "[[mail.dkim]]\nselector = \"a\"\nkey_file = \"gone.pem\"\n";
    let daemon = Daemon::new(
        &config("First", "").replace("password = \"hunter2\"", "password_file = \"gone\""),
    );
    let with_key = config("First", "").replace("[[mail.relays]]", &format!("{key}[[mail.relays]]"));
    for broken in [
        config("First", "").replace("password = \"hunter2\"", "password_file = \"gone\""),
        with_key,
    ] {
        daemon.write(&broken);
        for words in [
            &["queue", "list"][..],
            &["subscriber", "list"],
            &["subscriber", "export"],
            &["alarm", "list"],
            &["admin", "list"],
            &["backup", "--force", "b.db"],
        ] {
            let done = daemon.call_with(words, &[]);
            assert_eq!(done.status.code(), Some(0), "{words:?}: {}", said(&done));
            assert!(
                said(&done).contains("the config file is broken"),
                "{words:?}: {}",
                said(&done)
            );
        }
        for words in [&["run"][..], &["config", "check"], &["doctor", "--offline"]] {
            let done = daemon.call_with(words, &[]);
            assert_eq!(done.status.code(), Some(78), "{words:?}: {}", said(&done));
        }
    }
}

/// One slip in the file does not cost the nightly backup, which takes the file as it is.
#[test]
fn a_backup_is_made_whatever_the_file_says() {
    let mut daemon = Daemon::new(&config("First", ""));
    daemon.serve();
    let slip = daemon.text(&config("First", "")) + "[half\n";
    daemon.write(&slip);
    daemon.call(&["backup", "night.db"]);
    daemon.call(&["restore", "night.db", "--extract", "out"]);
    let kept = std::fs::read_to_string(daemon.beside("out/paperround.toml")).unwrap();
    assert_eq!(kept, slip);
    for words in [&["subscriber", "export"][..], &["admin", "list"]] {
        assert_eq!(daemon.call_with(words, &[]).status.code(), Some(0), "{words:?}");
    }
}
