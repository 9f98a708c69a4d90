//! The answer: what is hit, how badly, when, and through what.

use index::{Doc, EntityNumber, View};
use model::{Delay, EntityRef, Quality};

use crate::{
    carry::{Carrier, HitPart, carriers},
    channel::Channel,
    explore::{Explored, NONE},
    question::{Question, State},
    solve::{Arrival, solve},
};

/// The answer to a [`Question`].
pub struct Impact {
    graph: Explored,
    /// Arrivals by state, from slow to down; states that equal the one before share its list.
    levels: [usize; 3],
    solved: Vec<Vec<Arrival>>,
    /// What was said to fail and exists.
    pub roots: Vec<RootHit>,
    /// What was said to fail and is not in the view.
    pub unknown: Vec<EntityRef>,
    /// What is hit: worst first, then what is hit first, then what is nearest, then as it was found.
    pub hits: Vec<Hit>,
    /// Containers with a part that is hit or fails, journeys first.
    pub carriers: Vec<Carrier>,
    /// What would be hit if it had nothing to fall back on.
    pub spared: Vec<Spared>,
    /// How many of the entities that are hit have dependents beyond the limit of depth.
    pub cut: usize,
}

/// Something that was said to fail.
#[derive(Clone, Debug)]
pub struct RootHit {
    /// Its number.
    pub node: u32,
    /// How it fails.
    pub state: State,
}

/// An entity that is hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its number.
    pub node: u32,
    /// How it fails in the end.
    pub severity: State,
    /// When it fails so.
    pub delay: Delay,
    /// How it fails before that, if it does.
    pub before: Option<(State, Delay)>,
    /// How many edges its path has.
    pub hops: u32,
    /// Through how many dependencies and whole groups it is hit so.
    pub ways: u32,
}

/// One edge of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What fails.
    pub from: u32,
    /// What is hit by it.
    pub to: u32,
    /// Through which relation.
    pub channel: Channel,
}

/// A redundant group of an entity of which a member is hit while the entity goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spared {
    /// Its number.
    pub node: u32,
    /// The dependency that is hit.
    pub dependency: Step,
    /// What stands in for it, as far as that is not hit itself.
    pub standing: Vec<EntityRef>,
}

/// Answers what else is hit.
#[must_use]
pub fn impact(view: &View, question: &Question) -> Impact {
    let mut answer = hits(view, question);
    answer.carriers = carriers_of(view, &answer);
    answer
}

/// Answers what else is hit like [`impact`], but leaves the containers out: for those who find them beside other work.
#[must_use]
pub fn hits(view: &View, question: &Question) -> Impact {
    let graph = Explored::new(view, question);
    let (solved, levels) = solve_levels(&graph);
    let mut unknown: Vec<EntityRef> = Vec::new();
    for root in &question.roots {
        if view.find(root.entity_ref.as_str()).is_none() && !unknown.contains(&root.entity_ref) {
            unknown.push(root.entity_ref.clone());
        }
    }
    let mut answer = Impact {
        graph,
        levels,
        solved,
        roots: Vec::new(),
        unknown,
        hits: Vec::new(),
        carriers: Vec::new(),
        spared: Vec::new(),
        cut: 0,
    };
    answer.gather();
    answer
}

/// Finds the containers with a part that is hit or fails in an answer, journeys first.
#[must_use]
pub fn carriers_of(view: &View, answer: &Impact) -> Vec<Carrier> {
    // A root that others make worse is a hit as well, and counts as that.
    let is_worse = |node: u32| answer.hits.iter().any(|hit| hit.node == node);
    let failing = answer.roots.iter().filter(|root| !is_worse(root.node)).map(|root| (root.node, root.state, 0));
    let failing = failing.chain(answer.hits.iter().map(|hit| (hit.node, hit.severity, hit.delay.0)));
    let mut carrying = carriers(
        view,
        failing.map(|(node, severity, delay)| HitPart { node, severity, delay, containers: answer.containers(node) }),
    );
    let is_root = |doc: &Doc| answer.roots.iter().any(|root| answer.doc(root.node).uid() == doc.uid());
    carrying.retain(|carrier| !is_root(&carrier.doc));
    carrying
}

/// Solves the states from slow to down. Most questions have one answer for all of them.
fn solve_levels(graph: &Explored) -> (Vec<Vec<Arrival>>, [usize; 3]) {
    let has_root = |state| graph.nodes.iter().any(|node| node.root == Some(state));
    let has_soft = graph.edges.iter().any(|edge| edge.strength == model::Strength::Soft);
    let mut solved = vec![solve(graph, State::Slow)];
    let mut levels = [0; 3];
    if has_root(State::Slow) {
        solved.push(solve(graph, State::Degraded));
        levels[1] = solved.len() - 1;
    }
    levels[2] = levels[1];
    if has_root(State::Degraded) || has_soft {
        solved.push(solve(graph, State::Down));
        levels[2] = solved.len() - 1;
    }
    (solved, levels)
}

