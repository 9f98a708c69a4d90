//! The qualities that an entity declares, joined with what it really depends on.

use index::Doc;
use model::{EntityRef, QUALITY_FIELD, Quality, redundancy_groups};
use serde::Deserialize;
use serde_json::Value;

use crate::channel::{Channel, is_container, kind_of};

/// The key under which the index finds the references of declared qualities.
const INDEXED: &str = "spec.dependencies.ref";

/// What one entity says about its dependencies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Qualities {
    pub(crate) list: Vec<Quality>,
    /// What it depends on, when some of that is redundant; else empty.
    pub(crate) members: Vec<EntityRef>,
    /// The group of each member.
    pub(crate) group: Vec<usize>,
}

impl Qualities {
    /// Reads those of an entity; `None` when it declares none, which is soon seen.
    pub(crate) fn of(doc: &Doc) -> Option<Box<Self>> {
        let list = qualities_of(doc);
        if list.is_empty() {
            return None;
        }
        let mut qualities = Self { list, ..Self::default() };
        if qualities.list.iter().any(|quality| !quality.redundant_with.is_empty()) {
            let from_container = is_container(kind_of(doc.entity_ref()));
            doc.visit_relations(|relation, target| {
                // What depends on itself cannot stand in for anything.
                if Channel::to_dependency(relation, kind_of(target), from_container).is_some()
                    && target != doc.entity_ref()
                    && let Ok(target) = EntityRef::parse(target)
                    && !qualities.members.contains(&target)
                {
                    qualities.members.push(target);
                }
            });
            qualities.group = redundancy_groups(&qualities.members, &qualities.list);
        }
        Some(Box::new(qualities))
    }

    /// What is said about one dependency.
    pub(crate) fn about(&self, dependency: &str) -> Option<&Quality> {
        self.list.iter().find(|quality| quality.other.as_str() == dependency)
    }

    /// The group that a dependency belongs to with others: its number, and how many they are.
    pub(crate) fn group_of(&self, dependency: &str) -> Option<(usize, u32)> {
        let at = self.members.iter().position(|member| member.as_str() == dependency)?;
        let size = self.group.iter().filter(|group| **group == self.group[at]).count();
        (size > 1).then_some((self.group[at], size as u32))
    }

    /// What can stand in for a dependency.
    pub(crate) fn alternatives(&self, dependency: &str) -> Vec<EntityRef> {
        let Some((group, _)) = self.group_of(dependency) else { return Vec::new() };
        let members = self.members.iter().zip(&self.group);
        members.filter(|(m, g)| **g == group && m.as_str() != dependency).map(|(m, _)| m.clone()).collect()
    }
}

/// The quality of one dependency of an entity, for showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityOf {
    /// What the descriptor says.
    pub quality: Quality,
    /// What can stand in, in both directions and among what is really depended on.
    pub alternatives: Vec<EntityRef>,
}

impl QualityOf {
    /// Lists what an entity declares, with what can stand in for each.
    #[must_use]
    pub fn all(doc: &Doc) -> Vec<Self> {
        let Some(qualities) = Qualities::of(doc) else { return Vec::new() };
        // What only another item names as redundant has a quality too.
        let mut named: Vec<Quality> = qualities.list.clone();
        for member in &qualities.members {
            if qualities.group_of(member.as_str()).is_some() && named.iter().all(|known| known.other != *member) {
                named.push(Quality {
                    other: member.clone(),
                    strength: model::Strength::Hard,
                    delay: model::Delay::default(),
                    redundant_with: Vec::new(),
                    note: None,
                });
            }
        }
        let with = |quality: Quality| Self { alternatives: qualities.alternatives(quality.other.as_str()), quality };
        named.into_iter().map(with).collect()
    }
}

#[derive(Deserialize)]
struct Body {
    metadata: Metadata,
    spec: Option<Spec>,
}

#[derive(Deserialize)]
struct Metadata {
    namespace: Option<Value>,
}

#[derive(Deserialize)]
struct Spec {
    dependencies: Option<Value>,
}

/// Reads `spec.dependencies` of an entity.
#[must_use]
pub fn qualities_of(doc: &Doc) -> Vec<Quality> {
    debug_assert_eq!(QUALITY_FIELD, "dependencies");
    if !doc.has_value(INDEXED) {
        return Vec::new();
    }
    // An entity in the index is JSON by its making.
    let Ok(body) = serde_json::from_str::<Body>(&doc.descriptor_json()) else { return Vec::new() };
    let namespace = body.metadata.namespace.as_ref().and_then(Value::as_str).unwrap_or(model::DEFAULT_NAMESPACE);
    body.spec.and_then(|spec| spec.dependencies).map_or_else(Vec::new, |field| Quality::read_all(&field, namespace))
}
