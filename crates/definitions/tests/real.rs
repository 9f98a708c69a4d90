//! Definitions of the demo estate, and of public descriptors where they are at hand.

use std::{fs, path::Path};

use definitions::{Outline, outline};

/// The API entities of all descriptors below a folder: type and definition, where that is a block of text.
fn definitions_below(folder: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            definitions_below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            found.extend(
                text.split("\n---").filter(|document| document.contains("kind: API")).filter_map(definition_in),
            );
        }
    }
}

fn definition_in(document: &str) -> Option<(String, String)> {
    let spec = document.split("\nspec:").nth(1)?;
    let api_type = spec.lines().find_map(|line| line.trim().strip_prefix("type: "))?.trim_matches(['"', '\'']);
    let mut lines = spec.lines().skip_while(|line| !line.trim().starts_with("definition: |")).skip(1).peekable();
    let indent = lines.peek().map(|line| line.len() - line.trim_start().len())?;
    let inside = lines.take_while(|line| line.trim().is_empty() || line.len() - line.trim_start().len() >= indent);
    let text: Vec<&str> = inside.map(|line| line.get(indent..).unwrap_or_default()).collect();
    Some((api_type.to_owned(), text.join("\n")))
}

#[test]
fn every_definition_of_the_demo_estate_has_operations() {
    let mut found = Vec::new();
    definitions_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/estate"), &mut found);
    assert!(found.len() > 300, "{}", found.len());
    for (api_type, text) in found {
        let got = outline(&api_type, &text);
        assert!(!got.entries().is_empty(), "{api_type}: {got:?}\n{text}");
    }
}

#[test]
fn public_definitions_are_read() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/descriptors");
    let mut found = Vec::new();
    definitions_below(&corpus, &mut found);
    if found.is_empty() {
        eprintln!("skipped: {} holds no definitions", corpus.display());
    }
    for (api_type, text) in found {
        let got = outline(&api_type, &text);
        let is_known = matches!(api_type.as_str(), "openapi" | "asyncapi" | "graphql" | "grpc");
        let is_placeholder = text.trim().len() < 100;
        assert!(!is_known || is_placeholder || !matches!(got, Outline::Source(_)), "{api_type}: {got:?}\n{text}");
        println!("{api_type}: {} bytes, {} operations", text.len(), got.entries().len());
    }
}
