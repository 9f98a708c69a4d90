//! `cargo xtask bench`: measures the real release binary and writes `docs/benchmarks.md`.
//!
//! Results are kept in `docs/benchmarks.json`, so that a run over a part replaces that part only.

mod estate;
mod feed;
mod goals;
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
    /// Measure nothing; write the page from the kept results.
    #[arg(long)]
    pub report: bool,
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
    let kept = workspace::root().join("docs/benchmarks.json");
    let page = workspace::root().join("docs/benchmarks.md");
    let mut results: Map<String, Value> = serde_json::from_slice(&fs::read(&kept)?)?;
    if args.report {
        fs::write(&page, report::render(&results))?;
        return Ok(());
    }
    ensure!(
        workspace::cargo(&["build", "--quiet", "--release", "--package", "callboard"]).status()?.success(),
        "the release binary cannot be built"
    );
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
                results.sort_keys();
                fs::write(&kept, format!("{}\n", serde_json::to_string_pretty(&results)?))?;
                fs::write(&page, report::render(&results))?;
            }
        }
    }
    println!("written: docs/benchmarks.md");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_the_kept_results() {
        let docs = workspace::root().join("docs");
        let kept = fs::read(docs.join("benchmarks.json")).expect("results are kept");
        let results = serde_json::from_slice(&kept).expect("they are JSON");
        let page = fs::read_to_string(docs.join("benchmarks.md")).expect("the page is there");
        assert_eq!(report::render(&results), page, "run `cargo xtask bench --report`");
    }
}
