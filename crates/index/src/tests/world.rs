//! Random catalogs and random histories of them.

use std::collections::BTreeMap;

use model::{Code, DeclaredRelation, Diagnostic, EntityBody, EntityRef, ErrorChain, Severity, StoredEntity, Uid};
use proptest::{prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// What happens to one entity.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Put(Box<StoredEntity>),
    Remove(EntityRef),
}

/// What happens between the steps.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// These steps are folded in together.
    Batch(Vec<Step>),
    /// A merge is planned and run, as another thread would.
    StartMerge,
    /// The merge is installed.
    FinishMerge,
}

pub(super) type Entities = BTreeMap<EntityRef, StoredEntity>;

pub(super) fn perform(step: &Step, entities: &mut Entities) {
    match step {
        Step::Put(entity) => {
            entities.insert(entity.entity_ref.clone(), (**entity).clone());
        }
        Step::Remove(entity_ref) => {
            entities.remove(entity_ref);
        }
    }
}

pub(super) fn history() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => prop::collection::vec(step(), 1..5).prop_map(Event::Batch),
        1 => Just(Event::StartMerge),
        1 => Just(Event::FinishMerge),
    ];
    prop::collection::vec(event, 0..14)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => entity().prop_map(|entity| Step::Put(Box::new(entity))),
        1 => reference().prop_map(Step::Remove),
    ]
}

fn reference() -> impl Strategy<Value = EntityRef> {
    (select(vec!["component", "group"]), select(vec!["default", "x"]), select(vec!["a", "b", "c-d", "e"]))
        .prop_map(|(kind, namespace, name)| EntityRef::new(kind, namespace, name))
}

fn relation() -> impl Strategy<Value = DeclaredRelation> {
    let pair = select(vec![("ownedBy", "ownerOf"), ("dependsOn", "dependencyOf"), ("dependencyOf", "dependsOn")]);
    (pair, reference()).prop_map(|((forward, reverse), other)| DeclaredRelation {
        forward: forward.into(),
        reverse: reverse.into(),
        other,
        line: 0,
    })
}

fn text() -> impl Strategy<Value = String> {
    let odd = [
        "", "Java", "java", "true", "TRUE", "k", "K.x", "Ärmel", "ärmel", "zebra", "a\"b\\", "pay%_x", "ΑΣ", "1",
        "\u{e000}", "😀",
    ];
    prop_oneof![
        8 => select(odd.map(str::to_owned).to_vec()),
        1 => Just("L".repeat(200)),
        1 => Just("l".repeat(201)),
        1 => Just("\u{130}".repeat(101)),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text().prop_map(Value::String),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => select(vec![json!(0), json!(-1), json!(1.5), json!(17)]),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key(), inner), 0..3).prop_map(object),
        ]
    })
}

/// Keys in one letter case: two that differ only in that are refused before they come here.
fn key() -> impl Strategy<Value = String> {
    select(vec!["Type", "list", "k", "java", "a", "b", "a.b", "true", "relations", "status", "etag"])
        .prop_map(str::to_owned)
}

fn object(members: Vec<(String, Value)>) -> Value {
    Value::Object(members.into_iter().collect::<Map<_, _>>())
}

fn body(entity_ref: &EntityRef, parts: Parts) -> EntityBody {
    let kind = if entity_ref.kind() == "group" { "Group" } else { "Component" };
    let mut metadata = json!({"name": entity_ref.name().to_uppercase()});
    if entity_ref.namespace() != "default" {
        metadata["namespace"] = entity_ref.namespace().into();
    }
    if !parts.tags.is_empty() {
        metadata["tags"] = parts.tags.into();
    }
    if parts.own_etag {
        metadata["etag"] = "mine".into();
    }
    metadata["annotations"] = json!({"a.b/c": "x", parts.long_key: "y"});
    EntityBody::from_json(
        json!({"metadata": metadata, "apiVersion": "v1", "kind": kind, "spec": parts.spec}).to_string(),
    )
}

struct Parts {
    tags: Vec<String>,
    own_etag: bool,
    long_key: String,
    spec: Value,
}

prop_compose! {
    pub(super) fn entity()(
        entity_ref in reference(),
        life in 0..3u128,
        tags in prop::collection::vec(text(), 0..4),
        own_etag in prop::bool::weighted(0.1),
        long_key in select(vec![176usize, 177, 178, 179]),
        spec in prop::collection::vec((key(), tree()), 0..4),
        relations in prop::collection::vec(relation(), 0..4),
        errors in select(vec![vec![], vec![], vec![ErrorChain::caused_by("InputError", "bad", ErrorChain::new("TypeError", "x\"y"))]]),
        parents in prop::collection::vec(reference(), 0..2),
        line in 0..3u32,
        warnings in prop::collection::vec(warning(), 0..2),
    ) -> StoredEntity {
        let parts = Parts { tags, own_etag, long_key: "k".repeat(long_key), spec: object(spec) };
        StoredEntity {
            uid: uid_of(&entity_ref, life),
            body: body(&entity_ref, parts),
            entity_ref,
            relations,
            errors,
            parents,
            line,
            warnings,
        }
    }
}

fn warning() -> impl Strategy<Value = Diagnostic> {
    select(vec!["one", "two"]).prop_map(|message| Diagnostic {
        code: Code("W0001".into()),
        severity: Severity::Warning,
        message: message.to_owned(),
        help: None,
        place: None,
        field: None,
        error: None,
    })
}

/// A uid that no other entity has, scattered over the whole range.
pub(super) fn uid_of(entity_ref: &EntityRef, life: u128) -> Uid {
    Uid(xxhash_rust::xxh3::xxh3_128(entity_ref.as_str().as_bytes()) ^ life << 90)
}
