//! What readers hold: a moment of the catalog, the cut of it that an actor may see, and the entities in it.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use model::{Diagnostic, EntityRef, Seq, Uid};

use crate::{
    Filter,
    bits::Bits,
    docset::DocSet,
    facets::{self, FacetValue, TopValues},
    filter,
    join::in_parallel,
    links::{EntityNumber, LinkKind},
    page,
    query::{Page, PageQuery},
    render,
    segment::Segment,
};

/// Keys whose sorted form [`Snapshot::warm`] builds ahead.
const WARM_KEYS: [&str; 12] = [
    "kind",
    "metadata.name",
    "metadata.namespace",
    "metadata.title",
    "metadata.tags",
    "metadata.uid",
    "metadata.annotations.backstage.io/orphan",
    "spec.type",
    "spec.lifecycle",
    "spec.profile.displayname",
    "relations.ownedby",
    "relations.partof",
];

/// Those of them that people search in.
const SEARCH_KEYS: [&str; 3] = ["metadata.name", "metadata.title", "spec.profile.displayname"];

/// A segment with those of its documents that are still alive.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) segment: Arc<Segment>,
    /// `None` when all are.
    pub(crate) alive: Option<Arc<Bits>>,
    /// How many are.
    pub(crate) count: u32,
}

impl Live {
    pub(crate) fn whole(segment: Segment) -> Self {
        let count = segment.len();
        Self { segment: Arc::new(segment), alive: None, count }
    }

    pub(crate) fn is_alive(&self, doc: u32) -> bool {
        self.alive.as_ref().is_none_or(|alive| alive.contains(doc))
    }

    pub(crate) fn alive(&self) -> DocSet<'_> {
        self.alive.as_deref().map_or(DocSet::All, |alive| DocSet::Dense(Cow::Borrowed(alive)))
    }

    pub(crate) fn find_ref(&self, entity_ref: &str) -> Option<u32> {
        self.segment.find_ref(entity_ref, |doc| self.is_alive(doc))
    }

    pub(crate) fn find_number(&self, entity: EntityNumber) -> Option<u32> {
        self.segment.find_number(entity).filter(|doc| self.is_alive(*doc))
    }

    fn find_uid(&self, uid: Uid) -> Option<u32> {
        self.segment.find_uid(uid).filter(|doc| self.is_alive(*doc))
    }
}

/// One moment of the catalog. Immutable.
pub struct Snapshot {
    pub(crate) seq: Seq,
    pub(crate) segments: Vec<Live>,
    pub(crate) link_kinds: Arc<Vec<LinkKind>>,
    pub(crate) len: usize,
}

/// What an actor may see.
#[derive(Clone, Debug, PartialEq)]
pub enum Visibility {
    /// All of it.
    Everything,
    /// None of it.
    Nothing,
    /// What the filter matches.
    Where(Filter),
}

/// A snapshot cut to what one actor may see.
#[derive(Clone)]
pub struct View {
    snapshot: Arc<Snapshot>,
    visibility: Visibility,
}

/// One entity of a view. Cheap to clone; keeps the memory of its segment alive.
#[derive(Clone)]
pub struct Doc {
    pub(crate) segment: Arc<Segment>,
    pub(crate) doc: u32,
}

impl Snapshot {
    pub(crate) fn new(seq: Seq, segments: Vec<Live>, link_kinds: Arc<Vec<LinkKind>>) -> Self {
        let len = segments.iter().map(|live| live.count as usize).sum();
        Self { seq, segments, link_kinds, len }
    }

    /// The number of the last change in it.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// How many entities.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Cuts it to what an actor may see.
    #[must_use]
    pub fn view(self: &Arc<Self>, visibility: Visibility) -> View {
        View { snapshot: Arc::clone(self), visibility }
    }

    /// Builds the parts that queries about well-known keys need, so that the first of these is as quick as the second.
    /// Without it, each part is built by the first query that needs it. Takes up to some seconds at a million entities and
    /// is meant for a thread of its own; readers may use the snapshot at the same time.
    pub fn warm(&self) {
        for live in &self.segments {
            for key in WARM_KEYS {
                let sorted = live.segment.sorted(key);
                if let Some(sorted) = sorted.filter(|_| SEARCH_KEYS.contains(&key)) {
                    sorted.warm_text(&live.segment);
                }
            }
            let _built = (live.segment.by_ref(), live.segment.text_index());
        }
    }
}

