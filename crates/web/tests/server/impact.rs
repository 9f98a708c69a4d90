//! Impact: the page and the API, through the real router.

use model::{DeclaredRelation, EntityBody, EntityRef};
use serde_json::{Value, json};
use store::NewEntity;

use crate::world::{World, entity};

fn relation(forward: &str, reverse: &str, other: &str, line: u32) -> DeclaredRelation {
    let other = EntityRef::parse(other).unwrap();
    DeclaredRelation { forward: forward.into(), reverse: reverse.into(), other, line }
}

fn depends_on(other: &str) -> DeclaredRelation {
    relation("dependsOn", "dependencyOf", other, 9)
}

fn owned_by(team: &str) -> DeclaredRelation {
    relation("ownedBy", "ownerOf", &format!("group:default/{team}"), 7)
}

fn part_of(other: &str) -> DeclaredRelation {
    relation("partOf", "hasPart", other, 8)
}

/// An entity with more in its `spec`.
fn with_spec(entity: NewEntity, more: &Value) -> NewEntity {
    let mut body: Value = serde_json::from_str(entity.body.as_str()).unwrap();
    for (key, value) in more.as_object().unwrap() {
        body["spec"][key] = value.clone();
    }
    NewEntity { body: EntityBody::from_json(body.to_string()), ..entity }
}

fn estate() -> Vec<NewEntity> {
    let mail = json!({ "profile": { "displayName": "Team <A>", "email": "team-a@example.org" } });
    let soft = json!({ "dependencies": [
        { "ref": "component:orders", "strength": "soft", "delay": "PT6H", "note": "Shows old orders" },
    ]});
    vec![
        with_spec(entity("Group", "team-a", "Team A", Vec::new()), &mail),
        entity("System", "shop", "Shop", vec![part_of("domain:default/buying")]),
        with_spec(entity("Domain", "buying", "Buying", Vec::new()), &json!({ "type": "journey" })),
        entity("Resource", "db", "Orders database", vec![owned_by("team-a")]),
        entity(
            "Component",
            "orders",
            "Orders <b>",
            vec![owned_by("team-a"), part_of("system:default/shop"), depends_on("resource:default/db")],
        ),
        with_spec(
            entity("Component", "web", "=Web", vec![owned_by("nobody"), depends_on("component:default/orders")]),
            &soft,
        ),
        entity("Component", "alone", "Alone", Vec::new()),
    ]
}

pub(crate) async fn world() -> World {
    let world = World::open().await;
    world.harvest(estate(), Vec::new()).await;
    world
}

#[tokio::test]
async fn the_answer_names_what_is_hit_with_its_reasons_and_whom_to_call() {
    let world = world().await;
    let answer = world.get("/api/v1/impact?ref=resource:default/db,component:default/none").await.json();
    assert_eq!(answer["unknown"], json!(["component:default/none"]));
    assert_eq!(answer["counts"], json!({ "down": 1, "degraded": 1, "slow": 0 }));
    let items: Vec<_> =
        answer["items"].as_array().unwrap().iter().map(|item| (&item["ref"], &item["severity"])).collect();
    assert_eq!(
        items,
        [(&json!("component:default/orders"), &json!("down")), (&json!("component:default/web"), &json!("degraded")),]
    );
    let web = &answer["items"][1];
    assert_eq!((&web["delay"], &web["delaySeconds"], &web["hops"]), (&json!("PT6H"), &json!(21_600), &json!(2)));
    assert_eq!(web["path"], json!([0, 1]));
    let edge = &answer["edges"][1];
    assert_eq!((&edge["from"], &edge["to"]), (&json!("component:default/orders"), &json!("component:default/web")));
    assert_eq!((&edge["strength"], &edge["note"]), (&json!("soft"), &json!("Shows old orders")));
    let declared = &edge["declared"][0];
    assert_eq!((&declared["by"], &declared["line"]), (&json!("component:default/web"), &json!(20)));
    assert_eq!((&declared["commit"], &declared["seq"]), (&json!("c0ffee"), &json!(6)));
    assert_eq!(declared["url"], "https://example.org/catalog-info.yaml#L20");
    let carriers: Vec<_> =
        answer["carriers"].as_array().unwrap().iter().map(|c| (&c["ref"], &c["isJourney"])).collect();
    assert_eq!(carriers[0], (&json!("domain:default/buying"), &json!(true)));
    let team = &answer["teams"][0];
    assert_eq!((&team["email"], &team["failing"]), (&json!("team-a@example.org"), &json!(1)));
    assert_eq!(answer["teams"][1]["isKnown"], false);
}

