//! Small catalogs.

use std::sync::Arc;

use index::{Fold, View, Visibility};
use model::{DeclaredRelation, EntityBody, EntityRef, Seq, StoredEntity, Uid};
use serde_json::{Value, json};

use crate::{Question, Root, State};

/// An entity with what it declares.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) entity_ref: EntityRef,
    pub(super) relations: Vec<(String, EntityRef)>,
    pub(super) spec: Value,
}

/// `component:shop` with relations such as `dependsOn resource:db`.
pub(super) fn made(entity_ref: &str, relations: &[&str], spec: Value) -> Made {
    let relation = |text: &&str| {
        let (relation, other) = text.split_once(' ').unwrap();
        (relation.to_owned(), EntityRef::parse(other).unwrap())
    };
    Made {
        entity_ref: EntityRef::parse(entity_ref).unwrap(),
        relations: relations.iter().map(relation).collect(),
        spec,
    }
}

fn reverse(forward: &str) -> &'static str {
    match forward {
        "dependsOn" => "dependencyOf",
        "dependencyOf" => "dependsOn",
        "consumesApi" => "apiConsumedBy",
        "providesApi" => "apiProvidedBy",
        "partOf" => "hasPart",
        "touches" => "touchedBy",
        "ownedBy" => "ownerOf",
        other => panic!("no such relation: {other}"),
    }
}

pub(super) fn view(entities: &[Made]) -> View {
    let stored = (1u128..).zip(entities).map(|(number, made)| {
        let relation = |(forward, other): &(String, EntityRef)| DeclaredRelation {
            reverse: reverse(forward).into(),
            forward: forward.as_str().into(),
            other: other.clone(),
            line: 0,
        };
        Arc::new(StoredEntity {
            entity_ref: made.entity_ref.clone(),
            uid: Uid(number),
            body: EntityBody::from_json(
                json!({
                    "metadata": {"name": made.entity_ref.name()},
                    "apiVersion": "backstage.io/v1alpha1",
                    "kind": made.entity_ref.kind(),
                    "spec": made.spec,
                })
                .to_string(),
            ),
            relations: made.relations.iter().map(relation).collect(),
            errors: Vec::new(),
            parents: Vec::new(),
            line: 1,
            warnings: Vec::new(),
        })
    });
    Fold::build(Seq(1), stored.collect()).snapshot().view(Visibility::Everything)
}

/// `resource:db down`
pub(super) fn question(roots: &[&str]) -> Question {
    let root = |text: &&str| {
        let (entity_ref, state) = text.split_once(' ').unwrap();
        Root { entity_ref: EntityRef::parse(entity_ref).unwrap(), state: State::parse(state).unwrap() }
    };
    Question { roots: roots.iter().map(root).collect(), depth: None }
}
