//! The distinct words and whole values of a segment, in order, with the documents that have them and what they are to each.

use memchr::memmem;

use crate::search::{
    matching::{Fit, Needle, Roles},
    typo::signature,
};

/// Stands behind each token; no text has this byte.
const END: u8 = 0xFF;

/// The signature of a token that is not a single word: nobody is taken to have mistyped it.
const NOT_A_WORD: u32 = 1 << 31;

/// Tokens in byte order, all in one piece of memory, and their postings: for each document the distance from the one before it
/// and the token's roles there, both in as few bytes as they need.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    tokens: Vec<u8>,
    token_starts: Vec<u32>,
    postings: Vec<u8>,
    posting_starts: Vec<u32>,
    signatures: Vec<u32>,
}

impl Dictionary {
    pub(crate) fn len(&self) -> usize {
        self.signatures.len()
    }

    pub(crate) fn token(&self, token: usize) -> &str {
        let range = self.token_starts[token] as usize..self.end_of(token);
        std::str::from_utf8(&self.tokens[range]).expect("each token was written as a whole string")
    }

    fn end_of(&self, token: usize) -> usize {
        self.token_starts.get(token + 1).map_or(self.tokens.len(), |start| *start as usize) - 1
    }

    /// The encoded postings of a token.
    pub(crate) fn encoded(&self, token: usize) -> &[u8] {
        let end = self.posting_starts.get(token + 1).map_or(self.postings.len(), |start| *start as usize);
        &self.postings[self.posting_starts[token] as usize..end]
    }

    /// Lists the documents of a token, in order.
    pub(crate) fn postings(&self, token: usize) -> Postings<'_> {
        Postings { rest: self.encoded(token), doc: 0 }
    }

    /// Visits the tokens that a needle lies in.
    pub(crate) fn visit_fits(&self, needle: &Needle, visit: &mut impl FnMut(usize, Fit)) {
        let start = self.first_not_below(&needle.text);
        let mut end = start;
        while end < self.len() && self.token(end).starts_with(&needle.text) {
            let is_equal = self.token(end).len() == needle.text.len();
            visit(end, if is_equal { Fit::Equal } else { Fit::Prefix });
            end += 1;
        }
        if !needle.has_infix() {
            return;
        }
        let finder = memmem::Finder::new(needle.text.as_bytes());
        let (mut from, mut token) = (0, 0);
        while let Some(offset) = finder.find(&self.tokens[from..]) {
            let hit = (from + offset) as u32;
            token += self.token_starts[token..].partition_point(|start| *start <= hit) - 1;
            if !(start..end).contains(&token) {
                visit(token, Fit::Infix);
            }
            from = self.end_of(token) + 1;
        }
    }

    /// Visits the words that a needle may be a mistyped form of.
    pub(crate) fn visit_mistyped(&self, needle: &Needle, visit: &mut impl FnMut(usize, Fit)) {
        let Some(typed) = &needle.typed else { return };
        for (token, signature) in self.signatures.iter().enumerate() {
            if signature & NOT_A_WORD == 0
                && typed.may_be_near(*signature)
                && let Some(fit) = needle.fit_mistyped(self.token(token))
            {
                visit(token, fit);
            }
        }
    }

    fn first_not_below(&self, text: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.token(middle) < text {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The iterator of [`Dictionary::postings`].
pub(crate) struct Postings<'d> {
    rest: &'d [u8],
    doc: u32,
}

impl Iterator for Postings<'_> {
    type Item = (u32, Roles);

    fn next(&mut self) -> Option<(u32, Roles)> {
        self.doc += read_number(&mut self.rest)?;
        Some((self.doc, Roles(read_number(&mut self.rest)?)))
    }
}

/// Puts a dictionary together, token by token in their order.
#[derive(Default)]
pub(crate) struct DictionaryWriter {
    dictionary: Dictionary,
    last_doc: u32,
}

impl DictionaryWriter {
    pub(crate) fn begin_token(&mut self, token: &str) {
        let Dictionary { tokens, token_starts, postings, posting_starts, signatures } = &mut self.dictionary;
        token_starts.push(tokens.len() as u32);
        tokens.extend_from_slice(token.as_bytes());
        tokens.push(END);
        posting_starts.push(postings.len() as u32);
        let is_word = token.chars().all(char::is_alphanumeric);
        signatures.push(signature(token) | if is_word { 0 } else { NOT_A_WORD });
        self.last_doc = 0;
    }

