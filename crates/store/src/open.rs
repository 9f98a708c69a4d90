//! Opening: addresses, pools, the lock against a second process, and the schema.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, AtomicU64},
    },
    time::Duration,
};

use sqlx::{
    ConnectOptions, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Store, StoreError,
    db::{Db, on, tried},
    migrate,
};

/// How long we wait for a connection or for another program's lock before we say so.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many SQLite readers there are at most. Readers are loads and lists; requests are answered from memory.
const SQLITE_READERS: u32 = 4;
/// How many connections we ask of PostgreSQL at most, the one that listens among them.
const POSTGRES_CONNECTIONS: u32 = 9;

/// What the opened store is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Serve,
    Read,
}

impl Store {
    /// Opens or makes the database and brings its schema up to date. `url` is `sqlite:///path/file.db`, `sqlite::memory:`
    /// or `postgres://...`. The folder of a new file must exist. A SQLite file serves one process at a time.
    ///
    /// # Errors
    /// When it cannot be opened, is used by another process, or was made by a newer program.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        open(url, Purpose::Serve, &[]).await
    }

    /// Opens an existing database to read it beside a running server, as `status` and `backup` do.
    ///
    /// # Errors
    /// When it cannot be opened, or its schema is not the one of this program.
    pub async fn open_beside(url: &str) -> Result<Self, StoreError> {
        open(url, Purpose::Read, &[]).await
    }

    /// Opens a SQLite database with more pragmas on its writing connection, such as `max_page_count`, which makes
    /// a full disk without one. For tests.
    ///
    /// # Errors
    /// As `open`.
    #[doc(hidden)]
    pub async fn open_with_pragmas(url: &str, pragmas: &[(&'static str, &'static str)]) -> Result<Self, StoreError> {
        open(url, Purpose::Serve, pragmas).await
    }

    /// Runs a statement, to bring about what only damage or another program version can. For tests.
    ///
    /// # Errors
    /// On database failure.
    #[doc(hidden)]
    pub async fn execute_for_tests(&self, sql: &'static str) -> Result<(), StoreError> {
        let mut tx = self.inner.db.begin_write().await?;
        on!(&mut tx, c => sqlx::raw_sql(sql).execute(c).await.map(drop)).map_err(tried("run a test's statement"))?;
        tx.commit().await
    }

    /// Closes all connections, so that a PostgreSQL server or a file is free again. Also happens, less orderly, on drop.
    pub async fn close(&self) {
        if let Some(standby) = self.inner.standby.get() {
            standby.close().await;
        }
        match &self.inner.db {
            Db::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open(url: &str, purpose: Purpose, pragmas: &[(&'static str, &'static str)]) -> Result<Store, StoreError> {
    let (db, lock) = if url.starts_with("sqlite:") {
        open_sqlite(url, purpose, pragmas).await?
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        (Db::Postgres(open_postgres(url).await?), None)
    } else {
        return Err(StoreError::Address(without_password(url)));
    };
    match purpose {
        Purpose::Serve => {
            let mut tx = db.begin_write().await?;
            migrate::migrate(&mut tx).await?;
            tx.commit().await?;
        }
        Purpose::Read => migrate::check(&mut db.begin_read().await?).await?,
    }
    Ok(Store {
        inner: Arc::new(crate::Inner {
            db,
            standby: OnceLock::new(),
            seen: AtomicU64::new(0),
            seen_event: AtomicI64::new(0),
            _lock: lock,
        }),
        fence: None,
    })
}

async fn open_sqlite(
    url: &str,
    purpose: Purpose,
    pragmas: &[(&'static str, &'static str)],
) -> Result<(Db, Option<File>), StoreError> {
    let in_memory = url.contains(":memory:");
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| StoreError::Address(url.to_owned()))?
        .disable_statement_logging()
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full);
    let lock = match purpose {
        Purpose::Serve if !in_memory => Some(lock_file(options.get_filename())?),
        Purpose::Serve | Purpose::Read => None,
    };
    if lock.is_some() {
        make_private_file(options.get_filename())?;
    }
    let mut writing = options.clone().pragma("cache_size", "-8192").pragma("journal_size_limit", "67108864");
    writing = match purpose {
        Purpose::Serve if in_memory => writing,
        Purpose::Serve => writing.create_if_missing(true).journal_mode(SqliteJournalMode::Wal),
        Purpose::Read => writing.read_only(true),
    };
    for (name, value) in pragmas {
        writing = writing.pragma(*name, *value);
    }
    let writer = connect_sqlite(writing, 1).await?;
    // A database in memory belongs to its connection, so that one also reads.
    let readers = if in_memory {
        writer.clone()
    } else {
        let reading = options.read_only(true).pragma("cache_size", "-2048").row_buffer_size(512);
        let pool = SqlitePoolOptions::new().max_connections(SQLITE_READERS).acquire_timeout(PATIENCE);
        pool.connect_lazy_with(reading)
    };
    Ok((Db::Sqlite { writer, readers }, lock))
}

async fn connect_sqlite(options: SqliteConnectOptions, connections: u32) -> Result<SqlitePool, StoreError> {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(connections)
        // The one connection holds a database in memory; it must not be dropped for idleness or age.
        .idle_timeout(None)
        .max_lifetime(None)
        // Writers queue here; a long write ahead of them is no failure.
        .acquire_timeout(Duration::from_mins(5))
        .connect_with(options)
        .await
        .map_err(tried("open the file"))
}

async fn open_postgres(url: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::Address(without_password(url)))?
        .application_name("callboard")
        // A writer that hangs in the middle must not stop all others for good.
        .options([("idle_in_transaction_session_timeout", "60000")])
        .disable_statement_logging();
    PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await
        .map_err(tried("connect"))
}

/// Takes the lock that keeps a second process from serving the same file. The system frees it when the process ends.
fn lock_file(database: &Path) -> Result<File, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let failed = |source| StoreError::Lock { path: path.clone(), source };
    let file = private().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: database.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Options that make a file which only its owner may read: the database holds the keys that tokens are signed with.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the database file before SQLite does, which gives its other files the same permissions. A file that is there
/// stays as it is: somebody may want others to read it.
fn make_private_file(path: &Path) -> Result<(), StoreError> {
    match private().write(true).create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(StoreError::Lock { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Writes an address without anything that may be a password: what stands before the last `@`, and all parameters.
pub(crate) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
    let (hidden, shown) = rest.rsplit_once('@').map_or(("", rest), |(_, host)| ("//...@", host));
    let shown = shown.split('?').next().unwrap_or_default();
    if scheme.is_empty() { format!("{hidden}{shown}") } else { format!("{scheme}:{hidden}{shown}") }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn addresses_are_shown_without_passwords() {
        for (url, shown) in [
            ("mysql://u:secret@host/db", "mysql://...@host/db"),
            ("mysql://u:se@cr?et@host/db?x=1", "mysql://...@host/db"),
            ("postgres://host/db?password=secret&sslmode=bogus", "postgres://host/db"),
            ("postgres:u:secret@host", "postgres://...@host"),
            ("u:secret@host", "u://...@host"),
            ("catalog.db", "catalog.db"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
