//! Writes change rows.

use model::{Change, ChangeKind, Timestamp};

use super::{to_seq, uid_bytes};
use crate::{
    StoreError,
    db::{InsertSql, Tx, insert_rows, tried},
    plan::PlannedChange,
};

const INSERT_SQLITE: InsertSql = InsertSql {
    head: "INSERT INTO change (seq, at, entity_ref, kind, uid, root_id, location, revision, author, actor, payload)",
    tail: "",
    columns: 11,
};
const INSERT_POSTGRES: &str = "
    INSERT INTO change (seq, at, entity_ref, kind, uid, root_id, location, revision, author, actor, payload)
    SELECT r.seq, $11::BIGINT, r.entity_ref, r.kind, r.uid, r.root_id, r.location, r.revision, r.author, r.actor, r.payload
    FROM UNNEST($1::BIGINT[], $2::TEXT[], $3::SMALLINT[], $4::BYTEA[], $5::BYTEA[], $6::TEXT[], $7::TEXT[], $8::TEXT[], $9::TEXT[], $10::BYTEA[])
        AS r (seq, entity_ref, kind, uid, root_id, location, revision, author, actor, payload)";

/// Writes changes, numbered from `first`.
pub(crate) async fn insert_changes(
    tx: &mut Tx,
    first: i64,
    changes: &[PlannedChange],
    now: Timestamp,
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    match tx {
        Tx::Sqlite(c) => {
            let rows: Vec<(i64, &PlannedChange)> = (first..).zip(changes).collect();
            insert_rows(c, INSERT_SQLITE, &rows, |query, (seq, change)| {
                query
                    .bind(*seq)
                    .bind(now.0)
                    .bind(change.entity_ref.as_str())
                    .bind(kind_number(change.kind))
                    .bind(uid_bytes(change.uid))
                    .bind(uid_bytes(change.root))
                    .bind(change.cause.location.as_deref())
                    .bind(change.cause.commit.as_deref())
                    .bind(change.cause.author.as_deref())
                    .bind(change.cause.actor.as_deref())
                    .bind(change.now.as_ref().map(|now| &*now.payload))
            })
            .await
        }
        Tx::Postgres(c) => {
            let each = || changes.iter();
            sqlx::query(INSERT_POSTGRES)
                .bind((first..).zip(changes).map(|(seq, _)| seq).collect::<Vec<_>>())
                .bind(each().map(|change| change.entity_ref.as_str()).collect::<Vec<_>>())
                .bind(each().map(|change| kind_number(change.kind)).collect::<Vec<_>>())
                .bind(each().map(|change| uid_bytes(change.uid)).collect::<Vec<_>>())
                .bind(each().map(|change| uid_bytes(change.root)).collect::<Vec<_>>())
                .bind(each().map(|change| change.cause.location.as_deref()).collect::<Vec<_>>())
                .bind(each().map(|change| change.cause.commit.as_deref()).collect::<Vec<_>>())
                .bind(each().map(|change| change.cause.author.as_deref()).collect::<Vec<_>>())
                .bind(each().map(|change| change.cause.actor.as_deref()).collect::<Vec<_>>())
                .bind(each().map(|change| change.now.as_ref().map(|now| &*now.payload)).collect::<Vec<_>>())
                .bind(now.0)
                .execute(&mut **c)
                .await
                .map(drop)
        }
    }
    .map_err(tried("write changes"))
}

/// Turns written changes into what readers get.
pub(crate) fn into_changes(first: i64, changes: Vec<PlannedChange>, at: Timestamp) -> Vec<Change> {
    let into_change = |(seq, change): (i64, PlannedChange)| Change {
        seq: to_seq(seq),
        at,
        entity_ref: change.entity_ref,
        kind: change.kind,
        entity: change.now.map(|now| now.entity),
        cause: change.cause,
    };
    (first..).zip(changes).map(into_change).collect()
}

/// The number of a kind in the database; never given another meaning.
pub(crate) fn kind_number(kind: ChangeKind) -> i16 {
    match kind {
        ChangeKind::Added => 1,
        ChangeKind::Changed => 2,
        ChangeKind::Removed => 3,
    }
}

/// Reads the number of a kind.
pub(crate) fn parse_kind(number: i16) -> Result<ChangeKind, StoreError> {
    match number {
        1 => Ok(ChangeKind::Added),
        2 => Ok(ChangeKind::Changed),
        3 => Ok(ChangeKind::Removed),
        _ => Err(StoreError::Garbled { what: format!("a change of kind {number}") }),
    }
}
