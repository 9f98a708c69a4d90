//! Measures the index alone: `cargo run --release -p callboard-index --example bench_index -- [entities]...`
//!
//! Prints the time to build, the memory of the process, how long one changed entity takes, and the time per query. The
//! entities are synthetic: bodies of about 2 kB, 8.3 relations each, names and titles from a vocabulary.

use std::{sync::Arc, time::Instant};

use index::{Direction, Filter, Fold, Order, PageQuery, QuickQuery, SearchFacet, SearchQuery, Start, View, Visibility};
use model::{Cause, Change, ChangeKind, DeclaredRelation, EntityBody, EntityRef, Seq, StoredEntity, Timestamp, Uid};
use xxhash_rust::xxh3::xxh3_128;

/// The allocator of the real program: what it gives back to the system counts here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TEAMS: usize = 1_000;

fn main() {
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![50_000, 739_000];
    }
    for size in sizes {
        measure(size);
    }
}

fn measure(size: usize) {
    println!("## {size} entities");
    let entities: Vec<Arc<StoredEntity>> = (0..size).map(|number| Arc::new(entity(number, size))).collect();
    let bytes: usize = entities.iter().map(|entity| entity.body.as_str().len()).sum();
    println!("bodies {} MB, process {} MB", bytes / 1_000_000, resident_mb());
    let sample = entities[size / 2].as_ref().clone();
    let (start, before) = (Instant::now(), cpu_seconds());
    let mut fold = Fold::build(Seq(1), entities);
    let cpu = cpu_seconds() - before;
    println!("build {:.2} s, {cpu:.2} CPU s, process {} MB", start.elapsed().as_secs_f64(), resident_mb());
    let start = Instant::now();
    fold.snapshot().warm();
    println!("warm {:.2} s, process {} MB", start.elapsed().as_secs_f64(), resident_mb());
    let view = fold.snapshot().view(Visibility::Everything);
    ask_all(&view);
    search_all(&view);
    drop(view);
    change_some(&mut fold, &sample, size);
    let start = Instant::now();
    let fingerprint = fold.fingerprint();
    println!("fingerprint {fingerprint:032x} {:.2} s, process {} MB", start.elapsed().as_secs_f64(), resident_mb());
    println!("after changes:");
    let view = fold.snapshot().view(Visibility::Everything);
    ask_all(&view);
    search_all(&view);
}

/// Searches as the search page and the palette ask them.
fn search_all(view: &View) {
    let texts = ["payment", "payment-10", "p", "store label", "sentence", "yment", "paymnet", "grdlb", "team-7 gift"];
    for text in texts {
        let facets = ["kind", "spec.type", "spec.lifecycle", "relations.ownedby"];
        let facets = facets.map(|key| SearchFacet { key: key.into(), filter: Filter::All }).to_vec();
        let query = SearchQuery { text: text.into(), filter: Filter::All, offset: 0, limit: 20, facets: vec![] };
        time(&format!("search {text}"), || view.search(&query).total as usize);
        let query = SearchQuery { facets, ..query };
        time(&format!("search {text}, four facets"), || view.search(&query).total as usize);
    }
    let near: Vec<(String, u32)> = (0..200)
        .map(|team| (format!("group:default/team-{team}"), 60))
        .chain([("component:default/payment-0-x".into(), 100)])
        .collect();
    let near: Vec<(&str, u32)> = near.iter().map(|(entity_ref, worth)| (entity_ref.as_str(), *worth)).collect();
    for text in ["p", "pay", "payment-10", "pmtlab", "lbl", "payment-0-x", "zzzz", "paymnet"] {
        let query = QuickQuery { text, filter: Filter::All, limit: 12, near: &near };
        time(&format!("quick {text}"), || view.quick(&query).len());
    }
    time("nearest to a mistyped reference", || view.nearest("component", "default", "paymnet-0-x", 5).len());
}

