//! Joining documents that were made in any order to a segment, in order of uid.

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex},
    thread,
};

use model::EntityRef;

use crate::{
    column::{Column, Columns, TextMap, Value},
    links::{EntityNumber, Links},
    segment::{Parts, Place, Segment, Warnings},
    text::Chunk,
};

/// Documents on their way into a segment, numbered from 0 as they came.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) uids: Vec<u128>,
    /// The hashes of the references, made while their text is at hand.
    pub(crate) ref_hashes: Vec<u64>,
    pub(crate) places: Vec<Place>,
    pub(crate) parents: Vec<Arc<[EntityRef]>>,
    pub(crate) warnings: Warnings,
    pub(crate) chunks: Vec<Chunk>,
    /// Columns, each with the number of the document that its own numbers count from. Rows of one key and document are in one
    /// of them.
    pub(crate) columns: Vec<(u32, Columns)>,
    pub(crate) numbers: Vec<EntityNumber>,
    pub(crate) links: Links,
}

impl Batch {
    pub(crate) fn with_capacity(docs: usize) -> Self {
        Self {
            uids: Vec::with_capacity(docs),
            ref_hashes: Vec::with_capacity(docs),
            places: Vec::with_capacity(docs),
            parents: Vec::with_capacity(docs),
            ..Self::default()
        }
    }

    /// Puts the documents of another batch behind the own ones.
    pub(crate) fn append(&mut self, more: Self) {
        let (first_doc, first_chunk) = (self.uids.len() as u32, self.chunks.len() as u32);
        self.uids.extend(more.uids);
        self.ref_hashes.extend(more.ref_hashes);
        self.places.extend(more.places.into_iter().map(|place| Place { chunk: place.chunk + first_chunk, ..place }));
        self.parents.extend(more.parents);
        self.warnings.extend(more.warnings.into_iter().map(|(doc, warnings)| (doc + first_doc, warnings)));
        self.chunks.extend(more.chunks);
        self.columns.extend(more.columns.into_iter().map(|(first, columns)| (first + first_doc, columns)));
        self.numbers.extend(more.numbers);
        self.links.append(&more.links);
    }
}

/// Makes a segment of a batch.
pub(crate) fn join(batch: Batch) -> Segment {
    let mut order: Vec<(u128, u32)> = batch.uids.into_iter().zip(0..).collect();
    order.sort_unstable();
    let mut numbers = vec![0; order.len()];
    for (number, (_, doc)) in (0..).zip(&order) {
        numbers[*doc as usize] = number;
    }
    Segment::new(Parts {
        uids: order.iter().map(|(uid, _)| *uid).collect(),
        ref_hashes: order.iter().map(|(_, doc)| batch.ref_hashes[*doc as usize]).collect(),
        places: order.iter().map(|(_, doc)| batch.places[*doc as usize]).collect(),
        parents: order.iter().map(|(_, doc)| Arc::clone(&batch.parents[*doc as usize])).collect(),
        warnings: batch.warnings.into_iter().map(|(doc, warnings)| (numbers[doc as usize], warnings)).collect(),
        chunks: batch.chunks,
        columns: join_columns(batch.columns, &numbers),
        numbers: order.iter().map(|(_, doc)| batch.numbers[*doc as usize]).collect(),
        links: Links::gather(order.iter().map(|(_, doc)| batch.links.of(*doc))),
    })
}

/// Joins columns key by key, so that only the keys that are worked on are in memory twice.
fn join_columns(parts: Vec<(u32, Columns)>, numbers: &[u32]) -> Columns {
    let mut by_key: TextMap<Vec<(u32, Column)>> = TextMap::default();
    for (first, columns) in parts {
        for (key, column) in columns {
            by_key.entry(key).or_default().push((first, column));
        }
    }
    let pieces = by_key.into_iter().collect();
    in_parallel(pieces, |(key, pieces)| (key, join_column(pieces, numbers))).into_iter().collect()
}

/// Renumbers the documents of a column and brings it into their order.
fn join_column(pieces: Vec<(u32, Column)>, numbers: &[u32]) -> Column {
    let count: usize = pieces.iter().map(|(_, column)| column.len()).sum();
    let values = pieces.iter().flat_map(|(first, column)| {
        column.values().map(move |value| Value { doc: numbers[(first + value.doc) as usize], ..value })
    });
    if count < numbers.len() / 16 {
        let mut few: Vec<Value> = values.collect();
        // Stable: the values of one document stay as they are.
        few.sort_by_key(|value| value.doc);
        return Column::from_sorted(few.len(), few.into_iter());
    }
    let mut ends = vec![0u32; numbers.len() + 1];
    for (first, column) in &pieces {
        column.docs().iter().for_each(|doc| ends[numbers[(first + doc) as usize] as usize + 1] += 1);
    }
    for doc in 1..ends.len() {
        ends[doc] += ends[doc - 1];
    }
    Column::scattered(count, values, |doc| {
        let end = &mut ends[doc as usize];
        *end += 1;
        *end as usize - 1
    })
}

/// Does pieces of work on as many threads as there are cores, or fewer pieces. The results are in the order of the pieces.
pub(crate) fn in_parallel<T: Send, R: Send>(pieces: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(pieces.len());
    if threads < 2 {
        return pieces.into_iter().map(work).collect();
    }
    let waiting = Mutex::new(pieces.into_iter().enumerate());
    let work_on = || {
        let mut done = Vec::new();
        loop {
            let next = waiting.lock().expect("nobody panics while taking a piece").next();
            let Some((index, piece)) = next else { return done };
            done.push((index, work(piece)));
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work_on)).collect();
        let mine = work_on();
        let theirs = others.into_iter().flat_map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        theirs.chain(mine).collect()
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
