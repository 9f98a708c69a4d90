//! The part of the catalog that a failure could reach, as a graph with dense numbers. What really is hit, `solve` finds out.

use hashbrown::HashMap;
use index::{Doc, View};
use model::Strength;

use crate::{
    channel::{Channel, is_container, kind_of, leads_to_container},
    qualities::Qualities,
    question::{Question, State},
};

/// Stands for "none" among numbers.
pub(crate) const NONE: u32 = u32::MAX;

pub(crate) struct Node {
    pub(crate) doc: Doc,
    /// Over how many edges it is away from the nearest root.
    pub(crate) distance: u32,
    /// How it fails by itself.
    pub(crate) root: Option<State>,
    pub(crate) qualities: Option<Box<Qualities>>,
    /// The first owner.
    pub(crate) owner: Option<Box<str>>,
    /// The containers that it is a part of.
    pub(crate) containers: Vec<Box<str>>,
    /// Whether it has dependents beyond the limit of depth.
    pub(crate) goes_on: bool,
    /// Where its edges start; they end where those of the next node start.
    pub(crate) first_edge: u32,
    /// The node from which an edge led here last, to notice second ones.
    seen_from: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgeTo {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) channel: Channel,
    pub(crate) strength: Strength,
    pub(crate) delay: u64,
    /// The redundant group, or [`NONE`].
    pub(crate) group: u32,
}

/// A redundant group of one entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// How many must fail, be they in the graph or not.
    pub(crate) size: u32,
}

pub(crate) struct Explored {
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<EdgeTo>,
    pub(crate) groups: Vec<Group>,
    ids: HashMap<u128, u32, foldhash::fast::RandomState>,
    group_ids: HashMap<(u32, usize), u32, foldhash::fast::RandomState>,
}

impl Explored {
    /// Walks from the roots that exist, in order of their references, breadth first.
    pub(crate) fn new(view: &View, question: &Question) -> Self {
        let mut explored = Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            groups: Vec::new(),
            ids: HashMap::default(),
            group_ids: HashMap::default(),
        };
        for root in &question.roots {
            let Some(doc) = view.find(root.entity_ref.as_str()) else { continue };
            let (id, _) = explored.node(doc, 0);
            let state = &mut explored.nodes[id as usize].root;
            *state = (*state).max(Some(root.state));
        }
        let mut next = 0;
        while next < explored.nodes.len() {
            explored.open(view, next as u32, question.depth);
            next += 1;
        }
        explored
    }

    /// The edges that lead away from a node.
    pub(crate) fn edges_from(&self, node: u32) -> std::ops::Range<usize> {
        let first = self.nodes[node as usize].first_edge as usize;
        let end = self.nodes.get(node as usize + 1).map_or(self.edges.len(), |next| next.first_edge as usize);
        first..end
    }

    pub(crate) fn entity_ref(&self, node: u32) -> &str {
        self.nodes[node as usize].doc.entity_ref()
    }

    fn node(&mut self, doc: Doc, distance: u32) -> (u32, bool) {
        let next = self.nodes.len() as u32;
        let id = *self.ids.entry(doc.uid().0).or_insert(next);
        if id == next {
            self.nodes.push(Node {
                qualities: Qualities::of(&doc),
                doc,
                distance,
                root: None,
                owner: None,
                containers: Vec::new(),
                goes_on: false,
                first_edge: NONE,
                seen_from: NONE,
            });
        }
        (id, id == next)
    }

    fn open(&mut self, view: &View, from: u32, depth: Option<u32>) {
        let node = &mut self.nodes[from as usize];
        node.first_edge = self.edges.len() as u32;
        let doc = node.doc.clone();
        let distance = node.distance;
        let at_rim = depth.is_some_and(|depth| distance >= depth);
        let from_container = is_container(kind_of(doc.entity_ref()));
        doc.visit_relations(|relation, target| match Channel::to_dependent(relation, target, from_container) {
            Some(channel) => {
                let Some(other) = view.find(target) else { return };
                let known = self.ids.get(&other.uid().0).copied();
                let to = match known {
                    Some(known) => known,
                    None if at_rim => {
                        self.nodes[from as usize].goes_on = true;
                        return;
                    }
                    None => self.node(other, distance + 1).0,
                };
                self.add_edge(&doc, (from, to), channel);
            }
            None if relation == "ownedBy" => {
                self.nodes[from as usize].owner.get_or_insert_with(|| target.into());
            }
            None if leads_to_container(relation, target) => self.nodes[from as usize].containers.push(target.into()),
            None => {}
        });
    }

    fn add_edge(&mut self, doc: &Doc, (from, to): (u32, u32), channel: Channel) {
        let node = &mut self.nodes[to as usize];
        if from == to || node.seen_from == from {
            return;
        }
        node.seen_from = from;
        let mut edge = EdgeTo { from, to, channel, strength: Strength::Hard, delay: 0, group: NONE };
        if let Some(qualities) = node.qualities.as_deref().filter(|_| channel != Channel::Inside) {
            if let Some(quality) = qualities.about(doc.entity_ref()) {
                edge.strength = quality.strength;
                edge.delay = quality.delay.0;
            }
            if let Some((group, size)) = qualities.group_of(doc.entity_ref()) {
                let groups = &mut self.groups;
                edge.group = *self.group_ids.entry((to, group)).or_insert_with(|| {
                    groups.push(Group { size });
                    groups.len() as u32 - 1
                });
            }
        }
        self.edges.push(edge);
    }
}
