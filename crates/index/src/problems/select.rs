//! Asking a board, on behalf of somebody who may not see everything.

use std::collections::BTreeMap;

use model::{Code, Severity, Uid};

use super::{Board, Problem};
use crate::{View, Visibility};

/// Which problems are asked for. Values of one field are alternatives; fields must all hold; an empty field does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemQuery {
    /// Canonical references of owners; an empty text stands for "no owner is known".
    pub owners: Vec<String>,
    /// Codes, in any letter case.
    pub codes: Vec<String>,
    /// Severities.
    pub severities: Vec<Severity>,
    /// Parts of location references.
    pub locations: Vec<String>,
    /// Canonical references of entities.
    pub entities: Vec<String>,
    /// Roots, for problems on record.
    pub roots: Vec<Uid>,
}

impl ProblemQuery {
    /// Tells whether a problem is asked for.
    #[must_use]
    pub fn admits(&self, problem: &Problem) -> bool {
        let severity = problem.diagnostic.severity;
        (self.severities.is_empty() || self.severities.contains(&severity))
            && (self.codes.is_empty()
                || self.codes.iter().any(|code| code.eq_ignore_ascii_case(&problem.diagnostic.code.0)))
            && (self.roots.is_empty() || problem.root.is_some_and(|root| self.roots.contains(&root)))
            && (self.entities.is_empty()
                || problem.entity_ref.as_ref().is_some_and(|r| self.entities.iter().any(|e| e == r.as_str())))
            && (self.locations.is_empty()
                || problem.location.as_ref().is_some_and(|at| self.locations.iter().any(|part| at.contains(part))))
            && (self.owners.is_empty()
                || self.owners.iter().any(|owner| match owner.as_str() {
                    "" => problem.owners.is_empty(),
                    owner => problem.owners.iter().any(|known| **known == *owner),
                }))
    }
}

/// How many problems of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProblemCounts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Advice.
    pub infos: usize,
}

impl ProblemCounts {
    /// Counts problems.
    pub fn of<'p>(problems: impl IntoIterator<Item = &'p Problem>) -> Self {
        let mut counts = Self::default();
        for problem in problems {
            match problem.diagnostic.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Info => counts.infos += 1,
            }
        }
        counts
    }

    /// All of them.
    #[must_use]
    pub fn total(self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

impl Board {
    /// Lists the problems that are asked for, in order, and cut to what the view shows: a problem of an entity that exists but
    /// is hidden does not exist.
    #[must_use]
    pub fn select(&self, view: &View, query: &ProblemQuery) -> Vec<&Problem> {
        if *view.visibility() == Visibility::Nothing {
            return Vec::new();
        }
        let everything = view.snapshot().view(Visibility::Everything);
        let is_cut = *view.visibility() != Visibility::Everything;
        let shows = |problem: &Problem| match &problem.entity_ref {
            Some(entity_ref) if is_cut => {
                view.find(entity_ref.as_str()).is_some() || everything.find(entity_ref.as_str()).is_none()
            }
            _ => true,
        };
        self.problems().iter().filter(|problem| query.admits(problem) && shows(problem)).collect()
    }

    /// Counts all problems by severity and code, for the record.
    #[must_use]
    pub fn count_by_code(&self) -> BTreeMap<(Severity, Code), u64> {
        let mut counts = BTreeMap::new();
        for problem in self.problems() {
            let key = (problem.diagnostic.severity, problem.diagnostic.code.clone());
            *counts.entry(key).or_default() += 1;
        }
        counts
    }
}
