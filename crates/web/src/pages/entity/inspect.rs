//! `?inspect=overview|ancestry|colocated|json|yaml` on any page of an entity, as Backstage writes it: what the portal knows
//! of the entity, laid over its page. It is a part of the page and works without scripts.

use askama::{Template, filters::HtmlSafe};
use index::{Direction, Doc, Filter, Order, PageQuery, Start, View};
use serde_json::Value;
use tokio::task::spawn_blocking;
use url::form_urlencoded;

use super::relations::relation_title;
use crate::{
    api::v1::write_yaml,
    pages::{
        code::CodeFrame,
        facts::Facts,
        icon::Icon,
        link::EntityLink,
        parts::{Tab, Table, Tabs, entity_table},
        urls,
    },
};

/// Entities of one file that are listed at most.
const MOST_IN_FILE: usize = 200;
/// Entities below one root that are listed at most.
const MOST_BELOW_ROOT: usize = 20;
/// Steps of an ancestry that are listed at most.
const MOST_STEPS: usize = 50;

/// What is laid over the page.
#[derive(Template)]
#[template(path = "entity/inspect.html")]
pub(in crate::pages) struct Inspect {
    tabs: Tabs,
    /// The page without it.
    close: String,
    content: Content,
}

impl HtmlSafe for Inspect {}

impl Inspect {
    fn relation_title(&self, relation: &str) -> String {
        relation_title(relation)
    }
}

enum Content {
    Overview(Overview),
    Ancestry(Vec<Step>),
    Colocated(Vec<Colocated>),
    Source(CodeFrame),
}

/// Identity, relations, status.
struct Overview {
    identity: Vec<(&'static str, String)>,
    relations: Vec<(String, Vec<EntityLink>)>,
    status: Vec<(String, String, String)>,
}

/// A step on the way from the entity to the root it was found through.
struct Step {
    depth: usize,
    link: EntityLink,
    /// What it was read from.
    location: Option<String>,
}

/// The other entities of a file, or of a root.
struct Colocated {
    title: &'static str,
    location: String,
    total: u64,
    table: Table,
}

static WAYS: [(&str, &str); 5] = [
    ("overview", "Overview"),
    ("ancestry", "Ancestry"),
    ("colocated", "Colocated"),
    ("json", "Raw JSON"),
    ("yaml", "Raw YAML"),
];

impl Inspect {
    /// Loads what an address asks for; `None` when it asks for nothing of it.
    pub(super) async fn load(view: &View, doc: &Doc, facts: &Facts, here: &str) -> Option<Self> {
        let (path, query) = here.split_once('?')?;
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let asked = pairs.iter().find(|(name, _)| name == "inspect").map(|(_, value)| value.as_str())?;
        // Whatever else is asked for, the overview is an answer.
        let way = WAYS.iter().map(|(way, _)| *way).find(|way| *way == asked).unwrap_or("overview");
        let others = || pairs.iter().filter(|(name, _)| name != "inspect").map(|(n, v)| (n.as_str(), v.as_str()));
        let tab = |(name, label): &(&'static str, &str)| Tab {
            label: (*label).to_owned(),
            href: urls::with_query(path, others().chain([("inspect", *name)])),
            count: None,
            is_current: *name == way,
        };
        let tabs = Tabs { label: "What to inspect".to_owned(), tabs: WAYS.iter().map(tab).collect() };
        let content = match way {
            "ancestry" => Content::Ancestry(ancestry(view, doc)),
            "colocated" => Content::Colocated(colocated(view, facts)),
            "json" | "yaml" => Content::Source(source(facts, way).await),
            _ => Content::Overview(overview(view, doc, facts)),
        };
        Some(Self { tabs, close: urls::with_query(path, others()), content })
    }
}

fn overview(view: &View, doc: &Doc, facts: &Facts) -> Overview {
    let text = |pointer: &str| facts.text(pointer).map(str::to_owned);
    let identity = [
        ("Reference", Some(facts.entity_ref.to_string())),
        ("apiVersion", text("/apiVersion")),
        ("kind", text("/kind")),
        ("spec.type", text("/spec/type")),
        ("uid", text("/metadata/uid")),
        ("etag", text("/metadata/etag")),
        ("Line in its file", (doc.line() > 0).then(|| doc.line().to_string())),
    ];
    let mut relations: Vec<(String, Vec<EntityLink>)> = Vec::new();
    for (relation, other) in doc.relations() {
        let Some(link) = EntityLink::to_text(view, &other) else { continue };
        match relations.iter_mut().find(|(known, _)| *known == relation) {
            Some((_, links)) => links.push(link),
            None => relations.push((relation.into_owned(), vec![link])),
        }
    }
    let items = facts.json().pointer("/status/items").and_then(Value::as_array);
    let word = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let status =
        items.into_iter().flatten().map(|item| (word(item, "level"), word(item, "type"), word(item, "message")));
    Overview {
        identity: identity.into_iter().filter_map(|(label, value)| Some((label, value?))).collect(),
        status: status.collect(),
        relations,
    }
}

/// The entity, then the Locations it was read through, level by level.
fn ancestry(view: &View, doc: &Doc) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut level = vec![doc.clone()];
    for depth in 0.. {
        let mut next: Vec<Doc> = Vec::new();
        for doc in level {
            let link = EntityLink::to_doc(&doc);
            if steps.len() == MOST_STEPS || steps.iter().any(|step| step.link.entity_ref == link.entity_ref) {
                continue;
            }
            let location = Facts::of_descriptor(&doc).annotation("backstage.io/managed-by-location").map(str::to_owned);
            steps.push(Step { depth, link, location });
            next.extend(doc.parents().into_iter().filter_map(|parent| view.find(parent.as_str())));
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    steps
}

fn colocated(view: &View, facts: &Facts) -> Vec<Colocated> {
    let mut all: Vec<Colocated> = Vec::new();
    for (annotation, title, most) in [
        ("backstage.io/managed-by-location", "In the same file", MOST_IN_FILE),
        ("backstage.io/managed-by-origin-location", "Below the same root", MOST_BELOW_ROOT),
    ] {
        let Some(location) = facts.annotation(annotation) else { continue };
        if all.iter().any(|known| known.location == location) {
            continue;
        }
        let key = format!("metadata.annotations.{annotation}");
        let page = view.page(&PageQuery {
            filter: Filter::Equals(key, location.to_lowercase()),
            order: Order::Fields(vec![("metadata.name".to_owned(), Direction::Ascending)]),
            start: Start::Offset(0),
            limit: Some(most),
            count: true,
        });
        let links: Vec<EntityLink> = page.rows.iter().map(|row| EntityLink::to_doc(&row.doc)).collect();
        all.push(Colocated {
            title,
            location: location.to_owned(),
            total: page.total.unwrap_or_default(),
            table: entity_table(view, title, &links),
        });
    }
    all
}

async fn source(facts: &Facts, way: &'static str) -> CodeFrame {
    let entity = facts.json().clone();
    let label = format!("{}.{way}", facts.name());
    let made = spawn_blocking(move || {
        let text = match way {
            "json" => serde_json::to_string_pretty(&entity).expect("JSON always serialises"),
            _ => write_yaml(&entity),
        };
        CodeFrame::new(label, way, "inspected", &text)
    });
    made.await.expect("colouring a text never panics")
}
