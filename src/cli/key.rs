//! `key dkim`: makes the keys that sign mail, and prints what belongs into the DNS. Never
//! changes the configuration and never overwrites a key unasked.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::json;
use url::Host;

use super::config::refuse;
use super::context::load;
use super::ui::Ui;
use crate::clock::Clock;
use crate::config::is_selector;
use crate::model::txt_line;
use crate::signing::{Algorithm, SigningKey};

/// `paperround key`
#[derive(clap::Subcommand, Debug)]
pub(super) enum KeyCommand {
    /// Make DKIM keys, and print their DNS records and the lines for the configuration
    Dkim(DkimArgs),
}

/// `paperround key dkim`
#[derive(clap::Args, Debug)]
pub(super) struct DkimArgs {
    /// The domain that signs [default: that of mail.from]
    #[arg(long)]
    domain: Option<String>,
    /// What the keys are called in the DNS; an `r` (RSA) or `e` (Ed25519) is put behind it
    /// [default: pr and the month, such as pr202611]
    #[arg(long)]
    selector: Option<String>,
    /// Where to [default: the data folder, or this folder where there is no configuration]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Which keys
    #[arg(long, value_enum, default_value = "both")]
    kind: Kind,
    /// Overwrite keys of these names
    #[arg(long)]
    force: bool,
    /// Make nothing: print the records of the keys that are configured
    #[arg(long, conflicts_with_all = ["domain", "selector", "dir", "kind", "force"])]
    show: bool,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    Ed25519,
    Both,
}

/// A key and where it belongs.
pub(super) struct Made {
    domain: String,
    selector: String,
    /// Where it lies.
    pub(super) file: PathBuf,
    key: SigningKey,
}

/// Makes or shows.
pub(super) fn run(
    ui: &Ui,
    file: Option<&Path>,
    clock: &Clock,
    command: &KeyCommand,
) -> anyhow::Result<ExitCode> {
    let KeyCommand::Dkim(args) = command;
    let loaded = match load(file) {
        Ok(loaded) => Some(loaded),
        // Keys may come before the configuration.
        Err(_) if file.is_none() && args.domain.is_some() => None,
        Err(faults) => return Ok(refuse(&faults, ui)),
    };
    let config = loaded.as_ref().map(|loaded| &loaded.config);
    // Without a configuration nobody knows where it will be.
    let folder = match &loaded {
        Some(loaded) => std::path::absolute(&loaded.path)?.parent().map(Path::to_owned),
        None => None,
    };
    let folder = folder.unwrap_or_default();
    if args.show {
        let keys: Vec<Made> = config
            .into_iter()
            .flat_map(|config| &config.mail.dkim)
            .map(|dkim| Made {
                domain: dkim.domain.clone(),
                selector: dkim.selector.clone(),
                file: dkim.key_file.clone(),
                key: dkim.key.clone(),
            })
            .collect();
        if keys.is_empty() {
            bail!("no key is configured; make some with paperround key dkim");
        }
        tell(ui, &keys, &folder, false)?;
        return Ok(ExitCode::SUCCESS);
    }
    let domain = match (&args.domain, config) {
        (Some(domain), _) => domain.clone(),
        (None, Some(config)) => config.mail.from.domain().to_owned(),
        (None, None) => bail!("which domain? Say --domain example.org"),
    };
    let domain = match Host::parse(&domain) {
        Ok(Host::Domain(name)) if name.contains('.') => name,
        _ => bail!("{domain:?} is not a domain such as example.org"),
    };
    let dir = match (&args.dir, config) {
        (Some(dir), _) => std::path::absolute(dir)?,
        (None, Some(config)) => config.site.data_dir.clone(),
        (None, None) => std::env::current_dir()?,
    };
    let keys = make(&domain, args.selector.as_deref(), &dir, args.kind, args.force, clock)?;
    tell(ui, &keys, &folder, true)?;
    Ok(ExitCode::SUCCESS)
}

/// The usual pair, in `dir`.
pub(super) fn pair(domain: &str, dir: &Path, clock: &Clock) -> anyhow::Result<Vec<Made>> {
    make(domain, None, dir, Kind::Both, false, clock)
}

