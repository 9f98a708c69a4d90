//! How much an outline may hold. References multiply a small document, so the result is counted, not the document.

const TEXT_BYTES: usize = 4 << 20;
const ITEMS: usize = 120_000;
const STEPS: usize = 200_000;
const ONE_TEXT_BYTES: usize = 16 << 10;

/// What is left for one outline, and what was left out of it.
pub(crate) struct Budget {
    text: usize,
    items: usize,
    steps: usize,
    is_short: bool,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { text: TEXT_BYTES, items: ITEMS, steps: STEPS, is_short: false }
    }

    /// Takes a text into the outline; a very long one is cut, at a character.
    pub(crate) fn text(&mut self, text: &str) -> String {
        let text = text.trim();
        let room = self.text.min(ONE_TEXT_BYTES);
        if text.len() <= room {
            self.text -= text.len();
            return text.to_owned();
        }
        let end = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.text -= end;
        format!("{}…", &text[..end])
    }

    /// Asks for one more thing (a field, a parameter, an operation); `false` when the outline is full.
    pub(crate) fn item(&mut self) -> bool {
        take_one(&mut self.items, &mut self.is_short)
    }

    /// Asks for one more step of work that may add nothing.
    pub(crate) fn step(&mut self) -> bool {
        take_one(&mut self.steps, &mut self.is_short)
    }

    /// Says in a sentence what is missing, if anything is.
    pub(crate) fn note(&self) -> Option<String> {
        match (self.is_short, self.text) {
            (true, _) => {
                Some("This is not all of it: the definition is very large. The source has the rest.".to_owned())
            }
            (_, 0) => Some("Descriptions are cut: the definition is very large. The source has all of it.".to_owned()),
            _ => None,
        }
    }
}

fn take_one(left: &mut usize, is_short: &mut bool) -> bool {
    match left.checked_sub(1) {
        Some(less) => *left = less,
        None => *is_short = true,
    }
    !*is_short
}
