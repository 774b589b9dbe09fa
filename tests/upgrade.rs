//! Every schema there ever was, filled, brought up to date, and worked with: nothing is lost, what
//! changes is what the step says, and the round goes on. And a newer schema, which is refused.
//!
//! `tests/upgrade/NNNN.sql` fills what the step NNNN brought; both databases take the same text.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/postgres.rs"]
mod postgres;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use postgres::Cluster;
use serde_json::{Map, Value, json};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// What is of the processes alone is copied nowhere.
const PROCESSES: [&str; 4] = ["nodes", "steps", "admin_sessions", "admin_tries"];
const TUESDAY: &str = "2026-02-24T08:20:00Z";

enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

type Tables = BTreeMap<String, Vec<Map<String, Value>>>;

impl Db {
    async fn open(url: &str) -> Self {
        match url.starts_with("sqlite:") {
            true => Self::Sqlite(SqlitePool::connect(url).await.unwrap()),
            false => Self::Postgres(PgPool::connect(url).await.unwrap()),
        }
    }

    async fn run(&self, text: &str) {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite(pool) => sqlx::raw_sql(text).execute(pool).await.map(drop),
            Self::Postgres(pool) => sqlx::raw_sql(text).execute(pool).await.map(drop),
        }
        .unwrap();
    }

    async fn texts(&self, text: String) -> Vec<String> {
        let text = AssertSqlSafe(text);
        match self {
            Self::Sqlite(pool) => sqlx::query_scalar(text).fetch_all(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(text).fetch_all(pool).await,
        }
        .unwrap()
    }

    async fn migrate_to(&self, version: i64) {
        match self {
            Self::Sqlite(pool) => SQLITE.run_to(version, pool).await,
            Self::Postgres(pool) => POSTGRES.run_to(version, pool).await,
        }
        .unwrap();
    }

    /// The names of the tables, but for the migrator's own.
    async fn tables(&self) -> Vec<String> {
        let text = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_master WHERE type = 'table' \
                                AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'"
            }
            Self::Postgres(_) => {
                "SELECT CAST(tablename AS TEXT) FROM pg_tables \
                                  WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'"
            }
        };
        self.texts(text.to_owned()).await
    }

    /// Everything that is in it.
    async fn dump(&self) -> Tables {
        let mut all = Tables::new();
        for table in self.tables().await {
            let rows = match self {
                Self::Sqlite(_) => {
                    let names = format!("SELECT name FROM pragma_table_info('{table}')");
                    let names = self.texts(names).await;
                    let fields = names.iter().map(|name| format!("'{name}', {name}"));
                    let fields = fields.collect::<Vec<_>>().join(", ");
                    format!("SELECT json_object({fields}) FROM {table}")
                }
                Self::Postgres(_) => format!("SELECT CAST(row_to_json(t) AS TEXT) FROM {table} t"),
            };
            let rows = self.texts(rows).await;
            let rows = rows.iter().map(|row| serde_json::from_str(row).unwrap());
            all.insert(table, rows.collect());
        }
        all
    }

    async fn close(self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

fn newest() -> i64 {
    SQLITE.iter().map(|step| step.version).max().unwrap()
}

fn fixture(version: i64) -> Option<String> {
    let file = format!("{}/tests/upgrade/{version:04}.sql", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).ok()
}

/// Makes a database whose last step is `step`, which has the schema `version`, with something in
/// every table.
async fn fill(db: &Db, step: i64, version: i64) {
    db.migrate_to(step).await;
    for step in SQLITE.iter().filter(|step| step.version <= version) {
        if let Some(text) = fixture(step.version) {
            db.run(&text).await;
        }
    }
    let dump = db.dump().await;
    for (table, rows) in &dump {
        assert!(!rows.is_empty(), "nothing fills {table}: add it to tests/upgrade/*.sql");
        let counts = rows[0].get("id").is_some_and(Value::is_number);
        if let (Db::Postgres(_), true) = (db, counts) {
            let text = format!(
                "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            );
            db.run(&text).await;
        }
    }
}

/// What the steps after `version` change on purpose in rows that were there.
fn changed(version: i64, table: &str, row: &mut Map<String, Value>) {
    let truth = |row: &Map<String, Value>, name: &str| match row[name] {
        Value::Bool(_) => json!(true),
        _ => json!(1),
    };
    if version < 2 && table == "deliveries" {
        row.remove("lease_until");
        if row["state"] == "sending" {
            let yes = truth(row, "doubtful");
            row.insert("state".to_owned(), json!("queued"));
            row.insert("node".to_owned(), Value::Null);
            row.insert("doubtful".to_owned(), yes);
        }
    }
    if version < 4 && table == "subscribers" {
        row.insert("epoch".to_owned(), row["created_at"].clone());
    }
}

/// Nothing is lost: each row of before is there, with what its columns held.
fn compare(version: i64, before: &Tables, after: &Tables) {
    for (table, rows) in before {
        let mut left: Vec<&Map<String, Value>> = after[table].iter().collect();
        assert_eq!(rows.len(), left.len(), "schema {version}: rows of {table}");
        for row in rows {
            let mut wanted = row.clone();
            changed(version, table, &mut wanted);
            let same = |found: &&Map<String, Value>| {
                wanted.iter().all(|(name, value)| found.get(name) == Some(value))
            };
            match left.iter().position(same) {
                Some(at) => drop(left.swap_remove(at)),
                None => panic!("schema {version}: {table} has no {wanted:?} among {left:?}"),
            }
        }
    }
    // And what is new has the value that it is to have.
    let rows = |table: &str| after[table].iter();
    if version < 2 {
        assert!(rows("deliveries").all(|row| row["priority"] == 1));
    }
    if version < 4 {
        assert!(rows("subscribers").all(|row| row["state_at"] == row["created_at"]));
        assert!(rows("digests").all(|row| row["kind"] == "digest"));
    }
    if version < 5 {
        let judged = |row: &Map<String, Value>| [json!(1), json!(true)].contains(&row["judged"]);
        assert!(rows("attempts").all(judged));
    }
}

fn configure(folder: &Path, database: &str) {
    let text = format!(
        "[site]\nurl = \"https://digest.example\"\ndata_dir = \"data\"\n[database]\nurl = {database:?}\n\
         [mail]\nfrom = \"papers@digest.example\"\n[[mail.relays]]\nurl = \"folder:outbox\"\n"
    );
    std::fs::write(folder.join("c.toml"), text).unwrap();
}

fn program(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
    command.current_dir(folder).args(["-c", "c.toml", "--at", TUESDAY, "--json"]).args(words);
    command.env("NO_COLOR", "1").output().unwrap()
}

fn lines(folder: &Path, words: &[&str]) -> Vec<Value> {
    let done = program(folder, words);
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The store works with what it has: everybody stands where they stood, what waited is sent, who
/// is due gets what is new, and nobody anything twice.
fn work(folder: &Path, version: i64) {
    let readers = lines(folder, &["subscriber", "list"]);
    let state = |name: &str| {
        let of = |row: &&Value| row["email"].as_str().unwrap().starts_with(name);
        readers.iter().find(of).unwrap()["state"].as_str().unwrap().to_owned()
    };
    let states = [
        ("Ann", "active"),
        ("bob", "paused"),
        ("cleo", "unsubscribed"),
        ("dan", "pending"),
        ("eve", "suppressed"),
        ("fay", "active"),
    ];
    for (name, wanted) in states {
        assert_eq!(state(name), wanted, "schema {version}: {name}");
    }
    let run = &lines(folder, &["run", "--no-fetch"])[0];
    let notices = u64::from(version >= 4);
    assert_eq!(run["sent"], 4, "schema {version}: {run}");
    let books = &run["books"];
    let counts = ["planned", "sent", "failed", "skipped", "waiting"].map(|name| &books[name]);
    assert_eq!(counts, [7 + notices, 5 + notices, 1, 1, 0].map(Value::from).each_ref(), "{run}");
    assert_eq!(lines(folder, &["queue", "list", "--doubtful"]).len(), 2, "schema {version}");
    let why = lines(folder, &["why", "ann@example.org"]);
    assert!(why[0]["events"].as_array().unwrap().len() >= 2, "schema {version}: {why:?}");
    let mails: Vec<String> = std::fs::read_dir(folder.join("outbox"))
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert_eq!(mails.len(), 4);
    let to_ann = mails.iter().find(|mail| mail.contains("Ann@example.org")).unwrap();
    assert!(to_ann.contains("Knots") && !to_ann.contains("Loops in loops"), "{to_ann}");
    assert_eq!(lines(folder, &["run", "--no-fetch"])[0]["sent"], 0, "schema {version}: twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_schema_comes_up_to_date_in_a_file() {
    for step in SQLITE.iter() {
        let version = step.version;
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        std::fs::create_dir(folder.join("data")).unwrap();
        configure(folder, "sqlite:lab.db");
        let url = format!("sqlite:{}?mode=rwc", folder.join("data/lab.db").display());
        let db = Db::open(&url).await;
        fill(&db, version, version).await;
        let before = db.dump().await;
        db.close().await;
        // A backup before the upgrade holds the old schema, and is restored into the new one.
        let made = &lines(folder, &["backup", "before.db"])[0];
        assert_eq!(made["schema"], version);
        let mut backed: Vec<&str> =
            made["tables"].as_object().unwrap().keys().map(String::as_str).collect();
        backed.extend(before.keys().map(String::as_str).filter(|one| PROCESSES.contains(one)));
        backed.sort_unstable();
        let all: Vec<&String> = before.keys().collect();
        assert_eq!(backed, all, "src/store/tables.rs names every table");
        let done = lines(folder, &["migrate"])[0]["done_now"].as_u64().unwrap();
        let ahead = SQLITE.iter().filter(|step| step.version > version).count();
        assert_eq!(done, ahead as u64, "schema {version}");
        let db = Db::open(&url).await;
        let after = db.dump().await;
        db.close().await;
        compare(version, &before, &after);
        work(folder, version);
        let restored = &lines(folder, &["restore", "before.db", "--force", "--resend"])[0];
        assert_eq!(restored["tables"], made["tables"]);
        std::fs::remove_dir_all(folder.join("outbox")).unwrap();
        work(folder, version);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_schema_comes_up_to_date_on_a_server() {
    for step in POSTGRES.iter() {
        // PostgreSQL came with the second.
        let version = step.version.max(2);
        let Some(cluster) = Cluster::start() else { return };
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        configure(folder, &cluster.url());
        let db = Db::open(&cluster.url()).await;
        fill(&db, step.version, version).await;
        let before = db.dump().await;
        if version < newest() {
            let refused = program(folder, &["backup", "before.db"]);
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(said.contains("schema of an older version"), "{said}");
        }
        lines(folder, &["migrate"]);
        let after = db.dump().await;
        compare(version, &before, &after);
        db.close().await;
        work(folder, version);
    }
}

/// Both databases know the same steps.
#[test]
fn the_steps_come_in_pairs() {
    let names = |migrator: &Migrator| {
        migrator.iter().map(|step| (step.version, step.description.to_string())).collect::<Vec<_>>()
    };
    let postgres = names(&POSTGRES);
    assert!(names(&SQLITE).iter().filter(|step| !postgres.contains(step)).all(|step| step.0 == 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "sqlite:lab.db");
    lines(folder, &["migrate"]);
    let url = format!("sqlite:{}", folder.join("data/lab.db").display());
    let db = Db::open(&url).await;
    db.run(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'of tomorrow', TRUE, x'00', 0)",
    )
    .await;
    let before = db.dump().await;
    for words in [vec!["run"], vec!["migrate"], vec!["subscriber", "list"]] {
        let done = program(folder, &words);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(78), "{words:?}: {said}");
        assert!(said.contains("has schema 9999, newer than this version knows"), "{said}");
        assert!(said.contains("run the version that wrote it, or a later one"), "{said}");
    }
    assert_eq!(db.dump().await, before);
    db.close().await;
    // It can be backed up, and not restored by this version.
    lines(folder, &["backup", "tomorrow.db"]);
    let done = program(folder, &["restore", "tomorrow.db", "--force"]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(78), "{said}");
}
