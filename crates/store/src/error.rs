//! What can go wrong with the database, told apart by who can mend it.

use std::path::PathBuf;

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("the database could not {what}")]
    Database {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
    /// The database cannot be reached now. Trying again later is worth it.
    #[error("the database could not {what}, because it cannot be reached")]
    Unreachable {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
    /// Another program holds the database for longer than we wait.
    #[error("the database could not {what}, because another program keeps it locked")]
    Busy {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
    /// There is no room left.
    #[error("the database could not {what}, because the disk is full; free some space, nothing is lost")]
    DiskFull {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
    /// The database may not be written.
    #[error("the database could not {what}, because its file or folder is read-only for this user")]
    ReadOnly {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
    /// The database file is damaged, or is no database.
    #[error(
        "the database could not {what}, because its file is damaged or is no SQLite database; restore a backup or harvest anew into an empty folder"
    )]
    Corrupt {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
    /// Something stored cannot be understood.
    #[error("the database holds {what} that cannot be understood")]
    Garbled {
        /// What it is.
        what: String,
    },
    /// The database was made by a newer program.
    #[error(
        "the database has schema version {found}, but this program knows only versions up to {known}; use a newer program"
    )]
    NewerSchema {
        /// Version of the database.
        found: i64,
        /// Newest version that this program knows.
        known: i64,
    },
    /// The database was not brought up to date yet, and may only be read here.
    #[error(
        "the database has schema version {found}, but version {known} is needed; start the server once to bring it up to date"
    )]
    OlderSchema {
        /// Version of the database; 0 when it is empty.
        found: i64,
        /// Version that is needed.
        known: i64,
    },
    /// A standby was given to a store that is SQLite.
    #[error("only PostgreSQL has standbys, and the catalog is in SQLite")]
    StandbyOfSqlite,
    /// What was given as a standby is none of the primary.
    #[error("it holds other changes than the primary, so it is no standby of it")]
    OtherDatabase,
    /// Another process serves from this SQLite file.
    #[error("another process is using {path}; stop it, or choose another data folder")]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The lock file beside the database cannot be made.
    #[error("{path} cannot be locked")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The address of the database is none that we know.
    #[error("{0:?} is no database address; it must start with sqlite: or postgres:")]
    Address(String),
    /// History was pruned and does not reach back that far.
    #[error("history reaches back to change {oldest}, but change {asked} was asked for")]
    HistoryTooShort {
        /// What was asked for.
        asked: u64,
        /// The oldest moment that can be told.
        oldest: u64,
    },
    /// The target of a backup exists already.
    #[error("{0} exists already; a backup never overwrites a file")]
    BackupExists(PathBuf),
    /// The file of a backup could not be made.
    #[error("failed to make the file {}", path.display())]
    BackupFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Only SQLite is backed up by us.
    #[error("this backup is for SQLite; back up PostgreSQL with its own tools, such as pg_dump")]
    BackupNotHere,
    /// A person has starred as many entities as one may.
    #[error("{most} entities are starred already, and that is the most; take the star off one first")]
    TooManyStars {
        /// How many one may star.
        most: u32,
    },
    /// There are as many webhooks as there may be.
    #[error("there are {most} webhooks already, and that is the most; remove one first")]
    TooManyWebhooks {
        /// How many there may be.
        most: i64,
    },
    /// There is no such webhook.
    #[error("there is no webhook `{0}`")]
    WebhookMissing(String),
    /// Another replica runs this loop now.
    #[error("another replica has taken over the lease `{name}`, so this one no longer writes")]
    LeaseLost {
        /// The lease.
        name: &'static str,
    },
    /// A location of that type and target exists already.
    #[error("Location {0} already exists")]
    LocationExists(String),
    /// There is no such location.
    #[error("Found no location with ID {0}")]
    LocationMissing(String),
}

impl StoreError {
    /// Tells whether the database is out of reach for now, so that the same call may succeed later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy { .. } | Self::DiskFull { .. })
    }

    /// Tells a failure of the database apart by what can be done about it.
    pub(crate) fn from_sqlx(what: &'static str, source: sqlx::Error) -> Self {
        match classify(&source) {
            Fault::Unreachable => Self::Unreachable { what, source },
            Fault::Busy => Self::Busy { what, source },
            Fault::DiskFull => Self::DiskFull { what, source },
            Fault::ReadOnly => Self::ReadOnly { what, source },
            Fault::Corrupt => Self::Corrupt { what, source },
            Fault::Other => Self::Database { what, source },
        }
    }
}

enum Fault {
    Unreachable,
    Busy,
    DiskFull,
    ReadOnly,
    Corrupt,
    Other,
}

fn classify(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => Fault::DiskFull,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Fault::Unreachable,
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some(code) if code.len() == 5 => classify_sqlstate(code),
            Some(code) => code.parse().map_or(Fault::Other, classify_sqlite),
            None => Fault::Other,
        },
        _ => Fault::Other,
    }
}

/// Source: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn classify_sqlstate(code: &str) -> Fault {
    match code {
        "53100" => Fault::DiskFull,
        "55P03" => Fault::Busy,
        "25006" => Fault::ReadOnly,
        // Connection failures, shutdowns and starts of the server, too many connections.
        _ if code.starts_with("08") || code.starts_with("57P") || code == "53300" => Fault::Unreachable,
        _ => Fault::Other,
    }
}

/// Source: <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
fn classify_sqlite(code: i32) -> Fault {
    const IOERR_WRITE: i32 = 10 | 3 << 8;
    const IOERR_FSYNC: i32 = 10 | 4 << 8;
    match (code, code & 0xff) {
        // A full disk also shows as a failed write or sync, depending on the file system.
        (IOERR_WRITE | IOERR_FSYNC, _) | (_, 13) => Fault::DiskFull,
        (_, 5 | 6) => Fault::Busy,
        (_, 8) => Fault::ReadOnly,
        (_, 10 | 14) => Fault::Unreachable,
        (_, 11 | 26) => Fault::Corrupt,
        _ => Fault::Other,
    }
}
