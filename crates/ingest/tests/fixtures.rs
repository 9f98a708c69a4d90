//! Walks `fixtures/<CODE>/`: `input.yaml` is processed, and what comes out is compared with `expected.txt`.
//!
//! `options.json` beside them may set `rules` (the value of `catalog.rules`), `limits` (`file_bytes`, `depth`, `nodes`,
//! `text_bytes`), `attachments` (target -> text, or null for one that cannot be read) and `location`; `kinds.yaml` holds
//! definitions. A file `input.bin` in place of `input.yaml` is taken byte by byte from hexadecimal digits.
//! With `UPDATE_FIXTURES=1` in the environment the expected texts are written anew.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use ingest::{
    AttachmentError, Attachments, Context, Document, Kinds, Limits, Rules, codes, parse_with_limits, process,
};
use model::{Diagnostic, ErrorChain, LocationRef, ScmUrls, Severity};
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn list_fixtures() -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = std::fs::read_dir(fixtures())
        .expect("there are fixtures")
        .map(|entry| entry.expect("fixtures can be listed"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    found.sort();
    found
}

#[test]
fn every_fixture_gives_what_is_expected() {
    let mut differences = String::new();
    for (name, folder) in list_fixtures() {
        let found = run(&folder);
        let expected = folder.join("expected.txt");
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            std::fs::write(&expected, &found).expect("the fixture can be written");
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        if found != wanted {
            let _ = writeln!(differences, "== {name}: wanted\n{wanted}-- found\n{found}");
        }
        let code = name.split('-').next().unwrap_or_default();
        assert!(found.contains(&format!("[{code}]")), "{name} does not show {code}:\n{found}");
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn every_code_that_is_found_here_has_a_fixture() {
    let have: BTreeSet<String> =
        list_fixtures().into_iter().map(|(name, _)| name.split('-').next().unwrap_or_default().to_owned()).collect();
    let missing: Vec<_> = codes::TABLE
        .iter()
        .filter(|entry| matches!(entry.found_by, codes::FoundBy::Ingest | codes::FoundBy::Definitions))
        .filter(|entry| !have.contains(entry.code))
        .map(|entry| entry.code)
        .collect();
    assert!(missing.is_empty(), "codes without a fixture: {missing:?}");
}

#[test]
fn the_table_is_in_order_and_complete() {
    let codes: Vec<_> = codes::TABLE.iter().map(|entry| entry.code).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(codes, sorted, "the table is sorted and has no code twice");
    for entry in codes::TABLE {
        let is_error = entry.severity == Severity::Error;
        assert_eq!(is_error, entry.code.starts_with('E'), "{}", entry.code);
        assert!(
            !entry.title.is_empty() && entry.explanation.ends_with('.') && entry.mending.ends_with('.'),
            "{}",
            entry.code
        );
    }
}

fn run(folder: &Path) -> String {
    let options = std::fs::read(folder.join("options.json"))
        .map_or(Value::Null, |text| serde_json::from_slice(&text).expect("options are JSON"));
    let address = options["location"].as_str().unwrap_or("url:https://git.example.org/shop/catalog-info.yaml");
    let location = LocationRef::parse(address).expect("the location is well-formed");
    let limit = |name: &str, usual: usize| options["limits"][name].as_u64().map_or(usual, |limit| limit as usize);
    let usual = Limits::default();
    let limits = Limits {
        file_bytes: limit("file_bytes", usual.file_bytes),
        depth: limit("depth", usual.depth),
        nodes: limit("nodes", usual.nodes),
        text_bytes: limit("text_bytes", usual.text_bytes),
    };
    let mut out = String::new();
    let kinds = match std::fs::read(folder.join("kinds.yaml")) {
        Ok(bytes) => {
            let (kinds, diagnostics) = Kinds::load(&[("kinds.yaml".to_owned(), bytes)]);
            diagnostics.iter().for_each(|diagnostic| render(&mut out, diagnostic));
            kinds
        }
        Err(_) => Kinds::builtin(),
    };
    let rules = match &options["rules"] {
        Value::Null => Rules::allow_all(),
        rules => Rules::from_config(Some(rules), &[]).0,
    };
    let parsed = parse_with_limits(&read_input(folder), &location, &limits);
    let attachments = read_attachments(&options["attachments"]);
    let urls = ScmUrls::default();
    let context = Context { location: &location, origin: &location, urls: &urls, kinds: &kinds, rules: &rules };
    let processed = process(&parsed, &context, &attachments);
    processed.diagnostics.iter().for_each(|diagnostic| render(&mut out, diagnostic));
    for document in &processed.documents {
        match document {
            Document::Entity(entity) => {
                let _ = writeln!(out, "accepted {} in line {}", entity.entity_ref, entity.line);
                entity.warnings.iter().for_each(|diagnostic| render(&mut out, diagnostic));
            }
            Document::Rejected(rejected) => {
                let name = rejected.entity_ref.as_ref().map_or("a document", |name| name.as_str());
                let _ = writeln!(out, "rejected {name} in line {}", rejected.line);
                rejected.diagnostics.iter().for_each(|diagnostic| render(&mut out, diagnostic));
            }
        }
    }
    if let Some(error) = &processed.location_error {
        let _ = writeln!(out, "the location fails: {}: {}", error.name, error.message.replace('\n', "\\n"));
    }
    out
}

fn read_input(folder: &Path) -> Vec<u8> {
    match std::fs::read_to_string(folder.join("input.bin")) {
        Ok(hex) => {
            let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("hex is ASCII"), 16);
            hex.chunks(2).map(|pair| byte(pair).expect("two hexadecimal digits")).collect()
        }
        Err(_) => std::fs::read(folder.join("input.yaml")).unwrap_or_default(),
    }
}

fn read_attachments(options: &Value) -> Attachments {
    let read = |(target, value): (&String, &Value)| {
        let content = match value {
            Value::String(text) => Ok(text.as_bytes().into()),
            Value::Null => Err(AttachmentError::Unreadable(ErrorChain::new("NotFoundError", "there is no such file"))),
            _ => Err(AttachmentError::Unresolvable("TypeError: Invalid URL".to_owned())),
        };
        (target.clone(), content)
    };
    options.as_object().into_iter().flatten().map(read).collect()
}

fn render(out: &mut String, diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let _ = write!(out, "{severity}[{}]", diagnostic.code);
    if let Some(place) = &diagnostic.place {
        let _ = write!(out, " {}:{}-{}:{}", place.line, place.column, place.end_line, place.end_column);
    }
    if let Some(field) = &diagnostic.field {
        let _ = write!(out, " {field}");
    }
    let _ = writeln!(out, ": {}", diagnostic.message);
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "  help: {help}");
    }
    if let Some(error) = &diagnostic.error {
        let _ = writeln!(out, "  backstage: {}: {}", error.name, error.message.replace('\n', "\\n"));
    }
}
