//! Merging segments: fewer segments make quicker queries, and dead documents are let go of.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::{
    bits::Bits,
    column::{Column, Columns, Value},
    links::Links,
    segment::{Parts, Place, Segment},
    snapshot::Live,
    text::{CHUNK_BYTES, Chunk, ChunkWriter},
};

/// A merge that is worth doing, as [`crate::Fold::plan_merge`] saw it. Running it needs nothing of the fold and may take seconds
/// at a million entities, so it is meant for another thread.
pub struct MergePlan {
    pub(crate) sources: Vec<Live>,
}

/// A merge that was run, to be given to [`crate::Fold::install`].
pub struct Merged {
    pub(crate) sources: Vec<Live>,
    pub(crate) result: Arc<Segment>,
}

impl MergePlan {
    /// How many documents will be read and written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.iter().map(|live| live.count as usize).sum()
    }

    /// Whether there is nothing left alive in what is merged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Does the merge. What readers have built in the old segments is built in the new one too, so that none of them waits.
    #[must_use]
    pub fn run(self) -> Merged {
        let result = merge(&self.sources);
        warm_like(&result, &self.sources);
        Merged { sources: self.sources, result: Arc::new(result) }
    }
}

/// How many bytes a chunk has at least for not being copied. Batches of a harvest are above it; small ones are put together, so
/// that chunks stay few.
const LEAST_SHARED: usize = CHUNK_BYTES / 256;

/// Where a document of the result comes from.
#[derive(Clone, Copy)]
struct Origin {
    source: u32,
    doc: u32,
}

/// Makes one segment of the living documents of several.
pub(crate) fn merge(sources: &[Live]) -> Segment {
    let mut alive: Vec<(u128, Origin)> = Vec::with_capacity(sources.iter().map(|live| live.count as usize).sum());
    for (source, live) in sources.iter().enumerate() {
        let docs = live.alive();
        for doc in docs.iter_range(0..live.segment.len()) {
            alive.push((live.segment.uids[doc as usize], Origin { source: source as u32, doc }));
        }
    }
    // Each source is a run in order already.
    alive.sort_by_key(|(uid, _)| *uid);
    let origins: Vec<Origin> = alive.iter().map(|(_, origin)| *origin).collect();
    let uids: Vec<u128> = alive.into_iter().map(|(uid, _)| uid).collect();
    let ref_hashes =
        origins.iter().map(|origin| sources[origin.source as usize].segment.ref_hashes[origin.doc as usize]).collect();
    let (places, chunks) = merge_texts(sources, &origins);
    let parents = origins
        .iter()
        .map(|origin| Arc::clone(&sources[origin.source as usize].segment.parents[origin.doc as usize]))
        .collect();
    let warnings = (0u32..)
        .zip(&origins)
        .filter_map(|(doc, origin)| {
            let warnings = sources[origin.source as usize].segment.warnings.get(&origin.doc)?;
            Some((doc, Arc::clone(warnings)))
        })
        .collect();
    let columns = merge_columns(sources, &origins);
    let segment_of = |origin: &Origin| sources[origin.source as usize].segment.as_ref();
    let numbers = origins.iter().map(|origin| segment_of(origin).numbers[origin.doc as usize]).collect();
    let links = Links::gather(origins.iter().map(|origin| segment_of(origin).links.of(origin.doc)));
    Segment::new(Parts { uids, ref_hashes, places, parents, warnings, chunks, columns, numbers, links })
}

/// Shares the chunks that are mostly alive and copies what is left of the others together.
fn merge_texts(sources: &[Live], origins: &[Origin]) -> (Vec<Place>, Vec<Chunk>) {
    let mut used: Vec<Vec<usize>> = sources.iter().map(|live| vec![0; live.segment.chunks.len()]).collect();
    for origin in origins {
        let place = place_of(sources, *origin);
        used[origin.source as usize][place.chunk as usize] += place.end as usize;
    }
    let mut shared = SharedChunks::default();
    for (live, used) in sources.iter().zip(&used) {
        live.segment.chunks.iter().zip(used).for_each(|(chunk, used)| shared.count(chunk, *used));
    }
    let numbers: Vec<Vec<Option<u32>>> =
        sources.iter().map(|live| live.segment.chunks.iter().map(|chunk| shared.take(chunk)).collect()).collect();
    let copied: usize = used
        .iter()
        .zip(&numbers)
        .flat_map(|(used, numbers)| used.iter().zip(numbers))
        .filter_map(|(used, number)| number.is_none().then_some(*used))
        .sum();
    let mut chunks = shared.chunks;
    let mut writer = ChunkWriter::new(copied);
    let mut places = Vec::with_capacity(origins.len());
    for origin in origins {
        let place = place_of(sources, *origin);
        places.push(match numbers[origin.source as usize][place.chunk as usize] {
            Some(chunk) => Place { chunk, ..place },
            None => {
                let record = sources[origin.source as usize].segment.record(origin.doc).as_bytes();
                let (chunk, out) = writer.buffer(record.len());
                let start = out.len() as u32;
                out.extend_from_slice(record);
                Place { chunk: chunks.len() as u32 + chunk, start, ..place }
            }
        });
    }
    chunks.extend(writer.finish());
    (places, chunks)
}

