//! Which replica runs which loop, and which replicas there are. Time is the database's, so that no replica's clock counts.
//!
//! A lease alone does not keep a replica that stood still from writing when it wakes up. A [`Store::fenced`] store does: each
//! of its writes looks, in its own transaction and behind the lock of all writers, whether the lease still holds.
//!
//! A SQLite file serves one process, which holds every lease without asking.

use std::{sync::Arc, time::Duration};

use crate::{
    Store, StoreError,
    db::{Db, Tx, tried},
};

/// A lease that must hold for a store to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    name: &'static str,
    holder: Arc<str>,
}

/// A replica, as the others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// Its identity, new at each start.
    pub id: String,
    /// What people call it: host and process.
    pub name: String,
    /// How long ago it was started, in milliseconds.
    pub started_ms_ago: u64,
    /// How long ago it last said that it lives, in milliseconds.
    pub seen_ms_ago: u64,
    /// How far its readers see.
    pub seq: u64,
    /// The loops that it runs.
    pub leases: Vec<String>,
}

/// What a replica says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOfLife {
    /// Its identity.
    pub id: Arc<str>,
    /// What people call it.
    pub name: Arc<str>,
    /// How long it has been running, in milliseconds.
    pub uptime_ms: i64,
    /// How far its readers see.
    pub seq: u64,
}

/// How long a replica that no longer says anything stays in the list, in milliseconds.
const FORGOTTEN_AFTER_MS: i64 = 60_000;

impl Store {
    /// Whether other replicas may work on the same database.
    #[must_use]
    pub fn may_have_replicas(&self) -> bool {
        matches!(self.inner.db, Db::Postgres(_))
    }

    /// Returns a store whose writes fail with `LeaseLost` unless `holder` holds the lease.
    #[must_use]
    pub fn fenced(&self, name: &'static str, holder: &Arc<str>) -> Self {
        let fence = Fence { name, holder: Arc::clone(holder) };
        Self { inner: Arc::clone(&self.inner), fence: Some(Arc::new(fence)) }
    }

    /// Takes or keeps a lease for a while. Tells whether it is held now; another holder keeps it until its time is over.
    ///
    /// # Errors
    /// On database failure. Then whatever was held before is held until its time is over.
    pub async fn hold_lease(&self, name: &str, holder: &str, time: Duration) -> Result<bool, StoreError> {
        let Db::Postgres(pool) = &self.inner.db else { return Ok(true) };
        let text = "
            INSERT INTO lease (name, holder, until)
            VALUES ($1, $2, (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT + $3)
            ON CONFLICT (name) DO UPDATE
                SET holder = excluded.holder, until = excluded.until
                WHERE lease.holder = excluded.holder
                   OR lease.until < (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT
            RETURNING holder";
        let held: Option<String> = sqlx::query_scalar(text)
            .bind(name)
            .bind(holder)
            .bind(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
            .fetch_optional(pool)
            .await
            .map_err(tried("hold a lease"))?;
        Ok(held.is_some())
    }

    /// Lets go of all leases of a holder, so that others need not wait, and takes it out of the list of replicas.
    ///
    /// # Errors
    /// On database failure.
    pub async fn release_leases(&self, holder: &str) -> Result<(), StoreError> {
        let Db::Postgres(pool) = &self.inner.db else { return Ok(()) };
        for text in ["DELETE FROM lease WHERE holder = $1", "DELETE FROM replica WHERE id = $1"] {
            sqlx::query(text).bind(holder).execute(pool).await.map_err(tried("let go of leases"))?;
        }
        Ok(())
    }

    /// Writes down that a replica lives, and forgets those that have long been silent.
    ///
    /// # Errors
    /// On database failure.
    pub async fn note_replica(&self, sign: &SignOfLife) -> Result<(), StoreError> {
        let Db::Postgres(pool) = &self.inner.db else { return Ok(()) };
        let text = "
            INSERT INTO replica (id, name, started_at, seen_at, seq)
            SELECT $1, $2, t.now - $3, t.now, $4
            FROM (SELECT (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT AS now) AS t
            ON CONFLICT (id) DO UPDATE
                SET seen_at = excluded.seen_at, seq = excluded.seq";
        sqlx::query(text)
            .bind(&*sign.id)
            .bind(&*sign.name)
            .bind(sign.uptime_ms)
            .bind(i64::try_from(sign.seq).unwrap_or(i64::MAX))
            .execute(pool)
            .await
            .map_err(tried("say that it lives"))?;
        let text = "DELETE FROM replica WHERE seen_at < (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT - $1";
        sqlx::query(text).bind(FORGOTTEN_AFTER_MS).execute(pool).await.map_err(tried("forget replicas"))?;
        Ok(())
    }

    /// Lists the replicas that have lately said that they live, with the leases that they hold. Empty on SQLite.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_replicas(&self) -> Result<Vec<Replica>, StoreError> {
        let Db::Postgres(pool) = &self.inner.db else { return Ok(Vec::new()) };
        let text = "
            SELECT r.id, r.name, t.now - r.started_at, t.now - r.seen_at, r.seq, COALESCE((
                SELECT STRING_AGG(l.name, ',' ORDER BY l.name)
                FROM lease l
                WHERE l.holder = r.id
                  AND l.until >= t.now), '')
            FROM replica r, (SELECT (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT AS now) AS t
            ORDER BY r.started_at, r.id";
        let rows: Vec<(String, String, i64, i64, i64, String)> =
            sqlx::query_as(text).fetch_all(pool).await.map_err(tried("list replicas"))?;
        let number = |number: i64| u64::try_from(number).unwrap_or_default();
        let to_replica = |(id, name, started, seen, seq, leases): (String, String, i64, i64, i64, String)| Replica {
            id,
            name,
            started_ms_ago: number(started),
            seen_ms_ago: number(seen),
            seq: number(seq),
            leases: leases.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        };
        Ok(rows.into_iter().map(to_replica).collect())
    }

    /// Begins a transaction that no other writer can pass, if this store may still write.
    pub(crate) async fn begin_write(&self) -> Result<Tx, StoreError> {
        let mut tx = self.inner.db.begin_write().await?;
        if let Some(fence) = &self.fence {
            fence.require(&mut tx).await?;
        }
        Ok(tx)
    }
}

impl Fence {
    /// Looks whether the lease still holds. Whoever takes it over waits at the lock of writers until this one is done.
    async fn require(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let Tx::Postgres(c) = tx else { return Ok(()) };
        let text = "
            SELECT COUNT(*)
            FROM lease
            WHERE name = $1
              AND holder = $2
              AND until >= (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT";
        let held: i64 = sqlx::query_scalar(text)
            .bind(self.name)
            .bind(&*self.holder)
            .fetch_one(&mut **c)
            .await
            .map_err(tried("look at a lease"))?;
        if held == 0 { Err(StoreError::LeaseLost { name: self.name }) } else { Ok(()) }
    }
}
