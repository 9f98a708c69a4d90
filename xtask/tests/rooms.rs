//! Holds the law of the rooms, `docs/rooms.toml`, against `cargo metadata`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

type Lists = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Reads `name = ["a", "b"]` below `[table]`.
fn table(name: &str) -> Lists {
    let text = fs::read_to_string(root().join("docs/rooms.toml")).unwrap();
    let body = text.split(&format!("[{name}]")).nth(1).unwrap().split("\n[").next().unwrap().to_owned();
    body.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, list)| {
            let items = list.trim_matches(['[', ']']).split(',').map(|item| item.trim().trim_matches('"').to_owned());
            (key.to_owned(), items.filter(|item| !item.is_empty()).collect())
        })
        .collect()
}

fn room_of(package: &str) -> &str {
    package.strip_prefix("callboard-").unwrap_or(package)
}

/// The direct dependencies of our packages, without those of tests: room -> packages.
fn dependencies() -> Lists {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let names = package["dependencies"].as_array().unwrap().iter();
            let normal = names.filter(|dependency| dependency["kind"].as_str() != Some("dev"));
            let names = normal.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect();
            (room_of(package["name"].as_str().unwrap()).to_owned(), names)
        })
        .collect()
}

#[test]
fn rooms_know_only_the_rooms_they_may() {
    let (allowed, real) = (table("edges"), dependencies());
    let rooms: BTreeSet<&String> = real.keys().collect();
    assert_eq!(rooms, allowed.keys().collect(), "docs/rooms.toml must list every package of the workspace");
    for (room, packages) in &real {
        for known in packages.iter().map(|package| room_of(package)).filter(|name| allowed.contains_key(*name)) {
            assert!(allowed[room].contains(known), "`{room}` must not know `{known}`: see docs/rooms.toml");
        }
    }
}

#[test]
fn heavy_crates_stay_in_their_rooms() {
    let (only, real) = (table("only"), dependencies());
    assert!(!only.is_empty());
    for (krate, rooms) in &only {
        let users = real.iter().filter(|(_, packages)| {
            packages
                .iter()
                .any(|name| name == krate || name.strip_prefix(krate.as_str()).is_some_and(|r| r.starts_with('-')))
        });
        for (user, _) in users {
            assert!(rooms.contains(user), "`{user}` must not use `{krate}`: see docs/rooms.toml");
        }
    }
}

#[test]
fn web_cannot_reach_the_database_past_the_gate() {
    assert!(!table("edges")["web"].contains("store"));
    for pure in ["model", "ingest", "index"] {
        for crates in ["tokio", "axum", "sqlx", "reqwest"] {
            assert!(!table("only")[crates].contains(pure), "`{pure}` is a pure room and must not use `{crates}`");
        }
    }
}
