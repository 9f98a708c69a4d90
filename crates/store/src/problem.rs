//! Problems on record: what is wrong with files, and claims that wait behind others.

use model::{Code, Diagnostic, EntityRef, LocationRef, Place, Severity, Timestamp, Uid};

use crate::{
    Store, StoreError,
    db::{Tx, on, tried},
    encode::Decoder,
    writing::{parse_uid, to_location, to_ref, uid_bytes},
};

/// Two files define one reference; `ingest::codes::DUPLICATE_ENTITY`, which this room may not name.
pub const DUPLICATE_ENTITY: &str = "W1008";
/// A Location is not in the catalog, because one of its targets failed from the start; `ingest::codes::TARGET_UNREADABLE`.
pub const TARGET_UNREADABLE: &str = "E0703";

/// A problem on record.
#[derive(Clone, Debug)]
pub struct ProblemRecord {
    /// The root below which it was found.
    pub root: Uid,
    /// The file.
    pub location: LocationRef,
    /// The entity, when it can be told.
    pub entity_ref: Option<EntityRef>,
    /// True when that entity is served in an older, good form, or from another file.
    pub served: bool,
    /// What is wrong.
    pub diagnostic: Diagnostic,
    /// When it was first seen.
    pub since: Timestamp,
}

/// Tells one state of the problems on record from another, so that they need not be read to see whether they changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProblemRevision {
    problems: (i64, i64),
    waiting: (i64, i64),
    /// When somebody last said that the catalog was wrong, and when such an answer was last settled.
    verdicts: (i64, i64),
}

/// Which problems to list.
#[derive(Clone, Debug, Default)]
pub struct ProblemFilter {
    /// Only those found below this root.
    pub root: Option<Uid>,
    /// Only those of this entity.
    pub entity_ref: Option<EntityRef>,
}

impl ProblemFilter {
    fn admits(&self, record: &ProblemRecord) -> bool {
        self.root.is_none_or(|root| root == record.root)
            && (self.entity_ref.is_none() || self.entity_ref == record.entity_ref)
    }
}

type ProblemTuple = (Vec<u8>, String, Option<String>, bool, String, i64);
type ConflictTuple = (String, i64, i64, Vec<u8>, String, Vec<u8>, String);

impl Store {
    /// Lists all problems, newest first: documents that are no healthy entities, files that cannot be read, and both sides of
    /// each reference that two files define. Warnings about healthy entities are not here but in `StoredEntity::warnings`.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_problems(&self) -> Result<Vec<ProblemRecord>, StoreError> {
        self.list_problems_where(&ProblemFilter::default()).await
    }

    /// Says which state the problems are in. Numbers of rows are never given again, so the newest number and the count say
    /// that the same rows are there. A claim that another winner stands before is a change of the catalog besides.
    ///
    /// # Errors
    /// On database failure.
    pub async fn problem_revision(&self) -> Result<ProblemRevision, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let text = "
            SELECT (SELECT COALESCE(MAX(id), 0) FROM problem), (SELECT COUNT(*) FROM problem),
                (SELECT COALESCE(MAX(id), 0) FROM shadow), (SELECT COUNT(*) FROM shadow),
                (SELECT COALESCE(MAX(answered_at), 0) FROM call_sheet_verdict),
                (SELECT COALESCE(MAX(settled_at), 0) FROM call_sheet_verdict)";
        let (newest, count, newest_waiting, waiting, answered, settled): (i64, i64, i64, i64, i64, i64) =
            on!(&mut tx, c => sqlx::query_as(text).fetch_one(c).await).map_err(tried("look at the problems"))?;
        Ok(ProblemRevision {
            problems: (newest, count),
            waiting: (newest_waiting, waiting),
            verdicts: (answered, settled),
        })
    }

    /// Lists some problems, newest first.
    ///
    /// # Errors
    /// On database failure.
    pub async fn list_problems_where(&self, filter: &ProblemFilter) -> Result<Vec<ProblemRecord>, StoreError> {
        let mut tx = self.inner.db.begin_read().await?;
        let mut decoder = Decoder::default();
        let mut records = Vec::new();
        for row in load_problems(&mut tx, filter).await? {
            records.push(to_record(row, &mut decoder)?);
        }
        for row in load_conflicts(&mut tx).await? {
            records.extend(to_conflict(row, &mut decoder)?);
        }
        records.retain(|record| filter.admits(record));
        records.sort_by_key(|record| std::cmp::Reverse(record.since));
        Ok(records)
    }
}

