//! What every request passes on its way in, and every answer on its way out: request ids, the access log and metrics,
//! CORS, security headers, compression, limits, and the question who asks.
//!
//! Handlers never do any of this themselves. [`serve()`] is the other half: it keeps slow and many clients from holding the
//! server before a request is there at all.

mod access;
mod cors;
mod headers;
mod health;
mod limits;
mod local;
mod look_back;
mod metrics;
mod observe;
mod refusal;
mod serve;
mod stale;
mod stall;

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state, routing::get};
use tokio::sync::Semaphore;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    limit::RequestBodyLimitLayer,
    timeout::RequestBodyTimeoutLayer,
};

use crate::{App, pages};

pub use metrics::{MetricKind, MetricSpec, metric_table};
pub use serve::{ServeSettings, serve};

/// Answers below this size in bytes are sent as they are: compressing them costs more than it saves.
const SMALLEST_COMPRESSED: u64 = 1024;

/// Wraps all routes, and adds those that belong to no plugin: health, metrics and the plugins' public keys.
pub(crate) fn wrap(routes: Router<App>, app: &App) -> Router<App> {
    let settings = app.settings();
    let state = Arc::new(limits::State {
        slots: Semaphore::new(settings.limits.concurrent_requests),
        timeout: settings.limits.request_timeout,
    });
    let worth_compressing = SizeAbove::new(SMALLEST_COMPRESSED)
        .and(NotForContentType::SSE)
        .and(NotForContentType::GRPC)
        .and(NotForContentType::IMAGES);
    // The last layer is the outermost.
    routes
        .route("/.backstage/health/v1/readiness", get(health::show_readiness))
        .route("/.backstage/health/v1/liveness", get(health::show_liveness))
        .route("/api/{plugin}/.backstage/auth/v1/jwks.json", get(health::list_plugin_keys))
        .route("/metrics", get(metrics::render_metrics))
        .layer(from_fn_with_state(app.clone(), look_back::look_back))
        .layer(from_fn_with_state(app.clone(), access::identify))
        .layer(RequestBodyTimeoutLayer::new(limits::BODY_PAUSE))
        .layer(RequestBodyLimitLayer::new(limits::LARGEST_BODY))
        .layer(from_fn_with_state(state, limits::limit))
        .layer(from_fn_with_state(app.clone(), stale::tell))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_compressing))
        .layer(from_fn_with_state(headers::SecurityHeaders::new(&settings.base_url), headers::secure))
        .layer(from_fn_with_state(cors::Cors::new(settings.cors.as_ref()), cors::share))
        .layer(from_fn_with_state(metrics::Recorder::get(), observe::observe))
        .layer(from_fn_with_state(app.clone(), pages::write_problems))
}
