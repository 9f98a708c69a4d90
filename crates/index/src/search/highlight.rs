//! What of an entity matches: found out from its text, for the few entities that are shown.

use std::ops::Range;

use crate::{
    search::{
        FieldMatch, SearchField,
        fields::visit_values,
        matching::{Fit, Needle},
        scoring::AskedTerm,
        words::{self, Word},
    },
    segment::Segment,
};

/// How many values of one field are listed.
const MOST_OF_FIELD: usize = 5;

/// Finds the values of a document that match, in order of field.
pub(crate) fn find_matches(segment: &Segment, doc: u32, terms: &[AskedTerm]) -> Vec<FieldMatch> {
    let mut found: Vec<FieldMatch> = Vec::new();
    if terms.is_empty() {
        return found;
    }
    visit_values(segment, doc..doc + 1, &mut |_, field, text| {
        if found.iter().filter(|known| known.field == field).count() >= MOST_OF_FIELD {
            return;
        }
        let ranges = find_ranges(field, text, terms);
        if !ranges.is_empty() {
            found.push(FieldMatch { field, text: text.to_owned(), ranges });
        }
    });
    found.sort_by_key(|found| found.field);
    found
}

fn find_ranges(field: SearchField, text: &str, terms: &[AskedTerm]) -> Vec<Range<usize>> {
    let value = Value { field, text, lower: words::lower(text).into_owned(), words: words::words_of(text) };
    let mut ranges = Vec::new();
    for AskedTerm { term, is_mistyped } in terms {
        let whole = value.ranges_of(&term.whole, *is_mistyped);
        match whole.is_empty() {
            true => term.pieces.iter().for_each(|piece| ranges.extend(value.ranges_of(piece, *is_mistyped))),
            false => ranges.extend(whole),
        }
    }
    join_ranges(ranges)
}

/// Sorts ranges and joins those that touch.
pub(crate) fn join_ranges(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

struct Value<'t> {
    field: SearchField,
    text: &'t str,
    lower: String,
    words: Vec<Word<'t>>,
}

impl Value<'_> {
    fn ranges_of(&self, needle: &Needle, is_mistyped: bool) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = self.words.iter().filter_map(|word| in_word(needle, word)).collect();
        if ranges.is_empty() {
            ranges.extend(self.in_whole(needle));
        }
        if ranges.is_empty() && self.field == SearchField::Name {
            ranges = self.in_squeezed(needle);
        }
        if ranges.is_empty() && matches!(self.field, SearchField::Name | SearchField::Title) {
            ranges = self.as_initials(needle);
        }
        if ranges.is_empty() && is_mistyped {
            let mistyped = self.words.iter().filter(|word| needle.fit_mistyped(&word.lower).is_some());
            ranges = mistyped.map(|word| word.range.clone()).collect();
        }
        ranges
    }

    /// Where a needle with signs in it lies in the whole value.
    fn in_whole(&self, needle: &Needle) -> Option<Range<usize>> {
        let at = match needle.fit(&self.lower)? {
            Fit::Infix => self.lower.find(&needle.text)?,
            _ => 0,
        };
        Some(original_range(self.text, &self.lower, at..at + needle.text.len()))
    }

    /// The words, when together they are the needle.
    fn in_squeezed(&self, needle: &Needle) -> Vec<Range<usize>> {
        if words::squeezed(&self.words).as_deref() != Some(&needle.text) {
            return Vec::new();
        }
        self.words.iter().filter(|word| !word.is_joined).map(|word| word.range.clone()).collect()
    }

    fn as_initials(&self, needle: &Needle) -> Vec<Range<usize>> {
        if words::initials(&self.words).as_deref() != Some(&needle.text) {
            return Vec::new();
        }
        let first = |word: &Word<'_>| {
            let start = word.range.start;
            start..start + self.text[start..].chars().next().map_or(0, char::len_utf8)
        };
        self.words.iter().filter(|word| !word.is_joined).map(first).collect()
    }
}

fn in_word(needle: &Needle, word: &Word<'_>) -> Option<Range<usize>> {
    let at = match needle.fit(&word.lower)? {
        Fit::Infix => word.lower.find(&needle.text)?,
        _ => 0,
    };
    Some(range_in_word(word, at..at + needle.text.len()))
}

/// Turns a range of the lower-cased word into one of the text.
fn range_in_word(word: &Word<'_>, lower: Range<usize>) -> Range<usize> {
    if word.lower.len() != word.range.len() {
        return word.range.clone();
    }
    word.range.start + lower.start..word.range.start + lower.end
}

/// Turns a range of a lower-cased text into one of the text; all of it where lower-casing moves letters.
fn original_range(text: &str, lower: &str, range: Range<usize>) -> Range<usize> {
    let fits = text.len() == lower.len() && text.is_char_boundary(range.start) && text.is_char_boundary(range.end);
    if fits { range } else { 0..text.len() }
}
