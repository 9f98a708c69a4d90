//! The other direction: what do the entities that fail depend on, and which of that do they share?

use std::collections::BTreeSet;

use hashbrown::HashMap;
use index::{Doc, DocId, EntityNumber, LinkKind, View};
use model::{EntityRef, Strength, Timestamp};

use crate::{
    channel::{Channel, is_container},
    impact::Step,
    qualities::Qualities,
};

/// How many entities are reached at most, counted for each that fails.
const MOST_REACHED: usize = 1_000_000;

/// The answer: candidates by rank.
pub struct Causes {
    docs: Vec<Doc>,
    /// How the climb from each that fails came to what it reaches.
    climbs: Vec<Climb>,
    /// What was said to fail and is in the view, by number.
    pub failing: Vec<u32>,
    /// What was said to fail and is not.
    pub unknown: Vec<EntityRef>,
    /// What could be the cause, see [`Causes::rank`].
    pub candidates: Vec<Candidate>,
    /// Whether something is left out: by the limit of depth, or because more than a million are reached.
    pub cut: bool,
}

type Climb = HashMap<u32, Reached, foldhash::fast::RandomState>;

/// Something that could be the cause.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its number.
    pub node: u32,
    /// What it would explain, in the order of the question; itself included when it is said to fail.
    pub reaches: Vec<Reach>,
    /// When something happened to it last, as far as that was told to [`Causes::rank`].
    pub changed_at: Option<Timestamp>,
}

/// How a candidate reaches something that fails.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// What fails, as its place among [`Causes::failing`].
    pub failing: usize,
    /// Over how many edges: 0 for itself. [`Causes::path`] tells which.
    pub hops: u32,
    /// Whether each edge on the way passes failure on as it is: hard, and without anything that stands in.
    pub is_firm: bool,
}

impl Candidate {
    /// How many of the failing entities a failure of it would hit as it is.
    #[must_use]
    pub fn firm(&self) -> usize {
        self.reaches.iter().filter(|reach| reach.is_firm).count()
    }

    /// Over how many edges it is away from all that it explains, added up.
    #[must_use]
    pub fn distance(&self) -> usize {
        self.reaches.iter().map(|reach| reach.hops as usize).sum()
    }
}

/// Lists everything that the failing entities depend on, over at most `depth` edges.
#[must_use]
pub fn causes(view: &View, failing: &[EntityRef], depth: Option<u32>) -> Causes {
    let mut walk = Walk {
        view,
        meanings: view.link_kinds().iter().map(Meaning::of).collect(),
        docs: Vec::new(),
        found: Vec::new(),
        ids: HashMap::default(),
        needs: Vec::new(),
    };
    let mut unknown = BTreeSet::new();
    let mut roots = Vec::new();
    for entity_ref in failing {
        match view.find_id(entity_ref.as_str()) {
            Some(doc) => {
                let id = walk.id(view.number_of(doc), doc, is_container(entity_ref.kind()));
                if !roots.contains(&id) {
                    roots.push(id);
                }
            }
            None => drop(unknown.insert(entity_ref.clone())),
        }
    }
    let mut reaches: HashMap<u32, Vec<Reach>, foldhash::fast::RandomState> = HashMap::default();
    let (mut cut, mut left) = (false, MOST_REACHED);
    let mut climbs = Vec::with_capacity(roots.len());
    for (failing, root) in roots.iter().enumerate() {
        let (climb, is_cut) = walk.climb(*root, depth, left);
        left = left.saturating_sub(climb.len());
        cut |= is_cut;
        for (node, reached) in &climb {
            let reach = Reach { failing, hops: reached.distance, is_firm: reached.is_firm };
            reaches.entry(*node).or_default().push(reach);
        }
        climbs.push(climb);
    }
    let candidates = reaches.into_iter().map(|(node, reaches)| Candidate { node, reaches, changed_at: None });
    let mut causes = Causes {
        candidates: candidates.collect(),
        docs: walk.docs,
        climbs,
        failing: roots,
        unknown: unknown.into_iter().collect(),
        cut,
    };
    causes.rank(|_| None);
    causes
}

impl Causes {
    /// The entity of a number.
    #[must_use]
    pub fn doc(&self, node: u32) -> &Doc {
        &self.docs[node as usize]
    }

    /// The way from a candidate to what it reaches.
    #[must_use]
    pub fn path(&self, candidate: &Candidate, reach: &Reach) -> Vec<Step> {
        let climb = &self.climbs[reach.failing];
        let mut path = Vec::with_capacity(reach.hops as usize);
        let mut at = candidate.node;
        while let Some(step) = climb[&at].step {
            path.push(step);
            at = step.to;
        }
        path
    }

