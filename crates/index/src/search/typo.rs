//! How many typing errors lie between two texts: letters added, left out, exchanged or swapped with their neighbour.

/// Longer terms are taken as typed.
const MAX_CHARS: usize = 32;

/// Of longer texts only the start is compared.
const LONGEST: usize = 64;

/// A text that may have been mistyped.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    chars: Vec<char>,
    signature: u32,
    most: usize,
}

/// How far a text is from what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distance {
    /// The whole text, by so many errors.
    Whole(usize),
    /// A text that starts with what was typed, by so many errors.
    Start(usize),
}

impl Typed {
    /// Takes a lower-cased term; `None` when it is too short for errors, or too long.
    pub(crate) fn new(term: &str) -> Option<Self> {
        let chars: Vec<char> = term.chars().take(MAX_CHARS + 1).collect();
        let most = match chars.len() {
            0..=3 => return None,
            4..=7 => 1,
            8..=MAX_CHARS => 2,
            _ => return None,
        };
        Some(Self { chars, signature: signature(term), most })
    }

    /// Takes a lower-cased text with a number of errors to allow.
    pub(crate) fn with_most(term: &str, most: usize) -> Self {
        let chars: Vec<char> = term.chars().take(LONGEST).collect();
        Self { chars, signature: signature(term), most }
    }

    /// How many errors are forgiven.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Tells from the letters alone whether a text may be near, with or without more letters behind.
    pub(crate) fn may_be_near(&self, signature: u32) -> bool {
        (self.signature & !signature).count_ones() as usize <= self.most
    }

    /// Tells how far a lower-cased text is; `None` when further than allowed.
    pub(crate) fn distance(&self, text: &str) -> Option<Distance> {
        let [whole, start] = self.errors(text);
        if whole <= self.most {
            Some(Distance::Whole(whole))
        } else {
            (start <= self.most).then_some(Distance::Start(start))
        }
    }

    /// The fewest errors to the whole text, and to any start of it; more than are forgiven where it is given up early.
    pub(crate) fn errors(&self, text: &str) -> [usize; 2] {
        let len = self.chars.len();
        // Three rows of the table, one for each of the newest letters of the text: the one before the last, the last, the next.
        let mut rows = [[0u8; LONGEST + 1]; 3];
        (0..=len).for_each(|column| rows[1][column] = column as u8);
        let (mut start, mut least_before) = (len as u8, 0);
        let mut before = None;
        for (row, c) in text.chars().enumerate() {
            if row > len + self.most {
                return [self.most + 1, start.into()];
            }
            let [older, old, new] = &mut rows;
            new[0] = row as u8 + 1;
            let mut least = new[0];
            for column in 0..len {
                let same = self.chars[column] == c;
                let mut errors = (old[column] + u8::from(!same)).min(old[column + 1] + 1).min(new[column] + 1);
                if column > 0 && Some(self.chars[column]) == before && self.chars[column - 1] == c {
                    errors = errors.min(older[column - 1] + 1);
                }
                new[column + 1] = errors;
                least = least.min(errors);
            }
            start = start.min(new[len]);
            // No row grows from smaller numbers than those of the two above it.
            if usize::from(least.min(least_before)) > self.most {
                return [self.most + 1, start.into()];
            }
            (before, least_before) = (Some(c), least);
            rows.rotate_left(1);
        }
        [rows[1][len].into(), start.into()]
    }
}

/// A bit for each letter that occurs. Bit 31 stays free.
pub(crate) fn signature(text: &str) -> u32 {
    text.bytes().fold(0, |bits, b| {
        bits | 1
            << match b {
                b'a'..=b'z' => b - b'a',
                b'0'..=b'9' => 26 + b % 3,
                _ => 29 + b % 2,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn far(term: &str, text: &str) -> Option<Distance> {
        let typed = Typed::new(term).unwrap();
        let found = typed.distance(text);
        assert!(found.is_none() || typed.may_be_near(signature(text)), "the letters of {term} and {text}");
        found
    }

    #[test]
    fn counts_the_errors_of_typing() {
        assert_eq!(far("stock", "stock"), Some(Distance::Whole(0)));
        assert_eq!(far("stokc", "stock"), Some(Distance::Whole(1)));
        assert_eq!(far("stck", "stock"), Some(Distance::Whole(1)));
        assert_eq!(far("sttock", "stock"), Some(Distance::Whole(1)));
        assert_eq!(far("stack", "stock"), Some(Distance::Whole(1)));
        assert_eq!(far("satck", "stock"), None);
        assert_eq!(far("chcekuot", "checkout"), Some(Distance::Whole(2)));
        assert_eq!(far("ärmle", "ärmel"), Some(Distance::Whole(1)));
    }

    #[test]
    fn what_was_typed_may_be_only_the_start() {
        assert_eq!(far("chekou", "checkout"), Some(Distance::Start(1)));
        assert_eq!(far("paymnets", "payments-gateway"), Some(Distance::Start(1)));
        assert_eq!(far("gateway", "payments"), None);
    }

    #[test]
    fn short_and_very_long_terms_are_taken_as_typed() {
        assert!(Typed::new("api").is_none() && Typed::new(&"x".repeat(33)).is_none());
        assert!(Typed::new("apis").is_some() && Typed::new(&"x".repeat(32)).is_some());
    }

    #[test]
    fn agrees_with_the_definition_on_short_texts() {
        let texts: Vec<String> = (0..81u32)
            .map(|n| (0..4).map(|digit| ['a', 'b', 'c'][(n / 3u32.pow(digit) % 3) as usize]).collect())
            .collect();
        for a in &texts {
            for b in &texts {
                let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
                let typed = Typed::with_most(&a.iter().collect::<String>(), 9);
                assert_eq!(typed.errors(&b.iter().collect::<String>())[0], by_definition(&a, &b), "{a:?} {b:?}");
            }
        }
    }

    fn by_definition(a: &[char], b: &[char]) -> usize {
        let ([.., x], [.., y]) = (a, b) else { return a.len() + b.len() };
        let (a1, b1) = (&a[..a.len() - 1], &b[..b.len() - 1]);
        if x == y {
            return by_definition(a1, b1);
        }
        let mut least = 1 + by_definition(a1, b).min(by_definition(a, b1)).min(by_definition(a1, b1));
        if let ([.., w, _], [.., v, _]) = (a, b)
            && (w, x) == (y, v)
        {
            least = least.min(1 + by_definition(&a[..a.len() - 2], &b[..b.len() - 2]));
        }
        least
    }
}
