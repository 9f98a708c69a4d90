//! Problems of a file: which are new, which are over. One that stays keeps the moment when it was first seen.

use model::{Diagnostic, EntityRef};

use super::FileId;

/// What a problem came from, which decides when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The content of the file; over when other content says so.
    Content = 0,
    /// The reading of the file; over when it can be read.
    Reading = 1,
}

/// A problem as found just now.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) phase: Phase,
    pub(crate) entity_ref: Option<EntityRef>,
    pub(crate) served: bool,
    pub(crate) diagnostic: Diagnostic,
}

/// A problem as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProblemRow {
    pub(crate) id: i64,
    pub(crate) file: FileId,
    pub(crate) phase: i16,
    pub(crate) entity_ref: Option<String>,
    pub(crate) served: bool,
    /// JSON text.
    pub(crate) diagnostic: String,
    pub(crate) since: i64,
}

/// Compares stored problems with found ones. Only stored problems of the given phases may be over.
pub(crate) fn diff_problems(
    file: FileId,
    stored: &[ProblemRow],
    phases: &[Phase],
    found: Vec<Finding>,
    new_id: &mut dyn FnMut() -> i64,
    now: i64,
) -> (Vec<i64>, Vec<ProblemRow>) {
    let mut over: Vec<&ProblemRow> =
        stored.iter().filter(|row| phases.iter().any(|phase| *phase as i16 == row.phase)).collect();
    let mut inserts = Vec::new();
    for Finding { phase, entity_ref, served, diagnostic } in found {
        let diagnostic = serde_json::to_string(&diagnostic).expect("plain data has a JSON form");
        let entity_ref = entity_ref.map(String::from);
        let same = |row: &&ProblemRow| {
            row.phase == phase as i16
                && row.entity_ref == entity_ref
                && row.served == served
                && row.diagnostic == diagnostic
        };
        match over.iter().position(same) {
            Some(still_there) => {
                over.swap_remove(still_there);
            }
            None => inserts.push(ProblemRow {
                id: new_id(),
                file,
                phase: phase as i16,
                entity_ref,
                served,
                diagnostic,
                since: now,
            }),
        }
    }
    (over.into_iter().map(|row| row.id).collect(), inserts)
}
