//! Walking over the documents of one segment in an order.

use std::{borrow::Cow, cmp::Ordering, ops::Range};

use crate::{
    bits::Bits,
    by_fields::by_fields,
    docset::DocSet,
    page::{Lane, Position, Travel, directions, to_bits},
    query::{Direction, Order},
    sorted::{NO_RANK, Sorted},
};

/// Documents with their rank in the order (the group of the order's key), in the order of the walk.
pub(crate) enum Walk<'a> {
    /// In orders where the rank says nothing.
    Docs(Box<dyn Iterator<Item = u32> + 'a>),
    /// With ranks.
    Ranked(Box<dyn Iterator<Item = (u32, u32)> + 'a>),
}

impl Iterator for Walk<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        match self {
            Walk::Docs(docs) => docs.next().map(|doc| (0, doc)),
            Walk::Ranked(ranked) => ranked.next(),
        }
    }

    fn nth(&mut self, n: usize) -> Option<(u32, u32)> {
        match self {
            Walk::Docs(docs) => docs.nth(n).map(|doc| (0, doc)),
            Walk::Ranked(ranked) => ranked.nth(n),
        }
    }
}

impl<'a> Walk<'a> {
    /// Starts a walk over a lane. At most the first `needed` documents will be asked for.
    pub(crate) fn new(
        lane: &'a Lane<'a>,
        order: &Order,
        travel: Travel,
        from: Option<Position<'_>>,
        needed: usize,
    ) -> Self {
        let forward = travel == Travel::Forward;
        match order {
            Order::Uid => Walk::Docs(by_uid(lane, from, forward)),
            Order::EntityRef => Walk::Docs(by_ref(lane, from, forward)),
            Order::Field(_, direction) => {
                let ascending = (*direction == Direction::Ascending) == forward;
                match lane.columns[0].as_deref() {
                    Some(column) => Walk::Ranked(by_field(lane, column, from, ascending)),
                    None => Walk::Ranked(Box::new(std::iter::empty())),
                }
            }
            Order::Fields(_) => Walk::Docs(by_fields(lane, &directions(order), travel, needed)),
        }
    }
}

/// The range of documents that lie ahead of a walk in uid order.
fn docs_ahead(lane: &Lane<'_>, from: Option<Position<'_>>, ascending: bool) -> Range<u32> {
    let uids = &lane.live.segment.uids;
    let Some(from) = from else { return 0..uids.len() as u32 };
    // Going up, the bound is the first document ahead; going down, the first that is behind.
    let bound = uids.partition_point(|uid| *uid < from.uid.0 || (ascending != from.inclusive && *uid == from.uid.0));
    if ascending { bound as u32..uids.len() as u32 } else { 0..bound as u32 }
}

fn by_uid<'a>(lane: &'a Lane<'a>, from: Option<Position<'_>>, ascending: bool) -> Box<dyn Iterator<Item = u32> + 'a> {
    let ahead = docs_ahead(lane, from, ascending);
    if ascending { lane.set.iter_range(ahead) } else { lane.set.iter_range_back(ahead) }
}

/// The range of ranks that lie ahead of a walk in order of reference.
fn refs_ahead(lane: &Lane<'_>, from: Option<Position<'_>>, ascending: bool) -> Range<usize> {
    let segment = &lane.live.segment;
    let refs = segment.by_ref();
    let bound = |from: Position<'_>| {
        refs.order.partition_point(|doc| match segment.entity_ref(*doc).cmp(from.value) {
            Ordering::Less => true,
            Ordering::Equal => ascending != from.inclusive,
            Ordering::Greater => false,
        })
    };
    match from {
        None => 0..refs.order.len(),
        Some(from) if ascending => bound(from)..refs.order.len(),
        Some(from) => 0..bound(from),
    }
}

fn by_ref<'a>(lane: &'a Lane<'a>, from: Option<Position<'_>>, ascending: bool) -> Box<dyn Iterator<Item = u32> + 'a> {
    let segment = &lane.live.segment;
    let refs = segment.by_ref();
    let ahead = refs_ahead(lane, from, ascending);
    if let DocSet::Sparse(docs) = &lane.set {
        let mut ranks: Vec<u32> = docs.iter().map(|doc| refs.rank[*doc as usize]).collect();
        ranks.retain(|rank| ahead.contains(&(*rank as usize)));
        ranks.sort_unstable();
        return in_direction(ranks.into_iter().map(|rank| refs.order[rank as usize]), ascending);
    }
    in_direction(refs.order[ahead].iter().copied(), ascending).filter_in(&lane.set)
}

/// Narrows a walk to the members of a set.
trait FilterIn<'a> {
    fn filter_in(self, set: &'a DocSet<'a>) -> Box<dyn Iterator<Item = u32> + 'a>;
}

impl<'a> FilterIn<'a> for Box<dyn Iterator<Item = u32> + 'a> {
    fn filter_in(self, set: &'a DocSet<'a>) -> Self {
        match set {
            DocSet::All => self,
            set => Box::new(self.filter(|doc| set.contains(*doc))),
        }
    }
}

pub(crate) fn in_direction<'a, T>(
    items: impl DoubleEndedIterator<Item = T> + 'a,
    ascending: bool,
) -> Box<dyn Iterator<Item = T> + 'a> {
    if ascending { Box::new(items) } else { Box::new(items.rev()) }
}

