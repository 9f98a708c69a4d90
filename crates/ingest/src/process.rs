//! The documents of a file -> entities, relations and diagnostics.

use model::{Diagnostic, EntityRef, ErrorChain};

use crate::{
    Attachments, Context, Document, ParsedFile, Processed, ProcessedEntity, Rejected,
    body::{FileAnnotations, write_body},
    check::{Metadata, Root, check_envelope, holds_placeholder, resolve_placeholders, warn_about_tags},
    codes,
    entity::{check_entity, nested_targets},
    from_json::tree_of,
    report::{Finding, Report},
    syntax_help,
    yaml::{NodeId, NodeRef, ParsedDocument, YamlProblem, YamlProblemKind},
};

/// Turns the documents of a file into entities, relations and diagnostics.
#[must_use]
pub fn process(file: &ParsedFile, context: &Context<'_>, attachments: &Attachments) -> Processed {
    let mut run = Run {
        file,
        context,
        attachments,
        annotations: FileAnnotations::new(context.location, context.origin, context.urls),
        documents: Vec::with_capacity(file.documents.len()),
        diagnostics: file.problems.clone(),
        location_error: None,
        not_allowed: None,
    };
    for document in &file.documents {
        match &document.content {
            Err(problem) => run.refuse_yaml(problem),
            Ok(root) => run.take(document, *root),
        }
    }
    Processed {
        documents: run.documents,
        diagnostics: run.diagnostics,
        // Backstage looks at the rules only after the whole file was read.
        location_error: run.location_error.or(run.not_allowed),
    }
}

struct Run<'a> {
    file: &'a ParsedFile,
    context: &'a Context<'a>,
    attachments: &'a Attachments,
    annotations: FileAnnotations,
    documents: Vec<Document>,
    diagnostics: Vec<Diagnostic>,
    location_error: Option<ErrorChain>,
    not_allowed: Option<ErrorChain>,
}

