//! Walks from some entities along their relations, breadth first and bounded, and accounts for what it does not show.

use std::collections::{BTreeSet, HashMap, VecDeque};

use index::{Doc, View};
use model::EntityRef;

use super::words::{Drawn, merged, reverse};

/// After so many entities a walk takes in no more.
pub(super) const MOST_ENTITIES: usize = 6000;

/// Which way to go, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) roots: Vec<EntityRef>,
    /// How many relations away from a root; `None` for as far as it goes.
    pub(super) depth: Option<u32>,
    /// Lower case; empty for all.
    pub(super) kinds: BTreeSet<String>,
    /// Empty for all.
    pub(super) relations: BTreeSet<String>,
    pub(super) directions: Directions,
}

/// What becomes of the two directions of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directions {
    /// They are one line.
    Merged,
    /// Only the one is shown that leads away from the roots.
    Outward,
    /// Each is a line of its own.
    Both,
}

/// What a walk found.
#[derive(Default)]
pub(super) struct Walk {
    /// The roots first, then by distance.
    pub(super) entities: Vec<Seen>,
    pub(super) ties: Vec<Tie>,
    /// Relations between these entities, or of them, that the choice of kinds and relations leaves out.
    pub(super) left_out: usize,
    /// Whether there were more entities than a walk takes in.
    pub(super) is_cut: bool,
}

/// An entity that was reached.
pub(super) struct Seen {
    pub(super) entity_ref: String,
    /// `None` when it is not in the catalog, or not to be seen.
    pub(super) doc: Option<Doc>,
    pub(super) depth: u32,
    /// Its relations to entities that were not reached.
    pub(super) further: usize,
}

/// A relation between two of them, by their places in the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tie {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) relation: String,
}

impl Walk {
    /// The relations that lead out of what is shown.
    pub(super) fn further(&self) -> usize {
        self.entities.iter().map(|seen| seen.further).sum()
    }
}

/// Walks.
pub(super) fn walk(view: &View, route: &Route) -> Walk {
    let mut job = Job { view, route, places: HashMap::new(), walk: Walk::default() };
    job.reach();
    job.tie();
    job.walk
}

struct Job<'a> {
    view: &'a View,
    route: &'a Route,
    places: HashMap<String, usize>,
    walk: Walk,
}

impl Job<'_> {
    fn reach(&mut self) {
        let mut queue = VecDeque::new();
        for root in &self.route.roots {
            queue.extend(self.add(root.as_str(), 0));
        }
        while let Some(at) = queue.pop_front() {
            let (depth, doc) = (self.walk.entities[at].depth, self.walk.entities[at].doc.clone());
            let Some(doc) = doc.filter(|_| self.route.depth.is_none_or(|most| depth < most)) else { continue };
            for (relation, other) in doc.relations() {
                if self.is_wanted(&relation, &other) {
                    queue.extend(self.add(&other, depth + 1));
                }
            }
        }
    }

    /// Takes an entity in, and returns its place when it is new.
    fn add(&mut self, entity_ref: &str, depth: u32) -> Option<usize> {
        if self.places.contains_key(entity_ref) {
            return None;
        }
        let at = self.walk.entities.len();
        if at >= MOST_ENTITIES {
            self.walk.is_cut = true;
            return None;
        }
        self.places.insert(entity_ref.to_owned(), at);
        let doc = self.view.find(entity_ref);
        self.walk.entities.push(Seen { entity_ref: entity_ref.to_owned(), doc, depth, further: 0 });
        Some(at)
    }

    fn is_wanted(&self, relation: &str, other: &str) -> bool {
        let kind = other.split(':').next().unwrap_or_default();
        let is_root = || self.route.roots.iter().any(|root| root.as_str() == other);
        (self.route.relations.is_empty() || self.route.relations.contains(relation))
            && (self.route.kinds.is_empty() || self.route.kinds.contains(kind) || is_root())
    }

    /// Finds the relations between what was reached, also those that the walk did not go along.
    fn tie(&mut self) {
        let mut ties: BTreeSet<Tie> = BTreeSet::new();
        // By the ends and the type under which they are drawn, so that both directions count once.
        let mut left_out: BTreeSet<(String, String, String)> = BTreeSet::new();
        let mut shown: BTreeSet<(String, String, String)> = BTreeSet::new();
        for at in 0..self.walk.entities.len() {
            let Some(doc) = self.walk.entities[at].doc.clone() else { continue };
            let own = doc.entity_ref();
            for (relation, other) in &doc.relations() {
                let back = ways_back(self.view, own, other, relation);
                let drawn = merged(relation, &back.iter().map(String::as_str).collect());
                let (from, to) = if drawn.is_turned { (other.as_ref(), own) } else { (own, other.as_ref()) };
                let name = (from.to_owned(), to.to_owned(), drawn.class.clone());
                match self.places.get(other.as_ref()) {
                    _ if !self.is_wanted(relation, other) => _ = left_out.insert(name),
                    None => self.walk.entities[at].further += 1,
                    Some(place) => {
                        shown.insert(name);
                        ties.extend(self.draw(at, *place, relation, drawn));
                    }
                }
            }
        }
        self.walk.left_out = left_out.difference(&shown).count();
        self.walk.ties = ties.into_iter().collect();
    }

    /// The line of a relation from one place to another, unless the other direction has it.
    fn draw(&self, at: usize, other: usize, relation: &str, drawn: Drawn) -> Option<Tie> {
        match self.route.directions {
            Directions::Merged if drawn.is_turned => Some(Tie { from: other, to: at, relation: drawn.class }),
            Directions::Merged => Some(Tie { from: at, to: other, relation: drawn.class }),
            // What is not in the catalog declares nothing itself.
            Directions::Outward if other < at && self.walk.entities[other].doc.is_some() => None,
            Directions::Outward | Directions::Both => Some(Tie { from: at, to: other, relation: relation.to_owned() }),
        }
    }
}

/// What leads back from another entity to one. Asked only about relations that the model does not know.
pub(super) fn ways_back(view: &View, own: &str, other: &str, relation: &str) -> BTreeSet<String> {
    if reverse(relation).is_some() {
        return BTreeSet::new();
    }
    let Some(doc) = view.find(other) else { return BTreeSet::new() };
    let back = doc.relations().into_iter().filter(|(_, target)| target == own);
    back.map(|(name, _)| name.into_owned()).collect()
}
