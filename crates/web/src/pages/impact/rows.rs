//! What is hit, line by line, each with its reasons.

use std::collections::{BTreeMap, HashMap, HashSet};

use askama::{Template, filters::HtmlSafe};
use index::{Doc, View};
use insights::{Carrier, Declaration, Edge, Hit, Impact, State, leads_to_container};
use model::{Delay, EntityRef, Strength};

use super::{
    evidence::{Reason, Steps, web_address},
    query::{ImpactQuery, Shows},
    teams::CalledTeam,
};
use crate::pages::{icon::Icon, link::EntityLink, moment::Moment, parts::short_file, words::counted};

/// How many lines a page has, and how many a group among others.
pub(super) const PAGE: usize = 50;
const GROUP: usize = 8;
/// How many groups are shown.
const MOST_GROUPS: usize = 60;

/// How bad something is, as a mark with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Template)]
#[template(
    source = "<span class=\"state {{ self.0.word() }}\">{{ self.icon() }}<span>{{ self.0.word() }}</span></span>",
    ext = "html"
)]
pub(super) struct StateMark(pub(super) State);

impl HtmlSafe for StateMark {}

impl StateMark {
    fn icon(self) -> Icon {
        match self.0 {
            State::Down => Icon("circle-x"),
            State::Degraded => Icon("triangle-alert"),
            State::Slow => Icon("clock"),
        }
    }
}

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

/// What a group is of.
pub(super) enum Heading {
    Words(String),
    State(StateMark),
    Entity(EntityLink),
}

/// Lines under one heading.
pub(super) struct Group {
    pub(super) id: String,
    pub(super) heading: Heading,
    pub(super) note: String,
    pub(super) team: Option<usize>,
    pub(super) rows: Vec<Row>,
    pub(super) more: Option<(String, String)>,
}

/// One line.
pub(super) struct Row {
    pub(super) link: EntityLink,
    pub(super) state: StateMark,
    /// `at once`, `after 6 h`
    pub(super) when: String,
    /// How it is before that.
    pub(super) before: Option<String>,
    pub(super) owner: Option<EntityLink>,
    /// The names between the root and it.
    pub(super) via: String,
    pub(super) others: Option<String>,
    pub(super) reasons: Vec<ReasonLine>,
}

/// One edge in words, with its evidence.
pub(super) struct ReasonLine {
    pub(super) dependent: EntityLink,
    pub(super) words: &'static str,
    pub(super) dependency: EntityLink,
    pub(super) is_soft: bool,
    pub(super) delay: Option<String>,
    /// What else had to fail.
    pub(super) alternatives: Vec<EntityLink>,
    pub(super) note: Option<String>,
    pub(super) declared: Vec<DeclaredLine>,
}

/// Where an edge is declared.
pub(super) struct DeclaredLine {
    pub(super) file: String,
    pub(super) href: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) at: Moment,
}

/// Puts the hits of an answer together as the address asks.
pub(super) fn plan(view: &View, impact: &Impact, query: &ImpactQuery, teams: &[CalledTeam]) -> (Vec<Plan>, usize) {
    let inside = Inside::of(view, impact);
    let shown: Vec<&Hit> = impact
        .hits
        .iter()
        .filter(|hit| query.team.as_deref().is_none_or(|team| impact.owner(hit.node).unwrap_or("-") == team))
        .filter(|hit| query.within.as_deref().is_none_or(|within| inside.has(hit.node, within)))
        .collect();
    let total = shown.len();
    let plans = match query.shows {
        Shows::Journey if query.within.is_none() => by_container(impact, query, &inside, &shown),
        Shows::Team if query.team.is_none() => by_team(query, impact, teams, &shown),
        Shows::Causes | Shows::Text => Vec::new(),
        _ => by_severity(query, &shown),
    };
    (plans, total)
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
    for carrier in impact.carriers.iter().take(MOST_GROUPS) {
        let container = carrier.doc.entity_ref();
        let hits: Vec<&Hit> = shown.iter().copied().filter(|hit| inside.has(hit.node, container)).collect();
        let narrowed = ImpactQuery { within: Some(container.to_owned()), offset: 0, ..query.clone() };
        let heading = Heading::Entity(EntityLink::to_doc(&carrier.doc));
        plans.push(part_of(heading, carried(carrier), &hits, &narrowed));
    }
    let journeys: Vec<&Carrier> = impact.carriers.iter().filter(|carrier| carrier.is_journey).collect();
    let in_none = |hit: &&&Hit| !journeys.iter().any(|journey| inside.has(hit.node, journey.doc.entity_ref()));
    let others = shown.iter().filter(in_none).count();
    if others > 0 && !journeys.is_empty() {
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
        let heading = match &team.link {
            Some(link) => Heading::Entity(link.clone()),
            None => Heading::Words("No owner known".to_owned()),
        };
        Plan { team: Some(at), ..part_of(heading, counted(hits.len(), "entity", "entities"), &hits, &narrowed) }
    };
    teams.iter().enumerate().take(MOST_GROUPS).map(of).filter(|plan| !plan.hits.is_empty()).collect()
}

