//! How happenings, events and differences look on the wire.

use auth::{Difference, Happening, Near};
use model::{ChangeKind, DeclaredEnd, EntityRef, Event, FactChange};
use serde::Serialize;

use super::{change_wire::CauseWire, parameters::rfc3339};

/// One thing that happened: a change of the catalog or an event from outside.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum HappeningWire {
    /// A change.
    #[serde(rename_all = "camelCase")]
    Change {
        seq: u64,
        at: String,
        entity_ref: String,
        kind: ChangeKind,
        cause: CauseWire,
        differences: Vec<FactWire>,
        #[serde(skip_serializing_if = "Option::is_none")]
        distance: Option<u32>,
    },
    /// An event.
    #[serde(rename_all = "camelCase")]
    Event {
        at: String,
        event: EventWire,
        #[serde(skip_serializing_if = "Option::is_none")]
        distance: Option<u32>,
    },
}

/// An event from outside.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventWire {
    source: String,
    id: String,
    kind: &'static str,
    event_type: String,
    at: String,
    received_at: String,
    reporter: String,
    subject: Option<String>,
    title: String,
    link: Option<String>,
    actor: Option<String>,
    outcome: Option<String>,
    entity_refs: Vec<EntityRef>,
}

/// A fact that differs.
#[derive(Serialize)]
pub(super) struct FactWire {
    fact: String,
    text: String,
}

/// An entity that differs between two moments.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DifferenceWire {
    entity_ref: String,
    kind: &'static str,
    relations_added: Vec<EndWire>,
    relations_removed: Vec<EndWire>,
    differences: Vec<FactWire>,
    seq: u64,
    at: String,
    cause: CauseWire,
    changes: u64,
}

/// A relation as its entity declares it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EndWire {
    #[serde(rename = "type")]
    relation: String,
    target_ref: String,
}

impl From<&FactChange> for FactWire {
    fn from(change: &FactChange) -> Self {
        Self { fact: change.fact.clone(), text: change.to_string() }
    }
}

impl From<&Happening> for HappeningWire {
    fn from(happening: &Happening) -> Self {
        wire(happening, None)
    }
}

impl From<&Near> for HappeningWire {
    fn from(near: &Near) -> Self {
        wire(&near.happening, Some(near.distance))
    }
}

fn wire(happening: &Happening, distance: Option<u32>) -> HappeningWire {
    match happening {
        Happening::Change(change) => HappeningWire::Change {
            seq: change.seq.0,
            at: rfc3339(change.at),
            entity_ref: change.entity_ref.to_string(),
            kind: change.kind,
            cause: CauseWire::from(&change.cause),
            differences: change.facts.iter().map(FactWire::from).collect(),
            distance,
        },
        Happening::Event(event) => {
            HappeningWire::Event { at: rfc3339(event.event.at), event: EventWire::from(event), distance }
        }
    }
}

impl From<&Event> for EventWire {
    fn from(event: &Event) -> Self {
        let new = event.event.clone();
        Self {
            source: new.source,
            id: new.id,
            kind: new.kind.word(),
            event_type: new.event_type,
            at: rfc3339(new.at),
            received_at: rfc3339(event.received_at),
            reporter: event.reporter.clone(),
            subject: new.subject,
            title: new.title,
            link: new.link,
            actor: new.actor,
            outcome: new.outcome,
            entity_refs: new.refs,
        }
    }
}

impl From<&Difference> for DifferenceWire {
    fn from(difference: &Difference) -> Self {
        let ends = |ends: &[DeclaredEnd]| {
            let end = |(relation, target): &DeclaredEnd| EndWire {
                relation: relation.to_string(),
                target_ref: target.to_string(),
            };
            ends.iter().map(end).collect()
        };
        Self {
            entity_ref: difference.entity_ref.to_string(),
            kind: difference.kind.word(),
            relations_added: ends(&difference.comparison.relations_added),
            relations_removed: ends(&difference.comparison.relations_removed),
            differences: difference.comparison.facts.iter().map(FactWire::from).collect(),
            seq: difference.seq.0,
            at: rfc3339(difference.at),
            cause: CauseWire::from(&difference.cause),
            changes: difference.changes,
        }
    }
}
