//! Which hits stand under which heading, before their lines are made.

use std::collections::{HashMap, HashSet};

use index::{EntityNumber, View};
use insights::{Carrier, Hit, Impact, State, leads_to_container};

use super::{
    evidence::{Reason, Steps},
    query::{ImpactQuery, Shows},
    rows::{Heading, StateMark},
    teams::CalledTeam,
};
use crate::pages::{link::EntityLink, words::counted};

/// How many lines a page has.
const PAGE: usize = 50;
/// How many lines a group among others has, and how many groups a page.
const GROUP: usize = 5;
const GROUPS: usize = 15;

/// Lines under one heading, before their links are made.
pub(super) struct Plan {
    pub(super) heading: Heading,
    pub(super) note: String,
    /// The place among the teams, when it is what one of them has.
    pub(super) team: Option<usize>,
    pub(super) hits: Vec<Hit>,
    /// What shows all of it, and how many that are.
    pub(super) more: Option<(String, String)>,
}

/// The part of an answer that a page shows.
pub(super) struct Planned {
    pub(super) plans: Vec<Plan>,
    /// How many of the things that pages count there are in all, how many this page has, and how many a page has.
    pub(super) total: usize,
    pub(super) shown: usize,
    pub(super) page: usize,
    pub(super) things: &'static str,
}

/// Puts the hits of an answer together as the address asks.
pub(super) fn plan(view: &View, impact: &Impact, query: &ImpactQuery, teams: &[CalledTeam]) -> Planned {
    let inside = Inside::of(view, impact);
    let within = query.within.as_deref().map(|within| view.find_id(within).map(|id| view.number_of(id)));
    let shown: Vec<&Hit> = impact
        .hits
        .iter()
        .filter(|hit| query.team.as_deref().is_none_or(|team| impact.owner(hit.node).unwrap_or("-") == team))
        .filter(|hit| within.is_none_or(|within| within.is_some_and(|within| inside.has(hit.node, within))))
        .collect();
    let groups = |plans: Vec<Plan>, total: usize, things| {
        let shown = total.saturating_sub(query.offset).min(GROUPS);
        Planned { plans, total, shown, page: GROUPS, things }
    };
    match query.shows {
        Shows::Journey if query.within.is_none() => {
            groups(by_container(impact, query, &inside, &shown), impact.carriers.len(), "journeys, systems and domains")
        }
        Shows::Team if query.team.is_none() => groups(by_team(query, impact, teams, &shown), teams.len(), "teams"),
        Shows::Causes | Shows::Text => groups(Vec::new(), 0, ""),
        _ => {
            let plans = by_severity(query, &shown);
            let on_page = plans.iter().map(|plan| plan.hits.len()).sum();
            Planned { plans, total: shown.len(), shown: on_page, page: PAGE, things: "entities" }
        }
    }
}

fn by_severity(query: &ImpactQuery, shown: &[&Hit]) -> Vec<Plan> {
    let start = query.offset.min(shown.len());
    let page = &shown[start..(start + PAGE).min(shown.len())];
    let of = |state: State| {
        let hits: Vec<Hit> = page.iter().filter(|hit| hit.severity == state).map(|hit| (*hit).clone()).collect();
        let total = shown.iter().filter(|hit| hit.severity == state).count();
        let note = counted(total, "entity", "entities");
        Plan { heading: Heading::State(StateMark(state)), note, team: None, hits, more: None }
    };
    State::ALL.into_iter().map(of).filter(|plan| !plan.hits.is_empty()).collect()
}

fn by_container(impact: &Impact, query: &ImpactQuery, inside: &Inside, shown: &[&Hit]) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    for carrier in impact.carriers.iter().skip(query.offset).take(GROUPS) {
        let hits: Vec<&Hit> = shown.iter().copied().filter(|hit| inside.has(hit.node, carrier.number)).collect();
        let narrowed = ImpactQuery { within: Some(carrier.doc.entity_ref().to_owned()), offset: 0, ..query.clone() };
        let heading = Heading::Entity(EntityLink::to_doc(&carrier.doc));
        plans.push(part_of(heading, carried(carrier), &hits, &narrowed));
    }
    let journeys: Vec<&Carrier> = impact.carriers.iter().filter(|carrier| carrier.is_journey).collect();
    let in_none = |hit: &&&Hit| !journeys.iter().any(|journey| inside.has(hit.node, journey.number));
    let others = shown.iter().filter(in_none).count();
    if others > 0 && !journeys.is_empty() && query.offset == 0 {
        let note = format!(
            "{} in no journey; they are in the systems above, or by severity",
            counted(others, "entity", "entities")
        );
        plans.push(Plan {
            heading: Heading::Words("In no journey".to_owned()),
            note,
            team: None,
            hits: Vec::new(),
            more: None,
        });
    }
    plans
}

