//! `GET /entities/by-name/.../ancestry`: the Locations through which an entity was read, up to the root.

use std::collections::HashSet;

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use index::Doc;
use model::EntityRef;

use super::{
    params::{Params, no_parameters},
    rows::push_text,
};
use crate::{App, Problem, View, answer::Validator, problem};

/// Shows an entity and its ancestors.
pub(super) async fn entity_ancestry(
    State(app): State<App>,
    view: View,
    Params((kind, namespace, name)): Params<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    let entity_ref = EntityRef::new(&kind, &namespace, &name);
    let root = view.find(entity_ref.as_str()).ok_or_else(|| problem::no_such_entity(entity_ref.as_str()))?;
    let validator = Validator::new(&app, &view, &uri);
    Ok(validator.unchanged(&headers).unwrap_or_else(|| validator.answer(&headers, render(&view, root))))
}

fn render(view: &View, root: Doc) -> Vec<u8> {
    let mut out = Vec::with_capacity(8192);
    out.extend_from_slice(b"{\"rootEntityRef\":");
    push_text(&mut out, root.entity_ref());
    out.extend_from_slice(b",\"items\":[");
    let mut seen = HashSet::from([root.entity_ref().to_owned()]);
    let mut open = vec![root];
    let mut first = true;
    while let Some(doc) = open.pop() {
        if !first {
            out.push(b',');
        }
        first = false;
        out.extend_from_slice(b"{\"entity\":");
        out.extend_from_slice(&doc.json());
        out.extend_from_slice(b",\"parentEntityRefs\":[");
        let parents = doc.parents().into_iter().filter_map(|parent| view.find(parent.as_str()));
        for (i, parent) in parents.enumerate() {
            if i > 0 {
                out.push(b',');
            }
            push_text(&mut out, parent.entity_ref());
            if seen.insert(parent.entity_ref().to_owned()) {
                open.push(parent);
            }
        }
        out.extend_from_slice(b"]}");
    }
    out.extend_from_slice(b"]}");
    out
}
