//! Numbers for status pages.

use crate::{
    Store, StoreError,
    db::{Db, on, tried},
};

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Roots.
    pub roots: u64,
    /// Files below them.
    pub files: u64,
    /// Entities that are served.
    pub entities: u64,
    /// Claims that wait behind those of other files.
    pub waiting: u64,
    /// Problems of files and documents, conflicts not counted.
    pub problems: u64,
    /// Changes kept as history, current bodies among them.
    pub changes: u64,
    /// Size of the database in bytes.
    pub bytes: u64,
}

impl Store {
    /// Names the database: `SQLite` or `PostgreSQL`.
    #[must_use]
    pub fn dialect(&self) -> &'static str {
        match &self.inner.db {
            Db::Sqlite { .. } => "SQLite",
            Db::Postgres(_) => "PostgreSQL",
        }
    }

    /// Counts what there is. Takes longer the more there is, so not for every request.
    ///
    /// # Errors
    /// On database failure.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT (SELECT COUNT(*) FROM root), (SELECT COUNT(*) FROM file), (SELECT COUNT(*) FROM entity),
                (SELECT COUNT(*) FROM shadow), (SELECT COUNT(*) FROM problem), (SELECT COUNT(*) FROM change)";
        let row: (i64, i64, i64, i64, i64, i64) =
            on!(&mut tx, c => sqlx::query_as(text).fetch_one(c).await).map_err(tried("count"))?;
        drop(tx);
        let bytes: i64 = match &self.inner.db {
            Db::Sqlite { readers, .. } => {
                let text = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
                sqlx::query_scalar(text).fetch_one(readers).await
            }
            Db::Postgres(pool) => {
                sqlx::query_scalar("SELECT pg_database_size(CURRENT_DATABASE())").fetch_one(pool).await
            }
        }
        .map_err(tried("measure its size"))?;
        let [roots, files, entities, waiting, problems, changes, bytes] =
            [row.0, row.1, row.2, row.3, row.4, row.5, bytes].map(|number| u64::try_from(number).unwrap_or_default());
        Ok(Counts { roots, files, entities, waiting, problems, changes, bytes })
    }
}
