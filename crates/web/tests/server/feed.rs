//! The change feed: filters, how far they come, bodies, and streams.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use futures::StreamExt;
use model::{DeclaredRelation, EntityRef, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{World, component, entity, request};

fn refs(page: &Value) -> Vec<(&str, &str)> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| (item["kind"].as_str().unwrap(), item["entityRef"].as_str().unwrap())).collect()
}

/// Two teams; `shop` goes from one to the other and gets a dependency, `bag` goes away.
async fn handover() -> World {
    let world = World::open().await;
    let teams = || [entity("Group", "team-a", "A", Vec::new()), entity("Group", "team-b", "B", Vec::new())];
    let mut first =
        vec![component("bag", "group:default/team-a", "Bag"), component("shop", "group:default/team-a", "S")];
    first.extend(teams());
    world.harvest(first, Vec::new()).await;
    let mut shop = component("shop", "group:default/team-b", "S");
    shop.relations.push(DeclaredRelation {
        forward: "dependsOn".into(),
        reverse: "dependencyOf".into(),
        other: EntityRef::parse("group:default/team-a").unwrap(),
        line: 0,
    });
    let mut second = vec![shop];
    second.extend(teams());
    world.harvest(second, Vec::new()).await;
    world
}

#[tokio::test]
async fn changes_are_chosen_by_what_they_are_about() {
    let world = handover().await;
    let shop = "component:default/shop";
    let bag = "component:default/bag";
    for (query, want) in [
        ("kind=Group", vec![("added", "group:default/team-a"), ("added", "group:default/team-b")]),
        ("ref=component:default/shop", vec![("added", shop), ("changed", shop)]),
        ("owner=team-b", vec![("changed", shop)]),
        ("owner=group:default/team-a&happened=changed,removed", vec![("changed", shop), ("removed", bag)]),
        ("relation=dependsOn", vec![("changed", shop)]),
        ("relation=dependencyOf", vec![("changed", shop)]),
        ("namespace=elsewhere", vec![]),
        ("happened=removed&kind=component&namespace=default", vec![("removed", bag)]),
    ] {
        let page = world.get(&format!("/api/v1/changes?{query}")).await.json();
        let mut found = refs(&page);
        found.sort_unstable();
        let mut want = want;
        want.sort_unstable();
        assert_eq!(found, want, "{query}");
        assert_eq!(
            (&page["next"], &page["more"]),
            (&page["newest"], &json!(false)),
            "{query}: nothing is left to look at"
        );
    }
}

#[tokio::test]
async fn wrong_filters_are_explained() {
    let world = World::open().await;
    for (query, detail) in [
        ("ref=shop", "`ref` must be an entity reference such as component:default/shop, not `shop`"),
        ("owner=group:", "`owner` must be an owner such as team-a or user:default/jane, not `group:`"),
        ("happened=moved", "`happened` must be one of added, changed, removed, not `moved`"),
        ("include=all", "`include` must be one of entity, before, not `all`"),
    ] {
        let answer = world.get(&format!("/api/v1/changes?{query}")).await;
        assert_eq!((answer.status, &answer.json()["detail"]), (StatusCode::BAD_REQUEST, &json!(detail)), "{query}");
    }
}

#[tokio::test]
async fn bodies_come_before_and_after() {
    let world = handover().await;
    let page = world.get("/api/v1/changes?include=entity,before&ref=component:default/shop").await.json();
    let [added, changed] = page["items"].as_array().unwrap().as_slice() else { panic!("{page}") };
    assert!(added["before"].is_null() && added["entity"]["metadata"]["title"] == "S", "{added}");
    assert!(changed["before"]["metadata"]["title"] == "S" && changed["entity"].is_object(), "{changed}");
    let gone = world.get("/api/v1/changes?include=before&happened=removed").await.json();
    assert_eq!(gone["items"][0]["before"]["metadata"]["name"], "bag");
    assert!(gone["items"][0].get("entity").is_none());
}

#[tokio::test]
async fn a_long_poll_sleeps_on_over_what_its_filter_leaves_out() {
    let world = World::open().await.fill().await;
    let end = world.live.snapshot().seq().0;
    let path = format!("/api/v1/changes?after={end}&wait=30s&kind=api");
    let changes = async {
        for (kind, name) in [("Component", "noise"), ("Api", "wanted")] {
            let before = world.live.snapshot().seq();
            while world.live.waiting() == 0 {
                tokio::task::yield_now().await;
            }
            world.harvest(vec![entity(kind, name, name, Vec::new())], Vec::new()).await;
            assert!(world.live.snapshot().seq() > before);
        }
    };
    let (answer, ()) = tokio::join!(world.get(&path), changes);
    let page = answer.json();
    assert_eq!(refs(&page), [("added", "api:default/wanted")]);
    assert!(page["next"].as_u64().unwrap() > end);
}

#[tokio::test]
async fn whoever_asks_for_what_is_forgotten_hears_where_to_start_anew() {
    let world = handover().await;
    world.store.prune(Timestamp(i64::MAX / 2)).await.unwrap();
    let answer = world.get("/api/v1/changes?after=1").await;
    assert_eq!(answer.status, StatusCode::GONE);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("only those after") && detail.contains("/api/v1/export"), "{detail}");
    let streams = request(Method::GET, "/api/v1/changes?after=1").header("accept", "text/event-stream");
    let answer = world.send(streams.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::GONE);
}

#[tokio::test]
async fn heartbeats_say_how_far_a_filtered_stream_has_come() {
    let world = handover().await;
    let streams = request(Method::GET, "/api/v1/changes?kind=user").header("accept", "text/event-stream");
    let response = world.router.clone().oneshot(streams.body(Body::empty()).unwrap()).await.unwrap();
    let mut events = response.into_body().into_data_stream();
    let heartbeat = String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
    let reached = format!("id: {}\n", world.live.snapshot().seq().0);
    assert!(heartbeat.contains(&reached) && heartbeat.contains(": heartbeat\n"), "{heartbeat}");
    assert!(!heartbeat.contains("data:"), "it is no event: {heartbeat}");
}