fn change_some(fold: &mut Fold, sample: &StoredEntity, size: usize) {
    let mut times = Vec::new();
    for round in 0..200 {
        let number = (round * 7919) % size;
        let mut changed = entity(number, size);
        changed.line = round as u32;
        changed.relations = sample.relations.clone();
        let change = Change {
            seq: Seq(round as u64 + 2),
            at: Timestamp(0),
            entity_ref: changed.entity_ref.clone(),
            kind: ChangeKind::Changed,
            entity: Some(Arc::new(changed)),
            cause: Cause::default(),
        };
        let start = Instant::now();
        fold.apply(std::slice::from_ref(&change));
        let _snapshot = fold.snapshot();
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("one change: p50 {:.2} ms, max {:.2} ms", times[times.len() / 2], times[times.len() - 1]);
}

fn ask_all(view: &View) {
    let is = |key: &str, value: &str| Filter::Equals(key.into(), value.into());
    let component = is("kind", "component");
    let page = |filter: Filter, order: Order| PageQuery {
        filter,
        order,
        start: Start::Offset(0),
        limit: Some(20),
        count: true,
    };
    let by_name = || Order::Field("metadata.name".into(), Direction::Ascending);
    let sorted = page(component.clone(), by_name());
    time("sorted page of 20 with total", || view.page(&sorted).rows.len());
    let like = Filter::Like("payment".into(), vec!["metadata.name".into(), "metadata.title".into()]);
    let searched = page(Filter::And(vec![component.clone(), like]), by_name());
    time("substring page over two fields", || view.page(&searched).rows.len());
    let rare = Filter::Like("nothing%like".into(), vec!["metadata.name".into(), "metadata.title".into()]);
    let nothing = page(Filter::And(vec![component.clone(), rare]), by_name());
    time("substring page without a hit", || view.page(&nothing).rows.len());
    let owned = Filter::And(vec![
        component.clone(),
        is("spec.type", "service"),
        is("relations.ownedby", "group:default/team-7"),
    ]);
    let owned = page(owned, Order::Uid);
    time("type and owner", || view.page(&owned).rows.len());
    let keys = ["spec.type", "metadata.tags", "spec.lifecycle"].map(str::to_owned);
    time("three facets over components", || view.facets(&keys, &component).len());
    time("count without owner", || {
        view.count(&Filter::Not(Box::new(Filter::Exists("relations.ownedby".into())))) as usize
    });
    let either = Filter::Or(vec![is("spec.type", "library"), is("spec.lifecycle", "experimental")]);
    time("ordered A or B", || view.page(&page(either.clone(), by_name())).rows.len());
    let orphans = Filter::And(vec![component.clone(), is("metadata.annotations.backstage.io/orphan", "true")]);
    time("orphans", || view.count(&orphans) as usize);
    let deep = PageQuery { start: Start::Offset(view.count(&component) - 30), ..sorted.clone() };
    time("sorted page at the end", || view.page(&deep).rows.len());
    let by_ref = page(component.clone(), Order::EntityRef);
    time("page by reference", || view.page(&by_ref).rows.len());
    let fields = vec![("kind".to_owned(), Direction::Ascending), ("metadata.name".to_owned(), Direction::Descending)];
    let several = page(Filter::All, Order::Fields(fields));
    time("page by two keys", || view.page(&several).rows.len());
    let last = view.page(&deep).rows.pop().expect("there are components");
    let cursor = PageQuery { start: Start::Before { value: last.value, uid: last.doc.uid() }, ..sorted };
    time("page backwards from a cursor", || view.page(&cursor).rows.len());
    time("find", || usize::from(view.find("component:default/payment-0-x").is_some()));
    let everything = PageQuery { limit: None, order: Order::Uid, ..by_ref };
    time("all components, rows only", || view.page(&everything).rows.len());
    time("all components, texts copied", || {
        let mut out = Vec::with_capacity(1 << 20);
        view.for_each(&component, |json| out.extend_from_slice(json.as_bytes()));
        out.len()
    });
}

fn time(name: &str, mut ask: impl FnMut() -> usize) {
    let first = Instant::now();
    let result = ask();
    let first = first.elapsed();
    let mut times = Vec::new();
    let begin = Instant::now();
    while times.len() < 5 || begin.elapsed().as_millis() < 200 {
        let start = Instant::now();
        assert_eq!(ask(), result, "{name}");
        times.push(start.elapsed());
    }
    times.sort();
    println!("{name:35} p50 {:>10.2?}  first {first:>10.2?}  ({result})", times[times.len() / 2]);
}

/// The CPU time of this process on all its threads, in steps of 10 ms; 0 where the kernel does not tell it.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The resident memory of this process, as the kernel tells it; 0 where it does not.
fn resident_mb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<usize>().map_or(0, |kb| kb / 1000)
}

