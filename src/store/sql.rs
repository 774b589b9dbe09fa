//! One statement for either database: the text, its values, and where it runs. Most texts
//! are the same for both; those that cannot be are given twice. Knows no table.

use std::borrow::Cow;

use sqlx::postgres::{PgArguments, PgPool, PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqlitePool, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, FromRow, SqlSafeStr as _, SqlStr, Transaction};

use super::StoreError;

/// Connections to a database.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A unit of work: all of it or nothing. Dropped without a commit it is undone.
#[derive(Debug)]
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Where a statement runs.
pub(super) enum On<'a> {
    Pool(&'a Pool),
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Pool> for On<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Tx> for On<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

impl Pool {
    /// Begins a unit of writing. On SQLite it is the only one.
    ///
    /// On PostgreSQL in a task of its own: a `begin` that is cut off half-way would leave its
    /// connection inside a transaction of which nobody knows (launchbadge/sqlx#4393).
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite(pool) => match pool.begin_with("BEGIN IMMEDIATE").await {
                // A commit that failed (a full disk, a broken one) ended the transaction in
                // SQLite and not in sqlx's count: that connection begins none any more.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    pool.acquire().await?.close().await?;
                    Ok(Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?))
                }
                begun => Ok(Tx::Sqlite(begun?)),
            },
            Self::Postgres(pool) => {
                let pool = pool.clone();
                let begun = tokio::spawn(async move { pool.begin().await }).await;
                Ok(Tx::Postgres(begun.map_err(|_| sqlx::Error::WorkerCrashed)??))
            }
        }
    }

    /// Ends every connection, after what is under way.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    pub(super) async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

/// A value of a statement: the few kinds that both databases have alike.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Whole(Option<i64>),
    Text(Option<String>),
    Truth(bool),
}

macro_rules! values {
    ($($kind:ty => |$value:ident| $made:expr),* $(,)?) => {
        $(impl From<$kind> for Value {
            fn from($value: $kind) -> Self {
                $made
            }
        })*
    };
}

values! {
    i64 => |value| Self::Whole(Some(value)),
    &i64 => |value| Self::Whole(Some(*value)),
    Option<i64> => |value| Self::Whole(value),
    bool => |value| Self::Truth(value),
    &str => |value| Self::Text(Some(value.to_owned())),
    &&str => |value| Self::Text(Some((*value).to_owned())),
    &String => |value| Self::Text(Some(value.clone())),
    String => |value| Self::Text(Some(value)),
    Option<&str> => |value| Self::Text(value.map(str::to_owned)),
    Option<&String> => |value| Self::Text(value.cloned()),
    Option<String> => |value| Self::Text(value),
}

/// A row that either database can give.
pub(super) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A statement with its values.
#[derive(Debug)]
pub(super) struct Sql {
    sqlite: Cow<'static, str>,
    /// Where it differs.
    postgres: Option<Cow<'static, str>>,
    values: Vec<Value>,
}

/// A statement that both databases understand; values are `$1`, `$2`, …
pub(super) fn sql(text: impl Into<Cow<'static, str>>) -> Sql {
    Sql { sqlite: text.into(), postgres: None, values: Vec::new() }
}

/// A statement that must be said differently to each.
pub(super) fn either(
    sqlite: impl Into<Cow<'static, str>>,
    postgres: impl Into<Cow<'static, str>>,
) -> Sql {
    Sql { sqlite: sqlite.into(), postgres: Some(postgres.into()), values: Vec::new() }
}

/// Runs `$method` of the statement, made ready by `$make`, wherever it is to run. A macro, as
/// the two databases share names and no types.
macro_rules! run {
    ($self:ident, $on:ident, $make:path, $method:ident) => {
        match $on.into() {
            On::Pool(Pool::Sqlite(pool)) => {
                let (text, values) = $self.for_sqlite()?;
                $make(text, values).$method(pool).await
            }
            On::Pool(Pool::Postgres(pool)) => {
                let (text, values) = $self.for_postgres()?;
                $make(text, values).$method(pool).await
            }
            On::Tx(Tx::Sqlite(tx)) => {
                let (text, values) = $self.for_sqlite()?;
                $make(text, values).$method(&mut **tx).await
            }
            On::Tx(Tx::Postgres(tx)) => {
                let (text, values) = $self.for_postgres()?;
                $make(text, values).$method(&mut **tx).await
            }
        }
    };
}

