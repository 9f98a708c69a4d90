//! Sets of documents of one segment: small ones as sorted lists, large ones as bits.

use std::borrow::Cow;

use crate::bits::Bits;

/// A list shorter than the segment's length divided by this stays a list.
const SPARSE: usize = 32;

/// A set of document numbers of a segment.
#[derive(Clone, Debug)]
pub(crate) enum DocSet<'a> {
    /// All documents.
    All,
    /// Few documents, in order and without duplicates.
    Sparse(Cow<'a, [u32]>),
    /// Many documents.
    Dense(Cow<'a, Bits>),
}

impl<'a> DocSet<'a> {
    pub(crate) const NONE: Self = DocSet::Sparse(Cow::Borrowed(&[]));

    /// Makes a set from a sorted list without duplicates, in the fitting form for a segment of `len` documents.
    pub(crate) fn from_sorted(docs: Vec<u32>, len: u32) -> DocSet<'static> {
        if docs.len() == len as usize {
            DocSet::All
        } else if is_sparse(docs.len(), len) {
            DocSet::Sparse(Cow::Owned(docs))
        } else {
            DocSet::Dense(Cow::Owned(Bits::from_docs(len, &docs)))
        }
    }

    pub(crate) fn is_empty(&self, len: u32) -> bool {
        match self {
            DocSet::All => len == 0,
            DocSet::Sparse(docs) => docs.is_empty(),
            DocSet::Dense(bits) => bits.count() == 0,
        }
    }

    pub(crate) fn count(&self, len: u32) -> u32 {
        match self {
            DocSet::All => len,
            DocSet::Sparse(docs) => docs.len() as u32,
            DocSet::Dense(bits) => bits.count(),
        }
    }

    pub(crate) fn contains(&self, doc: u32) -> bool {
        match self {
            DocSet::All => true,
            DocSet::Sparse(docs) => docs.binary_search(&doc).is_ok(),
            DocSet::Dense(bits) => bits.contains(doc),
        }
    }

    /// Counts the members of a sorted list that are in the set.
    pub(crate) fn count_in(&self, docs: &[u32]) -> u32 {
        match self {
            DocSet::All => docs.len() as u32,
            DocSet::Sparse(mine) if mine.len() < docs.len() / 8 => {
                mine.iter().filter(|doc| docs.binary_search(doc).is_ok()).count() as u32
            }
            set => docs.iter().filter(|doc| set.contains(**doc)).count() as u32,
        }
    }

    /// Lists the members within `range`, smallest first.
    pub(crate) fn iter_range(&self, range: std::ops::Range<u32>) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            DocSet::All => Box::new(range),
            DocSet::Sparse(docs) => Box::new(slice_of(docs, &range).iter().copied()),
            DocSet::Dense(bits) => Box::new(bits.iter_range(range)),
        }
    }

    /// Lists the members within `range`, largest first.
    pub(crate) fn iter_range_back(&self, range: std::ops::Range<u32>) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            DocSet::All => Box::new(range.rev()),
            DocSet::Sparse(docs) => Box::new(slice_of(docs, &range).iter().rev().copied()),
            DocSet::Dense(bits) => Box::new(bits.iter_range_back(range)),
        }
    }

    /// The members of both sets.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (DocSet::All, set) | (set, DocSet::All) => set,
            (DocSet::Dense(a), DocSet::Dense(b)) => {
                let (mut owned, shared) = if matches!(a, Cow::Owned(_)) { (a, b) } else { (b, a) };
                owned.to_mut().retain_common(&shared);
                DocSet::Dense(owned)
            }
            (DocSet::Sparse(docs), set) | (set, DocSet::Sparse(docs)) => {
                DocSet::Sparse(Cow::Owned(docs.iter().copied().filter(|doc| set.contains(*doc)).collect()))
            }
        }
    }

    /// The members of any of the sets.
    pub(crate) fn any(sets: Vec<Self>, len: u32) -> Self {
        let mut sets: Vec<Self> =
            sets.into_iter().filter(|s| !matches!(s, DocSet::Sparse(d) if d.is_empty())).collect();
        if sets.iter().any(|s| matches!(s, DocSet::All)) {
            return DocSet::All;
        }
        if sets.len() < 2 {
            return sets.pop().unwrap_or(Self::NONE);
        }
        let listed: usize = sets.iter().map(|s| if let DocSet::Sparse(d) = s { d.len() } else { len as usize }).sum();
        if is_sparse(listed, len) {
            let mut docs: Vec<u32> = Vec::with_capacity(listed);
            for set in &sets {
                docs.extend(set.iter_range(0..len));
            }
            docs.sort_unstable();
            docs.dedup();
            return DocSet::Sparse(Cow::Owned(docs));
        }
        let mut all = Bits::new(len);
        for set in sets {
            match set {
                DocSet::Dense(bits) => all.insert_all(&bits),
                DocSet::Sparse(docs) => docs.iter().for_each(|doc| all.insert(*doc)),
                DocSet::All => {}
            }
        }
        DocSet::Dense(Cow::Owned(all))
    }

    /// The documents that are not members.
    pub(crate) fn not(self, len: u32) -> Self {
        match self {
            DocSet::All => Self::NONE,
            DocSet::Sparse(docs) if docs.is_empty() => DocSet::All,
            DocSet::Sparse(docs) => {
                let mut bits = Bits::full(len);
                docs.iter().for_each(|doc| bits.remove(*doc));
                DocSet::Dense(Cow::Owned(bits))
            }
            DocSet::Dense(mut bits) => {
                bits.to_mut().invert();
                DocSet::Dense(bits)
            }
        }
    }
}

/// Tells whether `count` of `len` documents are better kept as a list.
pub(crate) fn is_sparse(count: usize, len: u32) -> bool {
    count < len as usize / SPARSE
}

/// Unties a set from what it was looked up in.
pub(crate) fn owned(set: DocSet<'_>) -> DocSet<'static> {
    match set {
        DocSet::All => DocSet::All,
        DocSet::Sparse(docs) => DocSet::Sparse(Cow::Owned(docs.into_owned())),
        DocSet::Dense(bits) => DocSet::Dense(Cow::Owned(bits.into_owned())),
    }
}

fn slice_of<'s>(docs: &'s [u32], range: &std::ops::Range<u32>) -> &'s [u32] {
    let start = docs.partition_point(|doc| *doc < range.start);
    let end = docs.partition_point(|doc| *doc < range.end);
    &docs[start..end.max(start)]
}
