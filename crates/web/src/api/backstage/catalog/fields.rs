//! `fields`: which parts of an entity a client wants, cut out of the raw JSON text.
//!
//! The meaning is Backstage's, quirks included: dots walk into objects, a key that itself holds dots is found by joining parts
//! until something matches, `tags.0` and `tags.length` work because they do in JavaScript, and what is not there is left out.

use super::{
    query_string::Parameters,
    scan::{Scanner, Span, element, elements, string_at},
};
use crate::{Problem, problem};

/// The fields that a client asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct Fields {
    fields: Vec<Vec<String>>,
}

/// The `fields` parameters of a query string; `None` asks for everything.
///
/// # Errors
/// 400 for the list syntax `[`.
pub(super) fn from_parameters(parameters: &Parameters<'_>) -> Result<Option<Fields>, Problem> {
    from_names(parameters.all("fields").flat_map(|text| text.split(',')).map(str::trim).filter(|name| !name.is_empty()))
}

/// The `fields` list of a POST body, whose elements are not split at commas.
///
/// # Errors
/// 400 for the list syntax `[`.
pub(in crate::api) fn from_names<'a>(names: impl Iterator<Item = &'a str>) -> Result<Option<Fields>, Problem> {
    let mut fields = Vec::new();
    for name in names {
        if name.contains('[') {
            return Err(problem::invalid_field(name));
        }
        fields.push(name.split('.').map(str::to_owned).collect());
    }
    Ok((!fields.is_empty()).then_some(Fields { fields }))
}

/// Cuts fields out of one entity after another.
pub(in crate::api) struct Projector<'f> {
    fields: &'f Fields,
    scanner: Scanner,
    nodes: Vec<Node>,
}

/// A part of the answer under construction. Index 0 is the root.
struct Node {
    /// The key as it stands in the entity, with quotes; `None` for the root, list elements and `length`.
    key: Option<Span>,
    content: Content,
}

enum Content {
    /// A whole value of the entity.
    Copy(Span),
    /// A number that is not in the text: the length of a list or string.
    Length(usize),
    /// An object with some of the members.
    Object(Vec<usize>),
    /// A list with some of the elements; what lies between them is null.
    List(Vec<Option<usize>>),
    /// One character of a string.
    Character(char),
}

/// A step of a resolved path.
enum Step {
    Key(Span),
    Index(usize),
    Length,
}

impl<'f> Projector<'f> {
    pub(in crate::api) fn new(fields: &'f Fields) -> Self {
        Self { fields, scanner: Scanner::default(), nodes: Vec::new() }
    }

    /// Appends the wanted parts of the entity `json` to `out`.
    pub(in crate::api) fn project(&mut self, json: &str, out: &mut Vec<u8>) {
        self.scanner.reset();
        self.nodes.clear();
        self.nodes.push(Node { key: None, content: Content::Object(Vec::new()) });
        let fields = self.fields;
        for field in &fields.fields {
            if let Some((path, value)) = resolve(&mut self.scanner, json, field) {
                set(&mut self.nodes, &path, value);
            }
        }
        write(&self.nodes, 0, json, out);
    }
}

/// Walks along the parts of a field; a part that is not there is joined with the next one.
fn resolve(scanner: &mut Scanner, json: &str, parts: &[String]) -> Option<(Vec<Step>, Content)> {
    let mut path = Vec::with_capacity(parts.len());
    let mut value = Content::Copy(0..json.len());
    let mut key = String::new();
    let mut found = true;
    for part in parts {
        if found {
            key.clear();
        } else {
            key.push('.');
        }
        key.push_str(part);
        let inner = descend(scanner, json, &value, &key);
        found = inner.is_some();
        if let Some((step, inner)) = inner {
            path.push(step);
            value = inner;
        }
    }
    found.then_some((path, value))
}

/// What JavaScript finds under `key` in a value.
fn descend(scanner: &mut Scanner, json: &str, value: &Content, key: &str) -> Option<(Step, Content)> {
    let Content::Copy(span) = value else { return None };
    match json.as_bytes()[span.start] {
        b'{' => scanner.member(json, span, key).map(|(key, value)| (Step::Key(key), Content::Copy(value))),
        b'[' if key == "length" => Some((Step::Length, Content::Length(elements(json, span).count()))),
        b'[' => {
            let index = list_index(key)?;
            element(json, span, index).map(|value| (Step::Index(index), Content::Copy(value)))
        }
        b'"' => {
            let text = string_at(json, span)?;
            if key == "length" {
                return Some((Step::Length, Content::Length(text.encode_utf16().count())));
            }
            let index = list_index(key)?;
            text.chars().nth(index).map(|c| (Step::Index(index), Content::Character(c)))
        }
        _ => None,
    }
}

fn list_index(key: &str) -> Option<usize> {
    let canonical = key == "0" || !key.starts_with('0') && key.bytes().all(|b| b.is_ascii_digit());
    if canonical && key.len() < 7 { key.parse().ok() } else { None }
}

