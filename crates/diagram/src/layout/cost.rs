//! What a layout will cost, before it is begun.

use std::collections::BTreeMap;

use crate::graph::Graph;

/// More nodes are never laid out.
const MOST_NODES: usize = 250;

/// More edges are never laid out.
const MOST_EDGES: usize = 1200;

/// More places at which edges pass ranks are never laid out.
const MOST_PASSES: usize = 3000;

/// The size of a graph as far as it decides how long a layout takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How many boxes.
    pub nodes: usize,
    /// How many lines.
    pub edges: usize,
    /// At how many places lines pass ranks on their way, about.
    pub passes: usize,
}

impl Cost {
    /// Whether it can be laid out in about two seconds.
    #[must_use]
    pub fn is_bearable(self) -> bool {
        self.nodes <= MOST_NODES && self.edges <= MOST_EDGES && self.passes <= MOST_PASSES
    }
}

/// Estimates the cost of a layout.
#[must_use]
pub fn cost(graph: &Graph) -> Cost {
    let (nodes, edges) = (graph.nodes.len(), graph.edges.len());
    let mut cost = Cost { nodes, edges, passes: 0 };
    if cost.is_bearable() {
        cost.passes = passes(graph);
    }
    cost
}

fn passes(graph: &Graph) -> usize {
    let index: BTreeMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(at, node)| (node.id.as_str(), at)).collect();
    let ends = |edge: &crate::graph::Edge| Some((*index.get(edge.from.as_str())?, *index.get(edge.to.as_str())?));
    let edges: Vec<(usize, usize)> = graph.edges.iter().filter_map(ends).filter(|(from, to)| from != to).collect();
    let mut targets: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    edges.iter().for_each(|(from, to)| targets[*from].push(*to));
    let mut heights = Heights { targets: &targets, state: vec![State::New; targets.len()] };
    let ranks: Vec<usize> = (0..targets.len()).map(|at| heights.of(at)).collect();
    edges.iter().map(|(from, to)| (ranks[*from].abs_diff(ranks[*to]) * 2).saturating_sub(1)).sum()
}

#[derive(Clone, Copy)]
enum State {
    New,
    Open,
    Done(usize),
}

/// How many edges the longest way from a node has; edges that close a circle are left out.
struct Heights<'g> {
    targets: &'g [Vec<usize>],
    state: Vec<State>,
}

impl Heights<'_> {
    fn of(&mut self, at: usize) -> usize {
        match self.state[at] {
            State::Done(height) => return height,
            State::Open => return 0,
            State::New => self.state[at] = State::Open,
        }
        let targets = self.targets;
        let below = targets[at].iter().filter_map(|target| match self.state[*target] {
            State::Open => None,
            _ => Some(self.of(*target) + 1),
        });
        let height = below.max().unwrap_or(0);
        self.state[at] = State::Done(height);
        height
    }
}
