//! Looking back: any page and any read of our own API as it was, and what happened since.

use auth::system_clock;
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use model::{DeclaredRelation, EntityRef, Timestamp};
use serde_json::{Value, json};
use store::NewEntity;

use crate::world::{Answer, READER, World, closed, component, entity, request, settings};

const HOUR: i64 = 3_600_000;

fn hours_ago(hours: i64) -> Timestamp {
    Timestamp(system_clock()().0 - hours * HOUR)
}

fn depends_on(other: &str) -> DeclaredRelation {
    DeclaredRelation {
        forward: "dependsOn".into(),
        reverse: "dependencyOf".into(),
        other: EntityRef::new("component", "default", other),
        line: 0,
    }
}

fn with(mut entity: NewEntity, relations: Vec<DeclaredRelation>) -> NewEntity {
    entity.relations.extend(relations);
    entity
}

/// Three moments: 1 to 3 add shop, bag and a team; 4 gives shop another title; 5 gives bag to somebody else, 6 removes nothing
/// but adds till, which shop then needs (7).
async fn lived() -> World {
    let world = World::open().await;
    let team = || entity("Group", "team-a", "Team A", Vec::new());
    let shop = |title: &str| component("shop", "group:default/team-a", title);
    let bag = |owner: &str| component("bag", owner, "Bag");
    world.harvest_at(vec![shop("Old shop"), bag("group:default/team-a"), team()], hours_ago(30)).await;
    world.harvest_at(vec![shop("Shop"), bag("group:default/team-a"), team()], hours_ago(5)).await;
    let till = component("till", "group:default/team-a", "Till");
    let needs = vec![depends_on("till")];
    world.harvest_at(vec![with(shop("Shop"), needs), bag("group:default/team-b"), team(), till], hours_ago(2)).await;
    world
}

fn titles(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["metadata"]["title"].as_str().unwrap()).collect()
}

/// A small generator, so that the sequence is the same in every run.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Some of eight entities, with random titles, owners and dependencies.
fn random_estate(state: &mut u64) -> Vec<NewEntity> {
    let mut estate = Vec::new();
    for n in 0..8 {
        if next(state).is_multiple_of(3) {
            continue;
        }
        let owner = format!("group:default/team-{}", next(state) % 3);
        let entity = component(&format!("c{n}"), &owner, &format!("Title {}", next(state) % 4));
        let relations = (0..next(state) % 3).map(|_| depends_on(&format!("c{}", next(state) % 8))).collect();
        estate.push(with(entity, relations));
    }
    estate
}

#[tokio::test]
async fn every_moment_is_as_it_was_when_it_was_now() {
    let world = World::open().await;
    let (mut state, mut seen) = (7, Vec::new());
    for step in 0..25 {
        world.harvest_at(random_estate(&mut state), hours_ago(100 - step)).await;
        let now = world.get("/api/v1/export").await;
        seen.push((now.header("x-callboard-seq").to_owned(), hours_ago(100 - step), now.text().to_owned()));
    }
    // Forth and back: a moment is made out of one near it, be that earlier or later.
    for (seq, time, text) in seen.iter().chain(seen.iter().rev()) {
        let by_number = world.get(&format!("/api/v1/export?at={seq}")).await;
        assert_eq!((by_number.text(), by_number.header("x-callboard-seq")), (text.as_str(), seq.as_str()), "{seq}");
        // Within the hour in which nothing else changed.
        let time = jiff::Timestamp::from_millisecond(time.0 + 1_000).unwrap();
        assert_eq!(world.get(&format!("/api/v1/export?at={time}")).await.text(), text.as_str(), "{time}");
    }
    let empty = world.get("/api/v1/export?at=0").await;
    assert_eq!((empty.status, empty.text()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn reads_of_the_api_take_a_moment() {
    let world = lived().await;
    let then = world.get("/api/v1/entities?filter=kind=component&at=-24h").await;
    assert_eq!((titles(&then.json()), then.header("x-callboard-seq")), (vec!["Bag", "Old shop"], "3"));
    assert!(then.header("x-callboard-at").ends_with('Z'));
    let now = world.get("/api/v1/entities?filter=kind=component").await;
    assert_eq!((titles(&now.json()), now.header("x-callboard-at")), (vec!["Bag", "Shop", "Till"], ""));
    let shop = world.get("/api/v1/entities/component:default/shop?at=4").await.json();
    assert_eq!(
        (&shop["entity"]["metadata"]["title"], &shop["provenance"]["lastChange"]["seq"]),
        (&json!("Shop"), &json!(4))
    );
    assert_eq!(world.get("/api/v1/entities/component:default/till?at=4").await.status, 404);
    let problems = async |at: &str| world.get(&format!("/api/v1/problems?at={at}")).await.json()["total"].clone();
    assert_eq!((problems("4").await, problems("-1s").await), (json!(0), json!(1)), "team-b is nobody");
    let log = world.get("/api/v1/changes?at=4").await.json();
    assert_eq!((log["items"].as_array().unwrap().len(), &log["newest"], &log["more"]), (4, &json!(4), &json!(false)));
    // What is about the server has no past, and says so by what it does not say.
    let loops = world.get("/api/v1/loops?at=4").await;
    assert_eq!((loops.status, loops.header("x-callboard-at")), (StatusCode::OK, ""));
}

#[tokio::test]
async fn moments_that_cannot_be_shown_are_explained() {
    let world = lived().await;
    for (at, part) in [
        ("soon", "`at` must be a time such as"),
        ("99", "change 99 has not happened yet; the newest is 7"),
        ("2999-01-01", "2999-01-01T00:00:00Z is in the future"),
        ("-1000h", "it begins with change 1 at"),
    ] {
        let answer = world.get(&format!("/api/v1/kinds?at={at}")).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::BAD_REQUEST, "application/problem+json")
        );
        assert!(answer.json()["detail"].as_str().unwrap().contains(part), "{}", answer.text());
    }
    let page = world.get_with("/catalog?at=99", "accept", "text/html").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text().contains("Change 99 has not happened yet"), "{}", page.text());
}

