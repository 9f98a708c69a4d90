//! Events of the YAML parser -> the tree of a file.

use std::{borrow::Cow, collections::HashMap};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag, options};

use super::{
    Limits, NodeId, Slice, Tree, Value, push_js_number,
    scalar::{Plain, resolve_plain, resolve_tagged},
};

/// One document of a file: its root, or the first thing that is wrong with its YAML.
#[derive(Debug)]
pub(crate) struct ParsedDocument {
    /// Line at which the content starts, counting from 1.
    pub(crate) line: u32,
    pub(crate) content: Result<NodeId, YamlProblem>,
    /// Keys that another key of the same map equals but for letter case, with that other key.
    pub(crate) case_twins: Vec<(NodeId, NodeId)>,
    /// Tags that the core schema does not know, as spans.
    pub(crate) unknown_tags: Vec<(u32, u32)>,
    /// Whether any key starts with a dollar sign, so that there may be placeholders.
    pub(crate) dollar_keys: bool,
}

/// Why a document could not be read.
#[derive(Debug)]
pub(crate) struct YamlProblem {
    pub(crate) kind: YamlProblemKind,
    pub(crate) span: (u32, u32),
}

#[derive(Debug)]
pub(crate) enum YamlProblemKind {
    /// What the parser says.
    Syntax(String),
    /// A key that spans lines; most often a missing space after a colon.
    MultilineKey,
    /// Text in brackets or quotes goes on in a line that is not indented more than what holds it.
    Indentation,
    Tab,
    DuplicateKey(String),
    UnknownAnchor(String),
    CyclicAlias,
    TooDeep,
    TooManyNodes,
    TooMuchText,
}

/// Reads all documents of `tree.text` into `tree`.
pub(crate) fn compose(tree: &mut Tree, limits: &Limits) -> Vec<ParsedDocument> {
    let text = tree.text.clone();
    let options = options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    let mut parser = Parser::new_from_str_with_options(&text, options);
    tree.nodes.reserve(text.len() / 24);
    let mut composer = Composer {
        tree,
        source: &text,
        limits,
        documents: Vec::new(),
        stack: Vec::new(),
        anchors: HashMap::new(),
        document: OpenDocument::default(),
        last_end: 0,
    };
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => composer.take(event, span),
            Err(error) => {
                composer.fail(&error);
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    break;
                }
            }
        }
    }
    composer.documents
}

struct Composer<'a> {
    tree: &'a mut Tree,
    source: &'a str,
    limits: &'a Limits,
    documents: Vec<ParsedDocument>,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    document: OpenDocument,
    last_end: u32,
}

/// What is known about the document being read.
#[derive(Default)]
struct OpenDocument {
    first_node: NodeId,
    start: u32,
    line: u32,
    weight: Weight,
    problem: Option<YamlProblem>,
    case_twins: Vec<(NodeId, NodeId)>,
    unknown_tags: Vec<(u32, u32)>,
    dollar_keys: bool,
}

struct Frame {
    node: NodeId,
    place: NextIs,
    flow: bool,
    /// The column of the nearest collection in block style, from 0.
    indent: Option<usize>,
    /// The line at which the collection starts.
    line: usize,
    anchor: usize,
    /// Weight of the document when the collection was opened.
    weight_before: Weight,
    /// Collections below this one, counted through aliases.
    height: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum NextIs {
    Key,
    Value,
    Item,
}

/// What a document costs when all aliases are written out.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    text: usize,
}

struct Anchored {
    node: NodeId,
    /// `None` while the anchored collection is still open.
    size: Option<(Weight, usize)>,
}

