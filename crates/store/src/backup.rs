//! Copies of the SQLite database, taken while the server runs.

use std::{fs, io, path::Path};

use crate::{
    Store, StoreError,
    db::{Db, tried},
    open::private,
};

impl Store {
    /// Writes a consistent copy of the SQLite database to a new file while the server runs. The copy is compact, and
    /// readers and the writer go on meanwhile.
    ///
    /// # Errors
    /// `BackupExists`; `BackupNotHere` on PostgreSQL; else on database failure.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let Db::Sqlite { readers, .. } = &self.inner.db else { return Err(StoreError::BackupNotHere) };
        let path = to.to_str().ok_or_else(|| StoreError::Address(to.display().to_string()))?;
        // SQLite writes into an empty file too; this one is new, no link to elsewhere, and for its owner only.
        match private().write(true).create_new(true).open(to) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(StoreError::BackupExists(to.to_owned()));
            }
            Err(source) => return Err(StoreError::BackupFile { path: to.to_owned(), source }),
        }
        // Not in a transaction: SQLite refuses VACUUM there.
        let written = sqlx::query("VACUUM INTO $1").bind(path).execute(readers).await;
        if written.is_err() {
            // What is there is no backup, and would be in the way of the next.
            let _ = fs::remove_file(to);
        }
        written.map(drop).map_err(tried("write the backup"))
    }
}
