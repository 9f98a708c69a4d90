//! Holds the committed estate against the program that writes it, and against what it promises to be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ingest::{Context, Document, Kinds, ProcessedEntity, Rules};
use model::{EntityRef, LocationRef, ScmUrls};
use serde_json::Value;

use super::*;

/// The code of what organisation rules find as a warning.
const PAGING_RULE: &str = "W1010";

/// Everything that a harvest of the estate would find.
struct Estate {
    entities: Vec<ProcessedEntity>,
    /// What is wrong, as `code entity-or-file`.
    faults: BTreeSet<String>,
    /// How often each file is reached from the root.
    visits: BTreeMap<String, usize>,
}

fn kinds() -> Kinds {
    let folder = estate_folder().join("../model");
    let read = |path: PathBuf| (path.display().to_string(), fs::read(&path).expect("the file can be read"));
    let files: Vec<(String, Vec<u8>)> =
        list_files(&folder).expect("the folder is there").into_iter().map(read).collect();
    let (kinds, diagnostics) = Kinds::load(&files);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    kinds
}

fn harvest() -> Estate {
    let mut estate = Estate { entities: Vec::new(), faults: BTreeSet::new(), visits: BTreeMap::new() };
    read_file(&estate_folder().join("catalog.yaml"), &kinds(), &mut estate);
    estate
}

fn read_file(path: &Path, kinds: &Kinds, estate: &mut Estate) {
    let relative =
        path.strip_prefix(estate_folder()).expect("it is below the estate").to_string_lossy().replace('\\', "/");
    *estate.visits.entry(relative.clone()).or_default() += 1;
    let location = LocationRef::new("file", &relative);
    let parsed = ingest::parse(&fs::read(path).expect("the file can be read"), &location);
    let context = Context {
        location: &location,
        origin: &location,
        urls: &ScmUrls::default(),
        kinds,
        rules: &Rules::allow_all(),
    };
    let processed = ingest::process(&parsed, &context, &HashMap::new());
    estate.faults.extend(processed.diagnostics.iter().map(|diagnostic| format!("{} {relative}", diagnostic.code)));
    for document in processed.documents {
        match document {
            Document::Entity(entity) => {
                let warnings = entity.warnings.iter().map(|warning| format!("{} {}", warning.code, entity.entity_ref));
                estate.faults.extend(warnings);
                let targets = entity.nested.as_ref().map(|nested| nested.targets.clone()).unwrap_or_default();
                estate.entities.push(*entity);
                for target in targets {
                    for found in expand(path.parent().expect("a file has a folder"), &target) {
                        read_file(&found, kinds, estate);
                    }
                }
            }
            Document::Rejected(rejected) => {
                let name = rejected.entity_ref.map_or_else(|| relative.clone(), |entity_ref| entity_ref.to_string());
                estate
                    .faults
                    .extend(rejected.diagnostics.iter().map(|diagnostic| format!("{} {name}", diagnostic.code)));
            }
        }
    }
}

/// Finds the files of a target such as `./*/catalog-info.yaml`.
fn expand(folder: &Path, target: &str) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for part in target.split('/').filter(|part| *part != ".") {
        found = found
            .iter()
            .flat_map(|folder| match part.split_once('*') {
                None => vec![folder.join(part)],
                Some((_, ending)) => {
                    let entries = fs::read_dir(folder).expect("the folder can be listed");
                    let mut paths: Vec<PathBuf> =
                        entries.map(|entry| entry.expect("the entry can be read").path()).collect();
                    paths.retain(|path| path.to_string_lossy().ends_with(ending));
                    paths.sort();
                    paths
                }
            })
            .filter(|path| path.exists())
            .collect();
    }
    found
}

fn body(entity: &ProcessedEntity) -> Value {
    serde_json::from_str(entity.body.as_str()).expect("a body is JSON")
}

fn targets<'a>(entity: &'a ProcessedEntity, relations: &[&str]) -> Vec<&'a EntityRef> {
    let wanted = |relation: &&model::DeclaredRelation| relations.contains(&&*relation.forward);
    entity.relations.iter().filter(wanted).map(|relation| &relation.other).collect()
}

