//! `callboard serve`: where the rooms meet. Reads like a list: open, build, start the loops, serve, stop.

mod addresses;
pub mod commands;
mod first_reads;
mod logging;
mod loops;
pub mod model_files;
pub mod offline_pack;
pub mod pack_files;
mod packing;
mod progress;
mod roots;
mod senders;
mod sweep;
#[cfg(feature = "otel")]
mod traces;
mod watching;
mod workshop;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use auth::{AccessSettings, Door, Live, Ring};
use index::Fold;
use model::Cause;
use source::{Reader, Sender};
use store::Store;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::{
    logging::{LogFormat, start_logging},
    loops::{LoopStatus, chain_text},
};
use crate::{
    config::{self, Config, Loaded, OrphanStrategy, PackConfig},
    deliver, follow,
    harvest::{self, Bell, Interval, Rooms},
    replicas::{DELIVER, HARVEST, Hearing, Keeper, Ringer, SWEEP},
};

/// What the command line adds to the configuration.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folders, files and addresses to harvest beside `catalog.locations`.
    pub locations: Vec<String>,
    /// Address to listen at, before `backend.listen`.
    pub listen: Option<String>,
    /// Data folder, before `callboard.data`.
    pub data: Option<PathBuf>,
    /// Database address, before `backend.database`.
    pub database: Option<String>,
    /// Lets anybody in who can reach the address.
    pub open_to_network: bool,
    /// A sentence to print when the server is open.
    pub greeting: Option<String>,
    /// Whether to show a bar while harvesting for the first time.
    pub show_progress: bool,
}

