//! Metrics in Prometheus' text format, and the one table that says what they mean.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    extract::State,
    http::{Method, header},
    response::IntoResponse,
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::App;

/// What sort of number a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts in buckets.
    Histogram,
}

/// A row of the table of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricSpec {
    /// Its name.
    pub name: &'static str,
    /// What sort of number it is.
    pub kind: MetricKind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it tells, with its unit.
    pub meaning: &'static str,
}

const REQUESTS: &str = "callboard_http_requests_total";
const DURATION: &str = "callboard_http_request_duration_seconds";
const IN_FLIGHT: &str = "callboard_http_requests_in_flight";
const SNAPSHOT_SEQ: &str = "callboard_snapshot_seq";
const SNAPSHOT_ENTITIES: &str = "callboard_snapshot_entities";
const RESIDENT: &str = "process_resident_memory_bytes";

static TABLE: [MetricSpec; 9] = [
    MetricSpec {
        name: REQUESTS,
        kind: MetricKind::Counter,
        labels: &["method", "route", "status"],
        meaning: "Requests answered, by route template.",
    },
    MetricSpec {
        name: DURATION,
        kind: MetricKind::Histogram,
        labels: &["method", "route"],
        meaning: "Seconds from the head of a request to the head of its answer.",
    },
    MetricSpec { name: IN_FLIGHT, kind: MetricKind::Gauge, labels: &[], meaning: "Requests under way." },
    MetricSpec {
        name: SNAPSHOT_SEQ,
        kind: MetricKind::Gauge,
        labels: &[],
        meaning: "Number of the newest change that readers see.",
    },
    MetricSpec {
        name: SNAPSHOT_ENTITIES,
        kind: MetricKind::Gauge,
        labels: &[],
        meaning: "Entities in the catalog that readers see.",
    },
    MetricSpec {
        name: "callboard_source_requests_total",
        kind: MetricKind::Counter,
        labels: &["host", "status"],
        meaning: "Requests to hosts that locations are read from.",
    },
    MetricSpec {
        name: "callboard_index_self_check_failures_total",
        kind: MetricKind::Counter,
        labels: &[],
        meaning: "Times that the catalog in memory was found to differ from the database, and was built anew.",
    },
    MetricSpec {
        name: "callboard_webhook_messages_total",
        kind: MetricKind::Counter,
        labels: &["outcome"],
        meaning: "Messages to webhooks: `delivered`, `failed` for each attempt, `dead` when they were given up.",
    },
    MetricSpec {
        name: RESIDENT,
        kind: MetricKind::Gauge,
        labels: &[],
        meaning: "Resident memory of the process in bytes.",
    },
];

/// Seconds; most answers take well below a millisecond.
const BUCKETS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// All metrics, those that other rooms count included.
#[must_use]
pub fn metric_table() -> &'static [MetricSpec] {
    &TABLE
}

/// The recorder of this process.
pub(super) struct Recorder {
    handle: PrometheusHandle,
}

impl Recorder {
    /// Returns the recorder, installing it at the first call so that the macros of all rooms write into it.
    pub(super) fn get() -> Arc<Self> {
        static RECORDER: OnceLock<Arc<Recorder>> = OnceLock::new();
        Arc::clone(RECORDER.get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
                .expect("the buckets are not empty");
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder of metrics is installed; /metrics stays empty");
            }
            describe();
            Arc::new(Self { handle })
        }))
    }

    /// Counts one answered request.
    pub(super) fn count(&self, method: &Method, route: &str, status: u16, duration: Duration) {
        let method = method_label(method);
        let route = route.to_owned();
        counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
        histogram!(DURATION, "method" => method, "route" => route).record(duration.as_secs_f64());
    }
}

/// A request under way; dropping it ends it, also when the client goes away.
pub(super) struct InFlight;

/// Counts a request as under way.
pub(super) fn start_request() -> InFlight {
    gauge!(IN_FLIGHT).increment(1.0);
    InFlight
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
    }
}

/// Writes all metrics.
pub(super) async fn render_metrics(State(app): State<App>) -> impl IntoResponse {
    let snapshot = app.live().snapshot();
    gauge!(SNAPSHOT_SEQ).set(snapshot.seq().0 as f64);
    gauge!(SNAPSHOT_ENTITIES).set(snapshot.len() as f64);
    if let Some(bytes) = resident_bytes() {
        gauge!(RESIDENT).set(bytes as f64);
    }
    let recorder = Recorder::get();
    recorder.handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], recorder.handle.render())
}

/// Clients choose methods freely; labels must not grow without end.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Linux tells it in kilobytes; elsewhere the metric is left out.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn describe() {
    for spec in &TABLE {
        match spec.kind {
            MetricKind::Counter => describe_counter!(spec.name, spec.meaning),
            MetricKind::Gauge => describe_gauge!(spec.name, spec.meaning),
            MetricKind::Histogram => describe_histogram!(spec.name, spec.meaning),
        }
    }
}
