//! `GET /causes`: what entities that fail depend on, by how well it would explain that they do.

use axum::{extract::RawQuery, http::StatusCode, response::Response};
use insights::{Causes, causes};
use serde::Serialize;

use super::{
    happening_wire::EventWire,
    impact_wire::NamedWire,
    parameters::{Parameters, rfc3339},
    show_impact::{nothing_is, parse_refs},
};
use crate::{
    Gate, Problem, View, answer,
    pages::impact::{Recent, USUAL_WINDOW, off_threads, rank_by_changes},
};

pub(super) const PARAMETERS: &[&str] = &["ref", "depth", "changed", "limit", "offset"];

/// The longest time that counts as recent: 30 days.
const LONGEST_WINDOW: u64 = 30 * 24;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CausesWire {
    seq: u64,
    failing: Vec<NamedWire>,
    unknown: Vec<String>,
    total: usize,
    items: Vec<CandidateWire>,
    next: Option<usize>,
    is_cut: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CandidateWire {
    #[serde(flatten)]
    named: NamedWire,
    explains: usize,
    explains_firmly: usize,
    distance: usize,
    changed_at: Option<String>,
    event: Option<EventWire>,
    reaches: Vec<ReachWire>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReachWire {
    failing: String,
    /// From the candidate on.
    path: Vec<String>,
    is_firm: bool,
}

/// Answers with candidates.
pub(super) async fn show_causes(view: View, gate: Gate, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let parameters = Parameters::parse(raw.as_deref(), PARAMETERS)?;
    let failing = parse_refs(&parameters)?;
    let depth = parameters.number("depth", 10, 0..=1000)?;
    let hours = parameters.number("changed", USUAL_WINDOW, 1..=LONGEST_WINDOW)?;
    let offset = usize::try_from(parameters.number("offset", 0, 0..=u64::from(u32::MAX))?).unwrap_or(usize::MAX);
    let limit = usize::try_from(parameters.number("limit", 50, 1..=1000)?).unwrap_or(usize::MAX);
    let asked = view.clone();
    let mut found = off_threads(move || causes(&asked, &failing, u32::try_from(depth).ok())).await?;
    if found.failing.is_empty() {
        return Err(nothing_is(&view, &found.unknown));
    }
    let recent = rank_by_changes(&gate, &view, &mut found, hours).await?;
    let total = found.candidates.len();
    let page = &found.candidates[offset.min(total)..offset.saturating_add(limit).min(total)];
    let body = CausesWire {
        seq: view.seq().0,
        failing: found.failing.iter().map(|node| NamedWire::of(found.doc(*node))).collect(),
        unknown: found.unknown.iter().map(ToString::to_string).collect(),
        total,
        items: page.iter().map(|candidate| wire(&found, candidate, &recent)).collect(),
        next: (offset + page.len() < total).then(|| offset + page.len()),
        is_cut: found.cut,
    };
    Ok(answer::json_value(StatusCode::OK, &body))
}

fn wire(found: &Causes, candidate: &insights::Candidate, recent: &Recent) -> CandidateWire {
    let name = |node: u32| found.doc(node).entity_ref().to_owned();
    let reach = |reach: &insights::Reach| {
        let failing = name(found.failing[reach.failing]);
        let path = found.path(candidate, reach);
        let steps = path.iter().map(|step| name(step.from));
        ReachWire { path: steps.chain([failing.clone()]).collect(), failing, is_firm: reach.is_firm }
    };
    CandidateWire {
        named: NamedWire::of(found.doc(candidate.node)),
        explains: candidate.reaches.len(),
        explains_firmly: candidate.firm(),
        distance: candidate.distance(),
        changed_at: recent.changed_at(found.doc(candidate.node).entity_ref()).map(rfc3339),
        event: recent.event(found.doc(candidate.node).entity_ref()).map(EventWire::from),
        reaches: candidate.reaches.iter().map(reach).collect(),
    }
}
