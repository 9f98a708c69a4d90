//! Relations by number: what leads from which entity to which, without a text in between.
//!
//! Walks over the graph meet thousands of entities, and reading the text of each, hashing the references in it and looking
//! these up costs a handful of cache misses for every step. So each document has, beside the relations in its text, the numbers
//! of the entities at their other ends, which stay the same from one snapshot to the next.

use std::sync::Arc;

use crate::{Doc, View, snapshot::Live};

/// The number of an entity: of each that exists, and of each that is only named by a relation. It holds for all snapshots
/// that come from one [`crate::Fold`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityNumber(pub(crate) u32);

/// A relation of an entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// What kind of link it is: a place in [`View::link_kinds`].
    pub kind: u32,
    /// The other end, which need not exist.
    pub entity: EntityNumber,
}

/// What links have in common that lead to one kind of entity by one type of relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkKind {
    /// The type of the relation, such as `ownedBy`.
    pub relation: Arc<str>,
    /// The kind of the other end as in references, such as `group`.
    pub to_kind: Arc<str>,
}

/// A document of one snapshot. Cheaper than a [`Doc`], which keeps memory alive; for that snapshot alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocId {
    segment: u32,
    doc: u32,
}

impl View {
    /// What kinds of links there are.
    #[must_use]
    pub fn link_kinds(&self) -> &[LinkKind] {
        &self.snapshot().link_kinds
    }

    /// Finds the document of an entity by its canonical reference.
    #[must_use]
    pub fn find_id(&self, entity_ref: &str) -> Option<DocId> {
        self.find_in_segments(|live| live.find_ref(entity_ref))
    }

    /// Finds the document of an entity by its number.
    #[must_use]
    pub fn find_number(&self, entity: EntityNumber) -> Option<DocId> {
        self.find_in_segments(|live| live.find_number(entity))
    }

    /// The number of an entity.
    #[must_use]
    pub fn number_of(&self, id: DocId) -> EntityNumber {
        self.live(id).segment.numbers[id.doc as usize]
    }

    /// The relations of an entity, in the order in which [`Doc::relations`] lists them.
    #[must_use]
    pub fn links_of(&self, id: DocId) -> &[Link] {
        self.live(id).segment.links.of(id.doc)
    }

    /// The canonical reference of an entity.
    #[must_use]
    pub fn ref_of(&self, id: DocId) -> &str {
        self.live(id).segment.entity_ref(id.doc)
    }

    /// The entity itself.
    #[must_use]
    pub fn doc(&self, id: DocId) -> Doc {
        Doc::new(&self.live(id).segment, id.doc)
    }

    /// Reads a little of each entity's text ahead of work on all of them. The texts lie all over memory: in the course of the
    /// work each would be waited for alone, here many are waited for together.
    pub fn touch(&self, ids: impl IntoIterator<Item = DocId>) {
        let first_byte = |id: DocId| self.live(id).segment.record(id.doc).as_bytes()[0];
        std::hint::black_box(ids.into_iter().map(first_byte).fold(0, u8::wrapping_add));
    }

    /// Finds what may be seen and is alive in any of the segments.
    pub(crate) fn find_in_segments(&self, find: impl Fn(&Live) -> Option<u32>) -> Option<DocId> {
        let segments = (0u32..).zip(&self.snapshot().segments);
        let found = segments.into_iter().find_map(|(segment, live)| Some(DocId { segment, doc: find(live)? }));
        found.filter(|id| self.sees(&self.live(*id).segment, id.doc))
    }

    fn live(&self, id: DocId) -> &Live {
        &self.snapshot().segments[id.segment as usize]
    }
}

/// The links of documents, one list for all.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Where those of each document end.
    ends: Vec<u32>,
    list: Vec<Link>,
}

impl Links {
    /// Adds the next document.
    pub(crate) fn push(&mut self, links: impl Iterator<Item = Link>) {
        self.list.extend(links);
        self.ends.push(self.list.len() as u32);
    }

    /// Adds further documents.
    pub(crate) fn append(&mut self, more: &Self) {
        let first = self.list.len() as u32;
        self.list.extend_from_slice(&more.list);
        self.ends.extend(more.ends.iter().map(|end| end + first));
    }

    /// Those of a document.
    pub(crate) fn of(&self, doc: u32) -> &[Link] {
        let start = if doc == 0 { 0 } else { self.ends[doc as usize - 1] };
        &self.list[start as usize..self.ends[doc as usize] as usize]
    }

    /// Lists documents anew.
    pub(crate) fn gather<'l>(documents: impl Iterator<Item = &'l [Link]> + Clone) -> Self {
        let mut gathered = Self {
            ends: Vec::with_capacity(documents.clone().count()),
            list: Vec::with_capacity(documents.clone().map(<[Link]>::len).sum()),
        };
        documents.for_each(|links| gathered.push(links.iter().copied()));
        gathered
    }
}

/// Finds documents by the numbers of their entities.
#[derive(Debug)]
pub(crate) enum ByNumber {
    /// For each number the document, or [`NOBODY`]: where most numbers have one.
    Dense(Vec<u32>),
    /// The documents in order of number.
    Sparse(Vec<u32>),
}

/// Stands for no document.
const NOBODY: u32 = u32::MAX;

impl ByNumber {
    /// `numbers` are those of the documents.
    pub(crate) fn new(numbers: &[EntityNumber]) -> Self {
        let end = numbers.iter().max().map_or(0, |last| last.0 as usize + 1);
        if end <= numbers.len() * 2 {
            let mut docs = vec![NOBODY; end];
            (0u32..).zip(numbers).for_each(|(doc, number)| docs[number.0 as usize] = doc);
            return Self::Dense(docs);
        }
        let mut docs: Vec<u32> = (0..numbers.len() as u32).collect();
        docs.sort_unstable_by_key(|doc| numbers[*doc as usize]);
        Self::Sparse(docs)
    }

    pub(crate) fn find(&self, number: EntityNumber, numbers: &[EntityNumber]) -> Option<u32> {
        match self {
            Self::Dense(docs) => docs.get(number.0 as usize).copied().filter(|doc| *doc != NOBODY),
            Self::Sparse(docs) => {
                let at = docs.binary_search_by_key(&number, |doc| numbers[*doc as usize]).ok()?;
                Some(docs[at])
            }
        }
    }
}