/// Puts a value at a path of the answer. Below a whole value there is nothing to set: it is there already.
fn set(nodes: &mut Vec<Node>, path: &[Step], value: Content) {
    let mut at = 0;
    for (i, step) in path.iter().enumerate() {
        let next = match (step, &nodes[at].content) {
            (_, Content::Copy(_) | Content::Length(_) | Content::Character(_)) => return,
            (Step::Key(key), Content::Object(members)) => {
                members.iter().copied().find(|member| nodes[*member].key.as_ref() == Some(key))
            }
            (Step::Length, Content::Object(members)) => {
                members.iter().copied().find(|member| nodes[*member].key.is_none())
            }
            (Step::Index(index), Content::List(elements)) => elements.get(*index).copied().flatten(),
            // `tags.0` and `tags.length` in one request: the list that is there already keeps its elements.
            (Step::Length, Content::List(_)) => return,
            (Step::Index(_) | Step::Key(_), _) => return,
        };
        at = next.unwrap_or_else(|| add(nodes, at, step, path.get(i + 1)));
    }
    nodes[at].content = value;
}

/// Adds an empty node below `parent`; what follows decides whether it is a list.
fn add(nodes: &mut Vec<Node>, parent: usize, step: &Step, following: Option<&Step>) -> usize {
    let content = match following {
        Some(Step::Index(_)) => Content::List(Vec::new()),
        _ => Content::Object(Vec::new()),
    };
    let key = if let Step::Key(key) = step { Some(key.clone()) } else { None };
    let new = nodes.len();
    nodes.push(Node { key, content });
    match (&mut nodes[parent].content, step) {
        (Content::List(elements), Step::Index(index)) => {
            if elements.len() <= *index {
                elements.resize(index + 1, None);
            }
            elements[*index] = Some(new);
        }
        (Content::Object(members), _) => members.push(new),
        _ => {}
    }
    new
}

fn write(nodes: &[Node], at: usize, json: &str, out: &mut Vec<u8>) {
    match &nodes[at].content {
        Content::Copy(span) => out.extend_from_slice(&json.as_bytes()[span.clone()]),
        Content::Length(length) => out.extend_from_slice(length.to_string().as_bytes()),
        Content::Character(c) => out.extend_from_slice(serde_json::Value::from(c.to_string()).to_string().as_bytes()),
        Content::Object(members) => {
            out.push(b'{');
            for (i, member) in members.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                match &nodes[*member].key {
                    Some(key) => out.extend_from_slice(&json.as_bytes()[key.clone()]),
                    None => out.extend_from_slice(b"\"length\""),
                }
                out.push(b':');
                write(nodes, *member, json, out);
            }
            out.push(b'}');
        }
        Content::List(elements) => {
            out.push(b'[');
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                match element {
                    Some(element) => write(nodes, *element, json, out),
                    None => out.extend_from_slice(b"null"),
                }
            }
            out.push(b']');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTITY: &str = r#"{"metadata":{"namespace":"default","annotations":{"a.b/c.d":"1","a.b":{"c":"2"},"plain":"3"},"name":"till","tags":["java","c++"],"none":null},"apiVersion":"v1","kind":"Component","relations":[{"type":"ownedBy"}]}"#;

    fn check(fields: &[&str], want: &str) {
        let fields = from_names(fields.iter().copied()).unwrap().unwrap();
        let mut out = Vec::new();
        let mut projector = Projector::new(&fields);
        projector.project(ENTITY, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), want, "{fields:?}");
        let mut again = Vec::new();
        projector.project(ENTITY, &mut again);
        assert_eq!(String::from_utf8(again).unwrap(), want, "a second time: {fields:?}");
    }

    #[test]
    fn cuts_out_what_was_asked() {
        check(&["kind"], r#"{"kind":"Component"}"#);
        check(
            &["kind", "metadata.name", "metadata.namespace"],
            r#"{"kind":"Component","metadata":{"name":"till","namespace":"default"}}"#,
        );
        check(&["metadata.annotations.a.b/c.d"], r#"{"metadata":{"annotations":{"a.b/c.d":"1"}}}"#);
        check(&["metadata.annotations.a.b.c"], r#"{"metadata":{"annotations":{"a.b":{"c":"2"}}}}"#);
        check(&["metadata.annotations.plain"], r#"{"metadata":{"annotations":{"plain":"3"}}}"#);
        check(&["metadata.none"], r#"{"metadata":{"none":null}}"#);
        check(&["KIND", "nothing.here", "metadata.none.deeper", "kind,metadata.name"], "{}");
    }

    #[test]
    fn behaves_like_javascript_in_lists_and_strings() {
        check(&["metadata.tags.0"], r#"{"metadata":{"tags":["java"]}}"#);
        check(&["metadata.tags.1"], r#"{"metadata":{"tags":[null,"c++"]}}"#);
        check(&["metadata.tags.1", "metadata.tags.0"], r#"{"metadata":{"tags":["java","c++"]}}"#);
        check(&["metadata.tags.length"], r#"{"metadata":{"tags":{"length":2}}}"#);
        check(&["metadata.name.length"], r#"{"metadata":{"name":{"length":4}}}"#);
        check(&["relations.type", "metadata.tags.9"], "{}");
        check(&["relations.0.type"], r#"{"relations":[{"type":"ownedBy"}]}"#);
    }

    #[test]
    fn a_whole_value_and_a_part_of_it_are_the_whole_value() {
        let whole = r#"{"metadata":{"tags":["java","c++"]}}"#;
        check(&["metadata.tags", "metadata.tags.0"], whole);
        check(&["metadata.tags.0", "metadata.tags"], whole);
    }

    #[test]
    fn refuses_the_bracket_syntax() {
        let problem = from_names(["metadata.tags[0]"].into_iter()).unwrap_err();
        assert_eq!(problem.error.message, "Invalid field \"metadata.tags[0]\", array type fields are not supported");
    }
}
