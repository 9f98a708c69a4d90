//! The board: all problems of one moment with ways to find them.

use std::{cmp::Reverse, sync::Arc};

use hashbrown::HashMap;
use model::{Code, EntityRef, Seq, Severity};

use super::{
    Problem,
    find::{self, LOCATION_KEY, owners_of},
};
use crate::{Filter, Order, PageQuery, Snapshot, Start, View, Visibility};

/// How many entities of a file are looked at to guess who owns a document that is none yet.
const NEIGHBOURS: usize = 200;

/// All problems of one moment: errors first, then by the moment when they were first seen, newest first. Immutable.
pub struct Board {
    seq: Seq,
    problems: Vec<Problem>,
    by_entity: HashMap<EntityRef, Vec<u32>>,
    by_owner: HashMap<Arc<str>, Vec<u32>>,
    by_code: HashMap<Code, Vec<u32>>,
    by_location: HashMap<Arc<str>, Vec<u32>>,
}

impl Board {
    /// Finds everything that is wrong: the records, and what the snapshot tells. The records' owners are filled in here.
    #[must_use]
    pub fn build(snapshot: &Arc<Snapshot>, records: Vec<Problem>) -> Self {
        let everything = snapshot.view(Visibility::Everything);
        let mut problems = records;
        fill_in_owners(&everything, &mut problems);
        problems.extend(find::of_catalog(&everything));
        // Stable, so that problems that nobody dated keep the order of entities.
        problems.sort_by_key(|problem| (Reverse(problem.diagnostic.severity), Reverse(problem.since)));
        let mut board = Self {
            seq: snapshot.seq(),
            problems,
            by_entity: HashMap::new(),
            by_owner: HashMap::new(),
            by_code: HashMap::new(),
            by_location: HashMap::new(),
        };
        board.enter_all();
        board
    }

    /// A board without problems, for a catalog that is not there yet.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            seq: Seq(0),
            problems: Vec::new(),
            by_entity: HashMap::new(),
            by_owner: HashMap::new(),
            by_code: HashMap::new(),
            by_location: HashMap::new(),
        }
    }

    /// The problems of one entity of a moment, without a board. `records` are those on record for it.
    #[must_use]
    pub fn problems_of_entity(everything: &View, doc: &crate::Doc, records: Vec<Problem>) -> Vec<Problem> {
        let mut problems = records;
        fill_in_owners(everything, &mut problems);
        problems.extend(find::of_entity(everything, doc));
        problems.sort_by_key(|problem| Reverse(problem.diagnostic.severity));
        problems
    }

    /// The moment of the catalog that it is of.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// All problems in order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problems of an entity, be it in the catalog or not.
    pub fn of_entity(&self, entity_ref: &EntityRef) -> impl Iterator<Item = &Problem> {
        self.listed(self.by_entity.get(entity_ref))
    }

    /// The problems of what somebody owns, by the owner's canonical reference.
    pub fn of_owner(&self, owner: &str) -> impl Iterator<Item = &Problem> {
        self.listed(self.by_owner.get(owner))
    }

    /// The problems of a code.
    pub fn of_code(&self, code: &Code) -> impl Iterator<Item = &Problem> {
        self.listed(self.by_code.get(code))
    }

    /// The problems of a file, by its location reference.
    pub fn of_location(&self, location: &str) -> impl Iterator<Item = &Problem> {
        self.listed(self.by_location.get(location))
    }

    /// The entities that have a problem of a severity, in no order. They need not be in the catalog.
    pub fn refs(&self, severity: Severity) -> impl Iterator<Item = &EntityRef> {
        let has =
            move |found: &Vec<u32>| found.iter().any(|at| self.problems[*at as usize].diagnostic.severity == severity);
        self.by_entity.iter().filter(move |(_, found)| has(found)).map(|(entity_ref, _)| entity_ref)
    }

    /// The worst that is wrong with an entity.
    #[must_use]
    pub fn worst(&self, entity_ref: &EntityRef) -> Option<Severity> {
        // Errors come first in every list.
        self.of_entity(entity_ref).next().map(|problem| problem.diagnostic.severity)
    }

    fn listed<'b>(&'b self, found: Option<&'b Vec<u32>>) -> impl Iterator<Item = &'b Problem> {
        found.into_iter().flatten().map(|at| &self.problems[*at as usize])
    }

    fn enter_all(&mut self) {
        for (at, problem) in (0u32..).zip(&self.problems) {
            if let Some(entity_ref) = &problem.entity_ref {
                self.by_entity.entry(entity_ref.clone()).or_default().push(at);
            }
            for owner in &problem.owners {
                self.by_owner.entry(owner.clone()).or_default().push(at);
            }
            self.by_code.entry(problem.diagnostic.code.clone()).or_default().push(at);
            if let Some(location) = &problem.location {
                self.by_location.entry(location.clone()).or_default().push(at);
            }
        }
    }
}

/// Finds out who owns what records are about.
fn fill_in_owners(everything: &View, records: &mut [Problem]) {
    let mut by_file: HashMap<Arc<str>, Option<Arc<str>>> = HashMap::new();
    for record in records {
        let doc = record.entity_ref.as_ref().and_then(|entity_ref| everything.find(entity_ref.as_str()));
        record.owners = match (&doc, &record.location) {
            (Some(doc), _) => owners_of(doc),
            (None, Some(file)) => {
                by_file.entry(file.clone()).or_insert_with(|| only_owner(everything, file)).iter().cloned().collect()
            }
            (None, None) => Vec::new(),
        };
    }
}

/// The owner of a file's entities, when all that have one have the same.
fn only_owner(everything: &View, file: &str) -> Option<Arc<str>> {
    let page = everything.page(&PageQuery {
        filter: Filter::Equals(LOCATION_KEY.to_owned(), file.to_owned()),
        order: Order::Uid,
        start: Start::Offset(0),
        limit: Some(NEIGHBOURS),
        count: false,
    });
    let mut owners = page.rows.iter().flat_map(|row| owners_of(&row.doc));
    let first = owners.next()?;
    (!page.more && owners.all(|owner| owner == first)).then_some(first)
}