impl View {
    /// The moment.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.snapshot.seq
    }

    /// The whole moment that this is a cut of.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// What it is cut to.
    #[must_use]
    pub fn visibility(&self) -> &Visibility {
        &self.visibility
    }

    /// Finds an entity by its canonical reference.
    #[must_use]
    pub fn find(&self, entity_ref: &str) -> Option<Doc> {
        self.find_id(entity_ref).map(|id| self.doc(id))
    }

    /// Finds an entity by its uid.
    #[must_use]
    pub fn find_by_uid(&self, uid: Uid) -> Option<Doc> {
        self.find_in_segments(|live| live.find_uid(uid)).map(|id| self.doc(id))
    }

    /// Answers a page.
    #[must_use]
    pub fn page(&self, query: &PageQuery) -> Page {
        page::page(self.matching(&query.filter), query)
    }

    /// Lists the entities that match, in order of uid within each segment, without making rows for them: for answers that
    /// copy the texts of very many.
    pub fn for_each(&self, filter: &Filter, mut visit: impl FnMut(&str)) {
        for (live, set) in self.matching(filter) {
            set.iter_range(0..live.segment.len()).for_each(|doc| visit(live.segment.json(doc)));
        }
    }

    /// Counts the entities that match.
    #[must_use]
    pub fn count(&self, filter: &Filter) -> u64 {
        self.matching(filter).iter().map(|(live, set)| u64::from(set.count(live.segment.len()))).sum()
    }

    /// Counts values, for each key sorted by value in byte order. Values that differ in letter case are counted apart, and
    /// each entity counts once for each of its values.
    #[must_use]
    pub fn facets(&self, keys: &[String], filter: &Filter) -> Vec<Vec<FacetValue>> {
        let sets = self.matching(filter);
        keys.iter().map(|key| facets::count_values(&filter::lower(key), &sets)).collect()
    }

    /// Finds the most frequent values of a key, at most so many. Values that differ in letter case only are one, and empty ones
    /// are left out.
    #[must_use]
    pub fn top_values(&self, key: &str, filter: &Filter, most: usize) -> TopValues {
        facets::top_values(&filter::lower(key), &self.matching(filter), most)
    }

    /// Tells whether an entity matches.
    #[must_use]
    pub fn matches(&self, doc: &Doc, filter: &Filter) -> bool {
        self.sees(&doc.segment, doc.doc) && filter::matches_one(filter, &doc.segment, doc.doc)
    }

    /// Lists the relations of an entity as (type, canonical reference of the other end), in the order in which they are served.
    /// The other end need not exist.
    #[must_use]
    pub fn relations_of<'d>(&self, doc: &'d Doc) -> Vec<(Cow<'d, str>, Cow<'d, str>)> {
        doc.relations()
    }

    /// Relations whose other end is not in the catalog: (entity, relation type, missing reference), in order of entity.
    #[must_use]
    pub fn dangling(&self) -> Vec<(EntityRef, Arc<str>, EntityRef)> {
        let mut found = Vec::new();
        for (live, set) in self.matching(&Filter::All) {
            for doc in self.docs_with_missing_targets(live) {
                if set.contains(doc) {
                    self.push_dangling(&live.segment, doc, &mut found);
                }
            }
        }
        found.sort();
        found
    }

    /// Lists the entities that have warnings, in order of reference.
    #[must_use]
    pub fn with_warnings(&self) -> Vec<Doc> {
        let mut found = Vec::new();
        for (live, set) in self.matching(&Filter::All) {
            let docs = live.segment.warnings.keys().filter(|doc| set.contains(**doc));
            found.extend(docs.map(|doc| Doc::new(&live.segment, *doc)));
        }
        found.sort_by(|a, b| a.entity_ref().cmp(b.entity_ref()));
        found
    }

    /// Asks each target once, however many relations lead to it.
    fn docs_with_missing_targets(&self, live: &Live) -> Vec<u32> {
        let segment = &live.segment;
        let relations = segment.columns.iter().filter(|(key, _)| key.starts_with("relations."));
        let found = in_parallel(relations.collect(), |(_, column)| {
            let sorted = segment.sorted_of(column);
            let missing = (0..sorted.term_count()).filter(|term| !self.exists(&sorted.term_text(*term, segment)));
            missing.flat_map(|term| sorted.term_docs(term).iter().copied()).collect::<Vec<u32>>()
        });
        let mut docs = found.concat();
        docs.sort_unstable();
        docs.dedup();
        docs
    }

    fn push_dangling(&self, segment: &Segment, doc: u32, found: &mut Vec<(EntityRef, Arc<str>, EntityRef)>) {
        let Ok(entity_ref) = EntityRef::parse(segment.entity_ref(doc)) else { return };
        for (kind, target) in render::read_relations(segment.record(doc), segment.places[doc as usize]) {
            if let Ok(missing) = EntityRef::parse(&target)
                && !self.exists(&target)
            {
                found.push((entity_ref.clone(), kind.as_ref().into(), missing));
            }
        }
    }

    /// Tells whether an entity exists, be it visible or not.
    fn exists(&self, entity_ref: &str) -> bool {
        self.snapshot.segments.iter().any(|live| live.find_ref(entity_ref).is_some())
    }

    pub(crate) fn sees(&self, segment: &Segment, doc: u32) -> bool {
        match &self.visibility {
            Visibility::Everything => true,
            Visibility::Nothing => false,
            Visibility::Where(filter) => filter::matches_one(filter, segment, doc),
        }
    }

    /// The living documents of each segment that match and may be seen; segments without any are left out.
    pub(crate) fn matching(&self, filter: &Filter) -> Vec<(&Live, DocSet<'_>)> {
        if self.visibility == Visibility::Nothing {
            return Vec::new();
        }
        let sets = self.snapshot.segments.iter().map(|live| {
            let segment = live.segment.as_ref();
            let mut set = filter::matching(filter, segment);
            if let Visibility::Where(visible) = &self.visibility {
                set = set.and(filter::matching(visible, segment));
            }
            (live, set.and(live.alive()))
        });
        sets.filter(|(live, set)| !set.is_empty(live.segment.len())).collect()
    }
}

