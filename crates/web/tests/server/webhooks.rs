//! Webhooks over the API and on their pages. How they are delivered is tested with the binary.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use model::{Seq, Timestamp, Uid};
use serde_json::{Value, json};
use store::{Attempt, Letter, LetterKind, Progress};

use crate::world::{Answer, World, request};

const DRAFT: &str = "name=To+the+team&url=https%3A%2F%2Fhooks.example.com%2Fsecret%2Fpath&kind=API&happened=removed\
                     &owners=team-a&form=slack&contentType=application%2Fjson&template=%7B%7D";

async fn post_form(world: &World, path: &str, form: &str) -> Answer {
    let request = request(Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    world.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

async fn only_webhook(world: &World) -> Value {
    world.get("/api/v1/webhooks").await.json()["items"][0].clone()
}

#[tokio::test]
async fn a_webhook_is_made_on_its_page_and_its_secret_is_shown_once() {
    let world = World::open().await.fill().await;
    let empty = world.get("/webhooks").await;
    assert!(empty.text().contains("Nobody is told yet") && empty.text().contains("/webhooks/new"));
    let made = post_form(&world, "/webhooks/new", DRAFT).await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(made.text().contains("whsec_"), "{}", made.text());

    let webhook = only_webhook(&world).await;
    assert_eq!(
        webhook["filter"],
        json!({ "kinds": ["api"], "owners": ["group:default/team-a"], "happened": ["removed"] })
    );
    assert_eq!(webhook["form"], json!({ "type": "slack" }));
    let page = format!("/webhooks/{}", webhook["id"].as_str().unwrap());
    for path in ["/webhooks", &page, &format!("{page}/edit"), &format!("{page}/remove"), "/api/v1/webhooks"] {
        let shown = world.get(path).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}");
        assert!(!shown.text().contains("whsec_"), "{path}");
    }
    let list = world.get("/webhooks").await;
    assert!(list.text().contains("api entities owned by team-a, when removed"), "{}", list.text());
    assert!(list.text().contains("https://hooks.example.com/…") && !list.text().contains("secret/path"));
    let edit = world.get(&format!("{page}/edit")).await;
    assert!(edit.text().contains("value=\"API\"") || edit.text().contains("value=\"api\" checked"), "{}", edit.text());
}

#[tokio::test]
async fn a_form_with_a_mistake_comes_back_with_what_was_written() {
    let world = World::open().await;
    for (form, why) in [
        (DRAFT.replace("team-a", "group%3A"), "Each owner must be an owner such as team-a"),
        (DRAFT.replace("name=To+the+team", "name="), "`name` must have 1 to 80 characters"),
        (DRAFT.replace("form=slack", "form=template").replace("template=%7B%7D", "template=%7B"), "no JSON"),
    ] {
        let answer = post_form(&world, "/webhooks/new", &form).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().contains(why), "{why}: {}", answer.text());
        assert!(answer.text().contains("https://hooks.example.com/secret/path"), "what was written stays");
    }
    assert_eq!(world.get("/api/v1/webhooks").await.json()["items"], json!([]));
}

