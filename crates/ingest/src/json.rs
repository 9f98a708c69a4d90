//! The tree as JSON text, spelled as `JSON.stringify` spells it.

use crate::yaml::{NodeRef, Value, push_js_number};

/// Appends a node as compact JSON.
pub(crate) fn push_node(out: &mut String, node: NodeRef<'_>) {
    match node.value() {
        Value::Null | Value::Alias(_) => out.push_str("null"),
        Value::Bool(b) => out.push_str(if b { "true" } else { "false" }),
        Value::Number(n) => push_js_number(out, n),
        Value::Text(_) | Value::OwnedText(_) => push_text(out, node.key()),
        Value::List { .. } => {
            out.push('[');
            for (at, item) in node.items().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_node(out, item);
            }
            out.push(']');
        }
        Value::Map { .. } => {
            out.push('{');
            for (at, (key, value)) in node.entries().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_text(out, key.key());
                out.push(':');
                push_node(out, value);
            }
            out.push('}');
        }
    }
}

/// Appends a JSON string.
pub(crate) fn push_text(out: &mut String, text: &str) {
    out.push('"');
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[written..at]);
        written = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            _ => {
                out.push_str("\\u00");
                out.push(char::from(b'0' + (byte >> 4)));
                out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
            }
        }
    }
    out.push_str(&text[written..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_json_must_not_hold() {
        let mut out = String::new();
        push_text(&mut out, "a\"b\\c\n\u{1}\u{1f}é");
        assert_eq!(out, "\"a\\\"b\\\\c\\n\\u0001\\u001fé\"");
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), "a\"b\\c\n\u{1}\u{1f}é");
    }
}