/// The first lines of a group, and where all of them are.
fn part_of(heading: Heading, note: String, hits: &[&Hit], narrowed: &ImpactQuery) -> Plan {
    let more = (hits.len() > GROUP).then(|| (format!("All {}", hits.len()), narrowed.href()));
    Plan { heading, note, team: None, hits: hits.iter().take(GROUP).map(|hit| (*hit).clone()).collect(), more }
}

/// Which containers each entity is inside of, directly or not.
struct Inside {
    /// Containers of an entity, by number.
    of: HashMap<u32, Vec<String>>,
    /// Containers above each container.
    above: HashMap<String, HashSet<String>>,
}

impl Inside {
    fn of(view: &View, impact: &Impact) -> Self {
        let mut inside = Self { of: HashMap::new(), above: HashMap::new() };
        for hit in &impact.hits {
            let containers: Vec<String> = impact.containers(hit.node).map(str::to_owned).collect();
            for container in &containers {
                inside.climb(view, container);
            }
            inside.of.insert(hit.node, containers);
        }
        inside
    }

    fn climb(&mut self, view: &View, container: &str) {
        if self.above.contains_key(container) {
            return;
        }
        let mut above = HashSet::new();
        let mut open = vec![container.to_owned()];
        while let Some(next) = open.pop() {
            let Some(doc) = view.find(&next) else { continue };
            doc.visit_relations(|relation, target| {
                if leads_to_container(relation, target) && above.insert(target.to_owned()) {
                    open.push(target.to_owned());
                }
            });
        }
        self.above.insert(container.to_owned(), above);
    }

