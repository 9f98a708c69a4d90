//! `app-config.yaml`: Backstage's files and their layers -> the settings that Callboard works with.
//!
//! All faults are reported at once. Nothing here looks at the process: the environment and the folder are parameters.

mod duration;
mod environment;
mod fault;
mod files;
pub mod keys;
mod read;
mod section;
mod settings;
mod show;
mod substitute;
mod tree;
mod unused;
mod yaml;

use std::{collections::BTreeMap, path::PathBuf};

use self::tree::{Node, Spot, Value};
pub use self::{
    fault::{Fault, Faults},
    files::find_files,
    settings::{
        AccessConfig, AllowedKind, CallSheetsConfig, CatalogConfig, CatalogRule, Config, DatabaseConfig, Listen,
        LocationMatch, OrphanStrategy, PackConfig, PgConfig, PgTls, ProcessingInterval, SenderConfig, StaticLocation,
        WebhooksConfig,
    },
    show::render_masked,
    unused::NotUsed,
};

/// What to load.
#[derive(Clone, Debug)]
pub struct Request {
    /// `--config`, in order. Empty: the files of `folder` that Backstage would take.
    pub files: Vec<PathBuf>,
    /// Where the program runs; relative paths start here.
    pub folder: PathBuf,
    /// The environment variables.
    pub environment: BTreeMap<String, String>,
}

/// A configuration, and what a person should know about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// The files that were read, in order.
    pub files: Vec<PathBuf>,
    /// Keys that Backstage or one of its plugins knows and that have no effect here.
    pub not_used: Vec<NotUsed>,
    /// What is wrong without keeping the server from its work.
    pub warnings: Vec<Fault>,
    /// The merged values, for [`render_masked`].
    pub merged: Merged,
}

/// The merged values of all layers. Opaque, because it holds secrets.
#[derive(Clone)]
pub struct Merged(Node);

impl std::fmt::Debug for Merged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Merged(..)")
    }
}

/// Reads all layers and gives the settings.
///
/// # Errors
/// Everything that is wrong in any file, with its place.
pub fn load(request: &Request) -> Result<Loaded, Faults> {
    let mut faults = Vec::new();
    let files = find_files(request);
    let mut merged =
        Node { value: Value::Map(Vec::new()), spot: Spot { origin: "the configuration".into(), line: 0, column: 0 } };
    for path in &files {
        if let Some(layer) = files::read_layer(path, &request.environment, &mut faults) {
            tree::merge(&mut merged, layer);
        }
    }
    for layer in environment::layers(&request.environment, &mut faults) {
        tree::merge(&mut merged, layer);
    }
    let not_used = unused::check(&merged, &mut faults);
    let mut warnings = Vec::new();
    let config = read::config(&merged, request, &mut faults, &mut warnings);
    if faults.is_empty() {
        Ok(Loaded { config, files, not_used, warnings, merged: Merged(merged) })
    } else {
        Err(Faults::new(faults))
    }
}

#[cfg(test)]
mod tests;
