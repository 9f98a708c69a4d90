//! What the guard does to every request and answer.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use serde_json::json;
use web::{CorsSettings, Limits, MetricKind, WebSettings, metric_table};

use crate::world::{World, request, settings};

fn with_cors() -> WebSettings {
    let cors = CorsSettings {
        origins: vec!["http://localhost:3000".into(), "https://*.example.org".into()],
        methods: vec!["GET".into(), "POST".into()],
        allowed_headers: Vec::new(),
        exposed_headers: vec!["X-Total".into()],
        credentials: true,
        max_age_seconds: Some(60),
    };
    WebSettings { cors: Some(cors), ..settings() }
}

async fn open(settings: WebSettings) -> World {
    World::new(auth::AccessSettings::open("http://localhost:7007"), settings).await
}

#[tokio::test]
async fn a_preflight_is_answered_before_anybody_asks_for_credentials() {
    let world = World::new(crate::world::closed(), with_cors()).await;
    let preflight = request(Method::OPTIONS, "/api/catalog/entities")
        .header(header::ORIGIN, "http://localhost:3000")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type");
    let answer = world.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:3000");
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert_eq!(answer.header("access-control-allow-methods"), "GET,POST");
    assert_eq!(answer.header("access-control-allow-headers"), "authorization,content-type");
    assert_eq!(answer.header("access-control-max-age"), "60");
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn allowed_origins_may_read_errors_too_and_others_nothing() {
    let world = World::new(crate::world::closed(), with_cors()).await;
    let allowed = world.get_with("/api/catalog/entities", "origin", "https://portal.example.org").await;
    assert_eq!(allowed.status, 401);
    assert_eq!(allowed.header("access-control-allow-origin"), "https://portal.example.org");
    assert_eq!(allowed.header("access-control-expose-headers"), "X-Total");
    let other = world.get_with("/api/catalog/entities", "origin", "https://evil.example").await;
    assert!(!other.headers.contains_key("access-control-allow-origin"));
    assert!(other.headers.get_all("vary").iter().any(|value| value == "Origin"), "caches keep them apart");
    let without = open(settings()).await.get_with("/api/v1/kinds", "origin", "http://localhost:3000").await;
    assert!(!without.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn every_answer_has_security_headers_and_a_request_id() {
    let world = open(settings()).await;
    for path in ["/api/v1/kinds", "/nothing", "/api/catalog/entities"] {
        let answer = world.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'self'"), "{path}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "not over plain HTTP");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
    assert_eq!(world.get_with("/", "x-request-id", "trace-1").await.header("x-request-id"), "trace-1");
    let odd = world.get_with("/", "x-request-id", "a b<script>").await;
    assert_ne!(odd.header("x-request-id"), "a b<script>");
    let secure = open(WebSettings { base_url: "https://portal.example.org".into(), ..settings() }).await;
    assert!(secure.get("/").await.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn large_answers_are_compressed_as_the_client_likes() {
    let world = World::open().await.fill().await;
    let plain = world.get("/api/v1/openapi.json").await;
    assert!(!plain.headers.contains_key("content-encoding"));
    for coding in ["gzip", "br", "zstd"] {
        let answer = world.get_with("/api/v1/openapi.json", "accept-encoding", coding).await;
        assert_eq!(answer.header("content-encoding"), coding);
        assert!(answer.body.len() < plain.body.len() / 2, "{coding}");
    }
    let small = world.get_with("/api/v1/kinds", "accept-encoding", "gzip").await;
    assert!(!small.headers.contains_key("content-encoding"), "small answers are not worth it");
}

#[tokio::test]
async fn heads_and_bodies_have_limits() {
    let world = open(settings()).await.fill().await;
    let long = format!("/api/v1/entities?filter={}", "x".repeat(17_000));
    let answer = world.get(&long).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, 0));
    let fits = format!("/api/v1/entities?filter={}", "x".repeat(15_000));
    assert_eq!(world.get(&fits).await.status, StatusCode::OK);
    let fat = world.get_with("/api/v1/kinds", "x-fat", &"x".repeat(17_000)).await;
    assert_eq!(fat.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let huge = request(Method::POST, "/api/permission/authorize").header(header::CONTENT_LENGTH, 2 * 1024 * 1024);
    let refused = world.send(huge.body(Body::from(vec![b' '; 2 * 1024 * 1024])).unwrap()).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.json()["error"]["message"], "request entity too large");
    let undeclared = request(Method::POST, "/api/permission/authorize");
    let pieces = futures::stream::iter((0..32).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024])));
    let refused = world.send(undeclared.body(Body::from_stream(pieces)).unwrap()).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
}

#[tokio::test]
async fn a_server_without_free_slots_says_so() {
    let limits = Limits { concurrent_requests: 0, ..Limits::default() };
    let world = open(WebSettings { limits, ..settings() }).await;
    let answer = world.get("/api/v1/kinds").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_cut_off() {
    let limits = Limits { request_timeout: std::time::Duration::from_millis(30), ..Limits::default() };
    let world = open(WebSettings { limits, ..settings() }).await;
    let answer = world.get("/api/v1/changes?wait=30s").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["detail"], "The request took longer than 0.03 s");
}

#[tokio::test]
async fn ready_only_when_the_catalog_is_loaded() {
    let world = World::open().await;
    assert_eq!(world.get("/.backstage/health/v1/liveness").await.json(), json!({ "status": "ok" }));
    assert_eq!(world.get("/.backstage/health/v1/readiness").await.status, StatusCode::SERVICE_UNAVAILABLE);
    for path in ["/api/catalog/entities", "/api/catalog/entities/by-query", "/api/v1/entities"] {
        let early = world.get(path).await.status;
        assert_eq!(early, StatusCode::SERVICE_UNAVAILABLE, "{path}: empty would be taken for an empty catalog");
    }
    let world = world.fill().await;
    let ready = world.get("/.backstage/health/v1/readiness").await;
    assert_eq!((ready.status, ready.json()), (StatusCode::OK, json!({ "status": "ok" })));
}

#[tokio::test]
async fn metrics_are_those_of_the_table() {
    let world = World::open().await.fill().await;
    world.get("/api/v1/entities/component:default/shop").await;
    world.get("/no/such/route").await;
    let answer = world.get("/metrics").await;
    let text = answer.text();
    let known: Vec<_> = metric_table().iter().map(|spec| spec.name).collect();
    for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
        let mut words = line.split(' ').skip(2);
        let (name, kind) = (words.next().unwrap(), words.next().unwrap());
        assert!(known.contains(&name), "{name} is not in the table");
        let spec = metric_table().iter().find(|spec| spec.name == name).unwrap();
        let want = match spec.kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
        };
        assert_eq!(kind, want, "{name}");
    }
    // Nothing is read from hosts here, and nothing is checked.
    let counted_here = |name: &str| name.starts_with("callboard_http_") || name.starts_with("callboard_snapshot_");
    for spec in metric_table().iter().filter(|spec| counted_here(spec.name)) {
        assert!(text.contains(&format!("# TYPE {} ", spec.name)), "{} is not written", spec.name);
        for label in spec.labels {
            assert!(text.contains(&format!("{label}=\"")), "{label}");
        }
    }
    assert!(text.contains("route=\"/api/v1/entities/{*ref}\""), "templates, not paths: {text}");
    assert!(text.contains("route=\"unmatched\""));
    assert!(!text.contains("/no/such/route"));
}
