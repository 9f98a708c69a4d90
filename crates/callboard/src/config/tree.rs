//! The value tree of a configuration: YAML values, each with the place that it was written at.

use std::sync::Arc;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file, as it was named, or `environment variable NAME`.
    pub origin: Arc<str>,
    /// Line from 1; 0 when the origin has no lines.
    pub line: u32,
    /// Column from 1, in characters; 0 when the origin has no lines.
    pub column: u32,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str(&self.origin),
            line => write!(f, "{}:{line}:{}", self.origin, self.column),
        }
    }
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written.
    pub spot: Spot,
}

/// A value of a configuration file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Hides what an earlier file says.
    Null,
    /// Not there, because the environment variable of that name is not set. Never hides an earlier value.
    Absent(String),
    /// Could not be read; a fault says so already, so that nothing below it is reported as missing.
    Unread,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as JavaScript has them.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value under a key of a map, unless it is null or absent.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).filter(|node| !matches!(node.value, Value::Null | Value::Absent(_) | Value::Unread))
    }

    /// The value under a key of a map, null and absent ones included.
    pub fn entry(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// What kind of value this is, for error texts.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Absent(_) | Value::Unread => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// Lays `later` over `earlier`: maps join key by key, everything else replaces, and an absent value hides nothing.
/// Source: Backstage's `ConfigReader`.
pub fn merge(earlier: &mut Node, later: Node) {
    match (&mut earlier.value, later.value) {
        (_, Value::Absent(_)) => {}
        (Value::Map(entries), Value::Map(additions)) => {
            for (key, node) in additions {
                match entries.iter_mut().find(|(name, _)| *name == key) {
                    Some((_, existing)) => merge(existing, node),
                    None => entries.push((key, node)),
                }
            }
        }
        (_, value) => *earlier = Node { value, spot: later.spot },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;

    fn merged(texts: &[&str]) -> Node {
        let mut nodes = texts.iter().map(|text| yaml::read(text, &"f".into()).unwrap().unwrap());
        let mut first = nodes.next().unwrap();
        nodes.for_each(|node| merge(&mut first, node));
        first
    }

    #[test]
    fn maps_join_lists_replace_and_null_hides() {
        let node = merged(&["a: {b: 1, c: 2}\nl: [1, 2]\nn: 1", "a: {c: 3}\nl: [9]\nn: null"]);
        assert_eq!(node.get("a").unwrap().get("b").unwrap().value, Value::Number(1.0));
        assert_eq!(node.get("a").unwrap().get("c").unwrap().value, Value::Number(3.0));
        assert!(matches!(&node.get("l").unwrap().value, Value::List(items) if items.len() == 1));
        assert!(node.get("n").is_none());
    }
}
