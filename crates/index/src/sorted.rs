//! The sorted form of a column: its distinct values with the documents that have them.

use std::{borrow::Cow, cmp::Ordering, hash::BuildHasher as _, ops::Range, sync::OnceLock};

use hashbrown::HashTable;

use crate::{
    bits::Bits,
    column::{Column, Value, flags},
    docset::{DocSet, is_sparse, owned},
    like::Like,
    recent::Recent,
    search::typo::signature,
    segment::Segment,
    text_sort::sort_by_text,
};

/// The rank of a document without a value.
pub(crate) const NO_RANK: u32 = u32::MAX;

/// In columns of fewer distinct values a search is as quick as remembering its answer. Fewer in tests, whose worlds are small.
const KEEP_FROM: usize = if cfg!(test) { 2 } else { 10_000 };

/// The distinct values of a column.
///
/// A *term* is a value in its original letter case. A *group* is all terms with the same lower-cased value; filters and orders
/// work on groups, facets on terms. Terms are in order of (lower-cased, original) value.
#[derive(Clone, Debug)]
pub(crate) struct Sorted {
    terms: Vec<Value>,
    /// Where the documents of each term start in `postings`, and their end.
    starts: Vec<u32>,
    /// The documents of each term, in order.
    postings: Vec<u32>,
    /// The documents of terms that many documents have, by term.
    dense: Vec<(u32, Bits)>,
    /// The first term of each group, and the end; `None` when each term is a group of its own.
    groups: Option<Vec<u32>>,
    /// Documents with any value, also one that cannot be compared.
    exists: DocSet<'static>,
    /// Documents with a value that can be compared.
    valued: DocSet<'static>,
    forward: OnceLock<Forward>,
    blob: OnceLock<Blob>,
    signatures: OnceLock<Vec<u32>>,
    recent: Recent,
}

/// The group of each document.
#[derive(Clone, Debug)]
pub(crate) struct Forward {
    /// The smallest group of each document.
    pub(crate) first: Vec<u32>,
    /// The largest group of each document; `None` when none has two.
    pub(crate) last: Option<Vec<u32>>,
}

/// The lower-cased values in one piece, for substring search. The byte 0xFF, which no text has, stands after each.
#[derive(Clone, Debug)]
struct Blob {
    bytes: Vec<u8>,
    starts: Vec<u64>,
}

impl Sorted {
    /// Sorts a column.
    pub(crate) fn build(column: &Column, segment: &Segment) -> Self {
        let (terms, term_of) = distinct(column, segment);
        let mut order: Vec<u32> = (0..terms.len() as u32).collect();
        let lower = |term: u32| terms[term as usize].lower(|doc| segment.record(doc));
        let original = |term: u32| terms[term as usize].original(|doc| segment.record(doc));
        sort_by_text(&mut order, lower, |a, b| original(a).cmp(&original(b)));

        let mut rank = vec![0u32; terms.len()];
        for (position, term) in order.iter().enumerate() {
            rank[*term as usize] = position as u32;
        }
        let (starts, postings) = invert(column, &term_of, &rank);
        let exists = dedup(column.docs().to_vec());
        let valued =
            dedup(column.values().filter(|value| value.meta & flags::ABSENT == 0).map(|value| value.doc).collect());
        let terms = order.into_iter().map(|term| terms[term as usize]).collect();
        Self::assemble(terms, starts, postings, exists, valued, segment)
    }

    /// Adds the value `true` for `docs`, as boolean keys have it. Slow; for the rare case that someone sorts by such a key.
    pub(crate) fn with_true(base: Option<&Self>, docs: &[u32], segment: &Segment) -> Self {
        let len = segment.len();
        let mut lists: Vec<(Value, Vec<u32>)> = Vec::new();
        let mut exists = docs.to_vec();
        if let Some(base) = base {
            lists.extend((0..base.terms.len()).map(|term| (base.terms[term], base.term_docs(term).to_vec())));
            exists.extend(base.exists.iter_range(0..len));
        }
        let text = |value: &Value| value.original(|doc| segment.record(doc)).into_owned();
        if let Some((_, list)) = lists.iter_mut().find(|(value, _)| text(value) == "true") {
            list.extend_from_slice(docs);
            *list = dedup(std::mem::take(list));
        } else {
            lists.push((Value::TRUE, docs.to_vec()));
        }
        lists.sort_by_cached_key(|(value, _)| (value.lower(|doc| segment.record(doc)).into_owned(), text(value)));
        let mut starts = vec![0];
        let mut postings = Vec::new();
        for (_, list) in &lists {
            postings.extend_from_slice(list);
            starts.push(postings.len() as u32);
        }
        let terms = lists.into_iter().map(|(value, _)| value).collect();
        Self::assemble(terms, starts, postings.clone(), dedup(exists), dedup(postings), segment)
    }

