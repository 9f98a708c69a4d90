//! Source text with line numbers, colours and a button that copies it.

use std::sync::Arc;

use askama::{Template, filters::HtmlSafe};

use super::icon::Icon;

/// Lines that are shown at most; the rest is a download away.
const MOST_LINES: usize = 20_000;

/// A text as a frame of code.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/code.html")]
pub(crate) struct CodeFrame {
    /// What it is: a file's name, a kind of thing.
    pub(crate) label: String,
    /// The language, for people.
    pub(crate) language: String,
    /// Unique on the page.
    pub(crate) id: &'static str,
    /// HTML of each line.
    pub(crate) lines: Arc<Vec<String>>,
}

impl HtmlSafe for CodeFrame {}

impl CodeFrame {
    /// Colours a text. Takes a while for long ones: not for the threads that answer requests.
    pub(crate) fn new(label: impl Into<String>, language: &str, id: &'static str, text: &str) -> Self {
        Self {
            label: label.into(),
            language: definitions::language_name(language),
            id,
            lines: Arc::new(definitions::highlight_html(language, text)),
        }
    }

    fn shown(&self) -> &[String] {
        &self.lines[..self.lines.len().min(MOST_LINES)]
    }

    /// What stands ahead of the numbers of lines in their ids. A page has one source, whose lines are `L1`, `L2`.
    fn line_prefix(&self) -> String {
        if self.id == "source" { String::new() } else { format!("{}-", self.id) }
    }

    fn left_out(&self) -> usize {
        self.lines.len().saturating_sub(MOST_LINES)
    }

    /// The width of the numbers, in digits.
    fn digits(&self) -> usize {
        self.lines.len().to_string().len()
    }
}
