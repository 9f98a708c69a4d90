//! Targets as written become locations, and locations get links.

use std::{fs, path::Path};

use model::LocationRef;
use source::{GitHubIntegration, Integrations, Reader, ReaderSettings};

fn reader() -> Reader {
    let enterprise = GitHubIntegration { host: "git.shop.example".to_owned(), ..GitHubIntegration::default() };
    let integrations = Integrations { github: vec![enterprise], ..Integrations::default() };
    Reader::new(ReaderSettings { integrations, ..ReaderSettings::default() })
}

#[test]
fn resolves_targets_as_backstage_does() {
    let reader = reader();
    for (base, location_type, target, expected) in [
        ("file:/cat/root.yaml", "file", "./a.yaml", "file:/cat/a.yaml"),
        ("file:/cat/root.yaml", "file", "../b/./a.yaml", "file:/b/a.yaml"),
        ("file:/cat/root.yaml", "file", "services/*/x.yaml", "file:/cat/services/*/x.yaml"),
        ("file:/cat/root.yaml", "file", "/etc/a.yaml", "file:/etc/a.yaml"),
        ("file:/cat/root.yaml", "file", "https://h.example/a.yaml", "url:https://h.example/a.yaml"),
        ("file:/cat/root.yaml", "url", "https://h.example/a.yaml", "url:https://h.example/a.yaml"),
        ("url:http://h.example/c/root.yaml", "url", "./a.yaml", "url:http://h.example/c/a.yaml"),
        ("url:http://h.example/c/root.yaml", "url", "/a.yaml", "url:http://h.example/a.yaml"),
        ("url:http://h.example/c/root.yaml?v=1", "url", "a.yaml", "url:http://h.example/c/a.yaml?v=1"),
        (
            "url:https://github.com/o/r/blob/main/c/root.yaml",
            "url",
            "./a.yaml",
            "url:https://github.com/o/r/tree/main/c/a.yaml",
        ),
        (
            "url:https://github.com/o/r/blob/main/c/root.yaml",
            "url",
            "../*/a.yaml",
            "url:https://github.com/o/r/tree/main/*/a.yaml",
        ),
        (
            "url:https://github.com/o/r/blob/main/c/root.yaml",
            "url",
            "/a.yaml",
            "url:https://github.com/o/r/tree/main/a.yaml",
        ),
        (
            "url:https://git.shop.example/o/r/blob/main/root.yaml",
            "url",
            "https://git.shop.example/o/x/blob/main/y.yaml",
            "url:https://git.shop.example/o/x/tree/main/y.yaml",
        ),
        (
            "url:https://github.com/o/r/blob/main/root.yaml",
            "url",
            "https://h.example/y.yaml",
            "url:https://h.example/y.yaml",
        ),
        ("url:http://h.example/root.yaml", "carrier-pigeon", "coop-7", "carrier-pigeon:coop-7"),
    ] {
        let base = LocationRef::parse(base).unwrap();
        assert_eq!(reader.resolve(&base, location_type, target).unwrap().as_str(), expected, "{base} {target}");
    }
    let base = LocationRef::parse("file:/cat/root.yaml").unwrap();
    let message = reader.resolve(&base, "url", "./a.yaml").unwrap_err();
    assert_eq!(message, "could not form a URL out of /cat/root.yaml and ./a.yaml, TypeError: Invalid URL");
}

#[test]
fn resolves_attachments_within_their_repository_only() {
    let reader = reader();
    let resolve = |base: &str, target: &str| {
        let resolved = reader.resolve_attachment(&LocationRef::parse(base).unwrap(), target);
        resolved.map(|location| location.as_str().to_owned())
    };
    let github = "url:https://github.com/o/r/blob/main/catalog-info.yaml";
    assert_eq!(resolve(github, "./api.yaml").unwrap(), "url:https://github.com/o/r/tree/main/api.yaml");
    assert!(resolve(github, "https://github.com/O/R/blob/v1/api.yaml").is_ok(), "names are compared without case");
    assert!(resolve(github, "https://shop.example/openapi.json").is_ok(), "no git host, no repository");
    let other = "https://github.com/o/other/blob/main/api.yaml";
    assert_eq!(
        resolve(github, other).unwrap_err(),
        format!(
            "could not form a URL out of https://github.com/o/r/blob/main/catalog-info.yaml and {other}, Error: Placeholder may only reference files from the same repository as the entity"
        )
    );
    assert!(resolve(github, "https://gitlab.com/o/r/-/raw/main/x").is_err(), "another git host");
    assert_eq!(
        resolve("file:/cat/a.yaml", "./x.txt").unwrap_err(),
        "could not form a URL out of /cat/a.yaml and ./x.txt, TypeError: Invalid URL"
    );
    assert_eq!(resolve("file:/cat/a.yaml", other).unwrap(), format!("url:{other}"));
    assert_eq!(resolve("url:http://h.example/c/a.yaml", "bits/x.txt").unwrap(), "url:http://h.example/c/bits/x.txt");
}

#[test]
fn offers_links_by_host() {
    let reader = reader();
    let links = |location: &str| {
        let links = reader.scm_urls(&LocationRef::parse(location).unwrap());
        (links.view.unwrap_or_default(), links.edit.unwrap_or_default(), links.source_location.unwrap_or_default())
    };
    let expected = |view: &str, edit: &str, source: &str| (view.to_owned(), edit.to_owned(), source.to_owned());
    assert_eq!(
        links("url:https://git.shop.example/o/r/tree/main/c/a.yaml"),
        expected(
            "https://git.shop.example/o/r/tree/main/c/a.yaml",
            "https://git.shop.example/o/r/edit/main/c/a.yaml",
            "url:https://git.shop.example/o/r/tree/main/c/"
        )
    );
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let view = format!("https://github.com/o/r/blob/{commit}/a.yaml");
    let source = format!("url:https://github.com/o/r/tree/{commit}/");
    assert_eq!(links(&format!("url:{view}")), expected(&view, "", &source));
    assert_eq!(links("url:http://h.example/a.yaml"), expected("http://h.example/a.yaml", "", ""));
    assert_eq!(links("file:/cat/a.yaml"), expected("", "", ""));
}

#[test]
fn agrees_with_backstage_on_published_descriptors() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.exists() {
        println!("skipped: there is no folder ../shared beside the workspace");
        return;
    }
    let verdicts = fs::read_to_string(shared.join("corpus/verdicts.jsonl")).unwrap();
    let reader = Reader::new(ReaderSettings::default());
    let (mut links, mut targets) = (0, 0);
    for line in verdicts.lines() {
        let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
        let location = LocationRef::new("url", verdict["location"].as_str().unwrap());
        let urls = reader.scm_urls(&location);
        for (key, ours) in
            [("view-url", &urls.view), ("edit-url", &urls.edit), ("source-location", &urls.source_location)]
        {
            // An author's own annotation is kept, so it is missing here.
            if let Some(theirs) = verdict["annotationsAdded"][format!("backstage.io/{key}")].as_str() {
                assert_eq!(ours.as_deref(), Some(theirs), "{location}");
                links += 1;
            }
        }
        for theirs in verdict["locationTargets"].as_array().into_iter().flatten().filter_map(|target| target.as_str()) {
            let resolved = reader.resolve(&location, "url", theirs.trim_start_matches("url:")).unwrap();
            assert_eq!(resolved.as_str(), theirs, "resolving twice changes nothing");
            targets += 1;
        }
    }
    assert!(links > 700 && targets > 20, "{links} links, {targets} targets");
}
