//! Credentials: who they belong to, and which are refused.

use std::time::Duration;

use auth::{AccessSettings, Actor, AuthError, GateError, GuestSettings, LegacyKey, SettingsError, StaticToken};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde_json::{Value, json};

use crate::world::{FULL, World, closed};

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

async fn guest_token(world: &World) -> String {
    world.door.access.sign_in_guest(|_| None).await.unwrap().unwrap().token
}

#[tokio::test]
async fn a_closed_server_wants_a_good_token() {
    let world = World::new(closed()).await;
    let identify = async |header: Option<&str>| world.door.access.identify(header).await;
    assert_eq!(identify(None).await, Err(AuthError::MissingCredentials));
    for not_bearer in ["Basic abc", "Bearer", "Bearer ", "Bearer a b", ""] {
        assert_eq!(identify(Some(not_bearer)).await, Err(AuthError::MissingCredentials), "{not_bearer}");
    }
    let long = "x".repeat(40_000);
    for bad in ["wrong", "a.b.c", &FULL[1..], &long] {
        assert_eq!(identify(Some(&bearer(bad))).await, Err(AuthError::IllegalToken), "{bad:.40}");
    }
    for good in [bearer(FULL), format!("bEaReR   {FULL}")] {
        let actor = identify(Some(&good)).await.unwrap();
        assert_eq!(actor, Actor::Service { subject: "external:ci".to_owned(), restrictions: Vec::new() });
    }
}

#[tokio::test]
async fn an_open_server_still_refuses_bad_tokens() {
    let world = World::new(AccessSettings { open_to_guests: true, ..closed() }).await;
    assert_eq!(world.door.access.identify(None).await, Ok(Actor::Anyone));
    assert_eq!(world.door.access.identify(Some("Basic abc")).await, Ok(Actor::Anyone));
    let refused = world.door.access.identify(Some("Bearer wrong")).await.unwrap_err();
    assert_eq!(refused.to_string(), "Could not resolve credentials; caused by AuthenticationError: Illegal token");
    assert_eq!(world.door.access.identify(Some(&bearer(FULL))).await.unwrap().name(), "external:ci");
}

#[tokio::test]
async fn unusable_secrets_are_refused_at_the_start_and_never_shown() {
    let world = World::new(closed()).await;
    let with_token = |token: &str, subject: &str| AccessSettings {
        static_tokens: vec![StaticToken { token: token.into(), subject: subject.into(), restrictions: Vec::new() }],
        ..closed()
    };
    let check = |settings: AccessSettings| auth::Access::new(settings, world.store.clone()).err();
    assert_eq!(check(with_token("1234567", "ci")), Some(SettingsError::Token("ci".into())));
    assert_eq!(check(with_token("with blanks in it", "ci")), Some(SettingsError::Token("ci".into())));
    assert_eq!(check(with_token("12345678", "c i")), Some(SettingsError::Subject("c i".into())));
    assert_eq!(check(with_token("12345678", "ci")), None);
    let legacy = LegacyKey { secret: "no base64!".into(), subject: "old".into(), restrictions: Vec::new() };
    let settings = AccessSettings { legacy_keys: vec![legacy], ..closed() };
    assert!(!format!("{settings:?}").contains("no base64!"));
    assert!(!format!("{settings:?}").contains(FULL));
    assert_eq!(check(settings), Some(SettingsError::Secret("old".into())));
    let empty = LegacyKey { secret: String::new(), subject: "old".into(), restrictions: Vec::new() };
    let settings = AccessSettings { legacy_keys: vec![empty], ..closed() };
    assert_eq!(check(settings), Some(SettingsError::Secret("old".into())), "anybody could sign with it");
}

#[tokio::test]
async fn a_legacy_token_is_good_until_it_ends() {
    let legacy =
        LegacyKey { secret: "c2VjcmV0LW9mLXRoZS10ZXN0cw==".into(), subject: "old".into(), restrictions: Vec::new() };
    let world = World::new(AccessSettings { legacy_keys: vec![legacy], ..closed() }).await;
    let sign = |claims: &Value, secret: &[u8]| {
        encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    let good = json!({ "sub": "backstage-server", "exp": 1_795_463_535 + 60 });
    let secret = b"secret-of-the-tests";
    let identify = async |token: &str| world.door.access.identify(Some(&bearer(token))).await;
    assert_eq!(identify(&sign(&good, secret)).await.unwrap().name(), "external:old");
    assert!(identify(&sign(&good, b"another-secret")).await.is_err());
    assert!(identify(&sign(&json!({ "sub": "someone", "exp": 1_795_463_535 + 60 }), secret)).await.is_err());
    assert!(identify(&sign(&json!({ "sub": "backstage-server" }), secret)).await.is_err());
    world.pass_seconds(60);
    assert!(identify(&sign(&good, secret)).await.is_err());
}

#[tokio::test]
async fn a_guest_token_is_verified_by_the_public_keys_and_looks_like_backstages() {
    let world = World::new(AccessSettings::open("http://localhost:7007")).await;
    let token = guest_token(&world).await;
    let header = decode_header(&token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("vnd.backstage.user"));
    assert_eq!(header.alg, Algorithm::ES256);
    let keys = world.door.access.public_keys().await.unwrap();
    let key = keys.iter().find(|key| Some(&key.kid) == header.kid.as_ref()).unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&["backstage"]);
    rules.validate_exp = false;
    let decoding = DecodingKey::from_ec_components(&key.x, &key.y).unwrap();
    let claims = decode::<Value>(&token, &decoding, &rules).unwrap().claims;
    assert_eq!(claims["iss"], "http://localhost:7007/api/auth");
    assert_eq!(claims["sub"], "user:development/guest");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["iss", "sub", "aud", "iat", "exp", "uip"]);
    // `uip` is the signature of `{sub, iat, exp}` as a limited token, so that one can be made without asking us.
    let limited_header = json!({ "typ": "vnd.backstage.limited-user", "alg": "ES256", "kid": key.kid });
    let limited_claims = json!({ "sub": claims["sub"], "iat": claims["iat"], "exp": claims["exp"] });
    let part = |value: &Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let signed = format!("{}.{}", part(&limited_header), part(&limited_claims));
    let is_good =
        jsonwebtoken::crypto::verify(claims["uip"].as_str().unwrap(), signed.as_bytes(), &decoding, Algorithm::ES256);
    assert!(is_good.unwrap());
}

