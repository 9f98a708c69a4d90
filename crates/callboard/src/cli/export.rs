//! `callboard export`: the entities of a running server, streamed to standard output.

use std::{io::Write as _, process::ExitCode};

use clap::{Args, ValueEnum};
use futures::StreamExt as _;

use super::client;

/// Arguments of `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// What to write.
    #[arg(long, value_enum, default_value_t)]
    pub format: ExportFormat,
    /// Which entities, in the grammar of Backstage's API: `kind=component,spec.type=service`. Repeated filters are joined
    /// with or.
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<String>,
    #[command(flatten)]
    pub client: super::ClientArgs,
}

/// The forms of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object per line.
    #[default]
    Ndjson,
    /// A table of the common fields.
    Csv,
    /// YAML documents, fit to be registered again.
    Yaml,
}

impl ExportFormat {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Yaml => "yaml",
        }
    }
}

/// Streams the export.
///
/// # Errors
/// When no server answers, it refuses, or the stream breaks off.
pub fn run(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    client::block_on(async {
        let mut query = vec![("format", args.format.as_str())];
        query.extend(args.filter.iter().map(|filter| ("filter", filter.as_str())));
        let mut stream = client::get(&args.client, "/api/v1/export", &query).await?.bytes_stream();
        let mut out = std::io::stdout().lock();
        while let Some(chunk) = stream.next().await {
            if super::is_unheard(out.write_all(&chunk?))? {
                return Ok(ExitCode::SUCCESS);
            }
        }
        super::is_unheard(out.flush())?;
        Ok(ExitCode::SUCCESS)
    })
}
