//! The way back from a backup: into the configured database, of whichever kind, when nobody
//! works on it. What is there is moved aside and never deleted; what comes in its place is
//! brought to this version's schema and counted before it is put there. What may have been sent
//! since the backup is not sent again unasked.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::backup::{recount, strip};
use super::carry::{Carried, Leavings};
use super::interned::profile_of;
use super::partial::{Partial, at};
use super::queue::HELD;
use super::tables::{PROCESSES, SETTINGS, TABLES};
use super::{Backup, BackupError, Store, StoreError, micros, sql};
use crate::config::{Database, DatabaseTarget};
use crate::model::Preferences;

/// What becomes of mail that waited when the backup was made.
pub enum Waiting<'a> {
    /// Nobody knows whether it was sent since: it is held. Whoever was due since then gets the
    /// next digest at this moment instead.
    Hold(&'a (dyn Fn(&Preferences) -> Option<Timestamp> + Send + Sync)),
    /// Nothing was sent since: it goes out, and whoever was due is planned.
    Send,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Restored {
    /// Mails that waited and are held now; or that wait again.
    pub waiting: u64,
    /// Readers who were due since the backup, and wait for their next day now.
    pub moved: u64,
    /// Those who went since the backup, as the database that was there tells; none where it
    /// could not be asked.
    pub carried: Option<Carried>,
    /// Where what was there is now.
    pub aside: Option<String>,
}

/// Puts `backup`, which was read, into `database`, as of `now`. `nodes` is the folder of the lock
/// files of this machine's processes.
///
/// # Errors
///
/// Where a process works on the database, or it holds something and `force` is not given; what
/// was there is as it was, whatever goes wrong.
pub async fn restore(
    database: &Database,
    backup: &Backup,
    nodes: &Path,
    force: bool,
    waiting: Waiting<'_>,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let known = Store::newest();
    if backup.schema > known {
        let place = backup.path.display().to_string();
        return Err(StoreError::Newer { place, found: backup.schema, known }.into());
    }
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    match &database.target {
        DatabaseTarget::Sqlite(path) => {
            if occupied(path, nodes, force).await? && !force {
                return Err(full(&database.url).into());
            }
            let left = left_in(path, backup).await;
            let staged = Partial::beside(path)?;
            let mut done = stage(backup, &staged.path, waiting, left.as_ref(), now).await?;
            own(&staged.path, path.parent().unwrap_or(path))?;
            done.aside = move_aside(path, &stamp)?.map(|aside| aside.display().to_string());
            if let Err(error) = staged.put(path, false) {
                if let Some(aside) = &done.aside {
                    rename_all(Path::new(aside), path)?;
                }
                return Err(error);
            }
            Ok(done)
        }
        DatabaseTarget::Postgres(_) => {
            let target = Store::connect(database).await?;
            let done = into_server(&target, backup, nodes, force, waiting, now, &stamp).await;
            target.close().await;
            done
        }
    }
}

/// The backup as a database of this version's schema, in the file `staged`.
async fn stage(
    backup: &Backup,
    staged: &Path,
    waiting: Waiting<'_>,
    left: Option<&Leavings>,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    std::fs::copy(&backup.path, staged).map_err(|error| at(staged, error))?;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(staged, mode).map_err(|error| at(staged, error))?;
    strip(staged)?;
    recount(staged, backup)?;
    let store = Store::open_sqlite(staged).await?;
    let settle = async {
        let mut done = store.settle_waiting(backup, waiting, now).await?;
        if let Some(left) = left {
            done.carried = Some(store.carry(left, now).await?);
        }
        Ok::<_, StoreError>(done)
    };
    let done = settle.await;
    store.close().await;
    Ok(done?)
}

/// Fills a server's database from a staged file.
async fn into_server(
    target: &Store,
    backup: &Backup,
    nodes: &Path,
    force: bool,
    waiting: Waiting<'_>,
    now: Timestamp,
    stamp: &str,
) -> Result<Restored, BackupError> {
    target.refuse_newer().await?;
    target.refuse_living(nodes).await?;
    let is_old = target.has_schema().await?;
    let (mut aside, mut left) = (None, None);
    if is_old && target.holds_rows().await? {
        if !force {
            return Err(full(&target.place).into());
        }
        left = target.leavings(backup.made_at).await?;
        let schema = format!("paperround_before_{}", stamp.to_lowercase());
        target.move_tables("current_schema()", &schema).await?;
        aside = Some(schema);
    }
    let fill = async {
        target.migrate().await?;
        std::fs::create_dir_all(nodes).map_err(|error| at(nodes, error))?;
        let staged = Partial::beside(&nodes.join("restore.db"))?;
        let done = stage(backup, &staged.path, waiting, left.as_ref(), now).await?;
        let source = Store::open_sqlite(&staged.path).await?;
        let poured = source.pour(target, |_| ()).await;
        source.close().await;
        poured?;
        Ok::<_, BackupError>(done)
    };
    match fill.await {
        Ok(done) => {
            let aside = aside.map(|schema| format!("the schema {schema} of {}", target.place));
            Ok(Restored { aside, ..done })
        }
        Err(error) => {
            if let Some(schema) = aside {
                target.move_back(&schema).await?;
            }
            Err(error)
        }
    }
}

/// Whether the SQLite database in `path` holds anything. One that cannot be read does, and is
/// in nobody's way when it is moved aside.
async fn occupied(path: &Path, nodes: &Path, force: bool) -> Result<bool, BackupError> {
    Store::refuse_locked(nodes)?;
    if !path.exists() {
        return Ok(false);
    }
    let look = async {
        let store = Store::connect_sqlite(path).await?;
        let looked = async {
            store.refuse_living(nodes).await?;
            Ok(store.has_schema().await? && store.holds_rows().await?)
        };
        let looked = looked.await;
        store.close().await;
        looked
    };
    match look.await {
        Ok(found) => Ok(found),
        Err(error @ StoreError::Refused { .. }) => Err(error.into()),
        Err(_) if force => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Who went since the backup, as far as the database in `path` tells.
async fn left_in(path: &Path, backup: &Backup) -> Option<Leavings> {
    if !path.exists() {
        return None;
    }
    let store = Store::connect_sqlite(path).await.ok()?;
    let left = store.leavings(backup.made_at).await;
    store.close().await;
    left.ok().flatten()
}

/// Renames the database with what lies beside it; gives its new place. A WAL that is left of a
/// database that is lost goes, too: SQLite would take it for the new one's.
fn move_aside(path: &Path, stamp: &str) -> Result<Option<PathBuf>, BackupError> {
    if !["", "-wal", "-shm"].iter().any(|end| with_end(path, end).exists()) {
        return Ok(None);
    }
    let aside = with_end(path, &format!(".before-restore-{stamp}"));
    if aside.exists() {
        return Err(BackupError::Exists(aside));
    }
    rename_all(path, &aside)?;
    Ok(Some(aside))
}

fn rename_all(from: &Path, to: &Path) -> Result<(), BackupError> {
    // The WAL belongs to the file of its name: what it holds is read there.
    for end in ["-wal", "-shm", ""] {
        let from = with_end(from, end);
        if from.exists() {
            std::fs::rename(&from, with_end(to, end)).map_err(|error| at(&from, error))?;
        }
    }
    Ok(())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut whole = path.as_os_str().to_owned();
    whole.push(end);
    PathBuf::from(whole)
}

/// Gives a file to the owner of the folder that it is to lie in: an administrator restores, and
/// the service's user works on it.
pub fn own(file: &Path, folder: &Path) -> Result<(), BackupError> {
    let failed = |error| at(file, error);
    let (wanted, is) =
        (std::fs::metadata(folder).map_err(failed)?, std::fs::metadata(file).map_err(failed)?);
    if (wanted.uid(), wanted.gid()) == (is.uid(), is.gid()) || is.uid() != 0 {
        return Ok(());
    }
    std::os::unix::fs::chown(file, Some(wanted.uid()), Some(wanted.gid())).map_err(failed)
}

fn full(place: &str) -> StoreError {
    StoreError::Refused {
        reason: format!(
            "{place} is not empty; --force moves what is there aside first, and deletes nothing"
        ),
    }
}

impl Store {
    /// Refuses where a process works on this database.
    async fn refuse_living(&self, nodes: &Path) -> Result<(), StoreError> {
        if !self.has_table("nodes").await? {
            return Ok(());
        }
        match self.working(nodes).await?.into_iter().next() {
            None => Ok(()),
            Some(node) => Err(StoreError::Refused {
                reason: format!(
                    "{} is in use by the process {} on {}; stop it first",
                    self.place, node.pid, node.host
                ),
            }),
        }
    }

    async fn holds_rows(&self) -> Result<bool, StoreError> {
        for table in TABLES.iter().chain([&SETTINGS]) {
            let text = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
            // An older schema has fewer.
            if self.has_table(table.name).await? && sql(text).scalar(&self.write).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Moves every table of ours from one schema of a PostgreSQL database into a new one.
    async fn move_tables(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sql(format!("CREATE SCHEMA {to}")).execute(&mut tx).await?;
        for table in ours() {
            let there: Option<String> = sql(format!(
                "SELECT CAST(tablename AS TEXT) FROM pg_catalog.pg_tables \
                 WHERE schemaname = {from} AND tablename = $1"
            ))
            .bind(table)
            .scalar_optional(&mut tx)
            .await?;
            if there.is_some() {
                sql(format!("ALTER TABLE {table} SET SCHEMA {to}")).execute(&mut tx).await?;
            }
        }
        tx.commit().await
    }

    /// Undoes [`Store::move_tables`]: what was made in their place goes.
    async fn move_back(&self, from: &str) -> Result<(), StoreError> {
        let home: String = sql("SELECT CAST(current_schema() AS TEXT)").scalar(&self.write).await?;
        let mut tx = self.begin().await?;
        for table in ours() {
            sql(format!("DROP TABLE IF EXISTS {home}.{table} CASCADE")).execute(&mut tx).await?;
        }
        for table in ours() {
            let text = format!("ALTER TABLE IF EXISTS {from}.{table} SET SCHEMA {home}");
            sql(text).execute(&mut tx).await?;
        }
        sql(format!("DROP SCHEMA {from}")).execute(&mut tx).await?;
        tx.commit().await
    }

    /// Deals with the mail that waited when the backup was made, and with who was due since.
    async fn settle_waiting(
        &self,
        backup: &Backup,
        waiting: Waiting<'_>,
        now: Timestamp,
    ) -> Result<Restored, StoreError> {
        let mut done = Restored::default();
        let mut tx = self.begin().await?;
        let Waiting::Hold(next) = waiting else {
            sql("UPDATE deliveries SET doubtful = doubtful OR begun, node = NULL, \
                   state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END \
                 WHERE state = 'sending'")
            .execute(&mut tx)
            .await?;
            let text = "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'deferred')";
            done.waiting = sql(text).scalar::<i64>(&mut tx).await?.unsigned_abs();
            tx.commit().await?;
            return Ok(done);
        };
        // Their papers stay in the readers' history: what may have come is not to come twice.
        done.waiting = sql("UPDATE deliveries SET state = 'skipped', doubtful = TRUE, \
               node = NULL, finished_at = $1, reason = $2 \
             WHERE state IN ('queued', 'sending', 'deferred')")
        .bind(micros(now))
        .bind(format!(
            "{HELD} it waited in the backup of {:.0} that was restored, and may have been sent since",
            backup.made_at
        ))
        .execute(&mut tx)
        .await?;
        let due: Vec<(i64, String)> = sql("SELECT DISTINCT p.id, p.preferences FROM profiles p \
               JOIN subscribers s ON s.profile = p.id \
             WHERE s.state = 'active' AND s.next_due_at <= $1 ORDER BY p.id")
        .bind(micros(now))
        .fetch_all(&mut tx)
        .await?;
        for (profile, text) in due {
            done.moved += sql("UPDATE subscribers SET next_due_at = $1 \
                 WHERE profile = $2 AND state = 'active' AND next_due_at <= $3")
            .bind(next(&profile_of(&text)?.preferences).map(micros))
            .bind(profile)
            .bind(micros(now))
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await?;
        Ok(done)
    }
}

/// Every table of ours, those that others refer to last.
fn ours() -> impl Iterator<Item = &'static str> {
    let tables = TABLES.iter().rev().chain([&SETTINGS]).map(|table| table.name);
    tables.chain(PROCESSES).chain(["_sqlx_migrations"])
}
