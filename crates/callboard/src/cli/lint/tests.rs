//! Tests of lint from files to text.

use std::{fs, path::Path};

use super::*;

const GOOD: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: web\nspec:\n  type: website\n  lifecycle: production\n  owner: team-a\n";
const BAD: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: shop\nspec:\n  type: website\n  lifecycle: production\n  ownr: team-a\n";

fn lint(files: &[(&str, &str)], closed: bool) -> (tempfile::TempDir, check::Report) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
        fs::write(dir.path().join(name), text).unwrap();
    }
    let kinds = Kinds::builtin();
    let found = find_files(&[dir.path().to_owned()], &kinds).unwrap();
    let report = check::run(&found, &kinds, &Rules::allow_all(), closed).unwrap();
    (dir, report)
}

fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap()
}

#[test]
fn healthy_files_give_no_errors() {
    let (_dir, report) = lint(&[("catalog-info.yaml", GOOD)], false);
    assert_eq!((report.files, report.entities, report.count(Severity::Error)), (1, 1, 0), "{report:?}");
}

#[test]
fn a_missing_field_is_shown_at_its_line() {
    let (dir, report) = lint(&[("a/catalog-info.yaml", BAD)], false);
    assert!(report.count(Severity::Error) > 0);
    let folder = real(dir.path());
    let human = show::render(&report, LintFormat::Human, &folder);
    assert!(human.contains("error[E") && human.contains("a/catalog-info.yaml:") && human.contains("owner"), "{human}");
    let json: serde_json::Value = serde_json::from_str(&show::render(&report, LintFormat::Json, &folder)).unwrap();
    assert_eq!(json["diagnostics"][0]["path"], "a/catalog-info.yaml");
    let sarif: serde_json::Value = serde_json::from_str(&show::render(&report, LintFormat::Sarif, &folder)).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["level"], "error");
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a/catalog-info.yaml");
    let github = show::render(&report, LintFormat::Github, &folder);
    assert!(github.starts_with("::error title=E") && github.contains(",file=a/catalog-info.yaml,line="), "{github}");
}

#[test]
fn findings_come_in_the_order_of_the_lines() {
    let text = GOOD.replace("  name: web\n", "  name: web!\n  tags: [Upper]\n  labels: { 'a b': x }\n");
    let (_dir, report) = lint(&[("catalog-info.yaml", &text)], false);
    let lines: Vec<u32> = report.diagnostics.iter().filter_map(|found| found.place.as_ref()).map(|p| p.line).collect();
    assert_eq!(lines, [4, 5, 6], "{report:?}");
}

#[test]
fn a_healthy_document_beside_a_sick_one_is_counted() {
    let both = format!("{GOOD}---\n{BAD}");
    let (_dir, report) = lint(&[("catalog-info.yaml", &both)], false);
    assert_eq!(report.entities, 1);
    assert!(report.count(Severity::Error) > 0);
}

#[test]
fn the_same_entity_in_two_files_is_reported_at_the_second() {
    let (_dir, report) = lint(&[("a/catalog-info.yaml", GOOD), ("b/catalog-info.yaml", GOOD)], false);
    let found: Vec<_> = report.diagnostics.iter().filter(|d| d.message.contains("already defined")).collect();
    assert_eq!(found.len(), 1, "{report:?}");
    assert!(found[0].place.as_ref().unwrap().location.ends_with("b/catalog-info.yaml"));
}

#[test]
fn dangling_references_count_only_in_a_closed_set() {
    let dangling = |closed| {
        let (_dir, report) = lint(&[("catalog-info.yaml", GOOD)], closed);
        report.diagnostics.iter().filter(|d| d.message.contains("group:default/team-a")).count()
    };
    assert_eq!((dangling(false), dangling(true)), (0, 1));
}

#[test]
fn text_beside_the_file_is_read() {
    let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: api\nspec:\n  type: openapi\n  lifecycle: production\n  owner: team-a\n  definition:\n    $text: ./openapi.yaml\n";
    let (_dir, report) = lint(&[("catalog-info.yaml", api), ("openapi.yaml", "openapi: 3.1.0\n")], false);
    assert_eq!(report.count(Severity::Error), 0, "{report:?}");
    let (_dir, report) = lint(&[("catalog-info.yaml", api)], false);
    assert!(report.count(Severity::Error) > 0, "{report:?}");
}