#[test]
fn generating_again_gives_the_committed_files() {
    let wanted = generate().expect("the vocabulary can be read");
    let estate = estate_folder();
    for (relative, text) in &wanted {
        let committed = fs::read_to_string(estate.join(relative)).unwrap_or_default();
        assert!(committed == *text, "{relative} differs: run `cargo xtask demo-estate`");
    }
    for path in list_files(&estate).expect("the folder can be listed") {
        let relative = path.strip_prefix(&estate).expect("it is below the folder").to_string_lossy().replace('\\', "/");
        let generated = fs::read_to_string(&path).expect("the file can be read").starts_with(GENERATED);
        assert_eq!(generated, wanted.contains_key(&relative), "{relative} is generated and unwanted, or the reverse");
    }
}

#[test]
fn every_file_is_reached_once_from_the_root() {
    let visits = harvest().visits;
    for path in list_files(&estate_folder()).expect("the folder can be listed") {
        let relative =
            path.strip_prefix(estate_folder()).expect("it is below the folder").to_string_lossy().replace('\\', "/");
        assert_eq!(visits.get(&relative), Some(&1), "{relative}");
    }
}

#[test]
fn the_estate_has_the_size_of_a_real_company() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entity in &harvest().entities {
        *counts.entry(entity.entity_ref.kind().to_owned()).or_default() += 1;
    }
    let expected = [
        ("group", 150..=200),
        ("domain", 25..=25),
        ("system", 390..=430),
        ("component", 980..=1080),
        ("api", 330..=370),
        ("resource", 280..=340),
        ("user", 570..=640),
        ("template", 1..=5),
        ("journey", 5..=10),
    ];
    for (kind, range) in expected {
        assert!(range.contains(&counts[kind]), "{} of kind {kind}, wanted {range:?}", counts[kind]);
    }
}

#[test]
fn files_stay_small() {
    let sizes = list_files(&estate_folder()).expect("the folder can be listed").into_iter().map(|path| {
        let size = fs::metadata(&path).expect("the file is there").len();
        assert!(size < 200_000, "{} has {size} bytes", path.display());
        size
    });
    assert!(sizes.sum::<u64>() < 4_000_000);
}

#[test]
fn every_reference_resolves_but_for_those_that_are_faults_on_purpose() {
    let estate = harvest();
    let known: BTreeSet<&EntityRef> = estate.entities.iter().map(|entity| &entity.entity_ref).collect();
    let dangling: BTreeSet<(&str, &str)> = estate
        .entities
        .iter()
        .flat_map(|entity| entity.relations.iter().map(move |relation| (entity.entity_ref.as_str(), &relation.other)))
        .filter(|(_, other)| !known.contains(other))
        .map(|(entity, other)| (entity, other.as_str()))
        .collect();
    let on_purpose = [
        ("component:default/colour-chart-reader", "group:default/team-northern-lights"),
        ("component:default/shelf-label-updater", "component:default/price-feed-v1"),
    ];
    assert_eq!(dangling, BTreeSet::from(on_purpose));
}

#[test]
fn only_one_reference_is_used_twice() {
    let mut seen = BTreeSet::new();
    let estate = harvest();
    let twice: Vec<&str> =
        estate.entities.iter().map(|entity| entity.entity_ref.as_str()).filter(|name| !seen.insert(*name)).collect();
    assert_eq!(twice, ["component:default/weight-dashboard"]);
}

#[test]
fn nothing_else_is_wrong_than_the_readme_says() {
    let (paging, others): (BTreeSet<String>, BTreeSet<String>) =
        harvest().faults.into_iter().partition(|fault| fault.starts_with(PAGING_RULE));
    let on_purpose = [
        "E0101 domains/delivery/parcel-photos/catalog-info.yaml",
        "E0404 component:default/light-presets",
        "W1001 resource:default/shelf-label-gateway",
        "W1002 component:default/old-wiki-server",
        "W1002 system:default/old-wiki",
    ];
    assert_eq!(others, on_purpose.map(str::to_owned).into());
    assert!((15..=40).contains(&paging.len()), "{paging:?}");
}

