//! `callboard lint`: checks descriptors without a server and without network; meant for a team's CI.

mod check;
mod show;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use ingest::{Kinds, Rules};
use model::{LocationRef, Severity};

use crate::config;

/// Arguments of `lint`.
#[derive(Debug, Clone, Args)]
pub struct LintArgs {
    /// Files, or folders whose descriptors are found as `serve` finds them.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// How to say what was found.
    #[arg(long, value_enum, default_value_t)]
    pub format: LintFormat,
    /// A YAML file or folder that declares own kinds, schemas and rules; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub model: Vec<PathBuf>,
    /// Take `callboard.model` from this app-config.yaml.
    #[arg(long, value_name = "FILE")]
    pub rules_from: Option<PathBuf>,
    /// The paths hold the whole catalog: references to entities that are not among them are reported.
    #[arg(long)]
    pub closed: bool,
}

/// The forms of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For people, with the line at fault.
    #[default]
    Human,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, which code hosts show beside the code.
    Sarif,
    /// Commands of GitHub Actions, which become annotations of a pull request.
    Github,
}

/// Checks and prints. Ends with 1 when there is an error, with 2 when nothing could be checked.
///
/// # Errors
/// When a path or the model cannot be read.
pub fn run(args: &LintArgs) -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("the working folder cannot be found")?;
    let kinds = match load_kinds(args, &folder) {
        Ok(kinds) => kinds,
        Err(error) => return Ok(misuse(&error)),
    };
    let files = match find_files(&args.paths, &kinds) {
        Ok(files) => files,
        Err(error) => return Ok(misuse(&error)),
    };
    let report = check::run(&files, &kinds, &Rules::allow_all(), args.closed)?;
    super::print_out(&show::render(&report, args.format, &folder))?;
    let failed = report.diagnostics.iter().any(|found| found.severity == Severity::Error);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn misuse(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(2)
}

fn load_kinds(args: &LintArgs, folder: &std::path::Path) -> anyhow::Result<Kinds> {
    let mut paths = args.model.clone();
    if let Some(file) = &args.rules_from {
        let request = config::Request { files: vec![file.clone()], ..super::ConfigArgs::default().request()? };
        paths.extend(config::load(&request)?.config.model);
    }
    let paths: Vec<PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
    crate::serve::model_files::load(&paths)
}

/// Lists the descriptors: files that are named, and those in folders.
fn find_files(paths: &[PathBuf], kinds: &Kinds) -> anyhow::Result<Vec<LocationRef>> {
    let versions = kinds.table().iter().flat_map(|kind| &kind.api_versions);
    let known_api_groups = versions.filter_map(|version| Some(version.split_once('/')?.0.to_owned())).collect();
    let settings = source::ReaderSettings { known_api_groups, ..Default::default() };
    super::client::block_on(async {
        let reader = source::Reader::new(settings);
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                let found = reader.discover(path).await?;
                anyhow::ensure!(!found.is_empty(), "`{}` holds no descriptor", path.display());
                files.extend(found);
            } else {
                let path =
                    std::fs::canonicalize(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
                files.push(LocationRef::new("file", &path.display().to_string()));
            }
        }
        files.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        files.dedup();
        Ok(files)
    })
}

#[cfg(test)]
mod tests;