fn by_field<'a>(
    lane: &'a Lane<'a>,
    column: &'a Sorted,
    from: Option<Position<'_>>,
    ascending: bool,
) -> Box<dyn Iterator<Item = (u32, u32)> + 'a> {
    let segment = &lane.live.segment;
    let edge = from.map(|from| Edge::new(lane, column, from, ascending));
    let few = match &lane.set {
        DocSet::Sparse(docs) => docs.len() < column.posting_count() / 8,
        // The few may all stand at the end of the order, and walking there costs more than sorting them.
        set => (set.count(segment.len()) as usize) < column.posting_count() / 64,
    };
    if few {
        let forward = column.forward(segment.len());
        if forward.last.is_none() {
            let docs = lane.set.iter_range(0..segment.len());
            let mut rows: Vec<(u32, u32)> = docs.map(|doc| (forward.first[doc as usize], doc)).collect();
            rows.retain(|row| row.0 != NO_RANK && edge.as_ref().is_none_or(|edge| edge.is_ahead(*row, ascending)));
            rows.sort_unstable();
            return in_direction(rows.into_iter(), ascending);
        }
    }
    let groups = match &edge {
        None => 0..column.group_count(),
        Some(edge) if ascending => edge.group..column.group_count(),
        Some(edge) => 0..edge.group + usize::from(edge.exact),
    };
    Box::new(GroupWalk {
        column,
        wanted: to_bits(&lane.set, segment.len()),
        groups,
        ascending,
        edge,
        group: 0,
        docs: Cow::Borrowed(&[]),
        left: 0..0,
    })
}

/// Tells which rows of a lane come before a row of another lane, by numbers alone.
pub(crate) enum Border<'a> {
    /// Documents in uid order.
    Uid { docs: Range<u32> },
    /// Documents in order of reference, whose ranks are given.
    EntityRef { ranks: &'a [u32], ahead: Range<u32> },
    /// Rows of a column.
    Field { edge: Edge, ascending: bool },
}

impl<'a> Border<'a> {
    /// Finds where a row of another lane would stand in this one; `None` in orders that have no such places.
    pub(crate) fn new(lane: &'a Lane<'a>, order: &Order, travel: Travel, at: Position<'_>) -> Option<Self> {
        let forward = travel == Travel::Forward;
        match order {
            // What lies before the row in the direction of travel is what lies ahead of it in the other.
            Order::Uid => Some(Border::Uid { docs: docs_ahead(lane, Some(at), !forward) }),
            Order::EntityRef => {
                let refs = lane.live.segment.by_ref();
                let ahead = refs_ahead(lane, Some(at), !forward);
                Some(Border::EntityRef { ranks: &refs.rank, ahead: ahead.start as u32..ahead.end as u32 })
            }
            Order::Field(_, direction) => {
                let ascending = (*direction == Direction::Ascending) != forward;
                let edge = Edge::new(lane, lane.columns[0].as_deref()?, at, ascending);
                Some(Border::Field { edge, ascending })
            }
            Order::Fields(_) => None,
        }
    }

    /// Tells whether a row of the lane comes first.
    pub(crate) fn is_before(&self, rank: u32, doc: u32) -> bool {
        match self {
            Border::Uid { docs } => docs.contains(&doc),
            Border::EntityRef { ranks, ahead } => ahead.contains(&ranks[doc as usize]),
            Border::Field { edge, ascending } => edge.is_ahead((rank, doc), *ascending),
        }
    }
}

/// A position among the groups of a column.
pub(crate) struct Edge {
    /// The first group that is not below the position's value.
    group: usize,
    /// Whether it has exactly that value.
    exact: bool,
    /// The documents of that group that lie ahead of the walk.
    docs: Range<u32>,
}

impl Edge {
    fn new(lane: &Lane<'_>, column: &Sorted, at: Position<'_>, ascending: bool) -> Self {
        let segment = &lane.live.segment;
        let group = column.lower_bound(at.value, segment);
        let exact = group < column.group_count() && column.group_text(group, segment) == at.value;
        Self { group, exact, docs: docs_ahead(lane, Some(at), ascending) }
    }

    fn is_ahead(&self, (group, doc): (u32, u32), ascending: bool) -> bool {
        match (group as usize).cmp(&self.group) {
            Ordering::Equal if self.exact => self.docs.contains(&doc),
            Ordering::Less => !ascending,
            Ordering::Equal | Ordering::Greater => ascending,
        }
    }
}

/// Goes through the groups of a column, giving the wanted documents of each.
struct GroupWalk<'a> {
    column: &'a Sorted,
    wanted: Cow<'a, Bits>,
    groups: Range<usize>,
    ascending: bool,
    edge: Option<Edge>,
    group: usize,
    docs: Cow<'a, [u32]>,
    left: Range<usize>,
}

impl GroupWalk<'_> {
    fn open_next_group(&mut self) -> Option<()> {
        self.group = if self.ascending { self.groups.next()? } else { self.groups.next_back()? };
        self.docs = self.column.group_docs(self.group);
        self.left = 0..self.docs.len();
        if let Some(edge) = self.edge.as_ref().filter(|edge| edge.exact && edge.group == self.group) {
            let start = self.docs.partition_point(|doc| *doc < edge.docs.start);
            self.left = start..self.docs.partition_point(|doc| *doc < edge.docs.end).max(start);
        }
        Some(())
    }
}

impl Iterator for GroupWalk<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        loop {
            let index = if self.ascending { self.left.next() } else { self.left.next_back() };
            match index {
                Some(index) if self.wanted.contains(self.docs[index]) => {
                    return Some((self.group as u32, self.docs[index]));
                }
                Some(_) => {}
                None => self.open_next_group()?,
            }
        }
    }
}

/// The rank of each document that comes first in a direction.
pub(crate) fn ranks_towards(column: &Sorted, direction: Direction, len: u32) -> &[u32] {
    let forward = column.forward(len);
    match (&forward.last, direction) {
        (Some(last), Direction::Descending) => last,
        _ => &forward.first,
    }
}
