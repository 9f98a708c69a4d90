//! The merged configuration as YAML, without its secrets.

use std::fmt::Write as _;

use super::{
    Merged, keys,
    tree::{Node, Value},
};

const STARS: &str = "'***'";

/// Writes the merged values as YAML; every value that is or may be a secret, as those of keys that nobody
/// here knows, is a row of stars.
pub fn render_masked(merged: &Merged) -> String {
    let mut out = String::new();
    render(&merged.0, "", 0, false, &mut out);
    out
}

/// Whether a value may be shown: only where the table of keys says that it is no secret. Items of a list are what the list is.
fn is_shown(path: &str, is_parent_shown: bool) -> bool {
    keys::find(path).map_or(path.ends_with(']') && is_parent_shown, |key| !key.secret)
}

fn render(node: &Node, path: &str, indent: usize, is_parent_shown: bool, out: &mut String) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let _ = write!(out, "{:indent$}{}:", "", scalar(key));
                render_value(value, &below, indent + 2, is_shown(&below, false), out);
            }
        }
        Value::List(items) => {
            for (i, item) in items.iter().enumerate() {
                let below = format!("{path}[{i}]");
                let shown = is_shown(&below, is_parent_shown);
                match &item.value {
                    Value::Map(entries) if !entries.is_empty() => {
                        let mut block = String::new();
                        render(item, &below, indent + 2, shown, &mut block);
                        // The dash takes the place of the first two blanks.
                        let _ = write!(out, "{:indent$}- {}", "", &block[indent + 2..]);
                    }
                    _ => {
                        let _ = write!(out, "{:indent$}-", "");
                        render_value(item, &below, indent + 2, shown, out);
                    }
                }
            }
        }
        _ => {}
    }
}

fn render_value(node: &Node, path: &str, indent: usize, shown: bool, out: &mut String) {
    match &node.value {
        Value::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Value::List(items) if items.is_empty() => out.push_str(" []\n"),
        Value::Map(_) | Value::List(_) => {
            // The map under a secret key has rows of its own.
            out.push('\n');
            render(node, path, indent, shown, out);
        }
        Value::Absent(name) => {
            let _ = writeln!(out, " # absent: {name} is not set");
        }
        Value::Null | Value::Unread => out.push_str(" null\n"),
        _ if !shown => {
            let _ = writeln!(out, " {STARS}");
        }
        Value::Bool(b) => {
            let _ = writeln!(out, " {b}");
        }
        Value::Number(n) => {
            let _ = writeln!(out, " {n}");
        }
        Value::Text(text) => {
            let _ = writeln!(out, " {}", scalar(&without_credentials(text)));
        }
    }
}

/// Takes what may be a secret out of a web address: who asks, and the query.
fn without_credentials(text: &str) -> String {
    let Some(mut url) = url::Url::parse(text).ok().filter(|url| url.has_host()) else { return text.to_owned() };
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !has_user && url.query().is_none() {
        return text.to_owned();
    }
    if has_user && (url.set_username("***").is_err() || url.set_password(None).is_err()) {
        return STARS.to_owned();
    }
    if url.query().is_some() {
        url.set_query(Some("***"));
    }
    url.to_string()
}

/// Plain where YAML reads the same text back, in JSON's quotes otherwise.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@ ".contains(c))
        && !text.ends_with(' ')
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
