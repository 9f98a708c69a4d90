//! Webhooks with the real binary and receivers that fail in every way.

use std::{path::Path, time::Duration};

use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tempfile::TempDir;

use crate::{
    receiver::{HANG, HOLD, Received, Receiver},
    support::{Database, Server, Setup, component, databases, write},
};

/// A server on a folder, whose webhooks may go to this machine and are retried soon.
struct Portal {
    setup: Setup,
    estate: TempDir,
    _data: TempDir,
}

impl Portal {
    fn new(database: Database, receivers: &[&Receiver], more: &str) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let estate = tempfile::tempdir().expect("a folder");
        let hosts: Vec<&str> = receivers.iter().map(|receiver| receiver.host.as_str()).collect();
        let config = data.path().join("app-config.yaml");
        // Messages hold the address of the portal, which must not change with the port of a restart.
        let text = format!(
            "backend: {{baseUrl: 'http://portal.example'}}\ncallboard:\n  webhooks: {{allow: {}, {more}}}\n",
            json!(hosts)
        );
        std::fs::write(&config, text).expect("written");
        let setup =
            Setup::new(data.path(), &[estate.path()]).on(database).with(&["--config", &config.display().to_string()]);
        let portal = Self { setup, estate, _data: data };
        portal.write("first", "team-a");
        portal
    }

    async fn start(&self) -> Server {
        let server = self.setup.start().await;
        server.until_entity("component", "first").await;
        server
    }

    fn write(&self, name: &str, owner: &str) {
        write(&self.path(name), &component(name, owner));
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.estate.path()).join(format!("{name}.yaml"))
    }
}

async fn create(server: &Server, name: &str, receiver: &Receiver, more: Value) -> Value {
    let mut draft = json!({ "name": name, "url": receiver.url });
    for (key, value) in more.as_object().expect("an object") {
        draft[key] = value.clone();
    }
    let (status, body) = server.ask("POST", "/api/v1/webhooks", Some(draft)).await;
    assert_eq!(status, 201, "{body}");
    body
}

fn id(webhook: &Value) -> String {
    webhook["id"].as_str().expect("an id").to_owned()
}

async fn show(server: &Server, webhook: &Value) -> Value {
    server.get(&format!("/api/v1/webhooks/{}", id(webhook))).await
}

fn refs(received: &Received) -> Vec<String> {
    let body = received.json();
    let changes = body["data"]["changes"].as_array().expect("changes").clone();
    changes.iter().map(|change| change["entityRef"].as_str().expect("a ref").to_owned()).collect()
}

/// Whether the library that the specification comes with takes the signature, and the age of the message.
fn is_signed_with(received: &Received, secret: &str) -> bool {
    let headers: HeaderMap = received
        .headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().expect("a name"), value.parse().expect("a value")))
        .collect();
    Webhook::new(secret).expect("a secret of this form").verify(received.body.as_bytes(), &headers).is_ok()
}

