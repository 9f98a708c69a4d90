//! When each entity is in a state or worse: one walk over the graph in order of time.

use std::{cmp::Reverse, collections::BinaryHeap};

use model::Strength;

use crate::{
    explore::{Explored, NONE},
    question::State,
};

/// When, and over how many edges, a failure arrives.
pub(crate) type Moment = (u64, u32);

/// The arrival of a failure at one entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) moment: Moment,
    /// The edge through which it came; [`NONE`] at a root.
    pub(crate) through: u32,
    /// How many dependencies and whole groups pass it at any time.
    pub(crate) ways: u32,
}

/// What never happens.
const NEVER: Moment = (u64::MAX, u32::MAX);

impl Arrival {
    pub(crate) fn happens(&self) -> bool {
        self.moment != NEVER
    }
}

/// Finds out when each node is in the state or worse.
pub(crate) fn solve(graph: &Explored, state: State) -> Vec<Arrival> {
    let mut walk = Walk {
        graph,
        arrivals: vec![Arrival { moment: NEVER, through: NONE, ways: 0 }; graph.nodes.len()],
        done: vec![false; graph.nodes.len()],
        left: graph.groups.iter().map(|group| group.size).collect(),
        last: vec![((0, 0), NONE); graph.groups.len()],
        queue: BinaryHeap::new(),
    };
    for (id, node) in (0u32..).zip(&graph.nodes) {
        if node.root.is_some_and(|root| root >= state) {
            walk.arrive(id, (0, 0), NONE);
        }
    }
    while let Some(Reverse((moment, node))) = walk.queue.pop() {
        if !std::mem::replace(&mut walk.done[node as usize], true) {
            walk.pass_on(node, moment, state);
        }
    }
    walk.arrivals
}

struct Walk<'g> {
    graph: &'g Explored,
    arrivals: Vec<Arrival>,
    done: Vec<bool>,
    /// How many of each group still stand.
    left: Vec<u32>,
    /// When and through which edge each group failed last.
    last: Vec<(Moment, u32)>,
    queue: BinaryHeap<Reverse<(Moment, u32)>>,
}

impl Walk<'_> {
    fn arrive(&mut self, node: u32, moment: Moment, through: u32) {
        let arrival = &mut self.arrivals[node as usize];
        if moment < arrival.moment {
            arrival.moment = moment;
            arrival.through = through;
            self.queue.push(Reverse((moment, node)));
        }
    }

    fn pass_on(&mut self, node: u32, (delay, hops): Moment, state: State) {
        for index in self.graph.edges_from(node) {
            let edge = self.graph.edges[index];
            if edge.strength == Strength::Soft && state == State::Down {
                continue;
            }
            let mut passed = ((delay.saturating_add(edge.delay), hops + 1), index as u32);
            if edge.group != NONE {
                let group = edge.group as usize;
                self.left[group] -= 1;
                if self.last[group].1 == NONE || passed.0 > self.last[group].0 {
                    self.last[group] = passed;
                }
                if self.left[group] > 0 {
                    continue;
                }
                passed = self.last[group];
            }
            self.arrivals[edge.to as usize].ways += 1;
            self.arrive(edge.to, passed.0, passed.1);
        }
    }
}
