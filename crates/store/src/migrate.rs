//! Brings the schema up to date. Migrations are embedded, numbered alike for both dialects, and never edited once released.

use crate::{
    StoreError,
    db::{Tx, on, tried},
};

/// One step of the schema, in both dialects.
struct Migration {
    sqlite: &'static str,
    postgres: &'static str,
}

/// All steps; the version of a database is how many of them it has seen.
const MIGRATIONS: &[Migration] = &[
    Migration {
        sqlite: include_str!("../migrations/sqlite/0001_catalog.sql"),
        postgres: include_str!("../migrations/postgres/0001_catalog.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0002_pages.sql"),
        postgres: include_str!("../migrations/postgres/0002_pages.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0003_events.sql"),
        postgres: include_str!("../migrations/postgres/0003_events.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0004_webhooks.sql"),
        postgres: include_str!("../migrations/postgres/0004_webhooks.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0005_call_sheets.sql"),
        postgres: include_str!("../migrations/postgres/0005_call_sheets.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0006_authors.sql"),
        postgres: include_str!("../migrations/postgres/0006_authors.sql"),
    },
];

/// The version that this program works with.
pub(crate) const KNOWN_VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the database up to date within a transaction that no other writer can pass.
pub(crate) async fn migrate(tx: &mut Tx) -> Result<(), StoreError> {
    const TABLE: &str = "
        CREATE TABLE IF NOT EXISTS schema_version (
            version BIGINT NOT NULL PRIMARY KEY
        )";
    on!(tx, c => sqlx::query(TABLE).execute(c).await.map(drop)).map_err(tried("prepare its schema"))?;
    let found = load_version(tx).await?;
    if found > KNOWN_VERSION {
        return Err(StoreError::NewerSchema { found, known: KNOWN_VERSION });
    }
    for (done, migration) in (0i64..).zip(MIGRATIONS).skip_while(|(done, _)| *done < found) {
        match tx {
            Tx::Sqlite(c) => sqlx::raw_sql(migration.sqlite).execute(&mut **c).await.map(drop),
            Tx::Postgres(c) => sqlx::raw_sql(migration.postgres).execute(&mut **c).await.map(drop),
        }
        .map_err(tried("bring its schema up to date"))?;
        let note = "INSERT INTO schema_version (version) VALUES ($1)";
        on!(tx, c => sqlx::query(note).bind(done + 1).execute(c).await.map(drop))
            .map_err(tried("bring its schema up to date"))?;
    }
    Ok(())
}

/// Says whether a database that may only be read has the right version.
pub(crate) async fn check(tx: &mut Tx) -> Result<(), StoreError> {
    let exists = match tx {
        Tx::Sqlite(c) => {
            let text = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_version'";
            sqlx::query_scalar::<_, i64>(text).fetch_one(&mut **c).await
        }
        Tx::Postgres(c) => {
            let text =
                "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'schema_version' AND schemaname = CURRENT_SCHEMA()";
            sqlx::query_scalar::<_, i64>(text).fetch_one(&mut **c).await
        }
    }
    .map_err(tried("tell its schema version"))?;
    let found = if exists == 0 { 0 } else { load_version(tx).await? };
    match found.cmp(&KNOWN_VERSION) {
        std::cmp::Ordering::Less => Err(StoreError::OlderSchema { found, known: KNOWN_VERSION }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { found, known: KNOWN_VERSION }),
    }
}

async fn load_version(tx: &mut Tx) -> Result<i64, StoreError> {
    let text = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
    on!(tx, c => sqlx::query_scalar::<_, i64>(text).fetch_one(c).await).map_err(tried("tell its schema version"))
}
