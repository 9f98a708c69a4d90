//! SQL's LIKE for `%term%`, as the catalog's substring search has it: `%` matches any run of characters, `_` any one
//! character, and a backslash takes the next character as it is.

use memchr::memmem::Finder;

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Exactly this text.
    Text(String),
    /// Any one character.
    One,
    /// Any run of characters.
    Run,
}

/// A pattern made from a search term.
pub(crate) struct Like {
    term: String,
    pieces: Vec<Piece>,
    needle: Option<Finder<'static>>,
    exact: bool,
}

impl Like {
    /// Reads `%term%`. A backslash at the end of the term takes the closing `%` as it is.
    pub(crate) fn containing(term: &str) -> Self {
        let pieces = parse(&format!("%{term}%"));
        let texts = || pieces.iter().filter_map(|piece| if let Piece::Text(text) = piece { Some(text) } else { None });
        let needle = texts().max_by_key(|text| text.len()).map(|text| Finder::new(text.as_bytes()).into_owned());
        let exact = matches!(pieces.as_slice(), [Piece::Run] | [Piece::Run, Piece::Text(_), Piece::Run]);
        Self { term: term.to_owned(), pieces, needle, exact }
    }

    /// The term that it was made from.
    pub(crate) fn term(&self) -> &str {
        &self.term
    }

    /// A text that every match contains, when there is one.
    pub(crate) fn needle(&self) -> Option<&Finder<'static>> {
        self.needle.as_ref()
    }

    /// Whether every value that contains the needle matches.
    pub(crate) fn needle_suffices(&self) -> bool {
        self.exact
    }

    /// Tells whether a lower-cased value matches.
    pub(crate) fn matches(&self, value: &str) -> bool {
        match &self.needle {
            Some(needle) if needle.find(value.as_bytes()).is_none() => false,
            _ if self.exact => true,
            _ => matches(&self.pieces, value),
        }
    }
}

fn parse(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let literal = match c {
            '%' => {
                if pieces.last() != Some(&Piece::Run) {
                    pieces.push(Piece::Run);
                }
                continue;
            }
            '_' => {
                pieces.push(Piece::One);
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(Piece::Text(text)) = pieces.last_mut() {
            text.push(literal);
        } else {
            pieces.push(Piece::Text(literal.into()));
        }
    }
    pieces
}

/// Greedy matching that goes back to the newest run only: time is at most pattern times value.
fn matches(pieces: &[Piece], value: &str) -> bool {
    let (mut piece, mut rest) = (0, value);
    let mut newest_run: Option<(usize, &str)> = None;
    loop {
        let advanced = match pieces.get(piece) {
            Some(Piece::Run) => {
                newest_run = Some((piece + 1, rest));
                Some(rest)
            }
            Some(Piece::One) => rest.chars().next().map(|c| &rest[c.len_utf8()..]),
            Some(Piece::Text(text)) => rest.strip_prefix(text.as_str()),
            None if rest.is_empty() => return true,
            None => None,
        };
        if let Some(advanced) = advanced {
            (piece, rest) = (piece + 1, advanced);
            continue;
        }
        let Some((after, from)) = newest_run else { return false };
        let Some(c) = from.chars().next() else { return false };
        let from = &from[c.len_utf8()..];
        newest_run = Some((after, from));
        (piece, rest) = (after, from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(term: &str, yes: &[&str], no: &[&str]) {
        let like = Like::containing(term);
        for value in yes {
            assert!(like.matches(value), "{term} should match {value}");
        }
        for value in no {
            assert!(!like.matches(value), "{term} should not match {value}");
        }
    }

    #[test]
    fn has_the_meaning_of_sql() {
        check("pay", &["pay", "repayment", "xpay"], &["pa", "", "p-ay"]);
        check("", &["", "x"], &[]);
        check("p_y", &["pay", "xp-yx", "pöy"], &["py", "paay"]);
        check("a%c", &["ac", "abbbc", "xxabcxx"], &["ca", "a"]);
        check("%", &["", "anything"], &[]);
        check("_", &["a", "ab"], &[""]);
        check("100\\%", &["100%", "x100%y"], &["100", "1000"]);
        check("a\\_b", &["a_b"], &["axb"]);
        check("end\\", &["end%", "xend%"], &["end", "end%x"]);
        check("a\\\\b", &["a\\b"], &["ab"]);
        check("ab%ab_d", &["ababxd", "abab_abcd"], &["abxd", "ababd"]);
    }
}
