//! YAML -> JSON value, for showing. The strict reader of descriptors lives in `ingest`; this one is lenient where viewers of
//! definitions are: `<<` merges, the last of two equal keys wins, and a number keeps its spelling (`1.10` is not `1.1`).

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, options};
use serde_json::{Map, Value};

const DEPTH: usize = 100;
const NODES: usize = 1_000_000;

/// Reads the first document of a text.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut composer = Composer { stack: Vec::new(), anchors: HashMap::new(), nodes: NODES, root: None };
    while let Some(event) = parser.next_event() {
        match event {
            Ok((Event::DocumentEnd, _)) => break,
            Ok((event, span)) => {
                composer.take(event).map_err(|what| format!("Line {}: {what}.", span.start.line()))?;
            }
            Err(error) => return Err(format!("Line {}: {}.", error.marker().line(), error.kind())),
        }
    }
    composer.root.ok_or_else(|| "It holds no document.".to_owned())
}

struct Composer {
    stack: Vec<Open>,
    /// Finished values, with what they weigh.
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    root: Option<Value>,
}

struct Open {
    value: Value,
    key: Option<String>,
    anchor: usize,
    /// Nodes that were left when it was opened.
    nodes_before: usize,
    /// Collections below this one, counted through aliases.
    height: usize,
}

struct Anchored {
    value: Value,
    nodes: usize,
    height: usize,
}

impl Composer {
    fn take(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if is_plain { plain(&text) } else { Value::String(text.into_owned()) };
                self.charge(1)?;
                if anchor != 0 {
                    self.anchors.insert(anchor, Anchored { value: value.clone(), nodes: 1, height: 0 });
                }
                self.add(value, 0);
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => self.open(Value::Object(Map::new()), anchor),
            Event::SequenceStart(_, anchor, _) => self.open(Value::Array(Vec::new()), anchor),
            Event::MappingEnd | Event::SequenceEnd => {
                self.close();
                Ok(())
            }
            Event::Alias(id) => self.alias(id),
            _ => Ok(()),
        }
    }

    fn charge(&mut self, nodes: usize) -> Result<(), &'static str> {
        self.nodes = self.nodes.checked_sub(nodes).ok_or("the document has too many nodes")?;
        Ok(())
    }

    fn open(&mut self, value: Value, anchor: usize) -> Result<(), &'static str> {
        let nodes_before = self.nodes;
        self.charge(1)?;
        if self.stack.len() >= DEPTH {
            return Err("the document is nested too deeply");
        }
        self.stack.push(Open { value, key: None, anchor, nodes_before, height: 0 });
        Ok(())
    }

    fn close(&mut self) {
        let Some(open) = self.stack.pop() else { return };
        let height = open.height + 1;
        if open.anchor != 0 {
            let nodes = open.nodes_before - self.nodes;
            self.anchors.insert(open.anchor, Anchored { value: open.value.clone(), nodes, height });
        }
        self.add(open.value, height);
    }

    fn alias(&mut self, id: usize) -> Result<(), &'static str> {
        let Some(anchored) = self.anchors.get(&id) else { return Err("an alias stands inside of its own anchor") };
        if self.stack.len() + anchored.height > DEPTH {
            return Err("aliases nest too deeply");
        }
        self.nodes = self.nodes.checked_sub(anchored.nodes).ok_or("aliases write out to too many nodes")?;
        let (value, height) = (anchored.value.clone(), anchored.height);
        self.add(value, height);
        Ok(())
    }

    /// Puts a finished value into the collection that is open.
    fn add(&mut self, value: Value, height: usize) {
        let Some(open) = self.stack.last_mut() else {
            self.root.get_or_insert(value);
            return;
        };
        open.height = open.height.max(height);
        match &mut open.value {
            Value::Array(items) => items.push(value),
            Value::Object(members) => match open.key.take() {
                None => open.key = Some(key_text(value)),
                Some(key) if key == "<<" => merge(members, value),
                Some(key) => {
                    members.insert(key, value);
                }
            },
            _ => {}
        }
    }
}

fn key_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn merge(members: &mut Map<String, Value>, value: Value) {
    match value {
        Value::Object(merged) => {
            for (key, value) in merged {
                members.entry(key).or_insert(value);
            }
        }
        Value::Array(items) => items.into_iter().for_each(|item| merge(members, item)),
        _ => {}
    }
}

/// A plain scalar. Only numbers that are written as JSON writes them become numbers, so nothing changes its spelling.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        text => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Value::from(number),
            _ => Value::String(text.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keeps_the_spelling_of_numbers_and_the_text_of_keys() {
        let got = read("openapi: 3.1.0\nv: 1.10\nn: 7\nresponses:\n  200: {ok: true}\n  x:\n").unwrap();
        assert_eq!(
            got,
            json!({"openapi": "3.1.0", "v": "1.10", "n": 7, "responses": {"200": {"ok": true}, "x": null}})
        );
    }

    #[test]
    fn writes_aliases_out_and_merges() {
        let got = read("a: &a {x: 1, y: 2}\nb: *a\nc:\n  y: 3\n  <<: *a\n").unwrap();
        assert_eq!(got, json!({"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}, "c": {"y": 3, "x": 1}}));
    }

    #[test]
    fn stops_a_bomb_of_aliases() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert!(read(&bomb).unwrap_err().contains("too many nodes"));
    }

    #[test]
    fn refuses_depth_with_brackets_and_with_aliases() {
        assert!(read(&"[".repeat(100_000)).is_err());
        let mut deep = format!("a0: &a0 {}{}\n", "[".repeat(60), "]".repeat(60));
        deep.push_str(&format!("a1: &a1 {}*a0{}\n", "[".repeat(60), "]".repeat(60)));
        assert!(read(&deep).unwrap_err().contains("nest"));
    }

    #[test]
    fn says_the_line_of_an_error() {
        assert!(read("a: 1\nb: [\n").unwrap_err().starts_with("Line "));
        assert!(read("").is_err());
    }
}
