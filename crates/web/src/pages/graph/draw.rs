//! From a walk to a picture with its account: what is shown, folded, left out, and where more is.

use std::collections::HashMap;

use askama::{Template, filters::HtmlSafe};
use diagram::{
    Graph, Mark, More, Options,
    fold::{Folded, Rules, Tally, fold_to_fit},
    svg::{self, Heading, Mode},
};
use index::View;
use insights::QualityOf;
use model::{EntityRef, Strength};

use super::{
    entity_node,
    layouts::lay_out,
    query::{FoldBy, GraphQuery},
    walk::{MOST_ENTITIES, Tie, Walk},
    words,
};
use crate::pages::{icon::Icon, words::counted};

/// So many nodes are drawn before some are folded.
const LIMIT: usize = 48;

/// With more lines than this, what they mean is said beside the picture instead of on each.
const MOST_LABELS: usize = 40;

/// A picture that is ready to be shown.
#[derive(Template)]
#[template(path = "components/diagram.html")]
pub(in crate::pages) struct Drawing {
    pub(in crate::pages) svg: String,
    /// What it shows and what not, in sentences.
    pub(in crate::pages) account: Vec<String>,
    /// What its lines mean, where they do not say it themselves: class of the line and words.
    pub(in crate::pages) legend: Vec<(String, String)>,
    /// Groups that were unfolded: title and the address of the picture with them folded.
    pub(in crate::pages) opened: Vec<(String, String)>,
}

impl HtmlSafe for Drawing {}

/// Draws what a walk found.
pub(super) fn draw(view: &View, walk: &Walk, query: &GraphQuery, mode: Mode<'_>) -> Drawing {
    let rules = Rules {
        limit: LIMIT,
        by_key: query.fold != FoldBy::Need,
        unfolded: query.unfolded.clone(),
        ..Rules::default()
    };
    let folded = fold_to_fit(graph(view, walk, query), &rules);
    let opened = folded.opened.iter().map(|group| (group.title.clone(), query.folding(&group.id).href())).collect();
    let mut account = vec![relations_shown(&folded.tally, walk)];
    account.extend(folding(&folded));
    account.extend(beyond(walk, query));
    let options = Options { direction: query.direction, curve: query.curve };
    let drawing =
        finish(folded, options, "The relations of these entities", account, mode, |id| query.unfolding(id).href());
    Drawing { opened, ..drawing }
}

/// Lays a folded graph out and writes it. `unfold` gives the address at which a group is unfolded.
pub(super) fn finish(
    folded: Folded,
    options: Options,
    title: &str,
    account: Vec<String>,
    mode: Mode<'_>,
    unfold: impl Fn(&str) -> String,
) -> Drawing {
    let mut graph = folded.graph;
    for node in graph.nodes.iter_mut().filter(|node| node.folded > 0) {
        node.href = Some(unfold(&node.id));
    }
    let mut legend: Vec<(String, String)> = Vec::new();
    // Frames need the room that labels would take.
    if graph.edges.len() > MOST_LABELS || !graph.clusters.is_empty() {
        for edge in &mut graph.edges {
            legend.push((svg::word(&edge.class), std::mem::take(&mut edge.label)));
        }
        legend.sort();
        legend.dedup();
        legend.retain(|(_, words)| !words.is_empty());
    }
    let picture = lay_out(&graph, options);
    let description = account.join(" ");
    let svg = svg::write(&picture, Heading { id: "picture", title, description: &description }, mode);
    Drawing { svg, account, legend, opened: Vec::new() }
}

