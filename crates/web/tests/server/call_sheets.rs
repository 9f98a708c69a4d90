//! Call sheets: opened by people, programs and alerting tools, kept, closed, and what their answers make of the catalog.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use futures::StreamExt as _;
use model::{DeclaredRelation, EntityRef};
use serde_json::{Value, json};
use store::NewEntity;
use tower::ServiceExt as _;

use crate::world::{Answer, World, closed, component, entity, request, settings};

fn needs(mut entity: NewEntity, other: &str) -> NewEntity {
    entity.relations.push(DeclaredRelation {
        forward: "dependsOn".into(),
        reverse: "dependencyOf".into(),
        other: EntityRef::parse(other).unwrap(),
        line: 0,
    });
    entity
}

/// Shop and bag need the queue; two teams own them.
fn estate(title: &str) -> Vec<NewEntity> {
    let owned_by = DeclaredRelation {
        forward: "ownedBy".into(),
        reverse: "ownerOf".into(),
        other: EntityRef::new("group", "default", "team-b"),
        line: 0,
    };
    vec![
        needs(component("shop", "group:default/team-a", title), "resource:default/queue"),
        entity("Resource", "queue", "Queue", vec![owned_by]),
        entity("Group", "team-a", "Team A", Vec::new()),
        entity("Group", "team-b", "Team B", Vec::new()),
    ]
}

async fn world() -> World {
    let world = World::open().await;
    world.harvest(estate("The <b>Shop</b>"), Vec::new()).await;
    world
}

async fn form(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = request(Method::POST, path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    world.send(request.body(Body::from(body)).unwrap()).await
}

/// Opens a sheet for the queue; gives its path below `/api/v1`, and that of its page.
async fn open(world: &World) -> (String, String) {
    let draft = json!({ "title": "Queue is down", "roots": [{ "ref": "resource:default/queue" }] });
    let opened = world.post("/api/v1/call-sheets", &draft).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text());
    let id = opened.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(opened.json()["url"], format!("http://localhost:7007/call-sheets/{id}"));
    (format!("/api/v1/call-sheets/{id}"), format!("/call-sheets/{id}"))
}