impl Sql {
    /// Binds the next value.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Binds the next values, one after the other.
    pub(super) fn bind_all(mut self, values: Vec<Value>) -> Self {
        self.values.extend(values);
        self
    }

    /// How many rows it changed.
    pub(super) async fn execute<'a>(self, on: impl Into<On<'a>>) -> Result<u64, StoreError> {
        Ok(match on.into() {
            On::Pool(Pool::Sqlite(pool)) => {
                let (text, values) = self.for_sqlite()?;
                sqlx::query_with(text, values).execute(pool).await?.rows_affected()
            }
            On::Pool(Pool::Postgres(pool)) => {
                let (text, values) = self.for_postgres()?;
                sqlx::query_with(text, values).execute(pool).await?.rows_affected()
            }
            On::Tx(Tx::Sqlite(tx)) => {
                let (text, values) = self.for_sqlite()?;
                sqlx::query_with(text, values).execute(&mut **tx).await?.rows_affected()
            }
            On::Tx(Tx::Postgres(tx)) => {
                let (text, values) = self.for_postgres()?;
                sqlx::query_with(text, values).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Its rows.
    pub(super) async fn fetch_all<'a, T: Row>(
        self,
        on: impl Into<On<'a>>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(run!(self, on, sqlx::query_as_with, fetch_all)?)
    }

    /// Its one row.
    pub(super) async fn fetch_one<'a, T: Row>(
        self,
        on: impl Into<On<'a>>,
    ) -> Result<T, StoreError> {
        Ok(run!(self, on, sqlx::query_as_with, fetch_one)?)
    }

    /// Its row, if there is one.
    pub(super) async fn fetch_optional<'a, T: Row>(
        self,
        on: impl Into<On<'a>>,
    ) -> Result<Option<T>, StoreError> {
        Ok(run!(self, on, sqlx::query_as_with, fetch_optional)?)
    }

    /// The one value of its one row.
    pub(super) async fn scalar<'a, T>(self, on: impl Into<On<'a>>) -> Result<T, StoreError>
    where
        (T,): Row,
    {
        Ok(self.fetch_one::<(T,)>(on).await?.0)
    }

    /// The value of its row, if there is one.
    pub(super) async fn scalar_optional<'a, T>(
        self,
        on: impl Into<On<'a>>,
    ) -> Result<Option<T>, StoreError>
    where
        (T,): Row,
    {
        Ok(self.fetch_optional::<(T,)>(on).await?.map(|row| row.0))
    }

    /// The values of its rows.
    pub(super) async fn scalars<'a, T>(self, on: impl Into<On<'a>>) -> Result<Vec<T>, StoreError>
    where
        (T,): Row,
    {
        Ok(self.fetch_all::<(T,)>(on).await?.into_iter().map(|row| row.0).collect())
    }

    fn for_sqlite(self) -> Result<(SqlStr, SqliteArguments), sqlx::Error> {
        let mut values = SqliteArguments::default();
        for value in self.values {
            match value {
                Value::Whole(whole) => values.add(whole),
                Value::Text(text) => values.add(text),
                Value::Truth(truth) => values.add(truth),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok((safe(self.sqlite), values))
    }

    fn for_postgres(self) -> Result<(SqlStr, PgArguments), sqlx::Error> {
        let mut values = PgArguments::default();
        for value in self.values {
            match value {
                Value::Whole(whole) => values.add(whole),
                Value::Text(text) => values.add(text),
                Value::Truth(truth) => values.add(truth),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok((safe(self.postgres.unwrap_or(self.sqlite)), values))
    }
}

/// Every text is ours: values never become part of one.
fn safe(text: Cow<'static, str>) -> SqlStr {
    match text {
        Cow::Borrowed(text) => text.into_sql_str(),
        Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
    }
}
