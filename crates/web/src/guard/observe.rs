//! The outermost layer: gives each request an id, catches panics, writes the access log and counts.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use tracing::Instrument;

use super::{
    metrics::{self, Recorder},
    refusal::refuse,
};
use crate::Problem;

/// Names a request in logs, in errors and on the way back to the client.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a client.
const LONGEST_ID: usize = 128;

/// Observes one request. The log holds neither query strings nor headers: both may carry secrets.
pub(super) async fn observe(State(recorder): State<Arc<Recorder>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = request_id(request.headers());
    let counting = metrics::start_request();
    let span = tracing::info_span!("request", request_id = id.to_str().unwrap_or_default());
    let outcome = AssertUnwindSafe(next.run(request).instrument(span.clone())).catch_unwind().await;
    let _in_span = span.enter();
    let mut response = outcome.unwrap_or_else(|panic| {
        tracing::error!(panic = panic_text(panic.as_ref()), path = uri.path(), "a handler panicked");
        refuse(&method, &uri, &panicked(id.to_str().unwrap_or_default()))
    });
    let status = response.status().as_u16();
    let duration = started.elapsed();
    recorder.count(&method, route.as_ref().map_or("unmatched", MatchedPath::as_str), status, duration);
    drop(counting);
    tracing::info!(
        method = method.as_str(),
        path = uri.path(),
        status,
        duration_ms = duration.as_secs_f64() * 1000.0,
        "answered"
    );
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Takes a client's id over when it is short and plain, so that traces can be joined; makes one otherwise.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    match headers.get(REQUEST_ID) {
        Some(id) if !id.is_empty() && id.len() <= LONGEST_ID && id.as_bytes().iter().all(is_plain) => id.clone(),
        _ => HeaderValue::from_str(&uuid::Uuid::now_v7().to_string()).expect("a UUID is plain ASCII"),
    }
}

fn panicked(id: &str) -> Problem {
    let message = format!("Something went wrong on our side. Mention request {id}");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Error", message)
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, to_bytes},
        middleware::from_fn_with_state,
        routing::get,
    };
    use tower::ServiceExt;

    use super::*;

    async fn boom() -> &'static str {
        panic!("on purpose")
    }

    #[tokio::test]
    async fn a_panic_becomes_an_answer_with_the_request_id() {
        let router =
            Router::new().route("/api/catalog/boom", get(boom)).layer(from_fn_with_state(Recorder::get(), observe));
        let request = Request::builder().uri("/api/catalog/boom").header(REQUEST_ID, "trace-2");
        let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()[REQUEST_ID], "trace-2");
        let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
        let want = serde_json::json!({
            "error": { "name": "Error", "message": "Something went wrong on our side. Mention request trace-2" },
            "request": { "method": "GET", "url": "/boom" },
            "response": { "statusCode": 500 },
        });
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), want);
    }
}
