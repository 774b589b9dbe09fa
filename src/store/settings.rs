//! Small facts that outlive a process: what the last planning went by.

use super::sql::On;
use super::{Store, StoreError, sql};

impl Store {
    /// The value kept under `name`.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        sql("SELECT value FROM settings WHERE name = $1")
            .bind(name)
            .scalar_optional(&self.read)
            .await
    }

    /// Keeps `value` under `name`.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        put(&self.write, name, value).await
    }
}

/// The same, alone or in a unit with something else.
pub(super) async fn put<'a>(
    on: impl Into<On<'a>>,
    name: &str,
    value: &str,
) -> Result<(), StoreError> {
    sql("INSERT INTO settings (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value")
    .bind(name)
    .bind(value)
    .execute(on)
    .await?;
    Ok(())
}
