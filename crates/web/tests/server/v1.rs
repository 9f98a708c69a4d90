//! Callboard's own API.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{World, component, request};

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lists_entities_page_by_page() {
    let world = World::open().await.fill().await;
    let first = world.get("/api/v1/entities?limit=3&order=-metadata.name").await.json();
    assert_eq!((names(&first), &first["total"]), (vec!["team-a", "shop", "ghost"], &json!(4)));
    let next = first["next"].as_str().unwrap();
    let second = world.get(&format!("/api/v1/entities?limit=3&order=-metadata.name&cursor={next}")).await.json();
    assert_eq!((names(&second), &second["next"]), (vec!["bag"], &Value::Null));
    let other_order = world.get(&format!("/api/v1/entities?cursor={next}")).await;
    assert_eq!(other_order.status, 400);
    assert!(other_order.json()["detail"].as_str().unwrap().contains("another order"));
    assert_eq!(world.get("/api/v1/entities?cursor=nonsense").await.status, 400);
    let owned =
        "/api/v1/entities?filter=kind=component,relations.ownedby=group:default/team-a&fields=metadata.name,kind";
    let owned = world.get(owned).await.json();
    assert_eq!(names(&owned), ["bag", "shop"]);
    assert_eq!(owned["items"][0], json!({ "metadata": { "name": "bag" }, "kind": "Component" }));
}

#[tokio::test]
async fn wrong_parameters_are_explained() {
    let world = World::open().await.fill().await;
    for (path, detail) in [
        (
            "/api/v1/entities?limits=1",
            "There is no parameter `limits` here; known are: filter, fields, order, limit, cursor",
        ),
        ("/api/v1/entities?limit=0", "`limit` must be a whole number from 1 to 1000, not `0`"),
        ("/api/v1/entities?limit=1&limit=2", "`limit` may be given only once"),
        ("/api/v1/kinds?x=1", "There is no parameter `x` here: this endpoint takes none"),
        ("/api/v1/problems?severity=bad", "`severity` must be one of error, warning, info, not `bad`"),
        ("/api/v1/changes?wait=soon", "`wait` must be a duration such as 30s, 500ms or 1m, not `soon`"),
        ("/api/v1/export?format=xml", "`format` must be one of ndjson, csv, yaml, not `xml`"),
    ] {
        let answer = world.get(path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::BAD_REQUEST, "application/problem+json")
        );
        assert_eq!(answer.json()["detail"], detail, "{path}");
    }
    let wrong_method = world.send(request(Method::POST, "/api/v1/kinds").body(Body::empty()).unwrap()).await;
    assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong_method.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn shows_an_entity_with_where_it_comes_from() {
    let world = World::open().await.fill().await;
    let answer = world.get("/api/v1/entities/Component:Default/Ghost").await.json();
    assert_eq!(answer["entity"]["metadata"]["name"], "ghost");
    let provenance = &answer["provenance"];
    assert_eq!(provenance["location"], "url:https://example.org/catalog-info.yaml");
    assert_eq!(provenance["line"], 12);
    assert_eq!(provenance["lastChange"]["cause"]["commit"], "c0ffee");
    assert_eq!(provenance["lastChange"]["at"], "2026-11-23T19:52:15Z");
    assert_eq!(answer["problems"][0]["code"], "W1007");
    let bag = world.get("/api/v1/entities/component:default/bag").await.json();
    assert_eq!(bag["problems"][0]["code"], "W1001");
    let missing = world.get("/api/v1/entities/component:default/none").await;
    assert_eq!(
        (missing.status, missing.json()["detail"].clone()),
        (StatusCode::NOT_FOUND, json!("entity `component:default/none` does not exist"))
    );
    assert_eq!(world.get("/api/v1/entities/shop").await.status, 400);
}

