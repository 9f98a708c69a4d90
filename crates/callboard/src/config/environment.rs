//! `APP_CONFIG_backend_baseUrl='"http://x"'`: settings given as environment variables.

use std::collections::BTreeMap;

use super::{
    Fault,
    tree::{Node, Spot, Value},
};

const PREFIX: &str = "APP_CONFIG_";

/// Makes one layer of each variable. Source: Backstage's `EnvConfigSource`: the suffix is split at `_`, the value is JSON, and
/// what is no JSON is text.
pub fn layers(environment: &BTreeMap<String, String>, faults: &mut Vec<Fault>) -> Vec<Node> {
    let mut layers = Vec::new();
    for (name, text) in environment {
        let Some(suffix) = name.strip_prefix(PREFIX) else { continue };
        let spot = Spot { origin: format!("environment variable {name}").into(), line: 0, column: 0 };
        if !suffix.split('_').all(is_key) {
            let message = "the part after `APP_CONFIG_` is no key";
            faults.push(Fault::new(spot, message).help("write the keys joined by `_`: APP_CONFIG_backend_baseUrl"));
            continue;
        }
        let json = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::String(text.clone()));
        if json.is_null() {
            faults.push(Fault::new(spot, "the value may not be null").help("unset the variable instead"));
            continue;
        }
        let leaf = from_json(json, &spot);
        layers.push(
            suffix
                .rsplit('_')
                .fold(leaf, |node, key| Node { value: Value::Map(vec![(key.to_owned(), node)]), spot: spot.clone() }),
        );
    }
    layers
}

fn is_key(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_alphabetic())
        && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':'))
}

fn from_json(json: serde_json::Value, spot: &Spot) -> Node {
    let value = match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(b),
        serde_json::Value::Number(n) => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(|item| from_json(item, spot)).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(map.into_iter().map(|(key, value)| (key, from_json(value, spot))).collect())
        }
    };
    Node { value, spot: spot.clone() }
}