impl Run<'_> {
    fn refuse_yaml(&mut self, problem: &YamlProblem) {
        let mut report = Report::new(Some(self.file));
        let (code, message, help) = describe_yaml(&problem.kind);
        let frame = self.frame(problem, &message);
        let error =
            ErrorChain::new("Error", format!("YAML error at {}, YAMLParseError: {frame}", self.context.location));
        self.location_error.get_or_insert_with(|| error.clone());
        report.add(Finding::new(code, message).at_span(problem.span).help_if(help).error(error));
        self.diagnostics.append(&mut report.diagnostics);
    }

    /// The message with the spot below it, laid out as npm `yaml` does.
    fn frame(&self, problem: &YamlProblem, message: &str) -> String {
        let place = self.file.place(problem.span);
        let message = match problem.kind {
            YamlProblemKind::DuplicateKey(_) => "Map keys must be unique",
            _ => message,
        };
        let shown = place.source_line.unwrap_or_default();
        let blank = shown.chars().take(place.column as usize - 1).all(|c| c == ' ');
        let previous = match place.line {
            line @ 2.. if blank => self.file.tree.text.lines().nth(line as usize - 2).map(|text| format!("{text}\n")),
            _ => None,
        };
        format!(
            "{message} at line {}, column {}:\n\n{}{shown}\n{}^\n",
            place.line,
            place.column,
            previous.unwrap_or_default(),
            " ".repeat(place.column as usize - 1),
        )
    }

    fn take(&mut self, document: &ParsedDocument, root: NodeId) {
        let node = self.file.tree.node(root);
        if node.is_null() {
            return;
        }
        if !node.is_map() {
            return self.refuse_root(document, node);
        }
        let mut report = Report::new(Some(self.file));
        let root = Root::read(node);
        check_envelope(&root, &mut report);
        check_annotations_type(&root, &mut report);
        if let Some(error) = report.first_error() {
            // The rest is checked as well, so that the owners learn everything at once.
            self.location_error.get_or_insert(error.clone());
            let metadata = Metadata::read(&root);
            check_entity(&root, &metadata, root.entity_ref().as_ref(), self.context.kinds, &mut report);
            return self.reject(document, root.entity_ref(), report);
        }
        let Some(entity_ref) = root.entity_ref() else { return };
        if !self.context.rules.allows(&root, self.context.origin) {
            self.refuse_kind(&root, &entity_ref, &mut report);
            return self.reject(document, Some(entity_ref), report);
        }
        if document.dollar_keys && holds_placeholder(node) {
            let text = &self.file.tree.text;
            let tree = resolve_placeholders(text, node, self.context.location, Some(self.attachments), &mut report);
            return self.finish(document, &Root::read(tree.node(0)), entity_ref, report);
        }
        self.finish(document, &root, entity_ref, report);
    }

    fn finish(&mut self, document: &ParsedDocument, root: &Root<'_>, entity_ref: EntityRef, mut report: Report<'_>) {
        let metadata = Metadata::read(root);
        let relations = check_entity(root, &metadata, Some(&entity_ref), self.context.kinds, &mut report);
        check_case_twins(self.file, document, &mut report);
        warn_about_tags(&document.unknown_tags, &mut report);
        if report.has_errors() {
            return self.reject(document, Some(entity_ref), report);
        }
        let body = write_body(root, &metadata, &self.annotations);
        self.context.kinds.check_own(root, &body, entity_ref.as_str(), &mut report);
        if report.has_errors() {
            return self.reject(document, Some(entity_ref), report);
        }
        let relations = relations.below(document.line);
        self.documents.push(Document::Entity(Box::new(ProcessedEntity {
            entity_ref,
            body,
            relations,
            nested: nested_targets(root),
            line: document.line,
            warnings: report.diagnostics,
        })));
    }

    fn reject(&mut self, document: &ParsedDocument, entity_ref: Option<EntityRef>, report: Report<'_>) {
        // The first problem is the one that Backstage reports; advice comes last.
        let (mut diagnostics, advice): (Vec<_>, Vec<_>) =
            report.diagnostics.into_iter().partition(|d| d.severity == model::Severity::Error);
        diagnostics.extend(advice);
        self.documents.push(Document::Rejected(Box::new(Rejected { entity_ref, diagnostics, line: document.line })));
    }

    fn refuse_root(&mut self, document: &ParsedDocument, node: NodeRef<'_>) {
        let type_of = node.type_of();
        let error = ErrorChain::new("Error", format!("Expected object at root, got {type_of}"));
        self.location_error.get_or_insert_with(|| error.clone());
        let mut report = Report::new(Some(self.file));
        let what = if node.is_list() { "a list".to_owned() } else { format!("a {type_of}") };
        let help = match node.is_list() {
            true => "write each entity as a document of its own, with `---` between them",
            false => "a descriptor starts with `apiVersion: backstage.io/v1alpha1`",
        };
        let finding = Finding::new(
            codes::NOT_AN_OBJECT,
            format!("the document is {what}, not a map with `apiVersion` and `kind`"),
        );
        report.add(finding.at(node).help(help).error(error));
        self.reject(document, None, report);
    }

    fn refuse_kind(&mut self, root: &Root<'_>, entity_ref: &EntityRef, report: &mut Report<'_>) {
        let Context { location, origin, .. } = self.context;
        let error = ErrorChain::new(
            "NotAllowedError",
            format!(
                "Entity {entity_ref} at {location}, originated at {origin}, is not of an allowed kind for that location"
            ),
        );
        self.not_allowed.get_or_insert_with(|| error.clone());
        let kind = root.kind_text().unwrap_or_default();
        report.add(
            Finding::new(codes::KIND_NOT_ALLOWED, format!("entities of kind `{kind}` are not allowed from `{origin}`"))
                .at(root.kind.map_or(root.node, |(_, value)| value))
                .field("kind")
                .help(format!("ask your operator to add `{kind}` to `catalog.rules`"))
                .error(error),
        );
    }
}

/// Backstage refuses annotations that are no map when it emits the entity, before any other check.
fn check_annotations_type(root: &Root<'_>, report: &mut Report<'_>) {
    let annotations = root.metadata.and_then(|(_, metadata)| metadata.get("annotations"));
    if let Some(annotations) = annotations.filter(|node| !node.is_map() && !node.is_falsy()) {
        report.add(
            Finding::new(codes::ANNOTATIONS_TYPE, "`metadata.annotations` must be a map")
                .at(annotations)
                .field("metadata.annotations")
                .help("write `key: value` lines below `annotations:`")
                .error(ErrorChain::new("Error", "metadata.annotations must be a valid object")),
        );
    }
}

