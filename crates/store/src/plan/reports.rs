//! From reports to claims, file rows and problems.

use model::{Code, Diagnostic, EntityRef, ErrorChain, LocationRef, Revision, Severity, StoredEntity, Uid};

use super::{Claims, FileId, Finding, FreshEntity, Holder, Map, Phase, ProblemRow, Set, diff_problems};
use crate::{
    StoreError,
    problem::TARGET_UNREADABLE,
    report::{FileOutcome, FileReport, KnownFile, NewEntity, ReadFile, RejectedDocument},
};

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileRow {
    pub(crate) id: FileId,
    pub(crate) root: Uid,
    pub(crate) known: KnownFile,
    /// JSON text of the parents.
    pub(crate) parents: String,
    /// True when it could not be read the last time.
    pub(crate) failing: bool,
}

/// A report whose entities are encoded and hashed, which needs no database.
#[derive(Debug)]
pub(crate) struct PreparedReport {
    pub(crate) location: LocationRef,
    pub(crate) parents: Vec<EntityRef>,
    parents_json: String,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Unchanged,
    Failed(Vec<Diagnostic>),
    Read(Box<Read>),
}

#[derive(Debug)]
struct Read {
    known: KnownFile,
    revision: Option<Revision>,
    entities: Vec<(FreshEntity, Visible)>,
    rejected: Vec<RejectedDocument>,
    diagnostics: Vec<Diagnostic>,
}

/// When an entity may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visible {
    Always,
    IfItWasBefore,
}

/// Encodes and hashes what was read. Of two entities with one reference the last stays.
pub(crate) fn prepare(report: FileReport) -> PreparedReport {
    let FileReport { location, parents, outcome } = report;
    let outcome = match outcome {
        FileOutcome::Unchanged => Outcome::Unchanged,
        FileOutcome::Failed { diagnostics } => Outcome::Failed(diagnostics),
        FileOutcome::Read(read) => {
            let ReadFile { known, revision, entities, rejected, diagnostics } = *read;
            let mut last: Map<EntityRef, usize> = Map::default();
            if entities.len() > 1 {
                last.extend(entities.iter().enumerate().map(|(at, entity)| (entity.entity_ref.clone(), at)));
            }
            let entities = entities
                .into_iter()
                .enumerate()
                .filter(|(at, entity)| last.get(&entity.entity_ref).is_none_or(|last| last == at))
                .map(|(_, entity)| prepare_entity(entity, &parents, revision.as_ref()))
                .collect();
            Outcome::Read(Box::new(Read { known, revision, entities, rejected, diagnostics }))
        }
    };
    let parents_json = serde_json::to_string(&parents).expect("texts have a JSON form");
    PreparedReport { location, parents, parents_json, outcome }
}

fn prepare_entity(entity: NewEntity, parents: &[EntityRef], revision: Option<&Revision>) -> (FreshEntity, Visible) {
    let NewEntity { entity_ref, body, relations, line, warnings, errors, visible_despite_errors } = entity;
    let visible = if errors.is_empty() || visible_despite_errors { Visible::Always } else { Visible::IfItWasBefore };
    let entity =
        StoredEntity { entity_ref, uid: Uid(0), body, relations, errors, parents: parents.to_vec(), line, warnings };
    (FreshEntity::new(entity, revision.cloned()), visible)
}

impl PreparedReport {
    /// Lists the references that the report speaks of.
    pub(crate) fn refs(&self) -> impl Iterator<Item = &EntityRef> {
        let read = match &self.outcome {
            Outcome::Read(read) => Some(read),
            Outcome::Unchanged | Outcome::Failed(_) => None,
        };
        read.into_iter().flat_map(|read| {
            let healthy = read.entities.iter().map(|(fresh, _)| &fresh.entity.entity_ref);
            healthy.chain(read.rejected.iter().filter_map(|rejected| rejected.entity_ref.as_ref()))
        })
    }

    /// Says whether the claims of a known file matter. Most readings find most files unchanged, so this saves most loading.
    pub(crate) fn concerns_claims(&self, row: &FileRow) -> bool {
        matches!(self.outcome, Outcome::Read(_)) || self.parents_json != row.parents
    }

    /// Says whether the stored problems of a known file matter.
    pub(crate) fn concerns_problems(&self, row: &FileRow) -> bool {
        row.failing || !matches!(self.outcome, Outcome::Unchanged)
    }
}

/// What becomes of an entity that a file held before and does not give in healthy form now.
enum Fate {
    /// It stays as it is.
    Stays,
    /// It stays, but was read through other Locations.
    Reparented,
    /// Its last good form stays, with these errors.
    Sick(Vec<ErrorChain>),
    /// It is no longer in the file.
    Gone,
}