#[tokio::test]
async fn a_user_token_is_good_until_it_ends_and_only_untouched() {
    let world = World::new(AccessSettings::open("http://localhost:7007")).await;
    let token = guest_token(&world).await;
    let identify = async |token: &str| world.door.access.identify(Some(&bearer(token))).await;
    let guest =
        Actor::User { entity_ref: "user:development/guest".into(), ownership: vec!["user:development/guest".into()] };
    assert_eq!(identify(&token).await.unwrap(), guest);
    let (head, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    assert!(identify(&format!("{head}.{flipped}{}", &signature[1..])).await.is_err());
    world.pass_seconds(3599);
    assert!(identify(&token).await.is_ok());
    world.pass_seconds(1);
    assert!(identify(&token).await.is_err());
}

#[tokio::test]
async fn keys_rotate_and_replicas_share_them() {
    let settings = AccessSettings::open("http://localhost:7007");
    rotates(World::new(settings.clone()).await).await;
    if let Some(url) = testkit::postgres() {
        rotates(World::on(&url, settings).await).await;
    }
}

async fn rotates(world: World) {
    let other = world.replica(AccessSettings::open("http://localhost:7007"));
    let first = guest_token(&world).await;
    let second = other.sign_in_guest(|_| None).await.unwrap().unwrap().token;
    let kid = |token: &str| decode_header(token).unwrap().kid.unwrap();
    assert_eq!(kid(&first), kid(&second), "replicas sign with one key");
    world.pass_seconds(3600);
    let third = other.sign_in_guest(|_| None).await.unwrap().unwrap().token;
    assert_ne!(kid(&first), kid(&third), "a key signs for one lifetime of a token");
    let actor = world.door.access.identify(Some(&bearer(&third))).await.unwrap();
    assert_eq!(actor.name(), "user:development/guest", "a replica finds the key of another");
    let kids = async || -> Vec<String> {
        world.door.access.public_keys().await.unwrap().into_iter().map(|key| key.kid).collect()
    };
    assert_eq!(kids().await, [kid(&first), kid(&third)], "old keys still verify");
    world.pass_seconds(2 * 3600);
    let kids = kids().await;
    assert!(!kids.contains(&kid(&first)) && kids.contains(&kid(&third)), "a key goes after three lifetimes");
    assert!(world.store.list_keys("user-token").await.unwrap().iter().all(|key| key.id != kid(&first)));
}

#[tokio::test]
async fn token_lifetimes_stay_between_ten_minutes_and_a_day() {
    for (asked, given) in [(1, 600), (7200, 7200), (1_000_000, 86_400)] {
        let settings =
            AccessSettings { token_lifetime: Duration::from_secs(asked), ..AccessSettings::open("http://localhost") };
        let world = World::new(settings).await;
        let guest = world.door.access.sign_in_guest(|_| None).await.unwrap().unwrap();
        assert_eq!(guest.expires_in, Duration::from_secs(given));
    }
}

#[tokio::test]
async fn guests_sign_in_only_where_they_may() {
    let closed_world = World::new(closed()).await;
    let refused = closed_world.door.access.sign_in_guest(|_| None).await.unwrap().unwrap_err();
    assert!(matches!(&refused, GateError::NotAllowed(text) if text.contains("dangerouslyAllowOutsideDevelopment")));
    let none = World::new(AccessSettings { guest: None, ..closed() }).await;
    let refused = none.door.access.sign_in_guest(|_| None).await.unwrap().unwrap_err();
    assert_eq!(refused.to_string(), "Unknown auth provider 'guest'");
    let guest = GuestSettings {
        user_entity_ref: "User:Default/Visitor".into(),
        ownership_entity_refs: Some(vec!["group:default/visitors".into()]),
        allow_outside_development: true,
    };
    let world = World::new(AccessSettings { guest: Some(guest), ..closed() }).await;
    let unknown = world.door.access.sign_in_guest(|_| None).await.unwrap().unwrap();
    assert_eq!(unknown.user_entity_ref, "user:default/visitor");
    assert_eq!(unknown.ownership_entity_refs, ["group:default/visitors"]);
    let known = world.door.access.sign_in_guest(|_| Some(vec!["group:default/a".into()])).await.unwrap().unwrap();
    assert_eq!(known.ownership_entity_refs, ["user:default/visitor", "group:default/a"]);
}
