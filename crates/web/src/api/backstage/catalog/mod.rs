//! The catalog plugin's REST API, as Backstage speaks it.
//!
//! One file for each endpoint; beside them the words of its language: query strings, bodies, filters, predicates, fields, cursors.

mod body;
mod cursor;
pub(in crate::api) mod fields;
pub(in crate::api) mod filter_param;
mod json_error;
mod params;
mod predicate;
mod query_string;
mod rows;
mod scan;

mod analyze_location;
mod delete_entity;
mod entities_by_refs;
mod entity_ancestry;
mod entity_facets;
mod list_entities;
mod locations;
mod openapi;
mod permission_metadata;
mod query_entities;
mod refresh;
mod show_entity;
mod unprocessed;
mod validate_entity;

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, header},
    response::Response,
    routing::{MethodRouter, delete, get, post},
};

use crate::App;

/// The routes below `/api/catalog`.
pub(super) fn routes() -> Router<App> {
    table().into_iter().fold(Router::new(), |routes, (path, allowed, methods)| {
        let methods = methods.options(move || options(allowed));
        let routes = routes.route(path, methods.clone());
        // Express takes a trailing slash on every route, and so do old scripts.
        if path.contains('*') { routes } else { routes.route(&format!("{path}/"), methods) }
    })
}

/// Path, methods as Express lists them, and handlers of every endpoint.
fn table() -> [(&'static str, &'static str, MethodRouter<App>); 19] {
    [
        ("/entities", "GET,HEAD", get(list_entities::list_entities)),
        (
            "/entities/by-query",
            "GET,HEAD,POST",
            get(query_entities::query_entities).post(query_entities::query_entities_by_predicate),
        ),
        ("/entities/by-refs", "POST", post(entities_by_refs::entities_by_refs)),
        (
            "/entities/by-uid/{uid}",
            "DELETE,GET,HEAD",
            get(show_entity::show_entity_by_uid).delete(delete_entity::delete_entity),
        ),
        ("/entities/by-name/{kind}/{namespace}/{name}", "GET,HEAD", get(show_entity::show_entity_by_name)),
        ("/entities/by-name/{kind}/{namespace}/{name}/ancestry", "GET,HEAD", get(entity_ancestry::entity_ancestry)),
        ("/entities/unprocessed/failed", "GET,HEAD", get(unprocessed::list_failed)),
        ("/entities/unprocessed/pending", "GET,HEAD", get(unprocessed::list_pending)),
        ("/entities/unprocessed/delete/{*entity}", "DELETE", delete(unprocessed::delete_unprocessed)),
        (
            "/entity-facets",
            "GET,HEAD,POST",
            get(entity_facets::entity_facets).post(entity_facets::entity_facets_by_predicate),
        ),
        ("/refresh", "POST", post(refresh::refresh)),
        ("/validate-entity", "POST", post(validate_entity::validate_entity)),
        ("/analyze-location", "POST", post(analyze_location::analyze_location)),
        (
            "/locations",
            "GET,HEAD,POST",
            get(locations::list_locations::list_locations).post(locations::create_location::create_location),
        ),
        ("/locations/by-query", "POST", post(locations::query_locations::query_locations)),
        (
            "/locations/{id}",
            "DELETE,GET,HEAD,PUT",
            get(locations::show_location::show_location)
                .put(locations::update_location::update_location)
                .delete(locations::delete_location::delete_location),
        ),
        (
            "/locations/by-entity/{kind}/{namespace}/{name}",
            "GET,HEAD",
            get(locations::show_location::show_location_of_entity),
        ),
        ("/openapi.json", "GET,HEAD", get(openapi::openapi)),
        ("/.well-known/backstage/permissions/metadata", "GET,HEAD", get(permission_metadata::permission_metadata)),
    ]
}

/// Answers OPTIONS as Express does: the methods, as text and in `Allow`.
async fn options(allowed: &'static str) -> Response {
    let mut response = Response::new(Body::from(allowed));
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_openapi_document_describes_every_route() {
        let document: serde_json::Value = serde_json::from_str(openapi::DOCUMENT).unwrap();
        let described: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(move |method| (path.clone(), method.to_uppercase()))
            })
            .collect();
        // Documents about the API itself are not described in it.
        let own = ["/openapi.json", "/.well-known/backstage/permissions/metadata"];
        let served: BTreeSet<(String, String)> = table()
            .into_iter()
            .filter(|(path, ..)| !own.contains(path))
            .flat_map(|(path, allowed, _)| {
                let methods = allowed.split(',').filter(|method| *method != "HEAD");
                methods.map(move |method| (path.replace("{*", "{"), method.to_owned()))
            })
            .collect();
        assert_eq!(described, served);
    }
}
