//! Where the problems of a document are collected, each with its place.

use model::{Diagnostic, ErrorChain};

use crate::{ParsedFile, codes, yaml::NodeRef};

/// A problem on its way into a report.
pub(crate) struct Finding {
    diagnostic: Diagnostic,
    span: Option<(u32, u32)>,
}

impl Finding {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { diagnostic: codes::diagnostic(code, message), span: None }
    }

    pub(crate) fn at(self, node: NodeRef<'_>) -> Self {
        self.at_span(node.span())
    }

    pub(crate) fn at_span(self, span: (u32, u32)) -> Self {
        Self { span: Some(span), ..self }
    }

    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.diagnostic.field = Some(field.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.diagnostic.help = Some(help.into());
        self
    }

    pub(crate) fn help_if(mut self, help: Option<String>) -> Self {
        self.diagnostic.help = help.or(self.diagnostic.help);
        self
    }

    pub(crate) fn error(mut self, error: ErrorChain) -> Self {
        self.diagnostic.error = Some(error);
        self
    }
}

/// The problems of one document, in the order in which Backstage would notice them.
pub(crate) struct Report<'a> {
    file: Option<&'a ParsedFile>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Report<'a> {
    /// `file` is `None` for an entity that came as JSON; its problems have no place.
    pub(crate) fn new(file: Option<&'a ParsedFile>) -> Self {
        Self { file, diagnostics: Vec::new() }
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let place = self.file.zip(finding.span).map(|(file, span)| file.place(span));
        self.diagnostics.push(Diagnostic { place, ..finding.diagnostic });
    }

    /// The line of the file at which a value stands; 0 without a file.
    pub(crate) fn line_of(&self, node: NodeRef<'_>) -> u32 {
        self.file.map_or(0, |file| file.line(node.span().0))
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == model::Severity::Error)
    }

    pub(crate) fn first_error(&self) -> Option<&ErrorChain> {
        self.diagnostics.iter().find_map(|d| d.error.as_ref())
    }
}
