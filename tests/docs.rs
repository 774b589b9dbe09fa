//! Holds the documents to what is there: the files that they name, the commands that they
//! show, the keys of the config.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders whose paths are checked where a document names them in `code`.
const FOLDERS: [&str; 9] = [
    "src/",
    "docs/",
    "tests/",
    "scripts/",
    "templates/",
    "migrations/",
    "benches/",
    "config/default",
    ".ci/",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "md") {
            paths.push(path);
        }
    }
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// What stands between single backticks.
fn code_spans(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with("```"));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn named_files_exist() {
    let mut missing = Vec::new();
    for (path, text) in documents() {
        let folder = path.parent().unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let file = link.split('#').next().unwrap_or(link);
            if !folder.join(file).exists() {
                missing.push(format!("{}: {link}", path.display()));
            }
        }
        for span in code_spans(&text) {
            let named = FOLDERS.iter().any(|folder| span.starts_with(folder));
            if named && !root().join(span.split(' ').next().unwrap()).exists() {
                missing.push(format!("{}: {span}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

/// The words of a command; what stands in double quotation marks is one.
fn arguments(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// With `--help` at its end, a command line is parsed, does nothing, and succeeds only if
/// there is such a command with such options.
#[test]
fn shown_commands_parse() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for (path, text) in documents() {
        let shown = text.lines().filter_map(|line| line.strip_prefix("$ "));
        for line in shown.chain(code_spans(&text)) {
            let line = line.replace("cargo run --release -- ", "paperround ");
            let Some(words) = line.strip_prefix("paperround ") else { continue };
            // Where its output goes is the shell's to read.
            let words = words.split(" > ").next().unwrap_or(words);
            seen += 1;
            let run = Command::new(env!("CARGO_BIN_EXE_paperround"))
                .args(arguments(words))
                .arg("--help")
                .output()
                .unwrap();
            if !run.status.success() {
                let said = String::from_utf8_lossy(&run.stderr).into_owned();
                faults.push(format!("{}: {line}: {said}", path.display()));
            }
        }
    }
    assert!(seen > 10, "the documents show commands");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_key_of_the_config_is_explained() {
    let text = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let explained = code_spans(&text);
    let keys = std::fs::read_to_string(root().join("config/default.toml")).unwrap();
    for line in keys.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        let Some((key, _)) = line.split_once(" = ") else { continue };
        let is_key = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(!is_key || explained.contains(&key), "`{key}` is not in docs/configuration.md");
    }
}
