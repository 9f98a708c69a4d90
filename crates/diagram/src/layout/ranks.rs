//! Asks the layout library for ranks, orders and positions.
//!
//! It is always asked for a picture from top to bottom, with sizes turned as needed, so that its `y` is our `along`.

use std::collections::BTreeMap;

use dagre::{
    EdgeLabel, LayoutOptions, NodeLabel, Ranker,
    graph::{Graph as Dagre, GraphOptions},
    layout::types::LabelPos,
};

use super::{
    Course, Spot,
    size::{EdgeSize, Sizes},
};
use crate::graph::{Direction, Graph};

/// Above this number of nodes the exact way to find ranks takes too long.
const EXACT: usize = 150;

/// How far a line from a node to itself reaches out, when nothing is written on it.
const LOOP: f64 = 36.0;

/// A way to ask. The library rarely puts a node into a frame that it does not belong to, and then not with other settings.
#[derive(Clone, Copy)]
pub(crate) struct Attempt {
    ranker: Ranker,
    /// More room between nodes.
    wider: f64,
    keep_first: bool,
}

/// In the order in which they are tried, until the frames are right.
pub(crate) const ATTEMPTS: [Attempt; 5] = [
    Attempt { ranker: Ranker::NetworkSimplex, wider: 0.0, keep_first: false },
    Attempt { ranker: Ranker::NetworkSimplex, wider: 16.0, keep_first: true },
    Attempt { ranker: Ranker::TightTree, wider: 0.0, keep_first: false },
    Attempt { ranker: Ranker::LongestPath, wider: 16.0, keep_first: false },
    Attempt { ranker: Ranker::LongestPath, wider: 16.0, keep_first: true },
];

/// Where everything goes, in rank space and in the order of the graph.
pub(crate) struct Ranked {
    pub(crate) nodes: Vec<Spot>,
    pub(crate) courses: Vec<Course>,
}

pub(crate) fn rank(graph: &Graph, sizes: &Sizes, direction: Direction, attempt: Attempt) -> Ranked {
    let index: BTreeMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(at, node)| (node.id.as_str(), at)).collect();
    let clusters: BTreeMap<&str, usize> =
        graph.clusters.iter().enumerate().map(|(at, cluster)| (cluster.id.as_str(), at)).collect();
    let ends: Vec<(usize, usize)> =
        graph.edges.iter().map(|edge| (index[edge.from.as_str()], index[edge.to.as_str()])).collect();

    let mut dagre = Dagre::with_options(GraphOptions { directed: true, multigraph: true, compound: true });
    for (at, size) in sizes.nodes.iter().enumerate() {
        let label = NodeLabel { width: size.breadth, height: size.depth, ..NodeLabel::default() };
        dagre.set_node(node_name(at), Some(label));
    }
    add_frames(&mut dagre, graph, &clusters);
    for (at, ((from, to), size)) in ends.iter().zip(&sizes.edges).enumerate() {
        let label = edge_label(size, from == to);
        dagre.set_edge(node_name(*from), node_name(*to), Some(label), Some(&edge_name(at)));
    }
    dagre::layout(&mut dagre, Some(options(graph, direction, attempt)));
    read(&dagre, sizes, &ends)
}

/// Frames without any node in them are left out: the library would give them a place.
fn add_frames(dagre: &mut Dagre<NodeLabel, EdgeLabel>, graph: &Graph, clusters: &BTreeMap<&str, usize>) {
    for (at, node) in graph.nodes.iter().enumerate() {
        let mut child = node_name(at);
        let mut next = node.cluster.as_deref();
        while let Some(number) = next.and_then(|id| clusters.get(id)) {
            let frame = frame_name(*number);
            let known = dagre.has_node(&frame);
            if !known {
                dagre.set_node(frame.clone(), Some(NodeLabel::default()));
            }
            dagre.set_parent(&child, Some(&frame));
            if known {
                break;
            }
            child = frame;
            next = graph.clusters[*number].parent.as_deref();
        }
    }
}

fn options(graph: &Graph, direction: Direction, attempt: Attempt) -> LayoutOptions {
    let framed = !graph.clusters.is_empty();
    let labelled = graph.edges.iter().any(|edge| !edge.label.is_empty() || edge.count > 1);
    // Frames need room for their titles, which stand above the nodes.
    let (nodesep, edgesep) = match (framed, direction.is_horizontal()) {
        (true, true) => (26.0, 24.0),
        (false, true) => (18.0, 14.0),
        (true, false) => (34.0, 24.0),
        (false, false) => (28.0, 20.0),
    };
    let ranksep = if labelled { 56.0 } else { 64.0 };
    let ranker = if graph.nodes.len() > EXACT { Ranker::LongestPath } else { attempt.ranker };
    LayoutOptions {
        nodesep: nodesep + attempt.wider,
        edgesep: edgesep + attempt.wider,
        ranksep,
        ranker,
        tie_keep_first: attempt.keep_first,
        ..LayoutOptions::default()
    }
}

fn edge_label(size: &EdgeSize, is_loop: bool) -> EdgeLabel {
    let width = if is_loop { size.breadth.max(LOOP) } else { size.breadth };
    EdgeLabel { width, height: size.depth, labelpos: LabelPos::Center, ..EdgeLabel::default() }
}

fn read(dagre: &Dagre<NodeLabel, EdgeLabel>, sizes: &Sizes, ends: &[(usize, usize)]) -> Ranked {
    let nodes = sizes.nodes.iter().enumerate().map(|(at, size)| {
        let place = dagre.node(&node_name(at)).and_then(|node| node.y.zip(node.x)).unwrap_or_default();
        Spot { along: place.0, across: place.1, depth: size.depth, breadth: size.breadth }
    });
    let courses = ends.iter().zip(&sizes.edges).enumerate().map(|(at, (&(from, to), size))| {
        let label = dagre.edge(&node_name(from), &node_name(to), Some(&edge_name(at)));
        let points = label.map_or_else(Vec::new, |label| label.points.iter().map(|p| (p.y, p.x)).collect());
        let middle = label.and_then(|label| label.y.zip(label.x));
        let label = middle.filter(|_| from == to || size.depth > 0.0).map(|(along, across)| Spot {
            along,
            across,
            depth: size.depth,
            breadth: size.breadth,
        });
        Course { from, to, points, label }
    });
    Ranked { nodes: nodes.collect(), courses: courses.collect() }
}

// The library goes through nodes in order of name.

fn node_name(at: usize) -> String {
    format!("n{at:05}")
}

fn frame_name(at: usize) -> String {
    format!("f{at:05}")
}

fn edge_name(at: usize) -> String {
    format!("e{at:05}")
}
