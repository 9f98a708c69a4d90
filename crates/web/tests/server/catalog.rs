//! The catalog API through the real router: routing, paging there and back, ETags, limits, writes that are seen at once.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};
use web::WebSettings;

use crate::world::{READER, World, closed, component, request, settings};

const SHOP: &str = "/api/catalog/entities/by-name/component/default/shop";

fn names(body: &Value) -> Vec<&str> {
    let items = body.get("items").unwrap_or(body).as_array().unwrap();
    items.iter().map(|entity| entity["metadata"]["name"].as_str().unwrap()).collect()
}

async fn send(world: &World, method: Method, path: &str) -> crate::world::Answer {
    world.send(request(method, path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn unknown_routes_and_wrong_methods_are_empty_404s() {
    let world = World::open().await.fill().await;
    for (method, path) in [
        (Method::GET, "/api/catalog/nothing"),
        (Method::GET, "/api/nothing"),
        (Method::PUT, "/api/catalog/entities"),
        (Method::GET, "/api/catalog/entities/by-refs"),
        (Method::GET, "/api/catalog/entities/by-name/component/default"),
        (Method::DELETE, "/api/catalog/locations"),
    ] {
        let answer = send(&world, method.clone(), path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (404, ""), "{method} {path}");
        assert_eq!(answer.header("content-type"), "", "{method} {path}");
    }
}

#[tokio::test]
async fn trailing_slashes_head_and_options_work() {
    let world = World::open().await.fill().await;
    assert_eq!(world.get("/api/catalog/entities/?limit=1").await.status, 200);
    assert_eq!(world.get(&format!("{SHOP}/")).await.status, 200);
    let head = send(&world, Method::HEAD, "/api/catalog/entities").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    let options = send(&world, Method::OPTIONS, "/api/catalog/entities").await;
    assert_eq!((options.text(), options.header("allow")), ("GET,HEAD", "GET,HEAD"));
}

#[tokio::test]
async fn an_error_repeats_the_request_relative_to_the_plugin() {
    let world = World::open().await.fill().await;
    let answer = world.get("/api/catalog/entities?filter==x&fields=a%2Cb").await;
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(
        answer.json(),
        json!({
            "error": {
                "name": "InputError",
                "message": "Invalid filter, '=x' is not a valid statement (expected a string on the form a=b or a= or a)",
            },
            "request": {"method": "GET", "url": "/entities?filter==x&fields=a%2Cb"},
            "response": {"statusCode": 400},
        })
    );
}

#[tokio::test]
async fn cursors_walk_there_and_back_by_get_and_by_post() {
    let world = World::open().await.fill().await;
    let mut page = world
        .get("/api/catalog/entities/by-query?filter=kind=component&orderField=metadata.name,desc&limit=1&fields=metadata.name")
        .await
        .json();
    let mut seen = vec![names(&page)[0].to_owned()];
    assert_eq!(page["pageInfo"].get("prevCursor"), None);
    while let Some(cursor) = page["pageInfo"]["nextCursor"].as_str() {
        page = world.post("/api/catalog/entities/by-query", &json!({"cursor": cursor, "limit": 1})).await.json();
        seen.push(names(&page)[0].to_owned());
        assert_eq!(page["totalItems"], 3);
    }
    assert_eq!(seen, ["shop", "ghost", "bag"]);
    for want in ["ghost", "shop"] {
        let cursor = page["pageInfo"]["prevCursor"].as_str().unwrap();
        let cursor: String = url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
        page = world.get(&format!("/api/catalog/entities/by-query?cursor={cursor}&limit=1")).await.json();
        assert_eq!(names(&page), [want]);
        assert!(page["pageInfo"]["nextCursor"].is_string(), "every page reached backwards leads forwards again");
    }
    assert_eq!(page["pageInfo"].get("prevCursor"), None, "the first page is known again");
}

#[tokio::test]
async fn the_older_list_links_to_its_next_page() {
    let world = World::open().await.fill().await;
    let mut path = "/entities?filter=kind=component&limit=2&fields=metadata.name".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = world.get(&format!("/api/catalog{path}")).await;
        seen.extend(names(&answer.json()).into_iter().map(str::to_owned));
        match answer.header("link").strip_prefix('<').and_then(|link| link.split_once('>')) {
            Some((next, rel)) => {
                assert_eq!(rel, "; rel=\"next\"");
                path = next.to_owned();
            }
            None => break,
        }
    }
    assert_eq!(seen, ["bag", "ghost", "shop"]);
}

#[tokio::test]
async fn a_long_list_comes_in_pieces_that_make_one_array() {
    let world = World::open().await;
    let long = "x".repeat(2_000);
    let many = (0..1_200).map(|i| component(&format!("c{i}"), "group:default/team-a", &long)).collect();
    world.harvest(many, Vec::new()).await;
    let answer = world.get("/api/catalog/entities?filter=kind=component").await;
    assert_eq!(answer.header("content-length"), "", "sent in pieces");
    assert!(answer.body.len() > 2 << 20, "more than two pieces");
    assert_eq!(answer.json().as_array().unwrap().len(), 1_200);
    let cut = world.get("/api/catalog/entities?filter=kind=component&fields=metadata.name,kind").await.json();
    assert_eq!(cut.as_array().unwrap().len(), 1_200);
    assert!(cut.as_array().unwrap().iter().all(|entity| entity["kind"] == "Component" && entity.get("spec").is_none()));
}

#[tokio::test]
async fn etags_spare_answers_until_they_change() {
    let world = World::open().await.fill().await;
    for path in [SHOP, "/api/catalog/entity-facets?facet=kind", "/api/catalog/entities?filter=kind=group"] {
        let first = world.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}");
        let again = world.get_with(path, "if-none-match", &tag).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), tag, "{path}");
    }
    let tag = world.get(SHOP).await.header("etag").to_owned();
    world.harvest(vec![component("shop", "group:default/team-a", "Another title")], Vec::new()).await;
    let changed = world.get_with(SHOP, "if-none-match", &tag).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["metadata"]["title"]), (200, &json!("Another title")));
}

