//! A segment: an immutable batch of documents with everything that queries need to know about them.

use std::sync::{Arc, OnceLock};

use hashbrown::{HashMap, HashTable};
use model::{Diagnostic, EntityRef, Uid};

use crate::{
    column::{Column, Columns, flags},
    docset::DocSet,
    links::{ByNumber, EntityNumber, Links},
    search::building::TextIndex,
    sorted::Sorted,
    text::Chunk,
    text_sort::sort_by_text,
};

/// Where a record lies and how it is divided. A record is the canonical reference followed by the JSON of the entity;
/// offsets count from its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The chunk, among those of the segment.
    pub(crate) chunk: u32,
    /// Where the record starts in the chunk.
    pub(crate) start: u32,
    /// Where the JSON starts.
    pub(crate) json_at: u32,
    /// The 40 digits of the etag, or [`NO_ETAG`] when the author wrote an own one.
    pub(crate) etag_at: u32,
    /// The comma ahead of `"relations"`.
    pub(crate) relations_at: u32,
    /// What follows the relations: the status, if any, and the closing brace.
    pub(crate) status_at: u32,
    /// Where the record ends.
    pub(crate) end: u32,
    /// The line of the source file.
    pub(crate) line: u32,
}

/// Stands for the place of an etag that is not ours.
pub(crate) const NO_ETAG: u32 = u32::MAX;

/// The warnings of those documents that have some.
pub(crate) type Warnings = HashMap<u32, Arc<[Diagnostic]>, foldhash::fast::RandomState>;

/// An immutable batch of documents, numbered in order of uid.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) uids: Vec<u128>,
    /// The hashes of the references, as [`hash_ref`] gives them.
    pub(crate) ref_hashes: Vec<u64>,
    pub(crate) places: Vec<Place>,
    pub(crate) parents: Vec<Arc<[EntityRef]>>,
    pub(crate) warnings: Warnings,
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) columns: Columns,
    pub(crate) numbers: Vec<EntityNumber>,
    pub(crate) links: Links,
    by_number: ByNumber,
    refs: HashTable<u32>,
    by_ref: OnceLock<RefOrder>,
    text_index: OnceLock<TextIndex>,
}

/// What a segment is put together from. The lists are in order of uid.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) uids: Vec<u128>,
    /// The hashes of the references, as [`hash_ref`] gives them.
    pub(crate) ref_hashes: Vec<u64>,
    pub(crate) places: Vec<Place>,
    pub(crate) parents: Vec<Arc<[EntityRef]>>,
    pub(crate) warnings: Warnings,
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) columns: Columns,
    pub(crate) numbers: Vec<EntityNumber>,
    pub(crate) links: Links,
}

/// The documents in order of entity reference.
#[derive(Debug)]
pub(crate) struct RefOrder {
    /// Documents by rank.
    pub(crate) order: Vec<u32>,
    /// Ranks by document.
    pub(crate) rank: Vec<u32>,
}

