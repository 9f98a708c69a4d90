//! Words of texts: what the index holds and what terms are compared with.

use std::{borrow::Cow, ops::Range};

/// Longer words and whole values are not indexed: nobody types them, and hashes would fill the dictionary.
pub(crate) const MAX_TOKEN: usize = 100;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    /// In lower case.
    pub(crate) lower: Cow<'t, str>,
    /// Where it stands in the text, in bytes.
    pub(crate) range: Range<usize>,
    /// Whether it is several words in camel case, each of which is visited too.
    pub(crate) is_joined: bool,
}

/// Visits the words of a text in order: runs of letters and digits, divided where camel case begins a new word. A run of several
/// words is also visited as a whole, behind them.
pub(crate) fn visit_words<'t>(text: &'t str, visit: &mut impl FnMut(Word<'t>)) {
    let mut run: Option<usize> = None;
    for (at, c) in text.char_indices() {
        match (c.is_alphanumeric(), run) {
            (true, None) => run = Some(at),
            (false, Some(start)) => {
                visit_run(text, start..at, visit);
                run = None;
            }
            _ => {}
        }
    }
    if let Some(start) = run {
        visit_run(text, start..text.len(), visit);
    }
}

/// Lists the words of a text.
pub(crate) fn words_of(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    visit_words(text, &mut |word| words.push(word));
    words
}

fn visit_run<'t>(text: &'t str, run: Range<usize>, visit: &mut impl FnMut(Word<'t>)) {
    let mut start = run.start;
    let mut before: Option<char> = None;
    let mut chars = text[run.clone()].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|(_, next)| next.is_lowercase());
        if before.is_some_and(|before| begins_word(before, c, next_is_lower)) {
            visit_one(text, start..run.start + offset, false, visit);
            start = run.start + offset;
        }
        before = Some(c);
    }
    visit_one(text, start..run.end, false, visit);
    if start > run.start {
        visit_one(text, run, true, visit);
    }
}

/// Tells whether camel case begins a word at `c`: `fooBar`, `HTTPServer`.
fn begins_word(before: char, c: char, next_is_lower: bool) -> bool {
    c.is_uppercase() && (!before.is_uppercase() || next_is_lower)
}

fn visit_one<'t>(text: &'t str, range: Range<usize>, is_joined: bool, visit: &mut impl FnMut(Word<'t>)) {
    if range.len() <= MAX_TOKEN {
        visit(Word { lower: lower(&text[range.clone()]), range, is_joined });
    }
}

/// Lower-cases a text.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// The first letters of the words, when there are two or more: `checkout-api` gives `ca`.
pub(crate) fn initials(words: &[Word<'_>]) -> Option<String> {
    let parts = words.iter().filter(|word| !word.is_joined);
    let letters: String = parts.filter_map(|word| word.lower.chars().next()).collect();
    (letters.chars().nth(1).is_some() && letters.len() <= MAX_TOKEN).then_some(letters)
}

/// The words without what stands between them, when there are two or more: `checkout-api` gives `checkoutapi`.
pub(crate) fn squeezed(words: &[Word<'_>]) -> Option<String> {
    let parts: Vec<&str> = words.iter().filter(|word| !word.is_joined).map(|word| word.lower.as_ref()).collect();
    let text = (parts.len() > 1).then(|| parts.concat())?;
    (text.len() <= MAX_TOKEN).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &[&str]) {
        let words = words_of(text);
        let lowers: Vec<&str> = words.iter().map(|word| word.lower.as_ref()).collect();
        assert_eq!(lowers, want, "{text}");
        for word in &words {
            assert_eq!(text[word.range.clone()].to_lowercase(), word.lower);
        }
    }

    #[test]
    fn words_end_at_signs_and_at_camel_case() {
        check("checkout-api_v2.x", &["checkout", "api", "v2", "x"]);
        check("CheckoutApi", &["checkout", "api", "checkoutapi"]);
        check("HTTPServer2Go", &["http", "server2", "go", "httpserver2go"]);
        check("/orders/{orderId}", &["orders", "order", "id", "orderid"]);
        check("Ärmel ÖL", &["ärmel", "öl"]);
        check(" - ", &[]);
    }

    #[test]
    fn words_that_nobody_types_are_left_out() {
        check(&format!("a {} b", "x".repeat(MAX_TOKEN + 1)), &["a", "b"]);
    }

    #[test]
    fn several_words_have_initials_and_a_squeezed_form() {
        let words = words_of("checkout-ApiGateway");
        assert_eq!(initials(&words).as_deref(), Some("cag"));
        assert_eq!(squeezed(&words).as_deref(), Some("checkoutapigateway"));
        assert_eq!((initials(&words_of("one")), squeezed(&words_of("one"))), (None, None));
    }
}