fn entity(number: usize, size: usize) -> StoredEntity {
    const WORDS: [&str; 16] = [
        "payment", "basket", "search", "stock", "order", "return", "address", "voucher", "image", "price", "mail",
        "identity", "gift", "store", "size", "label",
    ];
    let dice = xxh3_128(&number.to_le_bytes());
    let pick = |shift: u32, of: usize| (dice >> shift) as usize % of;
    let kind = if number % 100 < 54 { "Component" } else { ["API", "Resource", "System"][number % 3] };
    let word = WORDS[pick(0, 16)];
    let name = if number == 0 { "payment-0-x".to_owned() } else { format!("{word}-{number}-{}", WORDS[pick(8, 16)]) };
    let kind = if number == 0 { "Component" } else { kind };
    let entity_ref = EntityRef::new(kind, "default", &name);
    let team = pick(16, TEAMS);
    let relation = |forward: &str, reverse: &str, other: EntityRef| DeclaredRelation {
        forward: forward.into(),
        reverse: reverse.into(),
        other,
        line: 0,
    };
    let mut relations =
        vec![relation("ownedBy", "ownerOf", EntityRef::new("group", "default", &format!("team-{team}")))];
    for n in 0..3u32 {
        let other = pick(24 + n * 20, size);
        let other = self::name_of(other, &WORDS);
        relations.push(relation("dependsOn", "dependencyOf", EntityRef::new("Component", "default", &other)));
    }
    let types = ["service", "website", "library", "job", "worker", "topic"];
    let stages = ["production", "experimental", "deprecated"];
    let tags: Vec<String> = (0..1 + pick(40, 3)).map(|n| format!("\"tag-{}\"", pick(44 + n as u32 * 3, 40))).collect();
    let labels: Vec<String> = (0..18)
        .map(|n| format!("\"example.org/key-{n}\":\"https://example.org/{word}/{number}/{n}/dashboard?view=overview\""))
        .collect();
    let body = format!(
        concat!(
            "{{\"metadata\":{{\"namespace\":\"default\",\"annotations\":{{\"backstage.io/managed-by-location\":",
            "\"url:https://example.org/org/repo-{repo}/blob/main/catalog-info.yaml\",{labels}}},\"name\":\"{name}\",",
            "\"title\":\"The {word} thing number {number}\",\"description\":\"{description}\",\"tags\":[{tags}]}},",
            "\"apiVersion\":\"backstage.io/v1alpha1\",\"kind\":\"{kind}\",",
            "\"spec\":{{\"type\":\"{kind_of}\",\"lifecycle\":\"{stage}\",\"owner\":\"team-{team}\"}}}}"
        ),
        repo = number / 10,
        labels = labels.join(","),
        name = name,
        word = word,
        number = number,
        description = "A sentence that says what this is for and whom to ask about it. ".repeat(4),
        tags = tags.join(","),
        kind = kind,
        kind_of = types[pick(64, types.len())],
        stage = stages[pick(70, 3)],
        team = team,
    );
    StoredEntity {
        uid: Uid(dice),
        entity_ref,
        body: EntityBody::from_json(body),
        relations,
        errors: vec![],
        parents: vec![EntityRef::new("location", "default", &format!("generated-{}", number / 10))],
        line: 1,
        warnings: vec![],
    }
}

fn name_of(number: usize, words: &[&str; 16]) -> String {
    let dice = xxh3_128(&number.to_le_bytes());
    format!("{}-{number}-{}", words[dice as usize % 16], words[(dice >> 8) as usize % 16])
}
