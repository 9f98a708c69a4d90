//! What is inside of a system or domain, and which relations cross its border.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use index::{Doc, View};

use super::{entity_node::first_related, words::merged};

/// So many parts are looked at.
const MOST_PARTS: usize = 4000;

/// Relations that say who owns and what is part of what. The picture says that with frames, and the tables with columns.
const STRUCTURE: [&str; 8] =
    ["ownerOf", "ownedBy", "hasPart", "partOf", "parentOf", "childOf", "hasMember", "memberOf"];

/// The inside of a system or domain.
pub(super) struct Interior {
    pub(super) root: Doc,
    /// Everything that is part of it, directly or not.
    pub(super) parts: Vec<Part>,
    places: HashMap<String, usize>,
    pub(super) inner: Vec<Crossing>,
    pub(super) crossing: Vec<Crossing>,
    /// Whether there are more parts than were looked at.
    pub(super) is_cut: bool,
}

/// One part.
pub(super) struct Part {
    pub(super) doc: Doc,
    /// The direct part that it is in, or is.
    pub(super) home: usize,
}

/// A relation, in the direction in which it is drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Crossing {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) relation: String,
}

impl Interior {
    /// Looks into an entity.
    pub(super) fn of(view: &View, root: &Doc) -> Self {
        let mut inside = Self {
            root: root.clone(),
            parts: Vec::new(),
            places: HashMap::new(),
            inner: Vec::new(),
            crossing: Vec::new(),
            is_cut: false,
        };
        inside.gather(view);
        inside.relate(view);
        inside
    }

    /// The part of a reference.
    pub(super) fn find(&self, entity_ref: &str) -> Option<&Part> {
        self.places.get(entity_ref).map(|at| &self.parts[*at])
    }

    fn gather(&mut self, view: &View) {
        self.add_parts(view, &self.root.clone(), None);
        let mut next = 0;
        while next < self.parts.len() {
            let (doc, home) = (self.parts[next].doc.clone(), self.parts[next].home);
            self.add_parts(view, &doc, Some(home));
            next += 1;
        }
    }

    fn add_parts(&mut self, view: &View, doc: &Doc, home: Option<usize>) {
        for (_, other) in doc.relations().iter().filter(|(name, _)| name == "hasPart") {
            if self.places.contains_key(other.as_ref()) || other == self.root.entity_ref() {
                continue;
            }
            let Some(part) = view.find(other) else { continue };
            let at = self.parts.len();
            if at >= MOST_PARTS {
                self.is_cut = true;
                return;
            }
            self.places.insert(other.to_string(), at);
            self.parts.push(Part { doc: part, home: home.unwrap_or(at) });
        }
    }

    fn relate(&mut self, view: &View) {
        let (mut inner, mut crossing) = (BTreeSet::new(), BTreeSet::new());
        for part in &self.parts {
            let own = part.doc.entity_ref();
            for (name, other) in part.doc.relations().iter().filter(|(name, _)| !STRUCTURE.contains(&name.as_ref())) {
                let back = super::walk::ways_back(view, own, other, name);
                let drawn = merged(name, &back.iter().map(String::as_str).collect());
                let ends = if drawn.is_turned { (other.as_ref(), own) } else { (own, other.as_ref()) };
                let relation = Crossing { from: ends.0.to_owned(), to: ends.1.to_owned(), relation: drawn.class };
                if self.places.contains_key(other.as_ref()) || other == self.root.entity_ref() {
                    inner.insert(relation);
                } else {
                    crossing.insert(relation);
                }
            }
        }
        let root = self.root.entity_ref().to_owned();
        inner.retain(|relation| relation.from != root && relation.to != root);
        self.inner = inner.into_iter().collect();
        self.crossing = crossing.into_iter().collect();
    }

    /// How many parts each home has, itself left out.
    pub(super) fn sizes(&self) -> BTreeMap<usize, usize> {
        let mut sizes = BTreeMap::new();
        for (at, part) in self.parts.iter().enumerate().filter(|(at, part)| part.home != *at) {
            debug_assert!(part.home < at, "homes come before what is in them");
            *sizes.entry(part.home).or_default() += 1;
        }
        sizes
    }
}

/// What an entity outside belongs to: its system or, for a system, its domain.
pub(super) fn home_outside(view: &View, entity_ref: &str, kind: &str) -> Option<Doc> {
    let doc = view.find(entity_ref)?;
    view.find(&first_related(&doc, "partOf", &format!("{kind}:"))?)
}
