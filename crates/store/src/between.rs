//! Two moments compared out of the log: only what was touched between them is read, and each entity in two forms at most.

use std::sync::Arc;

use model::{Cause, Change, ChangeKind, EntityRef, Seq, StoredEntity, Timestamp};

use crate::{
    Store, StoreError,
    db::{Tx, json_list, on, tried},
    encode::Decoder,
    history::{require_history, to_cause},
    writing::{parse_uid, to_ref, to_seq},
};

/// An entity that was touched between two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Which one.
    pub entity_ref: EntityRef,
    /// Its newest change up to the later moment.
    pub last: Seq,
    /// How many changes there were.
    pub changes: u64,
}

/// An entity at two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoForms {
    /// Its newest change up to the later moment.
    pub seq: Seq,
    /// When that was.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// At the earlier moment.
    pub before: Option<Arc<StoredEntity>>,
    /// At the later moment.
    pub after: Option<Arc<StoredEntity>>,
}

type TurnTuple = (String, Option<i64>, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>);
type TouchedTuple = (String, i64, i64);
type FormsTuple = (
    i64,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
);

impl Store {
    /// Lists the entities that were touched after change `from`, up to and with change `to`, in order of reference, at most
    /// `limit`.
    ///
    /// # Errors
    /// `HistoryTooShort` when the log does not reach back to `from`; else on database failure.
    pub async fn touched_between(&self, from: Seq, to: Seq, limit: u32) -> Result<Vec<Touched>, StoreError> {
        let mut tx = self.begin_history(to).await?;
        let from = require_history(&mut tx, from).await?;
        let text = "
            SELECT entity_ref, MAX(seq), COUNT(*)
            FROM change
            WHERE seq > $1
              AND seq <= $2
            GROUP BY entity_ref
            LIMIT $3";
        let to = i64::try_from(to.0).unwrap_or(i64::MAX);
        let rows: Vec<TouchedTuple> = on!(&mut tx, c => {
            sqlx::query_as(text).bind(from).bind(to).bind(i64::from(limit)).fetch_all(c).await
        })
        .map_err(tried("compare two moments"))?;
        let mut decoder = Decoder::default();
        let mut touched = Vec::with_capacity(rows.len());
        for (entity_ref, last, changes) in rows {
            let entity_ref = to_ref(&entity_ref, &mut decoder)?;
            touched.push(Touched {
                entity_ref,
                last: to_seq(last),
                changes: u64::try_from(changes).unwrap_or_default(),
            });
        }
        // Not by the database, whose order depends on its language.
        touched.sort_by(|a, b| a.entity_ref.as_str().cmp(b.entity_ref.as_str()));
        Ok(touched)
    }

    /// Loads entities, named by their newest changes up to a later moment, in their forms there and after change `from`, in
    /// order of the changes.
    ///
    /// # Errors
    /// `HistoryTooShort` when the log does not reach back to `from`; else on database failure.
    pub async fn load_two_forms(&self, from: Seq, last: &[Seq]) -> Result<Vec<TwoForms>, StoreError> {
        const HEAD: &str = "
            SELECT c.seq, c.at, c.entity_ref, c.location, c.revision, c.author, c.actor, c.uid, c.payload, p.uid, p.payload
            FROM change c
            LEFT JOIN change p ON p.seq = (
                SELECT MAX(q.seq) FROM change q WHERE q.entity_ref = c.entity_ref AND q.seq <= $1)
            WHERE c.seq";
        let mut tx = self.begin_history(last.iter().copied().max().unwrap_or(from)).await?;
        let from = require_history(&mut tx, from).await?;
        let numbers: Vec<i64> = last.iter().map(|seq| i64::try_from(seq.0).unwrap_or(i64::MAX)).collect();
        let rows: Vec<FormsTuple> = match &mut tx {
            Tx::Sqlite(c) => {
                let text = sqlx::AssertSqlSafe(format!("{HEAD} IN (SELECT value FROM json_each($2)) ORDER BY c.seq"));
                sqlx::query_as(text).bind(from).bind(json_list(&numbers)).fetch_all(&mut **c).await
            }
            Tx::Postgres(c) => {
                let text = sqlx::AssertSqlSafe(format!("{HEAD} = ANY($2) ORDER BY c.seq"));
                sqlx::query_as(text).bind(from).bind(&numbers).fetch_all(&mut **c).await
            }
        }
        .map_err(tried("compare two moments"))?;
        drop(tx);
        crate::harvest::on_cpu(move || {
            let mut decoder = Decoder::default();
            rows.into_iter().map(|row| to_forms(row, &mut decoder)).collect()
        })
        .await
    }
}

