//! Writes descriptor documents as a careful person would: short lists in one line, long texts folded.

use std::fmt::Write as _;

/// Longest text that stays on the line of its key.
const INLINE_TEXT: usize = 90;
/// Where folded texts break.
const FOLD_AT: usize = 100;

/// A link as descriptors have it.
pub(super) struct Link {
    pub(super) url: String,
    pub(super) title: String,
    pub(super) icon: &'static str,
    pub(super) kind: &'static str,
}

impl Link {
    pub(super) fn new(url: String, title: &str, icon: &'static str, kind: &'static str) -> Self {
        Self { url, title: title.to_owned(), icon, kind }
    }
}

/// One descriptor document, in the order in which its fields are written.
#[derive(Default)]
pub(super) struct Document {
    pub(super) kind: &'static str,
    pub(super) namespace: Option<&'static str>,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) labels: Vec<(&'static str, String)>,
    pub(super) annotations: Vec<(&'static str, String)>,
    pub(super) tags: Vec<String>,
    pub(super) links: Vec<Link>,
    pub(super) spec: Vec<(&'static str, Value)>,
}

/// A value below `spec`.
pub(super) enum Value {
    Text(String),
    List(Vec<String>),
    Map(Vec<(&'static str, String)>),
    /// A list of maps; left out when empty.
    Items(Vec<Vec<(&'static str, String)>>),
    /// Kept line by line.
    Literal(String),
}

impl Document {
    pub(super) fn text(&mut self, key: &'static str, value: impl Into<String>) {
        self.spec.push((key, Value::Text(value.into())));
    }

    /// Adds a list unless it is empty.
    pub(super) fn list(&mut self, key: &'static str, values: Vec<String>) {
        if !values.is_empty() {
            self.spec.push((key, Value::List(values)));
        }
    }

    pub(super) fn render(&self) -> String {
        let mut out = String::new();
        let _ =
            writeln!(out, "apiVersion: backstage.io/v1alpha1\nkind: {}\nmetadata:\n  name: {}", self.kind, self.name);
        if let Some(namespace) = self.namespace {
            let _ = writeln!(out, "  namespace: {namespace}");
        }
        if !self.title.is_empty() {
            let _ = writeln!(out, "  title: {}", scalar(&self.title));
        }
        if !self.description.is_empty() {
            let _ = writeln!(out, "  description: {}", folded(&self.description, 4));
        }
        push_map(&mut out, "labels", &self.labels);
        push_map(&mut out, "annotations", &self.annotations);
        if !self.tags.is_empty() {
            let _ = writeln!(out, "  tags: [{}]", self.tags.join(", "));
        }
        if !self.links.is_empty() {
            out.push_str("  links:\n");
        }
        for link in &self.links {
            let _ = writeln!(out, "    - url: {}\n      title: {}", link.url, scalar(&link.title));
            let _ = writeln!(out, "      icon: {}\n      type: {}", link.icon, link.kind);
        }
        out.push_str("spec:\n");
        for (key, value) in &self.spec {
            push_value(&mut out, key, value);
        }
        out
    }
}

/// Joins documents into a file.
pub(super) fn render_file(header: &str, documents: &[Document]) -> String {
    let texts: Vec<String> = documents.iter().map(Document::render).collect();
    format!("{header}{}", texts.join("---\n"))
}

fn push_map(out: &mut String, key: &str, map: &[(&'static str, String)]) {
    if map.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {key}:");
    for (name, value) in map {
        let _ = writeln!(out, "    {name}: {}", scalar(value));
    }
}

fn push_value(out: &mut String, key: &str, value: &Value) {
    match value {
        Value::Text(text) => {
            let _ = writeln!(out, "  {key}: {}", scalar(text));
        }
        Value::List(items) if items.iter().map(|item| item.len() + 2).sum::<usize>() < INLINE_TEXT => {
            let _ = writeln!(out, "  {key}: [{}]", items.join(", "));
        }
        Value::List(items) => {
            let _ = writeln!(out, "  {key}:");
            for item in items {
                let _ = writeln!(out, "    - {item}");
            }
        }
        Value::Map(map) => {
            let _ = writeln!(out, "  {key}:");
            for (name, value) in map {
                let _ = writeln!(out, "    {name}: {}", scalar(value));
            }
        }
        Value::Items(items) if items.is_empty() => {}
        Value::Items(items) => {
            let _ = writeln!(out, "  {key}:");
            for item in items {
                for (number, (name, value)) in item.iter().enumerate() {
                    let _ = writeln!(out, "    {} {name}: {}", if number == 0 { "-" } else { " " }, scalar(value));
                }
            }
        }
        Value::Literal(text) => {
            let _ = writeln!(out, "  {key}: |");
            for line in text.lines() {
                let _ = writeln!(out, "{}", format!("    {line}").trim_end());
            }
        }
    }
}

/// Writes a text on one line, in quotes when YAML would read it as something else.
pub(super) fn scalar(text: &str) -> String {
    let first_is_special = text.starts_with(|c: char| " -?:,[]{}#&*!|>'\"%@`".contains(c));
    let word_is_special = matches!(text, "" | "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    let looks_numeric = text.chars().all(|c| c.is_ascii_digit() || "+-.:".contains(c));
    let inside_is_special = text.contains(": ") || text.contains(" #") || text.ends_with(':');
    if first_is_special || word_is_special || looks_numeric || inside_is_special {
        serde_json::Value::from(text).to_string()
    } else {
        text.to_owned()
    }
}

fn folded(text: &str, indent: usize) -> String {
    if text.len() <= INLINE_TEXT {
        return scalar(text);
    }
    let mut out = String::from(">-");
    let mut width = FOLD_AT;
    for word in text.split(' ') {
        if width + 1 + word.len() > FOLD_AT {
            let _ = write!(out, "\n{}{word}", " ".repeat(indent));
            width = word.len();
        } else {
            let _ = write!(out, " {word}");
            width += 1 + word.len();
        }
    }
    out
}
