//! Chores of the project: `cargo xtask <chore>`.
#![expect(unreachable_pub, reason = "a binary has no outside; `pub` marks what a module offers to its neighbours")]

mod bench;
mod demo;
mod docs;
mod http;
mod server;
mod test;
mod workspace;

use clap::Parser;

/// Chores of the project.
#[derive(Parser)]
enum Chore {
    /// Runs everything that must hold: formatting, lints, tests, conformance, documentation.
    Test {
        /// Only the steps whose name starts so; may be repeated.
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
    },
    /// Measures the real binary and writes docs/benchmarks.md.
    Bench(bench::BenchArgs),
    /// Writes docs/reference from the tables in the code.
    Docs {
        /// Only say whether the pages are up to date.
        #[arg(long)]
        check: bool,
    },
    /// Rewrites the generated part of the demo estate in `demo/estate`.
    DemoEstate,
}

fn main() -> anyhow::Result<()> {
    match Chore::parse() {
        Chore::Test { only } => test::run(&only),
        Chore::Bench(args) => bench::run(&args),
        Chore::Docs { check: false } => docs::run(docs::Mode::Write).map(drop),
        Chore::Docs { check: true } => {
            anyhow::ensure!(docs::run(docs::Mode::Check)?, "docs/reference is not up to date");
            Ok(())
        }
        Chore::DemoEstate => demo::run(),
    }
}
