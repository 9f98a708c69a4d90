//! `GET /entities/by-name/...` and `GET /entities/by-uid/...`: one entity.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use index::Doc;
use model::{EntityRef, Uid};

use super::params::{Params, no_parameters};
use crate::{App, Problem, View, answer::Validator, problem};

/// Shows the entity with a name, whose three parts may come in any letter case.
pub(super) async fn show_entity_by_name(
    State(app): State<App>,
    view: View,
    Params((kind, namespace, name)): Params<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    let found = view.find(EntityRef::new(&kind, &namespace, &name).as_str());
    let doc = found.ok_or_else(|| problem::no_entity_named(&kind, &namespace, &name))?;
    Ok(show(&app, &view, &uri, &headers, &doc))
}

/// Shows the entity with a uid.
pub(super) async fn show_entity_by_uid(
    State(app): State<App>,
    view: View,
    Params(uid): Params<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    no_parameters(&uri)?;
    let found = Uid::parse(&uid).and_then(|uid| view.find_by_uid(uid));
    let doc = found.ok_or_else(|| problem::no_entity_with_uid(&uid))?;
    Ok(show(&app, &view, &uri, &headers, &doc))
}

fn show(app: &App, view: &View, uri: &Uri, headers: &HeaderMap, doc: &Doc) -> Response {
    let validator = Validator::new(app, view, uri);
    validator.unchanged(headers).unwrap_or_else(|| validator.answer(headers, doc.json()))
}
