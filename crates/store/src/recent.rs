//! The newest changes, for people who read them: without bodies, and with those of single changes on demand.

use std::sync::Arc;

use model::{Cause, ChangeKind, EntityRef, Seq, StoredEntity, Timestamp};
use sqlx::AssertSqlSafe;

use crate::{
    Store, StoreError,
    db::{ListSql, Tx, json_list, on, tried},
    encode::Decoder,
    history::to_cause,
    writing::{kind_number, parse_kind, parse_uid, to_ref, to_seq},
};

/// How many references are asked about at a time.
const REFS_AT_ONCE: usize = 1_000;

/// A change without the entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeHead {
    /// Its place in the order of commits.
    pub seq: Seq,
    /// When it was committed.
    pub at: Timestamp,
    /// Which entity.
    pub entity_ref: EntityRef,
    /// What happened.
    pub kind: ChangeKind,
    /// Why.
    pub cause: Cause,
}

/// Which changes are asked for; what is not said lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// Only those before this one.
    pub before: Option<Seq>,
    /// Only those after this one.
    pub after: Option<Seq>,
    /// Only of entities of this kind, in lower case.
    pub kind: Option<String>,
    /// Only these happenings.
    pub what: Option<ChangeKind>,
    /// Only those that this actor caused.
    pub actor: Option<String>,
    /// Only of these entities.
    pub refs: Option<Vec<EntityRef>>,
}

/// What a change led from and to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The change.
    pub seq: Seq,
    /// The entity before; `None` when it was not there, or that form is no longer on record.
    pub before: Option<Arc<StoredEntity>>,
    /// The entity after; `None` when it was removed.
    pub after: Option<Arc<StoredEntity>>,
}

