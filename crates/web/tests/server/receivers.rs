//! Webhooks of other programs: each proves that it knows the secret, and tells of an entity.

use axum::{body::Body, http::Method};
use serde_json::{Value, json};
use web::{ReceiverSecret, ReceiverSettings, WebSettings};

use crate::world::{Answer, World, closed, component, request, settings};

const SECRET: &str = "secret-of-the-tests";

async fn world() -> World {
    let secret = || Some(ReceiverSecret::new(SECRET));
    let receivers = ReceiverSettings { github: secret(), gitlab: secret(), azure_devops: secret(), argocd: secret() };
    let world = World::new(closed(), WebSettings { receivers, ..settings() }).await;
    let mut shop = component("shop", "group:default/team-a", "Shop");
    let annotations = r#""github.com/project-slug":"acme/shop","gitlab.com/project-slug":"acme/shop","argocd/app-name":"shop-prod","dev.azure.com/build-definition":"shop-release","#;
    let body = shop.body.as_str().replacen(r#""annotations":{"#, &format!(r#""annotations":{{{annotations}"#), 1);
    shop.body = model::EntityBody::from_json(body);
    world.harvest(vec![shop], Vec::new()).await;
    world
}

async fn send(world: &World, name: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let path = format!("/api/v1/receivers/{name}");
    let builder =
        headers.iter().fold(request(Method::POST, &path), |builder, (name, value)| builder.header(*name, *value));
    world.send(builder.body(Body::from(body.to_owned())).unwrap()).await
}

/// The only event on record: kind, title, outcome, actor, and whether it concerns the shop.
async fn only_event(world: &World) -> (String, String, String, String) {
    let token = format!("Bearer {}", crate::world::FULL);
    let events = world.get_with("/api/v1/events", "authorization", &token).await.json();
    let items = events["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{events}");
    assert_eq!(items[0]["entityRefs"], json!(["component:default/shop"]), "{events}");
    let text = |name: &str| items[0][name].as_str().unwrap_or_default().to_owned();
    (text("kind"), text("title"), text("outcome"), text("actor"))
}

fn facts(kind: &str, title: &str, outcome: &str, actor: &str) -> (String, String, String, String) {
    (kind.to_owned(), title.to_owned(), outcome.to_owned(), actor.to_owned())
}

fn signature(body: &str) -> String {
    use hmac::{KeyInit as _, Mac as _};
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

#[tokio::test]
async fn a_deployment_of_github_is_recorded_once() {
    let world = world().await;
    let body = json!({
        "action": "created",
        "deployment_status": {
            "id": 5, "state": "success", "environment": "production", "log_url": "https://github.example/acme/shop/actions/1",
            "creator": { "login": "jane" }, "updated_at": "2026-11-20T10:00:00Z",
        },
        "deployment": { "id": 3, "ref": "v1.2", "sha": "abc", "environment": "production" },
        "repository": { "full_name": "acme/shop", "html_url": "https://github.example/acme/shop" },
    })
    .to_string();
    let signature = signature(&body);
    let headers = [("x-github-event", "deployment_status"), ("x-hub-signature-256", signature.as_str())];
    assert_eq!(
        send(&world, "github", &headers, &body).await.json(),
        json!({ "accepted": 1, "known": 0, "unmatched": 0 })
    );
    assert_eq!(send(&world, "github", &headers, &body).await.json()["known"], 1);
    assert_eq!(only_event(&world).await, facts("deployment", "Deployed v1.2 to production", "success", "jane"));
    let other = body.replace("success", "failure");
    assert_eq!(send(&world, "github", &headers, &other).await.status, 401, "the body is not the signed one");
    let ping = [("x-github-event", "ping"), ("x-hub-signature-256", signature.as_str())];
    assert_eq!(send(&world, "github", &ping, &body).await.json()["ignored"], "the webhook works");
}

#[tokio::test]
async fn a_deployment_of_gitlab_is_recorded() {
    let world = world().await;
    let body = json!({
        "object_kind": "deployment", "status": "failed", "status_changed_at": "2026-11-20 11:00:00 +0100",
        "deployment_id": 15, "deployable_url": "https://gitlab.example/acme/shop/-/jobs/1", "environment": "staging",
        "project": { "id": 30, "path_with_namespace": "acme/shop", "web_url": "https://gitlab.example/acme/shop" },
        "short_sha": "279484c0", "user": { "username": "root" }, "ref": "main",
    })
    .to_string();
    assert_eq!(send(&world, "gitlab", &[("x-gitlab-token", "wrong")], &body).await.status, 401);
    let right = [("x-gitlab-token", SECRET)];
    assert_eq!(send(&world, "gitlab", &right, &body).await.json()["accepted"], 1);
    assert_eq!(
        only_event(&world).await,
        facts("deployment", "Deployment of main to staging failed", "failure", "root")
    );
    let other = json!({ "object_kind": "push", "project": { "path_with_namespace": "acme/shop" } }).to_string();
    assert!(send(&world, "gitlab", &right, &other).await.json()["ignored"].is_string());
}

#[tokio::test]
async fn a_release_of_azure_devops_is_recorded() {
    let world = world().await;
    let body = json!({
        "id": "106acb7d", "eventType": "ms.vss-release.deployment-completed-event", "createdDate": "2026-11-20T10:00:00Z",
        "resource": {
            "environment": {
                "name": "Production", "status": "succeeded", "releaseDefinition": { "name": "shop-release" },
                "release": { "name": "Release-7", "_links": { "web": { "href": "https://dev.azure.example/r/7" } } },
                "owner": { "displayName": "Jane Doe" },
            },
            "project": { "name": "acme" },
        },
    })
    .to_string();
    // any:secret-of-the-tests
    let right = [("authorization", "Basic YW55OnNlY3JldC1vZi10aGUtdGVzdHM=")];
    assert_eq!(send(&world, "azure-devops", &[("authorization", "Basic YW55Og==")], &body).await.status, 401);
    assert_eq!(send(&world, "azure-devops", &right, &body).await.json()["accepted"], 1);
    assert_eq!(
        only_event(&world).await,
        facts("deployment", "Deployed Release-7 to Production", "success", "Jane Doe")
    );
}

#[tokio::test]
async fn a_sync_of_argo_cd_is_recorded() {
    let world = world().await;
    let body = json!({
        "app": "shop-prod", "phase": "Succeeded", "health": "Healthy", "revision": "279484c09fbe69ededfced8c1bb6e6d24616b468",
        "finishedAt": "2026-11-20T10:00:00Z", "url": "https://argocd.example/applications/shop-prod", "actor": "jane",
    })
    .to_string();
    assert_eq!(send(&world, "argocd", &[("authorization", "Bearer wrong")], &body).await.status, 401);
    let bearer = format!("Bearer {SECRET}");
    assert_eq!(send(&world, "argocd", &[("authorization", &bearer)], &body).await.json()["accepted"], 1);
    assert_eq!(only_event(&world).await, facts("deployment", "Deployed shop-prod 279484c09f", "success", "jane"));
    let malformed = send(&world, "argocd", &[("authorization", &bearer)], "{").await;
    assert_eq!(malformed.status, 400);
    assert_eq!(send(&world, "argocd", &[("authorization", &bearer)], "{}").await.json()["detail"], "`app` is missing");
}

#[tokio::test]
async fn a_receiver_without_a_secret_takes_nothing() {
    let world = World::new(closed(), settings()).await;
    let off = send(&world, "github", &[], "{}").await;
    let detail = off.json()["detail"].clone();
    assert_eq!(
        (off.status.as_u16(), detail),
        (403, json!("this receiver is switched off; set `callboard.receivers.github.secret` to use it"))
    );
    let unknown: Value = send(&world, "gitea", &[], "{}").await.json();
    assert_eq!(unknown["detail"], "there is no receiver `gitea`; there are github, gitlab, azure-devops, argocd");
}
