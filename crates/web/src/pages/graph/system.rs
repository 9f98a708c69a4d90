//! The pictures of systems and domains: what is inside, in frames, and what crosses the border, with its neighbours grouped by where
//! they belong. The same facts follow as tables, with a roll-up of owners, APIs, resources and problems.

use std::collections::{BTreeMap, BTreeSet};

use diagram::{
    Cluster, Graph, Mark, Node, Options,
    fold::{Rules, fold_to_fit},
    svg::Mode,
};
use index::{Doc, View as IndexView};
use model::EntityRef;

use super::{
    border::{Crossing, Interior, home_outside},
    draw::{self, Drawing},
    entity_node::{self, first_related, has_problem, kind_word},
    layouts,
    query::FoldBy,
    words::words,
};
use crate::{
    Problem, View,
    pages::{
        link::EntityLink,
        parts::{Cell, Head, Table, entity_table},
        urls,
        words::counted,
    },
};

/// So many rows has each table at most.
const MOST_ROWS: usize = 200;

/// A picture of a system or domain with everything that belongs below it.
pub(in crate::pages) struct SystemDiagram {
    /// `None` when nothing is part of it.
    pub(in crate::pages) drawing: Option<Drawing>,
    pub(in crate::pages) roll_up: RollUp,
    /// What is inside.
    pub(in crate::pages) inside: Table,
    pub(in crate::pages) inside_total: usize,
    /// What crosses the border.
    pub(in crate::pages) border: Table,
    pub(in crate::pages) border_total: usize,
}

/// What a system or domain adds up to.
#[derive(Default)]
pub(in crate::pages) struct RollUp {
    /// Owners with how many parts they own, those with most first.
    pub(in crate::pages) owners: Vec<(EntityLink, usize)>,
    /// How many parts nobody in the catalog owns.
    pub(in crate::pages) without_owner: usize,
    /// Kinds with how many parts are of them.
    pub(in crate::pages) kinds: Vec<(String, usize)>,
    pub(in crate::pages) apis: Vec<EntityLink>,
    pub(in crate::pages) resources: Vec<EntityLink>,
    /// Parts with something wrong.
    pub(in crate::pages) problems: Vec<EntityLink>,
}

/// Draws a system or domain, with the groups in `unfolded` unfolded.
///
/// # Errors
/// When it takes too long.
pub(in crate::pages) async fn system_diagram(
    view: &View,
    doc: &Doc,
    unfolded: BTreeSet<String>,
) -> Result<SystemDiagram, Problem> {
    let (view, doc) = (view.clone(), doc.clone());
    layouts::make(move || build(&view, &doc, unfolded)).await
}

fn build(view: &IndexView, doc: &Doc, unfolded: BTreeSet<String>) -> SystemDiagram {
    let inside = Interior::of(view, doc);
    let links: Vec<EntityLink> = inside.parts.iter().map(|part| EntityLink::to_doc(&part.doc)).collect();
    let mut sorted = links.clone();
    sorted.sort_by_cached_key(|link| (link.entity_ref.kind().to_owned(), link.title.to_lowercase()));
    SystemDiagram {
        drawing: (!inside.parts.is_empty()).then(|| draw_inside(view, &inside, unfolded)),
        roll_up: roll_up(view, &inside, &links),
        inside_total: sorted.len(),
        inside: entity_table(view, "What is inside", &sorted[..sorted.len().min(MOST_ROWS)]),
        border_total: inside.crossing.len(),
        border: border_table(view, &inside),
    }
}

fn draw_inside(view: &IndexView, inside: &Interior, unfolded: BTreeSet<String>) -> Drawing {
    let is_domain = inside.root.entity_ref().starts_with("domain:");
    let graph = if is_domain { domain_graph(view, inside) } else { system_graph(view, inside) };
    let parts = inside.parts.len();
    let mut account = vec![format!(
        "{} with {} between them; {} the border.",
        counted(parts, "part", "parts"),
        counted(inside.inner.len(), "relation", "relations"),
        counted(inside.crossing.len(), "relation crosses", "relations cross"),
    )];
    if is_domain {
        let drawn: usize = graph.edges.iter().map(|edge| edge.count).sum();
        match inside.inner.len() + inside.crossing.len() - drawn {
            0 => {}
            hidden => {
                account.push(format!("{} inside of one system.", counted(hidden, "relation stays", "relations stay")))
            }
        }
    }
    let folded = fold_to_fit(graph, &Rules { limit: 45, unfolded: unfolded.clone(), ..Rules::default() });
    account.extend(draw::folding(&folded));
    if inside.is_cut {
        account.push("There are more parts than are looked at here.".to_owned());
    }
    let page = EntityRef::parse(inside.root.entity_ref()).map(|parsed| urls::entity_tab(&parsed, "diagram"));
    let page = page.unwrap_or_default();
    let unfold = |group: &str| {
        let groups = unfolded.iter().map(String::as_str).chain([group]);
        urls::with_query(&page, groups.map(|group| ("unfold[]", group)))
    };
    let opened = folded.opened.iter().map(|group| {
        let others = unfolded.iter().filter(|other| !other.starts_with(&group.id));
        (group.title.clone(), urls::with_query(&page, others.map(|other| ("unfold[]", other.as_str()))))
    });
    let opened = opened.collect();
    let drawing = draw::finish(
        folded,
        Options::default(),
        "What is inside and what crosses the border",
        account,
        Mode::Embedded,
        unfold,
    );
    Drawing { opened, ..drawing }
}

