//! The binary `callboard`: reads the command line and hands over.

mod cli;
mod config;
mod demo;
mod follow;
mod harvest;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;
use cli::{Cli, Command, ConfigCommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<ExitCode> {
    match Cli::parse().command {
        Some(Command::Serve(args)) => run_serve(args),
        Some(Command::Lint(args)) => cli::lint::run(&args),
        Some(Command::Export(args)) => cli::export::run(&args),
        Some(Command::Config(ConfigCommand::Check(args))) => cli::config_check::run(&args),
        Some(Command::Status(args)) => cli::status::run(&args),
        Some(Command::Completions(args)) => cli::completions::run(&args),
        Some(Command::Man(args)) => cli::man::run(&args),
        Some(Command::Reference(args)) => cli::reference::run(&args),
        None | Some(Command::Demo(_) | Command::Backup(_)) => anyhow::bail!("not wired yet"),
    }
}

fn run_serve(args: cli::ServeArgs) -> anyhow::Result<ExitCode> {
    let format = match args.server.log_format {
        cli::LogFormat::Human => serve::LogFormat::Human,
        cli::LogFormat::Json => serve::LogFormat::Json,
    };
    let request = args.config.request()?;
    serve::start_logging(format, request.environment.get("CALLBOARD_LOG").map(String::as_str));
    let loaded = config::load(&request)?;
    let options = serve::Options {
        locations: args.locations,
        listen: args.server.listen,
        data: args.server.data,
        database: args.server.database,
        open_to_network: args.server.open_to_network,
        greeting: None,
        show_progress: true,
    };
    tokio::runtime::Runtime::new()?.block_on(serve::run(loaded, options))?;
    Ok(ExitCode::SUCCESS)
}
