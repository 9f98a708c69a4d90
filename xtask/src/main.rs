//! Chores of the project: `cargo xtask <chore>`.
#![expect(unreachable_pub, reason = "a binary has no outside; `pub` marks what a module offers to its neighbours")]

mod bench;
mod browser;
mod demo;
mod docs;
mod http;
mod npm;
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
    /// Walks the journeys and checks the pages in Chromium; `test --only browser` with more to choose.
    Browser(browser::BrowserArgs),
    /// Follows every link of the demo estate.
    Crawl(browser::BrowserArgs),
    /// Takes pictures of all pages, light and dark, wide and narrow, into target/screenshots.
    Screenshots(browser::ScreenshotArgs),
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
        Chore::Browser(args) => ensure_good(browser::run(&args)?),
        Chore::Crawl(args) => ensure_good(browser::crawl(&args)?),
        Chore::Screenshots(args) => browser::take_screenshots(&args),
        Chore::DemoEstate => demo::run(),
    }
}

fn ensure_good(count: test::Count) -> anyhow::Result<()> {
    println!("{} passed, {} failed", count.passed, count.failed);
    anyhow::ensure!(count.failed == 0, "not everything holds");
    Ok(())
}
