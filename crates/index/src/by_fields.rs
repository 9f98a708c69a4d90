//! The order by several keys in one segment.

use std::cmp::Ordering;

use crate::{
    docset::DocSet,
    page::{Lane, Travel, to_bits},
    query::Direction,
    sorted::{NO_RANK, Sorted},
    walk::{in_direction, ranks_towards},
};

/// So few documents are sorted, rather than looked for in the order of the next key. Fewer in tests, whose worlds are small.
const SORT_AT_MOST: usize = if cfg!(test) { 3 } else { 1_024 };

/// Walks over a lane in the order of several keys; at most the first `needed` documents will be asked for.
pub(crate) fn by_fields<'a>(
    lane: &'a Lane<'a>,
    directions: &[Direction],
    travel: Travel,
    needed: usize,
) -> Box<dyn Iterator<Item = u32> + 'a> {
    let len = lane.live.segment.len();
    let keys = lane.columns.iter().zip(directions).map(|(column, direction)| {
        let column = column.as_deref()?;
        Some(Key { column, ranks: ranks_towards(column, *direction, len), direction: *direction })
    });
    let keys = Keys { keys: keys.collect(), len };
    // Near the end it is quicker to sort everything than to find one after the other.
    if travel == Travel::Forward && needed < lane.set.count(len) as usize / 4 {
        let mut first = Vec::with_capacity(needed);
        keys.pick_first(0, &lane.set, needed, &mut first);
        return Box::new(first.into_iter());
    }
    let mut docs: Vec<u32> = lane.set.iter_range(0..len).collect();
    keys.sort(&mut docs);
    in_direction(docs.into_iter(), travel == Travel::Forward)
}

struct Key<'a> {
    column: &'a Sorted,
    /// For each document the group that counts in this direction.
    ranks: &'a [u32],
    direction: Direction,
}

/// The keys of an order; `None` for those that no document of the segment has.
struct Keys<'a> {
    keys: Vec<Option<Key<'a>>>,
    len: u32,
}

impl Keys<'_> {
    /// Smaller comes first; documents without a value have the largest number.
    fn number(&self, key: usize, doc: u32) -> u32 {
        let Some(key) = &self.keys[key] else { return NO_RANK };
        match (key.ranks[doc as usize], key.direction) {
            (NO_RANK, _) => NO_RANK,
            (rank, Direction::Ascending) => rank,
            (rank, Direction::Descending) => NO_RANK - 1 - rank,
        }
    }

    fn sort(&self, docs: &mut [u32]) {
        let mut rows: Vec<(u32, u32)> =
            docs.iter().map(|doc| (if self.keys.is_empty() { 0 } else { self.number(0, *doc) }, *doc)).collect();
        rows.sort_unstable_by(|a, b| {
            let later = || (1..self.keys.len()).map(|key| self.number(key, a.1).cmp(&self.number(key, b.1)));
            a.0.cmp(&b.0)
                .then_with(|| later().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
                .then(a.1.cmp(&b.1))
        });
        docs.iter_mut().zip(rows).for_each(|(doc, (_, sorted))| *doc = sorted);
    }

    /// Adds documents of a set that are equal in the keys before `depth` to `picked`, in order, until there are `needed`: group
    /// by group of the key, and those of a large group by the next key.
    fn pick_first(&self, depth: usize, set: &DocSet<'_>, needed: usize, picked: &mut Vec<u32>) {
        if (set.count(self.len) as usize) <= SORT_AT_MOST {
            let mut docs: Vec<u32> = set.iter_range(0..self.len).collect();
            self.sort(&mut docs);
            picked.extend(docs.into_iter().take(needed - picked.len()));
            return;
        }
        let Some(key) = self.keys.get(depth) else {
            picked.extend(set.iter_range(0..self.len).take(needed - picked.len()));
            return;
        };
        let Some(key) = key else { return self.pick_first(depth + 1, set, needed, picked) };
        let wanted = to_bits(set, self.len);
        for group in in_direction(0..key.column.group_count(), key.direction == Direction::Ascending) {
            if picked.len() == needed {
                return;
            }
            let docs = key.column.group_docs(group);
            let counts_here = |doc: &u32| wanted.contains(*doc) && key.ranks[*doc as usize] == group as u32;
            let members: Vec<u32> = docs.iter().copied().filter(counts_here).collect();
            if !members.is_empty() {
                self.pick_first(depth + 1, &DocSet::from_sorted(members, self.len), needed, picked);
            }
        }
        let valueless = set.iter_range(0..self.len).filter(|doc| key.ranks[*doc as usize] == NO_RANK).collect();
        self.pick_first(depth + 1, &DocSet::from_sorted(valueless, self.len), needed, picked);
    }
}