#[tokio::test]
async fn the_past_cannot_be_changed() {
    let world = lived().await;
    let form = request(Method::POST, "/catalog/default/component/shop/star?at=4")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = world.send(form.body(Body::from("on=true")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("The past cannot be changed"));
    let posted = world.post("/api/v1/events?at=4", &json!({})).await;
    assert_eq!(
        (posted.status, posted.json()["detail"].clone()),
        (StatusCode::BAD_REQUEST, json!("the past cannot be changed; leave `at` out"))
    );
}

#[tokio::test]
async fn a_page_of_the_past_says_so_and_leads_to_other_moments() {
    let world = lived().await;
    let page = world.get("/catalog/default/component/shop?at=4").await;
    let html = page.text();
    assert!(html.contains("Old shop") || html.contains("<span>Shop</span>"), "{html}");
    assert!(html.contains("<strong>As it was on "), "{html}");
    for link in [
        r#"href="/catalog/default/component/shop?at=3" rel="prev""#,
        r#"href="/catalog/default/component/shop?at=7" rel="next""#,
        r#"data-now href="/changes/compare?from=4""#,
        r#"class="button small" href="/catalog/default/component/shop">Back to now"#,
        r#"data-at="4""#,
    ] {
        assert!(html.contains(link), "{link} is missing");
    }
    // Nobody can star or unregister what was.
    assert!(!html.contains("/star") && !html.contains("/unregister"), "{html}");
    let missing = world.get_with("/catalog/default/component/till?at=4", "accept", "text/html").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.text().contains("As it was on ") && missing.text().contains(r#"href="/search?at=4""#));
    let newest = world.get("/catalog?at=-1m").await;
    assert_eq!(newest.status, StatusCode::FOUND, "a moment that moves on is nailed down");
    let address = newest.header("location").to_owned();
    assert!(address.starts_with("/catalog?at=2"), "{address}");
    assert!(world.get(&address).await.text().contains("has not changed since"));
    assert!(world.get("/operations?at=4").await.text().contains("This page shows what is now."));
    let back = world.get("/look-back?back=/catalog?at=3%26x=1&when=2026-11-23T10:00").await;
    assert_eq!(back.header("location"), "/catalog?x=1&at=2026-11-23T10:00:00Z");
    assert_eq!(world.get("/look-back?back=//evil.example&when=3").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.get("/home?at=4").await.header("location"), "/?at=4");
}

/// The addresses in the tags of a page, with the tag that each stands in.
fn addresses(html: &str) -> Vec<(String, String)> {
    let tags = regex::Regex::new(r#"<[a-zA-Z](?:[^"'>]|"[^"]*"|'[^']*')*>"#).unwrap();
    let address = regex::Regex::new(r#"(?:href|hx-get|data-peek|action|src)="(/[^"]*)""#).unwrap();
    let tags = tags.find_iter(html).map(|tag| tag.as_str().to_owned());
    tags.flat_map(|tag| {
        let found: Vec<_> = address.captures_iter(&tag).map(|found| found[1].to_owned()).collect();
        found.into_iter().map(move |address| (address, tag.clone()))
    })
    .collect()
}

#[tokio::test]
async fn every_link_of_a_page_of_the_past_stays_there() {
    let world = lived().await;
    let evil = component("evil", "group:default/team-a", r#"<a href="/x">' "x" </a>"#);
    let team = entity("Group", "team-a", "Team A", Vec::new());
    world.harvest_at(vec![evil, team, component("shop", "group:default/team-a", "Shop")], hours_ago(1)).await;
    let seq = world.get("/api/v1/export").await.header("x-callboard-seq").to_owned();
    world.harvest_at(vec![component("shop", "group:default/team-a", "Newest")], hours_ago(0)).await;
    let moment = regex::Regex::new(r"(?:\?|&amp;|&#38;)at=").unwrap();
    let strays = regex::Regex::new(r"<[^a-zA-Z/!]").unwrap();
    for route in web::page_paths() {
        let path = route.replace("{namespace}", "default").replace("{kind}", "component").replace("{name}", "evil");
        let page = world.get_with(&format!("{path}?at={seq}"), "accept", "text/html").await;
        // Files to keep are no pages.
        if !page.header("content-type").starts_with("text/html") || !page.header("content-disposition").is_empty() {
            continue;
        }
        let html = page.text();
        if html.contains("This page shows what is now.") {
            assert!(!html.contains("<form hidden"), "{path}: what is of now can be acted on");
            continue;
        }
        for (address, tag) in addresses(html) {
            let moments = moment.find_iter(&address).count();
            let leads_out =
                tag.contains("data-now") || address.starts_with("/static/") || address.starts_with("/preferences");
            // A form that asks carries the moment in a field.
            let asks = tag.starts_with("<form") && !tag.contains("method=\"post\"");
            assert!(moments == 1 || leads_out || asks, "{path}: {tag}");
            assert!(moments < 2, "{path}: {tag}");
        }
        // Every `<` opens a tag: what people wrote is escaped, on which the rewriting of links rests.
        assert!(!strays.is_match(html), "{path}");
        assert!(!html.contains(r#"<a href="/x"#), "{path}");
    }
}

#[tokio::test]
async fn the_pack_of_a_past_moment_is_as_old_as_that() {
    let world = lived().await;
    let newest = world.get("/pack").await;
    let past = world.get("/pack?at=3").await;
    assert_eq!((past.header("x-callboard-seq"), past.status.as_u16()), ("3", 200));
    assert!(past.header("content-disposition").contains("callboard-pack-3.html"));
    let made =
        |page: &str| page.split("data-made=\"").nth(1).unwrap().split('"').next().unwrap().parse::<i64>().unwrap();
    assert!(made(newest.text()) - made(past.text()) >= HOUR / 2, "its age is that of the moment");
    // Nothing is put into its links, scripts and policy.
    assert!(!past.text().contains("at=3"));
}

#[tokio::test]
async fn two_moments_are_compared() {
    let world = lived().await;
    let found = world.get("/api/v1/compare?from=3&to=7").await.json();
    assert_eq!(found["counts"], json!({ "added": 1, "removed": 0, "reowned": 1, "rewired": 1, "changed": 0 }));
    let kinds: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["kind"].as_str().unwrap(), item["entityRef"].as_str().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("added", "component:default/till"),
            ("reowned", "component:default/bag"),
            ("rewired", "component:default/shop")
        ]
    );
    let shop = &found["items"][2];
    assert_eq!(shop["relationsAdded"], json!([{ "type": "dependsOn", "targetRef": "component:default/till" }]));
    assert_eq!(shop["differences"][0]["text"], "metadata.title: Old shop → Shop");
    assert_eq!((&shop["changes"], &shop["cause"]["commit"]), (&json!(2), &json!("c0ffee")));
    // The other way round is the same question.
    assert_eq!(world.get("/api/v1/compare?from=7&to=3").await.json(), found);
    let of =
        async |query: &str| world.get(&format!("/api/v1/compare?from=3&to=7&{query}")).await.json()["total"].clone();
    assert_eq!(of("owner=team-b").await, 1);
    assert_eq!(of("owner=team-a&kind=component").await, 3, "bag belonged to it before");
    assert_eq!(
        (of("what=added").await, of("kind=group").await, of("system=none").await),
        (json!(1), json!(0), json!(0))
    );
    assert_eq!(world.get("/api/v1/compare?what=x").await.status, 400);
    let page = world.get("/changes/compare?from=3&to=7").await;
    for part in
        ["+ dependsOn component:default/till", "− ownedBy group:default/team-a", "metadata.title: Old shop → Shop"]
    {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(world.get("/changes/compare?from=7&to=7").await.text().contains("the catalog is the same"));
    assert_eq!(world.get("/changes/compare").await.status, 200);
}

fn told(answer: &Answer) -> Vec<String> {
    let line = |item: &Value| match item["type"].as_str().unwrap() {
        "change" => format!(
            "{} {}",
            item["kind"].as_str().unwrap(),
            item["entityRef"].as_str().unwrap().rsplit('/').next().unwrap()
        ),
        _ => item["event"]["title"].as_str().unwrap().to_owned(),
    };
    answer.json()["items"].as_array().unwrap().iter().map(line).collect()
}

fn cloud_event(id: &str, subject: &str, ago: i64) -> Value {
    let time = jiff::Timestamp::from_millisecond(hours_ago(ago).0).unwrap();
    json!({
        "specversion": "1.0", "id": id, "source": "https://ci.example.org", "type": "org.example.deployed",
        "subject": subject, "time": time.to_string(), "data": { "title": format!("Deploy {id}"), "actor": "jane", "outcome": "success" },
    })
}

async fn send(world: &World, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let builder =
        headers.iter().fold(request(Method::POST, path), |builder, (name, value)| builder.header(*name, *value));
    world.send(builder.body(Body::from(body.to_string())).unwrap()).await
}

const BATCH: &[(&str, &str)] = &[("content-type", "application/cloudevents-batch+json")];

#[tokio::test]
async fn what_happened_is_told_in_one_order() {
    let world = lived().await;
    let batch = json!([
        cloud_event("1", "component:default/shop", 3),
        cloud_event("2", "till", 1),
        cloud_event("3", "nobody", 1)
    ]);
    let receipt = send(&world, "/api/v1/events", BATCH, &batch).await;
    assert_eq!(receipt.json(), json!({ "accepted": 3, "known": 0, "unmatched": 1 }));
    assert_eq!(
        send(&world, "/api/v1/events", BATCH, &batch).await.json(),
        json!({ "accepted": 0, "known": 3, "unmatched": 1 })
    );
    let history = async |query: &str| told(&world.get(&format!("/api/v1/history?{query}")).await);
    assert_eq!(history("ref=component:default/shop").await, ["changed shop", "Deploy 1", "changed shop", "added shop"]);
    assert_eq!(history("ref=component:default/shop&what=changed&to=-3h").await, ["changed shop"]);
    assert_eq!(history("ref=component:default/shop&at=4").await, ["changed shop", "added shop"]);
    assert_eq!(history("what=deployment&from=-2h").await, ["Deploy 3", "Deploy 2"]);
    assert_eq!(history("ref=group:default/team-a&of=owned&what=added").await.len(), 3);
    assert_eq!(history("owner=team-a&kind=group").await, [""; 0]);
    assert_eq!(history("actor=jane&kind=component").await, ["Deploy 2", "Deploy 1"]);
    // Page by page it is the same as at once.
    let all = history("").await;
    let (mut pages, mut path) = (Vec::new(), "/api/v1/history?limit=3".to_owned());
    loop {
        let page = world.get(&path).await;
        pages.extend(told(&page));
        let next = page.json()["next"].clone();
        let Some(next) = next.as_str() else { break };
        path = format!("/api/v1/history?limit=3&cursor={next}");
    }
    assert_eq!((pages.len(), pages), (10, all));
    for wrong in ["what=x", "of=owned", "cursor=1", "from=3", "ref=x"] {
        assert_eq!(world.get(&format!("/api/v1/history?{wrong}")).await.status, 400, "{wrong}");
    }
    for (path, part) in [
        ("/changes", "`nobody` is not in the catalog"),
        ("/changes?what=deployment", "Deploy 1"),
        ("/catalog/default/component/shop/history", "metadata.title: Old shop → Shop"),
        ("/catalog/default/group/team-a/history", "What it owns"),
        ("/catalog/default/component/shop/history?of=nearby", "1 step away"),
    ] {
        let page = world.get(path).await;
        assert!(page.status == 200 && page.text().contains(part), "{path}: {}", page.text());
    }
}

#[tokio::test]
async fn what_happened_nearby_is_told_nearest_first() {
    let world = lived().await;
    let batch = json!([cloud_event("1", "shop", 4), cloud_event("2", "till", 1), cloud_event("3", "bag", 1)]);
    send(&world, "/api/v1/events", BATCH, &batch).await;
    let near = world.get("/api/v1/near?ref=component:default/shop&hours=6").await;
    assert_eq!(told(&near), ["changed shop", "Deploy 1", "changed shop", "Deploy 2", "added till"]);
    let distances: Vec<_> =
        near.json()["items"].as_array().unwrap().iter().map(|item| item["distance"].clone()).collect();
    assert_eq!(distances, [0, 0, 0, 1, 1]);
    assert_eq!(near.json()["entities"], 2);
    assert_eq!(told(&world.get("/api/v1/near?ref=component:default/shop&hours=3&steps=0").await), ["changed shop"]);
    assert_eq!(world.get("/api/v1/near").await.status, 400);
    assert_eq!(world.get("/api/v1/near?ref=component:default/none").await.status, 404);
}

#[tokio::test]
async fn events_are_taken_from_those_who_may_and_found_again() {
    let world = lived().await;
    let binary = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "9"),
        ("ce-source", "/flags"),
        ("ce-type", "org.example.flag.switched"),
        ("ce-subject", "shop"),
    ];
    let receipt =
        send(&world, "/api/v1/events", &binary, &json!({ "title": "Flag on", "link": "https://flags.example/9" }))
            .await;
    assert_eq!(receipt.json()["accepted"], 1);
    let events = world.get("/api/v1/events?ref=component:default/shop").await.json();
    let event = &events["items"][0];
    assert_eq!(
        (&event["kind"], &event["reporter"], &event["link"]),
        (&json!("flag"), &json!("guest"), &json!("https://flags.example/9"))
    );
    assert_eq!(world.get("/api/v1/events?kind=alert").await.json()["items"], json!([]));
    assert_eq!(world.get("/api/v1/events?at=4").await.json()["items"], json!([]), "it had not happened then");
    let wrong = send(&world, "/api/v1/events", BATCH, &json!([{ "id": "1" }])).await;
    assert_eq!(
        (wrong.status, wrong.json()["detail"].clone()),
        (StatusCode::BAD_REQUEST, json!("`specversion` of event 1 is missing"))
    );
    let many = Value::Array(vec![cloud_event("1", "shop", 1); 501]);
    assert_eq!(send(&world, "/api/v1/events", BATCH, &many).await.status, 400);
    let world = World::new(closed(), settings()).await.fill().await;
    let bearer = format!("Bearer {READER}");
    let headers = [("authorization", bearer.as_str()), BATCH[0]];
    assert_eq!(send(&world, "/api/v1/events", &headers, &json!([])).await.status, 403);
}

#[tokio::test]
async fn a_sender_that_sends_too_much_is_told_to_wait() {
    let world = World::open().await;
    let batch = Value::Array(vec![cloud_event("1", "shop", 1); 500]);
    for _ in 0..4 {
        assert_eq!(send(&world, "/api/v1/events", BATCH, &batch).await.status, 200);
    }
    let refused = send(&world, "/api/v1/events", BATCH, &batch).await;
    assert_eq!(
        (refused.status, refused.header("content-type")),
        (StatusCode::TOO_MANY_REQUESTS, "application/problem+json")
    );
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn without_a_beginning_a_comparison_starts_a_day_before_its_end() {
    let world = lived().await;
    // A day before the first harvest there was nothing.
    let found = world.get("/api/v1/compare?at=3").await.json();
    assert_eq!(found["total"], 3, "{found}");
}

#[tokio::test]
async fn who_was_not_asked_for_a_token_is_not_told_of_the_past() {
    let world = World::new(crate::world::closed(), crate::world::settings()).await.fill().await;
    for path in ["/api/v1/receivers/github", "/api/v1/receivers/none"] {
        let plain = world.get(path).await;
        for at in ["1", "999999", "1970-01-01T00:00:00Z", "nonsense"] {
            let answer = world.get(&format!("{path}?at={at}")).await;
            assert_eq!((answer.status, answer.text()), (plain.status, plain.text()), "{path} {at}");
            assert_eq!(answer.header("x-callboard-seq"), "", "{path} {at}");
        }
    }
}

#[tokio::test]
async fn a_path_that_leads_elsewhere_is_not_redirected_to() {
    let world = lived().await;
    for path in ["//evil.example/", "//evil.example/catalog", "/%5Cevil.example/"] {
        let answer = world.get_with(&format!("{path}?at=-1h"), "accept", "text/html").await;
        assert!(!answer.header("location").starts_with("//"), "{path}: {}", answer.header("location"));
        assert!(!answer.text().contains("href=\"//evil"), "{path}");
    }
    assert_eq!(world.get("//evil.example/?at=-1h").await.status, 400);
}
