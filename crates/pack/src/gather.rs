//! The catalog as the pack holds it: entities by number, and what they declare about each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use index::{Filter, View};
use model::{EntityRef, RefDefaults};
use serde_json::Value;

use crate::{FindLinks, Link};

/// How long a description may be, in characters; the portal has all of it.
const LONGEST_DESCRIPTION: usize = 400;

/// Relations that are told from both ends, with the one under which they are kept.
const INVERSE: [(&str, &str); 7] = [
    ("ownerOf", "ownedBy"),
    ("dependencyOf", "dependsOn"),
    ("apiConsumedBy", "consumesApi"),
    ("apiProvidedBy", "providesApi"),
    ("hasPart", "partOf"),
    ("hasMember", "memberOf"),
    ("parentOf", "childOf"),
];

/// One entity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    pub(crate) entity_ref: EntityRef,
    /// `kind` as written.
    pub(crate) kind: String,
    /// `metadata.name` as written.
    pub(crate) name: String,
    /// What people call it; empty when that is the name.
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) entity_type: String,
    pub(crate) lifecycle: String,
    pub(crate) tags: Vec<String>,
    pub(crate) mail: String,
    pub(crate) links: Vec<Link>,
    /// Where it is declared, as people look at it.
    pub(crate) declared_at: String,
    /// Whether it is marked as a journey of the business.
    pub(crate) is_journey: bool,
}

/// What a descriptor says about one of its dependencies.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Quality {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) is_soft: bool,
    /// An ISO 8601 duration, as written; empty when it is felt at once.
    pub(crate) delay: String,
    pub(crate) redundant_with: Vec<u32>,
}

/// Everything that the pack holds.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// In order of reference.
    pub(crate) entities: Vec<Entity>,
    /// References that entities name and that are not among them; their numbers go on from the last entity.
    pub(crate) missing: Vec<EntityRef>,
    /// For each relation the pairs (from, to), in order.
    pub(crate) edges: BTreeMap<String, BTreeSet<(u32, u32)>>,
    pub(crate) qualities: Vec<Quality>,
}

/// Reads what a view shows.
pub(crate) fn gather(view: &View, links: &FindLinks<'_>) -> Gathered {
    let mut read: Vec<Read> = Vec::new();
    view.for_each(&Filter::All, |json| read.extend(read_entity(json, links)));
    read.sort_by(|a, b| a.entity.entity_ref.cmp(&b.entity.entity_ref));
    let mut numbers = Numbers::default();
    for one in &read {
        numbers.number(&one.entity.entity_ref);
    }
    let count = read.len();
    let mut gathered = Gathered::default();
    for one in read {
        let this = numbers.number(&one.entity.entity_ref);
        for (relation, other) in one.relations {
            let other = numbers.number(&other);
            let kept = INVERSE.iter().find(|(inverse, _)| *inverse == relation);
            let (relation, pair) = match kept {
                Some((_, forward)) => ((*forward).to_owned(), (other, this)),
                None => (relation, (this, other)),
            };
            gathered.edges.entry(relation).or_default().insert(pair);
        }
        for declared in one.qualities {
            gathered.qualities.push(Quality {
                from: this,
                to: numbers.number(&declared.to),
                is_soft: declared.is_soft,
                delay: declared.delay,
                redundant_with: declared.redundant_with.iter().map(|other| numbers.number(other)).collect(),
            });
        }
        gathered.entities.push(one.entity);
    }
    gathered.missing = numbers.refs.split_off(count);
    gathered
}

#[derive(Default)]
struct Numbers {
    known: HashMap<EntityRef, u32>,
    refs: Vec<EntityRef>,
}

impl Numbers {
    fn number(&mut self, entity_ref: &EntityRef) -> u32 {
        if let Some(known) = self.known.get(entity_ref) {
            return *known;
        }
        let number = u32::try_from(self.refs.len()).expect("a catalog has fewer than four billion entities");
        self.known.insert(entity_ref.clone(), number);
        self.refs.push(entity_ref.clone());
        number
    }
}

struct Read {
    entity: Entity,
    relations: Vec<(String, EntityRef)>,
    qualities: Vec<DeclaredQuality>,
}

struct DeclaredQuality {
    to: EntityRef,
    is_soft: bool,
    delay: String,
    redundant_with: Vec<EntityRef>,
}

/// Reads one entity as it is served. What its author wrote in other types than the model's is as if it were not there.
fn read_entity(json: &str, links: &FindLinks<'_>) -> Option<Read> {
    let value: Value = serde_json::from_str(json).ok()?;
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let namespace = Some(text("/metadata/namespace")).filter(|namespace| !namespace.is_empty());
    let entity_ref = EntityRef::new(&kind, namespace.as_deref().unwrap_or(model::DEFAULT_NAMESPACE), &name);
    let titles = [text("/metadata/title"), text("/spec/profile/displayName")];
    let title = titles.into_iter().find(|title| !title.trim().is_empty() && *title != name).unwrap_or_default();
    let view_url = text("/metadata/annotations/backstage.io~1view-url");
    let entity = Entity {
        title,
        description: cut(&text("/metadata/description")),
        entity_type: text("/spec/type"),
        lifecycle: text("/spec/lifecycle"),
        tags: texts(value.pointer("/metadata/tags")),
        mail: text("/spec/profile/email"),
        links: links(&entity_ref, &value),
        declared_at: if is_web(&view_url) { view_url } else { String::new() },
        is_journey: is_journey(&entity_ref, &value),
        kind,
        name,
        entity_ref: entity_ref.clone(),
    };
    let relations = list(value.pointer("/relations")).filter_map(|relation| {
        let other = EntityRef::parse(relation.get("targetRef")?.as_str()?).ok()?;
        Some((relation.get("type")?.as_str()?.to_owned(), other))
    });
    let qualities = list(value.pointer("/spec/dependencies")).filter_map(|one| read_quality(one, &entity_ref));
    Some(Read { relations: relations.collect(), qualities: qualities.collect(), entity })
}

fn read_quality(value: &Value, of: &EntityRef) -> Option<DeclaredQuality> {
    let defaults = RefDefaults { kind: None, namespace: of.namespace() };
    let parse = |text: &str| EntityRef::parse_with(text, defaults).ok();
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    Some(DeclaredQuality {
        to: parse(text("ref")?)?,
        is_soft: text("strength").is_some_and(|strength| strength.eq_ignore_ascii_case("soft")),
        delay: text("delay").unwrap_or_default().to_owned(),
        redundant_with: texts(value.get("redundantWith")).iter().filter_map(|other| parse(other)).collect(),
    })
}

/// What holds parts and is marked by its type or a tag, or is of a kind called so.
fn is_journey(entity_ref: &EntityRef, value: &Value) -> bool {
    let is_marked = |text: &str| text.eq_ignore_ascii_case("journey");
    let is_container = !matches!(entity_ref.kind(), "component" | "api" | "resource");
    let of_type = value.pointer("/spec/type").and_then(Value::as_str).is_some_and(is_marked);
    is_marked(entity_ref.kind())
        || is_container && (of_type || texts(value.pointer("/metadata/tags")).iter().any(|tag| is_marked(tag)))
}

/// Whether an address may be a link: the web, mail, telephones and chats, and nothing that runs.
pub(crate) fn is_safe(address: &str) -> bool {
    let schemes = ["mailto", "tel", "sip", "slack", "msteams"];
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    is_web(address) || schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

fn is_web(address: &str) -> bool {
    let starts = |scheme: &str| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    starts("https://") || starts("http://")
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    list(value).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_DESCRIPTION) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.trim().to_owned(),
    }
}