    fn assemble(
        terms: Vec<Value>,
        starts: Vec<u32>,
        postings: Vec<u32>,
        exists: Vec<u32>,
        valued: Vec<u32>,
        segment: &Segment,
    ) -> Self {
        let len = segment.len();
        let mut dense = Vec::new();
        for (term, ends) in starts.windows(2).enumerate() {
            let docs = &postings[ends[0] as usize..ends[1] as usize];
            if !is_sparse(docs.len(), len) && docs.len() > 8 {
                dense.push((term as u32, Bits::from_docs(len, docs)));
            }
        }
        let groups = terms.iter().any(|term| term.meta & flags::MIXED != 0).then(|| group(&terms, segment));
        Self {
            terms,
            starts,
            postings,
            dense,
            groups,
            exists: DocSet::from_sorted(exists, len),
            valued: DocSet::from_sorted(valued, len),
            forward: OnceLock::new(),
            blob: OnceLock::new(),
            signatures: OnceLock::new(),
            recent: Recent::default(),
        }
    }

    pub(crate) fn exists(&self) -> DocSet<'_> {
        borrow(&self.exists)
    }

    pub(crate) fn valued(&self) -> DocSet<'_> {
        borrow(&self.valued)
    }

    pub(crate) fn term_count(&self) -> usize {
        self.terms.len()
    }

    pub(crate) fn posting_count(&self) -> usize {
        self.postings.len()
    }

    /// Gives a term in its original letter case.
    pub(crate) fn term_text<'s>(&self, term: usize, segment: &'s Segment) -> Cow<'s, str> {
        self.terms[term].original(|doc| segment.record(doc))
    }

    /// Lists the documents of a term, in order.
    pub(crate) fn term_docs(&self, term: usize) -> &[u32] {
        &self.postings[self.starts[term] as usize..self.starts[term + 1] as usize]
    }

    /// The documents of a term as bits, when they are many.
    pub(crate) fn term_bits(&self, term: usize) -> Option<&Bits> {
        let found = self.dense.binary_search_by_key(&(term as u32), |(term, _)| *term).ok()?;
        Some(&self.dense[found].1)
    }

    fn term_set(&self, term: usize) -> DocSet<'_> {
        match self.term_bits(term) {
            Some(bits) => DocSet::Dense(Cow::Borrowed(bits)),
            None => DocSet::Sparse(Cow::Borrowed(self.term_docs(term))),
        }
    }

    pub(crate) fn group_count(&self) -> usize {
        self.groups.as_ref().map_or(self.terms.len(), |groups| groups.len() - 1)
    }

    fn group_terms(&self, group: usize) -> Range<usize> {
        match &self.groups {
            Some(groups) => groups[group] as usize..groups[group + 1] as usize,
            None => group..group + 1,
        }
    }

    /// Gives the lower-cased value of a group.
    pub(crate) fn group_text<'s>(&self, group: usize, segment: &'s Segment) -> Cow<'s, str> {
        self.terms[self.group_terms(group).start].lower(|doc| segment.record(doc))
    }

    /// Gives the value of a group in the letter case of the first of its terms.
    pub(crate) fn group_original<'s>(&self, group: usize, segment: &'s Segment) -> Cow<'s, str> {
        self.term_text(self.group_terms(group).start, segment)
    }

    /// The group that a term belongs to.
    pub(crate) fn group_of_term(&self, term: usize) -> usize {
        self.groups.as_ref().map_or(term, |groups| groups.partition_point(|first| *first as usize <= term) - 1)
    }

    /// Lists the documents of a group, in order and without duplicates.
    pub(crate) fn group_docs(&self, group: usize) -> Cow<'_, [u32]> {
        let terms = self.group_terms(group);
        if terms.len() == 1 {
            return Cow::Borrowed(self.term_docs(terms.start));
        }
        Cow::Owned(dedup(terms.flat_map(|term| self.term_docs(term).iter().copied()).collect()))
    }

    /// Finds the first group that is not below a lower-cased value.
    pub(crate) fn lower_bound(&self, value: &str, segment: &Segment) -> usize {
        let (mut low, mut high) = (0, self.group_count());
        while low < high {
            let middle = (low + high) / 2;
            let term = self.terms[self.group_terms(middle).start];
            if term.compare_lower(|doc| segment.record(doc), value) == Ordering::Less {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Finds the group of a lower-cased value.
    pub(crate) fn find_group(&self, value: &str, segment: &Segment) -> Option<usize> {
        let group = self.lower_bound(value, segment);
        (group < self.group_count() && self.group_text(group, segment) == value).then_some(group)
    }

    /// The documents of some groups.
    pub(crate) fn docs_of_groups(&self, groups: impl Iterator<Item = usize>, len: u32) -> DocSet<'_> {
        let terms: Vec<usize> = groups.flat_map(|group| self.group_terms(group)).collect();
        if let [term] = terms.as_slice() {
            return self.term_set(*term);
        }
        let listed: usize = terms.iter().map(|term| self.term_docs(*term).len()).sum();
        if is_sparse(listed, len) {
            let docs = terms.iter().flat_map(|term| self.term_docs(*term).iter().copied()).collect();
            return DocSet::Sparse(Cow::Owned(dedup(docs)));
        }
        let mut all = Bits::new(len);
        for term in terms {
            match self.term_bits(term) {
                Some(bits) => all.insert_all(bits),
                None => self.term_docs(term).iter().for_each(|doc| all.insert(*doc)),
            }
        }
        DocSet::Dense(Cow::Owned(all))
    }

    /// Finds the groups that start with a lower-cased text.
    pub(crate) fn groups_with_prefix(&self, prefix: &str, segment: &Segment) -> Range<usize> {
        let start = self.lower_bound(prefix, segment);
        let (mut low, mut high) = (start, self.group_count());
        while low < high {
            let middle = (low + high) / 2;
            if self.group_text(middle, segment).starts_with(prefix) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        start..low
    }

    /// The documents with a value that matches a pattern.
    pub(crate) fn docs_like(&self, like: &Like, segment: &Segment) -> DocSet<'static> {
        let find = || owned(self.docs_of_groups(self.groups_like(like, segment).into_iter(), segment.len()));
        if self.group_count() < KEEP_FROM { find() } else { self.recent.find_or(like.term(), find) }
    }

    /// Finds the groups whose value matches a pattern.
    fn groups_like(&self, like: &Like, segment: &Segment) -> Vec<usize> {
        let blob = self.blob(segment);
        let Some(needle) = like.needle() else {
            return (0..self.group_count()).filter(|group| like.matches(blob.text(*group))).collect();
        };
        let mut found = Vec::new();
        let (mut from, mut group) = (0usize, 0usize);
        while let Some(offset) = needle.find(&blob.bytes[from..]) {
            let hit = (from + offset) as u64;
            group = blob.group_at(hit, group);
            if like.needle_suffices() || like.matches(blob.text(group)) {
                found.push(group);
            }
            group += 1;
            from = blob.starts[group] as usize;
        }
        found
    }

    /// The group of each document.
    pub(crate) fn forward(&self, len: u32) -> &Forward {
        self.forward.get_or_init(|| {
            let mut first = vec![NO_RANK; len as usize];
            let mut last: Option<Vec<u32>> = None;
            for group in 0..self.group_count() {
                for doc in self.group_docs(group).iter() {
                    let (doc, group) = (*doc as usize, group as u32);
                    if first[doc] == NO_RANK {
                        first[doc] = group;
                    } else {
                        last.get_or_insert_with(|| first.clone())[doc] = group;
                        continue;
                    }
                    if let Some(last) = &mut last {
                        last[doc] = group;
                    }
                }
            }
            Forward { first, last }
        })
    }

    /// Builds what substring search needs, ahead of the first search.
    pub(crate) fn warm_text(&self, segment: &Segment) {
        let _built = self.signatures(segment);
    }

    /// Gives the lower-cased value of a group from the text for substring search, which lies closer together than the documents.
    pub(crate) fn lower_text(&self, group: usize, segment: &Segment) -> &str {
        self.blob(segment).text(group)
    }

    /// The letters of each group's value, as [`signature`] gives them.
    pub(crate) fn signatures(&self, segment: &Segment) -> &[u32] {
        self.signatures.get_or_init(|| {
            let blob = self.blob(segment);
            (0..self.group_count()).map(|group| signature(blob.text(group))).collect()
        })
    }

    /// Whether the text for substring search is there.
    pub(crate) fn has_text(&self) -> bool {
        self.blob.get().is_some()
    }

    fn blob(&self, segment: &Segment) -> &Blob {
        self.blob.get_or_init(|| {
            let mut blob = Blob { bytes: Vec::new(), starts: Vec::with_capacity(self.group_count() + 1) };
            for group in 0..self.group_count() {
                blob.starts.push(blob.bytes.len() as u64);
                blob.bytes.extend_from_slice(self.group_text(group, segment).as_bytes());
                blob.bytes.push(0xFF);
            }
            blob.starts.push(blob.bytes.len() as u64);
            blob.bytes.shrink_to_fit();
            blob
        })
    }
}

impl Blob {
    /// Finds the group that a byte belongs to, from a group that is not behind it. Hits lie close together more often than not,
    /// so the steps start small.
    fn group_at(&self, byte: u64, from: usize) -> usize {
        let mut step = 1;
        while self.starts.get(from + step).is_some_and(|start| *start <= byte) {
            step *= 2;
        }
        let low = from + step / 2;
        let high = (from + step).min(self.starts.len());
        low + self.starts[low..high].partition_point(|start| *start <= byte) - 1
    }

    fn text(&self, group: usize) -> &str {
        let range = self.starts[group] as usize..self.starts[group + 1] as usize - 1;
        std::str::from_utf8(&self.bytes[range]).expect("each value was written as a whole string")
    }
}

fn borrow<'s>(set: &'s DocSet<'static>) -> DocSet<'s> {
    match set {
        DocSet::All => DocSet::All,
        DocSet::Sparse(docs) => DocSet::Sparse(Cow::Borrowed(docs)),
        DocSet::Dense(bits) => DocSet::Dense(Cow::Borrowed(bits)),
    }
}

fn dedup(mut docs: Vec<u32>) -> Vec<u32> {
    docs.sort_unstable();
    docs.dedup();
    docs
}

/// Finds the distinct values of a column, and for each value of the column which one it is.
fn distinct(column: &Column, segment: &Segment) -> (Vec<Value>, Vec<u32>) {
    let hasher = foldhash::fast::RandomState::default();
    let mut terms: Vec<Value> = Vec::new();
    let mut table: HashTable<(u32, u32)> = HashTable::new();
    let mut term_of = Vec::with_capacity(column.len());
    for value in column.values() {
        if value.meta & flags::ABSENT != 0 {
            term_of.push(NO_RANK);
            continue;
        }
        let text = value.original(|doc| segment.record(doc));
        let hash = hasher.hash_one(text.as_ref());
        // Part of the hash is kept beside the number, so that most misses do not read the text.
        let short = (hash >> 32) as u32;
        let same = |entry: &(u32, u32)| {
            entry.1 == short && terms[entry.0 as usize].original(|doc| segment.record(doc)) == text
        };
        let term = match table.find(hash, same) {
            Some(entry) => entry.0,
            None => {
                let term = terms.len() as u32;
                let rehash = |entry: &(u32, u32)| {
                    hasher.hash_one(terms[entry.0 as usize].original(|doc| segment.record(doc)).as_ref())
                };
                if table.len() == table.capacity() {
                    table.reserve(table.len().max(64), rehash);
                }
                table.insert_unique(hash, (term, short), rehash);
                terms.push(value);
                term
            }
        };
        term_of.push(term);
    }
    (terms, term_of)
}

/// Lists the documents of each term in the order of `rank`: where each list starts, and the lists.
fn invert(column: &Column, term_of: &[u32], rank: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let docs = column.docs();
    let mut newest = vec![u32::MAX; rank.len()];
    let mut starts = vec![0u32; rank.len() + 1];
    let fresh = |newest: &mut [u32], index: usize, term: u32| {
        term != NO_RANK && std::mem::replace(&mut newest[term as usize], docs[index]) != docs[index]
    };
    for (index, term) in term_of.iter().enumerate() {
        if fresh(&mut newest, index, *term) {
            starts[rank[*term as usize] as usize + 1] += 1;
        }
    }
    for position in 1..starts.len() {
        starts[position] += starts[position - 1];
    }
    let mut postings = vec![0u32; starts[rank.len()] as usize];
    let mut next = starts.clone();
    newest.fill(u32::MAX);
    for (index, term) in term_of.iter().enumerate() {
        if fresh(&mut newest, index, *term) {
            let slot = &mut next[rank[*term as usize] as usize];
            postings[*slot as usize] = docs[index];
            *slot += 1;
        }
    }
    (starts, postings)
}

fn group(terms: &[Value], segment: &Segment) -> Vec<u32> {
    let mut groups = Vec::new();
    let mut newest: Option<Cow<'_, str>> = None;
    for (index, term) in terms.iter().enumerate() {
        let lower = term.lower(|doc| segment.record(doc));
        if newest.as_ref() != Some(&lower) {
            groups.push(index as u32);
            newest = Some(lower);
        }
    }
    groups.push(terms.len() as u32);
    groups.shrink_to_fit();
    groups
}