    /// Adds a document to the token begun last. Documents come in order.
    pub(crate) fn push(&mut self, doc: u32, roles: Roles) {
        write_number(doc - self.last_doc, &mut self.dictionary.postings);
        write_number(roles.0, &mut self.dictionary.postings);
        self.last_doc = doc;
    }

    /// Adds postings that were encoded elsewhere, whose last document is given.
    pub(crate) fn push_encoded(&mut self, mut encoded: &[u8], last_doc: u32) {
        let Some(first) = read_number(&mut encoded) else { return };
        write_number(first - self.last_doc, &mut self.dictionary.postings);
        self.dictionary.postings.extend_from_slice(encoded);
        self.last_doc = last_doc;
    }

    pub(crate) fn finish(mut self) -> Dictionary {
        let Dictionary { tokens, token_starts, postings, posting_starts, signatures } = &mut self.dictionary;
        tokens.shrink_to_fit();
        postings.shrink_to_fit();
        [token_starts, posting_starts, signatures].into_iter().for_each(Vec::shrink_to_fit);
        self.dictionary
    }
}

fn write_number(mut number: u32, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_number(rest: &mut &[u8]) -> Option<u32> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u32::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::matching::parse_terms;

    fn dictionary(tokens: &[&str]) -> Dictionary {
        let mut writer = DictionaryWriter::default();
        for (number, token) in (1..).zip(tokens) {
            writer.begin_token(token);
            (0..number).for_each(|doc| writer.push(doc * 200, Roles(doc)));
        }
        writer.finish()
    }

    fn fits(dictionary: &Dictionary, text: &str) -> Vec<(String, Fit)> {
        let mut found = Vec::new();
        let needle = &parse_terms(text)[0].whole;
        dictionary.visit_fits(needle, &mut |token, fit| found.push((dictionary.token(token).to_owned(), fit)));
        dictionary.visit_mistyped(needle, &mut |token, fit| found.push((dictionary.token(token).to_owned(), fit)));
        found
    }

    #[test]
    fn gives_back_the_postings() {
        let dictionary = dictionary(&["a", "b", "c"]);
        assert_eq!(dictionary.postings(2).collect::<Vec<_>>(), [(0, Roles(0)), (200, Roles(1)), (400, Roles(2))]);
        assert_eq!(dictionary.postings(0).count(), 1);
        let mut later = DictionaryWriter::default();
        later.begin_token("x");
        later.push(200, Roles(0));
        later.push(400, Roles(1));
        let later = later.finish();
        let mut writer = DictionaryWriter::default();
        writer.begin_token("x");
        writer.push(7, Roles(1 << 16));
        writer.push_encoded(later.encoded(0), 400);
        writer.push(70_000, Roles(3));
        let all: Vec<_> = writer.finish().postings(0).collect();
        assert_eq!(all, [(7, Roles(1 << 16)), (200, Roles(0)), (400, Roles(1)), (70_000, Roles(3))]);
    }

    #[test]
    fn finds_tokens_in_every_way() {
        let dictionary = dictionary(&["api", "checkout", "checkout-api", "checkouts", "precheck", "ärmel"]);
        let names = |text: &str| {
            fits(&dictionary, text).into_iter().map(|(token, fit)| format!("{token} {fit:?}")).collect::<Vec<_>>()
        };
        assert_eq!(
            names("checkout"),
            ["checkout Equal", "checkout-api Prefix", "checkouts Prefix", "checkout Typo(0)", "checkouts Typo(1)"]
        );
        assert_eq!(names("chekuot"), Vec::<String>::new());
        assert_eq!(names("chekout"), ["checkout Typo(1)", "checkouts TypoPrefix(1)"]);
        assert_eq!(names("out-a"), ["checkout-api Infix"]);
        assert_eq!(names("api"), ["api Equal", "checkout-api Infix"]);
        assert_eq!(names("pi"), Vec::<String>::new());
        assert_eq!(names("rme"), ["ärmel Infix"]);
        assert_eq!(names("eck"), ["checkout Infix", "checkout-api Infix", "checkouts Infix", "precheck Infix"]);
    }
}
