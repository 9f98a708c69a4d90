//! Every document of the corpus of real descriptors gets the verdict that a real Backstage gave.
//!
//! The corpus lies beside the workspace and is not part of it; without it the test says so and passes.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use ingest::{Attachments, Context, Document, Kinds, Rules, parse, process};
use model::{LocationRef, ScmUrls};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    file: String,
    location: String,
    doc_index: usize,
    verdict: String,
    stage: Option<String>,
    message: Option<String>,
    entity_ref: Option<String>,
    relations: Option<Vec<String>>,
    annotations_added: Option<BTreeMap<String, String>>,
    location_targets: Option<Vec<String>>,
}

fn corpus() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.exists() {
        println!("skipped: there is no ../shared beside the workspace");
        return None;
    }
    Some(shared.join("corpus"))
}

/// What the host of the files would say about them.
fn scm_urls(location: &str) -> ScmUrls {
    let (folder, _) = location.rsplit_once('/').expect("a web address has a slash");
    ScmUrls {
        view: Some(location.to_owned()),
        edit: Some(location.replacen("/blob/", "/edit/", 1)),
        source_location: Some(format!("url:{}/", folder.replacen("/blob/", "/tree/", 1))),
    }
}

/// What one document became: accepted, rejected or ignored, with the line that it starts at.
enum Outcome<'a> {
    Yaml(&'a model::Diagnostic),
    Rejected(&'a ingest::Rejected),
    Accepted(&'a ingest::ProcessedEntity),
}

#[test]
fn agrees_with_backstage_about_every_document() {
    let Some(corpus) = corpus() else { return };
    let text = std::fs::read_to_string(corpus.join("verdicts.jsonl")).expect("the corpus has verdicts");
    let mut files: BTreeMap<String, Vec<Verdict>> = BTreeMap::new();
    for line in text.lines() {
        let verdict: Verdict = serde_json::from_str(line).expect("a verdict is a JSON object");
        files.entry(verdict.file.clone()).or_default().push(verdict);
    }
    let mut problems = Vec::new();
    let mut documents = 0;
    for (file, mut verdicts) in files {
        verdicts.sort_by_key(|verdict| verdict.doc_index);
        documents += verdicts.len();
        check_file(&corpus.join(&file), &verdicts, &mut |problem| problems.push(format!("{file}: {problem}")));
    }
    assert!(documents > 500, "the corpus is smaller than it was");
    assert!(problems.is_empty(), "{} of {documents} documents differ:\n{}", problems.len(), problems.join("\n"));
}

fn check_file(path: &Path, verdicts: &[Verdict], problem: &mut dyn FnMut(String)) {
    let bytes = std::fs::read(path).expect("the corpus has the file");
    let address = &verdicts[0].location;
    let location = LocationRef::new("url", address);
    let parsed = parse(&bytes, &location);
    let attachments: Attachments = parsed
        .attachments()
        .into_iter()
        .map(|request| {
            let content: Arc<[u8]> =
                if request.resolver == "text" { "stub".as_bytes() } else { "{}".as_bytes() }.into();
            (request.target, Ok(content))
        })
        .collect();
    let (kinds, rules, urls) = (Kinds::builtin(), Rules::allow_all(), scm_urls(address));
    let context = Context { location: &location, origin: &location, urls: &urls, kinds: &kinds, rules: &rules };
    let processed = process(&parsed, &context, &attachments);
    let mut outcomes: Vec<(u32, Outcome<'_>)> = processed
        .documents
        .iter()
        .map(|document| match document {
            Document::Entity(entity) => (entity.line, Outcome::Accepted(entity)),
            Document::Rejected(rejected) => (rejected.line, Outcome::Rejected(rejected)),
        })
        .chain(
            processed
                .diagnostics
                .iter()
                .map(|diagnostic| (diagnostic.place.as_ref().map_or(0, |place| place.line), Outcome::Yaml(diagnostic))),
        )
        .collect();
    outcomes.sort_by_key(|(line, _)| *line);
    let expected: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.verdict != "ignored").collect();
    if expected.len() != outcomes.len() {
        return problem(format!("{} documents instead of {}", outcomes.len(), expected.len()));
    }
    for (verdict, (line, outcome)) in expected.into_iter().zip(&outcomes) {
        let mut tell = |what: String| problem(format!("document {} in line {line}: {what}", verdict.doc_index));
        compare(verdict, outcome, &context, &mut tell);
    }
}

fn compare(verdict: &Verdict, outcome: &Outcome<'_>, context: &Context<'_>, problem: &mut dyn FnMut(String)) {
    match (verdict.verdict.as_str(), outcome) {
        ("rejected", Outcome::Yaml(_)) if verdict.stage.as_deref() == Some("yaml") => {}
        ("rejected", Outcome::Rejected(rejected)) => compare_rejected(verdict, rejected, problem),
        ("accepted", Outcome::Accepted(entity)) => compare_accepted(verdict, entity, context, problem),
        (wanted, Outcome::Yaml(found)) => problem(format!("wanted {wanted}, found a YAML error: {}", found.message)),
        (wanted, Outcome::Accepted(_)) => {
            problem(format!("wanted {wanted} ({:?}), but it was accepted", verdict.message))
        }
        (wanted, Outcome::Rejected(found)) => problem(format!("wanted {wanted}, found {:?}", found.diagnostics[0])),
    }
}

fn compare_rejected(verdict: &Verdict, rejected: &ingest::Rejected, problem: &mut dyn FnMut(String)) {
    // Backstage does not tell the name of what has no envelope; here it is told when it can be.
    let unnamed = verdict.stage.as_deref() == Some("envelope");
    if !unnamed && verdict.entity_ref.as_deref() != rejected.entity_ref.as_ref().map(model::EntityRef::as_str) {
        problem(format!("wanted {:?}, found {:?}", verdict.entity_ref, rejected.entity_ref));
    }
    // The recorded message joins the causes with arrows and leaves out the plain name `Error`.
    let wanted = verdict.message.as_deref().unwrap_or_default();
    let mut error = rejected.diagnostics[0].error.as_ref();
    let mut found = String::new();
    while let Some(chain) = error {
        let own = chain.message.split("; caused by ").next().unwrap_or_default();
        match (found.is_empty(), chain.name.as_str()) {
            (true, name) => found = format!("{name}: {own}"),
            (false, "Error") => found = format!("{found} <- {own}"),
            (false, name) => found = format!("{found} <- {name}: {own}"),
        }
        error = chain.cause.as_deref();
    }
    if found != wanted {
        problem(format!("wanted the message\n  {wanted}\nfound\n  {found}"));
    }
}

fn compare_accepted(
    verdict: &Verdict,
    entity: &ingest::ProcessedEntity,
    context: &Context<'_>,
    problem: &mut dyn FnMut(String),
) {
    let own = entity.entity_ref.as_str();
    if verdict.entity_ref.as_deref() != Some(own) {
        problem(format!("wanted {:?}, found {own}", verdict.entity_ref));
    }
    let found: BTreeSet<String> = entity
        .relations
        .iter()
        .flat_map(|r| [format!("{own} {} {}", r.forward, r.other), format!("{} {} {own}", r.other, r.reverse)])
        .collect();
    let wanted: BTreeSet<String> = verdict.relations.iter().flatten().cloned().collect();
    if found != wanted {
        problem(format!("wanted relations {wanted:?}, found {found:?}"));
    }
    let body: Value = serde_json::from_str(entity.body.as_str()).expect("a body is valid JSON");
    let annotations = &body["metadata"]["annotations"];
    for (key, value) in verdict.annotations_added.iter().flatten() {
        if annotations[key].as_str() != Some(value) {
            problem(format!("wanted annotation {key} = {value}, found {}", annotations[key]));
        }
    }
    assert_eq!(annotations["backstage.io/managed-by-location"], context.location.as_str());
    let wanted = verdict.location_targets.as_ref().map_or(0, Vec::len);
    let found = entity.nested.as_ref().map_or(0, |nested| nested.targets.len());
    if wanted != found {
        problem(format!("wanted targets {:?}, found {:?}", verdict.location_targets, entity.nested));
    }
}
