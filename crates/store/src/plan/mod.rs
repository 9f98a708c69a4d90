//! The pure half of a write: from what is stored and what was seen to what has to be written. No SQL, no clock, no chance.

mod claims;
mod problems;
mod reports;

pub(crate) use claims::{
    Claims, EntityRow, FileId, FreshEntity, Holder, PlannedChange, PlannedEntity, Resolved, ShadowRow,
};
pub(crate) use problems::{Finding, Phase, ProblemRow, diff_problems};
pub(crate) use reports::{FileRow, PreparedReport, Stored, find_rewritten, plan_reports, prepare};

/// Maps keyed by what only we make, so that a fast hash will do.
pub(crate) type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
/// See `Map`.
pub(crate) type Set<K> = std::collections::HashSet<K, foldhash::fast::RandomState>;
