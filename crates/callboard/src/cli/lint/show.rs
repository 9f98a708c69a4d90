//! Diagnostics -> text for people and machines.

use std::{fmt::Write as _, path::Path};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use model::{Diagnostic, Place, Severity};
use serde_json::{Value, json};

use super::{LintFormat, check::Report};

/// Renders the report in the form that was asked for. Paths are shown relative to `folder`.
pub fn render(report: &Report, format: LintFormat, folder: &Path) -> String {
    match format {
        LintFormat::Human => human(report, folder),
        LintFormat::Json => json_report(report, folder).to_string() + "\n",
        LintFormat::Sarif => sarif(report, folder).to_string() + "\n",
        LintFormat::Github => github(report, folder),
    }
}

fn path_of<'a>(place: &'a Place, folder: &Path) -> &'a str {
    let path = place.location.strip_prefix("file:").unwrap_or(&place.location);
    Path::new(path).strip_prefix(folder).ok().and_then(Path::to_str).unwrap_or(path)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn summary(report: &Report) -> String {
    let checked = format!(
        "{}, {}",
        plural(report.files, "file", "files"),
        plural(report.entities, "healthy entity", "healthy entities")
    );
    let errors = plural(report.count(Severity::Error), "error", "errors");
    let warnings = plural(report.count(Severity::Warning), "warning", "warnings");
    format!("{checked}: {errors}, {warnings}\n")
}

fn human(report: &Report, folder: &Path) -> String {
    let colour = std::io::IsTerminal::is_terminal(&std::io::stdout());
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in &report.diagnostics {
        let _ = writeln!(out, "{}\n", renderer.render(&snippet(diagnostic, folder)));
    }
    out + &summary(report)
}

fn snippet<'a>(diagnostic: &'a Diagnostic, folder: &Path) -> Vec<annotate_snippets::Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Info => Level::INFO,
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.0.as_ref());
    let spot = diagnostic.place.as_ref().map(|place| {
        let line = place.source_line.as_deref().unwrap_or_default();
        Snippet::source(line)
            .line_start(place.line as usize)
            .path(path_of(place, folder).to_owned())
            .annotation(AnnotationKind::Primary.span(span_of(place, line)))
    });
    let help = diagnostic.help.as_ref().map(|help| Level::HELP.message(help));
    vec![title.elements(spot).elements(help)]
}

/// The bytes of `line` that the place covers; a place that goes over several lines covers the rest of the first.
fn span_of(place: &Place, line: &str) -> std::ops::Range<usize> {
    let byte =
        |column: u32| line.char_indices().nth(column.saturating_sub(1) as usize).map_or(line.len(), |(at, _)| at);
    let start = byte(place.column);
    let end = if place.end_line > place.line { line.trim_end().len() } else { byte(place.end_column) };
    start..end.max(start)
}

fn json_report(report: &Report, folder: &Path) -> Value {
    let diagnostics: Vec<Value> = report
        .diagnostics
        .iter()
        .map(|found| {
            let place = found.place.as_ref();
            json!({
                "code": found.code.0,
                "severity": word(found.severity),
                "message": found.message,
                "help": found.help,
                "field": found.field,
                "path": place.map(|place| path_of(place, folder)),
                "line": place.map(|place| place.line),
                "column": place.map(|place| place.column),
                "endLine": place.map(|place| place.end_line),
                "endColumn": place.map(|place| place.end_column),
            })
        })
        .collect();
    json!({ "files": report.files, "entities": report.entities, "diagnostics": diagnostics })
}

/// Source: SARIF 2.1.0, the subset that code hosts read.
fn sarif(report: &Report, folder: &Path) -> Value {
    let mut codes: Vec<&str> = report.diagnostics.iter().map(|found| found.code.0.as_ref()).collect();
    codes.sort_unstable();
    codes.dedup();
    let results: Vec<Value> = report
        .diagnostics
        .iter()
        .map(|found| {
            let text = match &found.help {
                Some(help) => format!("{}. Help: {help}", found.message),
                None => found.message.clone(),
            };
            let locations: Vec<Value> = found.place.iter().map(|place| sarif_location(place, folder)).collect();
            json!({
                "ruleId": found.code.0,
                "level": if found.severity == Severity::Info { "note" } else { word(found.severity) },
                "message": { "text": text },
                "locations": locations,
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "callboard",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| json!({ "id": code })).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn sarif_location(place: &Place, folder: &Path) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": path_of(place, folder) },
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    } })
}

/// Source: GitHub's "Workflow commands", where `%`, line ends and, in properties, `:` and `,` are escaped.
fn github(report: &Report, folder: &Path) -> String {
    let text = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |value: &str| text(value).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for found in &report.diagnostics {
        let level = if found.severity == Severity::Info { "notice" } else { word(found.severity) };
        let _ = write!(out, "::{level} title={}", property(&found.code.0));
        if let Some(place) = &found.place {
            let _ = write!(out, ",file={},line={},col={}", property(path_of(place, folder)), place.line, place.column);
            if place.end_line == place.line {
                let _ = write!(out, ",endLine={},endColumn={}", place.line, place.end_column);
            }
        }
        let help = found.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        let _ = writeln!(out, "::{}", text(&format!("{}{help}", found.message)));
    }
    out + &summary(report)
}