/// Parts in frames by kind and type, and neighbours in frames by system.
fn system_graph(view: &IndexView, inside: &Interior) -> Graph {
    let root = inside.root.entity_ref();
    let mut frames = Frames::new(&inside.root);
    let mut graph = Graph::default();
    let own_team = first_related(&inside.root, "ownedBy", "");
    for part in &inside.parts {
        let mut node = entity_node::node(view, &part.doc, FoldBy::Owner);
        let link = EntityLink::to_doc(&part.doc);
        let title = type_title(link.entity_type.as_deref(), &node.class);
        node.cluster = Some(frames.inner(root, &title, &node.class));
        // The frame says kind and type, so the box says whose it is, where that is not whose the system is.
        node.sub = match &node.fold {
            Some(owner) if Some(&owner.key) != own_team.as_ref() => owner.label.clone(),
            _ => String::new(),
        };
        graph.nodes.push(node);
    }
    graph.nodes.extend(neighbours(view, &outside(inside), &mut frames));
    graph.edges = inside.inner.iter().chain(&inside.crossing).map(edge).collect();
    graph.clusters = frames.clusters;
    graph
}

/// Systems, with what their parts have to do with each other, and the domains around.
fn domain_graph(view: &IndexView, inside: &Interior) -> Graph {
    let frames = Frames::new(&inside.root);
    let sizes = inside.sizes();
    let mut graph = Graph::default();
    for (at, part) in inside.parts.iter().enumerate().filter(|(at, part)| part.home == *at) {
        let mut node = entity_node::node(view, &part.doc, FoldBy::Owner);
        if let Some(size) = sizes.get(&at) {
            node.sub = format!("{} · {}", kind_word(&node.class), counted(*size, "part", "parts"));
        }
        let has_problem = |other: &super::border::Part| other.home == at && has_problem(&other.doc);
        node.problem = inside.parts.iter().any(has_problem);
        node.cluster = Some(inside.root.entity_ref().to_owned());
        graph.nodes.push(node);
    }
    let others = outside(inside);
    let homes: BTreeMap<&str, String> =
        others.iter().map(|other| (*other, domain_outside(view, inside.root.entity_ref(), other))).collect();
    let distinct: BTreeSet<&str> = homes.values().map(String::as_str).collect();
    graph.nodes.extend(distinct.into_iter().map(|other| outside_node(view, other)));
    let home = |entity_ref: &str| match inside.find(entity_ref) {
        Some(part) => inside.parts[part.home].doc.entity_ref().to_owned(),
        None => homes.get(entity_ref).cloned().unwrap_or_else(|| entity_ref.to_owned()),
    };
    // One line for all that two systems have to do with each other; the table has each of it.
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for relation in inside.inner.iter().chain(&inside.crossing) {
        let (from, to) = (home(&relation.from), home(&relation.to));
        if from != to {
            *counts.entry((from, to)).or_default() += 1;
        }
    }
    let line = |((from, to), count): ((String, String), usize)| diagram::Edge {
        from,
        to,
        class: "relations".to_owned(),
        label: String::new(),
        count,
    };
    graph.edges = counts.into_iter().map(line).collect();
    graph.clusters = frames.clusters;
    graph
}

/// The domain of an entity outside; its system where it has none, or where that is the domain which is looked at.
fn domain_outside(view: &IndexView, own: &str, entity_ref: &str) -> String {
    let system = home_outside(view, entity_ref, "system");
    let system = system.map_or_else(|| entity_ref.to_owned(), |system| system.entity_ref().to_owned());
    let domain = home_outside(view, &system, "domain").map(|domain| domain.entity_ref().to_owned());
    domain.filter(|domain| domain != own).unwrap_or(system)
}

/// The nodes of what is outside of a system. Several of one system have a frame; one alone says it itself.
fn neighbours(view: &IndexView, others: &BTreeSet<&str>, frames: &mut Frames) -> Vec<Node> {
    let homes: Vec<Option<Doc>> = others.iter().map(|other| home_outside(view, other, "system")).collect();
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for home in homes.iter().flatten() {
        *sizes.entry(home.entity_ref().to_owned()).or_default() += 1;
    }
    let nodes = others.iter().zip(homes).map(|(other, home)| {
        let mut node = outside_node(view, other);
        match home {
            Some(home) if sizes[home.entity_ref()] > 1 => node.cluster = Some(frames.outer(&home)),
            Some(home) => node.sub = format!("{} in {}", kind_word(&node.class), EntityLink::to_doc(&home).title),
            None => {}
        }
        node
    });
    nodes.collect()
}

