//! Copies of the SQLite database, taken while the server runs.

use std::path::Path;

use crate::{
    Store, StoreError,
    db::{Db, tried},
};

impl Store {
    /// Writes a consistent copy of the SQLite database to a new file while the server runs. The copy is compact, and
    /// readers and the writer go on meanwhile.
    ///
    /// # Errors
    /// `BackupExists`; `BackupNotHere` on PostgreSQL; else on database failure.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let Db::Sqlite { readers, .. } = &self.inner.db else { return Err(StoreError::BackupNotHere) };
        if to.exists() {
            return Err(StoreError::BackupExists(to.to_owned()));
        }
        let path = to.to_str().ok_or_else(|| StoreError::Address(to.display().to_string()))?;
        // Not in a transaction: SQLite refuses VACUUM there.
        sqlx::query("VACUUM INTO $1").bind(path).execute(readers).await.map(drop).map_err(tried("write the backup"))
    }
}
