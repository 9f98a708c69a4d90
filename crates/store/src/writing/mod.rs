//! The other half of a write: a transaction that loads what a plan needs and writes what it says.
//!
//! There is no other way to change the catalog, so every change that readers care about gets its number here.

mod changes;
mod claims;
mod files;
mod load;
mod problems;

pub(crate) use self::{
    changes::{kind_number, parse_kind},
    load::{list_files, to_location, to_ref},
};

use std::sync::Arc;

use model::{Cause, Change, Seq, Timestamp, Uid};

use crate::{
    Store, StoreError,
    applied::Applied,
    db::{Tx, on, tried},
    plan::{Claims, FileRow, ProblemRow, Resolved},
};

/// A write in progress. Dropped without `commit`, it leaves no trace.
pub(crate) struct Writing {
    pub(crate) tx: Tx,
    store: Store,
    newest_seq: i64,
    newest_id: i64,
    stored: (i64, i64),
}

/// What `Writing::commit` has to write.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) claims: Claims,
    pub(crate) files: Vec<FileRow>,
    /// Files to remove; all claims of them must be released.
    pub(crate) file_deletes: Vec<i64>,
    /// Roots to remove; all their files must be in `file_deletes`.
    pub(crate) root_deletes: Vec<Uid>,
    pub(crate) problem_deletes: Vec<i64>,
    pub(crate) problem_inserts: Vec<ProblemRow>,
}

impl Writing {
    /// Waits until no other writer is at work, and begins.
    pub(crate) async fn begin(store: &Store) -> Result<Self, StoreError> {
        let mut tx = store.begin_write().await?;
        let newest_seq = load_counter(&mut tx, "newest_seq").await?;
        let newest_id = load_counter(&mut tx, "newest_id").await?;
        Ok(Self { tx, store: store.clone(), newest_seq, newest_id, stored: (newest_seq, newest_id) })
    }

    /// Gives numbers for rows.
    pub(crate) fn new_ids(&mut self) -> impl FnMut() -> i64 {
        || {
            self.newest_id += 1;
            self.newest_id
        }
    }

    /// Writes a plan and the change rows with it, and commits.
    pub(crate) async fn commit(mut self, plan: Plan, cause: &Cause, now: Timestamp) -> Result<Applied, StoreError> {
        let Plan { claims, files, file_deletes, root_deletes, problem_deletes, problem_inserts } = plan;
        let resolved = claims.resolve(cause, &mut random_uid)?;
        files::upsert_files(&mut self.tx, &files, now).await?;
        problems::delete_problems(&mut self.tx, &problem_deletes).await?;
        problems::insert_problems(&mut self.tx, &problem_inserts).await?;
        let changes = self.write_claims(resolved, now).await?;
        files::delete_files(&mut self.tx, &file_deletes).await?;
        for root in root_deletes {
            let text = "DELETE FROM root WHERE id = $1";
            on!(&mut self.tx, c => sqlx::query(text).bind(uid_bytes(root)).execute(c).await.map(drop))
                .map_err(tried("remove a location"))?;
        }
        self.finish(changes).await
    }

    async fn write_claims(&mut self, resolved: Resolved, now: Timestamp) -> Result<Vec<Change>, StoreError> {
        let first = self.newest_seq + 1;
        self.newest_seq += i64::try_from(resolved.changes.len()).expect("a batch fits in memory");
        claims::delete_claims(&mut self.tx, &resolved.entity_deletes, &resolved.shadow_deletes).await?;
        changes::insert_changes(&mut self.tx, first, &resolved.changes, now).await?;
        claims::insert_entities(&mut self.tx, first, &resolved.changes).await?;
        claims::insert_shadows(&mut self.tx, &resolved.shadow_inserts).await?;
        for (root, delta) in resolved.root_deltas.iter().filter(|(_, delta)| **delta != 0) {
            let text = "UPDATE root SET entities = entities + $1 WHERE id = $2";
            on!(&mut self.tx, c => sqlx::query(text).bind(*delta).bind(uid_bytes(*root)).execute(c).await.map(drop))
                .map_err(tried("count entities"))?;
        }
        Ok(changes::into_changes(first, resolved.changes, now))
    }

    async fn finish(mut self, changes: Vec<Change>) -> Result<Applied, StoreError> {
        for (name, old, new) in
            [("newest_seq", self.stored.0, self.newest_seq), ("newest_id", self.stored.1, self.newest_id)]
        {
            if old != new {
                let text = "UPDATE counter SET value = $1 WHERE name = $2";
                on!(&mut self.tx, c => sqlx::query(text).bind(new).bind(name).execute(c).await.map(drop))
                    .map_err(tried("number changes"))?;
            }
        }
        if !changes.is_empty() {
            self.tx.notify(&self.newest_seq.to_string()).await?;
        }
        self.tx.commit().await?;
        let seq = to_seq(self.newest_seq);
        self.store.note_seen(seq);
        Ok(Applied { seq, changes: Arc::new(changes) })
    }
}

/// Reads one of the numbers that only grow.
pub(crate) async fn load_counter(tx: &mut Tx, name: &'static str) -> Result<i64, StoreError> {
    let text = "SELECT value FROM counter WHERE name = $1";
    on!(tx, c => sqlx::query_scalar(text).bind(name).fetch_one(c).await).map_err(tried("read its counters"))
}

fn random_uid() -> Uid {
    Uid(uuid::Uuid::new_v4().as_u128())
}

pub(crate) fn uid_bytes(uid: Uid) -> Vec<u8> {
    uid.0.to_be_bytes().to_vec()
}

pub(crate) fn to_seq(number: i64) -> Seq {
    Seq(u64::try_from(number).unwrap_or_default())
}

pub(crate) fn parse_uid(bytes: &[u8]) -> Result<Uid, StoreError> {
    let bytes = bytes.try_into().map_err(|_| StoreError::Garbled { what: "a uid".to_owned() })?;
    Ok(Uid(u128::from_be_bytes(bytes)))
}
