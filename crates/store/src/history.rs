//! The log of changes: reading it, and forgetting its far end.

use model::{Cause, Change, Seq, Timestamp};

use crate::{
    Store, StoreError,
    db::{ListSql, Tx, on, tried},
    encode::Decoder,
    writing::{load_counter, parse_kind, parse_uid, to_ref, to_seq},
};

/// How many references are asked about at a time.
const REFS_AT_ONCE: usize = 500;

type ChangeTuple =
    (i64, i64, String, i16, Vec<u8>, Option<String>, Option<String>, Option<String>, Option<String>, Option<Vec<u8>>);

impl Store {
    /// Returns the number of the newest change.
    ///
    /// # Errors
    /// On database failure.
    pub async fn newest_seq(&self) -> Result<Seq, StoreError> {
        Ok(to_seq(load_counter(&mut self.inner.db.begin_read().await?, "newest_seq").await?))
    }

    /// Returns how far history reaches back: the oldest moment that `load_as_of` can tell and `changes_after` can start from.
    ///
    /// # Errors
    /// On database failure.
    pub async fn oldest_seq(&self) -> Result<Seq, StoreError> {
        Ok(to_seq(load_counter(&mut self.inner.db.begin_read().await?, "oldest_seq").await?))
    }

    /// Returns the changes after `seq` in order, at most `limit`.
    ///
    /// # Errors
    /// `HistoryTooShort` when changes after `seq` were pruned: load everything anew. Else on database failure.
    pub async fn changes_after(&self, seq: Seq, limit: u32) -> Result<Vec<Change>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let after = require_history(&mut tx, seq).await?;
        let text = "
            SELECT seq, at, entity_ref, kind, uid, location, revision, author, actor, payload
            FROM change
            WHERE seq > $1
            ORDER BY seq
            LIMIT $2";
        let rows: Vec<ChangeTuple> =
            on!(&mut tx, c => sqlx::query_as(text).bind(after).bind(i64::from(limit)).fetch_all(c).await)
                .map_err(tried("read changes"))?;
        let changes = decode_changes(rows).await?;
        if let Some(last) = changes.last() {
            self.note_seen(last.seq);
        }
        Ok(changes)
    }

    /// Returns the change by which each of some entities became what it was at a moment, in order of reference. Entities that
    /// were not there are left out.
    ///
    /// # Errors
    /// On database failure.
    pub async fn forms_at(&self, refs: &[model::EntityRef], moment: Seq) -> Result<Vec<Change>, StoreError> {
        const SQL: ListSql = ListSql {
            sqlite: "
                SELECT seq, at, entity_ref, kind, uid, location, revision, author, actor, payload
                FROM change
                WHERE seq IN (
                    SELECT MAX(seq)
                    FROM change
                    WHERE entity_ref IN (SELECT value FROM json_each($1))
                      AND seq <= $2
                    GROUP BY entity_ref)
                  AND payload IS NOT NULL
                ORDER BY entity_ref",
            postgres: "
                SELECT seq, at, entity_ref, kind, uid, location, revision, author, actor, payload
                FROM change
                WHERE seq IN (
                    SELECT MAX(seq)
                    FROM change
                    WHERE entity_ref = ANY($1)
                      AND seq <= $2
                    GROUP BY entity_ref)
                  AND payload IS NOT NULL
                ORDER BY entity_ref",
        };
        let mut refs: Vec<&str> = refs.iter().map(model::EntityRef::as_str).collect();
        refs.sort_unstable();
        refs.dedup();
        let mut tx = self.begin_history(moment).await?;
        let moment = i64::try_from(moment.0).unwrap_or(i64::MAX);
        let mut rows: Vec<ChangeTuple> = Vec::new();
        for chunk in refs.chunks(REFS_AT_ONCE) {
            rows.extend(tx.fetch_by_texts_and(SQL, chunk, moment).await.map_err(tried("read forms of entities"))?);
        }
        drop(tx);
        let mut changes: Vec<Change> = decode_changes(rows).await?;
        changes.sort_by(|a, b| a.entity_ref.cmp(&b.entity_ref));
        Ok(changes)
    }

    /// Forgets history before a moment: removes changes that a later change before that moment replaced. Current bodies and
    /// everything needed for later moments stay. Returns how many rows went.
    ///
    /// # Errors
    /// On database failure.
    pub async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin_write().await?;
        let reach = seq_before(&mut tx, before).await?;
        if reach <= load_counter(&mut tx, "oldest_seq").await? {
            return Ok(0);
        }
        // A removal (kind 3) says nothing once all before it is forgotten.
        let text = "
            DELETE FROM change
            WHERE seq <= $1
              AND (kind = 3 OR EXISTS (
                SELECT 1
                FROM change later
                WHERE later.entity_ref = change.entity_ref
                  AND later.seq > change.seq
                  AND later.seq <= $1))";
        let gone = on!(&mut tx, c => sqlx::query(text).bind(reach).execute(c).await.map(|done| done.rows_affected()))
            .map_err(tried("forget old changes"))?;
        let text = "UPDATE counter SET value = $1 WHERE name = 'oldest_seq'";
        on!(&mut tx, c => sqlx::query(text).bind(reach).execute(c).await.map(drop))
            .map_err(tried("forget old changes"))?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Returns the number of the last change before the first one at or after a moment. Looked for from the beginning: where a
/// clock has jumped, nothing younger may be forgotten.
async fn seq_before(tx: &mut Tx, moment: Timestamp) -> Result<i64, StoreError> {
    let text = "
        SELECT seq
        FROM change
        WHERE at >= $1
        ORDER BY seq
        LIMIT 1";
    let first: Option<i64> = on!(tx, c => sqlx::query_scalar(text).bind(moment.0).fetch_optional(c).await)
        .map_err(tried("find a moment in history"))?;
    match first {
        Some(first) => Ok(first - 1),
        None => load_counter(tx, "newest_seq").await,
    }
}

/// Says whether history reaches back to a moment, and returns its number.
pub(crate) async fn require_history(tx: &mut Tx, seq: Seq) -> Result<i64, StoreError> {
    let oldest = to_seq(load_counter(tx, "oldest_seq").await?);
    if seq < oldest {
        return Err(StoreError::HistoryTooShort { asked: seq.0, oldest: oldest.0 });
    }
    Ok(i64::try_from(seq.0).unwrap_or(i64::MAX))
}

async fn decode_changes(rows: Vec<ChangeTuple>) -> Result<Vec<Change>, StoreError> {
    crate::harvest::on_cpu(move || {
        let mut decoder = Decoder::default();
        rows.into_iter().map(|row| to_change(row, &mut decoder)).collect()
    })
    .await
}

fn to_change(row: ChangeTuple, decoder: &mut Decoder) -> Result<Change, StoreError> {
    let (seq, at, entity_ref, kind, uid, location, revision, author, actor, payload) = row;
    let entity_ref = to_ref(&entity_ref, decoder)?;
    let entity = match payload {
        Some(payload) => Some(decoder.decode(entity_ref.clone(), parse_uid(&uid)?, &payload)?.into()),
        None => None,
    };
    let cause = to_cause([location, revision, author, actor]);
    Ok(Change { seq: to_seq(seq), at: Timestamp(at), entity_ref, kind: parse_kind(kind)?, entity, cause })
}

/// Makes a cause of the columns `location`, `revision`, `author` and `actor`.
pub(crate) fn to_cause(columns: [Option<String>; 4]) -> Cause {
    let [location, commit, author, actor] = columns.map(|text| text.map(Into::into));
    Cause { location, commit, author, actor }
}
