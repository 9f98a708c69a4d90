//! Folds what is too much to look at into groups, and keeps account of every node and edge.
//!
//! Which groups there are does not depend on which of them are unfolded, so that a link that unfolds one leaves the others as they
//! are. Nothing is lost: each node is drawn or a member of a drawn group, each edge is drawn, part of a line that says how many
//! it stands for, or counted in the group that holds both of its ends.

mod expand;
#[cfg(test)]
mod tests;
mod tiers;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    graph::{Edge, Graph, Mark, Node},
    layout::cost,
};

/// How much is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How many nodes there may be before some of them are folded. What is unfolded on request is not counted.
    pub limit: usize,
    /// How many nodes there may ever be. Not below `limit`.
    pub cap: usize,
    /// Whether all nodes with the same fold key are folded, be they many or few.
    pub by_key: bool,
    /// The groups that are to be shown as their members.
    pub unfolded: BTreeSet<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { limit: 80, cap: 240, by_key: false, unfolded: BTreeSet::new() }
    }
}

/// A graph that is small enough, and what was done to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// What is left to draw.
    pub graph: Graph,
    /// The groups in it. Each has a node of the same id.
    pub groups: Vec<Group>,
    /// The groups that are shown as their members because that was asked for.
    pub opened: Vec<Group>,
    /// The groups that stay folded although they should not, because the picture would be too large.
    pub refused: Vec<String>,
    /// How much of the input is drawn in which way.
    pub tally: Tally,
}

/// Several nodes that are drawn as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Names it, also in later requests about the same graph.
    pub id: String,
    /// Such as "212 resources of team-x".
    pub title: String,
    /// The ids of the nodes, in order of title.
    pub members: Vec<String>,
    /// How many edges have both ends in it.
    pub inside: usize,
}

/// An account of the input. The three numbers of each kind add up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Nodes of the input.
    pub nodes: usize,
    /// Those with a box of their own.
    pub nodes_drawn: usize,
    /// Those in groups.
    pub nodes_folded: usize,
    /// The groups.
    pub groups: usize,
    /// Edges of the input.
    pub edges: usize,
    /// Those between two boxes that are no groups.
    pub edges_drawn: usize,
    /// Those that are part of a line from or to a group.
    pub edges_folded: usize,
    /// Those inside of a group, which are counted there.
    pub edges_inside: usize,
}

/// Folds a graph until it follows the rules.
#[must_use]
pub fn fold(graph: Graph, rules: &Rules) -> Folded {
    let graph = graph.completed();
    let plan = tiers::plan_groups(&graph, rules);
    let expanded = expand::expand(&graph, plan, rules);
    let mut folded = join(&graph, expanded.groups);
    folded.opened = expanded.opened;
    folded.refused = expanded.refused;
    folded
}

/// Folds a graph until it follows the rules and can be laid out, however many edges it has.
#[must_use]
pub fn fold_to_fit(graph: Graph, rules: &Rules) -> Folded {
    let graph = graph.completed();
    let mut rules = rules.clone();
    loop {
        let folded = fold(graph.clone(), &rules);
        if rules.limit <= 1 || cost(&folded.graph).is_bearable() {
            return folded;
        }
        rules.limit = rules.limit.min(folded.graph.nodes.len()) * 2 / 3;
        rules.cap = (rules.cap * 2 / 3).max(rules.limit);
    }
}

/// Nodes that are to become one.
#[derive(Clone, Debug)]
struct Draft {
    id: String,
    members: Vec<usize>,
    /// Added to the title: what the members share, or from where to where they reach.
    label: String,
}

/// Puts groups in the place of their members.
fn join(graph: &Graph, drafts: Vec<Draft>) -> Folded {
    let mut group_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        group_of.extend(draft.members.iter().map(|member| (graph.nodes[*member].id.as_str(), at)));
    }
    let mut groups: Vec<Group> = drafts.iter().map(|draft| group(graph, draft)).collect();
    let mut tally = Tally { nodes: graph.nodes.len(), edges: graph.edges.len(), ..Tally::default() };
    let edges = join_edges(&graph.edges, &group_of, &mut groups, &mut tally);
    let drawn = graph.nodes.iter().filter(|node| !group_of.contains_key(node.id.as_str()));
    let mut nodes: Vec<Node> = drawn.cloned().collect();
    tally.nodes_drawn = nodes.len();
    tally.nodes_folded = tally.nodes - tally.nodes_drawn;
    tally.groups = groups.len();
    nodes.extend(drafts.iter().zip(&groups).map(|(draft, group)| group_node(graph, draft, group)));
    let graph = Graph { nodes, edges, clusters: graph.clusters.clone() };
    Folded { graph, groups, tally, ..Folded::default() }
}

fn join_edges(edges: &[Edge], group_of: &BTreeMap<&str, usize>, groups: &mut [Group], tally: &mut Tally) -> Vec<Edge> {
    let mut lines: BTreeMap<(&str, &str, &str), Edge> = BTreeMap::new();
    let ids: Vec<String> = groups.iter().map(|group| group.id.clone()).collect();
    for edge in edges {
        let (from, to) = (group_of.get(edge.from.as_str()), group_of.get(edge.to.as_str()));
        if let (Some(from), Some(to)) = (from, to)
            && from == to
        {
            groups[*from].inside += 1;
            tally.edges_inside += 1;
            continue;
        }
        match from.or(to) {
            Some(_) => tally.edges_folded += 1,
            None => tally.edges_drawn += 1,
        }
        let from = from.map_or(edge.from.as_str(), |at| ids[*at].as_str());
        let to = to.map_or(edge.to.as_str(), |at| ids[*at].as_str());
        let line = lines.entry((from, to, edge.class.as_str())).or_insert_with(|| Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            class: edge.class.clone(),
            label: edge.label.clone(),
            count: 0,
        });
        line.count += edge.count.max(1);
    }
    lines.into_values().collect()
}

fn group(graph: &Graph, draft: &Draft) -> Group {
    let mut members: Vec<&Node> = draft.members.iter().map(|at| &graph.nodes[*at]).collect();
    members.sort_by(|a, b| (&a.title, &a.id).cmp(&(&b.title, &b.id)));
    let title = words::title(&members, &draft.label);
    let members = members.into_iter().map(|node| node.id.clone()).collect();
    Group { id: draft.id.clone(), title, members, inside: 0 }
}

fn group_node(graph: &Graph, draft: &Draft, group: &Group) -> Node {
    let members = || draft.members.iter().map(|at| &graph.nodes[*at]);
    let shared = |of: fn(&Node) -> Option<&str>| {
        let first = members().next().and_then(of);
        members().all(|node| of(node) == first).then_some(first).flatten().map(str::to_owned)
    };
    let sub = match group.inside {
        0 => String::new(),
        1 => "1 relation among them".to_owned(),
        many => format!("{many} relations among them"),
    };
    Node {
        id: group.id.clone(),
        title: group.title.clone(),
        sub,
        class: shared(|node| Some(&node.class)).unwrap_or_default(),
        cluster: shared(|node| node.cluster.as_deref()),
        weight: members().map(|node| node.weight).max().unwrap_or(0),
        folded: draft.members.len(),
        mark: if members().all(|node| node.mark == Mark::Missing) { Mark::Missing } else { Mark::Plain },
        problem: members().any(|node| node.problem),
        ..Node::default()
    }
}