fn make(
    domain: &str,
    selector: Option<&str>,
    dir: &Path,
    kind: Kind,
    force: bool,
    clock: &Clock,
) -> anyhow::Result<Vec<Made>> {
    let stem = selector.map_or_else(
        || format!("pr{}", clock.now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y%m")),
        str::to_lowercase,
    );
    if !is_selector(&format!("{stem}r")) {
        bail!("{stem:?} is not a selector: letters, digits, - and . between them");
    }
    std::fs::create_dir_all(dir)
        .with_context(|| format!("cannot make the folder {}", dir.display()))?;
    let wanted: Vec<(Algorithm, &str)> =
        [(Algorithm::Rsa, "r", Kind::Rsa), (Algorithm::Ed25519, "e", Kind::Ed25519)]
            .into_iter()
            .filter(|(.., one)| kind == Kind::Both || kind == *one)
            .map(|(algorithm, end, _)| (algorithm, end))
            .collect();
    let place = |end: &str| dir.join(format!("dkim-{stem}{end}.pem"));
    // All or none: a pair of which one is old would not match what is printed.
    let there = wanted.iter().map(|(_, end)| place(end)).find(|path| path.exists());
    if let Some(path) = there.filter(|_| !force) {
        bail!(
            "{} is there already; choose another --selector, or overwrite it with --force \
             (mail signed with it then no longer verifies)",
            path.display()
        );
    }
    let mut keys = Vec::new();
    for (algorithm, end) in wanted {
        let (key, pem) = SigningKey::generate(algorithm)?;
        let file = place(end);
        write(&file, &pem).with_context(|| format!("cannot write {}", file.display()))?;
        keys.push(Made { domain: domain.to_owned(), selector: format!("{stem}{end}"), file, key });
    }
    Ok(keys)
}

/// The TXT records of keys, as name and value; and the sections of the configuration.
/// The files are named as seen from `folder`, where the configuration lies: both can be moved
/// together.
pub(super) fn said(
    keys: &[Made],
    folder: &Path,
) -> anyhow::Result<(Vec<(String, String)>, String)> {
    let (mut records, mut config) = (Vec::new(), String::new());
    for made in keys {
        let name = format!("{}._domainkey.{}", made.selector, made.domain);
        records.push((name, made.key.record()?));
        config.push_str(&format!(
            "[[mail.dkim]]\ndomain = {:?}\nselector = {:?}\nkey_file = {:?}\n",
            made.domain,
            made.selector,
            made.file.strip_prefix(folder).unwrap_or(&made.file).display().to_string()
        ));
    }
    Ok((records, config))
}

/// Whole or not at all, and readable by its owner only from the first byte on.
fn write(path: &Path, pem: &str) -> std::io::Result<()> {
    let new = path.with_extension("pem.new");
    let _ = std::fs::remove_file(&new);
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(new, path)
}

/// Prints the records, and the configuration of keys that are new.
fn tell(ui: &Ui, keys: &[Made], folder: &Path, new: bool) -> anyhow::Result<()> {
    let (named, config) = said(keys, folder)?;
    let (mut records, mut zone) = (Vec::new(), String::new());
    for (name, value) in named {
        zone.push_str(&txt_line(&name, &value));
        zone.push('\n');
        records.push(json!({ "name": name, "type": "TXT", "value": value }));
    }
    let files: Vec<String> = keys.iter().map(|made| made.file.display().to_string()).collect();
    let text = || {
        let mut text = String::new();
        if new {
            text.push_str(&format!("Wrote {}.\n\n", files.join(" and ")));
        }
        text.push_str("DNS records, each a TXT (a form field takes the value as one text):\n\n");
        for record in &records {
            let part = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
            text.push_str(&format!("  {}\n    {}\n\n", part("name"), part("value")));
        }
        text.push_str(&format!("The same as lines of a zone file:\n\n{zone}"));
        if new {
            text.push_str(&format!(
                "\nOnce the DNS answers with them, add this to the configuration:\n\n{config}"
            ));
        }
        text.trim_end().to_owned()
    };
    ui.document(
        &json!({ "records": records, "zone": zone, "config": config, "files": files }),
        text,
    )
}