#[tokio::test]
async fn a_removed_location_is_gone_at_once() {
    let world = World::open().await.fill().await;
    let id = world.root.id;
    let listed = world.get("/api/catalog/locations").await.json();
    assert_eq!(listed[0]["data"]["id"], id.to_string());
    let by_entity = world.get("/api/catalog/locations/by-entity/component/default/shop").await.json();
    assert_eq!(by_entity["target"], "https://example.org/catalog-info.yaml");
    assert_eq!(send(&world, Method::DELETE, &format!("/api/catalog/locations/{id}")).await.status, 204);
    assert_eq!(world.get(SHOP).await.status, 404);
    assert_eq!(world.get("/api/catalog/locations").await.json(), json!([]));
    let again = send(&world, Method::DELETE, &format!("/api/catalog/locations/{id}")).await;
    assert_eq!(again.json()["error"]["message"], format!("Found no location with ID {id}"));
}

#[tokio::test]
async fn a_removed_entity_is_gone_at_once() {
    let world = World::open().await.fill().await;
    let uid = world.get(SHOP).await.json()["metadata"]["uid"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/api/catalog/entities/by-uid/{uid}")).await.status, 200);
    assert_eq!(send(&world, Method::DELETE, &format!("/api/catalog/entities/by-uid/{uid}")).await.status, 204);
    assert_eq!(world.get(SHOP).await.status, 404);
    assert_eq!(send(&world, Method::DELETE, "/api/catalog/entities/by-uid/garbage").await.status, 204);
}

#[tokio::test]
async fn registering_twice_conflicts_or_refreshes() {
    let world = World::open().await.fill().await;
    let location = json!({"type": "url", "target": "https://example.org/catalog-info.yaml"});
    let conflict = world.post("/api/catalog/locations", &location).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.json()["error"]["name"], "ConflictError");
    let refreshed = world.post("/api/catalog/locations?onConflict=refresh", &location).await;
    assert_eq!((refreshed.status.as_u16(), &refreshed.json()["entities"]), (201, &json!([])));
    assert_eq!(refreshed.json()["location"]["id"], world.root.id.to_string());
    let dry = world.post("/api/catalog/locations?dryRun=1", &location).await;
    assert_eq!((dry.status.as_u16(), &dry.json()["exists"]), (201, &json!(true)));
}

