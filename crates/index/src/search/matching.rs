//! Terms, and how well they match: which is worth how much is said here and nowhere else.

use std::sync::LazyLock;

use crate::search::{
    fields::SearchField,
    typo::{Distance, Typed},
    words::{lower, words_of},
};

/// How many terms of a query count, and how many bytes of each.
const MAX_TERMS: usize = 8;
const MAX_TERM: usize = 100;

/// Shorter terms are looked for at the start of words only.
const INFIX_FROM: usize = 3;

/// A term of a query, in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    /// The whole, which may have signs in it.
    pub(crate) whole: Needle,
    /// Its words, when it has several. An entity in which all of these match, matches too.
    pub(crate) pieces: Vec<Needle>,
}

/// A text to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    pub(crate) text: String,
    pub(crate) typed: Option<Typed>,
    is_long: bool,
}

/// How a needle lies in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It is the token.
    Equal,
    /// The token starts with it.
    Prefix,
    /// The token contains it.
    Infix,
    /// The token is it but for so many errors.
    Typo(usize),
    /// The token starts with it but for so many errors.
    TypoPrefix(usize),
}

/// What a token is to a document, as bits: the lowest eight say in which fields it is a word, the ninth that it is the initials of
/// the name or title, the tenth that it is the name without signs, those above in which fields it is a whole value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Roles(pub(crate) u32);

impl Roles {
    /// The first letters of name or title.
    pub(crate) const INITIALS: Self = Self(1 << 8);

    /// The name without what stands between its words. Only the whole of it counts: `orders` is no start of `order-store`.
    pub(crate) const SQUEEZED: Self = Self(1 << 9);

    /// A word of a field.
    pub(crate) fn word(field: SearchField) -> Self {
        Self(1 << field as u32)
    }

    /// A whole value of a field.
    pub(crate) fn whole(field: SearchField) -> Self {
        Self(1 << (10 + field as u32))
    }
}

/// Reads the terms of a query.
pub(crate) fn parse_terms(text: &str) -> Vec<Term> {
    let words = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).take(MAX_TERMS).map(Term::new).collect()
}

impl Term {
    fn new(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(MAX_TERM)];
        let words = words_of(text);
        let parts: Vec<&str> =
            words.iter().filter(|word| !word.is_joined).take(MAX_TERMS).map(|word| word.lower.as_ref()).collect();
        let pieces = if parts.len() > 1 { parts.into_iter().map(Needle::new).collect() } else { Vec::new() };
        Self { whole: Needle::new(&lower(text)), pieces }
    }

    /// The whole and the pieces.
    pub(crate) fn needles(&self) -> impl Iterator<Item = &Needle> {
        std::iter::once(&self.whole).chain(&self.pieces)
    }
}

impl Needle {
    fn new(text: &str) -> Self {
        let is_long = text.chars().nth(INFIX_FROM - 1).is_some();
        let typed = text.chars().all(char::is_alphanumeric).then(|| Typed::new(text)).flatten();
        Self { text: text.to_owned(), typed, is_long }
    }

    /// Whether it is looked for inside of words.
    pub(crate) fn has_infix(&self) -> bool {
        self.is_long
    }

    /// Tells how it lies in a token as it was typed.
    pub(crate) fn fit(&self, token: &str) -> Option<Fit> {
        if token.starts_with(&self.text) {
            return Some(if token.len() == self.text.len() { Fit::Equal } else { Fit::Prefix });
        }
        (self.is_long && token.contains(&self.text)).then_some(Fit::Infix)
    }

    /// Tells how it lies in a word if it was mistyped.
    pub(crate) fn fit_mistyped(&self, word: &str) -> Option<Fit> {
        Some(match self.typed.as_ref()?.distance(word)? {
            Distance::Whole(errors) => Fit::Typo(errors),
            Distance::Start(errors) => Fit::TypoPrefix(errors),
        })
    }
}

/// What a fit is worth in percent: for a word, for the initials, and for a whole value.
fn worth(fit: Fit) -> [u16; 3] {
    match fit {
        Fit::Equal => [75, 40, 100],
        Fit::Prefix => [65, 0, 85],
        Fit::Infix => [45, 0, 45],
        Fit::Typo(0 | 1) => [30, 0, 0],
        Fit::TypoPrefix(0 | 1) => [24, 0, 0],
        Fit::Typo(_) => [20, 0, 0],
        Fit::TypoPrefix(_) => [15, 0, 0],
    }
}

