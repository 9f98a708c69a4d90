//! Three replicas on one PostgreSQL: killed at random under load, taking over from each other, and without their database.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    receiver::Receiver,
    support::{Database, PATIENCE, Server, Setup, component, write},
};

/// How many replicas there are.
const REPLICAS: usize = 3;
/// How often one of them is killed.
const KILLS: u64 = 6;
/// What is promised for a takeover.
const TAKEOVER: Duration = Duration::from_secs(10);

/// Setups of replicas that differ in nothing but their data folder.
fn setups(data: &Path, estate: &Path, url: &str, more: &[&str]) -> Vec<Setup> {
    (0..REPLICAS)
        .map(|n| {
            let folder = data.join(n.to_string());
            std::fs::create_dir_all(&folder).expect("a folder");
            Setup::new(&folder, &[estate]).on(Database::Postgres(url.to_owned())).with(more)
        })
        .collect()
}

/// Which replica runs a loop, by its place in the list. `None` while nobody does.
async fn holder(servers: &[Option<Server>], lease: &str) -> Option<usize> {
    for (place, server) in servers.iter().enumerate() {
        let Some(server) = server else { continue };
        let Ok((200, status)) = server.try_ask("GET", "/api/v1/status", None).await else { continue };
        let runs = |replica: &Value| {
            replica["isThis"] == true
                && replica["leases"].as_array().is_some_and(|leases| leases.iter().any(|name| name == lease))
        };
        if status["replicas"].as_array().is_some_and(|replicas| replicas.iter().any(runs)) {
            return Some(place);
        }
    }
    None
}