impl Impact {
    /// The entity of a number.
    #[must_use]
    pub fn doc(&self, node: u32) -> &Doc {
        &self.graph.nodes[node as usize].doc
    }

    /// The reference of the first owner of an entity, be it known or not.
    #[must_use]
    pub fn owner(&self, node: u32) -> Option<&str> {
        self.graph.owner_of(node).map(|(entity_ref, _)| entity_ref)
    }

    /// How many owners there are of what could be hit.
    #[must_use]
    pub fn owner_count(&self) -> usize {
        self.graph.owner_count()
    }

    /// Gets ready for questions about all owners.
    pub fn find_owners(&self) {
        self.graph.find_owners();
    }

    /// The place of the first owner of an entity among all owners.
    #[must_use]
    pub fn owner_place(&self, node: u32) -> Option<usize> {
        self.graph.owner_place(node)
    }

    /// The first owner of an entity, when it is known.
    #[must_use]
    pub fn owner_doc(&self, node: u32) -> Option<&Doc> {
        self.graph.owner_of(node).and_then(|(_, doc)| doc)
    }

    /// The containers that an entity is a direct part of, be they known or not.
    #[must_use]
    pub fn containers(&self, node: u32) -> &[EntityNumber] {
        self.graph.containers_of(node)
    }

    /// Finds the hit of an entity.
    #[must_use]
    pub fn find(&self, entity_ref: &str) -> Option<&Hit> {
        self.hits.iter().find(|hit| self.doc(hit.node).entity_ref() == entity_ref)
    }

    /// The path through which a hit arrives, from a root on.
    #[must_use]
    pub fn path(&self, hit: &Hit) -> Vec<Step> {
        let arrivals = self.level(hit.severity);
        let mut path = Vec::with_capacity(hit.hops as usize);
        let mut at = hit.node;
        loop {
            let through = arrivals[at as usize].through;
            if through == NONE {
                break;
            }
            path.push(self.step(through));
            at = self.graph.edges[through as usize].from;
        }
        path.reverse();
        path
    }

    /// What the dependent of a step declares about it.
    #[must_use]
    pub fn quality(&self, step: &Step) -> Option<&Quality> {
        self.graph.nodes[step.to as usize].qualities.as_deref()?.about(self.graph.entity_ref(step.from))
    }

    /// What could have stood in for the dependency of a step and is hit as well.
    #[must_use]
    pub fn alternatives(&self, step: &Step) -> Vec<EntityRef> {
        let qualities = self.graph.nodes[step.to as usize].qualities.as_deref();
        qualities.map_or_else(Vec::new, |qualities| qualities.alternatives(self.graph.entity_ref(step.from)))
    }

    fn level(&self, state: State) -> &[Arrival] {
        &self.solved[self.levels[state as usize]]
    }

    fn step(&self, edge: u32) -> Step {
        let edge = self.graph.edges[edge as usize];
        Step { from: edge.from, to: edge.to, channel: edge.channel }
    }

    fn gather(&mut self) {
        for (id, node) in (0u32..).zip(&self.graph.nodes) {
            let worst = State::ALL.into_iter().find(|state| self.level(*state)[id as usize].happens());
            if let Some(state) = node.root {
                self.roots.push(RootHit { node: id, state });
            }
            let Some(severity) = worst else { continue };
            self.cut += usize::from(node.goes_on);
            if node.root.is_none_or(|state| state < severity) {
                self.hits.push(self.hit(id, severity));
            }
        }
        self.hits.sort_by_key(|hit| (std::cmp::Reverse(hit.severity), hit.delay, hit.hops, hit.node));
        self.spared = self.find_spared();
    }

    fn hit(&self, node: u32, severity: State) -> Hit {
        let arrival = self.level(severity)[node as usize];
        let (delay, hops) = arrival.moment;
        let lesser = State::ALL.into_iter().filter(|state| *state < severity);
        let earlier = lesser.map(|state| (state, self.level(state)[node as usize].moment.0));
        let before = earlier.filter(|(_, moment)| *moment < delay).map(|(state, moment)| (state, Delay(moment))).next();
        Hit { node, severity, delay: Delay(delay), before, hops, ways: arrival.ways }
    }

    /// What is reached and not hit, each with the first dependency of it that is hit.
    fn find_spared(&self) -> Vec<Spared> {
        let least = self.level(State::Slow);
        let mut spared: Vec<Spared> = Vec::new();
        let mut known = vec![NONE; self.graph.groups.len()];
        for (index, edge) in (0u32..).zip(&self.graph.edges) {
            if edge.group == NONE || !least[edge.from as usize].happens() || least[edge.to as usize].happens() {
                continue;
            }
            let at = &mut known[edge.group as usize];
            if *at == NONE {
                *at = spared.len() as u32;
                let dependency = self.step(index);
                let standing = self.alternatives(&dependency);
                spared.push(Spared { node: edge.to, dependency, standing });
            } else {
                let failed = self.graph.entity_ref(edge.from);
                spared[*at as usize].standing.retain(|other| other.as_str() != failed);
            }
        }
        spared
    }
}
