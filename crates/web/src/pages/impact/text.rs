//! The answer as a text for chat or mail: whom to call about what.

use std::fmt::Write as _;

use index::View;
use insights::{Impact, State};

use super::{
    query::ImpactQuery,
    teams::{CalledTeam, place},
};
use crate::pages::{link::EntityLink, moment::Moment, words::counted};

/// How many entities of a team are named.
const MOST_NAMED: usize = 8;

/// Writes the call list.
pub(super) fn call_list(
    view: &View,
    impact: &Impact,
    query: &ImpactQuery,
    teams: &[CalledTeam],
    (moment, link): (Moment, &str),
) -> String {
    let mut out = String::new();
    let what = if query.is_change { "Planned change of" } else { "Impact of" };
    let roots: Vec<String> = impact
        .roots
        .iter()
        .map(|root| format!("{} ({})", name(impact, root.node), impact.doc(root.node).entity_ref()))
        .collect();
    let state = if query.is_change { String::new() } else { format!(", {}", query.state.word()) };
    line(&mut out, format_args!("{what} {}{state}", roots.join(", ")));
    line(&mut out, format_args!("As of {}: {}", moment.exact(), totals(impact)));
    let journeys: Vec<String> = impact
        .carriers
        .iter()
        .filter(|carrier| carrier.is_journey)
        .map(|carrier| format!("{} ({})", EntityLink::to_doc(&carrier.doc).title, carrier.severity.word()))
        .collect();
    if !journeys.is_empty() {
        line(&mut out, format_args!("Journeys touched: {}", journeys.join(", ")));
    }
    line(&mut out, format_args!("\nWho to {}", if query.is_change { "tell" } else { "call" }));
    for team in teams {
        write_team(&mut out, view, impact, team);
    }
    for unknown in &impact.unknown {
        line(&mut out, format_args!("Not in the catalog: {unknown}"));
    }
    if impact.cut > 0 {
        let beyond = counted(impact.cut, "entity has", "entities have");
        line(&mut out, format_args!("\n{beyond} more dependents beyond the limit of depth"));
    }
    line(&mut out, format_args!("\n{link}"));
    out
}

/// `14 entities hit: 9 down, 5 degraded`
pub(super) fn totals(impact: &Impact) -> String {
    let mut out = format!("{} hit", counted(impact.hits.len(), "entity", "entities"));
    let mut counts = [0usize; 3];
    impact.hits.iter().for_each(|hit| counts[place(hit.severity)] += 1);
    let parts = State::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts.map(|(state, count)| format!("{count} {}", state.word())).collect();
    if !parts.is_empty() {
        write!(out, ": {}", parts.join(", ")).expect("a string takes all");
    }
    out
}

fn write_team(out: &mut String, view: &View, impact: &Impact, team: &CalledTeam) {
    let mut reach: Vec<String> = team.email().map(str::to_owned).into_iter().collect();
    reach.extend(team.contacts().iter().map(|link| {
        let target = link.href.as_deref().or(link.value.as_deref()).unwrap_or_default();
        format!("{}: {target}", link.label)
    }));
    if !team.is_known() {
        reach.push("no contact is known".to_owned());
    }
    let reach = if reach.is_empty() { "no contact is declared".to_owned() } else { reach.join(", ") };
    line(out, format_args!("- {}: {reach}", team.title()));
    let named: Vec<String> = team.nodes.iter().take(MOST_NAMED).map(|node| named(impact, *node)).collect();
    let more = team.nodes.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    line(out, format_args!("  {}{more}", named.join(", ")));
    if let Some(above) = team.above() {
        line(out, format_args!("  Nobody answers: {}", EntityLink::to(view, above).title));
    }
}

fn named(impact: &Impact, node: u32) -> String {
    let name = name(impact, node);
    match impact.hits.iter().find(|hit| hit.node == node) {
        Some(hit) if hit.delay.is_none() => format!("{name} {}", hit.severity.word()),
        Some(hit) => format!("{name} {} after {}", hit.severity.word(), hit.delay.words()),
        None => format!("{name} (it fails itself)"),
    }
}

fn name(impact: &Impact, node: u32) -> String {
    EntityLink::to_doc(impact.doc(node)).title
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a string takes all");
}
