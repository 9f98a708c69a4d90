//! The auth plugin's routes: guest sign-in, the public keys, and who a user is.

use std::{collections::BTreeSet, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{App, Caller, Problem, problem};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/guest/refresh", get(refresh_guest).post(refresh_guest))
        .route("/guest/start", get(start_guest))
        .route("/guest/handler/frame", get(start_guest).post(start_guest))
        .route("/.well-known/jwks.json", get(list_keys))
        .route("/.well-known/openid-configuration", get(show_openid_configuration))
        .route("/v1/userinfo", get(show_userinfo).post(show_userinfo))
        .route("/{provider}/{*rest}", get(no_such_provider).post(no_such_provider))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    profile: Value,
    backstage_identity: Identity,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    token: String,
    identity: Ownership,
    expires_in_seconds: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ownership {
    #[serde(rename = "type")]
    kind: &'static str,
    user_entity_ref: String,
    ownership_entity_refs: Vec<String>,
}

/// Signs a guest in. Needs no credentials: every page load of the front end begins with it.
async fn refresh_guest(State(app): State<App>) -> Result<Json<SignedIn>, Problem> {
    let guest = app.access().sign_in_guest(|user| member_of(&app, user)).await??;
    Ok(Json(SignedIn {
        profile: json!({}),
        backstage_identity: Identity {
            token: guest.token,
            identity: Ownership {
                kind: "user",
                user_entity_ref: guest.user_entity_ref,
                ownership_entity_refs: guest.ownership_entity_refs,
            },
            // Backstage counts from the moment of the answer and rounds down, so that a client asks again in time.
            expires_in_seconds: guest.expires_in.saturating_sub(Duration::from_secs(1)).as_secs(),
        },
    }))
}

/// The groups that a user is directly a member of; `None` when the catalog does not know the user.
///
/// Sign-in happens before there is a caller, so this looks at the whole catalog, as Backstage does.
fn member_of(app: &App, user: &str) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Related {
        #[serde(default)]
        relations: Vec<Relation>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Relation {
        #[serde(rename = "type")]
        kind: String,
        target_ref: String,
    }
    let doc = app.live().snapshot().view(index::Visibility::Everything).find(user)?;
    let related: Related = serde_json::from_slice(&doc.json()).ok()?;
    let groups: BTreeSet<_> =
        related.relations.into_iter().filter(|r| r.kind == "memberOf").map(|r| r.target_ref).collect();
    Some(groups.into_iter().collect())
}

/// There is nothing to start: guests have no sign-in page of their own.
async fn start_guest() -> Problem {
    Problem::new(StatusCode::NOT_IMPLEMENTED, "NotImplementedError", "Not implemented")
}

async fn no_such_provider(Path((provider, _)): Path<(String, String)>) -> Problem {
    problem::not_found(format!("Unknown auth provider '{provider}'"))
}

async fn list_keys(State(app): State<App>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "keys": app.access().public_keys().await? })))
}

async fn show_openid_configuration(State(app): State<App>) -> Json<Value> {
    let issuer = &app.access().settings().issuer;
    Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/v1/token"),
        "userinfo_endpoint": format!("{issuer}/v1/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["openid"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "claims_supported": ["sub", "ent"],
        "grant_types_supported": ["authorization_code"],
        "authorization_endpoint": format!("{issuer}/v1/authorize"),
        "code_challenge_methods_supported": ["S256", "plain"],
    }))
}

/// Tells who the user of a token is and what the user owns things as.
async fn show_userinfo(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Value>, Problem> {
    let auth::Actor::User { entity_ref, .. } = actor.as_ref() else {
        return Err(problem::input("The userinfo endpoint is for users, and the credentials are not those of a user"));
    };
    let ent = app.access().ownership(entity_ref, |user| member_of(&app, user));
    Ok(Json(json!({ "claims": { "sub": entity_ref, "ent": ent } })))
}
