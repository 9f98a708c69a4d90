//! The part of the catalog that a failure could reach, as a graph with dense numbers. What really is hit, `solve` finds out.

use std::sync::OnceLock;

use hashbrown::HashMap;
use index::{Doc, DocId, EntityNumber, LinkKind, View};
use model::Strength;

use crate::{
    channel::{Channel, is_container, leads_to_container},
    qualities::Qualities,
    question::{Question, State},
};

/// Stands for "none" among numbers.
pub(crate) const NONE: u32 = u32::MAX;

pub(crate) struct Node {
    pub(crate) doc: Doc,
    id: DocId,
    is_container: bool,
    /// Over how many edges it is away from the nearest root.
    pub(crate) distance: u32,
    /// How it fails by itself.
    pub(crate) root: Option<State>,
    pub(crate) qualities: Option<Box<Qualities>>,
    /// The first owner, among the owners; or [`NONE`].
    owner: u32,
    /// Where the containers that it is a part of start; they end where those of the next node start.
    first_container: u32,
    /// Whether it has dependents beyond the limit of depth.
    pub(crate) goes_on: bool,
    /// Where its edges start; they end where those of the next node start.
    first_edge: u32,
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

/// Who owns some of the nodes.
struct Owner {
    number: EntityNumber,
    /// A node that it owns.
    of: u32,
    /// Looked up when asked for.
    found: OnceLock<(Box<str>, Option<Doc>)>,
}

pub(crate) struct Explored {
    pub(crate) view: View,
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<EdgeTo>,
    pub(crate) groups: Vec<Group>,
    owners: Vec<Owner>,
    containers: Vec<EntityNumber>,
}

impl Explored {
    /// Walks from the roots that exist, in order of their references, breadth first.
    pub(crate) fn new(view: &View, question: &Question) -> Self {
        let mut walk = Walk::new(view);
        for root in &question.roots {
            let Some(id) = view.find_id(root.entity_ref.as_str()) else { continue };
            let found = (view.number_of(id), id);
            let node = walk.node(view, found, is_container(root.entity_ref.kind()), 0);
            let state = &mut walk.explored.nodes[node as usize].root;
            *state = (*state).max(Some(root.state));
        }
        let mut next = 0;
        while next < walk.explored.nodes.len() {
            walk.open(view, next as u32, question.depth);
            next += 1;
        }
        walk.explored
    }

    /// The edges that lead away from a node.
    pub(crate) fn edges_from(&self, node: u32) -> std::ops::Range<usize> {
        let first = self.nodes[node as usize].first_edge as usize;
        let end = self.nodes.get(node as usize + 1).map_or(self.edges.len(), |next| next.first_edge as usize);
        first..end
    }

    /// The containers that a node is a part of.
    pub(crate) fn containers_of(&self, node: u32) -> &[EntityNumber] {
        let first = self.nodes[node as usize].first_container as usize;
        let end = self.nodes.get(node as usize + 1).map_or(self.containers.len(), |next| next.first_container as usize);
        &self.containers[first..end]
    }

    pub(crate) fn entity_ref(&self, node: u32) -> &str {
        self.nodes[node as usize].doc.entity_ref()
    }

    /// How many owners there are.
    pub(crate) fn owner_count(&self) -> usize {
        self.owners.len()
    }

    /// The place of the first owner of a node among all owners.
    pub(crate) fn owner_place(&self, node: u32) -> Option<usize> {
        let place = self.nodes[node as usize].owner as usize;
        (place < self.owners.len()).then_some(place)
    }

    /// The first owner of a node: its reference, and the entity when it is in the view.
    pub(crate) fn owner_of(&self, node: u32) -> Option<(&str, Option<&Doc>)> {
        let owner = &self.owners[self.owner_place(node)?];
        let (entity_ref, doc) = owner.found.get_or_init(|| match self.view.find_number(owner.number) {
            Some(id) => (self.view.ref_of(id).into(), Some(self.view.doc(id))),
            None => (self.read_owner(owner.of), None),
        });
        Some((entity_ref, doc.as_ref()))
    }

    /// Finds all owners at once, which is quicker than one by one.
    pub(crate) fn find_owners(&self) {
        self.view.touch(self.owners.iter().filter_map(|owner| self.view.find_number(owner.number)));
    }