/// What a fit is worth by the roles of the token; the best of them counts.
pub(crate) struct Worth {
    low: [u16; 1024],
    high: [u16; 256],
}

impl Worth {
    /// Looks up the table of a fit.
    pub(crate) fn of(fit: Fit) -> &'static Self {
        static TABLES: LazyLock<Vec<(Fit, Worth)>> = LazyLock::new(|| {
            let fits = [Fit::Equal, Fit::Prefix, Fit::Infix];
            let typos = (0..3).flat_map(|errors| [Fit::Typo(errors), Fit::TypoPrefix(errors)]);
            fits.into_iter().chain(typos).map(|fit| (fit, Worth::new(fit))).collect()
        });
        let found = TABLES.iter().find(|(known, _)| *known == fit).expect("there are at most two errors");
        &found.1
    }

    fn new(fit: Fit) -> Self {
        let [word, initials, whole] = worth(fit);
        let best = |bits: usize, percent: u16| {
            let fields = SearchField::ALL.iter().enumerate().filter(|(number, _)| bits >> number & 1 == 1);
            fields.map(|(_, field)| field.weight() * percent / 10).max().unwrap_or(0)
        };
        let name = SearchField::Name.weight();
        let squeezed = if fit == Fit::Equal { word } else { 0 };
        let special = |bits: usize, roles: Roles, percent: u16| {
            if bits as u32 & roles.0 == 0 { 0 } else { name * percent / 10 }
        };
        let low = std::array::from_fn(|bits| {
            let specials = special(bits, Roles::INITIALS, initials).max(special(bits, Roles::SQUEEZED, squeezed));
            best(bits & 0xFF, word).max(specials)
        });
        Self { low, high: std::array::from_fn(|bits| best(bits, whole)) }
    }

    /// What it is worth when the token has these roles.
    pub(crate) fn score(&self, roles: Roles) -> u16 {
        self.low[(roles.0 & 1023) as usize].max(self.high[(roles.0 >> 10 & 255) as usize])
    }
}

/// What it is worth that others need an entity.
pub(crate) fn popularity(dependents: u32) -> u8 {
    (8 * (dependents + 1).ilog2()).min(90) as u8
}

/// What it is worth when the whole query is the reference of an entity.
pub(crate) const EXACT_REFERENCE: u32 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_without_the_signs_around_them() {
        let terms = parse_terms("  (Checkout-API, \"/orders\" - paymentService");
        let texts: Vec<&str> = terms.iter().map(|term| term.whole.text.as_str()).collect();
        assert_eq!(texts, ["checkout-api", "orders", "paymentservice"]);
        let pieces: Vec<Vec<&str>> =
            terms.iter().map(|term| term.pieces.iter().map(|piece| piece.text.as_str()).collect()).collect();
        assert_eq!(pieces, [vec!["checkout", "api"], vec![], vec!["payment", "service"]]);
        assert!(parse_terms(" - / ").is_empty());
        assert_eq!(parse_terms(&"x ".repeat(99)).len(), MAX_TERMS);
    }

    #[test]
    fn better_fits_in_better_fields_are_worth_more() {
        let score = |fit, roles| Worth::of(fit).score(roles);
        let (name, description) = (SearchField::Name, SearchField::Description);
        let falling = [
            score(Fit::Equal, Roles::whole(name)),
            score(Fit::Prefix, Roles::whole(name)),
            score(Fit::Equal, Roles::word(name)),
            score(Fit::Prefix, Roles::word(name)),
            score(Fit::Infix, Roles::word(name)),
            score(Fit::Equal, Roles::INITIALS),
            score(Fit::Typo(1), Roles::word(name)),
            score(Fit::Typo(2), Roles::word(name)),
            score(Fit::Equal, Roles::word(description)),
            score(Fit::Typo(1), Roles::word(description)),
        ];
        assert!(falling.is_sorted_by(|a, b| a > b), "{falling:?}");
        assert_eq!((score(Fit::Prefix, Roles::INITIALS), score(Fit::Prefix, Roles::SQUEEZED)), (0, 0));
        assert_eq!(score(Fit::Equal, Roles::SQUEEZED), 750);
        let both = Roles(Roles::word(description).0 | Roles::whole(SearchField::Title).0);
        assert_eq!(score(Fit::Equal, both), 800);
    }

    #[test]
    fn being_needed_counts_less_than_a_better_match() {
        assert_eq!((popularity(0), popularity(1), popularity(7)), (0, 8, 24));
        assert_eq!(popularity(1_000_000), 90);
    }
}