#[tokio::test]
async fn an_answer_comes_in_pages_with_a_limit_of_depth_and_as_csv() {
    let world = world().await;
    let first = world.get("/api/v1/impact?ref=resource:default/db&limit=1&evidence=false").await.json();
    assert_eq!((&first["total"], &first["next"]), (&json!(2), &json!(1)));
    assert_eq!(first["edges"][0]["declared"], json!([]));
    let second = world.get("/api/v1/impact?ref=resource:default/db&limit=1&offset=1").await.json();
    assert_eq!((&second["items"][0]["ref"], &second["next"]), (&json!("component:default/web"), &Value::Null));
    let near = world.get("/api/v1/impact?ref=resource:default/db&depth=1").await.json();
    assert_eq!((&near["total"], &near["dependentsBeyondDepth"]), (&json!(1), &json!(1)));
    let filtered = world.get("/api/v1/impact?ref=resource:default/db&filter=metadata.name=web").await.json();
    assert_eq!(filtered["total"], 1);
    let csv = world.get("/api/v1/impact?ref=resource:default/db&format=csv").await;
    let lines: Vec<&str> = csv.text().lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("degraded,PT6H,component:default/web,\"'=Web\",component,"), "{}", lines[2]);
    assert!(lines[2].contains("resource:default/db > component:default/orders > component:default/web"));
}

#[tokio::test]
async fn questions_that_cannot_be_answered_are_explained() {
    let world = world().await;
    for (path, status, detail) in [
        ("/api/v1/impact", 400, "`ref` is missing: name what fails, such as ref=resource:default/kafka"),
        ("/api/v1/impact?ref=kafka", 400, "`ref` must be a reference such as resource:default/kafka, not `kafka`"),
        ("/api/v1/impact?ref=a:b/c&state=sad", 400, "`state` must be one of down, degraded, slow, not `sad`"),
        ("/api/v1/impact?ref=a:b/c", 404, "Nothing in the catalog is `a:b/c`"),
        (
            "/api/v1/impact?ref=component:default/ordesr",
            404,
            "Nothing in the catalog is `component:default/ordesr`; did you mean `component:default/orders`?",
        ),
        ("/api/v1/causes?ref=a:b/c", 404, "Nothing in the catalog is `a:b/c`"),
    ] {
        let answer = world.get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["detail"]), (status, &json!(detail)), "{path}");
    }
}

#[tokio::test]
async fn causes_are_what_the_failing_share() {
    let world = world().await;
    let path = "/api/v1/causes?ref=component:default/web&ref=component:default/orders";
    let answer = world.get(path).await.json();
    let items: Vec<_> =
        answer["items"].as_array().unwrap().iter().map(|item| (&item["ref"], &item["explains"])).collect();
    assert_eq!(items[0], (&json!("component:default/orders"), &json!(2)));
    assert_eq!(items[1], (&json!("resource:default/db"), &json!(2)));
    assert_eq!(answer["items"][1]["reaches"][0]["isFirm"], false, "the web page goes on without orders");
}

