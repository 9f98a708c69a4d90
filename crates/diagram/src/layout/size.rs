//! How large boxes and labels must be for what is written in them.

use crate::{
    graph::{Direction, Edge, Graph, Node},
    measure::{text_width, wrap},
};

/// The size of titles.
pub(crate) const TITLE: f64 = 13.0;
/// From one line of a title to the next.
pub(crate) const TITLE_LINE: f64 = 16.0;
/// The size of what is below the title.
pub(crate) const SUB: f64 = 11.5;
/// From the last line of the title to that.
pub(crate) const SUB_LINE: f64 = 15.0;
/// The size of what is written on lines.
pub(crate) const LABEL: f64 = 11.0;
/// From the left edge of a box to its text; the other side has the same.
pub(crate) const PAD_X: f64 = 14.0;
/// From the top of a box to its first line.
pub(crate) const PAD_Y: f64 = 8.0;

/// Titles are a little bolder than the rest.
const BOLD: f64 = 1.1;
const NARROWEST: f64 = 92.0;
const LABEL_HEIGHT: f64 = 17.0;

/// The sizes of everything, in the order of the graph.
pub(crate) struct Sizes {
    pub(crate) nodes: Vec<NodeSize>,
    pub(crate) edges: Vec<EdgeSize>,
}

pub(crate) struct NodeSize {
    pub(crate) title: Vec<String>,
    pub(crate) depth: f64,
    pub(crate) breadth: f64,
}

pub(crate) struct EdgeSize {
    /// What is written on it; may be empty.
    pub(crate) text: String,
    pub(crate) depth: f64,
    pub(crate) breadth: f64,
}

pub(crate) fn measure(graph: &Graph, direction: Direction) -> Sizes {
    Sizes {
        nodes: graph.nodes.iter().map(|node| measure_node(node, direction)).collect(),
        edges: graph.edges.iter().map(|edge| measure_edge(edge, direction)).collect(),
    }
}

fn measure_node(node: &Node, direction: Direction) -> NodeSize {
    let title = wrap(&node.title, TITLE * BOLD);
    let widths = title.iter().map(|line| text_width(line, TITLE * BOLD));
    let width = widths.chain([text_width(&node.sub, SUB), NARROWEST - 2.0 * PAD_X]).fold(0.0, f64::max);
    // Room for the mark of a problem beside the title.
    let more = node.more.as_ref().map_or(0.0, |more| more_width(&more.text()) + 2.0);
    let width = width + 2.0 * PAD_X + f64::max(more, if node.problem { 12.0 } else { 0.0 });
    let sub = if node.sub.is_empty() { 0.0 } else { SUB_LINE };
    let height = 2.0 * PAD_Y + title.len() as f64 * TITLE_LINE + sub;
    let (depth, breadth) = turned(direction, width.ceil(), height);
    NodeSize { title, depth, breadth }
}

/// The width of the mark that says how much is behind a node.
pub(crate) fn more_width(text: &str) -> f64 {
    (text_width(text, LABEL) + 10.0).ceil()
}

fn measure_edge(edge: &Edge, direction: Direction) -> EdgeSize {
    let text = match (edge.label.trim(), edge.count) {
        (label, 0 | 1) => label.to_owned(),
        ("", count) => format!("×{count}"),
        (label, count) => format!("{label} ×{count}"),
    };
    if text.is_empty() {
        return EdgeSize { text, depth: 0.0, breadth: 0.0 };
    }
    let (depth, breadth) = turned(direction, text_width(&text, LABEL).ceil() + 12.0, LABEL_HEIGHT);
    EdgeSize { text, depth, breadth }
}

/// Width and height as depth and breadth.
fn turned(direction: Direction, width: f64, height: f64) -> (f64, f64) {
    if direction.is_horizontal() { (width, height) } else { (height, width) }
}
