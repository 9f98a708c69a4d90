//! The writer's side: changes in, snapshots out.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use model::{Change, Seq, StoredEntity};
use xxhash_rust::xxh3::xxh3_128;

use crate::{
    bits::Bits,
    build::{self, Item},
    graph::Graph,
    join::in_parallel,
    links::EntityNumber,
    load::{DRAFT, Draft, Loading},
    merge::{self, MergePlan, Merged},
    segment::Segment,
    snapshot::{Live, Snapshot},
};

/// Merges of at most so many documents are done at once, within [`Fold::apply`]; they take some milliseconds.
const INLINE_DOCS: usize = 4_096;

/// How many segments of about one size there may be.
const SEGMENTS_PER_TIER: usize = 4;

/// Segments of one tier differ in size by at most this factor.
const TIER_FACTOR: u32 = 8;

/// More segments than this are never left standing, even if the merge has to be done at once.
const MOST_SEGMENTS: usize = 40;

/// The writer's side: folds changes into snapshots.
///
/// Each [`Fold::apply`] makes one new segment of the documents that are others than before, and marks their old forms as dead.
/// Small segments are merged at once; for large ones ask [`Fold::plan_merge`] after each `apply`, run the plan on another
/// thread, and hand the result to [`Fold::install`], however many changes were folded in meanwhile.
pub struct Fold {
    graph: Graph,
    /// Largest first, as far as merges have got.
    segments: Vec<Live>,
    seq: Seq,
    snapshot: Arc<Snapshot>,
    /// [`INLINE_DOCS`], except in tests of the merges that are not done inline.
    pub(crate) inline_docs: usize,
}

impl Fold {
    /// The empty catalog.
    #[must_use]
    pub fn empty() -> Self {
        let graph = Graph::default();
        let snapshot = Arc::new(Snapshot::new(Seq::default(), Vec::new(), graph.link_kinds()));
        Self { graph, segments: Vec::new(), seq: Seq::default(), snapshot, inline_docs: INLINE_DOCS }
    }

    /// Builds from all entities, on all cores. No two entities have the same reference or uid.
    #[must_use]
    pub fn build(seq: Seq, entities: Vec<Arc<StoredEntity>>) -> Self {
        let mut batches = Vec::with_capacity(entities.len() / DRAFT + 1);
        let mut entities = entities.into_iter();
        while entities.len() > 0 {
            batches.push(entities.by_ref().take(DRAFT).collect());
        }
        let mut loading = Loading::default();
        in_parallel(batches, Draft::new).into_iter().for_each(|draft| loading.add(draft));
        loading.finish(seq)
    }

    /// Starts from one segment.
    pub(crate) fn of(seq: Seq, graph: Graph, segment: Option<Segment>) -> Self {
        let mut fold = Self { graph, ..Self::empty() };
        fold.segments.extend(segment.map(Live::whole));
        fold.publish(seq);
        fold
    }

    /// Folds changes in. Of several changes of one entity the last one counts.
    pub fn apply(&mut self, changes: &[Change]) {
        let Some(seq) = changes.iter().map(|change| change.seq).max() else { return };
        let mut newest: HashMap<u32, Option<&Arc<StoredEntity>>> = HashMap::with_capacity(changes.len());
        for change in changes {
            newest.insert(self.graph.intern(change.entity_ref.as_str()), change.entity.as_ref());
        }
        let mut touched = Vec::new();
        for (id, entity) in &newest {
            self.graph.declare(*id, entity.map_or(&[], |entity| entity.relations.as_slice()), &mut touched);
        }
        let mut dead = Vec::new();
        let mut items = self.items_of_touched(&touched, &newest, &mut dead);
        for (id, entity) in newest {
            dead.extend(self.locate(id));
            if let Some(entity) = entity {
                items.push(Item { id, uid: entity.uid.0, from: build::From::Stored(Arc::clone(entity)) });
            }
        }
        self.bury(&dead);
        let fresh = items.len();
        if fresh > 0 {
            self.segments.push(Live::whole(build::build_segment(items, &self.graph)));
        }
        self.merge_inline(self.inline_docs.max(fresh * 2));
        self.publish(seq.max(self.seq));
    }

    /// Turns to another moment, be it later or earlier: `forms` has each entity that differs there, as it is or is not there.
    pub fn turn_to(&mut self, seq: Seq, forms: &[Change]) {
        self.apply(forms);
        self.publish(seq);
    }