#[test]
fn every_system_has_an_owner_and_a_domain() {
    for entity in harvest().entities.iter().filter(|entity| entity.entity_ref.kind() == "system") {
        assert_eq!(targets(entity, &["ownedBy", "partOf"]).len(), 2, "{}", entity.entity_ref);
    }
}

#[test]
fn many_lean_on_few_and_nobody_on_too_many() {
    let estate = harvest();
    let mut dependents: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in &estate.entities {
        let leans_on = targets(entity, &["dependsOn", "consumesApi"]);
        assert!(leans_on.len() <= 12, "{} leans on {}", entity.entity_ref, leans_on.len());
        for other in leans_on {
            *dependents.entry(other.as_str()).or_default() += 1;
        }
    }
    for (platform, at_least) in [
        ("component:default/otel-gateway", 200),
        ("component:default/flag-relay", 80),
        ("api:default/token-api", 80),
        ("resource:default/kafka-commerce", 70),
        ("resource:default/kafka-supply-chain", 30),
        ("resource:default/lakehouse", 60),
        ("api:default/order-api", 25),
    ] {
        assert!(dependents[platform] >= at_least, "{platform} has {} dependents", dependents[platform]);
    }
}

#[test]
fn the_quality_of_a_dependency_is_told_only_of_declared_ones() {
    for entity in &harvest().entities {
        let declared = targets(entity, &["dependsOn", "consumesApi"]);
        for quality in body(entity)["spec"]["dependencies"].as_array().into_iter().flatten() {
            let spare = quality["redundantWith"].as_array().cloned().unwrap_or_default();
            for text in std::iter::once(&quality["ref"]).chain(&spare) {
                let other = EntityRef::parse(text.as_str().expect("a reference is a text")).expect("it is a reference");
                assert!(declared.contains(&&other), "{}: {other} is not declared", entity.entity_ref);
            }
        }
    }
}

#[test]
fn api_definitions_read_as_what_they_claim_to_be() {
    for entity in harvest().entities.iter().filter(|entity| entity.entity_ref.kind() == "api") {
        let spec = &body(entity)["spec"];
        let definition = spec["definition"].as_str().expect("a definition is a text");
        let begins = match spec["type"].as_str().expect("a type is a text") {
            "openapi" => "openapi: 3.1.0\ninfo:\n",
            "asyncapi" => "asyncapi: 3.0.0\ninfo:\n",
            "graphql" => "type Query {\n",
            "grpc" => "syntax = \"proto3\";\n",
            other => panic!("{}: unknown type {other}", entity.entity_ref),
        };
        assert!(definition.starts_with(begins), "{}", entity.entity_ref);
        for used in definition.split("$ref: '#/components/").skip(1) {
            let (path, _) = used.split_once('\'').expect("the quote is closed");
            let name = path.rsplit('/').next().expect("a path has a last part");
            assert!(definition.contains(&format!("\n    {name}:\n")), "{}: {path} is missing", entity.entity_ref);
        }
    }
}

#[test]
fn descriptions_do_not_sound_alike() {
    let estate = harvest();
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    let mut beginnings: BTreeMap<String, usize> = BTreeMap::new();
    let software =
        |entity: &&ProcessedEntity| matches!(entity.entity_ref.kind(), "component" | "api" | "resource" | "system");
    for entity in estate.entities.iter().filter(software) {
        let text = body(entity)["metadata"]["description"].as_str().expect("each has a description").to_owned();
        assert!(!text.contains("responsible for"), "{}: {text}", entity.entity_ref);
        assert!(!text.contains(['{', '}']) && text.ends_with('.'), "{}: {text}", entity.entity_ref);
        *beginnings.entry(text.split(' ').take(2).collect::<Vec<_>>().join(" ")).or_default() += 1;
        *texts.entry(text).or_default() += 1;
    }
    let entities: usize = texts.values().sum();
    let (text, copies) = texts.iter().max_by_key(|(_, copies)| **copies).expect("there are some");
    assert!(*copies <= 2, "`{text}` is used {copies} times");
    let (beginning, copies) = beginnings.iter().max_by_key(|(_, copies)| **copies).expect("there are some");
    assert!(copies * 25 < entities, "{copies} of {entities} begin with `{beginning}`");
}