/// Serves until the process is told to stop.
///
/// # Errors
/// When something that the server needs cannot be had: the address, the database, the own kinds, a usable configuration.
pub async fn run(loaded: Loaded, options: Options) -> anyhow::Result<()> {
    report_configuration(&loaded);
    let shown_config = config::render_masked(&loaded.merged);
    let config_files = loaded.files.iter().map(|path| path.display().to_string()).collect();
    let config = loaded.config;
    let listener = addresses::bind(&config, options.listen.as_deref()).await?;
    let address = listener.local_addr().context("the listening socket has no address")?;
    addresses::check_openness(&config, address, options.open_to_network)?;
    let kinds = Arc::new(model_files::load(&config.model)?);
    let data = addresses::data_folder(&config, options.data.as_deref())?;
    let database = addresses::database_url(&config, options.database.as_deref(), &data)?;
    let store = Store::open(&database).await.map_err(|error| anyhow::anyhow!("{}", chain_text(&error)))?;

    if let Some(standby) = addresses::standby_url(&config, &data)? {
        let refused = |error| anyhow::anyhow!("`callboard.standby` cannot be used: {}", chain_text(&error));
        store.use_standby(&standby).map_err(refused)?;
    }

    let clock = auth::system_clock();
    let roots = roots::configured(&config, &options.locations)?;
    let base_url = config.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let live = Arc::new(Live::loading(Fold::empty().snapshot()));
    let bell = Bell::default();
    let stop = CancellationToken::new();
    let statuses = Statuses::new(config.pack.as_ref());

    let keeper = Keeper::new(store.clone(), live.clone(), &address.to_string());
    let ringer = Ringer { bell: bell.clone(), store: store.clone(), held: keeper.held(HARVEST), clock: clock.clone() };
    let harvested = Arc::new(Notify::new());
    let letters = Arc::new(Notify::new());
    let sender = Arc::new(Sender::new(&config.webhooks.sender));
    let follower = follow::prepare();
    let first_reads = Arc::new(first_reads::FirstReads::default());
    let rooms = Rooms {
        reader: Reader::new(config.reader.clone()),
        store: keeper.fenced(HARVEST),
        kinds,
        rules: Arc::new(roots.rules),
        committed: follower.sink(),
        now: clock.clone(),
        interval: Interval::from(config.catalog.interval),
        progress: Arc::new(sweep::Ringing {
            watchers: vec![follower.watcher(), progress::for_terminal(options.show_progress), first_reads.clone()],
            harvested: harvested.clone(),
        }),
    };
    let access = Arc::new(access(&config, &base_url, address, options.open_to_network, &store)?);
    let (ringing, delivering) = (ringer.clone(), letters.clone());
    let door = Door {
        store: store.clone(),
        live: live.clone(),
        access: access.clone(),
        bell: Arc::new(move |ring| match ring {
            Ring::Root(root) => ringing.ring(root),
            Ring::Later(root, wait) => {
                let ringing = ringing.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(wait).await;
                    ringing.ring(root);
                });
            }
            Ring::All => ringing.ring_all(),
            Ring::Deliver => delivering.notify_one(),
        }),
        committed: follower.sink(),
        clock: clock.clone(),
    };
    let deliver = deliver::Deliver {
        store: keeper.fenced(DELIVER),
        door: door.clone(),
        sender: sender.clone(),
        schedule: config.webhooks.schedule,
        portal: Arc::new(deliver::Portal { title: config.title.clone(), base_url: base_url.clone() }),
        bell: letters.clone(),
        held: keeper.held(DELIVER),
    };
    let hands = workshop::Hands {
        rooms: rooms.clone(),
        sender,
        first_reads,
        replica: keeper.id().clone(),
        loops: statuses.all(config.pack.is_some()),
        senders: senders::Senders::new(&config.call_sheets.senders)?,
        started_at: clock(),
        config: shown_config,
        config_files,
    };
    let web = web::WebSettings {
        local_names_only: addresses::is_open_by_address_only(&config, address, options.open_to_network),
        kinds: rooms.kinds.table().iter().map(show_kind).collect(),
        ..web_settings(&config, &base_url, &database)
    };
    let app = web::App::new(live.clone(), access, door, Arc::new(hands), web);
    let boards = app.boards().clone();
    let page_settings = app.settings().clone();
    let server = tokio::spawn(web::serve(
        listener,
        web::router(app),
        web::ServeSettings::default(),
        stop.clone().cancelled_owned(),
    ));

    let cause = Cause { actor: Some("configuration".into()), ..Cause::default() };
    store.set_config_roots(&roots.locations, &cause, clock()).await.context("the roots could not be written")?;
    let follower = follower.start(store.clone(), live.clone(), statuses.follow.clone(), clock.clone()).await?;
    println!("{} is open at {base}", config.title, base = local_url(address));
    if let Some(greeting) = &options.greeting {
        println!("{greeting}");
    }

    // What changed while nobody was looking is found now rather than when each root is due; unchanged files cost little.
    let known_roots = store.list_roots().await.context("the roots could not be read")?;
    if known_roots.is_empty() {
        tracing::warn!(
            "there is nothing to harvest: name a folder, file or web address behind `serve`, or in `catalog.locations`"
        );
    }
    for root in known_roots {
        bell.ring(root.id);
    }
    let tasks = TaskTracker::new();
    tasks.spawn(harvest::run(rooms, bell.clone(), ringer.held.clone(), stop.clone(), statuses.refresh.clone()));
    tasks.spawn(watching::run(store.clone(), roots.folders, ringer, stop.clone()));
    tasks.spawn(deliver::run(deliver, stop.clone(), statuses.deliver.clone()));
    let hearing =
        Hearing { store: store.clone(), live: live.clone(), follower: follower.clone(), bell, deliver: letters };
    tasks.spawn(hearing.run(stop.clone()));
    if let Some(pack) = config.pack {
        let (live, clock) = (live.clone(), clock.clone());
        let packing = packing::Packing { live, settings: page_settings, config: pack, clock };
        tasks.spawn(packing::run(packing, stop.clone(), statuses.pack.clone()));
    }
    let sweep = sweep::Sweep {
        store: keeper.fenced(SWEEP),
        held: keeper.held(SWEEP),
        harvests: keeper.held(HARVEST),
        harvest_store: keeper.fenced(HARVEST),
        follower: follower.clone(),
        live,
        boards,
        retention: config.history_retention,
        events_retention: config.events_retention,
        clock,
        harvested,
    };
    tasks.spawn(sweep::run(sweep, stop.clone(), statuses.sweep.clone()));
    tasks.spawn(keeper.run(stop.clone()));
    tasks.close();

    wait_for_signal().await;
    stop.cancel();
    server.await.context("the server broke off")?.context("the server failed")?;
    tasks.wait().await;
    follower.stop();
    store.close().await;
    Ok(())
}

