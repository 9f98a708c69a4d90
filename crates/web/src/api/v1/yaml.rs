//! Entities as descriptors that can be registered again: what the server adds is left out.

use serde_json::Value;

/// Words and shapes that YAML readers take for something else than text.
const TAKEN: [&str; 11] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "~", "nan"];

/// Writes one document, with its `---`. Keys keep their order.
pub(super) fn write_descriptor(mut entity: Value, out: &mut Vec<u8>) {
    if let Some(members) = entity.as_object_mut() {
        members.shift_remove("relations");
        members.shift_remove("status");
        if let Some(metadata) = members.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.shift_remove("uid");
            metadata.shift_remove("etag");
        }
    }
    let mut text = "---\n".to_owned();
    write_value(&entity, 0, &mut text);
    out.extend_from_slice(text.as_bytes());
}

/// Writes a whole value as one document, for people to read. Keys keep their order.
pub(crate) fn write_yaml(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, 0, &mut text);
    text
}

/// Writes a value that stands on lines of its own.
fn write_value(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                pad(indent, out);
                write_text(key, out);
                out.push(':');
                write_nested(value, indent, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                pad(indent, out);
                out.push('-');
                write_nested(item, indent, out);
            }
        }
        scalar => {
            pad(indent, out);
            write_scalar(scalar, out);
            out.push('\n');
        }
    }
}

/// Writes a value after a key or a dash.
fn write_nested(value: &Value, indent: usize, out: &mut String) {
    let is_block = value.as_object().is_some_and(|members| !members.is_empty())
        || value.as_array().is_some_and(|items| !items.is_empty());
    if is_block {
        out.push('\n');
        write_value(value, indent + 2, out);
    } else if let Some(text) = value.as_str().filter(|text| is_literal(text)) {
        write_literal(text, indent + 2, out);
    } else {
        out.push(' ');
        write_scalar(value, out);
        out.push('\n');
    }
}

/// Whether a text of several lines may be written as it is: no character in it needs an escape, and its first line does not
/// start with a space, from which a reader would take the indentation.
fn is_literal(text: &str) -> bool {
    let is_plain = |c: char| {
        c == '\n' || c == '\t' || (!c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}'))
    };
    text.trim_end_matches('\n').contains('\n')
        && text.chars().all(is_plain)
        && !text.starts_with([' ', '\n', '\t'])
        && text.trim_end_matches('\n').len() + 1 >= text.len()
}

/// Writes a text of several lines with its lines.
fn write_literal(text: &str, indent: usize, out: &mut String) {
    out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
    for line in text.trim_end_matches('\n').split('\n') {
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn write_scalar(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => write_text(text, out),
        // JSON's spelling of numbers, booleans, null and empty collections is YAML's too.
        other => out.push_str(&other.to_string()),
    }
}

/// Plain where nobody can take it for anything else; otherwise as a JSON string, which is a YAML string too.
fn write_text(text: &str, out: &mut String) {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./ ".contains(c))
        && !text.ends_with(' ')
        && !TAKEN.contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        out.push_str(text);
    } else {
        out.push_str(&serde_json::to_string(text).expect("text always serialises"));
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_of_several_lines_keep_their_lines() {
        let text = write_yaml(&json!({"a": "x: 1\n\n  y\n", "list": ["p\nq"], "odd": [" x\ny", "x\ny\n\n", "x\r\ny"]}));
        let want = "a: |\n  x: 1\n\n    y\nlist:\n  - |-\n    p\n    q\n\
            odd:\n  - \" x\\ny\"\n  - \"x\\ny\\n\\n\"\n  - \"x\\r\\ny\"\n";
        assert_eq!(text, want);
    }

    #[test]
    fn writes_what_the_author_wrote() {
        let entity = json!({
            "metadata": {"name": "shop", "uid": "u", "etag": "e", "tags": ["a", "yes"], "labels": {}, "note": "a: b\n"},
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "spec": {"list": [{"a": 1, "b": null}, [true, "1.0"]]},
            "relations": [],
        });
        let mut out = Vec::new();
        write_descriptor(entity, &mut out);
        let want = "---\nmetadata:\n  name: shop\n  tags:\n    - a\n    - \"yes\"\n  labels: {}\n  note: \"a: b\\n\"\n\
            apiVersion: backstage.io/v1alpha1\nkind: Component\nspec:\n  list:\n    -\n      a: 1\n      b: null\n    -\n      \
            - true\n      - \"1.0\"\n";
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }
}
