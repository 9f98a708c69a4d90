//! Writes file rows.

use model::Timestamp;

use super::uid_bytes;
use crate::{
    StoreError,
    db::{InsertSql, ListSql, Tx, insert_rows, list_sql, tried},
    plan::{FileRow, Map},
};

const UPSERT_SQLITE: InsertSql = InsertSql {
    head: "INSERT INTO file (id, root_id, location, parents, etag, content_hash, processing_hash, nested, self_contained, failing, written_at)",
    tail: "ON CONFLICT (id) DO UPDATE
        SET parents = excluded.parents, etag = excluded.etag, content_hash = excluded.content_hash,
            processing_hash = excluded.processing_hash, nested = excluded.nested,
            self_contained = excluded.self_contained, failing = excluded.failing, written_at = excluded.written_at",
    columns: 11,
};
const UPSERT_POSTGRES: &str = "
    INSERT INTO file (id, root_id, location, parents, etag, content_hash, processing_hash, nested, self_contained, failing, written_at)
    SELECT r.*, $11::BIGINT
    FROM UNNEST($1::BIGINT[], $2::BYTEA[], $3::TEXT[], $4::TEXT[], $5::TEXT[], $6::BIGINT[], $7::BIGINT[], $8::TEXT[], $9::BOOLEAN[], $10::BOOLEAN[]) AS r
    ON CONFLICT (id) DO UPDATE
        SET parents = excluded.parents, etag = excluded.etag, content_hash = excluded.content_hash,
            processing_hash = excluded.processing_hash, nested = excluded.nested,
            self_contained = excluded.self_contained, failing = excluded.failing, written_at = excluded.written_at";

/// Writes new files and new states of known ones.
pub(crate) async fn upsert_files(tx: &mut Tx, files: &[FileRow], now: Timestamp) -> Result<(), StoreError> {
    if files.is_empty() {
        return Ok(());
    }
    // A file may be reported twice in a batch; its last state counts.
    let last: Map<i64, &FileRow> = files.iter().map(|file| (file.id, file)).collect();
    let mut files: Vec<&FileRow> = last.into_values().collect();
    files.sort_unstable_by_key(|file| file.id);
    match tx {
        Tx::Sqlite(c) => {
            insert_rows(c, UPSERT_SQLITE, &files, |query, file| {
                query
                    .bind(file.id)
                    .bind(uid_bytes(file.root))
                    .bind(file.known.location.as_str())
                    .bind(&*file.parents)
                    .bind(file.known.etag.as_deref())
                    .bind(file.known.content_hash.map(u64::cast_signed))
                    .bind(file.known.processing_hash.cast_signed())
                    .bind(&*file.known.nested)
                    .bind(file.known.self_contained)
                    .bind(file.failing)
                    .bind(now.0)
            })
            .await
        }
        Tx::Postgres(c) => {
            let each = || files.iter();
            sqlx::query(UPSERT_POSTGRES)
                .bind(each().map(|file| file.id).collect::<Vec<_>>())
                .bind(each().map(|file| uid_bytes(file.root)).collect::<Vec<_>>())
                .bind(each().map(|file| file.known.location.as_str()).collect::<Vec<_>>())
                .bind(each().map(|file| &*file.parents).collect::<Vec<_>>())
                .bind(each().map(|file| file.known.etag.as_deref()).collect::<Vec<_>>())
                .bind(each().map(|file| file.known.content_hash.map(u64::cast_signed)).collect::<Vec<_>>())
                .bind(each().map(|file| file.known.processing_hash.cast_signed()).collect::<Vec<_>>())
                .bind(each().map(|file| &*file.known.nested).collect::<Vec<_>>())
                .bind(each().map(|file| file.known.self_contained).collect::<Vec<_>>())
                .bind(each().map(|file| file.failing).collect::<Vec<_>>())
                .bind(now.0)
                .execute(&mut **c)
                .await
                .map(drop)
        }
    }
    .map_err(tried("write files"))
}

/// Removes files and their problems.
pub(crate) async fn delete_files(tx: &mut Tx, files: &[i64]) -> Result<(), StoreError> {
    const PROBLEMS: ListSql = list_sql!("DELETE FROM problem WHERE file_id");
    const FILES: ListSql = list_sql!("DELETE FROM file WHERE id");
    tx.execute_by_ids(PROBLEMS, files).await.map_err(tried("remove problems"))?;
    tx.execute_by_ids(FILES, files).await.map_err(tried("remove files"))
}
