//! Runs what the documents tell people to type: every `paperround …` line in a ```console or ```sh
//! block of README.md and docs/*.md, page by page, each page in a prepared folder of its own; and
//! checks that the links between pages, and to places in them, lead somewhere.
//!
//! The folder has a configuration (the site on a free port, a folder for a relay, the bundled page
//! as what was fetched, nothing beyond 127.0.0.1), the readers alice@, ada@, bob@ and you@example.org, a digest of 2026-11-23
//! that alice@, ada@ and bob@ were sent, a suppression of ada@ since, readers.csv, suppressed.txt, mail.eml; the time is
//! 2026-11-24 09:00 UTC. Paths of an installed system (/etc/paperround, /var/lib/paperround,
//! /var/backups, /backup, /srv) stand for folders in it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is done with lines that begin so, other than running them and wanting exit code 0. The
/// longest that fits counts. Each says why.
const OTHERWISE: &[(&str, Way, &str)] = &[
    ("paperround serve", Way::Starts, "runs until it is stopped"),
    ("paperround demo --once", Way::Runs(&[0]), ""),
    ("paperround demo", Way::Skip, "would take port 8080; tests/journey.rs runs the demo"),
    ("paperround copy", Way::Skip, "needs a PostgreSQL server; tests/store_shared.rs copies"),
    ("paperround doctor", Way::Runs(&[0, 1, 69]), "finds fault with a test's folder"),
    ("paperround health", Way::Runs(&[0, 1, 69]), "no daemon runs in a test's folder"),
    ("paperround source replay", Way::Runs(&[0, 1, 2, 65]), "nothing was set aside"),
    ("paperround source status --unhealthy", Way::Runs(&[0, 1]), "1 says that some are not"),
    ("paperround fetch", Way::Runs(&[0, 69]), "a test has no network"),
    ("paperround run", Way::Runs(&[0]), ""),
    ("paperround restore", Way::Skip, "changes the database; tests of backups restore"),
    ("paperround backup", Way::Runs(&[0]), ""),
    ("paperround init", Way::Runs(&[0, 1]), "a test's folder has a configuration already"),
    ("paperround init --system", Way::Skip, "writes to /etc, as root"),
    ("paperround admin", Way::Skip, "asks for a password; tests of the admin pages do it"),
    ("paperround config rollback", Way::Runs(&[0, 1]), "there may be nothing to go back to"),
    ("paperround alarm test", Way::Runs(&[0, 1, 69]), "no alarm may be configured"),
];

