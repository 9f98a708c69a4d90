//! Ways in which a value can miss its schema, with the words of Backstage (which are those of its validator, ajv) and ours.

use super::path::Path;
use crate::yaml::{NodeRef, Value};

#[derive(Clone, Copy)]
pub(crate) enum Fault<'a> {
    /// A map lacks this key; the path is that of the map.
    Missing(&'a str),
    /// The value is not of this type; `string,boolean` for either of the two.
    Type(&'static str),
    Empty,
    NotOneOf(&'static [&'static str]),
}

impl Fault<'_> {
    /// ajv's message, with the instance path in front.
    pub(crate) fn ajv_message(&self, path: &Path<'_>) -> String {
        let at = path.pointer();
        match self {
            Fault::Missing(key) => format!("{at} must have required property '{key}'"),
            Fault::Type(wanted) => format!("{at} must be {wanted}"),
            Fault::Empty => format!("{at} must NOT have fewer than 1 characters"),
            Fault::NotOneOf(_) => format!("{at} must be equal to one of the allowed values"),
        }
    }

    /// The message followed by ajv's parameters, as Backstage's envelope and kind checks print it.
    pub(crate) fn ajv_message_with_params(&self, path: &Path<'_>) -> String {
        let message = self.ajv_message(path);
        match self {
            Fault::Missing(key) => format!("{message} - missingProperty: {key}"),
            Fault::Type(wanted) => format!("{message} - type: {wanted}"),
            Fault::Empty => format!("{message} - limit: 1"),
            Fault::NotOneOf(values) => format!("{message} - allowedValues: {}", values.join(",")),
        }
    }

    /// The dotted path of the field at fault.
    pub(crate) fn field(&self, path: &Path<'_>) -> String {
        match self {
            Fault::Missing(key) => path.key(key, (0, 0)).dotted(),
            _ => path.dotted(),
        }
    }

    /// Our own words.
    pub(crate) fn message(&self, path: &Path<'_>, node: NodeRef<'_>) -> String {
        let field = self.field(path);
        match self {
            Fault::Missing(_) => format!("`{field}` is missing"),
            Fault::Type(wanted) => format!("`{field}` must be {}, not {}", name_wanted(wanted), describe(node)),
            Fault::Empty => format!("`{field}` is empty"),
            Fault::NotOneOf(values) => format!("`{field}` must be one of `{}`", values.join("`, `")),
        }
    }
}

fn name_wanted(wanted: &str) -> &str {
    match wanted {
        "string" => "a string",
        "object" => "a map",
        "array" => "a list",
        "string,boolean" => "a string, true or false",
        other => other,
    }
}

/// What a value is, in the words of YAML's users.
pub(crate) fn describe(node: NodeRef<'_>) -> String {
    match node.value() {
        Value::Null => "empty".to_owned(),
        Value::Bool(b) => format!("the truth value {b}"),
        Value::Number(_) => format!("the number {}", node.to_js_string()),
        Value::List { .. } => "a list".to_owned(),
        Value::Map { .. } => "a map".to_owned(),
        _ => "a string".to_owned(),
    }
}

/// What to write instead of a value of the wrong type, when that is easily told.
pub(crate) fn mend_type(wanted: &str, node: NodeRef<'_>) -> Option<String> {
    match (wanted, node.value()) {
        ("string", Value::Number(_) | Value::Bool(_)) => {
            Some(format!("put quotes round it: `\"{}\"`", node.to_js_string()))
        }
        ("string", Value::Null) => Some("write a value, or remove the field if it is not required".to_owned()),
        ("string", Value::Map { .. }) => {
            Some("put quotes round a text that has braces or a colon in it, or use `|` for longer texts".to_owned())
        }
        ("string", Value::List { .. }) if node.items().count() == 1 => {
            Some("only one value can stand here: remove the dash or the brackets".to_owned())
        }
        ("array", Value::Text(_) | Value::OwnedText(_)) => {
            Some(format!("write it as a list: `[{}]`", node.to_js_string().lines().next().unwrap_or_default()))
        }
        ("array" | "object", Value::Null) => Some("fill it in or remove the field".to_owned()),
        ("array", Value::Map { .. }) => Some("write a list: put a dash in front of each item".to_owned()),
        ("object", Value::List { .. }) => Some("write a map: `key: value` without dashes".to_owned()),
        _ => None,
    }
}
