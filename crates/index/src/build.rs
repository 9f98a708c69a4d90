//! Building a segment: rendering documents and collecting their search rows, on as many threads as are worth it.

use std::sync::{Arc, Mutex};

use model::StoredEntity;

use crate::{
    column::{Columns, ColumnsBuilder, Value, describe, flags},
    graph::Graph,
    json::{self, Leaf, LeafKind},
    render::{self, Relation, SharedParents, Source, WrittenTarget},
    segment::{Parts, Place, Segment},
    text::ChunkWriter,
};

/// Fewer documents than this are not worth a second thread.
const PARALLEL_FROM: usize = 2_000;

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
    items.sort_unstable_by_key(|item| item.uid);
    if items.len() < PARALLEL_FROM {
        return join(vec![build_part(items, graph)]);
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let size = items.len().div_ceil(threads * 4);
    let mut parts = Vec::new();
    while items.len() > size {
        parts.push(items.split_off(items.len() - size));
    }
    parts.push(items);
    // The last part comes first in the list, so that `pop` takes the parts in order.
    let count = parts.len();
    let waiting = Mutex::new(parts);
    let done: Mutex<Vec<Option<Parts>>> = Mutex::new((0..count).map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let mut queue = waiting.lock().expect("no builder panics while it holds the queue");
                    let Some(part) = queue.pop() else { return };
                    let index = count - 1 - queue.len();
                    drop(queue);
                    let part = build_part(part, graph);
                    done.lock().expect("no builder panics while it holds the list")[index] = Some(part);
                }
            });
        }
    });
    let done = done.into_inner().expect("a builder that panicked has ended the scope");
    join(done.into_iter().flatten().collect())
}

/// Builds the documents of some items, numbered from 0.
fn build_part(items: Vec<Item>, graph: &Graph) -> Parts {
    let mut part = Parts {
        uids: items.iter().map(|item| item.uid).collect(),
        places: Vec::with_capacity(items.len()),
        parents: Vec::with_capacity(items.len()),
        ..Parts::default()
    };
    let expected = if items.len() < PARALLEL_FROM { items.iter().map(expected_size).sum() } else { usize::MAX };
    let mut writer = ChunkWriter::new(expected);
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
        part.parents.push(parents);
        part.warnings.extend(warnings.map(|warnings| (doc, warnings)));
        graph.relations_of(item.id, &mut relations);
        let expected = source.size() + relations.iter().map(|r| r.kind.len() + r.target.len() + 32).sum::<usize>();
        let (chunk, out) = writer.buffer(expected);
        targets.clear();
        let place = render::render(&source, &relations, (chunk, out), &mut targets);
        let record = std::str::from_utf8(&out[place.start as usize..]).expect("records are put together from strings");
        rows.collect(doc, record, place, relations.iter().zip(&targets));
        part.places.push(place);
    }
    part.chunks = writer.finish();
    part.columns = rows.columns.finish();
    part
}

fn expected_size(item: &Item) -> usize {
    match &item.from {
        From::Stored(entity) => Source::Stored(entity).size() + entity.relations.len() * 100,
        From::Older(segment, doc) => segment.record(*doc).len() + 100,
    }
}

fn join(mut parts: Vec<Parts>) -> Segment {
    if parts.len() == 1
        && let Some(part) = parts.pop()
    {
        return Segment::new(part);
    }
    let total = parts.iter().map(|part| part.uids.len()).sum();
    let mut all = Parts {
        uids: Vec::with_capacity(total),
        places: Vec::with_capacity(total),
        parents: Vec::with_capacity(total),
        ..Parts::default()
    };
    let mut columns = Vec::with_capacity(parts.len());
    for part in parts {
        let first_chunk = all.chunks.len() as u32;
        let first_doc = all.uids.len() as u32;
        columns.push((first_doc, part.columns));
        all.warnings.extend(part.warnings.into_iter().map(|(doc, warnings)| (doc + first_doc, warnings)));
        all.uids.extend(part.uids);
        all.places.extend(part.places.into_iter().map(|place| Place { chunk: place.chunk + first_chunk, ..place }));
        all.parents.extend(part.parents);
        all.chunks.extend(part.chunks);
    }
    all.columns = join_columns(columns);
    Segment::new(all)
}

/// Joins the columns of consecutive parts, key by key, so that not more than one key is in memory twice.
fn join_columns(mut parts: Vec<(u32, Columns)>) -> Columns {
    let mut all = Columns::default();
    for from in 0..parts.len() {
        let keys: Vec<Arc<str>> = parts[from].1.keys().cloned().collect();
        for key in keys {
            let found: Vec<_> =
                parts[from..].iter_mut().filter_map(|(first, columns)| Some((*first, columns.remove(&key)?))).collect();
            let column = all.entry(key).or_default();
            column.reserve(found.iter().map(|(_, column)| column.len()).sum());
            for (first, more) in found {
                column.append(&more, first);
            }
        }
    }
    all
}

/// Turns documents into search rows, with the meaning of Backstage's `buildEntitySearch`.
#[derive(Default)]
struct RowCollector {
    columns: ColumnsBuilder,
    path: String,
}

impl RowCollector {
    fn collect<'r>(
        &mut self,
        doc: u32,
        record: &str,
        place: Place,
        relations: impl Iterator<Item = (&'r Relation<'r>, &'r WrittenTarget)>,
    ) {
        let json_at = place.json_at as usize;
        let text = &record[json_at..place.relations_at as usize];
        let columns = &mut self.columns;
        json::visit_leaves(text, is_skipped, &mut |path, leaf| {
            push_leaf(columns, path, text, Value { doc, at: json_at as u32, meta: 0 }, leaf);
        });
        self.ensure_namespace(doc, record, json_at);
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
