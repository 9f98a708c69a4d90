//! `callboard man [--write DIR]`

use std::{fs, io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};

/// Arguments of `man`.
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Write one page per subcommand into this folder.
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
}

/// Writes the manual.
///
/// # Errors
/// When the folder cannot be written.
pub fn run(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let command = super::Cli::command();
    match &args.write {
        Some(folder) => {
            fs::create_dir_all(folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
            clap_mangen::generate_to(command, folder)
                .with_context(|| format!("the pages cannot be written to `{}`", folder.display()))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            std::io::stdout().write_all(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
