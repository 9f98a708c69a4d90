//! Traces to an OpenTelemetry collector, when `OTEL_EXPORTER_OTLP_ENDPOINT` names one.
//!
//! The exporter has a thread and a blocking client of its own, so it neither needs the server's runtime nor holds it up.
//! It must be made before the runtime starts and shut down after it has ended.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

/// The exporter; shut it down to send what is still waiting.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts exporting to `endpoint`, such as `http://localhost:4318`; the client takes it from the environment too.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn start() -> anyhow::Result<Self> {
        // The provider may be installed already; then that one serves.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build()?;
        let resource = Resource::builder().with_service_name("callboard").build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// The layer that hands spans to the exporter.
    pub fn layer<S>(&self) -> impl Layer<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("callboard"))
    }

    /// Sends what is waiting and ends.
    pub fn stop(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(error = error.to_string(), "the last traces could not be sent");
        }
    }
}
