//! A bit for each document of a segment.
//!
//! Plain words, no compression: a segment of 739,000 documents needs 92 kB for a set, and AND, OR and counting run over it in
//! a few microseconds, which is less than any clever container spends on deciding what to do.

use std::ops::Range;

/// A set of document numbers below a fixed length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: u32,
}

impl Bits {
    /// Makes the empty set.
    pub(crate) fn new(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(64) as usize], len }
    }

    /// Makes the set of all numbers below `len`.
    pub(crate) fn full(len: u32) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64) as usize], len };
        bits.clear_tail();
        bits
    }

    /// Makes a set from numbers below `len` in any order.
    pub(crate) fn from_docs(len: u32, docs: &[u32]) -> Self {
        let mut bits = Self::new(len);
        for doc in docs {
            bits.insert(*doc);
        }
        bits
    }

    pub(crate) fn contains(&self, doc: u32) -> bool {
        self.words[(doc / 64) as usize] >> (doc % 64) & 1 == 1
    }

    pub(crate) fn insert(&mut self, doc: u32) {
        self.words[(doc / 64) as usize] |= 1 << (doc % 64);
    }

    pub(crate) fn remove(&mut self, doc: u32) {
        self.words[(doc / 64) as usize] &= !(1 << (doc % 64));
    }

    pub(crate) fn count(&self) -> u32 {
        self.words.iter().map(|w| w.count_ones()).sum()
    }

    /// Counts the numbers that are in both sets.
    pub(crate) fn count_common(&self, other: &Self) -> u32 {
        self.words.iter().zip(&other.words).map(|(a, b)| (a & b).count_ones()).sum()
    }

    pub(crate) fn retain_common(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= b;
        }
    }

    pub(crate) fn insert_all(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
    }

    /// Turns the set into its complement.
    pub(crate) fn invert(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.clear_tail();
    }

    /// Lists the numbers of a range that are in the set, smallest first.
    pub(crate) fn iter_range(&self, range: Range<u32>) -> Forward<'_> {
        let end = range.end.min(self.len);
        let word = if range.start < end {
            self.words[(range.start / 64) as usize] & u64::MAX << (range.start % 64)
        } else {
            0
        };
        Forward { bits: self, index: range.start / 64, word, end }
    }

    /// Lists the numbers of a range that are in the set, largest first.
    pub(crate) fn iter_range_back(&self, range: Range<u32>) -> Backward<'_> {
        let end = range.end.min(self.len);
        if range.start >= end {
            return Backward { bits: self, index: 0, word: 0, start: u32::MAX };
        }
        let last = end - 1;
        let word = self.words[(last / 64) as usize] & u64::MAX >> (63 - last % 64);
        Backward { bits: self, index: last / 64, word, start: range.start }
    }

    fn clear_tail(&mut self) {
        if !self.len.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last &= u64::MAX >> (64 - self.len % 64);
        }
    }
}

/// The iterator of [`Bits::iter_range`].
pub(crate) struct Forward<'a> {
    bits: &'a Bits,
    index: u32,
    word: u64,
    end: u32,
}

impl Forward<'_> {
    /// Passes over `count` numbers, whole words at a time; gives how many there were to pass over.
    fn skip_numbers(&mut self, count: usize) -> usize {
        let mut left = count;
        while (self.index + 1) * 64 <= self.end && self.word.count_ones() as usize <= left {
            left -= self.word.count_ones() as usize;
            self.index += 1;
            self.word = self.bits.words.get(self.index as usize).copied().unwrap_or(0);
        }
        count - left
    }
}

impl Iterator for Forward<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        while self.word == 0 {
            self.index += 1;
            if self.index.saturating_mul(64) >= self.end {
                return None;
            }
            self.word = self.bits.words[self.index as usize];
        }
        let doc = self.index * 64 + self.word.trailing_zeros();
        self.word &= self.word - 1;
        if doc < self.end {
            Some(doc)
        } else {
            self.word = 0;
            self.index = self.end.div_ceil(64);
            None
        }
    }

    fn nth(&mut self, n: usize) -> Option<u32> {
        let passed = self.skip_numbers(n);
        for _ in passed..n {
            self.next()?;
        }
        self.next()
    }
}

/// The iterator of [`Bits::iter_range_back`].
pub(crate) struct Backward<'a> {
    bits: &'a Bits,
    index: u32,
    word: u64,
    start: u32,
}

impl Iterator for Backward<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        while self.word == 0 {
            if self.index == 0 || self.start == u32::MAX || self.index * 64 <= self.start {
                return None;
            }
            self.index -= 1;
            self.word = self.bits.words[self.index as usize];
        }
        let bit = 63 - self.word.leading_zeros();
        let doc = self.index * 64 + bit;
        self.word &= !(1 << bit);
        (doc >= self.start).then_some(doc).or_else(|| {
            self.start = u32::MAX;
            self.word = 0;
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(len: u32, docs: &[u32], range: Range<u32>) {
        let bits = Bits::from_docs(len, docs);
        let want: Vec<u32> = docs.iter().copied().filter(|d| range.contains(d)).collect();
        assert_eq!(bits.iter_range(range.clone()).collect::<Vec<_>>(), want, "{range:?}");
        for n in 0..=want.len() {
            assert_eq!(bits.iter_range(range.clone()).nth(n), want.get(n).copied(), "{range:?} nth {n}");
        }
        let back: Vec<u32> = want.into_iter().rev().collect();
        assert_eq!(bits.iter_range_back(range.clone()).collect::<Vec<_>>(), back, "{range:?}");
    }

    #[test]
    fn lists_ranges_in_both_directions() {
        let docs = [0, 1, 63, 64, 65, 127, 128, 199];
        for start in 0..200 {
            for end in [start, start + 1, 63, 64, 65, 128, 129, 199, 200, 500] {
                check(200, &docs, start..end);
            }
        }
        check(0, &[], 0..10);
        check(64, &[63], 0..64);
    }

    #[test]
    fn the_complement_stays_below_the_length() {
        for len in [0, 1, 63, 64, 65, 200] {
            let mut bits = Bits::new(len);
            bits.invert();
            assert_eq!(bits, Bits::full(len));
            assert_eq!(bits.count(), len);
        }
    }

    #[test]
    fn combines_sets() {
        let (a, b) = (Bits::from_docs(130, &[1, 64, 129]), Bits::from_docs(130, &[2, 64, 129]));
        assert_eq!(a.count_common(&b), 2);
        let (mut both, mut any) = (a.clone(), a);
        both.retain_common(&b);
        any.insert_all(&b);
        assert_eq!(both, Bits::from_docs(130, &[64, 129]));
        assert_eq!(any, Bits::from_docs(130, &[1, 2, 64, 129]));
        any.remove(64);
        assert!(!any.contains(64) && any.contains(129));
    }
}
