//! The wire form of impact answers.

use std::collections::BTreeMap;

use index::Doc;
use insights::{Carrier, Declaration, Edge, Hit, Impact, Spared, State};
use model::{Delay, EntityRef};
use serde::Serialize;

use super::parameters::rfc3339;
use crate::pages::{
    ToolLink,
    impact::{CalledTeam, Reason, Steps, web_address},
    link,
};

/// An entity by what people need to know it by.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NamedWire {
    #[serde(rename = "ref")]
    pub(super) entity_ref: String,
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) r#type: Option<String>,
}

impl NamedWire {
    pub(super) fn of(doc: &Doc) -> Self {
        let entity_ref = doc.entity_ref();
        let name = || entity_ref.rsplit('/').next().unwrap_or_default().to_owned();
        let (title, entity_type) = link::names_of(doc).unwrap_or_else(|| (name(), None));
        Self {
            entity_ref: entity_ref.to_owned(),
            title,
            kind: entity_ref.split(':').next().unwrap_or_default().to_owned(),
            r#type: entity_type,
        }
    }
}

#[derive(Serialize)]
pub(super) struct RootWire {
    #[serde(flatten)]
    pub(super) named: NamedWire,
    pub(super) state: &'static str,
    pub(super) owner: Option<String>,
}

#[derive(Serialize)]
pub(super) struct CountsWire {
    pub(super) down: usize,
    pub(super) degraded: usize,
    pub(super) slow: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HitWire {
    #[serde(flatten)]
    pub(super) named: NamedWire,
    pub(super) severity: &'static str,
    pub(super) delay: String,
    pub(super) delay_seconds: u64,
    pub(super) before: Option<BeforeWire>,
    pub(super) owner: Option<String>,
    pub(super) hops: u32,
    /// Places in `edges`, from a root on.
    pub(super) path: Vec<usize>,
    pub(super) other_ways: u32,
}

#[derive(Serialize)]
pub(super) struct BeforeWire {
    pub(super) severity: &'static str,
    pub(super) delay: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EdgeWire {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) relation: &'static str,
    pub(super) strength: &'static str,
    pub(super) delay: String,
    pub(super) redundant_with: Vec<String>,
    pub(super) note: Option<String>,
    pub(super) declared: Vec<DeclaredWire>,
}

#[derive(Serialize)]
pub(super) struct DeclaredWire {
    by: String,
    location: Option<String>,
    line: Option<u32>,
    url: Option<String>,
    commit: Option<String>,
    author: Option<String>,
    at: String,
    seq: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CarrierWire {
    #[serde(flatten)]
    named: NamedWire,
    is_journey: bool,
    severity: &'static str,
    delay: String,
    parts: u32,
    worst: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SparedWire {
    #[serde(flatten)]
    named: NamedWire,
    dependency: String,
    standing: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TeamWire<'a> {
    #[serde(rename = "ref")]
    entity_ref: Option<&'a str>,
    title: Option<&'a str>,
    is_known: bool,
    email: Option<&'a str>,
    contacts: Vec<ContactWire<'a>>,
    escalation: Option<&'a str>,
    severity: &'static str,
    delay: String,
    failing: usize,
    hits: CountsWire,
}

#[derive(Serialize)]
pub(super) struct ContactWire<'a> {
    purpose: &'static str,
    label: &'a str,
    url: Option<&'a str>,
    value: Option<&'a str>,
}

/// Counts hits by severity.
pub(super) fn counts(hits: &[Hit]) -> CountsWire {
    let of = |state| hits.iter().filter(|hit| hit.severity == state).count();
    CountsWire { down: of(State::Down), degraded: of(State::Degraded), slow: of(State::Slow) }
}

/// Writes one hit; its path becomes places among the steps.
pub(super) fn hit(impact: &Impact, hit: &Hit, steps: &mut Steps) -> HitWire {
    HitWire {
        named: NamedWire::of(impact.doc(hit.node)),
        severity: hit.severity.word(),
        delay: hit.delay.to_string(),
        delay_seconds: hit.delay.0,
        before: hit.before.map(|(state, delay)| BeforeWire { severity: state.word(), delay: delay.to_string() }),
        owner: impact.owner(hit.node).map(str::to_owned),
        hops: hit.hops,
        path: steps.add(&impact.path(hit)),
        other_ways: hit.ways.saturating_sub(1),
    }
}

/// Writes an edge with what is known of it.
pub(super) fn edge(reason: &Reason, evidence: &BTreeMap<Edge, Vec<Declaration>>) -> EdgeWire {
    let edge = reason.edge();
    let declared = evidence.get(&edge).map_or(&[][..], Vec::as_slice).iter().map(declared).collect();
    let quality = reason.quality.as_ref();
    EdgeWire {
        from: edge.dependency.to_string(),
        to: edge.dependent.to_string(),
        relation: edge.channel.forward(),
        strength: quality.map_or(model::Strength::Hard, |quality| quality.strength).word(),
        delay: quality.map_or(Delay::default(), |quality| quality.delay).to_string(),
        redundant_with: reason.alternatives.iter().map(ToString::to_string).collect(),
        note: quality.and_then(|quality| quality.note.clone()),
        declared,
    }
}

/// Where an edge is declared, in one cell of a table.
pub(super) fn declared_in(declarations: Option<&Vec<Declaration>>) -> String {
    let place = |declaration: &Declaration| {
        let line = declaration.line.map_or(String::new(), |line| format!(":{line}"));
        let file = || declaration.location.as_ref().map(|location| format!("{location}{line}"));
        web_address(declaration).or_else(file).unwrap_or_default()
    };
    declarations.into_iter().flatten().map(place).collect::<Vec<_>>().join(" and ")
}

fn declared(declaration: &Declaration) -> DeclaredWire {
    DeclaredWire {
        by: declaration.by.to_string(),
        location: declaration.location.clone(),
        line: declaration.line,
        url: web_address(declaration),
        commit: declaration.commit.clone(),
        author: declaration.author.clone(),
        at: rfc3339(declaration.at),
        seq: declaration.seq.0,
    }
}

pub(super) fn carrier(impact: &Impact, carrier: &Carrier) -> CarrierWire {
    CarrierWire {
        named: NamedWire::of(&carrier.doc),
        is_journey: carrier.is_journey,
        severity: carrier.severity.word(),
        delay: carrier.delay.to_string(),
        parts: carrier.parts,
        worst: impact.doc(carrier.worst).entity_ref().to_owned(),
    }
}

pub(super) fn spared(impact: &Impact, spared: &Spared) -> SparedWire {
    SparedWire {
        named: NamedWire::of(impact.doc(spared.node)),
        dependency: impact.doc(spared.dependency.from).entity_ref().to_owned(),
        standing: spared.standing.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn roots(impact: &Impact) -> Vec<RootWire> {
    let root = |root: &insights::RootHit| RootWire {
        named: NamedWire::of(impact.doc(root.node)),
        state: root.state.word(),
        owner: impact.owner(root.node).map(str::to_owned),
    };
    impact.roots.iter().map(root).collect()
}

pub(super) fn team(team: &CalledTeam) -> TeamWire<'_> {
    let [down, degraded, slow] = team.hits;
    TeamWire {
        entity_ref: team.owner.as_deref(),
        title: team.owner.is_some().then(|| team.title()),
        is_known: team.is_known(),
        email: team.email(),
        contacts: team.contacts().iter().map(contact).collect(),
        escalation: team.above().map(EntityRef::as_str),
        severity: team.worst.0.word(),
        delay: team.worst.1.to_string(),
        failing: team.roots,
        hits: CountsWire { down, degraded, slow },
    }
}

fn contact(link: &ToolLink) -> ContactWire<'_> {
    ContactWire {
        purpose: link.purpose.title(),
        label: &link.label,
        url: link.href.as_deref(),
        value: link.value.as_deref(),
    }
}

/// Adds an item to a part of a list that is written by itself.
pub(super) fn put(item: &impl Serialize, out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.push(b',');
    }
    serde_json::to_writer(out, item).expect("wire values have text keys only");
}
