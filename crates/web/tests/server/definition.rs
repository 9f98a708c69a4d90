//! The definition tab, its file, the viewer and the inspection of entities.

use model::{DeclaredRelation, EntityBody, EntityRef};
use serde_json::json;
use store::NewEntity;

use crate::world::{World, component};

const OPENAPI: &str = include_str!("../../../definitions/tests/fixtures/orders.openapi.yaml");
const ASYNCAPI: &str = include_str!("../../../definitions/tests/fixtures/orders.asyncapi3.yaml");
const GRAPHQL: &str = include_str!("../../../definitions/tests/fixtures/shop.graphql");
const PROTO: &str = include_str!("../../../definitions/tests/fixtures/orders.proto");

fn api(name: &str, api_type: &str, definition: &serde_json::Value) -> NewEntity {
    let location = "url:https://example.org/catalog-info.yaml";
    let body = json!({
        "metadata": {
            "namespace": "default",
            "annotations": {
                "backstage.io/managed-by-location": location,
                "backstage.io/managed-by-origin-location": location,
            },
            "name": name,
        },
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "API",
        "spec": { "type": api_type, "lifecycle": "production", "definition": definition },
    });
    let relation = |forward: &str, reverse: &str, other: &str| DeclaredRelation {
        forward: forward.into(),
        reverse: reverse.into(),
        other: EntityRef::parse(other).unwrap(),
        line: 0,
    };
    NewEntity {
        entity_ref: EntityRef::new("API", "default", name),
        body: EntityBody::from_json(body.to_string()),
        relations: vec![
            relation("apiProvidedBy", "providesApi", "component:default/shop"),
            relation("apiConsumedBy", "consumesApi", "component:default/bag"),
        ],
        line: 3,
        warnings: Vec::new(),
        errors: Vec::new(),
        visible_despite_errors: false,
    }
}

pub(crate) async fn world() -> World {
    let world = World::open().await;
    let entities = vec![
        component("shop", "group:default/team-a", "The Shop"),
        component("bag", "group:default/team-a", "The Bag"),
        api("orders", "openapi", &json!(OPENAPI)),
        api("events", "asyncapi", &json!(ASYNCAPI)),
        api("graph", "graphql", &json!(GRAPHQL)),
        api("rpc", "grpc", &json!(PROTO)),
        api("odd", "openapi", &json!("openapi: 3.1.0\npaths: [")),
        api("evil", "soap", &json!("<script>alert(1)</script>")),
        api("silent", "openapi", &serde_json::Value::Null),
        api("tree", "openapi", &json!({"openapi": "3.0.0", "paths": {"/x": {"get": {}}}})),
    ];
    world.harvest(entities, Vec::new()).await;
    world
}

#[tokio::test]
async fn an_openapi_definition_is_shown_as_operations_with_anchors() {
    let page = world().await.get("/catalog/default/api/orders/definition").await;
    assert_eq!(page.status, 200, "{}", page.text());
    for part in [
        "OpenAPI 3.1.0",
        "id=\"operation-listOrders\"",
        "<span class=\"method post\">POST</span>",
        "href=\"#schema-Order\"",
        "id=\"schema-Order\"",
        "https://orders.example/v1",
        "/catalog/default/component/shop\"",
        "/catalog/default/component/bag\"",
    ] {
        assert!(page.text().contains(part), "{part}");
    }
}

#[tokio::test]
async fn operations_are_filtered_by_the_server() {
    let page = world().await.get("/catalog/default/api/orders/definition?filter=places+post").await;
    assert!(page.text().contains("operation-createOrder") && !page.text().contains("operation-listOrders"));
    let none = world().await.get("/catalog/default/api/orders/definition?filter=%3Cb%3E").await;
    assert!(none.text().contains("No operation matches “&#60;b&#62;”"), "{}", none.text());
}

