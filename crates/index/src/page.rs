//! Answering pages: each segment is walked in the order asked for, and the walks are merged.

use std::borrow::Cow;

use model::Uid;

use crate::{
    bits::Bits,
    docset::DocSet,
    filter,
    merge_walk::MergeWalk,
    query::{Direction, Order, Page, PageQuery, Row, Start},
    snapshot::{Doc, Live},
    sorted::Sorted,
};

/// What one segment adds to a page.
pub(crate) struct Lane<'a> {
    pub(crate) live: &'a Live,
    /// The documents that are wanted and have a place in the order.
    pub(crate) set: DocSet<'a>,
    /// The sorted columns of the order's keys; `None` when the segment does not have the key.
    pub(crate) columns: Vec<Option<Cow<'a, Sorted>>>,
}

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Travel {
    /// In the order asked for.
    Forward,
    /// Against it.
    Backward,
}

/// A place in an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position<'q> {
    pub(crate) value: &'q str,
    pub(crate) uid: Uid,
    /// Whether a row at exactly this place is walked over too.
    pub(crate) inclusive: bool,
}

/// Answers a page from the wanted documents of each segment.
pub(crate) fn page(sets: Vec<(&Live, DocSet<'_>)>, query: &PageQuery) -> Page {
    let lanes = open_lanes(sets, &query.order);
    let total = query.count.then(|| lanes.iter().map(|lane| u64::from(lane.count())).sum());
    let limit = query.limit.unwrap_or(usize::MAX);
    let page = match &query.start {
        Start::Offset(offset) => page_at(&lanes, query, *offset, limit),
        Start::After { value, uid } => page_after(&lanes, &query.order, (value.as_deref(), *uid), limit),
        Start::Before { value, uid } => page_before(&lanes, &query.order, (value.as_deref(), *uid), limit),
    };
    Page { total, ..page }
}

impl Lane<'_> {
    fn count(&self) -> u32 {
        self.set.count(self.live.segment.len())
    }

    fn row(&self, order: &Order, (rank, doc): (u32, u32)) -> Row {
        let segment = &self.live.segment;
        let value = match order {
            Order::Uid | Order::Fields(_) => None,
            Order::EntityRef => Some(segment.entity_ref(doc).to_owned()),
            Order::Field(..) => {
                self.columns[0].as_ref().map(|column| column.group_text(rank as usize, segment).into_owned())
            }
        };
        Row { doc: Doc::new(segment, doc), value }
    }
}

fn open_lanes<'a>(sets: Vec<(&'a Live, DocSet<'a>)>, order: &Order) -> Vec<Lane<'a>> {
    let keys: Vec<Cow<'_, str>> = match order {
        Order::Uid | Order::EntityRef => Vec::new(),
        Order::Field(key, _) => vec![filter::lower(key)],
        Order::Fields(keys) => keys.iter().map(|(key, _)| filter::lower(key)).collect(),
    };
    let mut lanes = Vec::with_capacity(sets.len());
    for (live, mut set) in sets {
        let columns: Vec<_> = keys.iter().map(|key| sorted_column(live, key)).collect();
        if matches!(order, Order::Field(..)) {
            let Some(column) = &columns[0] else { continue };
            set = set.and(match column {
                Cow::Borrowed(column) => column.valued(),
                Cow::Owned(column) => {
                    DocSet::from_sorted(column.valued().iter_range(0..live.segment.len()).collect(), live.segment.len())
                }
            });
            if set.is_empty(live.segment.len()) {
                continue;
            }
        }
        lanes.push(Lane { live, set, columns });
    }
    lanes
}

/// The sorted column of a key, with the boolean keys that array items give.
fn sorted_column<'a>(live: &'a Live, key: &str) -> Option<Cow<'a, Sorted>> {
    let segment = live.segment.as_ref();
    let by_items = segment.docs_with_item_key(key);
    let plain = segment.sorted(key);
    if by_items.is_empty(segment.len()) {
        return plain.map(Cow::Borrowed);
    }
    let docs: Vec<u32> = by_items.iter_range(0..segment.len()).collect();
    Some(Cow::Owned(Sorted::with_true(plain, &docs, segment)))
}

fn page_at(lanes: &[Lane<'_>], query: &PageQuery, offset: u64, limit: usize) -> Page {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let needed = offset.saturating_add(limit).saturating_add(1);
    let mut walk = MergeWalk::new(lanes, &query.order, Travel::Forward, None, needed);
    let passed = offset == 0 || walk.nth(offset - 1).is_some();
    if !passed {
        return Page { rows: Vec::new(), total: None, more: false, earlier: !lanes.is_empty() };
    }
    let rows = take_rows(&mut walk, lanes, &query.order, limit);
    Page { rows, total: None, more: walk.next().is_some(), earlier: offset > 0 }
}

fn page_after(lanes: &[Lane<'_>], order: &Order, (value, uid): (Option<&str>, Uid), limit: usize) -> Page {
    let value = value.unwrap_or_default();
    let at = Position { value, uid, inclusive: false };
    let mut walk = MergeWalk::new(lanes, order, Travel::Forward, Some(at), usize::MAX);
    let rows = take_rows(&mut walk, lanes, order, limit);
    let more = walk.next().is_some();
    let here = Position { inclusive: true, ..at };
    let earlier = MergeWalk::new(lanes, order, Travel::Backward, Some(here), usize::MAX).next().is_some();
    Page { rows, total: None, more, earlier }
}

fn page_before(lanes: &[Lane<'_>], order: &Order, (value, uid): (Option<&str>, Uid), limit: usize) -> Page {
    let value = value.unwrap_or_default();
    let at = Position { value, uid, inclusive: false };
    let mut walk = MergeWalk::new(lanes, order, Travel::Backward, Some(at), usize::MAX);
    let mut rows = take_rows(&mut walk, lanes, order, limit);
    rows.reverse();
    let earlier = walk.next().is_some();
    let here = Position { inclusive: true, ..at };
    let more = MergeWalk::new(lanes, order, Travel::Forward, Some(here), usize::MAX).next().is_some();
    Page { rows, total: None, more, earlier }
}

fn take_rows(walk: &mut MergeWalk<'_>, lanes: &[Lane<'_>], order: &Order, limit: usize) -> Vec<Row> {
    let mut rows = Vec::with_capacity(limit.min(1000));
    while rows.len() < limit {
        let Some(found) = walk.next() else { break };
        rows.push(lanes[found.lane].row(order, (found.rank, found.doc)));
    }
    rows
}

/// The directions of an order's keys.
pub(crate) fn directions(order: &Order) -> Vec<Direction> {
    match order {
        Order::Uid | Order::EntityRef => Vec::new(),
        Order::Field(_, direction) => vec![*direction],
        Order::Fields(keys) => keys.iter().map(|(_, direction)| *direction).collect(),
    }
}

/// A set as bits, for walks that ask for membership in no particular order.
pub(crate) fn to_bits<'s>(set: &'s DocSet<'_>, len: u32) -> Cow<'s, Bits> {
    match set {
        DocSet::All => Cow::Owned(Bits::full(len)),
        DocSet::Sparse(docs) => Cow::Owned(Bits::from_docs(len, docs)),
        DocSet::Dense(bits) => Cow::Borrowed(bits),
    }
}
