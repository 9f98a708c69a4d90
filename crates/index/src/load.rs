//! Loading a whole catalog while it is still being read.
//!
//! What an entity looks like to readers depends on the relations that all others declare, so nothing is final before the last
//! one is there. But its text and its search rows up to the relations are: a [`Draft`] has these, made on the thread that read
//! the entities and while they are in that core's cache. The end only copies the drafts' texts with relations and etags put
//! in, and lets go of each draft at once, so that two forms of the catalog are never in memory together.

use std::sync::Arc;

use model::{DeclaredRelation, EntityRef, Seq, StoredEntity};

use crate::{
    Fold,
    build::{RowCollector, size_of_relations, text_from},
    graph::Graph,
    join::{Batch, in_parallel, join},
    links::EntityNumber,
    render::{self, SharedParents, Source},
    segment::{Segment, hash_ref},
    text::ChunkWriter,
};

/// How many entities a draft should have: enough to share what it can, few enough to stay in a core's cache.
pub(crate) const DRAFT: usize = 1_024;
/// How many drafts a thread finishes at a time; their texts share large chunks.
const DRAFTS_AT_A_TIME: usize = 32;

/// Entities that are prepared for [`Loading`].
pub struct Draft {
    batch: Batch,
    declared: Vec<(EntityRef, Vec<DeclaredRelation>)>,
}

impl Draft {
    /// Prepares some entities, best about a thousand. Needs nothing of other drafts, so they can be made on several threads.
    #[must_use]
    pub fn new(entities: Vec<Arc<StoredEntity>>) -> Self {
        let mut batch = Batch::with_capacity(entities.len());
        let mut declared = Vec::with_capacity(entities.len());
        let expected = entities.iter().map(|entity| Source::Stored(entity).size()).sum();
        let mut writer = ChunkWriter::new(expected);
        let mut rows = RowCollector::default();
        let mut shared = SharedParents::default();
        for (doc, entity) in (0..).zip(entities) {
            let (chunk, out) = writer.buffer(Source::Stored(&entity).size());
            let place = render::render_draft(&entity, (chunk, &mut *out));
            rows.collect_leaves(doc, text_from(out, place), place);
            batch.uids.push(entity.uid.0);
            batch.ref_hashes.push(hash_ref(entity.entity_ref.as_str()));
            batch.places.push(place);
            batch.parents.push(shared.share(&entity.parents));
            if !entity.warnings.is_empty() {
                batch.warnings.insert(doc, entity.warnings.as_slice().into());
            }
            declared.push(match Arc::try_unwrap(entity) {
                Ok(entity) => (entity.entity_ref, entity.relations),
                Err(entity) => (entity.entity_ref.clone(), entity.relations.clone()),
            });
        }
        batch.chunks = writer.finish();
        batch.columns.push((0, rows.finish()));
        Self { batch, declared }
    }
}

/// A catalog that is being loaded. No two of its entities have the same reference or uid.
#[derive(Default)]
pub struct Loading {
    graph: Graph,
    drafts: Vec<(Batch, Vec<u32>)>,
}

impl Loading {
    /// Adds the next entities.
    pub fn add(&mut self, draft: Draft) {
        let mut unused = Vec::new();
        let ids = draft.declared.iter().map(|(entity_ref, relations)| {
            let id = self.graph.intern(entity_ref.as_str());
            self.graph.declare(id, relations, &mut unused);
            unused.clear();
            id
        });
        let ids = ids.collect();
        self.drafts.push((draft.batch, ids));
    }

    /// Ends the loading, on all cores; `seq` is the number of the moment that was loaded.
    #[must_use]
    pub fn finish(mut self, seq: Seq) -> Fold {
        self.graph.shrink();
        let segment = (!self.drafts.is_empty()).then(|| finish_segment(self.drafts, &self.graph));
        Fold::of(seq, self.graph, segment)
    }
}

fn finish_segment(drafts: Vec<(Batch, Vec<u32>)>, graph: &Graph) -> Segment {
    let mut groups: Vec<Vec<(Batch, Vec<u32>)>> = Vec::new();
    for draft in drafts {
        match groups.last_mut().filter(|group| group.len() < DRAFTS_AT_A_TIME) {
            Some(group) => group.push(draft),
            None => groups.push(vec![draft]),
        }
    }
    let mut all = Batch::default();
    for finished in in_parallel(groups, |group| finish_drafts(group, graph)) {
        all.append(finished);
    }
    join(all)
}

fn finish_drafts(drafts: Vec<(Batch, Vec<u32>)>, graph: &Graph) -> Batch {
    let mut all = Batch::default();
    let texts = drafts.iter().flat_map(|(draft, _)| &draft.chunks).map(|chunk| chunk.as_str().len()).sum::<usize>();
    let mut writer = ChunkWriter::new(texts + texts / 2);
    let mut rows = RowCollector::default();
    let (mut relations, mut targets) = (Vec::new(), Vec::new());
    let mut doc = 0;
    for (mut draft, ids) in drafts {
        let texts = std::mem::take(&mut draft.chunks);
        for (place, id) in draft.places.iter_mut().zip(ids) {
            graph.relations_of(id, &mut relations);
            let start = place.start as usize;
            let text = &texts[place.chunk as usize].as_str()[start..start + place.end as usize];
            let (chunk, out) = writer.buffer(text.len() + size_of_relations(&relations));
            targets.clear();
            *place =
                render::render(&Source::Record { text, place: *place }, &relations, (chunk, &mut *out), &mut targets);
            rows.collect_relations(doc, text_from(out, *place), relations.iter().zip(&targets));
            draft.numbers.push(EntityNumber(id));
            draft.links.push(relations.iter().map(|relation| relation.link));
            doc += 1;
        }
        all.append(draft);
    }
    all.chunks = writer.finish();
    all.columns.push((0, rows.finish()));
    all
}