    fn has(&self, node: u32, container: &str) -> bool {
        self.of.get(&node).is_some_and(|direct| {
            direct
                .iter()
                .any(|own| own == container || self.above.get(own).is_some_and(|above| above.contains(container)))
        })
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

/// Makes the lines of plans.
pub(super) fn groups(
    view: &View,
    impact: &Impact,
    plans: Vec<Plan>,
    evidence: &BTreeMap<Edge, Vec<Declaration>>,
    now: model::Timestamp,
) -> Vec<Group> {
    let group = |(number, plan): (usize, Plan)| Group {
        id: format!("hits-{number}"),
        rows: plan.hits.iter().map(|hit| row(view, impact, hit, evidence, now)).collect(),
        heading: plan.heading,
        note: plan.note,
        team: plan.team,
        more: plan.more,
    };
    plans.into_iter().enumerate().map(group).collect()
}

/// `at once`, `after 6 h`
pub(super) fn when(delay: Delay) -> String {
    if delay.is_none() { "at once".to_owned() } else { format!("after {}", delay.words()) }
}

fn row(
    view: &View,
    impact: &Impact,
    hit: &Hit,
    evidence: &BTreeMap<Edge, Vec<Declaration>>,
    now: model::Timestamp,
) -> Row {
    let path = impact.path(hit);
    let names = path.iter().map(|step| EntityLink::to_doc(impact.doc(step.from)).title);
    let others = hit.ways.saturating_sub(1) as usize;
    Row {
        link: EntityLink::to_doc(impact.doc(hit.node)),
        state: StateMark(hit.severity),
        when: when(hit.delay),
        before: hit.before.map(|(state, delay)| format!("{} {}", state.word(), when(delay))),
        owner: impact.owner(hit.node).and_then(|owner| EntityLink::to_text(view, owner)),
        via: names.collect::<Vec<_>>().join(" → "),
        others: (others > 0).then(|| format!("{others} other {}", if others == 1 { "way" } else { "ways" })),
        reasons: path.iter().map(|step| reason_line(view, &Reason::of(impact, step), evidence, now)).collect(),
    }
}

/// Writes an edge in words.
pub(super) fn reason_line(
    view: &View,
    reason: &Reason,
    evidence: &BTreeMap<Edge, Vec<Declaration>>,
    now: model::Timestamp,
) -> ReasonLine {
    let quality = reason.quality.as_ref();
    let link = |entity_ref: &EntityRef| EntityLink::to(view, entity_ref);
    let declared = evidence.get(&reason.edge()).map_or(&[][..], Vec::as_slice);
    ReasonLine {
        dependent: EntityLink::to_doc(&reason.to),
        words: reason.channel.words(),
        dependency: EntityLink::to_doc(&reason.from),
        is_soft: quality.is_some_and(|quality| quality.strength == Strength::Soft),
        delay: quality.map(|quality| quality.delay).filter(|delay| !delay.is_none()).map(Delay::words),
        alternatives: reason.alternatives.iter().map(link).collect(),
        note: quality.and_then(|quality| quality.note.clone()),
        declared: declared.iter().map(|declaration| declared_line(declaration, now)).collect(),
    }
}

fn declared_line(declaration: &Declaration, now: model::Timestamp) -> DeclaredLine {
    let location = declaration.location.as_deref().unwrap_or("a file that is not known");
    let target = location.split_once(':').map_or(location, |(_, target)| target);
    let line = declaration.line.map_or(String::new(), |line| format!(":{line}"));
    DeclaredLine {
        file: format!("{}{line}", short_file(target)),
        href: web_address(declaration),
        commit: declaration.commit.as_deref().map(|commit| commit.chars().take(10).collect()),
        at: Moment { at: declaration.at, now },
    }
}

/// A container with what it carries, for the head of the page.
pub(super) struct Carried {
    pub(super) link: EntityLink,
    pub(super) state: StateMark,
    pub(super) words: String,
    /// The lines inside of it.
    pub(super) href: String,
}

/// Journeys, or other containers.
pub(super) fn carried_list(impact: &Impact, query: &ImpactQuery, are_journeys: bool, most: usize) -> Vec<Carried> {
    let wanted = impact.carriers.iter().filter(|carrier| carrier.is_journey == are_journeys);
    let one = |carrier: &Carrier| {
        let when = if carrier.delay.is_none() { String::new() } else { format!(" after {}", carrier.delay.words()) };
        let within = Some(carrier.doc.entity_ref().to_owned());
        Carried {
            link: EntityLink::to_doc(&carrier.doc),
            state: StateMark(carrier.severity),
            words: format!("{}{when}", counted(carrier.parts as usize, "part", "parts")),
            href: ImpactQuery { within, shows: Shows::Severity, offset: 0, ..query.clone() }.href(),
        }
    };
    wanted.take(most).map(one).collect()
}

/// What is held up by something that stands in.
pub(super) struct SparedLine {
    pub(super) link: EntityLink,
    pub(super) dependency: EntityLink,
    pub(super) standing: Vec<EntityLink>,
}

/// Everything that is spared.
pub(super) fn spared_lines(view: &View, impact: &Impact) -> Vec<SparedLine> {
    let doc = |node: u32| -> &Doc { impact.doc(node) };
    let line = |spared: &insights::Spared| SparedLine {
        link: EntityLink::to_doc(doc(spared.node)),
        dependency: EntityLink::to_doc(doc(spared.dependency.from)),
        standing: spared.standing.iter().map(|other| EntityLink::to(view, other)).collect(),
    };
    impact.spared.iter().map(line).collect()
}
