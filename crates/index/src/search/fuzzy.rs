//! How well a few typed letters fit a name: `chkapi` fits `checkout-api`.
//!
//! Letters fit in their order. The first one begins a word, and each other one stands in the word of the letter before it or
//! begins a later word: any five letters are found somewhere in a long title, and that says nothing.

use std::ops::Range;

use memchr::memmem::Finder;

use crate::search::{highlight::join_ranges, typo::signature, words::lower};

/// More letters than this are not looked at, neither of the pattern nor of a text.
const MAX_PATTERN: usize = 48;
const MAX_TEXT: usize = 120;

/// What fits are worth, best first. Letters in order get at most [`SCATTERED`].
const EQUAL: u32 = 1_000;
const START: u32 = 900;
const WORD_START: u32 = 820;
const INSIDE: u32 = 640;
const SCATTERED: u32 = 600;

/// Letters that fit, that begin a word, and that follow the letter before them; and the most that a gap costs.
const LETTER: i32 = 10;
const BEGINS_WORD: i32 = 12;
const FOLLOWS: i32 = 8;
const LARGEST_GAP: usize = 6;

/// Typed letters, in lower case.
pub(crate) struct Pattern {
    text: String,
    finder: Finder<'static>,
    /// The letters without signs between them, each with whether a sign was ahead, so that it must begin a word.
    letters: Vec<(char, bool)>,
    signature: u32,
}

impl Pattern {
    /// Reads what was typed; `None` when there is no letter in it.
    pub(crate) fn new(typed: &str) -> Option<Self> {
        let text = lower(typed.trim()).into_owned();
        let mut letters = Vec::new();
        let mut after_sign = false;
        for c in text.chars() {
            if c.is_alphanumeric() {
                letters.push((c, std::mem::take(&mut after_sign)));
            } else {
                after_sign = !letters.is_empty();
            }
        }
        letters.truncate(MAX_PATTERN);
        let signature = letters.iter().fold(0, |bits, (c, _)| bits | signature(c.encode_utf8(&mut [0; 4])));
        let finder = Finder::new(text.as_bytes()).into_owned();
        (!letters.is_empty()).then_some(Self { text, finder, letters, signature })
    }

    /// Tells from its letters whether a text can fit.
    pub(crate) fn may_fit(&self, signature: u32) -> bool {
        self.signature & !signature == 0
    }

    /// What the fit of a lower-cased text is worth.
    pub(crate) fn score(&self, text: &str) -> Option<u32> {
        let extra = text.len().saturating_sub(self.text.len()).min(60) as u32 / 2;
        match self.finder.find(text.as_bytes()) {
            Some(0) if text.len() == self.text.len() => Some(EQUAL),
            Some(0) => Some(START - extra),
            Some(at) if begins_word(text, at) => Some(WORD_START - extra),
            Some(at) => {
                let later = self.finder.find_iter(&text.as_bytes()[at..]).any(|more| begins_word(text, at + more));
                Some(if later { WORD_START } else { INSIDE } - extra)
            }
            None => self.place_letters(text, &mut Vec::new()).map(|score| score - extra),
        }
    }

    /// Marks what fits in a text of any letter case.
    pub(crate) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let lower = lower(text);
        if lower.len() != text.len() {
            return Vec::new();
        }
        let starts = self.finder.find_iter(lower.as_bytes());
        let best = starts.min_by_key(|at| !begins_word(&lower, *at));
        if let Some(at) = best {
            return std::iter::once(at..at + self.text.len()).collect();
        }
        let mut placed = Vec::new();
        let _score = self.place_letters(&lower, &mut placed);
        let ends = lower.char_indices().filter(|(at, _)| placed.contains(at)).map(|(at, c)| at..at + c.len_utf8());
        join_ranges(
            ends.filter(|range| text.is_char_boundary(range.start) && text.is_char_boundary(range.end)).collect(),
        )
    }

    /// Finds the best places for the letters in their order, as byte offsets; `None` when they do not fit.
    fn place_letters(&self, text: &str, placed: &mut Vec<usize>) -> Option<u32> {
        if !is_subsequence(&self.letters, text) {
            return None;
        }
        let mut places: Vec<Place> = Vec::with_capacity(text.len().min(MAX_TEXT));
        let mut before = None;
        for (at, letter) in text.char_indices().take(MAX_TEXT) {
            places.push(Place { at, letter, begins_word: before.is_none_or(|before: char| !before.is_alphanumeric()) });
            before = Some(letter);
        }
        let mut rows: Vec<Vec<Option<Best>>> = Vec::with_capacity(self.letters.len());
        for (letter, must_begin) in &self.letters {
            let row = match rows.last() {
                None => first_row(&places, *letter),
                Some(before) => next_row(before, &places, *letter, *must_begin),
            };
            rows.push(row);
        }
        let (mut column, best) = best_of(rows.last()?)?;
        for row in rows.iter().rev() {
            placed.push(places[column].at);
            column = row[column]?.from;
        }
        let most = (LETTER + BEGINS_WORD + FOLLOWS) * self.letters.len() as i32;
        Some(SCATTERED / 4 + SCATTERED * 3 / 4 * best.worth.clamp(0, most) as u32 / most as u32)
    }
}

