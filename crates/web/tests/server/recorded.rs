//! What a real Backstage answered about credentials and permissions, asked here again.

use axum::{body::Body, http::Method};
use serde_json::Value;

use crate::world::{World, closed, request, settings};

/// Where the recordings are kept, beside the project.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/auth");

/// Recording, and whether its tokens are good ones.
const RECORDINGS: &[(&str, &str)] = &[
    ("01-no-token", ""),
    ("02-bad-token", "Bearer nonsense"),
    ("03-bad-scheme", "Basic abc"),
    ("07-query-token-ignored", ""),
    ("10-userinfo", "guest"),
    ("12-perm-authorize", "guest"),
    ("13-perm-authorize-notoken", ""),
    ("14-perm-authorize-bad", "guest"),
    ("15-perm-metadata-catalog", "guest"),
    ("41-health", ""),
];

#[tokio::test]
async fn answers_as_a_real_backstage_does() {
    if !std::path::Path::new(FOLDER).exists() {
        eprintln!("skipped: there is no folder of recordings beside the project");
        return;
    }
    let guest = auth::GuestSettings { allow_outside_development: true, ..auth::GuestSettings::default() };
    let access = auth::AccessSettings { guest: Some(guest), ..closed() };
    let world = World::new(access, settings()).await.fill().await;
    let signed_in = world.get("/api/auth/guest/refresh").await.json();
    let recorded = load("04-guest-refresh");
    assert_eq!(with_token(signed_in.clone(), "<token>"), recorded["response"]["body"]);
    let guest = format!("Bearer {}", signed_in["backstageIdentity"]["token"].as_str().unwrap());
    for (name, authorization) in RECORDINGS {
        let recorded = load(name);
        let asked = &recorded["request"];
        let path = asked["path"].as_str().unwrap().replace(['<', '>'], "");
        let mut request = request(asked["method"].as_str().unwrap().parse::<Method>().unwrap(), &path);
        match *authorization {
            "" => {}
            "guest" => request = request.header("authorization", &guest),
            other => request = request.header("authorization", other),
        }
        let body = if asked["body"].is_null() { Body::empty() } else { Body::from(asked["body"].to_string()) };
        let answer = world.send(request.header("content-type", "application/json").body(body).unwrap()).await;
        assert_eq!(answer.status.as_u16(), recorded["response"]["status"], "{name}");
        let want = recorded["response"]["body"].to_string().replace("<jwt>", "jwt");
        let want: Value = serde_json::from_str(&want).unwrap();
        assert_eq!(without_descriptions(answer.json()), without_descriptions(want), "{name}");
    }
}

fn load(name: &str) -> Value {
    let path = format!("{FOLDER}/{name}.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

fn with_token(mut answer: Value, token: &str) -> Value {
    answer["backstageIdentity"]["token"] = token.into();
    answer
}

/// Descriptions of rules are in our own words.
fn without_descriptions(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            // A rule or a parameter has its description beside other members; a parameter of that name would be an object.
            members.retain(|key, value| key != "description" || !value.is_string());
            members.values_mut().for_each(|value| *value = without_descriptions(value.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_descriptions(item.take())),
        _ => {}
    }
    value
}