fn edge(relation: &Crossing) -> diagram::Edge {
    diagram::Edge {
        from: relation.from.clone(),
        to: relation.to.clone(),
        class: relation.relation.clone(),
        label: words(&relation.relation),
        count: 1,
    }
}

/// The entities at the other side of the border.
fn outside(inside: &Interior) -> BTreeSet<&str> {
    let ends = inside.crossing.iter().flat_map(|relation| [relation.from.as_str(), relation.to.as_str()]);
    ends.filter(|end| inside.find(end).is_none()).collect()
}

fn outside_node(view: &IndexView, entity_ref: &str) -> Node {
    match view.find(entity_ref) {
        // What is wrong outside is a matter of others.
        Some(doc) => Node { problem: false, mark: Mark::Plain, ..entity_node::node(view, &doc, FoldBy::System) },
        None => entity_node::missing(entity_ref),
    }
}

/// The frames of a picture, each made once.
struct Frames {
    clusters: Vec<Cluster>,
}

impl Frames {
    fn new(root: &Doc) -> Self {
        let mut frames = Self { clusters: Vec::new() };
        let link = EntityLink::to_doc(root);
        frames.add(root.entity_ref().to_owned(), link.title, link.entity_ref.kind(), None, None);
        frames
    }

    fn inner(&mut self, root: &str, title: &str, class: &str) -> String {
        self.add(format!("inside {title}"), title.to_owned(), class, None, Some(root.to_owned()))
    }

    fn outer(&mut self, home: &Doc) -> String {
        let link = EntityLink::to_doc(home);
        let class = link.entity_ref.kind().to_owned();
        self.add(format!("outside {}", home.entity_ref()), link.title, &class, Some(link.href), None)
    }

    fn add(&mut self, id: String, title: String, class: &str, href: Option<String>, parent: Option<String>) -> String {
        if !self.clusters.iter().any(|cluster| cluster.id == id) {
            self.clusters.push(Cluster { id: id.clone(), title, class: class.to_owned(), href, parent });
        }
        id
    }
}

/// "service components", "database resources", "APIs".
fn type_title(entity_type: Option<&str>, kind: &str) -> String {
    let kinds = format!("{}s", kind_word(kind));
    entity_type.map_or(kinds.clone(), |entity_type| format!("{entity_type} {kinds}"))
}

fn border_table(view: &IndexView, inside: &Interior) -> Table {
    let entity = |entity_ref: &str| {
        EntityLink::to_text(view, entity_ref).map_or_else(|| Cell::Text(entity_ref.to_owned()), Cell::Entity)
    };
    let row = |relation: &Crossing| {
        let other = if inside.find(&relation.from).is_some() { &relation.to } else { &relation.from };
        let system = home_outside(view, other, "system").map(|system| Cell::Entity(EntityLink::to_doc(&system)));
        vec![
            entity(&relation.from),
            Cell::Text(words(&relation.relation)),
            entity(&relation.to),
            system.unwrap_or(Cell::Empty),
        ]
    };
    Table {
        caption: "What crosses the border".to_owned(),
        heads: ["From", "Relation", "To", "Other system"].map(Head::plain).into(),
        rows: inside.crossing.iter().take(MOST_ROWS).map(row).collect(),
        swaps: None,
    }
}

fn roll_up(view: &IndexView, inside: &Interior, links: &[EntityLink]) -> RollUp {
    let mut roll_up = RollUp::default();
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (part, link) in inside.parts.iter().zip(links) {
        *kinds.entry(link.entity_ref.kind()).or_default() += 1;
        match first_related(&part.doc, "ownedBy", "") {
            Some(owner) => *owners.entry(owner).or_default() += 1,
            None => roll_up.without_owner += 1,
        }
        match link.entity_ref.kind() {
            "api" => roll_up.apis.push(link.clone()),
            "resource" => roll_up.resources.push(link.clone()),
            _ => {}
        }
        if has_problem(&part.doc) {
            roll_up.problems.push(link.clone());
        }
    }
    for list in [&mut roll_up.apis, &mut roll_up.resources, &mut roll_up.problems] {
        list.sort_by_cached_key(|link| link.title.to_lowercase());
    }
    roll_up.kinds = kinds.into_iter().map(|(kind, count)| (kind_word(kind).to_owned(), count)).collect();
    let owners = owners.into_iter().filter_map(|(owner, count)| Some((EntityLink::to_text(view, &owner)?, count)));
    roll_up.owners = owners.collect();
    roll_up.owners.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.title.cmp(&b.0.title)));
    roll_up
}