#[tokio::test]
async fn lists_problems_with_place_and_help() {
    let world = World::open().await.fill().await;
    let all = world.get("/api/v1/problems").await.json();
    assert_eq!(all["counts"], json!({ "error": 1, "warning": 1, "info": 1 }));
    let sick = &all["items"][0];
    assert_eq!((&sick["code"], &sick["entityRef"]), (&json!("E0103"), &json!("api:default/sick")));
    assert_eq!(sick["help"], "add `owner: group:default/<team>`");
    assert_eq!((&sick["place"]["line"], &sick["place"]["endColumn"]), (&json!(7), &json!(9)));
    let ghost = &all["items"][1];
    assert_eq!(ghost["message"], "the owner `group:default/nobody` is no known group or user");
    assert_eq!(
        (&ghost["entityRef"], &ghost["owners"]),
        (&json!("component:default/ghost"), &json!(["group:default/nobody"]))
    );
    assert_eq!((&ghost["place"]["line"], &ghost["place"]["sourceLine"]), (&json!(12), &Value::Null));
    let count = async |query: &str| world.get(&format!("/api/v1/problems?{query}")).await.json()["total"].clone();
    assert_eq!(count("severity=error").await, 1);
    assert_eq!(count("code=w1007").await, 1);
    assert_eq!(count("code=W1006").await, 0);
    assert_eq!(count("entity=api:default/sick,component:default/ghost").await, 2);
    assert_eq!(count("owner=nobody").await, 1);
    assert_eq!(count("owner=team-a&severity=info").await, 1);
    assert_eq!(count("owner=group:default/team-a&severity=error").await, 0);
    assert_eq!(count("location=catalog-info").await, 3, "also what has no place but in the file of its entity");
    let paged = world.get("/api/v1/problems?limit=1").await.json();
    assert_eq!((&paged["total"], &paged["next"]), (&json!(3), &json!(1)));
    let rest = world.get("/api/v1/problems?limit=1&offset=1").await.json();
    assert_eq!((&rest["items"][0]["code"], &rest["next"]), (&json!("W1007"), &json!(2)));
}

#[tokio::test]
async fn changes_can_be_paged_and_waited_for() {
    let world = World::open().await.fill().await;
    let first = world.get("/api/v1/changes?limit=3").await.json();
    assert_eq!((first["items"].as_array().unwrap().len(), &first["more"]), (3, &json!(true)));
    let rest = world.get(&format!("/api/v1/changes?include=entity&after={}", first["next"])).await.json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["more"]), (1, &json!(false)));
    assert!(rest["items"][0]["entity"]["metadata"]["name"].is_string());
    let end = &rest["next"];
    let nothing = world.get(&format!("/api/v1/changes?after={end}&wait=1ms")).await.json();
    assert_eq!((nothing["items"].as_array().unwrap().len(), &nothing["next"]), (0, end));
    let path = format!("/api/v1/changes?after={end}&wait=30s");
    let poll = world.get(&path);
    let change = async {
        while world.live.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        world.harvest(vec![component("late", "group:default/team-a", "Late")], Vec::new()).await;
    };
    let (answer, ()) = tokio::join!(poll, change);
    let items = answer.json()["items"].as_array().unwrap().clone();
    assert!(items.iter().any(|item| item["entityRef"] == "component:default/late" && item["kind"] == "added"));
    assert!(items.iter().any(|item| item["entityRef"] == "component:default/bag" && item["kind"] == "removed"));
}

#[tokio::test]
async fn a_stream_goes_on_where_it_was_cut_off() {
    let world = World::open().await.fill().await;
    let stream = async |last: &str| {
        let mut request = request(Method::GET, "/api/v1/changes").header("accept", "text/event-stream");
        if !last.is_empty() {
            request = request.header("last-event-id", last);
        }
        world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let response = stream("").await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = response.into_body().into_data_stream();
    let first = String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("event: added\n"), "{first}");
    let id = |event: &str| event.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().parse::<u64>().unwrap();
    let mut again = stream(&id(&first).to_string()).await.into_body().into_data_stream();
    let second = String::from_utf8(again.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert_eq!(id(&second), id(&first) + 1);
    let refused = stream("x").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    // A change that happens while the stream is open arrives without another request.
    let mut live = stream(&world.live.snapshot().seq().0.to_string()).await.into_body().into_data_stream();
    let change = async {
        while world.live.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        world.harvest(vec![component("late", "group:default/team-a", "Late")], Vec::new()).await;
    };
    let (event, ()) = tokio::join!(live.next(), change);
    assert!(!event.unwrap().unwrap().is_empty());
}

#[tokio::test]
async fn exports_lines_tables_and_descriptors() {
    let world = World::open().await.fill().await;
    let lines = world.get("/api/v1/export").await;
    assert_eq!(lines.header("x-callboard-seq"), world.live.snapshot().seq().0.to_string());
    let entities: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entities.len(), 4);
    let table = world.get("/api/v1/export?format=csv&filter=kind=component&columns=name,title,owner,spec.type").await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    let mut rows: Vec<_> = table.text().lines().collect();
    assert_eq!(rows.remove(0), "name,title,owner,spec.type");
    rows.sort_unstable();
    let want = [
        "bag,\"'=evil\",group:default/team-a,service",
        "ghost,Ghost,group:default/nobody,service",
        "shop,\"The Shop, \"\"best\"\"\",group:default/team-a,service",
    ];
    assert_eq!(rows, want);
    let yaml = world.get("/api/v1/export?format=yaml&filter=metadata.name=shop").await;
    assert!(yaml.text().starts_with("---\nmetadata:\n  namespace: default\n"), "{}", yaml.text());
    assert!(!yaml.text().contains("uid:") && !yaml.text().contains("relations:"), "{}", yaml.text());
}