async fn load_problems(tx: &mut Tx, filter: &ProblemFilter) -> Result<Vec<ProblemTuple>, StoreError> {
    let text = "
        SELECT f.root_id, f.location, p.entity_ref, p.served, p.diagnostic, p.since
        FROM problem p
        JOIN file f ON f.id = p.file_id
        WHERE ($1 IS NULL OR f.root_id = $1)
          AND ($2 IS NULL OR p.entity_ref = $2)
        ORDER BY p.id DESC";
    let root = filter.root.map(uid_bytes);
    let entity_ref = filter.entity_ref.as_ref().map(EntityRef::as_str);
    on!(tx, c => sqlx::query_as(text).bind(root).bind(entity_ref).fetch_all(c).await).map_err(tried("list problems"))
}

/// Waiting claims of files at another location than the winner's. The same file below two roots is no conflict.
async fn load_conflicts(tx: &mut Tx) -> Result<Vec<ConflictTuple>, StoreError> {
    let text = "
        SELECT s.entity_ref, s.line, s.since, loser.root_id, loser.location, winner.root_id, winner.location
        FROM shadow s
        JOIN entity e ON e.entity_ref = s.entity_ref
        JOIN file loser ON loser.id = s.file_id
        JOIN file winner ON winner.id = e.file_id
        WHERE loser.location <> winner.location
        ORDER BY s.id DESC";
    on!(tx, c => sqlx::query_as(text).fetch_all(c).await).map_err(tried("list conflicts"))
}

fn to_record(row: ProblemTuple, decoder: &mut Decoder) -> Result<ProblemRecord, StoreError> {
    let (root, location, entity_ref, served, diagnostic, since) = row;
    Ok(ProblemRecord {
        root: parse_uid(&root)?,
        location: to_location(location)?,
        entity_ref: entity_ref.map(|text| to_ref(&text, decoder)).transpose()?,
        served,
        diagnostic: serde_json::from_str(&diagnostic)
            .map_err(|error| StoreError::Garbled { what: format!("a problem ({error})") })?,
        since: Timestamp(since),
    })
}

/// Makes the records of both sides of a conflict, in the words of `ingest`.
fn to_conflict(row: ConflictTuple, decoder: &mut Decoder) -> Result<[ProblemRecord; 2], StoreError> {
    let (entity_ref, line, since, loser_root, loser, winner_root, winner) = row;
    let entity_ref = to_ref(&entity_ref, decoder)?;
    let lost = Diagnostic {
        code: Code(DUPLICATE_ENTITY.into()),
        severity: Severity::Warning,
        message: format!("`{entity_ref}` is already defined in `{winner}`; the definition here is not in the catalog"),
        help: Some("give this one another name or namespace, or remove the other".to_owned()),
        place: Some(whole_line(&loser, u32::try_from(line).unwrap_or_default())),
        field: None,
        error: None,
    };
    let held = Diagnostic {
        message: format!("`{entity_ref}` is also defined in `{loser}`; the definition here is the one in the catalog"),
        help: Some("remove one of the two, or give one another name or namespace".to_owned()),
        place: None,
        ..lost.clone()
    };
    let record = |root: &[u8], location: String, diagnostic| {
        Ok(ProblemRecord {
            root: parse_uid(root)?,
            location: to_location(location)?,
            entity_ref: Some(entity_ref.clone()),
            served: true,
            diagnostic,
            since: Timestamp(since),
        })
    };
    Ok([record(&loser_root, loser, lost)?, record(&winner_root, winner, held)?])
}

fn whole_line(location: &str, line: u32) -> Place {
    Place { location: location.into(), line, column: 1, end_line: line, end_column: 1, source_line: None }
}