#[tokio::test]
async fn what_is_done_on_the_page_of_a_webhook_is_done() {
    let world = World::open().await;
    post_form(&world, "/webhooks/new", DRAFT).await;
    let id = only_webhook(&world).await["id"].as_str().unwrap().to_owned();
    let page = format!("/webhooks/{id}");
    assert_eq!(post_form(&world, &format!("{page}/state"), "state=paused").await.status, StatusCode::SEE_OTHER);
    assert_eq!(only_webhook(&world).await["active"], false);
    assert!(world.get(&page).await.text().contains("Nothing is lost"));
    post_form(&world, &format!("{page}/state"), "state=active").await;
    assert_eq!(post_form(&world, &format!("{page}/edit"), &DRAFT.replace("To+the+team", "Other")).await.status, 303);
    assert_eq!(only_webhook(&world).await["name"], "Other");
    assert!(post_form(&world, &format!("{page}/rotate"), "").await.text().contains("whsec_"));
    assert!(only_webhook(&world).await["oldSecretUntil"].is_string());
    assert_eq!(post_form(&world, &format!("{page}/test"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.store.count_letters().await.unwrap().len(), 1, "the loop finds the test");

    // Two dead letters, of which one is sent again and the other thrown away.
    let uid = Uid::parse(&id).unwrap();
    world.store.drop_letters(uid, None).await.unwrap();
    for number in [7, 9] {
        let letter = Letter {
            id: 0,
            message: format!("msg_{number}"),
            kind: LetterKind::Changes,
            first: Seq(number),
            last: Seq(number),
            changes: 1,
            at: Timestamp(1),
            attempts: 12,
            last_error: Some("it answered 500".to_owned()),
            body: Some("{\"text\":\"<b>\"}".to_owned()),
            is_wanted: false,
        };
        let failed = Attempt {
            message: letter.message.clone(),
            kind: LetterKind::Changes,
            first: letter.first,
            last: letter.last,
            changes: 1,
            at: Timestamp(1),
            took_ms: 1_500,
            status: Some(500),
            error: letter.last_error.clone(),
        };
        let progress = Progress { failing_since: Some(Timestamp(1)), attempts: 3, ..Progress::default() };
        world.store.note_attempt(uid, &progress, Some(&failed), Some(&letter), None).await.unwrap();
    }
    let shown = world.get(&page).await;
    for text in ["change 7", "change 9", "it answered 500", "1.5 s", "Send all again", "&#60;b&#62;"] {
        assert!(shown.text().contains(text), "{text}: {}", shown.text());
    }
    assert!(world.get("/webhooks").await.text().contains("One webhook fails"));
    let letters = world.store.list_letters(uid, 0, 9).await.unwrap();
    post_form(&world, &format!("{page}/letters"), &format!("what=resend&letter={}", letters[0].id)).await;
    assert!(world.get(&page).await.text().contains("being sent"));
    post_form(&world, &format!("{page}/letters"), &format!("what=drop&letter={}", letters[1].id)).await;
    assert_eq!(world.store.list_letters(uid, 0, 9).await.unwrap().len(), 1);
    assert_eq!(post_form(&world, &format!("{page}/remove"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get(&page).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_site_cannot_make_a_webhook() {
    let world = World::open().await;
    let body = json!({ "name": "Evil", "url": "https://evil.example" }).to_string();
    for (path, content) in [("/api/v1/webhooks", "text/plain"), ("/webhooks/new", "application/x-www-form-urlencoded")]
    {
        let request = request(Method::POST, path)
            .header(header::CONTENT_TYPE, content)
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, "https://evil.example");
        let answer = world.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(world.get("/api/v1/webhooks").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let world = World::open().await;
    let draft = json!({ "name": "A", "url": "https://hooks.example.com/x", "filter": { "kinds": ["API"] } });
    let made = world.post("/api/v1/webhooks", &draft).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let made = made.json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(made["filter"], json!({ "kinds": ["api"] }), "kinds are compared in lower case");
    let path = format!("/api/v1/webhooks/{}", made["id"].as_str().unwrap());
    let patch = |body: Value| {
        let request = request(Method::PATCH, &path).header(header::CONTENT_TYPE, "application/json");
        world.send(request.body(Body::from(body.to_string())).unwrap())
    };
    let changed = patch(json!({ "form": { "type": "teams" }, "active": false })).await.json();
    assert_eq!(
        (&changed["name"], &changed["active"], &changed["form"]["type"]),
        (&json!("A"), &json!(false), &json!("teams"))
    );
    for (body, why) in [
        (json!({ "nmae": "B" }), "unknown field `nmae`"),
        (json!({ "form": { "type": "fax" } }), "unknown variant `fax`"),
        (json!({ "name": "" }), "`name` must have"),
    ] {
        let refused = patch(body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.json()["detail"].as_str().unwrap().contains(why), "{}", refused.json());
    }
}
