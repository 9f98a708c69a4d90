//! The bytes of a file -> its documents.

use std::sync::{Arc, OnceLock};

use model::{Diagnostic, LocationRef, Place};

use crate::{
    AttachmentRequest,
    check::find_placeholders,
    codes,
    report::{Finding, Report},
    yaml::{Limits, LineIndex, ParsedDocument, Tree, compose, decode},
};

/// A file cut into documents, with the place of every node.
#[derive(Debug)]
pub struct ParsedFile {
    pub(crate) tree: Tree,
    pub(crate) documents: Vec<ParsedDocument>,
    /// Problems that belong to no document.
    pub(crate) problems: Vec<Diagnostic>,
    location: Arc<str>,
    lines: OnceLock<LineIndex>,
}

/// Cuts a file into documents. A broken document does not harm the next one.
#[must_use]
pub fn parse(text: &[u8], location: &LocationRef) -> ParsedFile {
    parse_with_limits(text, location, &Limits::default())
}

/// Like [`parse`], with other limits than the usual ones.
#[must_use]
pub fn parse_with_limits(bytes: &[u8], location: &LocationRef, limits: &Limits) -> ParsedFile {
    let mut file = ParsedFile {
        tree: Tree::default(),
        documents: Vec::new(),
        problems: Vec::new(),
        location: location.as_str().into(),
        lines: OnceLock::new(),
    };
    if bytes.len() > limits.file_bytes.min(u32::MAX as usize) {
        file.problems.push(Diagnostic {
            help: Some("split the file, or keep generated content out of it".to_owned()),
            ..codes::diagnostic(
                codes::FILE_TOO_LARGE,
                format!("the file has {} bytes; at most {} are read", bytes.len(), limits.file_bytes),
            )
        });
        return file;
    }
    let (text, bad) = decode(bytes);
    file.tree.text = text;
    file.documents = compose(&mut file.tree, limits);
    if let Some(at) = bad {
        let mut report = Report::new(Some(&file));
        let at = at as u32;
        report.add(
            Finding::new(codes::NOT_UTF8, "the file is not valid UTF-8 from here on; such bytes were replaced")
                .at_span((at, at))
                .help("save the file as UTF-8"),
        );
        file.problems = report.diagnostics;
    }
    file
}

impl ParsedFile {
    /// Lists what `$text`, `$json` and `$yaml` name, without duplicates.
    #[must_use]
    pub fn attachments(&self) -> Vec<AttachmentRequest> {
        let mut found = Vec::new();
        for document in self.documents.iter().filter(|document| document.dollar_keys) {
            if let Ok(root) = document.content {
                find_placeholders(self.tree.node(root), &mut found);
            }
        }
        found
    }

    /// The line of an offset, counting from 1.
    pub(crate) fn line(&self, at: u32) -> u32 {
        self.lines.get_or_init(|| LineIndex::new(&self.tree.text)).line(at)
    }

    /// The place of a span, in lines and columns.
    pub(crate) fn place(&self, span: (u32, u32)) -> Place {
        let lines = self.lines.get_or_init(|| LineIndex::new(&self.tree.text));
        lines.place(&self.tree.text, &self.location, span)
    }
}