impl Doc {
    pub(crate) fn new(segment: &Arc<Segment>, doc: u32) -> Self {
        Self { segment: Arc::clone(segment), doc }
    }

    /// Canonical reference.
    #[must_use]
    pub fn entity_ref(&self) -> &str {
        self.segment.entity_ref(self.doc)
    }

    /// Uid.
    #[must_use]
    pub fn uid(&self) -> Uid {
        self.segment.uid(self.doc)
    }

    /// The whole entity as served: uid, etag, relations and status included. Shares the memory of the index.
    #[must_use]
    pub fn json(&self) -> Bytes {
        let place = &self.segment.places[self.doc as usize];
        let start = place.start as usize;
        let bytes = self.segment.chunks[place.chunk as usize].bytes();
        bytes.slice(start + place.json_at as usize..start + place.end as usize)
    }

    /// The same text, borrowed.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.segment.json(self.doc)
    }

    /// How many bytes the text has.
    #[must_use]
    pub fn json_len(&self) -> usize {
        let place = &self.segment.places[self.doc as usize];
        (place.end - place.json_at) as usize
    }

    /// Its relations as (type, canonical reference of the other end), sorted. The other end need not exist.
    #[must_use]
    pub fn relations(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        render::read_relations(self.segment.record(self.doc), self.segment.places[self.doc as usize])
    }

    /// The Location entities it was read through.
    #[must_use]
    pub fn parents(&self) -> Vec<EntityRef> {
        self.segment.parents[self.doc as usize].to_vec()
    }

    /// The warnings about it, for its owners.
    #[must_use]
    pub fn warnings(&self) -> Vec<Diagnostic> {
        self.segment.warnings.get(&self.doc).map_or_else(Vec::new, |warnings| warnings.to_vec())
    }

    /// The line of the source file at which the document starts, counting from 1; 0 when there is no file.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.segment.places[self.doc as usize].line
    }
}

impl std::fmt::Debug for Doc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doc({})", self.entity_ref())
    }
}