impl Segment {
    /// Puts a segment together. Reads none of the texts: they lie all over memory, so each would cost a cache miss or three.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { uids, ref_hashes, places, parents, warnings, chunks, columns, numbers, links } = parts;
        let mut refs = HashTable::with_capacity(uids.len());
        for (doc, hash) in (0u32..).zip(&ref_hashes) {
            refs.insert_unique(*hash, doc, |doc| ref_hashes[*doc as usize]);
        }
        Self {
            uids,
            ref_hashes,
            places,
            parents,
            warnings,
            chunks,
            columns,
            by_number: ByNumber::new(&numbers),
            numbers,
            links,
            refs,
            by_ref: OnceLock::new(),
            text_index: OnceLock::new(),
        }
    }

    /// How many documents there are, dead ones included.
    pub(crate) fn len(&self) -> u32 {
        self.uids.len() as u32
    }

    pub(crate) fn uid(&self, doc: u32) -> Uid {
        Uid(self.uids[doc as usize])
    }

    /// The reference and the JSON of a document.
    pub(crate) fn record(&self, doc: u32) -> &str {
        let place = &self.places[doc as usize];
        let start = place.start as usize;
        &self.chunks[place.chunk as usize].as_str()[start..start + place.end as usize]
    }

    pub(crate) fn entity_ref(&self, doc: u32) -> &str {
        &self.record(doc)[..self.places[doc as usize].json_at as usize]
    }

    pub(crate) fn json(&self, doc: u32) -> &str {
        &self.record(doc)[self.places[doc as usize].json_at as usize..]
    }

    /// Finds the document of a uid.
    pub(crate) fn find_uid(&self, uid: Uid) -> Option<u32> {
        self.uids.binary_search(&uid.0).ok().map(|doc| doc as u32)
    }

    /// Finds the document of an entity, be it alive or not.
    pub(crate) fn find_number(&self, entity: EntityNumber) -> Option<u32> {
        self.by_number.find(entity, &self.numbers)
    }

    /// Finds documents of a reference; a segment may hold several of which one is alive.
    pub(crate) fn find_ref(&self, entity_ref: &str, is_alive: impl Fn(u32) -> bool) -> Option<u32> {
        let hash = hash_ref(entity_ref);
        let same =
            |doc: &u32| self.ref_hashes[*doc as usize] == hash && is_alive(*doc) && self.entity_ref(*doc) == entity_ref;
        self.refs.find(hash, same).copied()
    }

    /// The documents in order of reference.
    pub(crate) fn by_ref(&self) -> &RefOrder {
        self.by_ref.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.len()).collect();
            let text = |doc: u32| std::borrow::Cow::Borrowed(self.entity_ref(doc));
            sort_by_text(&mut order, text, |a, b| a.cmp(&b));
            let mut rank = vec![0; order.len()];
            for (position, doc) in order.iter().enumerate() {
                rank[*doc as usize] = position as u32;
            }
            RefOrder { order, rank }
        })
    }

    /// Whether somebody has asked for the order by reference.
    pub(crate) fn has_by_ref(&self) -> bool {
        self.by_ref.get().is_some()
    }

    /// What searches need to know.
    pub(crate) fn text_index(&self) -> &TextIndex {
        self.text_index.get_or_init(|| TextIndex::build(self))
    }

    /// Whether somebody has searched.
    pub(crate) fn has_text_index(&self) -> bool {
        self.text_index.get().is_some()
    }

    /// The column of a lower-cased key.
    pub(crate) fn column(&self, key: &str) -> Option<&Column> {
        self.columns.get(key)
    }

    /// The sorted form of the column of a lower-cased key.
    pub(crate) fn sorted(&self, key: &str) -> Option<&Sorted> {
        self.column(key).map(|column| self.sorted_of(column))
    }

    pub(crate) fn sorted_of<'s>(&'s self, column: &'s Column) -> &'s Sorted {
        column.sorted(|| Sorted::build(column, self))
    }

    /// The documents that have the boolean key `key` because an array item gives it: `metadata.tags.java` for the item `java`
    /// of `metadata.tags`. Such keys have no column; they are found by splitting the key at each of its dots.
    pub(crate) fn docs_with_item_key(&self, key: &str) -> DocSet<'_> {
        let mut sets = Vec::new();
        for (column, item) in self.item_columns(key) {
            let sorted = self.sorted_of(column);
            let Some(group) = sorted.find_group(item, self) else { continue };
            let docs = sorted.group_docs(group);
            let gives_key = |doc: &u32| column.values_of(*doc).any(|value| self.is_item(value, item));
            sets.push(DocSet::from_sorted(docs.iter().copied().filter(gives_key).collect(), self.len()));
        }
        DocSet::any(sets, self.len())
    }

    /// Tells whether one document has the boolean key `key` because an array item gives it.
    pub(crate) fn has_item_key(&self, doc: u32, key: &str) -> bool {
        self.item_columns(key).any(|(column, item)| column.values_of(doc).any(|value| self.is_item(value, item)))
    }

    fn item_columns<'s>(&'s self, key: &'s str) -> impl Iterator<Item = (&'s Column, &'s str)> {
        let short = key.len() <= crate::column::MAX_UNITS || key.encode_utf16().count() <= crate::column::MAX_UNITS;
        let dots = if short { key } else { "" };
        memchr::memchr_iter(b'.', dots.as_bytes()).filter_map(move |dot| {
            let column = self.columns.get(&key[..dot]).filter(|column| column.has_items())?;
            Some((column, &key[dot + 1..]))
        })
    }

    fn is_item(&self, value: crate::column::Value, item: &str) -> bool {
        value.meta & (flags::ITEM | flags::SHADOWED) == flags::ITEM
            && value.compare_lower(|doc| self.record(doc), item).is_eq()
    }
}

/// The hash that documents are found by.
pub(crate) fn hash_ref(entity_ref: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(entity_ref.as_bytes())
}