#[tokio::test]
async fn a_long_export_comes_in_pieces_and_misses_nothing() {
    let world = World::open().await;
    let many = (0..1234).map(|i| component(&format!("c{i}"), "group:default/team-a", "C")).collect();
    world.harvest(many, Vec::new()).await;
    let request = request(Method::GET, "/api/v1/export").body(Body::empty()).unwrap();
    let pieces: Vec<_> =
        world.router.clone().oneshot(request).await.unwrap().into_body().into_data_stream().collect().await;
    assert_eq!(pieces.len(), 3);
    let lines: std::collections::HashSet<_> = pieces
        .iter()
        .flat_map(|piece| std::str::from_utf8(piece.as_ref().unwrap()).unwrap().lines().map(str::to_owned))
        .collect();
    assert_eq!(lines.len(), 1234);
}

#[tokio::test]
async fn small_and_empty_exports_can_be_compressed() {
    let world = World::open().await.fill().await;
    for filter in ["kind=component", "kind=nothing-of-it"] {
        for encoding in ["gzip", "br", "zstd", "deflate"] {
            let address = format!("/api/v1/export?filter={filter}");
            let request =
                request(Method::GET, &address).header("accept-encoding", encoding).body(Body::empty()).unwrap();
            let answer = world.router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        }
    }
}

#[tokio::test]
async fn shows_kinds_loops_and_status() {
    let world = World::open().await.fill().await;
    let kinds = world.get("/api/v1/kinds").await.json();
    assert_eq!(kinds, json!({ "items": [{ "kind": "Component", "count": 3 }, { "kind": "Group", "count": 1 }] }));
    let loops = world.get("/api/v1/loops").await.json();
    assert_eq!((&loops["items"][0]["name"], &loops["items"][0]["rounds"]), (&json!("refresh"), &json!(3)));
    let status = world.get("/api/v1/status").await.json();
    assert_eq!((&status["ready"], &status["catalog"]["entities"]), (&json!(true), &json!(4)));
}

/// The document and the router are made from one table; this holds both against the running server.
#[tokio::test]
async fn every_documented_path_answers_and_shows_what_its_schema_names() {
    let world = World::open().await.fill().await;
    let document = world.get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let draft = json!({ "roots": [{ "ref": "component:default/shop" }] });
    let sheet = world.post("/api/v1/call-sheets", &draft).await.json()["id"].as_str().unwrap().to_owned();
    let draft = json!({ "name": "A", "url": "https://hooks.example.com/x" });
    let webhook = world.post("/api/v1/webhooks", &draft).await.json()["id"].as_str().unwrap().to_owned();
    for (path, item) in document["paths"].as_object().unwrap() {
        // What is posted to is asked for by the tests of what it takes.
        let Some(answers) = item.get("get") else { continue };
        let content = answers["responses"]["200"]["content"].as_object().unwrap();
        if content.keys().all(|media_type| media_type == "text/event-stream") {
            // It never ends.
            continue;
        }
        let id = if path.starts_with("/webhooks") { &webhook } else { &sheet };
        let path = path.replace("{id}", id);
        let asks = matches!(path.as_str(), "/impact" | "/causes" | "/near");
        let query = if asks { "?ref=component:default/shop" } else { "" };
        let answer = world.get(&format!("/api/v1{}{query}", path.replace("{ref}", "component:default/shop"))).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let media_type = answer.header("content-type").split(';').next().unwrap().to_owned();
        assert!(content.contains_key(&media_type), "{path} answers {media_type}");
        let Some(reference) = content[&media_type]["schema"]["$ref"].as_str() else { continue };
        let schema = &document["components"]["schemas"][reference.trim_start_matches("#/components/schemas/")];
        let Some(properties) = schema["properties"].as_object() else { continue };
        let mut named: Vec<_> = properties.keys().cloned().collect();
        let mut shown: Vec<_> = answer.json().as_object().unwrap().keys().cloned().collect();
        named.sort();
        shown.sort();
        assert_eq!(shown, named, "{path}");
    }
}

#[tokio::test]
async fn streams_are_not_endless_in_number() {
    let world = World::open().await.fill().await;
    let stream = async || {
        let request = request(Method::GET, "/api/v1/changes?after=0").header("accept", "text/event-stream");
        world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let mut open = Vec::new();
    for _ in 0..2000 {
        open.push(stream().await);
    }
    assert!(open.iter().all(|response| response.status() == StatusCode::OK));
    assert_eq!(stream().await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.get("/api/v1/changes").await.status, StatusCode::OK, "pages can still be had");
    open.pop();
    assert_eq!(stream().await.status(), StatusCode::OK, "one that ends makes room");
}
