//! Chores of the project: `cargo xtask <chore>`.

mod demo;

use clap::Parser;

/// Chores of the project.
#[derive(Parser)]
enum Chore {
    /// Rewrites the generated part of the demo estate in `demo/estate`.
    DemoEstate,
}

fn main() -> anyhow::Result<()> {
    match Chore::parse() {
        Chore::DemoEstate => demo::run(),
    }
}
