//! Measures the store alone: a first harvest in batches, one without differences, loading, and loading a past moment.
//!
//! `cargo run --release -p callboard-store --example bench_store -- [ENTITIES] [URL]`; without an address it measures SQLite
//! in a temporary folder and PostgreSQL on a throw-away server.

use std::time::Instant;

use model::{DeclaredRelation, EntityBody, EntityRef, LocationRef, Seq, Timestamp, Uid};
use store::{FileOutcome, FileReport, KnownFile, NewEntity, ReadFile, Store, StoreError};

/// The allocator that the server uses too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 2_500;

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let mut arguments = std::env::args().skip(1);
    let entities = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(50_000);
    if let Some(url) = arguments.next() {
        return measure(&url, entities).await;
    }
    let dir = tempfile::tempdir().expect("there is a temporary folder");
    measure(&format!("sqlite://{}/catalog.db", dir.path().display()), entities).await?;
    match testkit::postgres() {
        Some(url) => measure(&url, entities).await,
        None => Ok(()),
    }
}

async fn measure(url: &str, entities: usize) -> Result<(), StoreError> {
    println!("{} entities on {}", entities, url.split(':').next().unwrap_or_default());
    let store = Store::open(url).await?;
    let root = store.register_root(&LocationRef::new("url", "https://example.org/"), Timestamp(1)).await?.id;
    for name in ["first harvest", "no differences"] {
        let mut watch = Watch::default();
        for start in (0..entities).step_by(BATCH) {
            let batch = (start..entities.min(start + BATCH)).map(report).collect();
            watch.go();
            apply(&store, root, batch).await?;
            watch.halt();
        }
        watch.print(name);
    }
    let mut watch = Watch::default();
    watch.go();
    let (seq, all) = store.load_all().await?;
    watch.halt();
    assert_eq!(all.len(), entities, "all is there");
    watch.print("load_all");
    drop(all);
    let mut watch = Watch::default();
    watch.go();
    let half = store.load_as_of(Seq(seq.0 / 2)).await?.len();
    watch.halt();
    watch.print(&format!("load_as_of ({half})"));
    let counts = store.counts().await?;
    println!("  {:.1} MB, {} bytes per entity", counts.bytes as f64 / 1e6, counts.bytes / entities.max(1) as u64);
    Ok(())
}

async fn apply(store: &Store, root: Uid, batch: Vec<FileReport>) -> Result<(), StoreError> {
    store.apply(root, batch, Timestamp(2)).await.map(drop)
}

/// A file with one component, of the usual size.
fn report(number: usize) -> FileReport {
    let target = format!("https://git.example.org/team-{}/service-{number}/blob/main/catalog-info.yaml", number % 500);
    let location = LocationRef::new("url", &target);
    let body = format!(
        r#"{{"metadata":{{"namespace":"default","annotations":{{"backstage.io/managed-by-location":"url:{target}","backstage.io/managed-by-origin-location":"url:https://example.org/","backstage.io/view-url":"{target}","backstage.io/source-location":"url:{target}"}},"name":"service-{number}","title":"Service {number}","description":"Takes care of one of the many things that a company of this size needs, number {number}","tags":["java","tier-{}"],"links":[{{"url":"https://grafana.example.org/d/{number}","title":"Dashboard"}}]}},"apiVersion":"backstage.io/v1alpha1","kind":"Component","spec":{{"type":"service","lifecycle":"production","owner":"team-{}","system":"system-{}","dependsOn":["component:default/service-{}","resource:default/db-{}"]}}}}"#,
        number % 3,
        number % 500,
        number % 900,
        number / 2,
        number % 5_000
    );
    let relation = |forward: &str, reverse: &str, kind: &str, name: String| DeclaredRelation {
        forward: forward.into(),
        reverse: reverse.into(),
        other: EntityRef::new(kind, "default", &name),
        line: 9,
    };
    let entity = NewEntity {
        entity_ref: EntityRef::new("component", "default", &format!("service-{number}")),
        body: EntityBody::from_json(body),
        relations: vec![
            relation("ownedBy", "ownerOf", "group", format!("team-{}", number % 500)),
            relation("partOf", "hasPart", "system", format!("system-{}", number % 900)),
            relation("dependsOn", "dependencyOf", "component", format!("service-{}", number / 2)),
            relation("dependsOn", "dependencyOf", "resource", format!("db-{}", number % 5_000)),
        ],
        line: 1,
        warnings: Vec::new(),
        errors: Vec::new(),
        visible_despite_errors: false,
    };
    let known = KnownFile {
        location: location.clone(),
        etag: Some(format!("\"{number:x}\"")),
        content_hash: Some(number as u64),
        processing_hash: 1,
        nested: String::new(),
        self_contained: true,
    };
    let read =
        ReadFile { known, revision: None, entities: vec![entity], rejected: Vec::new(), diagnostics: Vec::new() };
    let parents = vec![EntityRef::new("location", "default", "all")];
    FileReport { location, parents, outcome: FileOutcome::Read(Box::new(read)) }
}

/// Adds up time between `go` and `halt`.
#[derive(Default)]
struct Watch {
    wall: f64,
    cpu: f64,
    since: Option<(Instant, f64)>,
}

impl Watch {
    fn go(&mut self) {
        self.since = Some((Instant::now(), cpu_seconds()));
    }

    fn halt(&mut self) {
        if let Some((wall, cpu)) = self.since.take() {
            self.wall += wall.elapsed().as_secs_f64();
            self.cpu += cpu_seconds() - cpu;
        }
    }

    fn print(&self, name: &str) {
        println!("  {name}: {:.2} s, {:.2} CPU-s in this process", self.wall, self.cpu);
    }
}

/// User and system time of this process; Linux counts it in ticks of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}