#[tokio::test]
async fn a_readonly_catalog_refuses_changes_of_locations() {
    let readonly = WebSettings { catalog_readonly: true, ..settings() };
    let world = World::new(auth::AccessSettings::open("http://localhost:7007"), readonly).await.fill().await;
    let location = json!({"type": "url", "target": "https://example.org/other.yaml"});
    let refused = world.post("/api/catalog/locations", &location).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["message"], "This operation not allowed in readonly mode");
    assert_eq!(send(&world, Method::DELETE, &format!("/api/catalog/locations/{}", world.root.id)).await.status, 403);
    assert_eq!(world.post("/api/catalog/locations?dryRun=true", &location).await.status, 201);
}

#[tokio::test]
async fn what_may_not_be_seen_is_not_there() {
    // The reader may see entities but no locations, and may write nothing.
    let world = World::new(closed(), settings()).await.fill().await;
    let get = async |path: &str| world.get_with(path, "authorization", &format!("Bearer {READER}")).await;
    assert_eq!(get(SHOP).await.status, 200);
    assert_eq!(get("/api/catalog/locations").await.json(), json!([]));
    assert_eq!(get(&format!("/api/catalog/locations/{}", world.root.id)).await.status, 404);
    let body = json!({"type": "url", "target": "https://example.org/other.yaml"}).to_string();
    let post = request(Method::POST, "/api/catalog/locations")
        .header(header::AUTHORIZATION, format!("Bearer {READER}"))
        .header(header::CONTENT_TYPE, "application/json");
    let refused = world.send(post.body(Body::from(body)).unwrap()).await;
    assert_eq!(refused.json()["error"]["name"], "NotAllowedError");
}

#[tokio::test]
async fn bodies_are_limited_and_must_be_json() {
    let world = World::open().await.fill().await;
    let path = "/api/catalog/entities/by-refs";
    let large = world.post(path, &json!({"entityRefs": ["x".repeat(102_400)]})).await;
    assert_eq!((large.status.as_u16(), &large.json()["error"]["message"]), (400, &json!("request entity too large")));
    let post = |kind: &str| request(Method::POST, path).header(header::CONTENT_TYPE, kind);
    let text = world.send(post("text/plain").body(Body::from("{}")).unwrap()).await;
    assert_eq!(text.json()["error"]["message"], "unsupported media type text/plain");
    let broken = world.send(post("application/json").body(Body::from("{")).unwrap()).await;
    assert_eq!(broken.json()["error"]["message"], "Expected property name or '}' in JSON at position 1");
    let untyped = world.send(request(Method::POST, path).body(Body::from("{}")).unwrap()).await;
    assert!(untyped.json()["error"]["message"].as_str().unwrap().contains("\"entityRefs\""));
}

#[tokio::test]
async fn by_refs_keeps_order_and_holes() {
    let world = World::open().await.fill().await;
    let refs =
        json!(["component:default/shop", "component:default/none", "Component:default/bag", "component:default/shop"]);
    let body = json!({"entityRefs": refs, "fields": ["metadata.name"]});
    let shop = json!({"metadata": {"name": "shop"}});
    let answer = world.post("/api/catalog/entities/by-refs", &body).await.json();
    assert_eq!(answer, json!({"items": [shop, null, null, shop]}));
    let filtered = world.post("/api/catalog/entities/by-refs?filter=kind=group", &body).await.json();
    assert_eq!(filtered, json!({"items": [null, null, null, null]}));
}

#[tokio::test]
async fn failed_documents_are_listed() {
    let world = World::open().await.fill().await;
    let failed = world.get("/api/catalog/entities/unprocessed/failed").await.json();
    assert_eq!(failed["type"], "failed");
    assert_eq!(failed["entities"][0]["entity_ref"], "api:default/sick");
    assert_eq!(failed["entities"][0]["errors"][0]["message"], "`spec.owner` is missing");
    let pending = world.get("/api/catalog/entities/unprocessed/pending").await.json();
    assert_eq!(pending, json!({"type": "pending", "entities": []}));
}
