//! JSON values as trees, so that an entity from the API passes the same checks as one from a file.

use serde_json::Value as Json;

use crate::yaml::{NodeId, Tree, Value};

/// Makes a tree of one JSON value; its root is node 0.
pub(crate) fn tree_of(json: &Json) -> Tree {
    let mut tree = Tree::default();
    push_value(&mut tree, json, (0, 0));
    tree
}

/// Appends a JSON value; all its nodes get the same place.
pub(crate) fn push_value(tree: &mut Tree, json: &Json, span: (u32, u32)) {
    let (start, end) = span;
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => tree.own(text),
        Json::Array(items) => {
            let id = tree.push(start, end, Value::Null);
            for item in items {
                push_value(tree, item, span);
            }
            let after = tree.nodes.len() as NodeId;
            tree.nodes[id as usize].value = Value::List { after };
            return;
        }
        Json::Object(entries) => {
            let id = tree.push(start, end, Value::Null);
            for (key, item) in entries {
                let key = tree.own(key);
                tree.push(start, end, key);
                push_value(tree, item, span);
            }
            let after = tree.nodes.len() as NodeId;
            tree.nodes[id as usize].value = Value::Map { after };
            return;
        }
    };
    tree.push(start, end, value);
}