/// Backstage accepts such an entity and then never shows it, because its search table is blind to letter case.
fn check_case_twins(file: &ParsedFile, document: &ParsedDocument, report: &mut Report<'_>) {
    for (key, other) in &document.case_twins {
        let (key, other) = (file.tree.node(*key), file.tree.node(*other));
        report.add(
            Finding::new(
                codes::CASE_TWINS,
                format!("`{}` and `{}` differ only in letter case", other.key(), key.key()),
            )
            .at(key)
            .help("rename or remove one of them")
            .error(ErrorChain::new(
                "InputError",
                format!("Entity has duplicate keys that vary only in casing, '{}'", key.key().to_lowercase()),
            )),
        );
    }
}

pub(crate) fn describe_yaml(kind: &YamlProblemKind) -> (&'static str, String, Option<String>) {
    let (code, message, help) = match kind {
        YamlProblemKind::Syntax(message) => {
            return (codes::YAML_SYNTAX, message.clone(), Some(syntax_help::of(message).to_owned()));
        }
        YamlProblemKind::UnknownAnchor(name) => {
            let help = format!("add `&{name}` where the value is, or put quotes round a text that starts with `*`");
            return (codes::UNKNOWN_ANCHOR, format!("there is no anchor `{name}` before this alias"), Some(help));
        }
        YamlProblemKind::DuplicateKey(key) => {
            let help = format!("remove one of the two `{key}`, or merge their values");
            return (codes::DUPLICATE_KEY, format!("Map keys must be unique; `{key}` stands twice"), Some(help));
        }
        YamlProblemKind::MultilineKey => (
            codes::MULTILINE_KEY,
            "Implicit keys need to be on a single line",
            "the next line became a part of this value: is it indented too far, or is the space after a colon missing here?",
        ),
        YamlProblemKind::Indentation => (
            codes::YAML_SYNTAX,
            "Text in brackets or quotes must be indented more than what holds it",
            "indent the further lines",
        ),
        YamlProblemKind::Tab => (codes::TAB, "Tabs are not allowed as indentation", "replace the tab with spaces"),
        YamlProblemKind::CyclicAlias => {
            (codes::CYCLIC_ALIAS, "the alias stands inside the value that it names", "write the inner value out")
        }
        YamlProblemKind::TooDeep => (
            codes::TOO_DEEP,
            "lists and maps are nested too deeply",
            "keep the value in a file of its own and use `$text`",
        ),
        YamlProblemKind::TooManyNodes => {
            (codes::TOO_LARGE_EXPANDED, "the document has too many values", "use fewer aliases, or split the document")
        }
        YamlProblemKind::TooMuchText => {
            (codes::TOO_LARGE_EXPANDED, "the document has too much text", "use fewer aliases, or split the document")
        }
    };
    (code, message.to_owned(), Some(help.to_owned()))
}

/// Checks one entity given as JSON, as `POST /validate-entity` does. Gives the first error as Backstage words it.
///
/// Placeholders are taken as texts, since nothing is fetched here; keys that differ only in letter case are accepted, and
/// `catalog.rules` do not count, all as in Backstage.
#[must_use]
pub fn validate_entity(entity: &serde_json::Value, context: &Context<'_>) -> Option<ErrorChain> {
    let mut report = Report::new(None);
    let mut tree = tree_of(entity);
    if !tree.node(0).is_map() {
        return Some(ErrorChain::new("TypeError", "<root> must be object - type: object"));
    }
    let root = Root::read(tree.node(0));
    check_envelope(&root, &mut report);
    check_annotations_type(&root, &mut report);
    if let Some(error) = report.first_error() {
        return Some(error.clone());
    }
    if holds_placeholder(tree.node(0)) {
        let text = tree.text.clone();
        tree = resolve_placeholders(&text, tree.node(0), context.location, None, &mut report);
    }
    let root = Root::read(tree.node(0));
    let metadata = Metadata::read(&root);
    let entity_ref = root.entity_ref();
    check_entity(&root, &metadata, entity_ref.as_ref(), context.kinds, &mut report);
    if !report.has_errors() {
        let annotations = FileAnnotations::new(context.location, context.origin, context.urls);
        let body = write_body(&root, &metadata, &annotations);
        context.kinds.check_own(&root, &body, entity_ref.as_ref().map_or("", EntityRef::as_str), &mut report);
    }
    report.diagnostics.into_iter().filter(|d| d.severity == model::Severity::Error).find_map(|d| d.error)
}
