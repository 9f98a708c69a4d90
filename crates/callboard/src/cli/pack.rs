//! `callboard pack`: the catalog as one HTML file that works from disk, for when nothing else answers.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Args;

use super::client;
use crate::{config, serve};

/// Arguments of `pack`.
#[derive(Debug, Clone, Args)]
pub struct PackArgs {
    /// Where to write the file, `-` for standard output. Without it, it is named after the change that it shows.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Read the database instead of asking a server. The pack then holds everything.
    #[arg(long)]
    pub offline: bool,
    #[command(flatten)]
    pub config: super::ConfigArgs,
    /// With --offline: folder of the database. Wins over `CALLBOARD_DATA` and `callboard.data`.
    #[arg(long, value_name = "DIR", requires = "offline")]
    pub data: Option<PathBuf>,
    /// With --offline: the database, as `serve` takes it. Wins over `CALLBOARD_DATABASE` and `backend.database`.
    #[arg(long, value_name = "URL", requires = "offline")]
    pub database: Option<String>,
    #[command(flatten)]
    pub client: super::ClientArgs,
}

/// Makes or fetches the pack and writes it.
///
/// # Errors
/// When no server answers or it refuses, the database cannot be read, or the file cannot be written.
pub fn run(args: &PackArgs) -> anyhow::Result<ExitCode> {
    let (html, name) = if args.offline { make(args)? } else { fetch(args)? };
    match &args.output {
        Some(path) if path.as_os_str() == "-" => {
            let mut out = std::io::stdout().lock();
            super::is_unheard(out.write_all(html.as_bytes()).and_then(|()| out.flush()))?;
        }
        Some(path) => write(path, &html)?,
        None => write(Path::new(&name), &html)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, html: &str) -> anyhow::Result<()> {
    serve::pack_files::write_whole(path, html)?;
    println!("wrote {} ({} kB); open it in a browser", path.display(), html.len() / 1000);
    Ok(())
}

/// Asks a server for what the token's holder may see.
fn fetch(args: &PackArgs) -> anyhow::Result<(String, String)> {
    client::block_on(async {
        let asked = client::get(&args.client, "/pack", &[]).await;
        let response = asked.context("the server gave no pack; with --offline the database is read instead")?;
        let seq = response.headers().get("x-callboard-seq").and_then(|seq| seq.to_str().ok()?.parse().ok());
        let name = pack::file_name(model::Seq(seq.unwrap_or_default()));
        Ok((response.text().await?, name))
    })
}

/// Reads the database.
fn make(args: &PackArgs) -> anyhow::Result<(String, String)> {
    let request = args.config.request()?;
    let loaded = config::load(&request)?;
    let from_environment = |name: &str| request.environment.get(name).filter(|value| !value.is_empty());
    let data = args.data.clone().or_else(|| from_environment("CALLBOARD_DATA").map(PathBuf::from));
    let database = args.database.clone().or_else(|| from_environment("CALLBOARD_DATABASE").cloned());
    let prepared = tokio::runtime::Runtime::new()?.block_on(serve::offline_pack::prepare(
        &loaded,
        data.as_deref(),
        database.as_deref(),
    ))?;
    Ok((prepared.write(auth::system_clock()()), pack::file_name(prepared.seq())))
}