    /// The newest moment.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot)
    }

    /// Hash of everything a reader can see, the same for equal catalogs however they came about. Reads all documents: a tenth
    /// of a second for a gigabyte.
    #[must_use]
    pub fn fingerprint(&self) -> u128 {
        let mut sum = 0u128;
        for live in &self.segments {
            for doc in live.alive().iter_range(0..live.segment.len()) {
                sum = sum.wrapping_add(fingerprint_of(&live.segment, doc));
            }
        }
        sum
    }

    /// Plans a merge that is too large for [`Fold::apply`]; `None` when there is nothing to do.
    #[must_use]
    pub fn plan_merge(&self) -> Option<MergePlan> {
        let mut sources = self.crowded_tier(u32::MAX);
        if sources.is_empty() {
            // A segment of which more than a third is dead is written anew.
            sources.extend(self.segments.iter().position(|live| live.count < live.segment.len() / 3 * 2));
        }
        (!sources.is_empty())
            .then(|| MergePlan { sources: sources.into_iter().map(|at| self.segments[at].clone()).collect() })
    }

    /// Puts the result of a merge in the place of what was merged. A result whose sources are not there any more, because
    /// another merge took them, is dropped.
    pub fn install(&mut self, merged: Merged) {
        let Some(live) = merge::catch_up(&merged, &self.segments) else { return };
        let is_source = |live: &Live| merged.sources.iter().any(|source| Arc::ptr_eq(&source.segment, &live.segment));
        self.segments.retain(|live| !is_source(live));
        self.segments.push(live);
        self.publish(self.seq);
    }

    /// The documents of entities that did not change themselves, but whose incoming relations did.
    fn items_of_touched(
        &self,
        touched: &[u32],
        changed: &HashMap<u32, Option<&Arc<StoredEntity>>>,
        dead: &mut Vec<(usize, u32)>,
    ) -> Vec<Item> {
        let mut items = Vec::new();
        let mut seen = HashSet::with_capacity(touched.len());
        for id in touched {
            if changed.contains_key(id) || !seen.insert(*id) {
                continue;
            }
            let Some((at, doc)) = self.locate(*id) else { continue };
            let segment = Arc::clone(&self.segments[at].segment);
            items.push(Item { id: *id, uid: segment.uids[doc as usize], from: build::From::Older(segment, doc) });
            dead.push((at, doc));
        }
        items
    }

    /// Finds the living document of an entity: its segment and its number there.
    fn locate(&self, id: u32) -> Option<(usize, u32)> {
        let found = |(at, live): (usize, &Live)| Some((at, live.find_number(EntityNumber(id))?));
        self.segments.iter().enumerate().find_map(found)
    }

    /// Marks documents as dead, in copies of the marks that readers hold.
    fn bury(&mut self, dead: &[(usize, u32)]) {
        let mut by_segment: HashMap<usize, Vec<u32>> = HashMap::new();
        for (at, doc) in dead {
            by_segment.entry(*at).or_default().push(*doc);
        }
        for (at, docs) in by_segment {
            let live = &mut self.segments[at];
            let mut alive = live.alive.take().map_or_else(|| Bits::full(live.segment.len()), Arc::unwrap_or_clone);
            for doc in docs {
                alive.remove(doc);
            }
            live.count = alive.count();
            live.alive = Some(Arc::new(alive));
        }
        self.segments.retain(|live| live.count > 0);
    }

    fn merge_inline(&mut self, most_docs: usize) {
        loop {
            let limit = u32::try_from(most_docs).unwrap_or(u32::MAX);
            let limit = if self.segments.len() > MOST_SEGMENTS { u32::MAX } else { limit };
            let chosen = self.crowded_tier(limit);
            if chosen.is_empty() {
                return;
            }
            let sources: Vec<Live> = chosen.iter().map(|at| self.segments[*at].clone()).collect();
            for at in chosen.into_iter().rev() {
                self.segments.remove(at);
            }
            self.segments.push(Live::whole(merge::merge(&sources)));
        }
    }

    /// Picks segments to merge: all those up to the size of a tier that has too many, if together they have at most `most_docs`
    /// documents. In ascending order of place.
    fn crowded_tier(&self, most_docs: u32) -> Vec<usize> {
        let tier = |live: &Live| live.count.max(1).ilog(TIER_FACTOR);
        let mut crowded: Vec<u32> = self.segments.iter().map(tier).collect();
        crowded.sort_unstable();
        crowded.dedup();
        for top in crowded.into_iter().rev() {
            if self.segments.iter().filter(|live| tier(live) == top).count() < SEGMENTS_PER_TIER {
                continue;
            }
            let chosen: Vec<usize> = (0..self.segments.len()).filter(|at| tier(&self.segments[*at]) <= top).collect();
            let docs: u64 = chosen.iter().map(|at| u64::from(self.segments[*at].count)).sum();
            if docs <= u64::from(most_docs) {
                return chosen;
            }
        }
        Vec::new()
    }

    fn publish(&mut self, seq: Seq) {
        self.seq = seq;
        self.snapshot = Arc::new(Snapshot::new(seq, self.segments.clone(), self.graph.link_kinds()));
    }
}

impl Default for Fold {
    fn default() -> Self {
        Self::empty()
    }
}

fn fingerprint_of(segment: &Segment, doc: u32) -> u128 {
    let mut rest = String::new();
    for parent in segment.parents[doc as usize].iter() {
        rest.push_str(parent.as_str());
        rest.push('\n');
    }
    rest.push_str(&segment.places[doc as usize].line.to_string());
    if let Some(warnings) = segment.warnings.get(&doc) {
        rest.push_str(&serde_json::to_string(warnings.as_ref()).expect("diagnostics are always JSON"));
    }
    let place = xxh3_128(rest.as_bytes());
    xxh3_128(segment.record(doc).as_bytes()) ^ place.rotate_left(64)
}
