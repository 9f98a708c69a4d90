//! The log: for a person, or as JSON lines for a collector. On standard error, so that standard output stays for answers.

use std::{collections::BTreeMap, io::IsTerminal as _};

use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

#[cfg(feature = "otel")]
use super::traces::Traces;

/// How the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One readable line for each event.
    #[default]
    Human,
    /// One JSON object for each event.
    Json,
}

/// The started log; it ends with this value, which must outlive the runtime.
#[must_use]
pub struct Logging {
    #[cfg(feature = "otel")]
    traces: Option<Traces>,
}

/// Starts the log, and traces where the environment names a collector.
///
/// `CALLBOARD_LOG` has the form of `RUST_LOG`; what cannot be read of it is ignored.
///
/// # Errors
/// When the collector's address cannot be used.
pub fn start_logging(format: LogFormat, environment: &BTreeMap<String, String>) -> anyhow::Result<Logging> {
    let filter = environment.get("CALLBOARD_LOG").map_or("info,sqlx=warn,hyper=warn", String::as_str);
    let filter = EnvFilter::builder().parse_lossy(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Human => lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).boxed(),
    };
    let registry = tracing_subscriber::registry().with(lines.with_filter(filter));
    #[cfg(feature = "otel")]
    {
        let wanted = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
        let traces = wanted.iter().any(|name| environment.contains_key(*name)).then(Traces::start).transpose()?;
        // The exporter's own requests must not make spans, or it would never come to rest.
        let ours =
            EnvFilter::builder().parse_lossy("off,callboard=debug,web=debug,source=debug,store=debug,auth=debug");
        registry.with(traces.as_ref().map(|traces| traces.layer().with_filter(ours))).init();
        Ok(Logging { traces })
    }
    #[cfg(not(feature = "otel"))]
    {
        registry.init();
        Ok(Logging {})
    }
}

impl Logging {
    /// Sends what is still waiting. Call it after the runtime has ended.
    pub fn stop(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.stop();
        }
    }
}
