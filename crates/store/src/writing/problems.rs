//! Writes problem rows.

use crate::{
    StoreError,
    db::{InsertSql, ListSql, Tx, insert_rows, list_sql, tried},
    plan::ProblemRow,
};

/// Removes problems that are over.
pub(crate) async fn delete_problems(tx: &mut Tx, ids: &[i64]) -> Result<(), StoreError> {
    const SQL: ListSql = list_sql!("DELETE FROM problem WHERE id");
    tx.execute_by_ids(SQL, ids).await.map_err(tried("remove problems"))
}

const INSERT_SQLITE: InsertSql = InsertSql {
    head: "INSERT INTO problem (id, file_id, phase, entity_ref, served, diagnostic, since)",
    tail: "",
    columns: 7,
};
const INSERT_POSTGRES: &str = "
    INSERT INTO problem (id, file_id, phase, entity_ref, served, diagnostic, since)
    SELECT r.*
    FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::SMALLINT[], $4::TEXT[], $5::BOOLEAN[], $6::TEXT[], $7::BIGINT[]) AS r";

/// Writes new problems.
pub(crate) async fn insert_problems(tx: &mut Tx, problems: &[ProblemRow]) -> Result<(), StoreError> {
    if problems.is_empty() {
        return Ok(());
    }
    match tx {
        Tx::Sqlite(c) => {
            insert_rows(c, INSERT_SQLITE, problems, |query, row| {
                query
                    .bind(row.id)
                    .bind(row.file)
                    .bind(row.phase)
                    .bind(row.entity_ref.as_deref())
                    .bind(row.served)
                    .bind(&*row.diagnostic)
                    .bind(row.since)
            })
            .await
        }
        Tx::Postgres(c) => {
            let each = || problems.iter();
            sqlx::query(INSERT_POSTGRES)
                .bind(each().map(|row| row.id).collect::<Vec<_>>())
                .bind(each().map(|row| row.file).collect::<Vec<_>>())
                .bind(each().map(|row| row.phase).collect::<Vec<_>>())
                .bind(each().map(|row| row.entity_ref.as_deref()).collect::<Vec<_>>())
                .bind(each().map(|row| row.served).collect::<Vec<_>>())
                .bind(each().map(|row| &*row.diagnostic).collect::<Vec<_>>())
                .bind(each().map(|row| row.since).collect::<Vec<_>>())
                .execute(&mut **c)
                .await
                .map(drop)
        }
    }
    .map_err(tried("write problems"))
}
