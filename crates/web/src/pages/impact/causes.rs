//! What could be the cause: candidates with their last change.

use std::collections::HashMap;

use insights::{Candidate, Causes, Reach, causes};
use model::{EntityRef, Timestamp};

use super::{href_of, off_threads, query::ImpactQuery};
use crate::{
    Gate, Problem, View,
    pages::{
        link::{EntityLink, related},
        moment::Moment,
    },
};

/// How long a change counts as recent when nothing else is said, in hours.
pub(crate) const USUAL_WINDOW: u64 = 72;

/// How many candidates are asked about their changes. Those that explain most come first, so others hardly matter.
const MOST_ASKED: usize = 1000;
/// How many candidates are shown, and how far they are looked for.
const MOST_CAUSES: usize = 50;
const CAUSE_DEPTH: u32 = 10;
/// How many ways to what fails a candidate shows.
const MOST_WAYS: usize = 3;

/// The tab of causes.
pub(super) struct CausesShown {
    pub(super) total: usize,
    pub(super) lines: Vec<CauseLine>,
    pub(super) is_cut: bool,
}

/// A candidate.
pub(super) struct CauseLine {
    pub(super) link: EntityLink,
    pub(super) owner: Option<EntityLink>,
    pub(super) explains: String,
    pub(super) is_firm: bool,
    pub(super) is_itself: bool,
    pub(super) changed: Option<Moment>,
    /// The ways to what it explains.
    pub(super) ways: Vec<String>,
    /// How many more of them there are.
    pub(super) more_ways: usize,
    /// The impact of the candidate.
    pub(super) href: String,
}

/// Ranks candidates again, now that it is known what changed within so many hours before the moment of the view.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn rank_by_changes(gate: &Gate, view: &View, found: &mut Causes, hours: u64) -> Result<(), Problem> {
    let asked = found.candidates.iter().take(MOST_ASKED);
    let refs: Vec<EntityRef> =
        asked.filter_map(|candidate| EntityRef::parse(found.doc(candidate.node).entity_ref()).ok()).collect();
    let forms = gate.forms_in(view, &refs).await?;
    let newest = gate.moment_of(view).await?;
    let window = i64::try_from(hours.saturating_mul(3_600_000)).unwrap_or(i64::MAX);
    let from = Timestamp(newest.0.saturating_sub(window));
    let recent: HashMap<&str, Timestamp> = forms
        .iter()
        .filter(|(_, change)| change.at >= from && change.kind != model::ChangeKind::Added)
        .map(|(entity_ref, change)| (entity_ref.as_str(), change.at))
        .collect();
    found.rank(|entity_ref| recent.get(entity_ref).copied());
    Ok(())
}

/// Finds the candidates that the tab shows.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn find_causes(
    view: &View,
    gate: &Gate,
    query: &ImpactQuery,
    now: model::Timestamp,
) -> Result<CausesShown, Problem> {
    let (asked, failing) = (view.clone(), query.roots.clone());
    let depth = query.depth.unwrap_or(CAUSE_DEPTH);
    let mut found = off_threads(move || causes(&asked, &failing, Some(depth))).await?;
    rank_by_changes(gate, view, &mut found, USUAL_WINDOW).await?;
    let lines = found.candidates.iter().take(MOST_CAUSES).map(|candidate| cause_line(view, &found, candidate, now));
    Ok(CausesShown { total: found.candidates.len(), lines: lines.collect(), is_cut: found.cut })
}

fn cause_line(view: &View, found: &Causes, candidate: &Candidate, now: model::Timestamp) -> CauseLine {
    let doc = found.doc(candidate.node);
    let link = EntityLink::to_doc(doc);
    let title = |node: u32| EntityLink::to_doc(found.doc(node)).title;
    let way = |reach: &Reach| {
        let steps = reach.path.iter().map(|step| title(step.from));
        let names: Vec<String> = steps.chain([title(found.failing[reach.failing])]).collect();
        names.join(" → ")
    };
    let ways: Vec<&Reach> = candidate.reaches.iter().filter(|reach| !reach.path.is_empty()).collect();
    CauseLine {
        owner: related(view, doc, "ownedBy").into_iter().next(),
        explains: format!("{} of {}", candidate.reaches.len(), found.failing.len()),
        is_firm: candidate.firm() == candidate.reaches.len(),
        is_itself: found.failing.contains(&candidate.node),
        changed: candidate.changed_at.map(|at| Moment { at, now }),
        more_ways: ways.len().saturating_sub(MOST_WAYS),
        ways: ways.into_iter().take(MOST_WAYS).map(way).collect(),
        href: href_of(&link.entity_ref),
        link,
    }
}
