//! What could be the cause: candidates with their last change.

use std::collections::HashMap;

use auth::EventFilter;
use insights::{Candidate, Causes, Reach, causes};
use model::{EntityRef, Event, EventKind, Timestamp};

use super::{href_of, off_threads, query::ImpactQuery};
use crate::{
    Gate, Problem, View,
    pages::{
        link::{EntityLink, related},
        moment::Moment,
        urls,
    },
};

/// How long a change counts as recent when nothing else is said, in hours.
pub(crate) const USUAL_WINDOW: u64 = 72;

/// How many candidates are asked about their changes. Those that explain most come first, so others hardly matter.
const MOST_ASKED: usize = 1000;
/// How many events are looked through, newest first.
const MOST_EVENTS: u32 = 1000;
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
    /// What other programs reported of it last.
    pub(super) event: Option<CauseEvent>,
    /// The ways to what it explains.
    pub(super) ways: Vec<String>,
    /// How many more of them there are.
    pub(super) more_ways: usize,
    /// The impact of the candidate.
    pub(super) href: String,
}

/// A deployment or the like.
pub(super) struct CauseEvent {
    /// The sort in one word.
    pub(super) sort: &'static str,
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) at: Moment,
}

/// What happened recently to candidates.
pub(crate) struct Recent {
    changes: HashMap<String, Timestamp>,
    events: HashMap<String, Event>,
}

impl Recent {
    /// When an entity changed last.
    pub(crate) fn changed_at(&self, entity_ref: &str) -> Option<Timestamp> {
        self.changes.get(entity_ref).copied()
    }

    /// What was reported of an entity last.
    pub(crate) fn event(&self, entity_ref: &str) -> Option<&Event> {
        self.events.get(entity_ref)
    }
}

/// Ranks candidates again, now that it is known what changed and what was reported within so many hours before the moment of
/// the view. Alerts do not count: they tell that something fails, not why.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn rank_by_changes(
    gate: &Gate,
    view: &View,
    found: &mut Causes,
    hours: u64,
) -> Result<Recent, Problem> {
    let asked = found.candidates.iter().take(MOST_ASKED);
    let refs: Vec<EntityRef> =
        asked.filter_map(|candidate| EntityRef::parse(found.doc(candidate.node).entity_ref()).ok()).collect();
    let forms = gate.forms_in(view, &refs).await?;
    let newest = gate.moment_of(view).await?;
    let window = i64::try_from(hours.saturating_mul(3_600_000)).unwrap_or(i64::MAX);
    let from = Timestamp(newest.0.saturating_sub(window));
    let changes = forms
        .iter()
        .filter(|(_, change)| change.at >= from && change.kind != model::ChangeKind::Added)
        .map(|(entity_ref, change)| (entity_ref.to_string(), change.at));
    let mut recent = Recent { changes: changes.collect(), events: HashMap::new() };
    let filter = EventFilter { from: Some(from), refs: Some(refs), ..EventFilter::default() };
    let (events, _) = gate.list_events(&filter, MOST_EVENTS).await?;
    for event in events.into_iter().filter(|event| event.event.kind != EventKind::Alert) {
        for entity_ref in &event.event.refs {
            // The newest comes first.
            recent.events.entry(entity_ref.to_string()).or_insert_with(|| event.clone());
        }
    }
    found.rank(|entity_ref| recent.changed_at(entity_ref).max(recent.event(entity_ref).map(|event| event.event.at)));
    Ok(recent)
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
    let recent = rank_by_changes(gate, view, &mut found, USUAL_WINDOW).await?;
    let candidates = found.candidates.iter().take(MOST_CAUSES);
    let lines = candidates.map(|candidate| cause_line(view, &found, candidate, &recent, now));
    Ok(CausesShown { total: found.candidates.len(), lines: lines.collect(), is_cut: found.cut })
}

fn cause_line(view: &View, found: &Causes, candidate: &Candidate, recent: &Recent, now: model::Timestamp) -> CauseLine {
    let doc = found.doc(candidate.node);
    let event = recent.event(doc.entity_ref()).map(|Event { event, .. }| CauseEvent {
        sort: event.kind.word(),
        title: event.title.clone(),
        link: event.link.clone().filter(|link| urls::is_web_link(link)),
        at: Moment { at: event.at, now },
    });
    let link = EntityLink::to_doc(doc);
    let title = |node: u32| EntityLink::to_doc(found.doc(node)).title;
    let way = |reach: &Reach| {
        let path = found.path(candidate, reach);
        let steps = path.iter().map(|step| title(step.from));
        let names: Vec<String> = steps.chain([title(found.failing[reach.failing])]).collect();
        names.join(" → ")
    };
    let ways: Vec<&Reach> = candidate.reaches.iter().filter(|reach| reach.hops > 0).collect();
    CauseLine {
        owner: related(view, doc, "ownedBy").into_iter().next(),
        explains: format!("{} of {}", candidate.reaches.len(), found.failing.len()),
        is_firm: candidate.firm() == candidate.reaches.len(),
        is_itself: found.failing.contains(&candidate.node),
        changed: recent.changed_at(doc.entity_ref()).map(|at| Moment { at, now }),
        event,
        more_ways: ways.len().saturating_sub(MOST_WAYS),
        ways: ways.into_iter().take(MOST_WAYS).map(way).collect(),
        href: href_of(&link.entity_ref),
        link,
    }
}
