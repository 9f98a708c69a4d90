//! Counting the values of a key.

use std::{borrow::Cow, cmp::Reverse};

use hashbrown::{HashMap, hash_map::Entry};

use crate::{bits::Bits, docset::DocSet, segment::Segment, snapshot::Live, sorted::Sorted};

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// In its original letter case.
    pub value: String,
    /// How many entities have it.
    pub count: u64,
}

/// The most frequent values of a key. Values that differ in letter case only are one, which counts for each of its spellings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopValues {
    /// Most frequent first; equal ones in byte order.
    pub values: Vec<FacetValue>,
    /// How many values there are.
    pub distinct: usize,
}

/// So many times smaller than the largest segment all others together are, to be looked up in it one by one.
const LOOKED_UP: usize = if cfg!(test) { 2 } else { 32 };

/// Finds the most frequent values of a lower-cased key over the given documents of each segment; empty values are left out. The
/// texts are read of those alone that may be among them.
pub(crate) fn top_values(key: &str, sets: &[(&Live, DocSet<'_>)], most: usize) -> TopValues {
    let mut lanes: Vec<GroupCounts<'_>> = Vec::with_capacity(sets.len());
    for (live, set) in sets {
        let segment = live.segment.as_ref();
        if !segment.docs_with_item_key(key).is_empty(segment.len()) {
            return top_of_all(count_values(key, sets), most);
        }
        let sorted = segment.sorted(key).filter(|sorted| sorted.group_count() > 0);
        lanes.extend(sorted.map(|sorted| GroupCounts::of(sorted, segment, set)));
    }
    let Some(largest) = (0..lanes.len()).max_by_key(|lane| lanes[*lane].counts.len()) else {
        return TopValues::default();
    };
    let mut largest = lanes.swap_remove(largest);
    if lanes.iter().map(|lane| lane.counts.len()).sum::<usize>() > largest.counts.len() / LOOKED_UP {
        return top_of_all(count_values(key, sets), most);
    }
    let mut extra: HashMap<String, FacetValue> = HashMap::new();
    for lane in &lanes {
        for (group, count) in &lane.counts {
            let lower = lane.sorted.group_text(*group as usize, lane.segment);
            if let Some(known) = largest.find_mut(&lower) {
                *known += count;
            } else {
                let first = || FacetValue { value: lane.original(*group), count: 0 };
                extra.entry(lower.into_owned()).or_insert_with(first).count += count;
            }
        }
    }
    let distinct = largest.counts.len() + extra.len();
    largest.keep_top(most);
    let of_largest =
        largest.counts.iter().map(|(group, count)| FacetValue { value: largest.original(*group), count: *count });
    let mut values: Vec<FacetValue> = of_largest.chain(extra.into_values()).collect();
    sort_by_count(&mut values);
    values.truncate(most);
    TopValues { values, distinct }
}

/// How many documents have each group of values in one segment.
struct GroupCounts<'s> {
    sorted: &'s Sorted,
    segment: &'s Segment,
    /// Groups with at least one document, and how many.
    counts: Vec<(u32, u64)>,
}

impl<'s> GroupCounts<'s> {
    fn of(sorted: &'s Sorted, segment: &'s Segment, set: &DocSet<'_>) -> Self {
        let mut counts: Vec<(u32, u64)> = Vec::new();
        count_terms(sorted, segment, set, &mut |term, count| {
            let group = sorted.group_of_term(term) as u32;
            match counts.last_mut() {
                Some((last, known)) if *last == group => *known += count,
                _ => counts.push((group, count)),
            }
        });
        // The empty text comes before all others.
        if counts.first().is_some_and(|(group, _)| sorted.group_text(*group as usize, segment).is_empty()) {
            counts.remove(0);
        }
        Self { sorted, segment, counts }
    }

    fn find_mut(&mut self, lower: &str) -> Option<&mut u64> {
        let group = self.sorted.find_group(lower, self.segment)? as u32;
        let at = self.counts.binary_search_by_key(&group, |(group, _)| *group).ok()?;
        Some(&mut self.counts[at].1)
    }

    /// The first spelling of a group.
    fn original(&self, group: u32) -> String {
        self.sorted.group_original(group as usize, self.segment).into_owned()
    }

    fn keep_top(&mut self, most: usize) {
        if most < self.counts.len() {
            self.counts.select_nth_unstable_by_key(most, |(group, count)| (Reverse(*count), *group));
            self.counts.truncate(most);
        }
    }
}

/// The same out of all values, counted apart.
fn top_of_all(counted: Vec<FacetValue>, most: usize) -> TopValues {
    let mut merged: HashMap<String, FacetValue> = HashMap::with_capacity(counted.len());
    for value in counted.into_iter().filter(|value| !value.value.is_empty()) {
        match merged.entry(value.value.to_lowercase()) {
            Entry::Occupied(mut known) => known.get_mut().count += value.count,
            Entry::Vacant(new) => drop(new.insert(value)),
        }
    }
    let distinct = merged.len();
    let mut values: Vec<FacetValue> = merged.into_values().collect();
    sort_by_count(&mut values);
    values.truncate(most);
    TopValues { values, distinct }
}

fn sort_by_count(values: &mut [FacetValue]) {
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
}

/// Counts the values of a lower-cased key over the given documents of each segment.
pub(crate) fn count_values(key: &str, sets: &[(&Live, DocSet<'_>)]) -> Vec<FacetValue> {
    let mut counted: Vec<(Cow<'_, str>, u64)> = Vec::new();
    for (live, set) in sets {
        let segment = live.segment.as_ref();
        let by_items = segment.docs_with_item_key(key);
        let plain = segment.sorted(key);
        if by_items.is_empty(segment.len()) {
            let Some(sorted) = plain else { continue };
            count_terms(sorted, segment, set, &mut |term, count| {
                counted.push((sorted.term_text(term, segment), count));
            });
        } else {
            let docs: Vec<u32> = by_items.iter_range(0..segment.len()).collect();
            let sorted = Sorted::with_true(plain, &docs, segment);
            count_terms(&sorted, segment, set, &mut |term, count| {
                counted.push((sorted.term_text(term, segment), count));
            });
        }
    }
    // Each segment's values are sorted already, or nearly so: the sort finds those runs.
    counted.sort_by(|a, b| a.0.cmp(&b.0));
    let mut values: Vec<FacetValue> = Vec::new();
    for (value, count) in counted {
        match values.last_mut() {
            Some(last) if last.value == value => last.count += count,
            _ => values.push(FacetValue { value: value.into_owned(), count }),
        }
    }
    values
}

/// Gives the terms that documents of `set` have, with how many do.
fn count_terms(sorted: &Sorted, segment: &Segment, set: &DocSet<'_>, found: &mut impl FnMut(usize, u64)) {
    let len = segment.len();
    // Many terms with few documents each are counted from the documents' side when that is shorter.
    let wanted: Option<Cow<'_, Bits>> = match set {
        DocSet::All => None,
        DocSet::Dense(bits) => Some(Cow::Borrowed(bits)),
        DocSet::Sparse(docs) => {
            return count_from_docs(sorted, docs, len, found);
        }
    };
    for term in 0..sorted.term_count() {
        let docs = sorted.term_docs(term);
        let count = match (wanted.as_deref(), sorted.term_bits(term)) {
            (None, _) => docs.len() as u32,
            (Some(wanted), Some(bits)) => wanted.count_common(bits),
            (Some(wanted), None) => docs.iter().filter(|doc| wanted.contains(**doc)).count() as u32,
        };
        if count > 0 {
            found(term, u64::from(count));
        }
    }
}

/// Counts for few documents: each has its values looked up where the terms are few, and the terms are gone through where not.
fn count_from_docs(sorted: &Sorted, docs: &[u32], len: u32, found: &mut impl FnMut(usize, u64)) {
    let bits = Bits::from_docs(len, docs);
    let set = DocSet::Sparse(Cow::Borrowed(docs));
    for term in 0..sorted.term_count() {
        let listed = sorted.term_docs(term);
        let count = match sorted.term_bits(term) {
            Some(dense) => docs.iter().filter(|doc| dense.contains(**doc)).count() as u32,
            None if listed.len() > docs.len() * 8 => set.count_in(listed),
            None => listed.iter().filter(|doc| bits.contains(**doc)).count() as u32,
        };
        if count > 0 {
            found(term, u64::from(count));
        }
    }
}
