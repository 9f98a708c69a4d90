//! Counting the values of a key.

use std::borrow::Cow;

use crate::{bits::Bits, docset::DocSet, segment::Segment, snapshot::Live, sorted::Sorted};

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// In its original letter case.
    pub value: String,
    /// How many entities have it.
    pub count: u64,
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
