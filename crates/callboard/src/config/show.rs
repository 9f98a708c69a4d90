//! The merged configuration as YAML, without its secrets.

use std::fmt::Write as _;

use super::{
    Merged, keys,
    tree::{Node, Value},
};

const STARS: &str = "'***'";

/// Writes the merged values as YAML; every value that is or may be a secret is a row of stars.
pub fn render_masked(merged: &Merged) -> String {
    let mut out = String::new();
    render(&merged.0, "", 0, &mut out);
    out
}

/// Keys of the table say themselves whether they are secret; of unknown keys those with a telling name count.
fn is_secret(path: &str, name: &str) -> bool {
    if let Some(key) = keys::find(path) {
        return key.secret;
    }
    let name = name.to_ascii_lowercase();
    [
        "secret",
        "token",
        "password",
        "privatekey",
        "credential",
        "apikey",
        "accesskey",
        "authorization",
        "connectionstring",
    ]
    .iter()
    .any(|word| name.contains(word))
}

fn render(node: &Node, path: &str, indent: usize, out: &mut String) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let secret = is_secret(&below, key);
                let _ = write!(out, "{:indent$}{}:", "", scalar(key));
                render_value(value, &below, indent + 2, secret, out);
            }
        }
        Value::List(items) => {
            for (i, item) in items.iter().enumerate() {
                let below = format!("{path}[{i}]");
                match &item.value {
                    Value::Map(entries) if !entries.is_empty() => {
                        let mut block = String::new();
                        render(item, &below, indent + 2, &mut block);
                        // The dash takes the place of the first two blanks.
                        let _ = write!(out, "{:indent$}- {}", "", &block[indent + 2..]);
                    }
                    _ => {
                        let _ = write!(out, "{:indent$}-", "");
                        render_value(item, &below, indent + 2, false, out);
                    }
                }
            }
        }
        _ => {}
    }
}

fn render_value(node: &Node, path: &str, indent: usize, secret: bool, out: &mut String) {
    match &node.value {
        Value::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Value::List(items) if items.is_empty() => out.push_str(" []\n"),
        Value::Map(_) | Value::List(_) => {
            // The map under a secret key has rows of its own.
            out.push('\n');
            render(node, path, indent, out);
        }
        Value::Absent(name) => {
            let _ = writeln!(out, " # absent: {name} is not set");
        }
        Value::Null | Value::Unread => out.push_str(" null\n"),
        _ if secret => {
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

/// Takes `user:password@` out of a web address.
fn without_credentials(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if url.password().is_some() => match url.set_password(Some("***")) {
            Ok(()) => url.to_string(),
            Err(()) => STARS.to_owned(),
        },
        _ => text.to_owned(),
    }
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
