//! Moving house: everything from one database into another, of whichever kind. In one unit at
//! the target, and compared row by row before that is kept: all of it or nothing.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::sql::{Pool, Tx};
use super::tables::Kind::{Text, Truth, Whole};
use super::tables::{SETTINGS, TABLES, Table};
use super::{Store, StoreError, either, sql};

/// What was copied of one table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// A hash over them, whatever their order, in hexadecimal: the same on both sides.
    pub hash: String,
}

/// A number of rows and the sum of their hashes.
#[derive(Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    hash: u128,
}

impl Sum {
    fn add(&mut self, row: &Value) {
        let digest = Sha256::digest(row.to_string());
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        self.hash = self.hash.wrapping_add(u128::from_be_bytes(first));
        self.rows += 1;
    }
}

impl Store {
    /// Copies everything into `target`, which must be empty and have this version's schema.
    /// `progress` hears how many rows are written. Neither database may be in use.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] where a process works on this one, the target is not empty, or
    /// what arrived is not what was there; the target is then as it was.
    pub async fn copy_to(
        &self,
        target: &Self,
        progress: impl Fn(u64),
    ) -> Result<Vec<Copied>, StoreError> {
        let refuse = |reason: String| Err(StoreError::Refused { reason });
        let living = self.nodes().await?.into_iter().find(|node| !node.fenced && !node.expired);
        if let Some(node) = living {
            return refuse(format!(
                "{} is in use by the process {} on {}; stop it first (one that was killed counts \
                 until {})",
                self.place,
                node.pid,
                node.host,
                super::instant(node.lease_until)
            ));
        }
        self.pour(target, progress).await
    }

    /// The same while others may be at work: what is read is what was there at one moment.
    pub(super) async fn pour(
        &self,
        target: &Self,
        progress: impl Fn(u64),
    ) -> Result<Vec<Copied>, StoreError> {
        let refuse = |reason: String| Err(StoreError::Refused { reason });
        let tables = || TABLES.iter().chain([&SETTINGS]);
        let mut from = self.write.begin().await?;
        if let Pool::Postgres(_) = self.write {
            // What is read belongs together, whoever writes meanwhile.
            sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(&mut from).await?;
        }
        let mut into = target.write.begin().await?;
        if let Some((table, rows)) = filled(&mut into).await? {
            return refuse(format!(
                "{} is not empty: its table {table} has {rows} rows",
                target.place
            ));
        }
        let mut copied = Vec::new();
        let mut written = 0;
        for table in tables() {
            let sum = table.copy(&mut from, &mut into, |rows| {
                written += rows;
                progress(written);
            });
            let sum = sum.await?;
            let arrived = table.sum(&mut into).await?;
            if arrived != sum {
                return refuse(format!(
                    "of the table {} {} rows were read and {} other ones arrived; nothing was kept",
                    table.name, sum.rows, arrived.rows
                ));
            }
            if let (Tx::Postgres(_), ("id", Whole)) = (&into, table.columns[0]) {
                table.set_counter(&mut into).await?;
            }
            let hash = format!("{:032x}", sum.hash);
            copied.push(Copied { table: table.name.to_owned(), rows: sum.rows, hash });
        }
        into.commit().await?;
        from.rollback().await?;
        Ok(copied)
    }
}

/// A table of ours that has rows, and how many.
pub(super) async fn filled(tx: &mut Tx) -> Result<Option<(&'static str, i64)>, StoreError> {
    for table in TABLES.iter().chain([&SETTINGS]) {
        let text = format!("SELECT count(*) FROM {}", table.name);
        let rows: i64 = sql(text).scalar(&mut *tx).await?;
        if rows > 0 {
            return Ok(Some((table.name, rows)));
        }
    }
    Ok(None)
}

impl Table {
    fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    async fn copy(
        &self,
        from: &mut Tx,
        into: &mut Tx,
        mut progress: impl FnMut(u64),
    ) -> Result<Sum, StoreError> {
        let mut sum = Sum::default();
        let mut last = None;
        loop {
            let rows = self.read(from, last.as_ref()).await?;
            let Some(row) = rows.last() else { return Ok(sum) };
            last = Some(row.clone());
            rows.iter().for_each(|row| sum.add(row));
            progress(rows.len() as u64);
            self.write(into, &rows).await?;
        }
    }

    async fn sum(&self, tx: &mut Tx) -> Result<Sum, StoreError> {
        let mut sum = Sum::default();
        let mut last = None;
        loop {
            let rows = self.read(tx, last.as_ref()).await?;
            let Some(row) = rows.last() else { return Ok(sum) };
            last = Some(row.clone());
            rows.iter().for_each(|row| sum.add(row));
        }
    }

    /// The rows after `last`, by the key, each as a JSON list.
    async fn read(&self, tx: &mut Tx, last: Option<&Value>) -> Result<Vec<Value>, StoreError> {
        let key = self.names()[..self.key].join(", ");
        let place: Vec<String> = (1..=self.key).map(|at| format!("${at}")).collect();
        let after = match last {
            Some(_) => format!("WHERE ({key}) > ({}) ", place.join(", ")),
            None => String::new(),
        };
        let tail = format!("FROM {} {after}ORDER BY {key} LIMIT {}", self.name, self.batch);
        let sqlite = self.columns.iter().map(|(name, kind)| match kind {
            Truth => format!("json(CASE WHEN {name} THEN 'true' ELSE 'false' END)"),
            Whole | Text => (*name).to_owned(),
        });
        let sqlite = sqlite.collect::<Vec<_>>().join(", ");
        let postgres = self.names().join(", ");
        let mut statement = either(
            format!("SELECT json_array({sqlite}) {tail}"),
            format!("SELECT CAST(json_build_array({postgres}) AS TEXT) {tail}"),
        );
        for at in last.into_iter().flat_map(|_| 0..self.key) {
            let value = last.and_then(|row| row.get(at)).unwrap_or(&Value::Null);
            statement = match self.columns[at].1 {
                Text => statement.bind(value.as_str().unwrap_or_default()),
                Whole | Truth => statement.bind(value.as_i64().unwrap_or_default()),
            };
        }
        let rows: Vec<String> = statement.scalars(tx).await?;
        let parse =
            |row: &String| serde_json::from_str(row).map_err(|_| StoreError::damaged("row", row));
        rows.iter().map(parse).collect()
    }

    async fn write(&self, tx: &mut Tx, rows: &[Value]) -> Result<(), StoreError> {
        let values = |postgres: bool| {
            let columns = self.columns.iter().enumerate().map(|(at, (_, kind))| match kind {
                Whole if postgres => format!("CAST(r.value ->> {at} AS BIGINT)"),
                Truth if postgres => format!("CAST(r.value ->> {at} AS BOOLEAN)"),
                _ => format!("r.value ->> {at}"),
            });
            columns.collect::<Vec<_>>().join(", ")
        };
        let head = format!("INSERT INTO {} ({}) SELECT", self.name, self.names().join(", "));
        either(
            format!("{head} {} FROM json_each($1) r", values(false)),
            format!(
                "{head} {} FROM jsonb_array_elements(CAST($1 AS jsonb)) AS r (value)",
                values(true)
            ),
        )
        .bind(Value::from(rows.to_vec()).to_string())
        .execute(tx)
        .await?;
        Ok(())
    }

    /// PostgreSQL goes on counting after the last row.
    async fn set_counter(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let name = self.name;
        sql(format!(
            "SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 1), \
               max(id) IS NOT NULL) FROM {name}"
        ))
        .execute(tx)
        .await?;
        Ok(())
    }
}
