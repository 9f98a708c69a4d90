//! `callboard config check`

use std::process::ExitCode;

use clap::Args;

use crate::config;

/// Arguments of `config check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub config: super::ConfigArgs,
    /// Say only what is wrong.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Prints the merged values to standard output; what is wrong or has no effect to standard error. Ends with 1 on a fault.
///
/// # Errors
/// When the working folder is gone.
pub fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let request = args.config.request()?;
    let loaded = match config::load(&request) {
        Ok(loaded) => loaded,
        Err(faults) => {
            eprintln!("{faults}");
            return Ok(ExitCode::FAILURE);
        }
    };
    if !args.quiet {
        super::print_out(&config::render_masked(&loaded.merged))?;
    }
    eprint!("{}", summary(&loaded));
    Ok(ExitCode::SUCCESS)
}

/// What was read, and what of it has no effect.
pub fn summary(loaded: &config::Loaded) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    match loaded.files.len() {
        0 => line("No configuration file was found; the defaults hold.".to_owned()),
        _ => loaded.files.iter().for_each(|file| line(format!("Read {}.", file.display()))),
    }
    for warning in &loaded.warnings {
        line(format!("warning: {warning}"));
    }
    if !loaded.not_used.is_empty() {
        let keys: Vec<String> = loaded.not_used.iter().map(ToString::to_string).collect();
        line(format!("Not used by Callboard: {}.", keys.join(", ")));
    }
    out
}
