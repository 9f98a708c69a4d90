//! The pages in a real browser: journeys, checks of every page, pictures, and a crawler that follows every link.
//!
//! What the browser does is written in JavaScript in the folder `browser/`; here is what it needs around it.

mod crawl;
mod links;
mod site;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use clap::Args;

use self::site::Site;
use crate::{
    npm::{self, Passed},
    test::{self, Count},
    workspace,
};

/// Arguments of `screenshots`.
#[derive(Debug, Clone, Args)]
pub struct ScreenshotArgs {
    /// Only the page of this name in `browser/pages.mjs`.
    #[arg(long, value_name = "NAME")]
    pub only: Option<String>,
    /// A path instead of the table: `/catalog?filters[kind]=api`.
    #[arg(long, value_name = "PATH")]
    pub page: Option<String>,
    /// A server that runs already, instead of one on the demo estate.
    #[arg(long, value_name = "URL")]
    pub base: Option<String>,
    /// The pictures of the README instead, into docs/images.
    #[arg(long, conflicts_with_all = ["only", "page"])]
    pub readme: bool,
}

/// Arguments of `crawl` and `browser`.
#[derive(Debug, Clone, Default, Args)]
pub struct BrowserArgs {
    /// Only journeys and pages whose name holds this text.
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// A server that runs already, instead of one on the demo estate. Journeys that change files are left out then.
    #[arg(long, value_name = "URL")]
    pub base: Option<String>,
}

/// The step of the test command: every journey and every check of pages.
pub fn run_all() -> anyhow::Result<Count> {
    run(&BrowserArgs::default())
}

/// Runs journeys and checks of pages.
pub fn run(args: &BrowserArgs) -> anyhow::Result<Count> {
    test::provide_browser()?;
    let site = Site::open("browser", args.base.as_deref())?;
    let folder = prepare()?;
    let (count, failed) = run_tests(&folder, &site, 2, args.only.as_deref())?;
    // What a busy machine makes fail is told from what is broken by a second try, one at a time; more than a few are no accident.
    if failed.is_empty() || failed.len() > SECOND_TRIES {
        return Ok(count);
    }
    println!("trying again, one after the other:");
    let names: Vec<String> = failed.iter().map(|name| escape(name)).collect();
    let (again, _) = run_tests(&folder, &site, 1, Some(&format!("^({})$", names.join("|"))))?;
    let missing = (failed.len() as u64).saturating_sub(again.passed + again.failed);
    Ok(Count { passed: count.passed + again.passed, failed: again.failed + missing })
}

/// So many failed checks are tried a second time.
const SECOND_TRIES: usize = 4;

/// Runs the tests whose names match a pattern, so many at a time; gives the names of those that failed, too.
fn run_tests(folder: &Path, site: &Site, at_once: u8, pattern: Option<&str>) -> anyhow::Result<(Count, Vec<String>)> {
    let mut command = node(folder, site);
    command.args(["--test", &format!("--test-concurrency={at_once}"), "--test-reporter=./lib/reporter.mjs"]);
    if let Some(pattern) = pattern {
        command.arg(format!("--test-name-pattern={pattern}"));
    }
    for part in ["journeys", "checks"] {
        command.args(test_files(&folder.join(part))?);
    }
    npm::run_checks(&mut command, Passed::Shown)
}

/// A name as a pattern that matches nothing else.
fn escape(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    for c in name.chars() {
        if !c.is_alphanumeric() && c != ' ' && c != '_' {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// The step of the test command that follows every link of the demo estate.
pub fn crawl_all() -> anyhow::Result<Count> {
    crawl(&BrowserArgs::default())
}

/// Follows every link.
pub fn crawl(args: &BrowserArgs) -> anyhow::Result<Count> {
    let site = Site::open("crawl", args.base.as_deref())?;
    let report = crawl::run(site.port()?)?;
    println!("{} pages, {} links, {:.1} s", report.pages, report.links, report.seconds);
    let entities = site.entities()?;
    // Every entity has a page that another one leads to. Fewer pages mean that the crawl never came to them.
    ensure!(report.pages > entities, "only {} pages were found for {entities} entities", report.pages);
    for fault in &report.faults {
        println!("{fault}");
    }
    Ok(Count { passed: report.pages, failed: report.faults.len() as u64 })
}

/// Takes pictures of pages into `target/screenshots`, or those of the README.
///
/// # Errors
/// When the server or the browser does not start, or a page could not be shown.
pub fn take_screenshots(args: &ScreenshotArgs) -> anyhow::Result<()> {
    test::provide_browser()?;
    if args.base.is_none() {
        let build = workspace::cargo(&["build", "--quiet", "--package", "callboard"]).status()?;
        ensure!(build.success(), "the binary cannot be built");
    }
    let site = Site::open("screenshots", args.base.as_deref())?;
    let folder = prepare()?;
    let mut command = node(&folder, &site);
    if args.readme {
        command.arg("readme.mjs").env("CALLBOARD_PICTURES", workspace::root().join("docs/images"));
    } else {
        command.arg("screenshots.mjs");
    }
    for (name, value) in [("CALLBOARD_ONLY", &args.only), ("CALLBOARD_PAGE", &args.page)] {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    ensure!(command.status().context("node cannot be started")?.success(), "not every page could be shown");
    Ok(())
}

/// Installs the packages; gives the folder of the scripts.
fn prepare() -> anyhow::Result<PathBuf> {
    let folder = workspace::root().join("browser");
    npm::install(&folder, &folder)?;
    Ok(folder)
}

fn node(folder: &Path, site: &Site) -> Command {
    let mut command = Command::new("node");
    command.current_dir(folder).env("CALLBOARD_BASE", site.base()).env_remove("CALLBOARD_ONLY");
    command.env("CALLBOARD_PICTURES", workspace::target().join("screenshots"));
    match site.estate() {
        Some(estate) => command.env("CALLBOARD_ESTATE", estate),
        None => command.env_remove("CALLBOARD_ESTATE"),
    };
    command
}

fn test_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("`{}` cannot be listed", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    ensure!(!files.is_empty(), "`{}` holds no tests", folder.display());
    Ok(files)
}
