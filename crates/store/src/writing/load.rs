//! Loads what is stored about some files and references.

use std::sync::Arc;

use model::{EntityRef, LocationRef, StoredEntity, Uid};

use super::{Writing, parse_uid, uid_bytes};
use crate::{
    StoreError,
    db::{ListSql, Tx, list_sql, on, tried},
    encode::Decoder,
    plan::{Claims, EntityRow, FileId, FileRow, Holder, Map, ProblemRow, ShadowRow},
    report::KnownFile,
};

type FileTuple = (i64, Vec<u8>, String, String, Option<String>, Option<i64>, i64, String, bool, bool);

/// `$2` is the root.
const FILES_BY_LOCATION: ListSql = list_sql!(
    "SELECT id, root_id, location, parents, etag, content_hash, processing_hash, nested, self_contained, failing
    FROM file
    WHERE location",
    " AND root_id = $2"
);
const FILES_BY_ID: ListSql = list_sql!(
    "SELECT id, root_id, location, parents, etag, content_hash, processing_hash, nested, self_contained, failing
    FROM file
    WHERE id"
);

const ENTITIES_BY_FILE: ListSql = list_sql!(
    "SELECT e.seq, e.entity_ref, e.uid, e.hash, e.file_id, f.root_id, f.location
    FROM entity e
    JOIN file f ON f.id = e.file_id
    WHERE e.file_id",
    " ORDER BY e.seq"
);
const ENTITIES_BY_REF: ListSql = list_sql!(
    "SELECT e.seq, e.entity_ref, e.uid, e.hash, e.file_id, f.root_id, f.location
    FROM entity e
    JOIN file f ON f.id = e.file_id
    WHERE e.entity_ref",
    " ORDER BY e.seq"
);
type EntityTuple = (i64, String, Vec<u8>, Vec<u8>, i64, Vec<u8>, String);

const SHADOWS_BY_FILE: ListSql = list_sql!(
    "SELECT s.id, s.entity_ref, s.hash, s.payload, s.line, s.since, s.file_id, f.root_id, f.location
    FROM shadow s
    JOIN file f ON f.id = s.file_id
    WHERE s.file_id",
    " ORDER BY s.id"
);
const SHADOWS_BY_REF: ListSql = list_sql!(
    "SELECT s.id, s.entity_ref, s.hash, s.payload, s.line, s.since, s.file_id, f.root_id, f.location
    FROM shadow s
    JOIN file f ON f.id = s.file_id
    WHERE s.entity_ref",
    " ORDER BY s.id"
);
type ShadowTuple = (i64, String, Vec<u8>, Vec<u8>, i64, i64, i64, Vec<u8>, String);

impl Writing {
    /// Loads the rows of some files of a root.
    pub(crate) async fn load_files(
        &mut self,
        root: Uid,
        locations: &[&str],
    ) -> Result<Map<LocationRef, FileRow>, StoreError> {
        let sql = FILES_BY_LOCATION;
        let rows: Vec<FileTuple> = match &mut self.tx {
            Tx::Sqlite(c) => {
                let list = serde_json::to_string(locations).expect("texts have a JSON form");
                sqlx::query_as(sql.sqlite).bind(list).bind(uid_bytes(root)).fetch_all(&mut **c).await
            }
            Tx::Postgres(c) => {
                sqlx::query_as(sql.postgres).bind(locations).bind(uid_bytes(root)).fetch_all(&mut **c).await
            }
        }
        .map_err(tried("load files"))?;
        rows.into_iter().map(|row| to_file(row).map(|row| (row.known.location.clone(), row))).collect()
    }

    /// Loads files by number.
    pub(crate) async fn load_files_by_id(&mut self, ids: &[FileId]) -> Result<Vec<FileRow>, StoreError> {
        let rows = self.tx.fetch_by_ids(FILES_BY_ID, ids).await.map_err(tried("load files"))?;
        rows.into_iter().map(to_file).collect()
    }

