//! Byte offsets -> lines and columns, computed only when a diagnostic needs them.

use std::sync::Arc;

use model::Place;

const SHOWN_CHARACTERS: usize = 400;

/// Where the lines of a text start.
#[derive(Debug)]
pub(crate) struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub(crate) fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at as u32 + 1));
        Self { starts }
    }

    /// Line and column of an offset, both from 1, columns in characters.
    fn position(&self, text: &str, offset: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let start = self.starts[line] as usize;
        let before = text.get(start..offset as usize).unwrap_or_default();
        (line as u32 + 1, before.chars().filter(|c| *c != '\u{feff}').count() as u32 + 1)
    }

    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// The place of a span of `text`.
    pub(crate) fn place(&self, text: &str, location: &Arc<str>, span: (u32, u32)) -> Place {
        let (start, end) = trim_span(text, span);
        let (line, column) = self.position(text, start);
        let (end_line, end_column) = self.position(text, end);
        let from = self.starts[line as usize - 1] as usize;
        let until = self.starts.get(line as usize).map_or(text.len(), |next| *next as usize);
        let source_line = text[from..until].trim_end_matches(['\n', '\r']).trim_start_matches('\u{feff}');
        Place {
            location: location.clone(),
            line,
            column,
            end_line,
            end_column,
            source_line: Some(source_line.chars().take(SHOWN_CHARACTERS).collect()),
        }
    }
}

/// Collections in block style end at the next token; blank space at the end of a span belongs to nobody.
fn trim_span(text: &str, (start, end): (u32, u32)) -> (u32, u32) {
    let len = text.len() as u32;
    let (start, end) = (start.min(len), end.min(len));
    let spanned = text.get(start as usize..end as usize).unwrap_or_default();
    (start, start + spanned.trim_end().len() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_from_one() {
        let text = "a: é\r\nbc: d\n";
        let index = LineIndex::new(text);
        let place = index.place(text, &"url:x".into(), (3, 5));
        assert_eq!((place.line, place.column, place.end_line, place.end_column), (1, 4, 1, 5));
        assert_eq!(place.source_line.as_deref(), Some("a: é"));
        let place = index.place(text, &"url:x".into(), (11, 12));
        assert_eq!((place.line, place.column), (2, 5));
    }
}