/// The loops' states.
struct Statuses {
    refresh: LoopStatus,
    follow: LoopStatus,
    sweep: LoopStatus,
    pack: LoopStatus,
    deliver: LoopStatus,
}

impl Statuses {
    fn new(pack: Option<&PackConfig>) -> Self {
        let pack_period = pack.map_or(0, |pack| u64::try_from(pack.every.as_millis()).unwrap_or(u64::MAX));
        Self {
            pack: LoopStatus::new("pack", pack_period),
            refresh: LoopStatus::new("refresh", 1_000),
            follow: LoopStatus::new("follow", 1_000),
            sweep: LoopStatus::new("sweep", sweep::PERIOD_MS),
            deliver: LoopStatus::new("deliver", deliver::PERIOD_MS),
        }
    }

    /// All that run; packs are only written when the configuration says where to.
    fn all(&self, packs: bool) -> Vec<LoopStatus> {
        let mut all = vec![self.refresh.clone(), self.follow.clone(), self.sweep.clone(), self.deliver.clone()];
        all.extend(packs.then(|| self.pack.clone()));
        all
    }
}

fn report_configuration(loaded: &Loaded) {
    let Config { title, organization, app_base_url, catalog, .. } = &loaded.config;
    tracing::info!(title, organization, app_base_url, files = ?loaded.files, "configuration read");
    if !loaded.not_used.is_empty() {
        let keys: Vec<String> = loaded.not_used.iter().map(|key| key.path.clone()).collect();
        tracing::info!(keys = keys.join(", "), "configuration keys of Backstage that are not used here");
    }
    if catalog.orphans == OrphanStrategy::Keep {
        tracing::warn!(
            "`catalog.orphanStrategy: keep` has no effect: entities that nothing names any more are removed, and stay in the history"
        );
    }
}

fn access(
    config: &Config,
    base_url: &str,
    address: std::net::SocketAddr,
    open_to_network: bool,
    store: &Store,
) -> anyhow::Result<auth::Access> {
    let settings = AccessSettings {
        open_to_guests: addresses::open_to_guests(config, address, open_to_network),
        permissions_enabled: config.access.permissions_enabled,
        static_tokens: config.access.static_tokens.clone(),
        legacy_keys: config.access.legacy_keys.clone(),
        guest: Some(config.access.guest.clone().unwrap_or_default()),
        token_lifetime: config.access.token_lifetime,
        ..AccessSettings::closed(base_url)
    };
    Ok(auth::Access::new(settings, store.clone())?)
}

fn web_settings(config: &Config, base_url: &str, database: &str) -> web::WebSettings {
    web::WebSettings {
        title: config.title.clone(),
        organization: config.organization.clone(),
        kinds: Vec::new(),
        tools: config.tools.clone(),
        base_url: base_url.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        etag_salt: xxhash(database),
        catalog_readonly: config.catalog.readonly,
        local_names_only: false,
        location_conflict: config.catalog.conflict,
        cors: config.cors.clone(),
        limits: config.limits.clone(),
        call_sheets: web::CallSheetSettings {
            senders: config.call_sheets.senders.iter().map(senders::show).collect(),
            links: config.call_sheets.links.clone(),
        },
        receivers: config.receivers.clone(),
    }
}

fn show_kind(kind: &ingest::KindInfo) -> web::KindInfo {
    web::KindInfo {
        name: kind.name.clone(),
        plural: kind.plural.clone(),
        icon: kind.icon.clone(),
        columns: kind
            .columns
            .iter()
            .map(|column| web::KindColumn { title: column.title.clone(), path: column.path.clone() })
            .collect(),
        is_builtin: kind.builtin,
    }
}

/// Tells databases apart in ETags; no secret can be read back from it.
fn xxhash(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

/// The address as a browser on this machine reaches it.
fn local_url(address: std::net::SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

async fn wait_for_signal() {
    let interrupt = tokio::signal::ctrl_c();
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard; only Ctrl-C stops in good order");
            let _interrupted = interrupt.await;
            return;
        }
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
