//! `backup` and `restore`: the database and the files that belong to it, in one file and back.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use serde_json::json;

use super::context::{broken, load, load_or_in_force};
use super::kept::{KEY, gather};
use super::ui::Ui;
use crate::clock::Clock;
use crate::model::{Preferences, Timing};
use crate::store::{self, Backup, Waiting};

/// How backups in a folder are named, by their time in UTC.
const NAMED: &str = "paperround-%Y%m%dT%H%M%SZ.db";

/// `paperround backup`
#[derive(clap::Args, Debug)]
pub(super) struct BackupArgs {
    /// The file to write; in a folder one named by the time
    file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    /// Of the backups named by their time in that folder keep so many, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// The database alone: no key, configuration, password or template
    #[arg(long)]
    without_files: bool,
}

/// `paperround restore`
#[derive(clap::Args, Debug)]
pub(super) struct RestoreArgs {
    /// A file that `backup` has written
    file: PathBuf,
    /// Move what is there aside; nothing is deleted
    #[arg(long)]
    force: bool,
    /// Nothing was sent since the backup: send what waited then, and plan who was due since
    #[arg(long)]
    resend: bool,
    /// Change no database: write the files in the backup (configuration, keys) into this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["force", "resend"])]
    extract: Option<PathBuf>,
    /// Change nothing: read the backup from end to end and say what is in it
    #[arg(long, conflicts_with_all = ["force", "resend", "extract"])]
    check: bool,
}

