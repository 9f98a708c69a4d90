//! The binary `callboard`: reads the command line and hands over.

#![expect(unreachable_pub, reason = "a binary has no outside; `pub` marks what a module offers to its neighbours")]

mod cli;
mod config;
mod deliver;
mod demo;
mod follow;
mod harvest;
mod replicas;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;
use cli::{Cli, Command, ConfigCommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            // One line for a person. Backtraces are for panics: an error here is about the user's surroundings, not our code.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        None => serve::commands::run_demo(cli::DemoArgs::default()),
        Some(Command::Demo(args)) => serve::commands::run_demo(args),
        Some(Command::Serve(args)) => serve::commands::run_serve(args),
        Some(Command::Backup(args)) => serve::commands::run_backup(&args),
        Some(Command::Lint(args)) => cli::lint::run(&args),
        Some(Command::Export(args)) => cli::export::run(&args),
        Some(Command::Impact(args)) => cli::impact::run(&args),
        Some(Command::Pack(args)) => cli::pack::run(&args),
        Some(Command::Config(ConfigCommand::Check(args))) => cli::config_check::run(&args),
        Some(Command::Status(args)) => cli::status::run(&args),
        Some(Command::Completions(args)) => cli::completions::run(&args),
        Some(Command::Man(args)) => cli::man::run(&args),
        Some(Command::Reference(args)) => cli::reference::run(&args),
    }
}