pub(super) fn graph(view: &View, walk: &Walk, query: &GraphQuery) -> Graph {
    let farthest = walk.entities.iter().map(|seen| seen.depth).max().unwrap_or_default();
    let nodes = walk.entities.iter().map(|seen| {
        let mut node = match &seen.doc {
            Some(doc) => entity_node::node(view, doc, query.fold),
            None => entity_node::missing(&seen.entity_ref),
        };
        node.weight = farthest - seen.depth;
        if seen.depth == 0 && seen.doc.is_some() {
            node.mark = Mark::Root;
        }
        node.more = EntityRef::parse(&seen.entity_ref)
            .ok()
            .filter(|_| seen.further > 0)
            .map(|entity_ref| More { count: seen.further, href: query.with_root(&entity_ref).href() });
        node
    });
    let mut qualities = Qualities::default();
    let edges = walk.ties.iter().map(|tie| {
        let (class, label) = match qualities.word(walk, tie) {
            Some(word) => (format!("{} {word}", tie.relation), format!("{}, {word}", words::words(&tie.relation))),
            None => (tie.relation.clone(), words::words(&tie.relation)),
        };
        diagram::Edge {
            from: walk.entities[tie.from].entity_ref.clone(),
            to: walk.entities[tie.to].entity_ref.clone(),
            class,
            label,
            count: 1,
        }
    });
    Graph { nodes: nodes.collect(), edges: edges.collect(), clusters: Vec::new() }
}

/// The qualities of dependencies, read once for each entity that is drawn.
#[derive(Default)]
struct Qualities(HashMap<usize, Vec<QualityOf>>);

impl Qualities {
    /// What sets the line of a dependency apart: that it is soft, that something can stand in, or that it is felt later.
    fn word(&mut self, walk: &Walk, tie: &Tie) -> Option<&'static str> {
        if !matches!(tie.relation.as_str(), "dependsOn" | "consumesApi") {
            return None;
        }
        let doc = walk.entities[tie.from].doc.as_ref()?;
        let known = self.0.entry(tie.from).or_insert_with(|| QualityOf::all(doc));
        let other = walk.entities[tie.to].entity_ref.as_str();
        let found = known.iter().find(|found| found.quality.other.as_str() == other)?;
        match found.quality.strength {
            Strength::Soft => Some("soft"),
            Strength::Hard if !found.alternatives.is_empty() => Some("redundant"),
            Strength::Hard if !found.quality.delay.is_none() => Some("delayed"),
            Strength::Hard => None,
        }
    }
}

fn relations_shown(tally: &Tally, walk: &Walk) -> String {
    let (shown, all) = (tally.edges, tally.edges + walk.left_out);
    let between = counted(tally.nodes, "entity", "entities");
    let mut sentence = format!("{shown} of {} between {between}", counted(all, "relation", "relations"));
    if walk.left_out > 0 {
        sentence.push_str(&format!("; {} left out by the choice of kinds and relations", walk.left_out));
    }
    sentence + "."
}

/// What was folded, in sentences.
pub(super) fn folding(folded: &Folded) -> Vec<String> {
    let tally = folded.tally;
    let mut sentences = Vec::new();
    if tally.groups > 0 {
        let groups = counted(tally.groups, "group", "groups");
        let mut sentence = format!("{} folded into {groups}", counted(tally.nodes_folded, "entity", "entities"));
        match tally.edges_inside {
            0 => {}
            1 => sentence.push_str(", and 1 relation lies inside of one"),
            many => sentence.push_str(&format!(", and {many} relations lie inside of them")),
        }
        sentences.push(sentence + ".");
    }
    if !folded.refused.is_empty() {
        let groups = counted(folded.refused.len(), "group stays", "groups stay");
        sentences.push(format!("{groups} folded because the picture would be too large; fold others first."));
    }
    sentences
}

fn beyond(walk: &Walk, query: &GraphQuery) -> Vec<String> {
    let mut sentences = Vec::new();
    match (walk.further(), query.depth) {
        (0, _) => {}
        (further, Some(depth)) if !walk.is_cut => sentences.push(format!(
            "{} further than {} from the start.",
            counted(further, "relation leads", "relations lead"),
            counted(depth as usize, "step", "steps")
        )),
        (further, _) => sentences.push(format!("{further} more relations lead out of it.")),
    }
    if walk.is_cut {
        sentences.push(format!("The walk ended after {MOST_ENTITIES} entities."));
    }
    sentences
}
