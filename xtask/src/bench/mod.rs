//! `cargo xtask bench`: measures the real release binary and writes `docs/benchmarks.md`.
//!
//! Results are kept in `target/xtask/bench/results.json`, so that a run over a part replaces that part only.

mod estate;
mod harvest;
mod load;
mod process;
mod reads;
mod report;

use std::fs;

use anyhow::ensure;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use crate::workspace;

/// Arguments of `bench`.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// How many entities; may be repeated. 739000 is the shape of the largest public catalog.
    #[arg(long, default_values_t = [1_000, 10_000, 50_000, estate::PUBLIC])]
    pub entities: Vec<u64>,
    /// Which databases.
    #[arg(long, value_enum, default_value_t)]
    pub database: Databases,
    /// Seconds of load for each request.
    #[arg(long, default_value_t = 4)]
    pub seconds: u64,
}

/// Which databases to measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Databases {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// One after the other.
    #[default]
    Both,
}

/// Measures and writes the report.
///
/// # Errors
/// When the binary cannot be built, an estate cannot be made, or a server does not do its work.
pub fn run(args: &BenchArgs) -> anyhow::Result<()> {
    ensure!(
        workspace::cargo(&["build", "--quiet", "--release", "--package", "callboard"]).status()?.success(),
        "the release binary cannot be built"
    );
    let kept = workspace::scratch("bench")?.join("results.json");
    let mut results: Map<String, Value> =
        fs::read(&kept).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    for entities in &args.entities {
        let estate = estate::provide(*entities)?;
        for database in ["sqlite", "postgres"] {
            let wanted = match args.database {
                Databases::Both => true,
                Databases::Sqlite => database == "sqlite",
                Databases::Postgres => database == "postgres",
            };
            if wanted {
                println!("{entities} entities on {database}");
                let mut measured = harvest::measure(&estate, database, args.seconds)?;
                measured["date"] = process::output("date", &["-u", "+%Y-%m-%d"]).into();
                results.insert(format!("{entities:07}-{database}"), measured);
                // Written after each part: a later one may fail.
                fs::write(&kept, serde_json::to_string_pretty(&results)?)?;
                fs::write(workspace::root().join("docs/benchmarks.md"), report::render(&results))?;
            }
        }
    }
    println!("written: docs/benchmarks.md");
    Ok(())
}