async fn add(world: &World, api: &str, entry: Value) -> Value {
    let answer = world.post(&format!("{api}/entries"), &entry).await;
    assert_eq!(answer.status, StatusCode::OK, "{entry}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_sheet_names_who_has_to_know_and_freezes_what_is_hit() {
    let world = world().await;
    let (api, page) = open(&world).await;
    let sheet = world.get(&api).await.json();
    assert_eq!(sheet["state"], "open");
    let teams: Vec<_> = sheet["teams"].as_array().unwrap().iter().map(|team| &team["team"]).collect();
    assert_eq!(teams, ["group:default/team-b", "group:default/team-a"], "whoever owns what fails goes first");
    assert_eq!(sheet["impact"]["hits"][0]["entityRef"], "component:default/shop");
    assert_eq!(sheet["impact"]["hits"][0]["way"], json!(["Queue", "The <b>Shop</b>"]));
    assert!(sheet["paste"].as_str().unwrap().contains("Queue is down\n"));
    let html = world.get(&page).await;
    assert_eq!(html.status, StatusCode::OK);
    for part in ["Team B", "2 not told, 0 told", "Queue is down", "data-live", "owns what fails"] {
        assert!(html.text().contains(part), "{part}");
    }
    assert!(!html.text().contains("<b>Shop"), "titles are text");
    assert!(world.get("/call-sheets").await.text().contains("Queue is down"));
    let list = world.get("/api/v1/call-sheets?state=open").await.json();
    assert_eq!(list["items"][0]["title"], "Queue is down");
    assert_eq!(world.get("/api/v1/call-sheets?state=closed").await.json()["items"], json!([]));
}

#[tokio::test]
async fn what_fails_is_found_by_name_in_a_text() {
    let world = world().await;
    let opened =
        form(&world, "/call-sheets", &[("text", "CRITICAL: lag on queue in eu-west"), ("state", "degraded")]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text());
    let page = world.get(opened.header("location")).await;
    assert!(page.text().contains("Queue is degraded"), "{}", page.text());
    let nothing = form(&world, "/call-sheets", &[("text", "all is lost")]).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
    let unknown = world.post("/api/v1/call-sheets", &json!({ "roots": [{ "ref": "resource:default/none" }] })).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(unknown.json()["detail"].as_str().unwrap().contains("resource:default/none"), "{}", unknown.text());
}

#[tokio::test]
async fn everything_that_happens_is_on_the_timeline() {
    let world = world().await;
    let (api, page) = open(&world).await;
    let told = json!({ "kind": "team", "team": "group:default/team-a", "standing": "told", "note": "by phone" });
    let sheet = add(&world, &api, told).await;
    assert_eq!(sheet["teams"][1]["standing"], "told");
    assert_eq!(sheet["teams"][1]["changedBy"], "guest");
    let done = form(&world, &page, &[("do", "team"), ("team", "group:default/team-b"), ("standing", "answered")]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
    add(&world, &api, json!({ "kind": "note", "text": "restarted" })).await;
    add(&world, &api, json!({ "kind": "link", "title": "War room", "url": "https://meet.example/1" })).await;
    for (entry, words) in [
        (json!({ "kind": "link", "url": "javascript:alert(1)" }), "no web address"),
        (json!({ "kind": "wish" }), "wish"),
        (json!({ "kind": "titled", "title": " " }), "title"),
    ] {
        let refused = world.post(&format!("{api}/entries"), &entry).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{entry}");
        assert!(refused.text().contains(words), "{}", refused.text());
    }
    let timeline = world.get(&format!("{api}/timeline")).await.json();
    let kinds: Vec<_> = timeline["entries"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["opened", "frozen", "team", "team", "note", "link"]);
    let csv = world.get(&format!("{page}/timeline?format=csv")).await;
    assert_eq!(csv.text().lines().count(), 7);
    assert!(csv.header("content-disposition").ends_with(".csv\""));
    assert!(world.get(&format!("{page}/timeline")).await.text().starts_with("# Queue is down\n"));
    assert_eq!(world.get(&format!("{api}/timeline?format=pdf")).await.status, StatusCode::BAD_REQUEST);
    let html = world.get(&page).await;
    assert!(html.text().contains("href=\"https://meet.example/1\"") && html.text().contains("restarted"));
}

#[tokio::test]
async fn another_look_tells_what_differs() {
    let world = world().await;
    let (api, _) = open(&world).await;
    let mut more = estate("Shop");
    more.push(needs(component("bag", "group:default/team-a", "Bag"), "resource:default/queue"));
    world.harvest(more, Vec::new()).await;
    assert_eq!(world.get(&api).await.json()["impact"]["hitCount"], 1, "it stays as it was frozen");
    let sheet = add(&world, &api, json!({ "kind": "refresh" })).await;
    assert_eq!((&sheet["impact"]["hitCount"], &sheet["looks"]), (&json!(2), &json!(2)));
    let timeline = world.get(&format!("{api}/timeline")).await.json();
    let words = timeline["entries"][2]["words"].as_str().unwrap();
    assert!(words.ends_with("hit now: component:default/bag"), "{words}");
}

#[tokio::test]
async fn wrong_answers_become_problems_until_they_are_settled_or_the_entity_changes() {
    let world = world().await;
    let (api, page) = open(&world).await;
    let questions = world.get(&format!("{page}/close")).await;
    for part in ["owner group:default/team-a", "edge component:default/shop resource:default/queue"] {
        assert!(questions.text().contains(&format!("name=\"{part}\"")), "{part}");
    }
    let fields = [
        ("owner group:default/team-a", "wrong"),
        ("thing group:default/team-a", "component:default/shop"),
        ("note group:default/team-a", "it is team C"),
        ("owner group:default/team-b", ""),
        ("edge component:default/shop resource:default/queue", "right"),
        ("note", "done"),
    ];
    let done = form(&world, &format!("{page}/close"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let sheet = world.get(&api).await.json();
    assert_eq!((&sheet["state"], &sheet["closingNote"]), (&json!("closed"), &json!("done")));
    let truth = world.get("/api/v1/truth-rate").await.json();
    assert_eq!(truth["rate"], json!({ "right": 1, "answers": 2, "percent": 50 }));
    assert!(world.get("/").await.text().contains(">50 % of 2 answers</a>"));
    let problems = async || world.get("/api/v1/problems?code=W1017").await.json()["items"].clone();
    let found = problems().await;
    assert_eq!(found[0]["entityRef"], "component:default/shop");
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.ends_with("turned out to be wrong"), "what was noted on the sheet stays there: {found}");
    assert_eq!(found[0]["owners"], json!(["group:default/team-a"]));
    let own = world.get("/catalog/default/component/shop/problems").await;
    assert!(own.text().contains("W1017"), "{}", own.text());

    let refused = world.post(&format!("{api}/entries"), &json!({ "kind": "refresh" })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    let settle = [
        ("do", "settle"),
        ("question", "owner"),
        ("entity", "component:default/shop"),
        ("other", "group:default/team-a"),
    ];
    assert_eq!(form(&world, &page, &settle).await.status, StatusCode::SEE_OTHER);
    assert_eq!(problems().await, json!([]));
    let wrong = json!({ "kind": "verdict", "question": "owner", "entity": "component:default/shop",
        "other": "group:default/team-a", "right": false });
    add(&world, &api, wrong).await;
    assert_eq!(problems().await.as_array().unwrap().len(), 1);
    world.harvest(estate("Other"), Vec::new()).await;
    assert_eq!(problems().await, json!([]), "the entity is another one now");
}

#[tokio::test]
async fn what_the_catalog_did_not_tell_is_a_problem_too() {
    let world = world().await;
    world.harvest([estate("Shop"), vec![component("till", "group:default/team-a", "Till")]].concat(), Vec::new()).await;
    let (_, page) = open(&world).await;
    let fields = [("missing", "the till was hit"), ("missing-of", "resource:default/queue")];
    assert_eq!(form(&world, &format!("{page}/close"), &fields).await.status, StatusCode::SEE_OTHER);
    let found = world.get("/api/v1/problems?code=W1019").await.json();
    assert_eq!(found["items"][0]["entityRef"], "component:default/till");
    let again = form(&world, &page, &[("do", "reopen")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(form(&world, &page, &[("do", "reopen")]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_alert_opens_one_sheet_and_is_noted_there_afterwards() {
    let world = world().await;
    let alert = |status: &str, service: &str| {
        json!({
            "groupKey": "g1", "status": status, "title": "Lag", "externalURL": "https://grafana.example",
            "alerts": [{ "labels": { "service": service, "alertname": "Lag" }, "annotations": {} }],
        })
    };
    let hook = "/api/v1/call-sheets/alerts/grafana";
    let opened = world.post(hook, &alert("firing", "queue")).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text());
    let again = world.post(hook, &alert("firing", "queue")).await;
    assert_eq!((again.status, &again.json()["id"]), (StatusCode::OK, &opened.json()["id"]));
    world.post(hook, &alert("resolved", "queue")).await;
    let id = opened.json()["id"].as_str().unwrap().to_owned();
    let sheet = world.get(&format!("/api/v1/call-sheets/{id}")).await.json();
    assert_eq!((&sheet["source"], &sheet["resolved"]), (&json!("Grafana"), &json!(true)));
    assert_eq!(sheet["links"][0]["url"], "https://grafana.example");
    // What a later message names fails as well, and a sheet without room for another look still notes the message.
    world.post(hook, &alert("firing", "shop")).await;
    let api = format!("/api/v1/call-sheets/{id}");
    let sheet = world.get(&api).await.json();
    let roots: Vec<_> = sheet["impact"]["roots"].as_array().unwrap().iter().map(|root| &root["entityRef"]).collect();
    assert_eq!(roots, ["resource:default/queue", "component:default/shop"]);
    for _ in sheet["looks"].as_u64().unwrap()..50 {
        add(&world, &api, json!({ "kind": "refresh" })).await;
    }
    let entries = async || world.get(&format!("{api}/timeline")).await.json()["entries"].as_array().unwrap().len();
    let full = entries().await;
    world
        .harvest(
            estate("Shop").into_iter().chain([component("till", "group:default/team-a", "Till")]).collect(),
            Vec::new(),
        )
        .await;
    let noted = world.post(hook, &alert("firing", "till")).await;
    assert_eq!((noted.status, entries().await), (StatusCode::OK, full + 1), "{}", noted.text());
    assert_eq!(world.get("/api/v1/call-sheets").await.json()["items"].as_array().unwrap().len(), 1);
    let mut other = alert("firing", "nothing-known");
    other["groupKey"] = json!("g2");
    let nothing = world.post(hook, &other).await;
    assert_eq!((nothing.status, &nothing.json()["id"]), (StatusCode::OK, &Value::Null));
    assert!(nothing.json()["reason"].as_str().unwrap().contains("names nothing"));
    assert_eq!(world.post(hook, &json!({ "text": "x" })).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.post("/api/v1/call-sheets/alerts/nagios", &json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_that_may_only_open_sheets_can_do_nothing_else() {
    let restriction = auth::AccessRestriction {
        plugin: "callsheet".to_owned(),
        permissions: vec!["callsheet.open".to_owned()],
        actions: Vec::new(),
    };
    let catalog = auth::AccessRestriction {
        plugin: "catalog".to_owned(),
        permissions: vec!["catalog.entity.read".to_owned()],
        actions: Vec::new(),
    };
    let mut access = closed();
    access.static_tokens.push(auth::StaticToken {
        token: "token-of-the-alerting-tool".into(),
        subject: "grafana".into(),
        restrictions: vec![restriction, catalog],
    });
    let world = World::new(access, settings()).await;
    world.harvest(estate("Shop"), Vec::new()).await;
    let send = async |method: Method, path: &str, body: Value| {
        let request = request(method, path).header(header::AUTHORIZATION, "Bearer token-of-the-alerting-tool");
        let request = request.header(header::CONTENT_TYPE, "application/json");
        world.send(request.body(Body::from(body.to_string())).unwrap()).await
    };
    let draft = json!({ "roots": [{ "ref": "resource:default/queue" }] });
    let opened = send(Method::POST, "/api/v1/call-sheets", draft).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text());
    let api = format!("/api/v1/call-sheets/{}", opened.json()["id"].as_str().unwrap());
    assert_eq!(send(Method::GET, &api, json!({})).await.status, StatusCode::FORBIDDEN);
    let note = json!({ "kind": "note", "text": "x" });
    assert_eq!(send(Method::POST, &format!("{api}/entries"), note).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_has_a_sheet_open_hears_of_what_others_do() {
    let world = world().await;
    let (api, page) = open(&world).await;
    for path in [format!("{page}/events"), format!("{api}/events")] {
        let request = request(Method::GET, &path).body(Body::empty()).unwrap();
        let response = world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut events = response.into_body().into_data_stream();
        let first = String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
        assert!(first.contains("event: changed\n"), "{first}");
        let entry = json!({ "kind": "note", "text": "x" });
        let (next, sheet) = tokio::join!(events.next(), add(&world, &api, entry));
        let next = String::from_utf8(next.unwrap().unwrap().to_vec()).unwrap();
        assert!(next.contains(&format!("data: {}\n", sheet["revision"])), "{next}");
    }
    assert_eq!(world.get("/call-sheets/none/events").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_message_that_does_not_go_is_on_the_timeline_and_marks_nobody_as_told() {
    let senders = vec![web::SenderInfo { name: "Chat".to_owned(), template: sheets::messages::Template::Slack }];
    let links = vec![web::LinkTemplate { title: "Room".to_owned(), url: "https://meet.example/{title}".to_owned() }];
    let call_sheets = web::CallSheetSettings { senders, links };
    let settings = web::WebSettings { call_sheets, ..settings() };
    let world = World::new(auth::AccessSettings::open("http://localhost:7007"), settings).await;
    world.harvest(estate("Shop"), Vec::new()).await;
    let (api, page) = open(&world).await;
    // The workshop of the tests has no hands for it.
    let sheet = add(&world, &api, json!({ "kind": "send", "sender": "Chat" })).await;
    assert_eq!(sheet["teams"][0]["standing"], "waiting");
    let html = world.get(&page).await;
    assert!(html.text().contains("not sent through Chat"), "{}", html.text());
    assert!(html.text().contains("href=\"https://meet.example/Queue%20is%20down\""), "links of the configuration");
    let refused = world.post(&format!("{api}/entries"), &json!({ "kind": "send", "sender": "Pager" })).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn pages_of_other_sites_cannot_write() {
    let world = world().await;
    for (path, media_type) in
        [("/call-sheets", "application/x-www-form-urlencoded"), ("/api/v1/call-sheets", "application/json")]
    {
        let request = request(Method::POST, path).header(header::CONTENT_TYPE, media_type);
        let request = request.header("sec-fetch-site", "cross-site").header("origin", "https://evil.example");
        let answer = world.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text());
    }
    let plain = request(Method::POST, "/api/v1/call-sheets").header(header::CONTENT_TYPE, "text/plain");
    assert_eq!(world.send(plain.body(Body::from("{}")).unwrap()).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_title_is_measured_in_characters() {
    let world = World::open().await.fill().await;
    for (length, status) in [(300, 201), (301, 400)] {
        let draft = json!({ "title": "障".repeat(length), "roots": [{ "ref": "component:default/shop" }] });
        assert_eq!(world.post("/api/v1/call-sheets", &draft).await.status, status, "{length}");
    }
}

#[tokio::test]
async fn something_else_that_fails_is_added_to_an_open_sheet() {
    let world = world().await;
    let more = vec![
        entity("Resource", "cache", "Cache", Vec::new()),
        needs(entity("Component", "till", "Till", Vec::new()), "resource:default/cache"),
    ];
    world.harvest(estate("Shop").into_iter().chain(more).collect(), Vec::new()).await;
    let (api, page) = open(&world).await;
    let sheet = add(&world, &api, json!({ "kind": "failing", "roots": [{ "ref": "resource:default/cache" }] })).await;
    let roots: Vec<_> =
        sheet["impact"]["roots"].as_array().unwrap().iter().map(|root| root["entityRef"].as_str().unwrap()).collect();
    assert_eq!(roots, ["resource:default/queue", "resource:default/cache"]);
    assert_eq!(
        sheet["impact"]["unowned"],
        json!(["resource:default/cache", "component:default/till"]),
        "what belongs to nobody is named, not left out"
    );
    assert!(
        sheet["paste"].as_str().unwrap().contains("Owned by nobody: resource:default/cache, component:default/till")
    );
    let again = json!({ "kind": "failing", "roots": [{ "ref": "resource:default/cache" }] });
    assert_eq!(world.post(&format!("{api}/entries"), &again).await.status, StatusCode::CONFLICT);
    // The form takes a name, and another state is a reason to look again.
    let sent = form(&world, &page, &[("do", "failing"), ("text", "till"), ("state", "slow")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let html = world.get(&page).await;
    assert!(html.text().contains("Owned by nobody"), "{}", html.text());
    let sheet = world.get(&api).await.json();
    assert_eq!(sheet["impact"]["roots"].as_array().unwrap().len(), 3);
    let unknown = form(&world, &page, &[("do", "failing"), ("text", "qqqq")]).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_sheet_that_is_full_can_still_be_closed() {
    let world = world().await;
    let (api, _) = open(&world).await;
    for _ in 1..50 {
        add(&world, &api, json!({ "kind": "refresh" })).await;
    }
    let refused = world.post(&format!("{api}/entries"), &json!({ "kind": "refresh" })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(refused.json()["detail"].as_str().unwrap().contains("at most 50 times"), "{}", refused.text());
    assert_eq!(add(&world, &api, json!({ "kind": "closed" })).await["state"], "closed");
}