    /// Puts the candidates into order: those that explain most of what fails, then those that explain more of it firmly, then
    /// those to which something happened recently, the latest first, then the nearest ones, then by reference. `changed_at`
    /// tells when that was, or nothing if it is too long ago to matter.
    pub fn rank(&mut self, changed_at: impl Fn(&str) -> Option<Timestamp>) {
        let docs = &self.docs;
        for candidate in &mut self.candidates {
            candidate.changed_at = changed_at(docs[candidate.node as usize].entity_ref());
        }
        self.candidates.sort_by(|a, b| {
            let weight = |c: &Candidate| {
                (std::cmp::Reverse(c.reaches.len()), std::cmp::Reverse(c.firm()), std::cmp::Reverse(c.changed_at))
            };
            weight(a)
                .cmp(&weight(b))
                .then_with(|| a.distance().cmp(&b.distance()))
                .then_with(|| docs[a.node as usize].entity_ref().cmp(docs[b.node as usize].entity_ref()))
        });
    }
}

/// How a climb came to an entity.
#[derive(Clone, Copy)]
struct Reached {
    /// `None` at the start.
    step: Option<Step>,
    /// Whether the way is firm.
    is_firm: bool,
    distance: u32,
}

/// What one entity needs: the dependency, through which relation, and whether that is firm.
type Need = (u32, Channel, bool);

/// What a kind of link means here.
#[derive(Clone, Copy)]
struct Meaning {
    /// What is needed over it by a container.
    by_container: Option<Channel>,
    /// What is needed over it by anything else.
    by_others: Option<Channel>,
    to_container: bool,
}

impl Meaning {
    fn of(kind: &LinkKind) -> Self {
        let channel = |from_container| Channel::to_dependency(&kind.relation, &kind.to_kind, from_container);
        // A part of a container that fails as a whole fails with it, and any part may be why it is said to fail.
        let part = (*kind.relation == *Channel::HasPart.forward()).then_some(Channel::HasPart);
        Self {
            by_container: channel(true).or(part),
            by_others: channel(false),
            to_container: is_container(&kind.to_kind),
        }
    }
}

struct Walk<'v> {
    view: &'v View,
    /// By kind of link.
    meanings: Vec<Meaning>,
    docs: Vec<Doc>,
    /// Where each is, and whether it is a container.
    found: Vec<(DocId, bool)>,
    ids: HashMap<EntityNumber, u32, foldhash::fast::RandomState>,
    /// What each entity needs, once asked.
    needs: Vec<Option<Vec<Need>>>,
}

impl Walk<'_> {
    fn id(&mut self, number: EntityNumber, doc: DocId, is_container: bool) -> u32 {
        let next = self.docs.len() as u32;
        let id = *self.ids.entry(number).or_insert(next);
        if id == next {
            self.docs.push(self.view.doc(doc));
            self.found.push((doc, is_container));
            self.needs.push(None);
        }
        id
    }

    fn needs_of(&mut self, node: u32) -> Vec<Need> {
        if let Some(needs) = &self.needs[node as usize] {
            return needs.clone();
        }
        let qualities = Qualities::of(&self.docs[node as usize]);
        let (doc, from_container) = self.found[node as usize];
        let view = self.view;
        let mut needs: Vec<Need> = Vec::new();
        for link in view.links_of(doc) {
            let meaning = self.meanings[link.kind as usize];
            let Some(channel) = (if from_container { meaning.by_container } else { meaning.by_others }) else {
                continue;
            };
            let Some(found) = view.find_number(link.entity) else { continue };
            let firm = qualities.as_deref().is_none_or(|qualities| {
                let target = view.ref_of(found);
                qualities.about(target).is_none_or(|quality| quality.strength == Strength::Hard)
                    && qualities.group_of(target).is_none()
            });
            let other = self.id(link.entity, found, meaning.to_container);
            if other != node && needs.iter().all(|(known, ..)| *known != other) {
                needs.push((other, channel, firm));
            }
        }
        self.needs[node as usize] = Some(needs.clone());
        needs
    }

    /// Finds everything that a failing entity needs, nearest first, with the way back to it, at most `most` of it. Firm ways go
    /// before others of the same length. Tells also whether a limit left something out.
    fn climb(&mut self, root: u32, depth: Option<u32>, most: usize) -> (Climb, bool) {
        let mut known = Climb::default();
        known.insert(root, Reached { step: None, is_firm: true, distance: 0 });
        let mut layer = vec![root];
        let mut distance = 0;
        let mut cut = false;
        while !layer.is_empty() {
            let mut next: Vec<u32> = Vec::new();
            for node in &layer {
                let firm_so_far = known[node].is_firm;
                for (other, channel, firm) in self.needs_of(*node) {
                    let step = Some(Step { from: other, to: *node, channel });
                    let reached = Reached { step, is_firm: firm_so_far && firm, distance: distance + 1 };
                    let is_full = known.len() >= most;
                    match known.get_mut(&other) {
                        None if is_full || depth.is_some_and(|depth| distance >= depth) => cut = true,
                        None => {
                            known.insert(other, reached);
                            next.push(other);
                        }
                        // Another way of the same length that is better.
                        Some(before) if before.distance == reached.distance && !before.is_firm => *before = reached,
                        Some(_) => {}
                    }
                }
            }
            layer = next;
            distance += 1;
        }
        (known, cut)
    }
}
