//! What Backstage's own front end asks of its backend while somebody browses, registers and refreshes, as a browser sends it.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};

use crate::world::{Answer, World, closed, request, settings};

const ORIGIN: &str = "http://localhost:3000";

/// A browser with the front end open, signed in as a guest.
struct Browser {
    world: World,
    token: String,
}

impl Browser {
    async fn sign_in() -> Self {
        let cors = web::CorsSettings {
            origins: vec![ORIGIN.into()],
            methods: Vec::new(),
            allowed_headers: Vec::new(),
            exposed_headers: Vec::new(),
            credentials: true,
            max_age_seconds: None,
        };
        let guest = auth::GuestSettings { allow_outside_development: true, ..auth::GuestSettings::default() };
        let access = auth::AccessSettings { guest: Some(guest), ..closed() };
        let world = World::new(access, web::WebSettings { cors: Some(cors), ..settings() }).await.fill().await;
        let refresh = request(Method::GET, "/api/auth/guest/refresh")
            .header(header::ORIGIN, ORIGIN)
            .header("x-requested-with", "XMLHttpRequest");
        let signed_in = world.send(refresh.body(Body::empty()).unwrap()).await;
        assert_eq!(signed_in.header("access-control-allow-origin"), ORIGIN);
        let token = signed_in.json()["backstageIdentity"]["token"].as_str().unwrap().to_owned();
        Self { world, token }
    }

    /// Sends what `fetch` would send: a preflight, then the request itself with its content type, which even a GET has.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let preflight = request(Method::OPTIONS, path)
            .header(header::ORIGIN, ORIGIN)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, method.as_str())
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type");
        let allowed = self.world.send(preflight.body(Body::empty()).unwrap()).await;
        assert_eq!(allowed.status, 204, "{path}");
        assert_eq!(allowed.header("access-control-allow-origin"), ORIGIN, "{path}");
        assert_eq!(allowed.header("access-control-allow-headers"), "authorization,content-type", "{path}");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.world.send(self.plain(method, path).body(body).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "true", "{path}");
        answer
    }

    fn plain(&self, method: Method, path: &str) -> axum::http::request::Builder {
        request(method, path)
            .header(header::ORIGIN, ORIGIN)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }
}

#[tokio::test]
async fn the_catalog_page_lists_counts_and_pages() {
    let browser = Browser::sign_in().await;
    let list = "/api/catalog/entities/by-query?filter=kind%3Dcomponent&orderField=metadata.name%2Casc";
    let count = browser.get(&format!("{list}&limit=0")).await.json();
    assert_eq!((&count["items"], &count["totalItems"]), (&json!([]), &json!(3)), "{count}");
    let page = browser.get(&format!("{list}&limit=2&totalItems=exclude")).await.json();
    assert_eq!((page["items"].as_array().unwrap().len(), page.get("totalItems").and_then(Value::as_u64)), (2, Some(0)));
    // The front end looks into the cursor, finds a `query` or not, and asks on accordingly.
    let next = json!({ "cursor": page["pageInfo"]["nextCursor"], "limit": 2 });
    let last = browser.post("/api/catalog/entities/by-query", &next).await.json();
    assert_eq!(last["items"][0]["metadata"]["name"], "shop");
    for facet in ["kind", "spec.type", "spec.lifecycle", "metadata.tags", "metadata.namespace", "relations.ownedBy"] {
        let path = format!("/api/catalog/entity-facets?facet={facet}&filter=kind%3Dcomponent");
        let answer = browser.get(&path).await;
        assert!(answer.json()["facets"][facet].is_array(), "{facet}");
        let again = browser.plain(Method::GET, &path).header(header::IF_NONE_MATCH, answer.header("etag"));
        assert_eq!(browser.world.send(again.body(Body::empty()).unwrap()).await.status, 304, "{facet}");
    }
    let kinds = browser.get("/api/catalog/entity-facets?facet=kind").await.json();
    let component = json!({ "count": 3, "value": "Component" });
    assert!(
        kinds["facets"]["kind"].as_array().unwrap().contains(&component),
        "titles take their letter case from here"
    );
}

