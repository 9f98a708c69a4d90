//! Every form, of a change, of several and of a test.

use std::sync::Arc;

use model::{
    Cause, Change, ChangeFilter, ChangeKind, DeclaredRelation, EntityBody, EntityRef, Seq, StoredEntity, Timestamp, Uid,
};
use serde_json::{Value, json};
use store::{Progress, SigningSecret, Webhook, WebhookState};

use super::*;
use crate::deliver::Portal;

fn entity(title: &str, owner: &str) -> Arc<StoredEntity> {
    let body =
        json!({ "metadata": { "name": "shop", "title": title }, "kind": "Component", "spec": { "owner": owner } });
    Arc::new(StoredEntity {
        entity_ref: EntityRef::new("component", "default", "shop"),
        uid: Uid(1),
        body: EntityBody::from_json(body.to_string()),
        relations: vec![DeclaredRelation {
            forward: "ownedBy".into(),
            reverse: "ownerOf".into(),
            other: EntityRef::new("group", "default", owner),
            line: 0,
        }],
        errors: Vec::new(),
        parents: Vec::new(),
        line: 1,
        warnings: Vec::new(),
    })
}

/// The shop goes from one team to another.
fn handover() -> SeenChange {
    SeenChange {
        change: Change {
            seq: Seq(17),
            at: Timestamp(1_795_463_535_000),
            entity_ref: EntityRef::new("component", "default", "shop"),
            kind: ChangeKind::Changed,
            entity: Some(entity("The <Shop> & *more*", "team-b")),
            cause: Cause {
                commit: Some("0123456789abcdef".into()),
                author: Some("octocat".into()),
                actor: Some("refresh".into()),
                location: None,
            },
        },
        before: Some(entity("The <Shop> & *more*", "team-a")),
    }
}

fn rendered(form: MessageForm, changes: &[SeenChange]) -> Rendered {
    let webhook = Webhook {
        id: Uid(7),
        name: "To the team".to_owned(),
        url: "https://receiver.example".to_owned(),
        filter: ChangeFilter::default(),
        form,
        secret: SigningSecret::new("whsec_hidden"),
        old_secret: None,
        state: WebhookState::Active,
        reason: None,
        created_by: "guest".to_owned(),
        created_at: Timestamp(0),
        progress: Progress::default(),
        delivered: 0,
    };
    let portal = Portal { title: "Callboard".to_owned(), base_url: "https://portal.example".to_owned() };
    let rendered = render(&Message { id: "msg_1", webhook: &webhook, portal: &portal, changes });
    assert!(!rendered.body.contains("hidden"), "{}", rendered.body);
    rendered
}

fn json_of(form: MessageForm, changes: &[SeenChange]) -> Value {
    serde_json::from_str(&rendered(form, changes).body).unwrap()
}

#[test]
fn our_own_form_has_type_timestamp_and_data() {
    let body = json_of(MessageForm::Callboard { bodies: true }, &[handover()]);
    assert_eq!((&body["type"], &body["timestamp"]), (&json!("callboard.changes"), &json!("2026-11-23T19:52:15Z")));
    let change = &body["data"]["changes"][0];
    assert_eq!(change["url"], "https://portal.example/catalog/default/component/shop");
    assert_eq!(
        (&change["entity"]["spec"]["owner"], &change["before"]["spec"]["owner"]),
        (&json!("team-b"), &json!("team-a"))
    );
    let thin = json_of(MessageForm::Callboard { bodies: false }, &[handover()]);
    assert!(thin["data"]["changes"][0].get("entity").is_none());
    assert_eq!(json_of(MessageForm::Callboard { bodies: false }, &[])["type"], "callboard.test");
}

#[test]
fn cloudevents_have_what_the_specification_asks_for() {
    let form = MessageForm::Cloudevents { bodies: false };
    let one = rendered(form.clone(), &[handover()]);
    assert!(one.content_type.starts_with("application/cloudevents+json"));
    let event: Value = serde_json::from_str(&one.body).unwrap();
    for (name, want) in [
        ("specversion", "1.0"),
        ("id", "17"),
        ("source", "https://portal.example"),
        ("type", "callboard.entity.changed"),
        ("subject", "component:default/shop"),
        ("time", "2026-11-23T19:52:15Z"),
        ("datacontenttype", "application/json"),
    ] {
        assert_eq!(event[name], want, "{name}");
    }
    assert_eq!(json_of(form, &[])["type"], "callboard.test");
    let batch = json_of(MessageForm::CloudeventsBatch { bodies: false }, &[handover(), handover()]);
    assert_eq!((batch.as_array().unwrap().len(), &batch[0]), (2, &event));
}

#[test]
fn slack_gets_a_line_with_a_link_and_what_differs() {
    let body = json_of(MessageForm::Slack, &[handover()]);
    assert_eq!(body["text"], "component The &lt;Shop&gt; &amp; *more* was changed");
    let text = body["blocks"][1]["text"]["text"].as_str().unwrap();
    assert!(
        text.contains("<https://portal.example/catalog/default/component/shop|The &lt;Shop&gt; &amp; *more*>"),
        "{text}"
    );
    assert!(text.contains("owned by team-b") && text.contains("0123456789"), "{text}");
    assert!(text.contains("spec.owner: team-a → team-b"), "{text}");
    let many = json_of(MessageForm::Slack, &vec![handover(); 20]);
    for block in many["blocks"].as_array().unwrap() {
        assert!(block["text"]["text"].as_str().unwrap().chars().count() <= 3_000, "Slack refuses longer ones");
    }
    assert!(json_of(MessageForm::Slack, &[])["text"].as_str().unwrap().contains("test"));
}

#[test]
fn teams_gets_an_adaptive_card() {
    let body = json_of(MessageForm::Teams, &[handover()]);
    let card = &body["attachments"][0]["content"];
    assert_eq!(
        (&body["type"], &card["type"], &card["version"]),
        (&json!("message"), &json!("AdaptiveCard"), &json!("1.4"))
    );
    assert_eq!(card["actions"][0]["url"], "https://portal.example/catalog/default/component/shop");
    let text = card["body"].to_string();
    assert!(text.contains("spec.owner: team-a → team-b") && text.contains(r"\\*more\\*"), "{text}");
    assert!(rendered(MessageForm::Teams, &vec![handover(); 20]).body.len() < 28_000, "Teams refuses larger ones");
}

#[test]
fn templates_say_what_their_author_wants() {
    let template = |content_type: &str, text: &str| MessageForm::Template {
        content_type: content_type.to_owned(),
        text: text.to_owned(),
    };
    let text = r#"{"what":"{{ref}} {{happened}}","who":"{{owner}}","title":"{{title}}","n":{{seq}},"x":"{{message}}"}"#;
    let body = json_of(template("application/json", text), &[handover()]);
    assert_eq!(body["what"], "component:default/shop changed");
    assert_eq!((&body["who"], &body["n"], &body["x"]), (&json!("group:default/team-b"), &json!(17), &json!("msg_1")));
    let plain = rendered(template("text/plain", "{{summary}}"), &[handover()]);
    assert_eq!(
        plain.body,
        "component The <Shop> & *more* was changed: spec.owner: team-a → team-b (0123456789 by octocat)"
    );
    assert!(rendered(template("text/plain", "{{summary}}"), &[]).body.contains("This is a test of the webhook"));
}
