//! The command line: the arguments of every subcommand, and those subcommands that need no server.

mod client;
pub mod completions;
pub mod config_check;
pub mod export;
pub mod impact;
pub mod lint;
pub mod man;
pub mod pack;
pub mod reference;
pub mod status;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A developer portal in one binary.
///
/// Without a subcommand it serves a fictional company's catalog on http://127.0.0.1:7007.
#[derive(Debug, Parser)]
#[command(name = "callboard", version, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    /// What to do; nothing: serve the demo.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Harvest locations and serve their catalog.
    Serve(ServeArgs),
    /// Check descriptors without a server and without network.
    Lint(lint::LintArgs),
    /// Write the entities of a running server to standard output.
    Export(export::ExportArgs),
    /// Show what else is hit when entities fail, and whom to call.
    Impact(impact::ImpactArgs),
    /// Write the catalog as one HTML file that works from disk, for when nothing else answers.
    Pack(pack::PackArgs),
    /// Serve a fictional company's catalog, or write its files to learn from.
    Demo(DemoArgs),
    /// Work with app-config.yaml.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show how a running server is doing: loops, locations, problems.
    Status(status::StatusArgs),
    /// Copy the SQLite database while the server runs.
    Backup(BackupArgs),
    /// Write the completions of a shell to standard output.
    Completions(completions::CompletionsArgs),
    /// Write the manual page to standard output, or one page per subcommand into a folder.
    Man(man::ManArgs),
    /// Write a page of the reference to standard output.
    #[command(hide = true)]
    Reference(reference::ReferenceArgs),
}

/// The subcommands of `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Read the configuration, say what is wrong, and print the merged values without their secrets.
    Check(config_check::CheckArgs),
}

/// Which configuration files to read.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigArgs {
    /// A configuration file; may be repeated, later ones win. Without it app-config.yaml and its local and per-environment
    /// companions in this folder are read, as far as they exist.
    #[arg(long, value_name = "FILE")]
    pub config: Vec<PathBuf>,
}

impl ConfigArgs {
    /// What to load: these files, this process's folder and environment.
    ///
    /// # Errors
    /// When the working folder is gone.
    pub fn request(&self) -> anyhow::Result<crate::config::Request> {
        use anyhow::Context as _;
        Ok(crate::config::Request {
            files: self.config.clone(),
            folder: std::env::current_dir().context("the working folder cannot be found")?,
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        })
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object per line.
    Json,
}

/// The arguments that every way of serving has.
#[derive(Debug, Clone, Default, Args)]
pub struct ServerArgs {
    /// Address to listen at: `127.0.0.1:7007`, `:7007`. Wins over `backend.listen`. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR", env = "CALLBOARD_LISTEN")]
    pub listen: Option<String>,
    /// Folder for the database and keys. Wins over `callboard.data`.
    #[arg(long, value_name = "DIR", env = "CALLBOARD_DATA")]
    pub data: Option<PathBuf>,
    /// `postgres://user:password@host/database`, `sqlite:FILE` or `sqlite::memory:`. Wins over `backend.database`.
    #[arg(long, value_name = "URL", env = "CALLBOARD_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// Let everybody who can reach the address do everything, although it is not a loopback address.
    #[arg(long)]
    pub open_to_network: bool,
    /// How log lines are written.
    #[arg(long, value_enum, default_value_t, env = "CALLBOARD_LOG_FORMAT")]
    pub log_format: LogFormat,
}

/// Arguments of `serve`.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// What to harvest beside `catalog.locations`: a folder, a file, a glob or a web address.
    #[arg(value_name = "LOCATION")]
    pub locations: Vec<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Arguments of `demo`.
#[derive(Debug, Clone, Default, Args)]
pub struct DemoArgs {
    /// Write the demo's files into this folder instead of serving them.
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Arguments of `backup`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// Where to write the copy; it must not exist.
    #[arg(value_name = "FILE")]
    pub target: PathBuf,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Folder of the database. Wins over `callboard.data`.
    #[arg(long, value_name = "DIR", env = "CALLBOARD_DATA")]
    pub data: Option<PathBuf>,
}

/// Where a running server is, and how to get in.
#[derive(Debug, Clone, Args)]
pub struct ClientArgs {
    /// Address of the server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7007", env = "CALLBOARD_SERVER")]
    pub server: String,
    /// Access token, when the server is not open to guests.
    #[arg(long, value_name = "TOKEN", env = "CALLBOARD_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

/// Writes to standard output. `| head` may stop reading early, which is no failure.
///
/// # Errors
/// When standard output cannot be written for another reason, such as a full disk.
pub fn print_out(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    is_unheard(out.write_all(text.as_bytes()).and_then(|()| out.flush()))?;
    Ok(())
}

/// Tells whether nobody reads any more; other failures stay failures.
fn is_unheard(written: std::io::Result<()>) -> std::io::Result<bool> {
    match written {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_argument_and_subcommand_says_what_it_does() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "`{}` says nothing about itself", command.get_name());
            for arg in command.get_arguments() {
                assert!(
                    arg.get_help().is_some(),
                    "`{} {}` says nothing about itself",
                    command.get_name(),
                    arg.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn a_reader_that_stops_early_is_no_failure() {
        let broken = |kind: std::io::ErrorKind| is_unheard(Err(kind.into()));
        assert!(broken(std::io::ErrorKind::BrokenPipe).unwrap());
        assert!(broken(std::io::ErrorKind::StorageFull).is_err());
    }

    #[test]
    fn reads_a_serve_line() {
        let line = ["callboard", "serve", "a", "--config", "x.yaml", "--config", "y.yaml", "--listen", ":0", "b"];
        let Some(Command::Serve(args)) = Cli::try_parse_from(line).unwrap().command else { panic!("no serve") };
        assert_eq!(args.locations, ["a", "b"]);
        assert_eq!(args.config.config.len(), 2);
        assert_eq!(args.server.listen.as_deref(), Some(":0"));
        assert!(Cli::try_parse_from(["callboard"]).unwrap().command.is_none());
    }
}