/// Says what becomes of everything that the file held before, beside what it gives in healthy form now.
fn fates(report: &PreparedReport, row: &FileRow, claims: &Claims) -> Vec<(EntityRef, Fate)> {
    let others = || if report.parents_json == row.parents { Fate::Stays } else { Fate::Reparented };
    let held = claims.claimed_by(row.id).iter();
    match &report.outcome {
        Outcome::Unchanged | Outcome::Failed(_) => held.map(|held| (held.clone(), others())).collect(),
        Outcome::Read(read) => {
            let healthy: Set<&EntityRef> = read.entities.iter().map(|(fresh, _)| &fresh.entity.entity_ref).collect();
            let broken = read.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
            held.filter(|held| !healthy.contains(held))
                .map(|held| {
                    let errors = errors_about(&read.rejected, held);
                    let fate = match (errors, broken) {
                        (Some(errors), _) => Fate::Sick(errors),
                        (None, true) => others(),
                        (None, false) => Fate::Gone,
                    };
                    (held.clone(), fate)
                })
                .collect()
        }
    }
}

/// Gathers what Backstage would say about a reference; `None` when no document with that reference was rejected.
fn errors_about(rejected: &[RejectedDocument], entity_ref: &EntityRef) -> Option<Vec<ErrorChain>> {
    let about = || rejected.iter().filter(|document| document.entity_ref.as_ref() == Some(entity_ref));
    about().next()?;
    let diagnostics = || about().flat_map(|document| &document.diagnostics).filter(|d| d.severity == Severity::Error);
    let chains: Vec<ErrorChain> = diagnostics().filter_map(|diagnostic| diagnostic.error.clone()).collect();
    if chains.is_empty() {
        return Some(diagnostics().map(|diagnostic| ErrorChain::new("InputError", &*diagnostic.message)).collect());
    }
    Some(chains)
}

/// Lists the entities that are to be written anew from their stored form, by the seq that holds it.
pub(crate) fn find_rewritten(
    reports: &[PreparedReport],
    files: &Map<LocationRef, FileRow>,
    claims: &Claims,
) -> Vec<i64> {
    let mut seqs = Vec::new();
    for report in reports {
        let Some(row) = files.get(&report.location) else { continue };
        for (entity_ref, fate) in fates(report, row, claims) {
            if matches!(fate, Fate::Reparented | Fate::Sick(_)) {
                seqs.extend(claims.won_by(&entity_ref, row.id));
            }
        }
    }
    seqs
}

/// What is stored about the files of a batch.
pub(crate) struct Stored {
    pub(crate) root: Uid,
    pub(crate) files: Map<LocationRef, FileRow>,
    pub(crate) claims: Claims,
    /// Bodies of the entities that `find_rewritten` named.
    pub(crate) bodies: Map<EntityRef, StoredEntity>,
    pub(crate) problems: Map<FileId, Vec<ProblemRow>>,
}

/// What has to be written about a batch.
pub(crate) struct Planned {
    pub(crate) claims: Claims,
    pub(crate) files: Vec<FileRow>,
    pub(crate) problem_deletes: Vec<i64>,
    pub(crate) problem_inserts: Vec<ProblemRow>,
}

/// Plans a batch of reports.
pub(crate) fn plan_reports(
    mut stored: Stored,
    reports: Vec<PreparedReport>,
    new_id: &mut dyn FnMut() -> i64,
    now: i64,
) -> Result<Planned, StoreError> {
    let mut out = Planned {
        claims: Claims::default(),
        files: Vec::new(),
        problem_deletes: Vec::new(),
        problem_inserts: Vec::new(),
    };
    let mut reported: Set<FileId> = Set::default();
    for report in reports {
        let before = stored.files.get(&report.location).cloned();
        let row = before.clone().unwrap_or_else(|| new_row(stored.root, &report.location, new_id()));
        let known_problems = stored.problems.remove(&row.id).unwrap_or_default();
        // "Unchanged" after another report of the batch tells of parents found late, not of another reading.
        let parents_only = !reported.insert(row.id) && matches!(report.outcome, Outcome::Unchanged);
        let failing = row.failing;
        let (mut row, phases, found) = plan_report(&mut stored, report, row, new_id, now)?;
        row.failing = if parents_only { failing } else { row.failing };
        let (deletes, inserts) = diff_problems(row.id, &known_problems, phases, found, new_id, now);
        out.problem_deletes.extend(deletes);
        out.problem_inserts.extend(inserts);
        if before.as_ref() != Some(&row) {
            // A second report about the same file finds the first one's row.
            stored.files.insert(row.known.location.clone(), row.clone());
            out.files.push(row);
        }
    }
    out.claims = stored.claims;
    Ok(out)
}