    /// Reads the first owner of a node out of its text: what is not in the view has a name there alone.
    fn read_owner(&self, node: u32) -> Box<str> {
        let mut first = None;
        self.nodes[node as usize].doc.visit_related(OWNED_BY, |owner| {
            first.get_or_insert_with(|| owner.into());
        });
        first.unwrap_or_default()
    }
}

const OWNED_BY: &str = "ownedBy";

/// What a kind of link means here.
#[derive(Clone, Copy)]
struct Meaning {
    /// How failure travels over it from a container.
    from_container: Option<Channel>,
    /// How failure travels over it from anything else.
    from_others: Option<Channel>,
    is_owner: bool,
    /// Whether the other end carries.
    is_carrier: bool,
    /// Whether the other end is a container.
    to_container: bool,
}

impl Meaning {
    fn of(kind: &LinkKind) -> Self {
        let channel = |from_container| Channel::to_dependent(&kind.relation, &kind.to_kind, from_container);
        Self {
            from_container: channel(true),
            from_others: channel(false),
            is_owner: *kind.relation == *OWNED_BY,
            is_carrier: leads_to_container(kind),
            to_container: is_container(&kind.to_kind),
        }
    }
}

/// How many nodes and edges there is room for at first. Most questions need no more.
const SOME: usize = 1_024;

struct Walk {
    explored: Explored,
    /// By kind of link.
    meanings: Vec<Meaning>,
    ids: HashMap<EntityNumber, u32, foldhash::fast::RandomState>,
    owner_ids: HashMap<EntityNumber, u32, foldhash::fast::RandomState>,
    group_ids: HashMap<(u32, usize), u32, foldhash::fast::RandomState>,
}

impl Walk {
    fn new(view: &View) -> Self {
        Self {
            explored: Explored {
                view: view.clone(),
                nodes: Vec::with_capacity(SOME),
                edges: Vec::with_capacity(SOME),
                groups: Vec::new(),
                owners: Vec::new(),
                containers: Vec::new(),
            },
            meanings: view.link_kinds().iter().map(Meaning::of).collect(),
            ids: HashMap::default(),
            owner_ids: HashMap::default(),
            group_ids: HashMap::default(),
        }
    }

    fn node(&mut self, view: &View, (number, id): (EntityNumber, DocId), is_container: bool, distance: u32) -> u32 {
        let nodes = &mut self.explored.nodes;
        let next = nodes.len() as u32;
        let node = *self.ids.entry(number).or_insert(next);
        if node == next {
            let doc = view.doc(id);
            nodes.push(Node {
                qualities: Qualities::of(&doc),
                doc,
                id,
                is_container,
                distance,
                root: None,
                owner: NONE,
                first_container: NONE,
                goes_on: false,
                first_edge: NONE,
                seen_from: NONE,
            });
        }
        node
    }

    fn open(&mut self, view: &View, from: u32, depth: Option<u32>) {
        let node = &mut self.explored.nodes[from as usize];
        node.first_edge = self.explored.edges.len() as u32;
        node.first_container = self.explored.containers.len() as u32;
        let (id, from_container, distance) = (node.id, node.is_container, node.distance);
        let at_rim = depth.is_some_and(|depth| distance >= depth);
        for link in view.links_of(id) {
            let meaning = self.meanings[link.kind as usize];
            let channel = if from_container { meaning.from_container } else { meaning.from_others };
            if let Some(channel) = channel {
                let known = self.ids.get(&link.entity).copied();
                if known.is_none() && at_rim {
                    let node = &mut self.explored.nodes[from as usize];
                    node.goes_on = node.goes_on || view.find_number(link.entity).is_some();
                    continue;
                }
                let to = known.or_else(|| {
                    let found = (link.entity, view.find_number(link.entity)?);
                    Some(self.node(view, found, meaning.to_container, distance + 1))
                });
                if let Some(to) = to {
                    self.add_edge(from, to, channel);
                }
            } else if meaning.is_owner {
                self.own(from, link.entity);
            } else if meaning.is_carrier {
                self.explored.containers.push(link.entity);
            }
        }
    }

    /// The first owner counts.
    fn own(&mut self, node: u32, owner: EntityNumber) {
        let owners = &mut self.explored.owners;
        let node_owner = &mut self.explored.nodes[node as usize].owner;
        if *node_owner == NONE {
            *node_owner = *self.owner_ids.entry(owner).or_insert_with(|| {
                owners.push(Owner { number: owner, of: node, found: OnceLock::new() });
                owners.len() as u32 - 1
            });
        }
    }

    fn add_edge(&mut self, from: u32, to: u32, channel: Channel) {
        let Explored { nodes, edges, groups, .. } = &mut self.explored;
        if from == to || nodes[to as usize].seen_from == from {
            return;
        }
        nodes[to as usize].seen_from = from;
        let mut edge = EdgeTo { from, to, channel, strength: Strength::Hard, delay: 0, group: NONE };
        if let Some(qualities) = nodes[to as usize].qualities.as_deref().filter(|_| channel != Channel::Inside) {
            let dependency = nodes[from as usize].doc.entity_ref();
            if let Some(quality) = qualities.about(dependency) {
                edge.strength = quality.strength;
                edge.delay = quality.delay.0;
            }
            if let Some((group, size)) = qualities.group_of(dependency) {
                edge.group = *self.group_ids.entry((to, group)).or_insert_with(|| {
                    groups.push(Group { size });
                    groups.len() as u32 - 1
                });
            }
        }
        edges.push(edge);
    }
}