fn place_of(sources: &[Live], origin: Origin) -> Place {
    sources[origin.source as usize].segment.places[origin.doc as usize]
}

/// Chunks that are kept as they are, each once, although several sources may have parts of it.
#[derive(Default)]
struct SharedChunks {
    chunks: Vec<Chunk>,
    /// By identity: how many bytes are used, and the number among `chunks`.
    known: HashMap<*const String, (usize, Option<u32>), foldhash::fast::RandomState>,
}

impl SharedChunks {
    /// Takes note of how many bytes of a chunk a source uses.
    fn count(&mut self, chunk: &Chunk, used: usize) {
        self.known.entry(chunk.identity()).or_default().0 += used;
    }

    /// Keeps a chunk when it is not small and at least three quarters of it are used; gives its number then.
    fn take(&mut self, chunk: &Chunk) -> Option<u32> {
        let (used, number) = self.known.entry(chunk.identity()).or_default();
        let len = chunk.as_str().len();
        if len < LEAST_SHARED || *used < len / 4 * 3 {
            return None;
        }
        Some(*number.get_or_insert_with(|| {
            self.chunks.push(chunk.clone());
            self.chunks.len() as u32 - 1
        }))
    }
}

fn merge_columns(sources: &[Live], origins: &[Origin]) -> Columns {
    const DEAD: u32 = u32::MAX;
    let mut numbers: Vec<Vec<u32>> = sources.iter().map(|live| vec![DEAD; live.segment.uids.len()]).collect();
    for (number, origin) in origins.iter().enumerate() {
        numbers[origin.source as usize][origin.doc as usize] = number as u32;
    }
    let mut all = Columns::default();
    for (first, live) in sources.iter().enumerate() {
        for key in live.segment.columns.keys() {
            if all.contains_key(key) {
                continue;
            }
            let mut values: Vec<Value> = Vec::new();
            for (live, numbers) in sources[first..].iter().zip(&numbers[first..]) {
                let Some(column) = live.segment.column(key) else { continue };
                let renumbered = column.values().map(|value| Value { doc: numbers[value.doc as usize], ..value });
                values.extend(renumbered.filter(|value| value.doc != DEAD));
            }
            if values.is_empty() {
                continue;
            }
            // Stable, and quick because each source is a run in order.
            values.sort_by_key(|value| value.doc);
            let mut column = Column::default();
            column.reserve(values.len());
            values.into_iter().for_each(|value| column.push(value));
            all.insert(Arc::clone(key), column);
        }
    }
    all
}

/// Builds in `result` what is built in any of the sources.
fn warm_like(result: &Segment, sources: &[Live]) {
    for live in sources {
        for (key, column) in live.segment.columns.iter().filter(|(_, column)| column.is_sorted()) {
            let Some(sorted) = result.sorted(key) else { continue };
            if live.segment.sorted_of(column).has_text() {
                sorted.warm_text(result);
            }
        }
        if live.segment.has_by_ref() {
            let _built = result.by_ref();
        }
        if live.segment.has_text_index() {
            let _built = result.text_index();
        }
    }
}

/// Kills the documents of the result whose originals died while the merge ran.
pub(crate) fn catch_up(merged: &Merged, now: &[Live]) -> Option<Live> {
    let result = &merged.result;
    let mut alive: Option<Bits> = None;
    for planned in &merged.sources {
        let current = now.iter().find(|live| Arc::ptr_eq(&live.segment, &planned.segment))?;
        if current.count == planned.count {
            continue;
        }
        for doc in planned.alive().iter_range(0..planned.segment.len()) {
            if !current.is_alive(doc)
                && let Some(dead) = result.find_uid(planned.segment.uid(doc))
            {
                alive.get_or_insert_with(|| Bits::full(result.len())).remove(dead);
            }
        }
    }
    let count = alive.as_ref().map_or(result.len(), Bits::count);
    Some(Live { segment: Arc::clone(result), alive: alive.map(Arc::new), count })
}