/// A file that was never read: whatever is seen of it differs.
fn new_row(root: Uid, location: &LocationRef, id: FileId) -> FileRow {
    let known = KnownFile {
        location: location.clone(),
        etag: None,
        content_hash: None,
        processing_hash: 0,
        nested: String::new(),
        self_contained: false,
    };
    FileRow { id, root, known, parents: String::new(), failing: false }
}

fn plan_report(
    stored: &mut Stored,
    report: PreparedReport,
    mut row: FileRow,
    new_id: &mut dyn FnMut() -> i64,
    now: i64,
) -> Result<(FileRow, &'static [Phase], Vec<Finding>), StoreError> {
    let holder = Holder { file: row.id, root: row.root, location: report.location.as_str().into() };
    let fates = fates(&report, &row, &stored.claims);
    let PreparedReport { parents, parents_json, outcome, .. } = report;
    row.parents = parents_json;
    row.failing = matches!(outcome, Outcome::Failed(_));
    let revision = match &outcome {
        Outcome::Read(read) => read.revision.clone(),
        Outcome::Unchanged | Outcome::Failed(_) => None,
    };
    for (entity_ref, fate) in fates {
        let errors = match fate {
            Fate::Stays => continue,
            Fate::Gone => {
                stored.claims.release(&entity_ref, row.id);
                continue;
            }
            Fate::Reparented => None,
            Fate::Sick(errors) => Some(errors),
        };
        let Some(mut entity) = good_form(stored, &entity_ref, row.id)? else { continue };
        entity.parents.clone_from(&parents);
        entity.errors = errors.unwrap_or(entity.errors);
        stored.claims.claim(&holder, FreshEntity::new(entity, revision.clone()), &mut *new_id, now);
    }
    let (phases, found): (&'static [Phase], _) = match outcome {
        Outcome::Unchanged => (&[Phase::Reading], Vec::new()),
        Outcome::Failed(diagnostics) => (&[Phase::Reading], findings_of_file(Phase::Reading, diagnostics)),
        Outcome::Read(read) => {
            row.known = read.known.clone();
            (&[Phase::Reading, Phase::Content], take_read(stored, *read, &holder, new_id, now))
        }
    };
    Ok((row, phases, found))
}

/// Returns the newest good form of an entity that a file claims.
fn good_form(stored: &mut Stored, entity_ref: &EntityRef, file: FileId) -> Result<Option<StoredEntity>, StoreError> {
    if let Some(fresh) = stored.claims.fresh_content(entity_ref, file) {
        return Ok(Some(fresh.entity.clone()));
    }
    match stored.claims.won_by(entity_ref, file) {
        Some(_) => Ok(stored.bodies.get(entity_ref).cloned()),
        None => stored.claims.shadow_content(entity_ref, file),
    }
}

/// Claims what a file gives in healthy form, and gathers its problems.
fn take_read(
    stored: &mut Stored,
    read: Read,
    holder: &Holder,
    new_id: &mut dyn FnMut() -> i64,
    now: i64,
) -> Vec<Finding> {
    let mut found = findings_of_file(Phase::Content, read.diagnostics);
    for (fresh, visible) in read.entities {
        let entity_ref = &fresh.entity.entity_ref;
        if visible == Visible::IfItWasBefore && !stored.claims.is_claimed_by(entity_ref, holder.file) {
            found.extend(fresh.entity.errors.iter().map(|error| held_back(entity_ref, error)));
        } else {
            stored.claims.claim(holder, fresh, &mut *new_id, now);
        }
    }
    for document in read.rejected {
        let RejectedDocument { entity_ref, diagnostics, .. } = document;
        let served = entity_ref.as_ref().is_some_and(|r| stored.claims.won_by(r, holder.file).is_some());
        for diagnostic in diagnostics {
            found.push(Finding { phase: Phase::Content, entity_ref: entity_ref.clone(), served, diagnostic });
        }
    }
    found
}

fn findings_of_file(phase: Phase, diagnostics: Vec<Diagnostic>) -> Vec<Finding> {
    let finding = |diagnostic| Finding { phase, entity_ref: None, served: false, diagnostic };
    diagnostics.into_iter().map(finding).collect()
}

/// The problem of a Location that was never healthy: its own document is fine, but a target is not.
fn held_back(entity_ref: &EntityRef, error: &ErrorChain) -> Finding {
    let diagnostic = Diagnostic {
        code: Code(TARGET_UNREADABLE.into()),
        severity: Severity::Error,
        message: error.message.clone(),
        help: Some("mend or remove the target that fails".to_owned()),
        place: None,
        field: None,
        error: Some(error.clone()),
    };
    Finding { phase: Phase::Content, entity_ref: Some(entity_ref.clone()), served: false, diagnostic }
}
