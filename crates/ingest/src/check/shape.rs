//! Shapes: what the built-in kinds want of their fields, as tables instead of JSON Schema, because every document passes here.
//!
//! The order of the checks is ajv's, so that the first fault is the one that Backstage reports.

use super::{fault::Fault, path::Path};
use crate::yaml::{NodeRef, Value};

/// What a value must look like.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// A string with at least one character.
    Text,
    /// Any string.
    AnyText,
    TextOrBool,
    OneOf(&'static [&'static str]),
    ListOf(&'static Shape),
    Map(&'static MapShape),
    /// A map, or a list of maps.
    MapOrListOf(&'static MapShape),
}

pub(crate) struct MapShape {
    pub(crate) required: &'static [&'static str],
    pub(crate) fields: &'static [(&'static str, Shape)],
    /// What all other fields must look like; `None` leaves them free.
    pub(crate) others: Option<&'static Shape>,
}

/// Receives the faults, each with the path of the value (of the map, for a missing or unknown key) and the value.
pub(crate) type Sink<'s> = dyn FnMut(Fault<'_>, &Path<'_>, NodeRef<'_>) + 's;

impl Shape {
    pub(crate) fn check(&self, node: NodeRef<'_>, path: &Path<'_>, sink: &mut Sink<'_>) {
        match self {
            Shape::Text => match node.as_str() {
                None => sink(Fault::Type("string"), path, node),
                Some("") => sink(Fault::Empty, path, node),
                Some(_) => {}
            },
            Shape::AnyText if node.as_str().is_none() => sink(Fault::Type("string"), path, node),
            Shape::AnyText => {}
            Shape::TextOrBool => {
                if node.as_str().is_none() && !matches!(node.value(), Value::Bool(_)) {
                    sink(Fault::Type("string,boolean"), path, node);
                }
            }
            Shape::OneOf(values) => match node.as_str() {
                None => sink(Fault::Type("string"), path, node),
                Some(text) if !values.contains(&text) => sink(Fault::NotOneOf(values), path, node),
                Some(_) => {}
            },
            Shape::ListOf(inner) => match node.is_list() {
                true => check_items(inner, node, path, sink),
                false => sink(Fault::Type("array"), path, node),
            },
            Shape::Map(map) => map.check(node, path, sink),
            Shape::MapOrListOf(map) if node.is_list() => {
                // Which of ajv's branches failed first is what Backstage reports: the one that wants a map.
                let mut bad = false;
                for (at, item) in node.items().enumerate() {
                    map.check(item, &path.index(at, item.span()), &mut |_, _, _| bad = true);
                }
                if bad {
                    sink(Fault::Type("object"), path, node);
                }
            }
            Shape::MapOrListOf(map) => map.check(node, path, sink),
        }
    }
}

fn check_items(inner: &Shape, node: NodeRef<'_>, path: &Path<'_>, sink: &mut Sink<'_>) {
    for (at, item) in node.items().enumerate() {
        // Strings are what nearly every list holds; they need no path.
        if matches!(inner, Shape::Text) && item.as_str().is_some_and(|text| !text.is_empty()) {
            continue;
        }
        inner.check(item, &path.index(at, item.span()), sink);
    }
}

impl MapShape {
    pub(crate) fn check(&self, node: NodeRef<'_>, path: &Path<'_>, sink: &mut Sink<'_>) {
        if !node.is_map() {
            return sink(Fault::Type("object"), path, node);
        }
        let mut found: [Option<(NodeRef<'_>, NodeRef<'_>)>; 16] = [None; 16];
        let mut others = Vec::new();
        for (key, value) in node.entries() {
            match self.fields.iter().position(|(name, _)| *name == key.key()) {
                Some(at) => found[at] = Some((key, value)),
                None if self.others.is_some() => others.push((key, value)),
                None => {}
            }
        }
        for name in self.required {
            let at = self.fields.iter().position(|(field, _)| field == name);
            if at.is_none_or(|at| found[at].is_none()) {
                sink(Fault::Missing(name), path, node);
            }
        }
        if let Some(shape) = self.others {
            for (key, value) in others {
                shape.check(value, &path.key(key.key(), key.span()), sink);
            }
        }
        for ((name, shape), entry) in self.fields.iter().zip(found) {
            if let Some((key, value)) = entry {
                shape.check(value, &path.key(name, key.span()), sink);
            }
        }
    }
}