impl Composer<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) {
        let (start, end) = offsets(span);
        if self.document.line == 0 && event.is_node() {
            self.document.line = span.start.line() as u32;
        }
        if self.stack.last().is_some_and(|frame| frame.flow) && event.is_node() {
            self.check_flow_indentation(span);
        }
        match event {
            Event::Scalar(value, style, anchor, tag) => self.scalar(value, style, anchor, tag.as_deref(), span),
            Event::MappingStart(style, anchor, tag) => {
                self.note_tag(tag.as_deref(), span);
                self.open(Value::Map { after: 0 }, NextIs::Key, style, anchor, span);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.note_tag(tag.as_deref(), span);
                self.open(Value::List { after: 0 }, NextIs::Item, style, anchor, span);
            }
            Event::MappingEnd | Event::SequenceEnd => self.close(end),
            Event::Alias(id) => self.alias(id, (start, end)),
            Event::UnresolvedAlias(name) => {
                self.refuse(YamlProblemKind::UnknownAnchor(name.into_owned()), (start, end));
                self.add_leaf(start, end, Value::Null);
            }
            Event::DocumentStart(..) => self.begin_document(start),
            Event::DocumentEnd => self.end_document(),
            _ => {}
        }
    }

    fn begin_document(&mut self, start: u32) {
        self.stack.clear();
        self.anchors.clear();
        let first_node = self.tree.nodes.len() as NodeId;
        self.document = OpenDocument { first_node, start, ..OpenDocument::default() };
        self.last_end = start;
    }

    fn end_document(&mut self) {
        let document = std::mem::take(&mut self.document);
        let content = match document.problem {
            Some(problem) => {
                self.tree.nodes.truncate(document.first_node as usize);
                Err(problem)
            }
            None => Ok(document.first_node),
        };
        self.documents.push(ParsedDocument {
            line: document.line.max(1),
            content,
            case_twins: document.case_twins,
            unknown_tags: document.unknown_tags,
            dollar_keys: document.dollar_keys,
        });
        // An error between two documents belongs to neither of them.
        self.document.first_node = self.tree.nodes.len() as NodeId;
        self.document.start = self.last_end;
    }

    /// Ends the document at a syntax error. The first problem of a document is the one that is told.
    fn fail(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.last_end as usize) as u32;
        let end =
            self.source[(at as usize).min(self.source.len())..].chars().next().map_or(at, |c| at + c.len_utf8() as u32);
        let problem = match error.kind() {
            ErrorKind::MappingValueNotAllowed if self.last_scalar_spans_lines() => {
                let key = self.tree.nodes.last().map_or((at, end), |node| (node.start, node.end));
                YamlProblem { kind: YamlProblemKind::MultilineKey, span: key }
            }
            // A quoted or bracketed key whose colon is not on the same line.
            ErrorKind::SimpleKeyExpected => YamlProblem { kind: YamlProblemKind::MultilineKey, span: (at, end) },
            kind => YamlProblem { kind: syntax_problem(kind), span: (at, end) },
        };
        if self.document.line == 0 {
            self.document.line = error.marker().line() as u32;
        }
        self.document.problem.get_or_insert(problem);
        self.stack.clear();
        self.anchors.clear();
        self.end_document();
    }

    fn last_scalar_spans_lines(&self) -> bool {
        let last = self.tree.nodes.last().filter(|_| self.tree.nodes.len() as NodeId > self.document.first_node);
        last.and_then(|node| self.source.get(node.start as usize..node.end as usize)).is_some_and(|s| s.contains('\n'))
    }

    fn refuse(&mut self, kind: YamlProblemKind, span: (u32, u32)) {
        self.document.problem.get_or_insert(YamlProblem { kind, span });
    }

    /// Puts a finished node into its place, turning it into text when that place is a key.
    fn add_leaf(&mut self, start: u32, end: u32, value: Value) {
        self.last_end = end;
        let value = if self.stack.last().is_some_and(|frame| frame.place == NextIs::Key) {
            let key = self.as_key(value);
            self.document.dollar_keys |= self.tree.text_of(key).is_some_and(|text| text.starts_with('$'));
            key
        } else {
            value
        };
        self.tree.push(start, end, value);
        self.charge(1, text_length(value), (start, end));
        self.advance();
    }

    fn charge(&mut self, nodes: usize, text: usize, span: (u32, u32)) {
        let weight = &mut self.document.weight;
        weight.nodes += nodes;
        weight.text += text;
        if weight.nodes > self.limits.nodes {
            self.refuse(YamlProblemKind::TooManyNodes, span);
        } else if weight.text > self.limits.text_bytes {
            self.refuse(YamlProblemKind::TooMuchText, span);
        }
    }

    fn advance(&mut self) {
        if let Some(frame) = self.stack.last_mut() {
            frame.place = match frame.place {
                NextIs::Key => NextIs::Value,
                NextIs::Value => NextIs::Key,
                NextIs::Item => NextIs::Item,
            };
        }
    }

    fn scalar(&mut self, text: Cow<'_, str>, style: ScalarStyle, anchor: usize, tag: Option<&Tag>, span: Span) {
        let (start, end) = offsets(span);
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        if quoted && span.end.line() > span.start.line() {
            self.check_quoted_indentation(span);
        }
        // The parser gives `~` for a value that is not there.
        let text = if start == end { Cow::Borrowed("") } else { text };
        let plain = match tag {
            Some(tag) => self.resolve_tag(tag, &text, span),
            None if style == ScalarStyle::Plain => resolve_plain(&text),
            None => Plain::Text,
        };
        let value = match plain {
            Plain::Null => Value::Null,
            Plain::Bool(b) => Value::Bool(b),
            Plain::Number(n) => Value::Number(n),
            Plain::Text => self.keep(&text),
        };
        if anchor != 0 {
            let size = (Weight { nodes: 1, text: text.len() }, 0);
            self.anchors.insert(anchor, Anchored { node: self.tree.nodes.len() as NodeId, size: Some(size) });
        }
        self.add_leaf(start, end, value);
    }

    fn resolve_tag(&mut self, tag: &Tag, text: &str, span: Span) -> Plain {
        match tag.core_suffix() {
            Some(suffix) => resolve_tagged(suffix, text),
            None => {
                self.note_tag(Some(tag), span);
                Plain::Text
            }
        }
    }

    fn note_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if tag.is_some_and(|tag| tag.is_custom() && tag.original() != "!") {
            self.document.unknown_tags.push(offsets(span.tag_span().unwrap_or(span)));
        }
    }

    /// Keeps a scalar's text, as a piece of the file when it is one.
    fn keep(&mut self, text: &str) -> Value {
        let at = (text.as_ptr() as usize).wrapping_sub(self.source.as_ptr() as usize);
        if at <= self.source.len() && at + text.len() <= self.source.len() {
            Value::Text(Slice { at: at as u32, len: text.len() as u32 })
        } else {
            self.tree.own(text)
        }
    }

    /// npm `yaml` wants what stands in brackets to be indented more than the block around it; the parser does not.
    fn check_flow_indentation(&mut self, span: Span) {
        let Some(frame) = self.stack.last() else { return };
        let (start, end) = offsets(span);
        if start < end
            && span.start.line() > frame.line
            && frame.indent.is_some_and(|indent| span.start.col() <= indent)
        {
            self.refuse(YamlProblemKind::Indentation, (start, end));
        }
    }

    /// The same for the further lines of a text in quotes.
    fn check_quoted_indentation(&mut self, span: Span) {
        let Some(indent) = self.stack.last().and_then(|frame| frame.indent) else { return };
        let (start, end) = offsets(span);
        let text = self.source.get(start as usize..end as usize).unwrap_or_default();
        let outdented =
            |line: &str| !line.trim().is_empty() && line.len() - line.trim_start_matches(' ').len() <= indent;
        if text.lines().skip(1).any(outdented) {
            self.refuse(YamlProblemKind::Indentation, (start, end));
        }
    }

    fn open(&mut self, value: Value, place: NextIs, style: StructureStyle, anchor: usize, span: Span) {
        let (start, _) = offsets(span);
        let flow = style == StructureStyle::Flow;
        // Collections in brackets may stand on lines of megabytes, so only the others look back.
        let line_start = match flow {
            true => start as usize,
            false => self.source[..start as usize].rfind('\n').map_or(0, |at| at + 1),
        };
        let before = &self.source[line_start..start as usize];
        if before.contains('\t') && before.trim().is_empty() {
            self.refuse(YamlProblemKind::Tab, (start - 1, start));
        }
        let node = self.tree.push(start, start, value);
        self.charge(1, 0, (start, start));
        if self.stack.len() >= self.limits.depth {
            self.refuse(YamlProblemKind::TooDeep, (start, start));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { node, size: None });
        }
        let weight_before = self.document.weight;
        // A list may be told only at its first item, so the line that it starts on counts.
        let indent = match value {
            _ if flow => self.stack.last().and_then(|frame| frame.indent),
            Value::List { .. } => {
                let line = &self.source[line_start..];
                Some(span.start.col().min(line.len() - line.trim_start_matches(' ').len()))
            }
            _ => Some(span.start.col()),
        };
        let line = span.start.line();
        self.stack.push(Frame { node, place, flow, indent, line, anchor, weight_before, height: 0 });
        self.last_end = start;
    }

    fn close(&mut self, end: u32) {
        let Some(frame) = self.stack.pop() else { return };
        if frame.flow {
            self.last_end = end;
        }
        let after = self.tree.nodes.len() as NodeId;
        let node = &mut self.tree.nodes[frame.node as usize];
        node.end = self.last_end.max(node.start);
        let is_map = matches!(node.value, Value::Map { .. });
        node.value = if is_map { Value::Map { after } } else { Value::List { after } };
        if is_map {
            self.compare_keys(frame.node);
        }
        let height = frame.height + 1;
        if frame.anchor != 0 {
            let weight = Weight {
                nodes: self.document.weight.nodes - frame.weight_before.nodes + 1,
                text: self.document.weight.text - frame.weight_before.text,
            };
            self.anchors.insert(frame.anchor, Anchored { node: frame.node, size: Some((weight, height)) });
        }
        self.grow(height, frame.node);
        if self.stack.last().is_some_and(|parent| parent.place == NextIs::Key) {
            self.collection_as_key(frame.node);
        }
        self.advance();
    }

    /// Tells the parent that a child of a height was added.
    fn grow(&mut self, height: usize, node: NodeId) {
        let depth = self.stack.len();
        if let Some(parent) = self.stack.last_mut() {
            parent.height = parent.height.max(height);
        }
        if depth + height > self.limits.depth {
            let node = self.tree.nodes[node as usize];
            self.refuse(YamlProblemKind::TooDeep, (node.start, node.end));
        }
    }

    fn alias(&mut self, id: usize, span: (u32, u32)) {
        let known = self.anchors.get(&id).map(|anchored| (anchored.node, anchored.size));
        let Some((node, Some((weight, height)))) = known else {
            self.refuse(YamlProblemKind::CyclicAlias, span);
            return self.add_leaf(span.0, span.1, Value::Null);
        };
        self.charge(weight.nodes, weight.text, span);
        self.add_leaf(span.0, span.1, Value::Alias(node));
        self.grow(height, self.tree.nodes.len() as NodeId - 1);
    }

    /// A key's text, as JavaScript makes a property name of a value.
    fn as_key(&mut self, value: Value) -> Value {
        match value {
            Value::Null => self.tree.own(""),
            Value::Bool(b) => self.tree.own(if b { "true" } else { "false" }),
            Value::Number(n) => {
                let mut text = String::new();
                push_js_number(&mut text, n);
                self.tree.own(&text)
            }
            Value::Alias(target) => match self.tree.nodes[target as usize].value {
                Value::Map { .. } | Value::List { .. } => {
                    let text = flow_text(self.tree, target);
                    self.tree.own(&text)
                }
                scalar => self.as_key(scalar),
            },
            text => text,
        }
    }

    /// Replaces a list or map that stands as a key with its text in flow style, as npm `yaml` does.
    fn collection_as_key(&mut self, node: NodeId) {
        let text = flow_text(self.tree, node);
        let (start, end) = self.tree.node(node).span();
        // Anchors inside the key would point at nodes that are about to go.
        self.anchors.retain(|_, anchored| anchored.node < node);
        self.document.case_twins.retain(|(key, _)| *key < node);
        self.tree.nodes.truncate(node as usize);
        let value = self.tree.own(&text);
        self.tree.push(start, end, value);
    }

    /// Finds equal keys, and keys that are equal but for letter case, of a finished map.
    fn compare_keys(&mut self, map: NodeId) {
        let mut duplicate = None;
        let map = self.tree.node(map);
        if map.entries().nth(MANY_KEYS).is_some() {
            let mut seen: HashMap<String, NodeId> = HashMap::new();
            let mut exact: HashMap<&str, ()> = HashMap::new();
            for (key, _) in map.entries() {
                if exact.insert(key.key(), ()).is_some() {
                    duplicate.get_or_insert(key);
                } else if let Some(other) = seen.insert(key.key().to_lowercase(), key.id()) {
                    self.document.case_twins.push((key.id(), other));
                }
            }
        } else {
            for (at, (key, _)) in map.entries().enumerate() {
                let text = key.key();
                for (other, _) in map.entries().take(at) {
                    if other.key().len() == text.len() && other.key().eq_ignore_ascii_case(text) {
                        if other.key() == text {
                            duplicate.get_or_insert(key);
                        } else {
                            self.document.case_twins.push((key.id(), other.id()));
                        }
                    }
                }
            }
        }
        if let Some((text, span)) = duplicate.map(|key| (key.key().to_owned(), key.span())) {
            self.refuse(YamlProblemKind::DuplicateKey(text), span);
        }
    }
}

