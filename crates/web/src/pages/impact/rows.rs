//! What is hit, line by line, each with its reasons.

use std::collections::BTreeMap;

use askama::{Template, filters::HtmlSafe};
use index::{Doc, View};
use insights::{Carrier, Declaration, Edge, Hit, Impact, State};
use model::{Delay, EntityRef, Strength, short_commit};

use super::{
    evidence::{Reason, web_address},
    plan::Plan,
    query::{ImpactQuery, Shows},
};
use crate::pages::{icon::Icon, link::EntityLink, moment::Moment, parts::short_file, words::counted};

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
    pub(super) author: Option<String>,
    pub(super) at: Moment,
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
        via: shortened(&names.collect::<Vec<_>>()),
        others: (others > 0).then(|| format!("{others} other {}", if others == 1 { "way" } else { "ways" })),
        reasons: path.iter().map(|step| reason_line(view, &Reason::of(impact, step), evidence, now)).collect(),
    }
}

/// The names on a path; of a long one the ends, as its reasons have all of it.
fn shortened(names: &[String]) -> String {
    match names {
        [first, middle @ .., last] if middle.len() > 1 => format!("{first} → {} more → {last}", middle.len()),
        all => all.join(" → "),
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
        commit: declaration.commit.as_deref().map(|commit| short_commit(commit).to_owned()),
        author: declaration.author.clone(),
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
