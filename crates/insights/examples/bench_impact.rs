//! Measures impact alone: `cargo run --release -p callboard-insights --example bench_impact -- [entities]...`
//!
//! The catalog has the shape of a large one: a sixteenth of it are components with 6 resources, 4 provided and 11 consumed APIs
//! each, and one resource is depended on by a thousandth of them. Every eighth component declares qualities.

use std::{sync::Arc, time::Instant};

use index::{Fold, View, Visibility};
use insights::{Question, Root, State, causes, impact};
use model::{DeclaredRelation, EntityBody, EntityRef, Seq, StoredEntity, Uid};
use serde_json::json;

/// The allocator of the real program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut sizes: Vec<u64> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![50_000, 739_000];
    }
    for size in sizes {
        println!("## {size} entities");
        let entities = (0..size).map(|number| Arc::new(entity(number, size))).collect();
        let view = Fold::build(Seq(1), entities).snapshot().view(Visibility::Everything);
        measure(&view, size);
    }
}

/// Components, APIs and resources take turns: 1, 5 and 10 of sixteen.
fn reference(number: u64) -> EntityRef {
    let kind = match number % 16 {
        0 => "component",
        1..=5 => "api",
        _ => "resource",
    };
    EntityRef::new(kind, "default", &format!("e{number}"))
}

fn scatter(seed: u64, salt: u64) -> u64 {
    let mixed = (seed ^ salt.rotate_left(32)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 17
}

/// A number of the same group of sixteen and this place in it.
fn some(seed: u64, salt: u64, size: u64, place: u64) -> u64 {
    scatter(seed, salt) % (size / 16) * 16 + place
}

fn entity(number: u64, size: u64) -> StoredEntity {
    let relation = |forward: &str, reverse: &str, other: EntityRef| DeclaredRelation {
        forward: forward.into(),
        reverse: reverse.into(),
        other,
        line: 9,
    };
    let mut relations =
        vec![relation("ownedBy", "ownerOf", EntityRef::new("group", "default", &format!("t{}", number % 4_000)))];
    let mut dependencies = Vec::new();
    if number.is_multiple_of(16) {
        for n in 0..6 {
            let other = reference(some(number, n, size, 6 + n));
            if number.is_multiple_of(128) {
                dependencies.push(json!({ "ref": other, "strength": if n == 0 { "hard" } else { "soft" } }));
            }
            relations.push(relation("dependsOn", "dependencyOf", other));
        }
        if scatter(number, 77).is_multiple_of(1_000) {
            relations.push(relation("dependsOn", "dependencyOf", reference(15)));
        }
        relations.extend((1..5).map(|n| relation("providesApi", "apiProvidedBy", reference(number + n))));
        let consumed = (0..11).map(|n| reference(some(number, 50 + n, size, 1 + n % 4)));
        relations.extend(consumed.map(|api| relation("consumesApi", "apiConsumedBy", api)));
    }
    let entity_ref = reference(number);
    let body = json!({
        "metadata": { "name": entity_ref.name(), "description": "x".repeat(800) },
        "apiVersion": "backstage.io/v1alpha1",
        "kind": entity_ref.kind(),
        "spec": { "type": "service", "dependencies": dependencies },
    });
    StoredEntity {
        entity_ref,
        uid: Uid(u128::from(scatter(number, 1)) << 64 | u128::from(number)),
        body: EntityBody::from_json(body.to_string()),
        relations,
        errors: Vec::new(),
        parents: Vec::new(),
        line: 1,
        warnings: Vec::new(),
    }
}

fn measure(view: &View, size: u64) {
    for (roots, depth) in [(1, 2), (1, 5), (20, 2), (20, 5)] {
        let question = |round: u64| Question {
            roots: (0..roots)
                .map(|n| Root { entity_ref: reference(some(round, n, size, 7)), state: State::Down })
                .collect(),
            depth: Some(depth),
        };
        report(&format!("impact of {roots} over {depth}"), |round| impact(view, &question(round)).hits.len());
    }
    let hub = Question { roots: vec![Root { entity_ref: reference(15), state: State::Down }], depth: Some(5) };
    report("impact of the hub over 5", |_| impact(view, &hub).hits.len());
    let whole = Question { depth: None, ..hub };
    report("impact of the hub as far as it goes", |_| impact(view, &whole).hits.len());
    report("causes of 3 over 5", |round| {
        let failing: Vec<EntityRef> = (0..3).map(|n| reference(some(round, n, size, 0))).collect();
        causes(view, &failing, Some(5)).candidates.len()
    });
}

fn report(name: &str, work: impl Fn(u64) -> usize) {
    let (mut times, mut found) = (Vec::new(), 0);
    let start = Instant::now();
    for round in 0..50 {
        let before = Instant::now();
        found += work(round);
        times.push(before.elapsed().as_secs_f64() * 1000.0);
        if start.elapsed().as_secs() > 10 {
            break;
        }
    }
    times.sort_by(f64::total_cmp);
    println!("{name:<36} p50 {:>9.3} ms, {} found on average", times[times.len() / 2], found / times.len());
}
