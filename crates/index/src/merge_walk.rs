//! Merging the walks over several segments into one.

use std::{borrow::Cow, cmp::Ordering, collections::BinaryHeap, rc::Rc};

use model::Uid;

use crate::{
    page::{Lane, Position, Travel, directions},
    query::{Direction, Order},
    sorted::NO_RANK,
    walk::{Border, Walk, ranks_towards},
};

/// A lane that comes first so often in a row is asked how long it will go on so: from there on its rows are compared by number,
/// not by text. One segment usually has nearly everything.
const STREAK: u32 = 4;

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
    order: &'a Order,
    travel: Travel,
    directions: Rc<[Direction]>,
    /// The lane that came first the last time, and how often in a row.
    streak: (usize, u32),
    /// A lane that comes first until its border.
    run: Option<(usize, Option<Border<'a>>)>,
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
        order: &'a Order,
        travel: Travel,
        from: Option<Position<'_>>,
        needed: usize,
    ) -> Self {
        let until = from.filter(|_| matches!(order, Order::Fields(_))).map(|from| (from.uid.0, from.inclusive));
        let walks = lanes.iter().map(|lane| Walk::new(lane, order, travel, from, needed)).collect();
        let directions = directions(order).into();
        let heads = BinaryHeap::with_capacity(lanes.len());
        let mut merge =
            Self { lanes, walks, heads, order, travel, directions, streak: (usize::MAX, 0), run: None, until };
        if lanes.len() == 1 {
            merge.run = Some((0, None));
        } else {
            (0..lanes.len()).for_each(|lane| merge.pull(lane));
        }
        merge
    }

    /// Puts the next row of a lane among the heads.
    fn pull(&mut self, lane: usize) {
        if let Some((rank, doc)) = self.walks[lane].next() {
            self.push_head(Found { lane, rank, doc });
        }
    }

    fn push_head(&mut self, found: Found) {
        self.heads.push(Head {
            key: self.key(found),
            uid: self.lanes[found.lane].live.segment.uids[found.doc as usize],
            found,
            directions: Rc::clone(&self.directions),
            travel: self.travel,
        });
    }

    fn key(&self, found: Found) -> Key<'a> {
        let lanes: &'a [Lane<'a>] = self.lanes;
        let lane = &lanes[found.lane];
        let segment = lane.live.segment.as_ref();
        match self.order {
            Order::Uid => Key::None,
            Order::EntityRef => Key::Text(Cow::Borrowed(segment.entity_ref(found.doc))),
            Order::Field(..) => {
                let column = lane.columns[0].as_deref();
                Key::Text(column.map_or(Cow::Borrowed(""), |column| column.group_text(found.rank as usize, segment)))
            }
            Order::Fields(_) => {
                let value = |column: Option<&'a crate::sorted::Sorted>, direction: Direction| {
                    let column = column?;
                    let rank = ranks_towards(column, direction, segment.len())[found.doc as usize];
                    (rank != NO_RANK).then(|| column.group_text(rank as usize, segment))
                };
                let columns = lane.columns.iter().zip(self.directions.iter());
                Key::Values(columns.map(|(column, direction)| value(column.as_deref(), *direction)).collect())
            }
        }
    }

    fn next_found(&mut self) -> Option<Found> {
        if let Some(found) = self.next_of_run() {
            return Some(found);
        }
        let found = self.heads.pop()?.found;
        let times = if self.streak.0 == found.lane { self.streak.1 + 1 } else { 1 };
        self.streak = (found.lane, times);
        if times >= STREAK {
            self.run = self.plan_run(found.lane);
        }
        if self.run.is_none() {
            self.pull(found.lane);
        }
        Some(found)
    }

    fn next_of_run(&mut self) -> Option<Found> {
        let (lane, border) = self.run.as_ref()?;
        let lane = *lane;
        let Some((rank, doc)) = self.walks[lane].next() else {
            self.run = None;
            return None;
        };
        let found = Found { lane, rank, doc };
        if border.as_ref().is_none_or(|border| border.is_before(rank, doc)) {
            return Some(found);
        }
        self.run = None;
        self.streak = (usize::MAX, 0);
        self.push_head(found);
        None
    }

    /// Finds out how far a lane comes first.
    fn plan_run(&self, lane: usize) -> Option<(usize, Option<Border<'a>>)> {
        let Some(next) = self.heads.peek() else { return Some((lane, None)) };
        let value = if let Key::Text(text) = &next.key { text.as_ref() } else { "" };
        let at = Position { value, uid: Uid(next.uid), inclusive: false };
        let lanes: &'a [Lane<'a>] = self.lanes;
        Border::new(&lanes[lane], self.order, self.travel, at).map(|border| (lane, Some(border)))
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
