//! The tree of a file: one flat array of nodes in source order, so that a file costs two allocations and not one per node.
//!
//! A list or map knows the index after its last descendant. The children of a map are key, value, key, value ...; keys are
//! always text. An alias points at its anchored node, which stands before it.

use std::sync::Arc;

/// Index of a node in its tree.
pub(crate) type NodeId = u32;

/// A piece of the tree's text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    pub(crate) at: u32,
    pub(crate) len: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    /// Text as it stands in the file.
    Text(Slice),
    /// Text that had to be put together (escapes, folded lines), in `Tree::owned`.
    OwnedText(Slice),
    List {
        after: NodeId,
    },
    Map {
        after: NodeId,
    },
    Alias(NodeId),
}

/// A value and the bytes of the file that it was read from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) value: Value,
}

#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) text: Arc<str>,
    pub(crate) owned: String,
    pub(crate) nodes: Vec<Node>,
}

impl Tree {
    pub(crate) fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { tree: self, id }
    }

    pub(crate) fn push(&mut self, start: u32, end: u32, value: Value) -> NodeId {
        let id = self.nodes.len() as NodeId;
        self.nodes.push(Node { start, end, value });
        id
    }

    /// Keeps a text that is no piece of the file.
    pub(crate) fn own(&mut self, text: &str) -> Value {
        let at = self.owned.len() as u32;
        self.owned.push_str(text);
        Value::OwnedText(Slice { at, len: text.len() as u32 })
    }

    pub(crate) fn text_of(&self, value: Value) -> Option<&str> {
        match value {
            Value::Text(s) => self.text.get(s.at as usize..(s.at + s.len) as usize),
            Value::OwnedText(s) => self.owned.get(s.at as usize..(s.at + s.len) as usize),
            _ => None,
        }
    }

    fn after(&self, id: NodeId) -> NodeId {
        match self.nodes[id as usize].value {
            Value::List { after } | Value::Map { after } => after,
            _ => id + 1,
        }
    }
}

/// A node seen in its tree. Aliases are followed by every reading method; the span stays that of the alias.
#[derive(Clone, Copy)]
pub(crate) struct NodeRef<'a> {
    tree: &'a Tree,
    id: NodeId,
}

impl<'a> NodeRef<'a> {
    pub(crate) fn id(self) -> NodeId {
        self.id
    }

    pub(crate) fn span(self) -> (u32, u32) {
        let node = &self.tree.nodes[self.id as usize];
        (node.start, node.end)
    }

    fn target(self) -> NodeId {
        match self.tree.nodes[self.id as usize].value {
            Value::Alias(target) => target,
            _ => self.id,
        }
    }

    pub(crate) fn value(self) -> Value {
        self.tree.nodes[self.target() as usize].value
    }

    pub(crate) fn as_str(self) -> Option<&'a str> {
        self.tree.text_of(self.value())
    }

    pub(crate) fn is_map(self) -> bool {
        matches!(self.value(), Value::Map { .. })
    }

    pub(crate) fn is_list(self) -> bool {
        matches!(self.value(), Value::List { .. })
    }

    pub(crate) fn is_null(self) -> bool {
        matches!(self.value(), Value::Null)
    }

    /// JavaScript's `!value`.
    pub(crate) fn is_falsy(self) -> bool {
        match self.value() {
            Value::Null | Value::Bool(false) => true,
            Value::Number(n) => n == 0.0 || n.is_nan(),
            value => self.tree.text_of(value).is_some_and(str::is_empty),
        }
    }

    /// The entries of a map; nothing for any other node.
    pub(crate) fn entries(self) -> Entries<'a> {
        let target = self.target();
        match self.tree.nodes[target as usize].value {
            Value::Map { after } => Entries { tree: self.tree, next: target + 1, after },
            _ => Entries { tree: self.tree, next: 0, after: 0 },
        }
    }

    /// The items of a list; nothing for any other node.
    pub(crate) fn items(self) -> Items<'a> {
        let target = self.target();
        match self.tree.nodes[target as usize].value {
            Value::List { after } => Items { tree: self.tree, next: target + 1, after },
            _ => Items { tree: self.tree, next: 0, after: 0 },
        }
    }

    /// The value under a key of a map.
    pub(crate) fn get(self, key: &str) -> Option<NodeRef<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key and the value under a key of a map.
    pub(crate) fn entry(self, key: &str) -> Option<(NodeRef<'a>, NodeRef<'a>)> {
        self.entries().find(|(k, _)| k.key() == key)
    }

    /// The text of a key; keys are always text.
    pub(crate) fn key(self) -> &'a str {
        self.as_str().unwrap_or_default()
    }

    /// JavaScript's `typeof`.
    pub(crate) fn type_of(self) -> &'static str {
        match self.value() {
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) | Value::OwnedText(_) => "string",
            _ => "object",
        }
    }

    /// JavaScript's `${value}`, as error texts show it.
    pub(crate) fn to_js_string(self) -> String {
        match self.value() {
            Value::Null => "null".to_owned(),
            Value::Bool(b) => b.to_string(),
            Value::Number(n) => {
                let mut out = String::new();
                super::push_js_number(&mut out, n);
                out
            }
            Value::List { .. } => self.items().map(NodeRef::to_js_string).collect::<Vec<_>>().join(","),
            Value::Map { .. } => "[object Object]".to_owned(),
            value => self.tree.text_of(value).unwrap_or_default().to_owned(),
        }
    }
}

pub(crate) struct Entries<'a> {
    tree: &'a Tree,
    next: NodeId,
    after: NodeId,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (NodeRef<'a>, NodeRef<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.after {
            return None;
        }
        let (key, value) = (self.next, self.next + 1);
        self.next = self.tree.after(value);
        Some((self.tree.node(key), self.tree.node(value)))
    }
}

pub(crate) struct Items<'a> {
    tree: &'a Tree,
    next: NodeId,
    after: NodeId,
}

impl<'a> Iterator for Items<'a> {
    type Item = NodeRef<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.after {
            return None;
        }
        let item = self.next;
        self.next = self.tree.after(item);
        Some(self.tree.node(item))
    }
}