type HeadTuple = (i64, i64, String, i16, Option<String>, Option<String>, Option<String>, Option<String>);
type StepTuple = (i64, String, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

impl Store {
    /// Returns changes, newest first, at most `limit`: those before a change, or the newest of all.
    ///
    /// # Errors
    /// On database failure.
    pub async fn newest_changes(&self, before: Option<Seq>, limit: u32) -> Result<Vec<ChangeHead>, StoreError> {
        let mut tx = self.begin_history(Seq(u64::MAX)).await?;
        let text = "
            SELECT seq, at, entity_ref, kind, location, revision, author, actor
            FROM change
            WHERE seq < $1
            ORDER BY seq DESC
            LIMIT $2";
        let before = before.map_or(i64::MAX, |seq| i64::try_from(seq.0).unwrap_or(i64::MAX));
        let rows: Vec<HeadTuple> =
            on!(&mut tx, c => sqlx::query_as(text).bind(before).bind(i64::from(limit)).fetch_all(c).await)
                .map_err(tried("read changes"))?;
        to_heads(rows)
    }

    /// Returns the changes that a filter lets through, newest first, at most `limit`.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_changes(&self, filter: &ChangeFilter, limit: u32) -> Result<Vec<ChangeHead>, StoreError> {
        let mut tx = self.begin_history(Seq(u64::MAX)).await?;
        let Some(refs) = &filter.refs else { return to_heads(fetch_filtered(&mut tx, filter, None, limit).await?) };
        let mut found = Vec::new();
        for chunk in refs.chunks(REFS_AT_ONCE) {
            let texts: Vec<&str> = chunk.iter().map(EntityRef::as_str).collect();
            found.extend(to_heads(fetch_filtered(&mut tx, filter, Some(&texts), limit).await?)?);
        }
        found.sort_by_key(|head| std::cmp::Reverse(head.seq));
        found.dedup_by_key(|head| head.seq);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Loads what some changes led from and to, in order of number. Changes that are no longer on record are left out.
    ///
    /// # Errors
    /// On database failure.
    pub async fn load_steps(&self, changes: &[Seq]) -> Result<Vec<Step>, StoreError> {
        const SQL: ListSql = ListSql {
            sqlite: "
                SELECT c.seq, c.entity_ref, c.uid, c.payload, p.uid, p.payload
                FROM change c
                LEFT JOIN change p ON p.seq = (
                    SELECT MAX(q.seq) FROM change q WHERE q.entity_ref = c.entity_ref AND q.seq < c.seq)
                WHERE c.seq IN (SELECT value FROM json_each($1))
                ORDER BY c.seq",
            postgres: "
                SELECT c.seq, c.entity_ref, c.uid, c.payload, p.uid, p.payload
                FROM change c
                LEFT JOIN change p ON p.seq = (
                    SELECT MAX(q.seq) FROM change q WHERE q.entity_ref = c.entity_ref AND q.seq < c.seq)
                WHERE c.seq = ANY($1)
                ORDER BY c.seq",
        };
        let numbers: Vec<i64> = changes.iter().map(|seq| i64::try_from(seq.0).unwrap_or(i64::MAX)).collect();
        let mut tx = self.begin_history(Seq(u64::MAX)).await?;
        let rows: Vec<StepTuple> = tx.fetch_by_ids(SQL, &numbers).await.map_err(tried("read changes"))?;
        drop(tx);
        crate::harvest::on_cpu(move || {
            let mut decoder = Decoder::default();
            rows.into_iter().map(|row| to_step(row, &mut decoder)).collect()
        })
        .await
    }
}

/// Asks with every condition of a filter; `refs` is a part of its references.
async fn fetch_filtered(
    tx: &mut Tx,
    filter: &ChangeFilter,
    refs: Option<&[&str]>,
    limit: u32,
) -> Result<Vec<HeadTuple>, StoreError> {
    // Conditions that are not asked for are there with a value that lets everything through, so that there are few texts.
    const CONDITIONS: &str = "
        SELECT seq, at, entity_ref, kind, location, revision, author, actor
        FROM change
        WHERE seq < $1
          AND seq > $2
          AND ($3 = '' OR entity_ref LIKE $3 ESCAPE '!')
          AND ($4 = 0 OR kind = $4)
          AND ($5 = '' OR actor = $5 OR author = $5)";
    const ORDER: &str = "
        ORDER BY seq DESC
        LIMIT $6";
    let number = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
    let before = filter.before.map_or(i64::MAX, number);
    let after = filter.after.map_or(0, number);
    let kind = filter.kind.as_deref().map(|kind| format!("{}:%", escape_like(kind))).unwrap_or_default();
    let what = filter.what.map_or(0, kind_number);
    let actor = filter.actor.as_deref().unwrap_or_default();
    let limit = i64::from(limit);
    let rows = match (tx, refs) {
        (Tx::Sqlite(c), None) => {
            let text = AssertSqlSafe(format!("{CONDITIONS}{ORDER}"));
            let query = sqlx::query_as(text).bind(before).bind(after).bind(kind).bind(what).bind(actor).bind(limit);
            query.fetch_all(&mut **c).await
        }
        (Tx::Postgres(c), None) => {
            let text = AssertSqlSafe(format!("{CONDITIONS}{ORDER}"));
            let query = sqlx::query_as(text).bind(before).bind(after).bind(kind).bind(what).bind(actor).bind(limit);
            query.fetch_all(&mut **c).await
        }
        (Tx::Sqlite(c), Some(refs)) => {
            let list = "AND entity_ref IN (SELECT value FROM json_each($7))";
            let text = AssertSqlSafe(format!("{CONDITIONS} {list} {ORDER}"));
            let query = sqlx::query_as(text).bind(before).bind(after).bind(kind).bind(what).bind(actor).bind(limit);
            query.bind(json_list(refs)).fetch_all(&mut **c).await
        }
        (Tx::Postgres(c), Some(refs)) => {
            let text = AssertSqlSafe(format!("{CONDITIONS} AND entity_ref = ANY($7) {ORDER}"));
            let query = sqlx::query_as(text).bind(before).bind(after).bind(kind).bind(what).bind(actor).bind(limit);
            query.bind(refs).fetch_all(&mut **c).await
        }
    };
    rows.map_err(tried("read changes"))
}

/// Writes a text so that `LIKE` takes it as it is, with `!` as the sign of escape.
fn escape_like(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

fn to_heads(rows: Vec<HeadTuple>) -> Result<Vec<ChangeHead>, StoreError> {
    let mut decoder = Decoder::default();
    let to_head = |(seq, at, entity_ref, kind, location, revision, author, actor): HeadTuple| {
        Ok(ChangeHead {
            seq: to_seq(seq),
            at: Timestamp(at),
            entity_ref: to_ref(&entity_ref, &mut decoder)?,
            kind: parse_kind(kind)?,
            cause: to_cause([location, revision, author, actor]),
        })
    };
    rows.into_iter().map(to_head).collect()
}

fn to_step(row: StepTuple, decoder: &mut Decoder) -> Result<Step, StoreError> {
    let (seq, entity_ref, uid, after, before_uid, before) = row;
    let entity_ref = to_ref(&entity_ref, decoder)?;
    let mut decode = |uid: Option<&[u8]>, payload: Option<Vec<u8>>| match (uid, payload) {
        (Some(uid), Some(payload)) => {
            Ok::<_, StoreError>(Some(Arc::new(decoder.decode(entity_ref.clone(), parse_uid(uid)?, &payload)?)))
        }
        _ => Ok(None),
    };
    let after = decode(Some(&uid), after)?;
    let before = decode(before_uid.as_deref(), before)?;
    Ok(Step { seq: to_seq(seq), before, after })
}