/// Makes a backup, and says what is in it.
pub(super) async fn backup(
    ui: &Ui,
    file: Option<&Path>,
    clock: &Clock,
    args: &BackupArgs,
) -> anyhow::Result<ExitCode> {
    // One slip in the file must not cost the nightly backup.
    let (loaded, refused) = load_or_in_force(file, clock, true).await?;
    if let Some(refused) = refused {
        eprintln!("warning: {}", broken(&refused));
    }
    let now = clock.now();
    let folder = args.file.is_dir();
    if args.keep.is_some() && !folder {
        bail!("--keep is for a folder of backups, and there is no folder {}", args.file.display());
    }
    if !folder {
        let above = std::path::absolute(&args.file)?;
        // `backups/` is meant as a folder, whether it is there or not.
        let named = args.file.as_os_str().as_encoded_bytes().ends_with(b"/");
        let above = if named { Some(above.as_path()) } else { above.parent() };
        if let Some(above) = above.filter(|above| !above.is_dir()) {
            let above = above.display();
            bail!(
                "there is no folder {above} for the backup: make it (mkdir -p {above}), or name another"
            );
        }
    }
    let path = match folder {
        true => args.file.join(now.strftime(NAMED).to_string()),
        false => args.file.clone(),
    };
    let (files, missing) = match args.without_files {
        true => (Vec::new(), Vec::new()),
        false => gather(&loaded)?,
    };
    let bar = ui.bar("copied", None);
    let progress = {
        let bar = bar.clone();
        move |done| bar.set_position(done)
    };
    let made =
        store::back_up(&loaded.config.database, &path, args.force, files, now, progress).await;
    bar.finish_and_clear();
    let made = made?;
    let removed = match args.keep {
        Some(keep) => prune(&args.file, keep)?,
        None => Vec::new(),
    };
    let bytes = std::fs::metadata(&made.path).map_or(0, |about| about.len());
    let mut about = describe(&made);
    about["bytes"] = bytes.into();
    about["not_in_it"] = json!(missing);
    about["removed"] = json!(removed);
    ui.document(&about, || {
        let mut text = format!("{} holds {}\n", made.path.display(), words(&made));
        if made.files.is_empty() {
            text.push_str(
                "Keep paperround.key and the configuration beside it: without the key no link in \
                 the mails sent so far works.\n",
            );
        } else {
            text.push_str("Keep it as safe as a password: the key is in it.\n");
        }
        for (what, why) in &missing {
            text.push_str(&format!("Not in it: {what} ({why}).\n"));
        }
        for old in &removed {
            text.push_str(&format!("Removed {old}.\n"));
        }
        text.trim_end().to_owned()
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Restores, extracts or checks.
pub(super) async fn restore(
    ui: &Ui,
    file: Option<&Path>,
    clock: &Clock,
    args: &RestoreArgs,
) -> anyhow::Result<ExitCode> {
    match std::fs::metadata(&args.file) {
        Ok(about) if about.is_dir() => {
            let newest = backups_in(&args.file)?.pop();
            let such =
                newest.map_or_else(String::new, |one| format!(", such as {}", one.display()));
            bail!("{} is a folder: name a backup in it{such}", args.file.display());
        }
        Ok(_) => {}
        Err(error) => bail!(
            "there is no backup to be read at {}: {error}; name a file that `paperround backup` has \
             written",
            std::path::absolute(&args.file)?.display()
        ),
    }
    // Read whole before anything else is looked at: a damaged one changes nothing.
    let backup = store::read_backup(&args.file).await?;
    if args.check {
        ui.document(&describe(&backup), || {
            format!("{} is good: {}", backup.path.display(), words(&backup).trim_end())
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(folder) = &args.extract {
        return extract(ui, &backup, folder);
    }
    let config = load(file)?.config;
    let (now, folder) = (clock.now(), &config.site.data_dir);
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the data folder {}", folder.display()))?;
    let key = Key::find(&backup, folder)?;
    if let (Key::Other(_), false) = (&key, args.force) {
        bail!(
            "{} is another key than the backup's: links in mails sent with the one do not work \
             with the other; --force moves it aside and puts the backup's there",
            folder.join(KEY).display()
        );
    }
    let next = |preferences: &Preferences| {
        Timing::of(preferences, &config.digest.schedule, &config.site.time_zone)
            .next_after(now, None)
    };
    let waiting = if args.resend { Waiting::Send } else { Waiting::Hold(&next) };
    let done =
        store::restore(&config.database, &backup, &folder.join("nodes"), args.force, waiting, now)
            .await?;
    let said = key.put(folder, now)?;
    let mut about = describe(&backup);
    about["database"] = config.database.url.clone().into();
    about["restored"] = json!(done);
    about["waiting_became"] = if args.resend { "queued" } else { "held" }.into();
    about["key"] = said.clone().into();
    ui.document(&about, || {
        let mut text = format!("{} holds {}", config.database.url, words(&backup));
        let waited = done.waiting;
        text.push_str(&match (args.resend, waited) {
            (_, 0) => "No mail waited in it.\n".to_owned(),
            (true, _) => format!("{waited} mails that waited in it go out at the next start.\n"),
            (false, _) => format!(
                "{waited} mails that waited in it are held, as they may have been sent since: \
                 `paperround queue list --doubtful` lists them.\n"
            ),
        });
        if done.moved > 0 {
            text.push_str(&format!(
                "{} readers were due since then: they get the next digest on their next day.\n",
                done.moved
            ));
        }
        if let Some(gone) = done.carried.filter(|gone| gone.left + gone.erased > 0) {
            text.push_str(&format!(
                "Who went since then stays gone: {} unsubscribed or suppressed, {} erased.\n",
                gone.left, gone.erased
            ));
        }
        if let Some(aside) = &done.aside {
            text.push_str(&format!("What was there is in {aside}; remove it when all is well.\n"));
        }
        text.push_str(&said);
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

fn describe(backup: &Backup) -> serde_json::Value {
    let tables = backup.tables.iter().map(|(table, rows)| (table.clone(), (*rows).into()));
    let files: Vec<&str> = backup.files.iter().map(|file| file.name.as_str()).collect();
    json!({
        "file": backup.path.display().to_string(), "made_at": backup.made_at,
        "version": backup.version, "kind": backup.kind, "schema": backup.schema,
        "rows": backup.rows(), "tables": tables.collect::<serde_json::Map<_, _>>(),
        "files": files,
    })
}

fn words(backup: &Backup) -> String {
    let rows = |name: &str| {
        backup.tables.iter().find(|(table, _)| table == name).map_or(0, |(_, rows)| *rows)
    };
    let files: Vec<&str> = backup.files.iter().map(|file| file.name.as_str()).collect();
    let files = match files.is_empty() {
        true => "none".to_owned(),
        false => files.join(", "),
    };
    format!(
        "the service as of {:.0}, by version {}:\n  subscribers  {}\n  papers       {}\n  \
         mails        {}\n  rows in all  {}\n  files        {files}\n",
        backup.made_at,
        backup.version,
        rows("subscribers"),
        rows("papers"),
        rows("deliveries"),
        backup.rows(),
    )
}

/// The backups in a folder that are named by their time, the oldest first.
fn backups_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if jiff::civil::DateTime::strptime(NAMED, &name).is_ok() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Removes all but the newest `keep` backups named by their time.
fn prune(folder: &Path, keep: u32) -> anyhow::Result<Vec<String>> {
    let found = backups_in(folder)?;
    let old = found.len().saturating_sub(usize::try_from(keep)?);
    for path in &found[..old] {
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(found[..old].iter().map(|path| path.display().to_string()).collect())
}

/// Writes the files of a backup into `folder`, never over one that is there.
fn extract(ui: &Ui, backup: &Backup, folder: &Path) -> anyhow::Result<ExitCode> {
    if backup.files.is_empty() {
        bail!("{} was made --without-files: none is in it", backup.path.display());
    }
    let mut written = Vec::new();
    for file in &backup.files {
        let inside = Path::new(&file.name);
        if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
            bail!("{} names a file outside of its folder: {:?}", backup.path.display(), file.name);
        }
        let path = folder.join(inside);
        write_new(&path, &file.bytes)?;
        written.push((path.display().to_string(), file.origin.clone()));
    }
    ui.document(&json!({ "written": written }), || {
        let lines = written.iter().map(|(path, origin)| format!("{path}  was {origin}"));
        lines.collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A new file that only its owner may read, whole on the disk.
fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || {
        let folder = path.parent().unwrap_or(path);
        std::fs::create_dir_all(folder)?;
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// How the key in a backup stands to the one in the data folder.
enum Key {
    /// The backup has none.
    None,
    /// They are the same.
    Same,
    /// Here is none yet: the backup's.
    New(Vec<u8>),
    /// They differ: the backup's.
    Other(Vec<u8>),
}

impl Key {
    fn find(backup: &Backup, folder: &Path) -> anyhow::Result<Self> {
        let Some(file) = backup.files.iter().find(|file| file.name == KEY) else {
            return Ok(Self::None);
        };
        let path = folder.join(KEY);
        Ok(match std::fs::read(&path) {
            Ok(here) if here.trim_ascii() == file.bytes.trim_ascii() => Self::Same,
            Ok(_) => Self::Other(file.bytes.clone()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Self::New(file.bytes.clone())
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        })
    }

    /// Puts the backup's key into its place; says in words what was done.
    fn put(self, folder: &Path, now: Timestamp) -> anyhow::Result<String> {
        let path = folder.join(KEY);
        let (bytes, word) = match self {
            Self::None => {
                return Ok(format!(
                    "The backup holds no key: without the old {} no link in the mails sent so far \
                     works.",
                    path.display()
                ));
            }
            Self::Same => return Ok(format!("{} is the backup's key.", path.display())),
            Self::New(bytes) => (bytes, String::new()),
            Self::Other(bytes) => {
                let aside =
                    folder.join(format!("{KEY}.before-restore-{}", now.strftime("%Y%m%dT%H%M%SZ")));
                std::fs::rename(&path, &aside)
                    .with_context(|| format!("cannot move {} aside", path.display()))?;
                (bytes, format!("; the one that was there is {}", aside.display()))
            }
        };
        write_new(&path, &bytes)?;
        store::own(&path, folder)?;
        Ok(format!("{} is the backup's key now{word}.", path.display()))
    }
}