#[tokio::test]
async fn the_entity_picker_asks_with_an_empty_condition() {
    let browser = Browser::sign_in().await;
    let query = json!({
        "query": { "$all": [{}, { "kind": "Group" }] },
        "limit": 500,
        "fields": ["kind", "metadata.name", "metadata.namespace"],
    });
    let groups = browser.post("/api/catalog/entities/by-query", &query).await.json();
    assert_eq!(groups["items"].as_array().unwrap().len(), 1);
    assert_eq!(groups["items"][0]["metadata"]["name"], "team-a");
}

#[tokio::test]
async fn the_entity_page_finds_relations_and_what_is_missing() {
    let browser = Browser::sign_in().await;
    let shop = "/api/catalog/entities/by-name/component/default/shop";
    assert_eq!(browser.get(shop).await.json()["metadata"]["name"], "shop");
    assert_eq!(browser.get(&format!("{shop}/ancestry")).await.json()["rootEntityRef"], "component:default/shop");
    let missing = browser.get("/api/catalog/entities/by-name/component/default/none").await;
    assert_eq!((missing.status.as_u16(), &missing.json()["error"]["name"]), (404, &json!("NotFoundError")));
    let refs = json!({ "entityRefs": ["group:default/team-a", "group:default/nobody"], "fields": ["kind"] });
    let found = browser.post("/api/catalog/entities/by-refs", &refs).await.json();
    assert_eq!(found["items"], json!([{ "kind": "Group" }, null]), "the warning about missing entities lives on this");
    for (name, action) in [("delete", "delete"), ("refresh", "update")] {
        let permission = json!({ "type": "resource", "name": format!("catalog.entity.{name}"),
            "resourceType": "catalog-entity", "attributes": { "action": action } });
        let item =
            json!({ "id": "made-by-the-client", "permission": permission, "resourceRef": "component:default/shop" });
        let decided = browser.post("/api/permission/authorize", &json!({ "items": [item] })).await;
        assert_eq!((decided.status.as_u16(), &decided.json()["items"][0]["id"]), (200, &json!("made-by-the-client")));
    }
}

#[tokio::test]
async fn the_import_page_looks_registers_refreshes_and_unregisters() {
    let browser = Browser::sign_in().await;
    let target = "https://example.org/catalog-info.yaml";
    let asked = json!({ "location": { "type": "url", "target": target } });
    let analysis = browser.post("/api/catalog/analyze-location", &asked).await;
    assert!(analysis.json()["existingEntityFiles"].is_array());
    let location = json!({ "type": "url", "target": target });
    let dry = browser.post("/api/catalog/locations?dryRun=true", &location).await;
    assert_eq!((dry.status.as_u16(), &dry.json()["exists"]), (201, &json!(true)));
    let refreshed = browser.post("/api/catalog/refresh", &json!({ "entityRef": "component:default/shop" })).await;
    assert_eq!(refreshed.status.as_u16(), 200, "{}", refreshed.text());
    let other = json!({ "type": "url", "target": "https://example.org/other.yaml" });
    let created = browser.post("/api/catalog/locations", &other).await;
    assert_eq!(created.status.as_u16(), 201);
    let id = created.json()["location"]["id"].as_str().unwrap().to_owned();
    let listed = browser.get("/api/catalog/locations").await.json();
    assert!(listed.as_array().unwrap().iter().any(|row| row["data"]["id"] == *id), "{listed}");
    let filter = "metadata.annotations.backstage.io%2Fmanaged-by-origin-location%3Durl%3Ahttps%3A%2F%2Fexample.org%2Fcatalog-info.yaml";
    let colocated = browser.get(&format!("/api/catalog/entities?filter={filter}")).await.json();
    assert_eq!(colocated.as_array().unwrap().len(), 4, "what goes when this location goes");
    assert_eq!(browser.ask(Method::DELETE, &format!("/api/catalog/locations/{id}"), None).await.status.as_u16(), 204);
    for state in ["failed", "pending"] {
        let list = browser.get(&format!("/api/catalog/entities/unprocessed/{state}")).await.json();
        assert_eq!(list["type"], state);
    }
}
