//! Writes who holds which reference.

use super::uid_bytes;
use crate::{
    StoreError,
    db::{InsertSql, ListSql, Tx, insert_rows, list_sql, tried},
    plan::{PlannedChange, PlannedEntity, ShadowRow},
};

/// Removes winners and shadows that are replaced or gone.
pub(crate) async fn delete_claims(tx: &mut Tx, entities: &[i64], shadows: &[i64]) -> Result<(), StoreError> {
    const ENTITIES: ListSql = list_sql!("DELETE FROM entity WHERE seq");
    const SHADOWS: ListSql = list_sql!("DELETE FROM shadow WHERE id");
    tx.execute_by_ids(ENTITIES, entities).await.map_err(tried("replace entities"))?;
    tx.execute_by_ids(SHADOWS, shadows).await.map_err(tried("replace waiting claims"))
}

const ENTITY_SQLITE: InsertSql =
    InsertSql { head: "INSERT INTO entity (seq, entity_ref, uid, hash, file_id)", tail: "", columns: 5 };
const ENTITY_POSTGRES: &str = "
    INSERT INTO entity (seq, entity_ref, uid, hash, file_id)
    SELECT r.*
    FROM UNNEST($1::BIGINT[], $2::TEXT[], $3::BYTEA[], $4::BYTEA[], $5::BIGINT[]) AS r";

/// Writes the winners of changes that are numbered from `first`.
pub(crate) async fn insert_entities(tx: &mut Tx, first: i64, changes: &[PlannedChange]) -> Result<(), StoreError> {
    let rows: Vec<(i64, &PlannedChange, &PlannedEntity)> =
        (first..).zip(changes).filter_map(|(seq, change)| Some((seq, change, change.now.as_ref()?))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    match tx {
        Tx::Sqlite(c) => {
            insert_rows(c, ENTITY_SQLITE, &rows, |query, (seq, change, now)| {
                query
                    .bind(*seq)
                    .bind(change.entity_ref.as_str())
                    .bind(uid_bytes(change.uid))
                    .bind(&now.hash[..])
                    .bind(now.file)
            })
            .await
        }
        Tx::Postgres(c) => {
            let each = || rows.iter();
            sqlx::query(ENTITY_POSTGRES)
                .bind(each().map(|(seq, ..)| *seq).collect::<Vec<_>>())
                .bind(each().map(|(_, change, _)| change.entity_ref.as_str()).collect::<Vec<_>>())
                .bind(each().map(|(_, change, _)| uid_bytes(change.uid)).collect::<Vec<_>>())
                .bind(each().map(|(_, _, now)| &now.hash[..]).collect::<Vec<_>>())
                .bind(each().map(|(_, _, now)| now.file).collect::<Vec<_>>())
                .execute(&mut **c)
                .await
                .map(drop)
        }
    }
    .map_err(tried("write entities"))
}

const SHADOW_SQLITE: InsertSql = InsertSql {
    head: "INSERT INTO shadow (id, entity_ref, file_id, hash, payload, line, since)",
    tail: "",
    columns: 7,
};
const SHADOW_POSTGRES: &str = "
    INSERT INTO shadow (id, entity_ref, file_id, hash, payload, line, since)
    SELECT r.*
    FROM UNNEST($1::BIGINT[], $2::TEXT[], $3::BIGINT[], $4::BYTEA[], $5::BYTEA[], $6::BIGINT[], $7::BIGINT[]) AS r";

/// Writes claims that wait.
pub(crate) async fn insert_shadows(tx: &mut Tx, shadows: &[ShadowRow]) -> Result<(), StoreError> {
    if shadows.is_empty() {
        return Ok(());
    }
    match tx {
        Tx::Sqlite(c) => {
            insert_rows(c, SHADOW_SQLITE, shadows, |query, row| {
                query
                    .bind(row.id)
                    .bind(row.entity_ref.as_str())
                    .bind(row.holder.file)
                    .bind(&row.hash[..])
                    .bind(&*row.payload)
                    .bind(i64::from(row.line))
                    .bind(row.since)
            })
            .await
        }
        Tx::Postgres(c) => {
            let each = || shadows.iter();
            sqlx::query(SHADOW_POSTGRES)
                .bind(each().map(|row| row.id).collect::<Vec<_>>())
                .bind(each().map(|row| row.entity_ref.as_str()).collect::<Vec<_>>())
                .bind(each().map(|row| row.holder.file).collect::<Vec<_>>())
                .bind(each().map(|row| &row.hash[..]).collect::<Vec<_>>())
                .bind(each().map(|row| &*row.payload).collect::<Vec<_>>())
                .bind(each().map(|row| i64::from(row.line)).collect::<Vec<_>>())
                .bind(each().map(|row| row.since).collect::<Vec<_>>())
                .execute(&mut **c)
                .await
                .map(drop)
        }
    }
    .map_err(tried("write waiting claims"))
}