/// A letter of the text.
struct Place {
    at: usize,
    letter: char,
    begins_word: bool,
}

/// The best way to place all letters up to one that stands in a certain column.
#[derive(Clone, Copy)]
struct Best {
    worth: i32,
    /// The column of the letter before.
    from: usize,
}

fn first_row(places: &[Place], letter: char) -> Vec<Option<Best>> {
    let fits = |place: &Place| place.letter == letter && place.begins_word;
    places.iter().map(|place| fits(place).then_some(Best { worth: LETTER + BEGINS_WORD, from: 0 })).collect()
}

fn next_row(before: &[Option<Best>], places: &[Place], letter: char, must_begin: bool) -> Vec<Option<Best>> {
    let mut row = vec![None; places.len()];
    // The best place of the letter before, among those at least two columns back: in the same word, and anywhere.
    let (mut in_word, mut anywhere): (Option<Best>, Option<Best>) = (None, None);
    for column in 1..places.len() {
        let Place { letter: own, begins_word, .. } = places[column];
        if begins_word {
            in_word = None;
        }
        if own == letter && (begins_word || !must_begin) {
            let near = before[column - 1].map(|best| Best { worth: best.worth + FOLLOWS, from: column - 1 });
            let far = if begins_word { anywhere } else { in_word };
            let far = far.map(|far| Best { worth: far.worth - gap_cost(far.from, column), ..far });
            let best = near.into_iter().chain(far).max_by_key(|best| best.worth);
            let own_worth = LETTER + if begins_word { BEGINS_WORD } else { 0 };
            row[column] = best.map(|best| Best { worth: best.worth + own_worth, ..best });
        }
        if let Some(fresh) = before[column - 1] {
            let fresh = Best { worth: fresh.worth, from: column - 1 };
            let better = |old: &Best| {
                old.worth - gap_cost(old.from, column + 1) > fresh.worth - gap_cost(fresh.from, column + 1)
            };
            in_word = in_word.filter(better).or(Some(fresh));
            anywhere = anywhere.filter(better).or(Some(fresh));
        }
    }
    row
}

fn gap_cost(from: usize, to: usize) -> i32 {
    (to - from - 1).min(LARGEST_GAP) as i32
}

fn best_of(row: &[Option<Best>]) -> Option<(usize, Best)> {
    let found = row.iter().enumerate().filter_map(|(column, found)| Some((column, (*found)?)));
    found.max_by_key(|(column, best)| (best.worth, std::cmp::Reverse(*column)))
}

fn is_subsequence(letters: &[(char, bool)], text: &str) -> bool {
    let mut chars = text.chars();
    letters.iter().all(|(letter, _)| chars.any(|c| c == *letter))
}

fn begins_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(typed: &str, text: &str) -> Option<u32> {
        let pattern = Pattern::new(typed).unwrap();
        let found = pattern.score(text);
        assert!(found.is_none() || pattern.may_fit(signature(text)), "{typed} in {text}");
        found
    }

    #[test]
    fn letters_in_order_fit() {
        for (typed, text) in [
            ("chkapi", "checkout-api"),
            ("co-api", "checkout-api"),
            ("ca", "checkout-api"),
            ("chkt", "checkout"),
            ("äl", "ärmel"),
        ] {
            assert!(score(typed, text).is_some(), "{typed} in {text}");
        }
        for (typed, text) in [
            ("apichk", "checkout-api"),
            ("hkout-api", "checkout-apis-x"),
            ("co-pi", "checkout-api"),
            ("xyz", "checkout"),
        ] {
            assert_eq!(score(typed, text), None, "{typed} in {text}");
        }
    }

    #[test]
    fn better_fits_are_worth_more() {
        let falling = ["api", "api-gateway", "checkout-api", "rapid", "accounts-payable-importer"];
        let scores: Vec<u32> = falling.iter().map(|text| score("api", text).unwrap()).collect();
        assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
        assert!(score("checkout", "checkout-api") > score("checkout", "checkout-api-gateway"));
    }

    #[test]
    fn letters_strewn_over_a_long_text_are_chance() {
        assert_eq!(score("order", "the owner decides later"), None);
        assert_eq!(score("stock", "a list of the open tickets"), None);
    }

    #[test]
    fn marks_what_fits() {
        let ranges = |typed: &str, text: &str| Pattern::new(typed).unwrap().ranges(text);
        assert_eq!(ranges("chkapi", "Checkout-API"), [0..2, 4..5, 9..12]);
        assert_eq!(ranges("api", "rapid API").first(), Some(&(6..9)));
        assert_eq!(ranges("nothing", "Checkout"), Vec::<Range<usize>>::new());
    }
}