async fn until_held(servers: &[Option<Server>], lease: &str) -> (usize, Duration) {
    let started = Instant::now();
    loop {
        if let Some(place) = holder(servers, lease).await {
            return (place, started.elapsed());
        }
        assert!(started.elapsed() < PATIENCE, "nobody runs the loop {lease}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Reads from one replica again and again, and counts what fails while the replica is meant to live.
fn read_all_the_time(
    base: String,
    is_alive: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
) -> tokio::task::JoinHandle<(u64, Vec<String>)> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().expect("a client");
    tokio::spawn(async move {
        let (mut good, mut failed) = (0, Vec::new());
        let paths = ["/api/v1/entities?limit=5", "/catalog", "/api/v1/changes?limit=5", "/"];
        for path in paths.iter().cycle() {
            if stop.load(Ordering::Acquire) || !is_alive.load(Ordering::Acquire) {
                break;
            }
            match client.get(format!("{base}{path}")).send().await {
                Ok(answer) if answer.status() == 200 => good += 1,
                Ok(answer) => failed.push(format!("{path}: {}", answer.status())),
                // A read that was under way when its replica was killed may fail; no other.
                Err(error) if is_alive.load(Ordering::Acquire) => failed.push(format!("{path}: {error}")),
                Err(_) => {}
            }
        }
        (good, failed)
    })
}

/// Follows the change feed of one replica for as long as it lives.
async fn follow(server: &Server, after: &AtomicU64, seen: &std::sync::Mutex<BTreeMap<u64, String>>) -> bool {
    let path = format!("/api/v1/changes?after={}&limit=1000", after.load(Ordering::Acquire));
    let Ok((200, page)) = server.try_ask("GET", &path, None).await else { return false };
    let mut last = after.load(Ordering::Acquire);
    for item in page["items"].as_array().expect("changes") {
        let seq = item["seq"].as_u64().expect("a number");
        assert!(seq > last, "changes come in order: {seq} after {last}");
        last = seq;
        let what =
            format!("{} {}", item["kind"].as_str().unwrap_or_default(), item["entityRef"].as_str().unwrap_or_default());
        let before = seen.lock().expect("nobody fails").insert(seq, what.clone());
        assert!(before.is_none_or(|before| before == what), "all replicas tell the same of {seq}");
    }
    after.store(page["next"].as_u64().expect("a number").max(last), Ordering::Release);
    true
}

#[tokio::test]
async fn any_replica_may_be_killed_at_any_time() {
    let Some(url) = testkit::postgres() else { return };
    let (data, estate) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write(&estate.path().join("first.yaml"), &component("first", "team-a"));
    let setups = setups(data.path(), estate.path(), &url, &[]);
    let mut servers: Vec<Option<Server>> = Vec::new();
    let stop = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    let mut alive: Vec<Arc<AtomicBool>> = Vec::new();
    for setup in &setups {
        let server = setup.start().await;
        server.until_entity("component", "first").await;
        let is_alive = Arc::new(AtomicBool::new(true));
        readers.push(read_all_the_time(server.base.clone(), Arc::clone(&is_alive), Arc::clone(&stop)));
        alive.push(is_alive);
        servers.push(Some(server));
    }
    let after: Vec<AtomicU64> = (0..REPLICAS).map(|_| AtomicU64::new(0)).collect();
    let seen = std::sync::Mutex::new(BTreeMap::new());
    let mut slowest = Duration::ZERO;
    for round in 0..KILLS {
        let name = format!("round-{round}");
        write(&estate.path().join(format!("{name}.yaml")), &component(&name, "team-a"));
        // Every other time the one that harvests dies, else one by its turn.
        let (holding, _) = until_held(&servers, "refresh").await;
        let victim = if round % 2 == 0 { holding } else { usize::try_from(round * 7919 % 3).expect("small") };
        tokio::time::sleep(Duration::from_millis(round * 7919 % 600)).await;
        alive[victim].store(false, Ordering::Release);
        servers[victim].take().expect("it runs").kill().await;
        let (_, took) = until_held(&servers, "refresh").await;
        slowest = slowest.max(took);
        assert!(took < TAKEOVER, "a takeover took {took:?}");
        for (place, server) in servers.iter().enumerate() {
            let Some(server) = server else { continue };
            server.until_entity("component", &name).await;
            assert!(follow(server, &after[place], &seen).await, "a living replica tells its changes");
        }
        // It comes back as another process at another address.
        let server = setups[victim].start().await;
        let is_alive = Arc::new(AtomicBool::new(true));
        readers.push(read_all_the_time(server.base.clone(), Arc::clone(&is_alive), Arc::clone(&stop)));
        alive[victim] = is_alive;
        servers[victim] = Some(server);
    }
    stop.store(true, Ordering::Release);
    let mut reads = 0;
    for reader in readers {
        let (good, failed) = reader.await.expect("it ends");
        assert!(failed.is_empty(), "{failed:?}");
        reads += good;
    }
    assert!(reads > 100, "only {reads} reads under way");

    // Nothing was lost: every replica tells every number from the first to the last.
    let newest = servers.iter().flatten().next().expect("one lives").get("/api/v1/changes?after=0").await;
    let newest = newest["newest"].as_u64().expect("a number");
    for (place, server) in servers.iter().enumerate() {
        let server = server.as_ref().expect("all live");
        server
            .until("it has told everything", async |server| {
                follow(server, &after[place], &seen).await;
                (after[place].load(Ordering::Acquire) >= newest).then_some(())
            })
            .await;
    }
    let told: BTreeSet<u64> = seen.lock().expect("nobody fails").keys().copied().collect();
    assert!((1..=newest).all(|seq| told.contains(&seq)), "a change is missing of {newest}: {told:?}");
    eprintln!("{reads} reads, {newest} changes, slowest takeover {slowest:?}");
}

#[tokio::test]
async fn whichever_replica_is_asked_the_one_that_runs_the_loop_hears_of_it() {
    let Some(url) = testkit::postgres() else { return };
    let (data, estate) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write(&estate.path().join("first.yaml"), &component("first", "team-a"));
    let mut receiver = Receiver::start(200).await;
    let config = data.path().join("app-config.yaml");
    let text = format!(
        "catalog: {{processingInterval: false}}\ncallboard:\n  webhooks: {{allow: {}, firstRetry: 1s}}\n",
        json!([receiver.host])
    );
    std::fs::write(&config, text).expect("written");
    let setups = setups(data.path(), estate.path(), &url, &["--config", &config.display().to_string()]);
    let mut servers = Vec::new();
    for setup in &setups {
        servers.push(Some(setup.start().await));
    }
    let (holding, _) = until_held(&servers, "refresh").await;
    let (delivering, _) = until_held(&servers, "deliver").await;
    let other = servers[(holding + 1) % REPLICAS].as_ref().expect("it runs");
    other.until_entity("component", "first").await;
    other
        .until("all replicas are known", async |server| {
            let status = server.get("/api/v1/status").await;
            (status["replicas"].as_array().map(Vec::len) == Some(REPLICAS)).then_some(())
        })
        .await;

    // A webhook is made where nobody delivers, and told of what is harvested elsewhere.
    let stranger = servers[(delivering + 1) % REPLICAS].as_ref().expect("it runs");
    let draft = json!({ "name": "All", "url": receiver.url });
    let (status, webhook) = stranger.ask("POST", "/api/v1/webhooks", Some(draft)).await;
    assert_eq!(status, 201, "{webhook}");
    // The loop looks because of the request, or because any replica has seen the folder change.
    write(&estate.path().join("second.yaml"), &component("second", "team-a"));
    let body = json!({ "entityRef": "component:default/first" });
    assert_eq!(other.ask("POST", "/api/catalog/refresh", Some(body)).await.0, 200);
    other.until_entity("component", "second").await;
    receiver.next_where(|received| received.body.contains("component:default/second")).await;

    // The one that delivers stops in good order; another takes over at once and delivers.
    servers[delivering].take().expect("it runs").stop().await;
    let (_, took) = until_held(&servers, "deliver").await;
    assert!(took < TAKEOVER, "{took:?}");
    write(&estate.path().join("third.yaml"), &component("third", "team-a"));
    receiver.next_where(|received| received.body.contains("component:default/third")).await;
}

#[tokio::test]
async fn without_their_database_replicas_show_what_they_know_and_how_old_it_is() {
    if testkit::is_skipped() {
        return;
    }
    let postgres = testkit::PostgresServer::start();
    let (data, estate) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write(&estate.path().join("first.yaml"), &component("first", "team-a"));
    let database = Database::Postgres(postgres.create_database());
    let server = Setup::new(data.path(), &[estate.path()]).on(database).start().await;
    server.until_entity("component", "first").await;
    let readiness = "/.backstage/health/v1/readiness";
    assert_eq!(server.get(readiness).await, json!({ "status": "ok" }));
    let client = reqwest::Client::builder().timeout(PATIENCE).build().expect("a client");
    // The board of problems is built before, as on any server that is looked at.
    assert_eq!(server.ask("GET", "/problems", None).await.0, 200);

    postgres.stop();
    server
        .until("it says that it is degraded", async |server| {
            (server.get(readiness).await["status"] == "degraded").then_some(())
        })
        .await;
    for path in [
        "/",
        "/catalog",
        "/catalog/default/component/first",
        "/teams",
        "/problems",
        "/api/v1/entities",
        "/search?query=first",
        "/impact?ref=component:default/first",
        "/catalog-graph?rootEntityRefs[]=component:default/first",
    ] {
        let answer = client.get(format!("{}{path}", server.base)).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.headers().contains_key("x-callboard-stale-since"), "{path}");
        let text = answer.text().await.expect("a body");
        assert!(path.starts_with("/api") || text.contains("The database cannot be reached"), "{path}");
    }
    let newest = server.get("/api/v1/entities").await;
    assert!(newest["total"].as_u64() >= Some(1), "{newest}");
    let draft = json!({ "name": "All", "url": "https://hooks.example.com/x" });
    let (status, refused) = server.ask("POST", "/api/v1/webhooks", Some(draft.clone())).await;
    assert_eq!(status, 503, "{refused}");
    assert!(refused["detail"].as_str().is_some_and(|why| why.contains("cannot be reached")), "{refused}");

    postgres.restart();
    server
        .until("it is well again", async |server| (server.get(readiness).await["status"] == "ok").then_some(()))
        .await;
    let answer = client.get(format!("{}/catalog", server.base)).send().await.expect("an answer");
    assert!(!answer.headers().contains_key("x-callboard-stale-since"));
    server
        .until("writes work again", async |server| {
            (server.ask("POST", "/api/v1/webhooks", Some(draft.clone())).await.0 == 201).then_some(())
        })
        .await;
}
