//! A standby of PostgreSQL for the reads that cost most: the load of the whole catalog, and history.
//!
//! It is asked when it has come as far as the answer needs; else, and whenever anything is wrong with it, the primary is.

use std::{
    str::FromStr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use model::Seq;
use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    Store, StoreError,
    db::{Db, Tx, on, tried},
    events::newest_event,
    migrate,
    open::without_password,
    writing::load_counter,
};

/// How many connections we ask of it at most.
const CONNECTIONS: u32 = 4;
/// How long we wait for it, with the primary at hand.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it is left alone after something was wrong with it.
const REST: Duration = Duration::from_secs(10);
/// How many changes it may lack when the whole catalog is loaded from it; what it lacks is read from the primary then.
const MOST_LACKING: i64 = 10_000;

/// How a standby is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StandbyState {
    /// Nobody has asked it yet.
    Unasked,
    /// It answered when it was asked last.
    Answers,
    /// It had not come far enough when it was asked last.
    Behind,
    /// It cannot be used, and why.
    Unusable(String),
}

/// How far a standby must have come for what is asked.
#[derive(Clone, Copy, Default)]
struct Needed {
    seq: i64,
    /// Number of an event; 0 when the question is not about events.
    event: i64,
}

pub(crate) struct Standby {
    pool: PgPool,
    /// Whether it was found to be a copy of the primary, with the schema of this program.
    is_checked: AtomicBool,
    state: Mutex<(StandbyState, Option<Instant>)>,
}

impl Store {
    /// Reads the whole catalog and history from a standby of this PostgreSQL from now on, wherever it has come far enough.
    /// It need not be there now.
    ///
    /// # Errors
    /// `Address` when `url` is no address of PostgreSQL; `StandbyOfSqlite` when the store is SQLite.
    pub fn use_standby(&self, url: &str) -> Result<(), StoreError> {
        let Db::Postgres(_) = self.inner.db else { return Err(StoreError::StandbyOfSqlite) };
        let address = || StoreError::Address(without_password(url));
        if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(address());
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| address())?;
        let options = options.application_name("callboard").disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            // What a load took is given back.
            .idle_timeout(Duration::from_mins(1))
            .connect_lazy_with(options);
        let state = Mutex::new((StandbyState::Unasked, None));
        let _set = self.inner.standby.set(Standby { pool, is_checked: AtomicBool::new(false), state });
        Ok(())
    }

    /// Tells how the standby is; `None` without one.
    #[must_use]
    pub fn standby_state(&self) -> Option<StandbyState> {
        Some(self.inner.standby.get()?.lock().0.clone())
    }

    /// Begins to read history up to change `up_to`, or as far as this program has seen it where that is less.
    pub(crate) async fn begin_history(&self, up_to: Seq) -> Result<Tx, StoreError> {
        if let Some(standby) = self.inner.standby.get() {
            let seen = self.inner.seen.load(Ordering::Relaxed);
            let seq = i64::try_from(up_to.0.min(seen)).unwrap_or(i64::MAX);
            if let Some(tx) = standby.begin(&self.inner.db, Needed { seq, event: 0 }).await {
                return Ok(tx);
            }
        }
        self.inner.db.begin_read().await
    }

    /// Begins to read events.
    pub(crate) async fn begin_events(&self) -> Result<Tx, StoreError> {
        if let Some(standby) = self.inner.standby.get() {
            let event = self.inner.seen_event.load(Ordering::Relaxed);
            if let Some(tx) = standby.begin(&self.inner.db, Needed { seq: 0, event }).await {
                return Ok(tx);
            }
        }
        self.inner.db.begin_read().await
    }

    /// Begins to read the whole catalog as it is, or as it was a moment ago.
    pub(crate) async fn begin_load(&self) -> Result<Tx, StoreError> {
        if let Some(standby) = self.inner.standby.get() {
            let mut primary = self.inner.db.begin_read().await?;
            let newest = load_counter(&mut primary, "newest_seq").await?;
            let oldest = load_counter(&mut primary, "oldest_seq").await?;
            drop(primary);
            let seq = oldest.max(newest - MOST_LACKING);
            if let Some(tx) = standby.begin(&self.inner.db, Needed { seq, event: 0 }).await {
                return Ok(tx);
            }
        }
        self.inner.db.begin_read().await
    }

    /// Notes that this program knows of the changes up to one, so that it is never told less from then on.
    pub(crate) fn note_seen(&self, seq: Seq) {
        self.inner.seen.fetch_max(seq.0, Ordering::Relaxed);
    }

    /// Notes that this program knows of an event.
    pub(crate) fn note_seen_event(&self, id: i64) {
        self.inner.seen_event.fetch_max(id, Ordering::Relaxed);
    }
}

impl Standby {
    async fn begin(&self, primary: &Db, needed: Needed) -> Option<Tx> {
        if self.lock().1.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        match self.try_begin(primary, needed).await {
            Ok(begun) => {
                let state = if begun.is_some() { StandbyState::Answers } else { StandbyState::Behind };
                *self.lock() = (state, None);
                begun
            }
            Err(error) => {
                self.is_checked.store(false, Ordering::Relaxed);
                let why = chain(&error);
                tracing::warn!(error = why, "the standby cannot be used now; the primary is read instead");
                *self.lock() = (StandbyState::Unusable(why), Some(Instant::now() + REST));
                None
            }
        }
    }

    /// Begins when it has come as far as is needed.
    async fn try_begin(&self, primary: &Db, needed: Needed) -> Result<Option<Tx>, StoreError> {
        let mut tx = Db::Postgres(self.pool.clone()).begin_read().await?;
        if !self.is_checked.load(Ordering::Relaxed) {
            migrate::check(&mut tx).await?;
            if !is_copy(&mut tx, primary).await? {
                return Err(StoreError::OtherDatabase);
            }
            self.is_checked.store(true, Ordering::Relaxed);
        }
        let is_there = load_counter(&mut tx, "newest_seq").await? >= needed.seq
            && (needed.event == 0 || newest_event(&mut tx).await? >= needed.event);
        Ok(is_there.then_some(tx))
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (StandbyState, Option<Instant>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells whether the newest change that a standby has is that of the primary: to read from another catalog by mistake would
/// show wrong answers to everybody.
async fn is_copy(standby: &mut Tx, primary: &Db) -> Result<bool, StoreError> {
    let newest = "SELECT seq, at, uid FROM change ORDER BY seq DESC LIMIT 1";
    let there: Option<(i64, i64, Vec<u8>)> =
        on!(standby, c => sqlx::query_as(newest).fetch_optional(c).await).map_err(tried("read the newest change"))?;
    let Some(there) = there else { return Ok(true) };
    let same = "SELECT seq, at, uid FROM change WHERE seq = $1";
    let mut tx = primary.begin_read().await?;
    let here: Option<(i64, i64, Vec<u8>)> =
        on!(&mut tx, c => sqlx::query_as(same).bind(there.0).fetch_optional(c).await)
            .map_err(tried("read a change"))?;
    Ok(here == Some(there))
}

fn chain(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
