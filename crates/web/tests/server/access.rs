//! Every route with every sort of credentials.

use auth::AccessSettings;
use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::json;

use crate::world::{ELSEWHERE, FULL, READER, World, closed, request, settings};

/// Route, then the status with no token, with the full token, with a token that may only read entities. A bad token and one
/// of another plugin are refused wherever no token is.
const MATRIX: &[(&str, &str, u16, u16, u16)] = &[
    ("GET", "/.backstage/health/v1/readiness", 200, 200, 200),
    ("GET", "/.backstage/health/v1/liveness", 200, 200, 200),
    ("GET", "/metrics", 401, 200, 403),
    ("GET", "/api/catalog/entities", 401, 200, 200),
    ("GET", "/api/catalog/entities/by-query", 401, 200, 200),
    ("POST", "/api/catalog/entities/by-refs", 401, 400, 400),
    ("GET", "/api/catalog/entities/by-name/component/default/shop", 401, 200, 200),
    ("GET", "/api/catalog/entities/by-name/component/default/shop/ancestry", 401, 200, 200),
    ("GET", "/api/catalog/entities/by-uid/nothing", 401, 404, 404),
    ("DELETE", "/api/catalog/entities/by-uid/00000000-0000-4000-8000-000000000000", 401, 204, 403),
    ("GET", "/api/catalog/entity-facets?facet=kind", 401, 200, 200),
    ("GET", "/api/catalog/locations", 401, 200, 200),
    ("GET", "/api/catalog/.well-known/backstage/permissions/metadata", 401, 200, 200),
    ("GET", "/api/catalog/.backstage/auth/v1/jwks.json", 200, 200, 200),
    ("GET", "/api/auth/.well-known/jwks.json", 200, 200, 200),
    ("GET", "/api/auth/.well-known/openid-configuration", 200, 200, 200),
    ("GET", "/api/auth/guest/refresh", 403, 403, 403),
    ("GET", "/api/auth/guest/start", 501, 501, 501),
    ("GET", "/api/auth/github/refresh", 404, 404, 404),
    ("GET", "/api/auth/v1/userinfo", 401, 400, 403),
    ("POST", "/api/permission/authorize", 401, 400, 403),
    ("GET", "/api/search/query?term=shop", 401, 200, 403),
    ("GET", "/search?query=shop", 401, 200, 200),
    ("GET", "/palette?q=shop", 401, 200, 200),
    ("GET", "/api/unheard-of/thing", 401, 404, 403),
    ("GET", "/api/v1/entities", 401, 200, 200),
    ("GET", "/api/v1/entities/component:default/shop", 401, 200, 200),
    ("GET", "/api/v1/problems", 401, 200, 200),
    ("GET", "/api/v1/changes", 401, 200, 200),
    ("GET", "/api/v1/impact", 401, 400, 400),
    ("GET", "/api/v1/impact?ref=component:default/shop", 401, 200, 200),
    ("GET", "/api/v1/causes?ref=component:default/shop", 401, 200, 200),
    ("GET", "/api/v1/export", 401, 200, 200),
    ("GET", "/api/v1/kinds", 401, 200, 200),
    ("GET", "/api/v1/loops", 401, 200, 403),
    ("GET", "/api/v1/status", 401, 200, 403),
    ("GET", "/api/v1/openapi.json", 401, 200, 200),
    ("GET", "/api/v1/webhooks", 401, 200, 403),
    ("POST", "/api/v1/webhooks", 401, 400, 403),
    ("GET", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000", 401, 404, 403),
    ("PATCH", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000", 401, 404, 403),
    ("DELETE", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000", 401, 404, 403),
    ("POST", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000/rotate", 401, 404, 403),
    ("POST", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000/test", 401, 404, 403),
    ("GET", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000/deliveries", 401, 404, 403),
    ("GET", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000/dead-letters", 401, 404, 403),
    ("POST", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000/dead-letters/resend", 401, 404, 403),
    ("DELETE", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000/dead-letters", 401, 404, 403),
    ("DELETE", "/api/v1/webhooks/00000000-0000-4000-8000-000000000000/dead-letters/1", 401, 404, 403),
    ("GET", "/api/v1/nothing", 401, 404, 404),
    ("GET", "/", 401, 200, 200),
    ("GET", "/home", 401, 308, 308),
    ("GET", "/catalog", 401, 200, 200),
    ("GET", "/catalog/export", 401, 200, 200),
    ("GET", "/catalog-unprocessed-entities", 401, 308, 308),
    ("GET", "/api-docs", 401, 200, 200),
    ("GET", "/teams", 401, 200, 200),
    ("GET", "/viewer/openapi", 401, 400, 400),
    ("GET", "/settings", 401, 200, 200),
    ("GET", "/keyboard", 401, 200, 200),
    ("POST", "/preferences", 401, 415, 415),
    ("GET", "/no/such/page", 401, 404, 404),
    ("GET", "/catalog/default/component/shop", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/peek", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/dependencies", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/api", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/definition", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/definition/raw", 401, 404, 404),
    ("POST", "/catalog/default/component/shop/star", 401, 415, 415),
    ("POST", "/catalog/default/component/shop/refresh", 401, 415, 415),
    ("GET", "/catalog/default/component/shop/problems", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/unregister", 401, 200, 403),
    ("GET", "/catalog-import", 401, 200, 200),
    ("GET", "/locations", 401, 200, 403),
    ("GET", "/locations/00000000-0000-4000-8000-000000000000", 401, 404, 403),
    ("POST", "/locations/00000000-0000-4000-8000-000000000000/refresh", 401, 404, 403),
    ("GET", "/locations/00000000-0000-4000-8000-000000000000/remove", 401, 404, 403),
    ("POST", "/locations/00000000-0000-4000-8000-000000000000/remove", 401, 404, 403),
    ("GET", "/impact", 401, 200, 200),
    ("GET", "/impact?ref=component:default/shop", 401, 200, 200),
    ("GET", "/impact?ref=component:default/shop&show=causes", 401, 200, 200),
    ("GET", "/problems", 401, 200, 200),
    ("GET", "/problems/export", 401, 200, 200),
    ("GET", "/operations", 401, 200, 403),
    ("GET", "/pack", 401, 200, 200),
    ("GET", "/call-sheets", 401, 200, 403),
    ("POST", "/call-sheets", 401, 415, 403),
    ("GET", "/call-sheets/none", 401, 404, 403),
    ("POST", "/call-sheets/none", 401, 415, 403),
    ("GET", "/call-sheets/none/close", 401, 404, 403),
    ("POST", "/call-sheets/none/close", 401, 415, 403),
    ("GET", "/call-sheets/none/timeline", 401, 404, 403),
    ("GET", "/call-sheets/none/events", 401, 404, 403),
    ("GET", "/api/v1/call-sheets", 401, 200, 403),
    ("POST", "/api/v1/call-sheets", 401, 400, 403),
    ("GET", "/api/v1/call-sheets/none", 401, 404, 403),
    ("GET", "/api/v1/call-sheets/none/timeline", 401, 404, 403),
    ("GET", "/api/v1/call-sheets/none/events", 401, 404, 403),
    ("POST", "/api/v1/call-sheets/none/entries", 401, 400, 403),
    ("POST", "/api/v1/call-sheets/alerts/grafana", 401, 400, 403),
    ("GET", "/api/v1/truth-rate", 401, 200, 403),
    ("GET", "/webhooks", 401, 200, 403),
    ("GET", "/webhooks/new", 401, 200, 403),
    ("POST", "/webhooks/new", 401, 415, 403),
    ("GET", "/webhooks/00000000-0000-4000-8000-000000000000", 401, 404, 403),
    ("GET", "/webhooks/00000000-0000-4000-8000-000000000000/edit", 401, 404, 403),
    ("POST", "/webhooks/00000000-0000-4000-8000-000000000000/state", 401, 415, 403),
    ("POST", "/webhooks/00000000-0000-4000-8000-000000000000/test", 401, 404, 403),
    ("POST", "/webhooks/00000000-0000-4000-8000-000000000000/rotate", 401, 404, 403),
    ("POST", "/webhooks/00000000-0000-4000-8000-000000000000/letters", 401, 415, 403),
    ("GET", "/webhooks/00000000-0000-4000-8000-000000000000/remove", 401, 404, 403),
    ("GET", "/catalog-graph", 401, 200, 200),
    ("GET", "/catalog-graph?rootEntityRefs[]=component:default/shop", 401, 200, 200),
    ("GET", "/catalog-graph.svg?rootEntityRefs[]=component:default/shop", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/graph", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/diagram", 401, 200, 200),
    ("GET", "/catalog/default/component/shop/history", 401, 200, 200),
    ("GET", "/look-back", 401, 303, 303),
    ("GET", "/changes", 401, 200, 200),
    ("GET", "/changes/compare", 401, 200, 200),
    ("GET", "/api/v1/history", 401, 200, 200),
    ("GET", "/api/v1/near?ref=component:default/shop", 401, 200, 200),
    ("GET", "/api/v1/compare", 401, 200, 200),
    ("GET", "/api/v1/events", 401, 200, 200),
    ("POST", "/api/v1/events", 401, 400, 403),
    ("POST", "/api/v1/receivers/github", 403, 403, 403),
];

#[tokio::test]
async fn every_route_with_every_sort_of_credentials() {
    let world = World::new(closed(), settings()).await.fill().await;
    for (method, path, none, full, reader) in MATRIX {
        let status = async |token: Option<&str>| {
            let mut request = request(method.parse::<Method>().unwrap(), path);
            if let Some(token) = token {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            world.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
        };
        assert_eq!(status(None).await, *none, "{method} {path} without a token");
        assert_eq!(status(Some(FULL)).await, *full, "{method} {path} with the full token");
        assert_eq!(status(Some(READER)).await, *reader, "{method} {path} with the reader's token");
        let (bad, elsewhere) = if *none == 401 { (401, 403) } else { (*none, *none) };
        assert_eq!(status(Some("wrong-token")).await, bad, "{method} {path} with a bad token");
        assert_eq!(status(Some(ELSEWHERE)).await, elsewhere, "{method} {path} with a token of another plugin");
    }
}

/// Whether a path is one of a route with parameters in braces.
fn fits(path: &str, route: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (parts, pattern): (Vec<_>, Vec<_>) = (path.split('/').collect(), route.split('/').collect());
    parts.len() == pattern.len() && parts.iter().zip(&pattern).all(|(part, own)| own.starts_with('{') || part == own)
}

#[test]
fn every_page_is_in_the_matrix() {
    for route in web::page_paths() {
        assert!(MATRIX.iter().any(|(_, path, ..)| fits(path, route)), "{route}");
    }
}

#[tokio::test]
async fn refusals_have_the_shape_of_the_shelf_that_was_asked() {
    let world = World::new(closed(), settings()).await;
    let backstage = world.get("/api/catalog/entities?limit=1&token=x").await;
    let want = json!({
        "error": { "name": "AuthenticationError", "message": "Missing credentials" },
        "request": { "method": "GET", "url": "/entities?limit=1&token=x" },
        "response": { "statusCode": 401 },
    });
    assert_eq!(backstage.json(), want);
    let ours = world.get_with("/api/v1/kinds", "authorization", &format!("Bearer {ELSEWHERE}")).await;
    assert_eq!(ours.header("content-type"), "application/problem+json");
    assert_eq!(ours.json()["detail"], "This token's access is restricted to plugin(s) 'scaffolder'");
}

#[tokio::test]
async fn a_guest_signs_in_and_is_known_after() {
    let world = World::open().await;
    let signed_in = world.get("/api/auth/guest/refresh").await.json();
    let identity = &signed_in["backstageIdentity"];
    assert_eq!(identity["identity"]["userEntityRef"], "user:development/guest");
    assert_eq!(identity["identity"]["ownershipEntityRefs"], json!(["user:development/guest"]));
    assert_eq!(identity["expiresInSeconds"], 3599);
    let bearer = format!("Bearer {}", identity["token"].as_str().unwrap());
    let who = world.get_with("/api/auth/v1/userinfo", "authorization", &bearer).await.json();
    assert_eq!(who, json!({ "claims": { "sub": "user:development/guest", "ent": ["user:development/guest"] } }));
    let keys = world.get("/api/auth/.well-known/jwks.json").await.json();
    let plugin_keys = world.get("/api/catalog/.backstage/auth/v1/jwks.json").await.json();
    assert_eq!(keys, plugin_keys);
    assert_eq!(keys["keys"][0]["alg"], "ES256");
    let bad = world.get_with("/api/catalog/entities", "authorization", "Bearer nonsense").await;
    assert_eq!(bad.status, 401, "an open server refuses bad tokens too");
}

#[tokio::test]
async fn permissions_are_decided_in_batches() {
    let world = World::open().await;
    let resource = json!({ "type": "resource", "name": "catalog.entity.delete", "attributes": { "action": "delete" } });
    let basic = json!({ "type": "basic", "name": "scaffolder.task.create", "attributes": { "action": "create" } });
    let batch = json!({ "items": [
        { "id": "a", "permission": basic },
        { "id": "b", "permission": resource, "resourceRef": "component:default/shop" },
        { "id": "c", "permission": resource, "resourceRef": ["component:default/a", "component:default/b"] },
    ] });
    let want = json!({ "items": [
        { "id": "a", "result": "ALLOW" },
        { "id": "b", "result": "ALLOW" },
        { "id": "c", "result": ["ALLOW", "ALLOW"] },
    ] });
    assert_eq!(world.post("/api/permission/authorize", &batch).await.json(), want);
    let without_ref = json!({ "items": [{ "id": "1", "permission": resource }] });
    let refused = world.post("/api/permission/authorize", &without_ref).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json()["error"]["message"],
        "Resource permissions require a resourceRef to be set. Direct user requests without a resourceRef are not allowed."
    );
    let shapeless = world.post("/api/permission/authorize", &json!({ "items": "x" })).await;
    assert_eq!(shapeless.status, 400);
    assert_eq!(
        shapeless.json()["error"]["message"],
        "[\n  {\n    \"code\": \"invalid_type\",\n    \"expected\": \"array\",\n    \"received\": \"string\",\n    \
         \"path\": [\n      \"items\"\n    ],\n    \"message\": \"Expected array, received string\"\n  }\n]"
    );
}

/// Asks an open server under another name, or with another header.
async fn ask(world: &World, path: &str, name: &str, value: &str) -> u16 {
    world.get_with(path, name, value).await.status.as_u16()
}

#[tokio::test]
async fn an_open_server_is_open_to_its_own_machine_only() {
    let local = web::WebSettings { local_names_only: true, ..settings() };
    let access =
        AccessSettings { static_tokens: closed().static_tokens, ..AccessSettings::open("http://localhost:7007") };
    let world = World::new(access, local.clone()).await.fill().await;
    for path in ["/api/catalog/entities", "/api/v1/entities", "/metrics", "/api/auth/guest/refresh"] {
        assert_eq!(world.get(path).await.status, 200, "{path}");
        assert_eq!(ask(&world, path, "host", "127.0.0.1:7007").await, 200, "{path}");
        // A page that gives its name our address, and a proxy that lets the world in.
        assert_eq!(ask(&world, path, "host", "evil.example:7007").await, 401, "{path}");
        assert_eq!(ask(&world, path, "x-forwarded-for", "203.0.113.9").await, 401, "{path}");
        assert_eq!(ask(&world, path, "forwarded", "for=203.0.113.9").await, 401, "{path}");
        assert_eq!(world.get(&format!("http://evil.example{path}")).await.status, 401, "{path}");
    }
    assert_eq!(ask(&world, "/.backstage/health/v1/readiness", "host", "evil.example").await, 200);
    let refused = world.get_with("/api/catalog/entities", "host", "evil.example").await.json();
    assert_eq!(refused["error"]["name"], "AuthenticationError");
    assert!(refused["error"]["message"].as_str().unwrap().contains("--open-to-network"), "{refused}");
    let with_token = request(Method::GET, "/api/catalog/entities")
        .header("host", "portal.example.org")
        .header(header::AUTHORIZATION, format!("Bearer {FULL}"));
    assert_eq!(world.send(with_token.body(Body::empty()).unwrap()).await.status, 200, "tokens are good everywhere");
    let guest = Some(auth::GuestSettings { allow_outside_development: true, ..auth::GuestSettings::default() });
    let world = World::new(AccessSettings { guest, ..AccessSettings::open("http://localhost:7007") }, local).await;
    assert_eq!(ask(&world, "/api/auth/guest/refresh", "host", "portal.example.org").await, 200, "it was asked for");
}