#[tokio::test]
async fn changes_arrive_in_order_signed_and_filtered() {
    for database in databases() {
        let mut all = Receiver::start(204).await;
        let mut some = Receiver::start(200).await;
        let portal = Portal::new(database, &[&all, &some], "firstRetry: 1s");
        let server = portal.start().await;
        let everything = create(&server, "All", &all, json!({})).await;
        let owned = json!({ "filter": { "owners": ["group:default/team-b"] }, "form": { "type": "cloudevents" } });
        create(&server, "Some", &some, owned).await;
        for name in ["one", "two", "three"] {
            portal.write(name, if name == "two" { "team-b" } else { "team-a" });
            server.until_entity("component", name).await;
        }
        let mut seen: Vec<u64> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        while !names.iter().any(|name| name == "component:default/three") {
            let received = all.next().await;
            assert!(is_signed_with(&received, everything["secret"].as_str().expect("a secret")), "{received:?}");
            assert_eq!(received.header("content-type"), "application/json");
            let body = received.json();
            seen.extend(body["data"]["changes"].as_array().expect("changes").iter().filter_map(|c| c["seq"].as_u64()));
            names.extend(refs(&received));
        }
        assert!(seen.is_sorted(), "{seen:?}");
        let event = some.next().await;
        assert!(event.header("content-type").starts_with("application/cloudevents+json"));
        assert_eq!(event.json()["subject"], "component:default/two");
        assert!(some.rest().is_empty(), "nothing else concerns team-b");
        let (status, body) = server.ask("GET", "/api/v1/webhooks", None).await;
        assert!(status == 200 && !body.to_string().contains("whsec"), "secrets are shown once: {body}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_down_or_hangs_harms_nobody() {
    let mut good = Receiver::start(200).await;
    let broken = Receiver::start(500).await;
    let hanging = Receiver::start(HANG).await;
    let portal = Portal::new(Database::Sqlite, &[&good, &broken, &hanging], "firstRetry: 1h, timeout: 20s");
    let server = portal.start().await;
    create(&server, "Broken", &broken, json!({})).await;
    create(&server, "Hanging", &hanging, json!({})).await;
    let fine = create(&server, "Good", &good, json!({})).await;
    for name in ["one", "two"] {
        portal.write(name, "team-a");
        good.next_where(|received| refs(received).contains(&format!("component:default/{name}"))).await;
    }
    assert!(hanging.open() <= 1, "one message at a time to one receiver");
    let shown = show(&server, &fine).await;
    assert!(shown["lastError"].is_null() && shown["lastOkAt"].is_string(), "{shown}");
    let list = server.get("/api/v1/webhooks").await.to_string();
    assert!(list.contains("it answered 500: sorry"), "{list}");
    // It can be stopped although a receiver never answers.
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn a_restart_in_the_middle_of_retries_goes_on_with_the_same_message() {
    for database in databases() {
        let mut receiver = Receiver::start(503).await;
        let portal = Portal::new(database, &[&receiver], "firstRetry: 1s");
        let server = portal.start().await;
        let webhook = create(&server, "Down", &receiver, json!({})).await;
        portal.write("one", "team-a");
        let first = receiver.next().await;
        let second = receiver.next().await;
        let same = |a: &Received, b: &Received| a.header("webhook-id") == b.header("webhook-id") && a.body == b.body;
        assert!(same(&first, &second), "a retry is the same message");
        portal.write("two", "team-a");
        server.until_entity("component", "two").await;
        server.kill().await;
        receiver.rest();

        let server = portal.start().await;
        let third = receiver.next().await;
        assert!(same(&first, &third), "{first:?} {third:?}");
        assert!(is_signed_with(&third, webhook["secret"].as_str().expect("a secret")), "the secret is still known");
        receiver.answer(200);
        let delivered = receiver.next_where(|received| same(&first, received)).await;
        assert!(refs(&delivered).contains(&"component:default/one".to_owned()));
        let next = receiver.next_where(|received| !same(&first, received)).await;
        assert!(refs(&next).contains(&"component:default/two".to_owned()), "what came meanwhile comes after it");
        server
            .until("it is well again", async |server| {
                let shown = show(server, &webhook).await;
                let is_well = shown["failingSince"].is_null() && shown["attempts"] == 0;
                (is_well && shown["delivered"].as_u64() >= Some(2)).then_some(())
            })
            .await;
    }
}

#[tokio::test]
async fn a_message_that_nobody_takes_is_a_dead_letter_and_can_be_sent_again() {
    let mut receiver = Receiver::start(500).await;
    let portal = Portal::new(Database::Sqlite, &[&receiver], "firstRetry: 1s, giveUpAfter: 1s");
    let server = portal.start().await;
    let webhook = create(&server, "Dead", &receiver, json!({})).await;
    let path = format!("/api/v1/webhooks/{}", id(&webhook));
    portal.write("one", "team-a");
    let (letters, _) = server
        .until("there is a dead letter", async |server| {
            let letters = server.get(&format!("{path}/dead-letters")).await;
            (!letters["items"].as_array().expect("a list").is_empty()).then_some(letters)
        })
        .await;
    let letter = &letters["items"][0];
    assert!(letter["lastError"].as_str().is_some_and(|text| text.contains("500")), "{letter}");
    assert!(letter["body"].as_str().is_some_and(|text| text.contains("component:default/one")), "{letter}");
    let first = receiver.rest().remove(0);

    // Sent again while the receiver still fails, it waits on.
    let resend = format!("{path}/dead-letters/resend");
    let choice = json!({ "id": letter["id"] });
    assert_eq!(server.ask("POST", &resend, Some(choice.clone())).await.0, 202);
    server
        .until("the attempt is on record", async |server| {
            let deliveries = server.get(&format!("{path}/deliveries")).await.to_string();
            deliveries.contains("\"again\"").then_some(())
        })
        .await;
    receiver.rest();
    receiver.answer(200);
    assert_eq!(server.ask("POST", &resend, Some(choice)).await.0, 202);
    let again = receiver.next_where(|received| received.header("webhook-id") == first.header("webhook-id")).await;
    assert_eq!(again.body, first.body);
    server
        .until("the letter is gone", async |server| {
            let letters = server.get(&format!("{path}/dead-letters")).await;
            letters["items"].as_array().expect("a list").iter().all(|other| other["id"] != letter["id"]).then_some(())
        })
        .await;
    assert_eq!(server.ask("POST", &resend, Some(json!({ "id": 1 }))).await.0, 404);
}

#[tokio::test]
async fn a_receiver_that_is_gone_pauses_its_webhook_and_redirects_are_not_followed() {
    let gone = Receiver::start(410).await;
    let mut moved = Receiver::start(307).await;
    let portal = Portal::new(Database::Sqlite, &[&gone, &moved], "firstRetry: 1h");
    let server = portal.start().await;
    let paused = create(&server, "Gone", &gone, json!({})).await;
    let redirected = create(&server, "Moved", &moved, json!({})).await;
    portal.write("one", "team-a");
    let (shown, _) = server
        .until("it is paused", async |server| {
            let shown = show(server, &paused).await;
            (shown["active"] == false).then_some(shown)
        })
        .await;
    assert!(shown["reason"].as_str().is_some_and(|why| why.contains("410")), "{shown}");
    moved.next().await;
    server
        .until("the redirect is a failure", async |server| {
            let shown = show(server, &redirected).await;
            shown["lastError"].as_str().is_some_and(|why| why.contains("307")).then_some(())
        })
        .await;

    // Once somebody says so, it goes on where it was.
    gone.answer(200);
    let path = format!("/api/v1/webhooks/{}", id(&paused));
    assert_eq!(server.ask("PATCH", &path, Some(json!({ "active": true }))).await.0, 200);
    server
        .until("it is delivered", async |server| {
            (show(server, &paused).await["delivered"].as_u64() >= Some(1)).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_change_of_a_webhook_holds_for_the_next_message_already() {
    let mut before = Receiver::start(HOLD).await;
    let mut after = Receiver::start(200).await;
    let portal = Portal::new(Database::Sqlite, &[&before, &after], "firstRetry: 1h");
    let server = portal.start().await;
    // One change in a message, so that several messages make up a turn.
    let webhook = create(&server, "Moves", &before, json!({ "form": { "type": "cloudevents" } })).await;
    let subject = |received: &Received| received.json()["subject"].as_str().expect("a subject").to_owned();
    portal.write("one", "team-a");
    assert_eq!(subject(&before.next().await), "component:default/one");
    for name in ["two", "three"] {
        portal.write(name, "team-a");
        server.until_entity("component", name).await;
    }
    let path = format!("/api/v1/webhooks/{}", id(&webhook));
    assert_eq!(server.ask("PATCH", &path, Some(json!({ "url": after.url }))).await.0, 200);
    before.answer(200);
    let moved = [subject(&after.next().await), subject(&after.next().await)];
    assert_eq!(moved, ["component:default/two", "component:default/three"]);
    assert!(before.rest().is_empty(), "nothing more goes to where it went before");
}

#[tokio::test]
async fn a_secret_is_rotated_without_a_gap_and_tests_are_sent() {
    let mut receiver = Receiver::start(200).await;
    let portal = Portal::new(Database::Sqlite, &[&receiver], "firstRetry: 1h");
    let server = portal.start().await;
    let webhook = create(&server, "Rotated", &receiver, json!({})).await;
    let path = format!("/api/v1/webhooks/{}", id(&webhook));
    let old = webhook["secret"].as_str().expect("a secret").to_owned();
    let (status, rotated) = server.ask("POST", &format!("{path}/rotate"), Some(json!({}))).await;
    assert_eq!(status, 200, "{rotated}");
    let new = rotated["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(new, old);
    let (status, test) = server.ask("POST", &format!("{path}/test"), None).await;
    assert_eq!(status, 202, "{test}");
    let received = receiver.next().await;
    assert!(is_signed_with(&received, &old) && is_signed_with(&received, &new), "{received:?}");
    assert_eq!(
        (received.header("webhook-id"), &received.json()["type"]),
        (test["message"].as_str().unwrap(), &json!("callboard.test"))
    );
    server.ask("POST", &format!("{path}/rotate"), Some(json!({ "graceHours": 0 }))).await;
    server.ask("POST", &format!("{path}/test"), None).await;
    let received = receiver.next().await;
    assert!(!is_signed_with(&received, &new), "without grace the one before is no longer good");
}

#[tokio::test]
async fn messages_go_nowhere_that_is_not_allowed() {
    let portal = Portal::new(Database::Sqlite, &[], "firstRetry: 1s");
    let server = portal.start().await;
    for (url, why) in [
        ("http://hooks.example.com/x", "https only"),
        ("https://10.1.2.3/x", "not a public address"),
        ("https://[::1]:8443/x", "not a public address"),
        ("file:///etc/passwd", "https://"),
    ] {
        let draft = json!({ "name": "Bad", "url": url });
        let (status, body) = server.ask("POST", "/api/v1/webhooks", Some(draft)).await;
        assert_eq!(status, 400, "{url}");
        assert!(body["detail"].as_str().is_some_and(|text| text.contains(why)), "{url}: {body}");
    }
    // A name is looked up when a message is sent, not before.
    let draft = json!({ "name": "Name", "url": "https://localhost:1/x" });
    let (status, webhook) = server.ask("POST", "/api/v1/webhooks", Some(draft)).await;
    assert_eq!(status, 201, "{webhook}");
    portal.write("one", "team-a");
    server
        .until("the address is refused", async |server| {
            let shown = show(server, &webhook).await;
            shown["lastError"].as_str().is_some_and(|why| why.contains("callboard.webhooks.allow")).then_some(())
        })
        .await;
    assert_eq!(server.ask("DELETE", &format!("/api/v1/webhooks/{}", id(&webhook)), None).await.0, 204);
    tokio::time::timeout(Duration::from_secs(30), server.stop()).await.expect("it stops");
}
