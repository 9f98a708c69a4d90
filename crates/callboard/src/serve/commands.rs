//! The subcommands that open the store: `serve`, `demo` and `backup`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use store::Store;

use super::{LogFormat, Options, addresses, chain_text, start_logging};
use crate::{
    cli::{self, BackupArgs, DemoArgs, ServeArgs, ServerArgs},
    config::{self, Loaded, Request},
    demo,
};

/// `callboard serve`.
///
/// # Errors
/// When the server cannot start or breaks off.
pub fn run_serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let request = args.config.request()?;
    serve(&request, args.server, args.locations, None)
}

/// `callboard demo`, and `callboard` alone.
///
/// # Errors
/// When the estate cannot be written, or the server cannot start or breaks off.
pub fn run_demo(args: DemoArgs) -> anyhow::Result<ExitCode> {
    if let Some(folder) = args.write {
        let files = demo::write_to(&folder)?;
        println!("wrote {files} files to {}; serve them with", folder.display());
        println!("  callboard serve --config {}", folder.join("app-config.yaml").display());
        return Ok(ExitCode::SUCCESS);
    }
    let mut request = cli::ConfigArgs::default().request()?;
    let home = demo_folder(&request);
    let estate = home.join("estate");
    demo::write_to(&estate).with_context(|| format!("the demo estate cannot be written to {}", estate.display()))?;
    request.files = vec![estate.join("app-config.yaml")];
    let mut server = args.server;
    server.data.get_or_insert_with(|| home.join("data"));
    let greeting = format!("Its descriptors are in {}: change one and look again.", estate.display());
    serve(&request, server, Vec::new(), Some(greeting))
}

/// Where the demo lives between two starts: the user's cache folder, or else the folder for temporary files.
fn demo_folder(request: &Request) -> PathBuf {
    let of = |name: &str| request.environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = of("XDG_CACHE_HOME").or_else(|| of("HOME").map(|home| home.join(".cache")));
    cache.unwrap_or_else(std::env::temp_dir).join("callboard").join("demo")
}

fn serve(
    request: &Request,
    server: ServerArgs,
    locations: Vec<String>,
    greeting: Option<String>,
) -> anyhow::Result<ExitCode> {
    let format = match server.log_format {
        cli::LogFormat::Human => LogFormat::Human,
        cli::LogFormat::Json => LogFormat::Json,
    };
    let logging = start_logging(format, &request.environment)?;
    let loaded: Loaded = config::load(request)?;
    let options = Options {
        locations,
        listen: server.listen,
        data: server.data,
        database: server.database,
        open_to_network: server.open_to_network,
        greeting,
        show_progress: format == LogFormat::Human,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let served = runtime.block_on(super::run(loaded, options));
    drop(runtime);
    logging.stop();
    served.map(|()| ExitCode::SUCCESS)
}

/// `callboard backup`.
///
/// # Errors
/// When the database cannot be opened or the copy cannot be written.
pub fn run_backup(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let loaded = config::load(&args.config.request()?)?;
    let data = addresses::data_folder_in_use(&loaded.config, args.data.as_deref())?;
    let database = addresses::database_url(&loaded.config, None, &data)?;
    let copy = async {
        let store = Store::open_beside(&database).await?;
        store.backup(&args.target).await
    };
    let copied = tokio::runtime::Runtime::new()?.block_on(copy);
    copied.map_err(|error| anyhow::anyhow!("{}", chain_text(&error)))?;
    println!("copied the database to {}", args.target.display());
    Ok(ExitCode::SUCCESS)
}