#[tokio::test]
async fn every_format_has_its_page() {
    let world = world().await;
    for (name, part) in [
        ("events", "<span class=\"method receive\">receive</span>"),
        ("events", "orders.placed"),
        ("graph", "id=\"query-orders\""),
        ("graph", "id=\"schema-Status\""),
        ("rpc", "id=\"OrderService-Watch\""),
        ("rpc", "href=\"#schema-Order.Line\""),
        ("tree", "<code class=\"path\">/x</code>"),
        ("silent", "No definition"),
    ] {
        let page = world.get(&format!("/catalog/default/api/{name}/definition")).await;
        assert!(page.status == 200 && page.text().contains(part), "{name} {part}\n{}", page.text());
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_shown_as_source_with_the_reason() {
    let world = world().await;
    let odd = world.get("/catalog/default/api/odd/definition").await;
    assert!(odd.text().contains("cannot be read as openapi") && odd.text().contains("hl-key"), "{}", odd.text());
    let evil = world.get("/catalog/default/api/evil/definition").await;
    assert!(!evil.text().contains("<script>alert"));
    let source = world.get("/catalog/default/api/orders/definition?view=source").await;
    assert!(source.text().contains("id=\"L3\"") && source.text().contains("<span class=\"hl-key\">openapi</span>"));
}

#[tokio::test]
async fn a_definition_is_saved_and_never_shown_by_the_browser() {
    let world = world().await;
    let file = world.get("/catalog/default/api/orders/definition/raw").await;
    assert_eq!(file.text(), OPENAPI);
    assert_eq!(file.header("content-type"), "application/yaml");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"orders.yaml\"");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox");
    let proto = world.get("/catalog/default/api/rpc/definition/raw").await;
    assert_eq!(proto.header("content-disposition"), "attachment; filename=\"rpc.proto\"");
    assert_eq!(world.get("/catalog/default/api/silent/definition/raw").await.status, 404);
    assert_eq!(world.get("/catalog/default/api/nothing/definition/raw").await.status, 404);
}

#[tokio::test]
async fn the_viewer_has_a_policy_of_its_own_and_pages_keep_theirs() {
    let world = world().await;
    let tab = world.get("/catalog/default/api/orders/definition?view=try").await;
    assert!(tab.text().contains("sandbox=\"allow-scripts allow-forms\""), "{}", tab.text());
    assert!(tab.header("content-security-policy").contains("script-src 'self';script-src-attr 'none'"));
    let viewer = world.get("/viewer/openapi?ref=api:default/orders").await;
    let policy = viewer.header("content-security-policy");
    assert!(
        policy.starts_with("sandbox allow-scripts allow-forms;")
            && policy.ends_with("connect-src https://orders.example")
    );
    assert!(viewer.text().contains("swagger-ui-bundle"));
    for missing in ["api:default/graph", "api:default/nothing", "x"] {
        assert_eq!(world.get(&format!("/viewer/openapi?ref={missing}")).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn an_entity_can_be_inspected_on_any_of_its_pages() {
    let world = world().await;
    let page = "/catalog/default/api/orders";
    for (way, part) in [
        ("overview", "<dt>uid</dt>"),
        ("ancestry", "Locations through which it was read"),
        ("colocated", "In the same file"),
        ("json", "&quot;apiVersion&quot;"),
        ("yaml", "hl-key\">apiVersion"),
    ] {
        for tab in ["", "/definition"] {
            let inspected = world.get(&format!("{page}{tab}?inspect={way}&view=source")).await;
            assert!(inspected.status == 200 && inspected.text().contains(part), "{way}{tab}: {}", inspected.text());
            assert!(inspected.text().contains(&format!("href=\"{page}{tab}?view=source\"")), "it can be closed");
        }
    }
    assert!(!world.get(page).await.text().contains("inspect-title"));
}

#[tokio::test]
async fn a_large_definition_opens_one_operation_at_a_time() {
    let world = World::open().await;
    let paths: serde_json::Map<_, _> = (0..100)
        .map(|n| (format!("/x{n}"), json!({"get": {"operationId": format!("get{n}"), "responses": {}}})))
        .collect();
    let definition = json!({"openapi": "3.0.0", "paths": paths});
    world.harvest(vec![api("large", "openapi", &definition)], Vec::new()).await;
    let page = world.get("/catalog/default/api/large/definition").await;
    assert!(!page.text().contains("id=\"operation-get7\""));
    assert!(page.text().contains("/definition?operation=operation-get7#operation-get7\""), "{}", page.text());
    let one = world.get("/catalog/default/api/large/definition?operation=operation-get7").await;
    assert!(one.text().contains("id=\"operation-get7\"") && !one.text().contains("id=\"operation-get8\""));
    let few = world.get("/catalog/default/api/large/definition?filter=x9").await;
    assert!(few.text().contains("id=\"operation-get9\"") && few.text().contains("id=\"operation-get95\""));
}

#[tokio::test]
async fn the_list_of_apis_counts_their_operations() {
    let list = world().await.get("/api-docs").await;
    assert_eq!(list.status, 200);
    let row = |name: &str| {
        let rows = list.text().split("<tr>").map(str::to_owned).collect::<Vec<_>>();
        rows.into_iter().find(|row| row.contains(&format!("/catalog/default/api/{name}\""))).unwrap_or_default()
    };
    assert!(row("orders").contains("<td class=\" number\">4</td>"), "{}", row("orders"));
    assert!(row("rpc").contains("<td class=\" number\">3</td>"), "{}", row("rpc"));
    assert!(!row("evil").is_empty() && row("shop").is_empty());
    let narrowed = world().await.get("/api-docs?filters[type]=grpc&filters[kind]=component").await;
    assert!(
        narrowed.text().contains("/catalog/default/api/rpc\"")
            && !narrowed.text().contains("/catalog/default/api/orders\"")
    );
    assert!(narrowed.text().contains("action=\"/api-docs\""));
}
