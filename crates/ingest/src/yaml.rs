//! YAML text -> tree, with the meaning that the npm package `yaml` (version 2, core schema, no merge keys) gives it,
//! because that is what descriptors were written against. The events come from `granit-parser`.

mod compose;
mod decode;
mod limits;
mod number;
mod place;
mod scalar;
mod tree;

pub(crate) use compose::{ParsedDocument, YamlProblem, YamlProblemKind, compose};
pub(crate) use decode::decode;
pub use limits::Limits;
pub(crate) use number::push_js_number;
pub(crate) use place::LineIndex;
pub(crate) use tree::{NodeId, NodeRef, Slice, Tree, Value};
