//! Merging the walks over several segments into one.

use std::{borrow::Cow, cmp::Ordering, collections::BinaryHeap, rc::Rc};

use crate::{
    page::{Lane, Position, Travel, directions},
    query::{Direction, Order},
    sorted::NO_RANK,
    walk::{Walk, ranks_towards},
};

/// A document that a walk came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// Which lane it is in.
    pub(crate) lane: usize,
    /// Its rank there.
    pub(crate) rank: u32,
    /// Its number there.
    pub(crate) doc: u32,
}

/// A walk over all lanes in one order.
pub(crate) struct MergeWalk<'a> {
    lanes: &'a [Lane<'a>],
    walks: Vec<Walk<'a>>,
    heads: BinaryHeap<Head<'a>>,
    keys: KeyMaker,
    /// In an order without positions of its own: the entity that has still to be passed.
    until: Option<(u128, bool)>,
}

/// What the heads of two walks are compared by.
#[derive(PartialEq, Eq)]
enum Key<'a> {
    /// The uid alone.
    None,
    /// A text, then the uid.
    Text(Cow<'a, str>),
    /// The values of several keys, then the uid.
    Values(Vec<Option<Cow<'a, str>>>),
}

enum KeyMaker {
    None,
    EntityRef,
    Field,
    Fields,
}

struct Head<'a> {
    key: Key<'a>,
    uid: u128,
    found: Found,
    directions: Rc<[Direction]>,
    travel: Travel,
}

impl<'a> MergeWalk<'a> {
    /// Starts a walk. At most the first `needed` documents will be asked for.
    pub(crate) fn new(
        lanes: &'a [Lane<'a>],
        order: &Order,
        travel: Travel,
        from: Option<Position<'_>>,
        needed: usize,
    ) -> Self {
        let keys = match order {
            Order::Uid => KeyMaker::None,
            Order::EntityRef => KeyMaker::EntityRef,
            Order::Field(..) => KeyMaker::Field,
            Order::Fields(_) => KeyMaker::Fields,
        };
        let until = from.filter(|_| matches!(keys, KeyMaker::Fields)).map(|from| (from.uid.0, from.inclusive));
        let walks = lanes.iter().map(|lane| Walk::new(lane, order, travel, from, needed)).collect();
        let mut merge = Self { lanes, walks, heads: BinaryHeap::new(), keys, until };
        if lanes.len() > 1 {
            let directions: Rc<[Direction]> = directions(order).into();
            for lane in 0..lanes.len() {
                if let Some(head) = merge.pull(lane, &directions, travel) {
                    merge.heads.push(head);
                }
            }
        }
        merge
    }

    fn pull(&mut self, lane: usize, directions: &Rc<[Direction]>, travel: Travel) -> Option<Head<'a>> {
        let (rank, doc) = self.walks[lane].next()?;
        let found = Found { lane, rank, doc };
        Some(Head {
            key: self.key(found, directions),
            uid: self.lanes[lane].live.segment.uids[doc as usize],
            found,
            directions: Rc::clone(directions),
            travel,
        })
    }

    fn key(&self, found: Found, directions: &[Direction]) -> Key<'a> {
        let lanes: &'a [Lane<'a>] = self.lanes;
        let lane = &lanes[found.lane];
        let segment = lane.live.segment.as_ref();
        match self.keys {
            KeyMaker::None => Key::None,
            KeyMaker::EntityRef => Key::Text(Cow::Borrowed(segment.entity_ref(found.doc))),
            KeyMaker::Field => {
                let column = lane.columns[0].as_deref();
                Key::Text(column.map_or(Cow::Borrowed(""), |column| column.group_text(found.rank as usize, segment)))
            }
            KeyMaker::Fields => {
                let value = |column: Option<&'a crate::sorted::Sorted>, direction: Direction| {
                    let column = column?;
                    let rank = ranks_towards(column, direction, segment.len())[found.doc as usize];
                    (rank != NO_RANK).then(|| column.group_text(rank as usize, segment))
                };
                let columns = lane.columns.iter().zip(directions);
                Key::Values(columns.map(|(column, direction)| value(column.as_deref(), *direction)).collect())
            }
        }
    }

    fn next_found(&mut self) -> Option<Found> {
        if self.lanes.len() < 2 {
            let (rank, doc) = self.walks.first_mut()?.next()?;
            return Some(Found { lane: 0, rank, doc });
        }
        let head = self.heads.pop()?;
        if let Some(next) = self.pull(head.found.lane, &head.directions, head.travel) {
            self.heads.push(next);
        }
        Some(head.found)
    }
}

impl Iterator for MergeWalk<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while let Some((uid, inclusive)) = self.until {
            let found = self.next_found()?;
            if self.lanes[found.lane].live.segment.uids[found.doc as usize] == uid {
                self.until = None;
                if inclusive {
                    return Some(found);
                }
            }
        }
        self.next_found()
    }

    fn nth(&mut self, n: usize) -> Option<Found> {
        if self.lanes.len() == 1 && self.until.is_none() {
            let (rank, doc) = self.walks[0].nth(n)?;
            return Some(Found { lane: 0, rank, doc });
        }
        for _ in 0..n {
            self.next()?;
        }
        self.next()
    }
}

impl Head<'_> {
    /// Compares in the order of the walk.
    fn order(&self, other: &Self) -> Ordering {
        let turn = |ordering: Ordering, turned: bool| if turned { ordering.reverse() } else { ordering };
        match (&self.key, &other.key) {
            (Key::Values(a), Key::Values(b)) => {
                let values = a.iter().zip(b).zip(self.directions.iter()).map(|((a, b), direction)| match (a, b) {
                    (Some(a), Some(b)) => turn(a.cmp(b), *direction == Direction::Descending),
                    // Entities without a value come last in both directions.
                    (a, b) => b.is_some().cmp(&a.is_some()),
                });
                let order = values.fold(Ordering::Equal, Ordering::then).then(self.uid.cmp(&other.uid));
                turn(order, self.travel == Travel::Backward)
            }
            (Key::Text(a), Key::Text(b)) => turn(a.cmp(b).then(self.uid.cmp(&other.uid)), self.is_downwards()),
            _ => turn(self.uid.cmp(&other.uid), self.is_downwards()),
        }
    }

    fn is_downwards(&self) -> bool {
        (self.directions.first() == Some(&Direction::Descending)) != (self.travel == Travel::Backward)
    }
}

// The heap gives its largest element first, and the next row is the smallest.
impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.order(self)
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head<'_> {}