/// What a container carries, in words.
pub(super) fn carried(carrier: &Carrier) -> String {
    let what =
        if carrier.is_journey { "journey" } else { carrier.doc.entity_ref().split(':').next().unwrap_or_default() };
    let when = if carrier.delay.is_none() { String::new() } else { format!(" after {}", carrier.delay.words()) };
    format!("{what}, {}{when}, {} hit", carrier.severity.word(), counted(carrier.parts as usize, "part", "parts"))
}

fn by_team(query: &ImpactQuery, impact: &Impact, teams: &[CalledTeam], shown: &[&Hit]) -> Vec<Plan> {
    let of = |(at, team): (usize, &CalledTeam)| {
        let owner = team.owner.as_deref();
        let hits: Vec<&Hit> = shown.iter().copied().filter(|hit| impact.owner(hit.node) == owner).collect();
        let narrowed = ImpactQuery { team: Some(owner.unwrap_or("-").to_owned()), offset: 0, ..query.clone() };
        let heading = match team.link() {
            Some(link) => Heading::Entity(link),
            None => Heading::Words("No owner known".to_owned()),
        };
        let failing = if team.roots > 0 { format!("{} failing, ", team.roots) } else { String::new() };
        let note = format!("{failing}{} hit", counted(hits.len(), "entity", "entities"));
        Plan { team: Some(at), ..part_of(heading, note, &hits, &narrowed) }
    };
    teams.iter().enumerate().skip(query.offset).take(GROUPS).map(of).collect()
}

/// The first lines of a group, and where all of them are.
fn part_of(heading: Heading, note: String, hits: &[&Hit], narrowed: &ImpactQuery) -> Plan {
    let more = (hits.len() > GROUP).then(|| (format!("All {}", hits.len()), narrowed.href()));
    Plan { heading, note, team: None, hits: hits.iter().take(GROUP).map(|hit| (*hit).clone()).collect(), more }
}

/// Which containers each entity is inside of, directly or not.
struct Inside {
    /// Containers of an entity, by its number in the answer.
    of: HashMap<u32, Vec<EntityNumber>>,
    /// Containers above each container.
    above: HashMap<EntityNumber, HashSet<EntityNumber>>,
}

impl Inside {
    fn of(view: &View, impact: &Impact) -> Self {
        let mut inside = Self { of: HashMap::new(), above: HashMap::new() };
        for hit in &impact.hits {
            let containers = impact.containers(hit.node);
            for container in containers {
                inside.climb(view, *container);
            }
            inside.of.insert(hit.node, containers.to_vec());
        }
        inside
    }

    fn climb(&mut self, view: &View, container: EntityNumber) {
        if self.above.contains_key(&container) {
            return;
        }
        let mut above = HashSet::new();
        let mut open = vec![container];
        while let Some(next) = open.pop() {
            let Some(next) = view.find_number(next) else { continue };
            let up =
                view.links_of(next).iter().filter(|link| leads_to_container(&view.link_kinds()[link.kind as usize]));
            open.extend(up.map(|link| link.entity).filter(|container| above.insert(*container)));
        }
        self.above.insert(container, above);
    }

    fn has(&self, node: u32, container: EntityNumber) -> bool {
        let is_in = |own: &EntityNumber| {
            *own == container || self.above.get(own).is_some_and(|above| above.contains(&container))
        };
        self.of.get(&node).is_some_and(|direct| direct.iter().any(is_in))
    }
}

/// The edges that the paths of some plans go over.
pub(super) fn reasons_of(impact: &Impact, plans: &[Plan]) -> Vec<Reason> {
    let mut steps = Steps::default();
    for hit in plans.iter().flat_map(|plan| &plan.hits) {
        steps.add(&impact.path(hit));
    }
    steps.list.iter().map(|step| Reason::of(impact, step)).collect()
}