    /// Loads all claims of some files, and all claims on what they claim and on some more references.
    pub(crate) async fn load_claims(&mut self, files: &[FileId], refs: &[&str]) -> Result<Claims, StoreError> {
        let mut claims = Claims::default();
        let mut decoder = Decoder::default();
        let tried_to = "load claims";
        for row in self.tx.fetch_by_ids(ENTITIES_BY_FILE, files).await.map_err(tried(tried_to))? {
            claims.add_stored(to_entity(row, &mut decoder)?);
        }
        for row in self.tx.fetch_by_ids(SHADOWS_BY_FILE, files).await.map_err(tried(tried_to))? {
            claims.add_shadow(to_shadow(row, &mut decoder)?);
        }
        let unknown: Vec<&str> = refs.iter().copied().filter(|text| !claims.has_winner(text)).collect();
        for row in self.tx.fetch_by_texts(ENTITIES_BY_REF, &unknown).await.map_err(tried(tried_to))? {
            claims.add_stored(to_entity(row, &mut decoder)?);
        }
        let held: Vec<EntityRef> = claims.refs().cloned().collect();
        // What waits behind the references of the files; also who wins those that the files only wait for.
        let mut all: Vec<&str> = held.iter().map(EntityRef::as_str).chain(refs.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        let shadows: Vec<ShadowTuple> = self.tx.fetch_by_texts(SHADOWS_BY_REF, &all).await.map_err(tried(tried_to))?;
        let waited_for: Vec<String> = shadows.iter().map(|row| row.1.clone()).collect();
        for row in shadows {
            claims.add_shadow(to_shadow(row, &mut decoder)?);
        }
        let waited_for: Vec<&str> =
            waited_for.iter().map(String::as_str).filter(|text| !claims.has_winner(text)).collect();
        for row in self.tx.fetch_by_texts(ENTITIES_BY_REF, &waited_for).await.map_err(tried(tried_to))? {
            claims.add_stored(to_entity(row, &mut decoder)?);
        }
        Ok(claims)
    }

    /// Loads bodies by the seq that holds them.
    pub(crate) async fn load_bodies(&mut self, seqs: &[i64]) -> Result<Map<EntityRef, StoredEntity>, StoreError> {
        const SQL: ListSql = list_sql!("SELECT entity_ref, payload FROM change WHERE payload IS NOT NULL AND seq");
        let mut decoder = Decoder::default();
        let rows: Vec<(String, Vec<u8>)> = self.tx.fetch_by_ids(SQL, seqs).await.map_err(tried("load entities"))?;
        let decode = |(text, payload): (String, Vec<u8>)| {
            let entity_ref = to_ref(&text, &mut decoder)?;
            Ok((entity_ref.clone(), decoder.decode(entity_ref, Uid(0), &payload)?))
        };
        rows.into_iter().map(decode).collect()
    }

    /// Loads the problems of some files.
    pub(crate) async fn load_problems(&mut self, files: &[FileId]) -> Result<Map<FileId, Vec<ProblemRow>>, StoreError> {
        const SQL: ListSql = list_sql!(
            "SELECT id, file_id, phase, entity_ref, served, diagnostic, since
            FROM problem
            WHERE file_id"
        );
        let mut problems: Map<FileId, Vec<ProblemRow>> = Map::default();
        for row in self.tx.fetch_by_ids(SQL, files).await.map_err(tried("load problems"))? {
            let (id, file, phase, entity_ref, served, diagnostic, since) = row;
            problems.entry(file).or_default().push(ProblemRow {
                id,
                file,
                phase,
                entity_ref,
                served,
                diagnostic,
                since,
            });
        }
        Ok(problems)
    }
}

/// Lists the files of a root, by location.
pub(crate) async fn list_files(tx: &mut Tx, root: Uid) -> Result<Vec<KnownFile>, StoreError> {
    let text = "
        SELECT id, root_id, location, parents, etag, content_hash, processing_hash, nested, self_contained, failing
        FROM file
        WHERE root_id = $1
        ORDER BY location";
    let rows: Vec<FileTuple> =
        on!(tx, c => sqlx::query_as(text).bind(uid_bytes(root)).fetch_all(c).await).map_err(tried("list files"))?;
    rows.into_iter().map(|row| to_file(row).map(|file| file.known)).collect()
}

fn to_file(row: FileTuple) -> Result<FileRow, StoreError> {
    let (id, root, location, parents, etag, content_hash, processing_hash, nested, self_contained, failing) = row;
    let known = KnownFile {
        location: to_location(location)?,
        etag,
        content_hash: content_hash.map(i64::cast_unsigned),
        processing_hash: processing_hash.cast_unsigned(),
        nested,
        self_contained,
    };
    Ok(FileRow { id, root: parse_uid(&root)?, known, parents, failing })
}

pub(crate) fn to_location(text: String) -> Result<LocationRef, StoreError> {
    LocationRef::try_from(text).map_err(|error| StoreError::Garbled { what: error.to_string() })
}

pub(crate) fn to_ref(text: &str, decoder: &mut Decoder) -> Result<EntityRef, StoreError> {
    decoder.entity_ref(text).ok_or_else(|| StoreError::Garbled { what: format!("the reference {text:?}") })
}

fn to_hash(bytes: &[u8]) -> Result<[u8; 16], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Garbled { what: "a hash".to_owned() })
}

fn to_entity(row: EntityTuple, decoder: &mut Decoder) -> Result<EntityRow, StoreError> {
    let (seq, entity_ref, uid, hash, file, root, location) = row;
    let holder = Holder { file, root: parse_uid(&root)?, location: Arc::from(location) };
    Ok(EntityRow {
        seq,
        entity_ref: to_ref(&entity_ref, decoder)?,
        uid: parse_uid(&uid)?,
        hash: to_hash(&hash)?,
        holder,
    })
}

fn to_shadow(row: ShadowTuple, decoder: &mut Decoder) -> Result<ShadowRow, StoreError> {
    let (id, entity_ref, hash, payload, line, since, file, root, location) = row;
    let holder = Holder { file, root: parse_uid(&root)?, location: Arc::from(location) };
    let line = u32::try_from(line).unwrap_or_default();
    Ok(ShadowRow { id, entity_ref: to_ref(&entity_ref, decoder)?, hash: to_hash(&hash)?, payload, line, since, holder })
}