#[tokio::test]
async fn a_deployment_lifts_a_cause_and_is_told() {
    let world = world().await;
    let path = "/api/v1/causes?ref=component:default/web";
    let ranked = |answer: &Value| -> Vec<String> {
        let items = answer["items"].as_array().unwrap();
        items.iter().map(|item| item["ref"].as_str().unwrap().to_owned()).collect()
    };
    let before = world.get(path).await.json();
    assert_eq!(ranked(&before), ["component:default/web", "component:default/orders", "resource:default/db"]);
    for (id, kind, subject) in [
        ("1", "org.example.deployed", "resource:default/db"),
        // An alert tells that something fails, not why.
        ("2", "org.example.alert", "component:default/orders"),
    ] {
        let event = json!({
            "specversion": "1.0", "id": id, "source": "https://ci.example.org", "type": kind, "subject": subject,
            "data": { "title": "Database 16", "link": "https://ci.example.org/7" },
        });
        let posted = world.post("/api/v1/events", &event).await;
        assert_eq!(posted.json()["accepted"], 1, "{}", posted.text());
    }
    let after = world.get(path).await.json();
    assert_eq!(ranked(&after), ["component:default/web", "resource:default/db", "component:default/orders"]);
    assert_eq!(after["items"][1]["event"]["title"], "Database 16");
    assert_eq!(after["items"][2]["event"], Value::Null);
    let page = world.get("/impact?ref=component:default/web&show=causes").await;
    assert!(page.text().contains("href=\"https://ci.example.org/7\""), "{}", page.text());
}

#[tokio::test]
async fn the_page_answers_in_words_and_escapes_what_authors_wrote() {
    let world = world().await;
    let page = world.get("/impact?ref=resource:default/db").await;
    let html = page.text();
    assert!(html.contains("If Orders database is down, 2 other entities are hit, and 1 journey is touched"), "{html}");
    assert!(html.contains("Orders &#60;b&#62;") && !html.contains("Orders <b>"));
    assert!(html.contains("mailto:team-a@example.org"));
    assert!(html.contains("catalog-info.yaml#L20"));
    assert!(html.contains("This owner is not in the catalog"));
    let text = world.get("/impact?ref=resource:default/db&show=text").await;
    assert!(
        text.text().contains("team-a@example.org\n  Orders database (it fails itself), Orders &#60;b&#62; down"),
        "{}",
        text.text()
    );
    let csv = world.get("/api/v1/impact?ref=resource:default/db&format=csv").await;
    let header = csv.text().lines().next().unwrap_or_default().to_owned();
    assert!(header.ends_with(",declared"), "{header}");
    assert!(csv.text().contains("catalog-info.yaml#L20"), "{}", csv.text());
    for show in ["journey", "team", "causes"] {
        let page = world.get(&format!("/impact?ref=resource:default/db&show={show}&for=change")).await;
        assert!(page.status.is_success() && page.text().contains("Orders"), "{show}");
    }
}

#[tokio::test]
async fn an_alert_offers_what_it_names_and_a_name_is_taken_as_it_is() {
    let world = world().await;
    let page = world.get("/impact?alert=service%3D%22orders%22+is+down%2C+see+resource%3Adefault%2Fdb").await;
    assert!(page.text().contains("href=\"/impact?ref=component:default/orders\""), "{}", page.text());
    assert!(page.text().contains("href=\"/impact?ref=resource:default/db\""));
    let typed = world.get("/impact?ref=orders").await;
    assert!(typed.text().contains("is down, 1 other entity is hit"), "{}", typed.text());
    let unknown = world.get("/impact?ref=qqq").await;
    assert!(unknown.text().contains("Nothing in the catalog is called “qqq”"));
    let gone = world.get("/impact?ref=component:default/gone").await;
    assert!(gone.text().contains("“component:default/gone” is not in the catalog"), "{}", gone.text());
    assert!(!gone.text().contains("Nothing else is hit"), "nobody knows that of what is not there");
    let mistyped = world.get("/impact?ref=component:default/order&ref=component:default/web").await;
    assert!(mistyped.text().contains("perhaps you mean"), "{}", mistyped.text());
    let meant = "href=\"/impact?ref=component:default/web&#38;ref=component:default/orders\"";
    assert!(mistyped.text().contains(meant), "{}", mistyped.text());
    assert!(mistyped.text().contains("If =Web is down"), "what is there is answered");
    let alone = world.get("/impact?ref=component:default/alone").await;
    assert!(alone.text().contains("Nothing else is hit"));
}

#[tokio::test]
async fn entities_that_can_fail_lead_to_their_impact() {
    let world = world().await;
    let page = world.get("/catalog/default/component/orders").await;
    assert!(page.text().contains("href=\"/impact?ref=component:default/orders\""));
    let team = world.get("/catalog/default/group/team-a").await;
    assert!(!team.text().contains("/impact?ref="));
}
