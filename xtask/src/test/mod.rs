//! `cargo xtask test`: everything that must hold, cheapest first.

mod client;
mod differences;
mod fixture_host;
mod replay;
mod scenarios;
mod tools;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::Context as _;

pub use self::tools::provide_browser;
use crate::{browser, docs, workspace};

/// What a step has counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// Checks that hold.
    pub passed: u64,
    /// Checks that do not.
    pub failed: u64,
}

impl Count {
    /// The count of a step that is one check.
    pub fn one(holds: bool) -> Self {
        Self { passed: holds.into(), failed: (!holds).into() }
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

struct Step {
    name: &'static str,
    about: &'static str,
    needs_shared: bool,
    run: fn() -> anyhow::Result<Count>,
}

const STEPS: &[Step] = &[
    Step { name: "tools", about: "PostgreSQL, Node.js and Python are there", needs_shared: false, run: tools::provide },
    Step { name: "fmt", about: "formatting", needs_shared: false, run: formatting },
    Step { name: "clippy", about: "lints", needs_shared: false, run: lints },
    Step { name: "unit", about: "all tests, on SQLite and PostgreSQL", needs_shared: false, run: tests },
    Step { name: "doctest", about: "examples in the documentation", needs_shared: false, run: doctests },
    Step { name: "rustdoc", about: "documentation of the code", needs_shared: false, run: rustdoc },
    Step { name: "binary", about: "the binary for the suites below", needs_shared: false, run: binary },
    Step { name: "reference", about: "docs/reference is up to date", needs_shared: false, run: reference },
    Step { name: "replay-sqlite", about: "recorded requests, SQLite", needs_shared: true, run: replay::on_sqlite },
    Step {
        name: "replay-postgres",
        about: "recorded requests, PostgreSQL",
        needs_shared: true,
        run: replay::on_postgres,
    },
    Step { name: "scenarios", about: "the life of a location", needs_shared: true, run: scenarios::run },
    Step { name: "client", about: "the official JavaScript client", needs_shared: true, run: client::run },
    Step { name: "crawl", about: "every link of the demo estate", needs_shared: false, run: browser::crawl_all },
    Step { name: "browser", about: "journeys and all pages in Chromium", needs_shared: false, run: browser::run_all },
];

/// Runs all steps, or those whose name starts with one of `only`; ends with the line `N passed, N failed`.
///
/// # Errors
/// When something failed.
pub fn run(only: &[String]) -> anyhow::Result<()> {
    let started = Instant::now();
    let wanted = |step: &&Step| match only {
        [] => true,
        only => only.iter().any(|name| step.name.starts_with(name.as_str())),
    };
    let steps: Vec<&Step> = STEPS.iter().filter(wanted).collect();
    anyhow::ensure!(!steps.is_empty(), "there is no step of that name; there are {}", names());
    let mut total = Count::default();
    let mut bad = Vec::new();
    for step in steps {
        if step.needs_shared && workspace::shared().is_none() {
            println!("\n== {}: skipped, because ../shared is not there", step.name);
            continue;
        }
        println!("\n== {}: {}", step.name, step.about);
        let begun = Instant::now();
        let count = (step.run)().unwrap_or_else(|error| {
            println!("{error:#}");
            Count { passed: 0, failed: 1 }
        });
        let verdict = if count.failed == 0 { "ok" } else { "FAILED" };
        println!(
            "-- {}: {verdict}, {:.1} s, {} passed, {} failed",
            step.name,
            begun.elapsed().as_secs_f64(),
            count.passed,
            count.failed
        );
        total.add(count);
        if count.failed > 0 {
            bad.push(step.name);
        }
    }
    println!("\nall steps took {:.0} s", started.elapsed().as_secs_f64());
    if !bad.is_empty() {
        println!("failed: {}", bad.join(", "));
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    std::io::stdout().flush()?;
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn names() -> String {
    STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ")
}

fn holds(command: &mut Command) -> anyhow::Result<Count> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("`{program}` cannot be started"))?;
    Ok(Count::one(status.success()))
}

fn formatting() -> anyhow::Result<Count> {
    holds(&mut workspace::cargo(&["fmt", "--all", "--check"]))
}

fn lints() -> anyhow::Result<Count> {
    holds(&mut workspace::cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn rustdoc() -> anyhow::Result<Count> {
    // The readers of these pages work on the code, so private items are pages too.
    let mut command = workspace::cargo(&["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items"]);
    holds(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn binary() -> anyhow::Result<Count> {
    holds(&mut workspace::cargo(&["build", "--quiet", "--package", "callboard"]))
}

fn reference() -> anyhow::Result<Count> {
    Ok(Count::one(docs::run(docs::Mode::Check)?))
}

fn doctests() -> anyhow::Result<Count> {
    counted(&mut workspace::cargo(&["test", "--quiet", "--workspace", "--doc"]))
}

fn tests() -> anyhow::Result<Count> {
    let has_nextest = workspace::cargo(&["nextest", "--version"]).output().is_ok_and(|out| out.status.success());
    match has_nextest {
        true => counted(&mut workspace::cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--no-fail-fast",
            "--status-level",
            "fail",
        ])),
        false => {
            counted(&mut workspace::cargo(&["test", "--workspace", "--no-fail-fast", "--bins", "--lib", "--tests"]))
        }
    }
}

/// Runs a test command, shows its output and adds up its summary lines.
fn counted(command: &mut Command) -> anyhow::Result<Count> {
    // Both write what matters to standard error; one pipe keeps the order.
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer).stdin(Stdio::null());
    let mut child = command.spawn()?;
    // The command holds the writing end; without this the reader would wait for ever.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut count = Count::default();
    for line in BufReader::new(reader).lines() {
        let line = line?;
        println!("{line}");
        count.add(read_summary(&line));
    }
    if !child.wait()?.success() && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

/// `test result: ok. 3 passed; 0 failed; ...` of cargo, `Summary [ 1.2s] 3 tests run: 3 passed, 0 skipped` of nextest.
fn read_summary(line: &str) -> Count {
    let line = line.trim();
    if !line.starts_with("test result:") && !line.starts_with("Summary [") {
        return Count::default();
    }
    let words: Vec<&str> = line.split([' ', ';', ',']).filter(|word| !word.is_empty()).collect();
    let before = |wanted: &[&str]| {
        let places = words.iter().enumerate().filter(|(_, word)| wanted.contains(word));
        places.filter_map(|(at, _)| words.get(at.checked_sub(1)?)?.parse::<u64>().ok()).sum()
    };
    Count { passed: before(&["passed"]), failed: before(&["failed", "timed", "exec"]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_summaries_of_both_runners() {
        let of = |line| {
            let count = read_summary(line);
            (count.passed, count.failed)
        };
        assert_eq!(
            of("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s"),
            (12, 0)
        );
        assert_eq!(of("     Summary [   1.234s] 90 tests run: 88 passed (1 slow), 2 failed, 3 skipped"), (88, 2));
        assert_eq!(of("     Summary [   1.2s] 4 tests run: 2 passed, 1 failed, 1 timed out, 0 skipped"), (2, 2));
        assert_eq!(of("running 3 tests"), (0, 0));
    }

    #[test]
    fn steps_have_names_of_their_own() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