impl Store {
    /// Loads what leads from the moment after change `from` to that after change `to`, be it later or earlier: each entity that
    /// was touched between them, in its form after `to`. `None` when more than `limit` were.
    ///
    /// # Errors
    /// `HistoryTooShort` when the log does not reach back to either; else on database failure.
    pub async fn load_turn(&self, from: Seq, to: Seq, limit: u32) -> Result<Option<Vec<Change>>, StoreError> {
        let mut tx = self.begin_history(from.max(to)).await?;
        let first = require_history(&mut tx, from.min(to)).await?;
        let number = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
        let text = "
            SELECT t.entity_ref, c.seq, c.at, c.uid, c.payload
            FROM (
                SELECT DISTINCT entity_ref
                FROM change
                WHERE seq > $1
                  AND seq <= $2
            ) AS t
            LEFT JOIN change c ON c.seq = (
                SELECT MAX(q.seq) FROM change q WHERE q.entity_ref = t.entity_ref AND q.seq <= $3)
            LIMIT $4";
        let most = i64::from(limit) + 1;
        let rows: Vec<TurnTuple> = on!(&mut tx, c => {
            sqlx::query_as(text).bind(first).bind(number(from.max(to))).bind(number(to)).bind(most).fetch_all(c).await
        })
        .map_err(tried("turn to a moment"))?;
        drop(tx);
        if rows.len() > usize::try_from(limit).unwrap_or(usize::MAX) {
            return Ok(None);
        }
        let decoded = crate::harvest::on_cpu(move || {
            let mut decoder = Decoder::default();
            rows.into_iter().map(|row| to_turn(row, to, &mut decoder)).collect::<Result<Vec<_>, _>>()
        });
        decoded.await.map(Some)
    }
}

/// The newest form up to a moment as a change; an entity without one is not there.
fn to_turn(row: TurnTuple, to: Seq, decoder: &mut Decoder) -> Result<Change, StoreError> {
    let (entity_ref, seq, at, uid, payload) = row;
    let entity_ref = to_ref(&entity_ref, decoder)?;
    let entity = match (uid, payload) {
        (Some(uid), Some(payload)) => Some(Arc::new(decoder.decode(entity_ref.clone(), parse_uid(&uid)?, &payload)?)),
        _ => None,
    };
    Ok(Change {
        seq: seq.map_or(to, to_seq),
        at: Timestamp(at.unwrap_or_default()),
        kind: if entity.is_some() { ChangeKind::Changed } else { ChangeKind::Removed },
        entity_ref,
        entity,
        cause: Cause::default(),
    })
}

fn to_forms(row: FormsTuple, decoder: &mut Decoder) -> Result<TwoForms, StoreError> {
    let (seq, at, entity_ref, location, revision, author, actor, uid, after, before_uid, before) = row;
    let entity_ref = to_ref(&entity_ref, decoder)?;
    let mut decode = |uid: Option<&[u8]>, payload: Option<Vec<u8>>| match (uid, payload) {
        (Some(uid), Some(payload)) => {
            Ok::<_, StoreError>(Some(Arc::new(decoder.decode(entity_ref.clone(), parse_uid(uid)?, &payload)?)))
        }
        _ => Ok(None),
    };
    Ok(TwoForms {
        seq: to_seq(seq),
        at: Timestamp(at),
        cause: to_cause([location, revision, author, actor]),
        after: decode(Some(&uid), after)?,
        before: decode(before_uid.as_deref(), before)?,
    })
}