#[derive(Clone, Copy)]
enum Way {
    /// It is run, and exits with one of these.
    Runs(&'static [i32]),
    /// It is started, and stopped once it says that it is up.
    Starts,
    /// It is not run.
    Skip,
}

const HELP: &str = "A line that cannot be run as it stands: give it values that are there (see the top \
                    of tests/docs_run.rs), or enter how it begins in OTHERWISE there, with the reason.";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<(String, String)> {
    let mut paths = vec![root().join("README.md")];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    let name = |path: &Path| path.strip_prefix(root()).unwrap().display().to_string();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// The commands in a page's blocks, with their lines: what follows `$ ` in ```console, every line of
/// ```sh; a backslash at the end goes on.
fn commands(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let (mut kind, mut goes_on) = ("", false);
    for (number, line) in text.lines().enumerate() {
        if let Some(fence) = line.trim_start().strip_prefix("```") {
            kind = if kind.is_empty() { fence.trim() } else { "" };
            goes_on = false;
            continue;
        }
        let shown = match kind {
            "console" | "shell-session" if !goes_on => line.strip_prefix("$ "),
            "sh" | "bash" | "shell" if !goes_on => {
                Some(line).filter(|line| !line.is_empty() && !line.starts_with('#'))
            }
            _ if goes_on => Some(line),
            _ => None,
        };
        let Some(shown) = shown else { continue };
        let (text, more) = match shown.strip_suffix('\\') {
            Some(text) => (text, true),
            None => (shown, false),
        };
        match found.last_mut() {
            Some((_, before)) if goes_on => before.push_str(text.trim_start()),
            _ => found.push((number + 1, text.to_owned())),
        }
        goes_on = more;
    }
    found
}

/// The line without `sudo -u …`, where it runs our program.
fn ours(line: &str) -> Option<String> {
    let line = line.split(" # ").next().unwrap_or(line).trim();
    let line = line.replace("cargo run --release -- ", "paperround ");
    let mut words: Vec<&str> = line.split(' ').collect();
    if words.first() == Some(&"sudo") {
        words.remove(0);
        while words.first().is_some_and(|word| word.starts_with('-')) {
            let takes_value = words.remove(0) == "-u";
            if takes_value && !words.is_empty() {
                words.remove(0);
            }
        }
    }
    let line = words.join(" ");
    (words.first() == Some(&"paperround") || line.contains("| paperround ")).then_some(line)
}

fn way(line: &str) -> Way {
    // Global options may stand before the command.
    let mut words: Vec<&str> = line.split(' ').collect();
    while words.get(1).is_some_and(|word| word.starts_with('-')) {
        let takes_value = matches!(words.remove(1), "-c" | "--config" | "--at");
        if takes_value && words.len() > 1 {
            words.remove(1);
        }
    }
    let plain = words.join(" ");
    let fits = |begins: &&(&str, Way, &str)| {
        plain.strip_prefix(begins.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let best = OTHERWISE.iter().filter(fits).max_by_key(|(begins, ..)| begins.len());
    best.map_or(Way::Runs(&[0]), |(_, way, _)| *way)
}

const CONFIG: &str = r#"
[site]
url = "http://127.0.0.1:8080"
data_dir = "../data"

[[sources]]
name = "huggingface"
kind = "huggingface"
url = "http://127.0.0.1:9/papers"

[mail]
from = "Paper Round <papers@example.org>"

[inbound]
address = "in@example.org"
lmtp = "127.0.0.1:LMTP"

[[mail.relays]]
url = "folder:../outbox"
"#;

/// A folder in which a page's lines are run.
struct Place {
    folder: PathBuf,
}

impl Place {
    /// Prepares one in `folder`.
    fn prepare(folder: &Path) -> Self {
        let place = Self { folder: folder.to_owned() };
        for name in ["config", "bin", "data", "backup/paperround", "srv"] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
        }
        let program = env!("CARGO_BIN_EXE_paperround");
        let shim = format!(
            "#!/bin/sh\ncase \" $* \" in\n\
             *' --at '*|*' serve '*|*' init '*|*' key '*|*' completions '*|*' man '*) \
             exec '{program}' \"$@\" ;;\n\
             *) exec '{program}' --at 2026-11-24T09:00:00Z \"$@\" ;;\nesac\n"
        );
        let file = folder.join("bin/paperround");
        std::fs::write(&file, shim).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = CONFIG.replace("LMTP", &port.to_string());
        std::fs::write(folder.join("config/paperround.toml"), config).unwrap();
        std::fs::write(folder.join("readers.csv"), "email,zone\ncarol@example.org,UTC\n").unwrap();
        std::fs::write(folder.join("suppressed.txt"), "mallory@example.org\n").unwrap();
        let mail = "From: ada@example.org\r\nTo: in@example.org\r\nSubject: help\r\n\r\nhelp\r\n";
        std::fs::write(folder.join("mail.eml"), mail).unwrap();
        let page = root().join("sample/trending.html");
        for line in [
            "subscriber add --confirmed --at 2026-11-22 alice@example.org ada@example.org \
             bob@example.org",
            &format!("fetch --from {} --at 2026-11-23T07:00:00Z", page.display()),
            "run --no-fetch --at 2026-11-23T08:00:00Z",
            "subscriber add --confirmed --at 2026-11-23T12:00:00Z you@example.org",
            "suppression add ada@example.org --why prepared",
        ] {
            let (code, said) = place.run(&format!("paperround {line}"));
            assert_eq!(code, Some(0), "{line}: {said}");
        }
        place
    }

    /// A copy of it.
    fn copy(&self, to: &Path) -> Self {
        let done = Command::new("cp").arg("-a").arg(&self.folder).arg(to).status().unwrap();
        assert!(done.success());
        Self { folder: to.to_owned() }
    }

    fn shell(&self, line: &str) -> Command {
        let inside = |name: &str| self.folder.join(name).display().to_string();
        let line = line
            .replace("/etc/paperround", &inside("config"))
            .replace("/var/lib/paperround", &inside("data"))
            .replace("/var/backups", &inside("backup"))
            .replace("/backup", if line.contains("/var/backups") { "/backup" } else { "backup" })
            .replace("/srv/", &format!("{}/", inside("srv")));
        let mut command = Command::new("sh");
        let path = format!("{}:{}", inside("bin"), std::env::var("PATH").unwrap_or_default());
        command
            .args(["-c", &line])
            .current_dir(&self.folder)
            .env("PATH", path)
            .env("PAPERROUND_CONFIG", inside("config/paperround.toml"))
            // Wherever a page puts its configuration: on a free port, and not beyond this machine.
            .env("PAPERROUND__SERVER__LISTEN", "127.0.0.1:0")
            .env("PAPERROUND__SOURCES__0__URL", "http://127.0.0.1:9/papers")
            .env("EDITOR", "true")
            .env("VISUAL", "true")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> (Option<i32>, String) {
        let done = self.shell(line).output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    /// Starts it, and stops it once it says that it is up. What is wrong, if anything is.
    fn start(&self, line: &str) -> Option<String> {
        let mut command = self.shell(&format!("exec {line}"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut said = Vec::new();
        let up = log.any(|line| {
            said.push(line.clone());
            line.contains("Paper Round is up")
        });
        let pid = child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        said.extend(log);
        let ended = child.wait().unwrap();
        (!up || !ended.success()).then(|| said.join("\n"))
    }
}

#[test]
fn every_command_of_the_documents_runs() {
    let folder = tempfile::tempdir().unwrap();
    let prepared = Place::prepare(&folder.path().join("prepared"));
    let (mut faults, mut ran) = (Vec::new(), 0);
    for (at, (page, text)) in pages().iter().enumerate() {
        let mut place = None;
        for (number, line) in commands(text) {
            let Some(line) = ours(&line) else { continue };
            let place = place
                .get_or_insert_with(|| prepared.copy(&folder.path().join(format!("page{at}"))));
            let fault = match way(&line) {
                Way::Skip => continue,
                Way::Starts => place.start(&line),
                Way::Runs(codes) => {
                    let (code, said) = place.run(&line);
                    let good = code.is_some_and(|code| codes.contains(&code));
                    (!good).then(|| format!("exit code {code:?}: {said}"))
                }
            };
            ran += 1;
            faults.extend(fault.map(|fault| format!("{page}:{number}: {line}\n  {fault}")));
        }
    }
    assert!(ran > 40, "the documents show commands: {ran}");
    assert!(faults.is_empty(), "\n{}\n\n{HELP}", faults.join("\n"));
    for (begins, way, why) in OTHERWISE {
        let plain = matches!(way, Way::Runs([0]));
        assert!(plain || !why.is_empty(), "{begins}: say why it is not run like the others");
    }
}

/// A heading's anchor, as code hosts make it.
fn anchor(heading: &str) -> String {
    let plain = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = plain.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> HashSet<String> {
    let mut inside = false;
    let mut found = HashSet::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if line.starts_with('#') && !inside {
            let name = anchor(line);
            let mut count = 0;
            let mut unique = name.clone();
            while !found.insert(unique.clone()) {
                count += 1;
                unique = format!("{name}-{count}");
            }
        }
    }
    found
}

#[test]
fn links_lead_to_places_that_are_there() {
    let mut faults = Vec::new();
    let pages = pages();
    for (page, text) in &pages {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let Some((file, place)) = link.split_once('#') else { continue };
            if file.contains("://") {
                continue;
            }
            let target = match file {
                "" => page.clone(),
                file => {
                    let folder = Path::new(page).parent().unwrap();
                    let path = root().join(folder).join(file);
                    let Ok(path) = path.canonicalize() else { continue };
                    path.strip_prefix(root()).unwrap().display().to_string()
                }
            };
            let known = pages.iter().find(|(name, _)| *name == target);
            if known.is_some_and(|(_, text)| !anchors(text).contains(place)) {
                faults.push(format!("{page}: {link}: there is no such heading in {target}"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let contents = std::fs::read_to_string(root().join("docs/README.md")).unwrap();
    for (page, _) in pages() {
        let Some(name) = page.strip_prefix("docs/").filter(|name| *name != "README.md") else {
            continue;
        };
        assert!(contents.contains(&format!("]({name})")), "docs/README.md does not name {name}");
    }
}

#[test]
fn commands_are_found_as_people_would_type_them() {
    let text = "```console\n$ paperround run \\\n    --no-fetch\nout\n```\n```sh\n# no\nls\n\
                sudo -u paperround paperround why a@b.c # who\n```\n```\n$ paperround no\n```\n";
    let lines: Vec<String> = commands(text).iter().filter_map(|(_, line)| ours(line)).collect();
    assert_eq!(lines, ["paperround run --no-fetch", "paperround why a@b.c"]);
    assert!(matches!(way("paperround -c a.toml serve"), Way::Starts));
    assert!(matches!(way("paperround --json doctor"), Way::Runs([0, 1, 69])));
    assert_eq!(anchor("## Against misuse of the form"), "against-misuse-of-the-form");
    assert_eq!(anchor("### `[mail]` & more"), "mail--more");
}