/// From this many keys on a map is searched with a hash table.
const MANY_KEYS: usize = 16;

fn offsets(span: Span) -> (u32, u32) {
    let at = |marker: granit_parser::Marker| marker.byte_offset().unwrap_or_default() as u32;
    (at(span.start), at(span.end))
}

fn text_length(value: Value) -> usize {
    match value {
        Value::Text(slice) | Value::OwnedText(slice) => slice.len as usize,
        _ => 4,
    }
}

fn syntax_problem(kind: &ErrorKind) -> YamlProblemKind {
    match kind {
        ErrorKind::RecursionLimitExceeded => YamlProblemKind::TooDeep,
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation
        | ErrorKind::UnexpectedCharacter { character: '\t' } => YamlProblemKind::Tab,
        kind => YamlProblemKind::Syntax(kind.to_string()),
    }
}

/// A node in flow style, as npm `yaml` writes a key that is no scalar: `{ a: 1 }`, `[ 1, 2 ]`.
fn flow_text(tree: &Tree, id: NodeId) -> String {
    let node = tree.node(id);
    if node.is_map() {
        let entry = |(key, value): (super::NodeRef<'_>, super::NodeRef<'_>)| match value.is_null() {
            true => key.key().to_owned(),
            false => format!("{}: {}", key.key(), flow_text(tree, value.id())),
        };
        let inner: Vec<String> = node.entries().map(entry).collect();
        if inner.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", inner.join(", ")) }
    } else if node.is_list() {
        let inner: Vec<String> = node.items().map(|item| flow_text(tree, item.id())).collect();
        if inner.is_empty() { "[]".to_owned() } else { format!("[ {} ]", inner.join(", ")) }
    } else {
        node.to_js_string()
    }
}
