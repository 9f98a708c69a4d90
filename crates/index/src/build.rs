//! Building a segment: rendering documents and collecting their search rows, on as many threads as are worth it.

use std::sync::Arc;

use model::StoredEntity;

use crate::{
    column::{Columns, ColumnsBuilder, Value, describe, flags},
    graph::Graph,
    join::{Batch, in_parallel, join},
    json::{self, Leaf, LeafKind},
    links::EntityNumber,
    render::{self, Relation, SharedParents, Source, WrittenTarget},
    segment::{Place, Segment, hash_ref},
    text::ChunkWriter,
};

/// Fewer documents than this are not worth a second thread.
const PARALLEL_FROM: usize = 2_000;
/// How many documents a thread takes at a time.
const PART: usize = 4_096;

/// A document to be built.
pub(crate) struct Item {
    /// The number of its reference in the graph.
    pub(crate) id: u32,
    /// Its uid.
    pub(crate) uid: u128,
    /// What it is made from.
    pub(crate) from: From,
}

/// What a document is made from.
pub(crate) enum From {
    /// An entity from the store.
    Stored(Arc<StoredEntity>),
    /// An older document of the same entity, which has other relations now.
    Older(Arc<Segment>, u32),
}

/// Builds a segment. Each item is let go of as soon as its document is there.
pub(crate) fn build_segment(mut items: Vec<Item>, graph: &Graph) -> Segment {
    if items.len() < PARALLEL_FROM {
        return join(build_part(items, graph));
    }
    let mut parts = Vec::new();
    while !items.is_empty() {
        parts.push(items.split_off(items.len().saturating_sub(PART)));
    }
    let mut all = Batch::default();
    for part in in_parallel(parts, |part| build_part(part, graph)) {
        all.append(part);
    }
    join(all)
}

fn build_part(items: Vec<Item>, graph: &Graph) -> Batch {
    let mut part = Batch::with_capacity(items.len());
    let mut writer = ChunkWriter::new(items.iter().map(expected_size).sum());
    let mut rows = RowCollector::default();
    let mut shared = SharedParents::default();
    let (mut relations, mut targets) = (Vec::new(), Vec::new());
    for (doc, item) in items.into_iter().enumerate() {
        let doc = doc as u32;
        let (source, parents, warnings) = match &item.from {
            From::Stored(entity) => {
                let warnings = (!entity.warnings.is_empty()).then(|| entity.warnings.as_slice().into());
                (Source::Stored(entity), shared.share(&entity.parents), warnings)
            }
            From::Older(segment, doc) => {
                let source = Source::Record { text: segment.record(*doc), place: segment.places[*doc as usize] };
                (source, Arc::clone(&segment.parents[*doc as usize]), segment.warnings.get(doc).cloned())
            }
        };
        part.uids.push(item.uid);
        part.parents.push(parents);
        part.warnings.extend(warnings.map(|warnings| (doc, warnings)));
        graph.relations_of(item.id, &mut relations);
        let (chunk, out) = writer.buffer(source.size() + size_of_relations(&relations));
        targets.clear();
        let place = render::render(&source, &relations, (chunk, out), &mut targets);
        let record = text_from(out, place);
        part.ref_hashes.push(hash_ref(&record[..place.json_at as usize]));
        rows.collect_leaves(doc, record, place);
        rows.collect_relations(doc, record, relations.iter().zip(&targets));
        part.places.push(place);
        part.numbers.push(EntityNumber(item.id));
        part.links.push(relations.iter().map(|relation| relation.link));
    }
    part.chunks = writer.finish();
    part.columns.push((0, rows.finish()));
    part
}

/// The record that was written last.
pub(crate) fn text_from(out: &[u8], place: Place) -> &str {
    std::str::from_utf8(&out[place.start as usize..]).expect("records are put together from strings")
}

/// About how many bytes relations take, rather more than less.
pub(crate) fn size_of_relations(relations: &[Relation<'_>]) -> usize {
    relations.iter().map(|relation| relation.kind.len() + relation.target.len() + 32).sum()
}

fn expected_size(item: &Item) -> usize {
    match &item.from {
        From::Stored(entity) => Source::Stored(entity).size() + entity.relations.len() * 100,
        From::Older(segment, doc) => segment.record(*doc).len() + 100,
    }
}

/// Turns documents into search rows, with the meaning of Backstage's `buildEntitySearch`.
#[derive(Default)]
pub(crate) struct RowCollector {
    columns: ColumnsBuilder,
    path: String,
}

impl RowCollector {
    /// Adds what the author wrote. None of it lies behind the relations, so these may still change.
    pub(crate) fn collect_leaves(&mut self, doc: u32, record: &str, place: Place) {
        let json_at = place.json_at as usize;
        let text = &record[json_at..place.relations_at as usize];
        let columns = &mut self.columns;
        json::visit_leaves(text, is_skipped, &mut |path, leaf| {
            push_leaf(columns, path, text, Value { doc, at: json_at as u32, meta: 0 }, leaf);
        });
        self.ensure_namespace(doc, record, json_at);
    }

    /// Adds the relations as they were written.
    pub(crate) fn collect_relations<'r>(
        &mut self,
        doc: u32,
        record: &str,
        relations: impl Iterator<Item = (&'r Relation<'r>, &'r WrittenTarget)>,
    ) {
        for (relation, target) in relations {
            self.path.clear();
            self.path.push_str("relations.");
            self.path.push_str(relation.kind);
            let Some(column) = self.columns.column(&self.path) else { continue };
            let kind = if target.escaped { LeafKind::Escaped } else { LeafKind::Plain };
            let meta = describe(&record[target.at..target.at + target.len], kind);
            self.columns.push(column, Value { doc, at: target.at as u32, meta });
        }
    }

    pub(crate) fn finish(self) -> Columns {
        self.columns.finish()
    }

    /// An entity without a namespace matches the default one.
    fn ensure_namespace(&mut self, doc: u32, record: &str, json_at: usize) {
        let column = self.columns.column("metadata.namespace").expect("the key is short");
        if !self.columns.has_values_of(column, doc) {
            let (at, len) = render::namespace_span(&record[..json_at]);
            let meta = describe(&record[at..at + len], LeafKind::Plain);
            self.columns.push(column, Value { doc, at: at as u32, meta });
        }
    }
}

/// The subtrees that give no search rows (Backstage: `SPECIAL_KEYS`); relations are added from what was rendered.
fn is_skipped(path: &str) -> bool {
    matches!(path, "attachments" | "relations" | "status" | "metadata.etag")
}

/// Adds the row of a scalar; `value` says which document, and how far its record is ahead of `text`.
fn push_leaf(columns: &mut ColumnsBuilder, path: &str, text: &str, value: Value, leaf: Leaf) {
    let raw = &text[leaf.at..leaf.at + leaf.len];
    let mut meta = describe(raw, leaf.kind);
    let is_item = leaf.in_array && matches!(leaf.kind, LeafKind::Plain | LeafKind::Escaped);
    if is_item && meta & flags::ABSENT == 0 {
        meta |= flags::ITEM;
        let item = if leaf.kind == LeafKind::Escaped { json::unescape(raw) } else { raw.into() };
        if columns.is_shadowed(path, &item, value.doc) {
            meta |= flags::SHADOWED;
        }
    }
    if let Some(column) = columns.column(path) {
        columns.push(column, Value { doc: value.doc, at: value.at + leaf.at as u32, meta });
    }
}
