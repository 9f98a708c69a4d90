//! `catalog`

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::config::{
    AllowedKind, CatalogConfig, CatalogRule, LocationMatch, OrphanStrategy, ProcessingInterval, Request,
    StaticLocation, section::Section,
};

/// Source: Backstage's default of 100 to 150 seconds.
const USUAL_INTERVAL: Duration = Duration::from_secs(100);

pub fn read(section: &Section<'_>, request: &Request) -> CatalogConfig {
    let rules = section.at("rules");
    let orphans = [("delete", OrphanStrategy::Delete), ("keep", OrphanStrategy::Keep)];
    let conflict = [("reject", web::ConflictStrategy::Reject), ("refresh", web::ConflictStrategy::Refresh)];
    CatalogConfig {
        locations: section.at("locations").items().iter().filter_map(|item| location(item, request)).collect(),
        rules: rules.is_set().then(|| rules.items().iter().map(rule).collect()),
        readonly: section.at("readonly").flag().unwrap_or(false),
        interval: interval(&section.at("processingInterval")),
        orphans: section.at("orphanStrategy").word(&orphans).unwrap_or(OrphanStrategy::Delete),
        conflict: section.at("defaultLocationConflictStrategy").word(&conflict).unwrap_or_default(),
    }
}

fn interval(section: &Section<'_>) -> ProcessingInterval {
    if section.is_false() {
        return ProcessingInterval::Never;
    }
    ProcessingInterval::Every(section.duration().unwrap_or(USUAL_INTERVAL))
}

fn location(section: &Section<'_>, request: &Request) -> Option<StaticLocation> {
    let location_type = section.at("type").required();
    let target = section.at("target").required();
    let allow = section.at("rules").items().iter().flat_map(|rule| allowed(&rule.at("allow"))).collect();
    let (location_type, target) = (location_type?, target?);
    let target = match location_type.as_str() {
        "file" => resolve_file(&target, &section.at("target"), request),
        _ => target,
    };
    Some(StaticLocation { location_type, target, allow })
}

/// Backstage resolves relative paths against the folder that its backend runs in, which by habit is `packages/backend`.
/// Here the first of the working folder, the folder of the file and `packages/backend` beside it is taken where the
/// path leads to something; if none does, the working folder, as Backstage does.
fn resolve_file(target: &str, section: &Section<'_>, request: &Request) -> String {
    let fixed: &str = target.split(['*', '?', '{']).next().unwrap_or(target);
    let file = PathBuf::from(section.spot().origin.as_ref());
    let beside = request.folder.join(file.parent().unwrap_or(Path::new("")));
    let candidates = [request.folder.clone(), beside.clone(), beside.join("packages/backend")];
    let leads_somewhere = |folder: &&PathBuf| match fixed.len() == target.len() {
        true => clean(&folder.join(target)).exists(),
        false => {
            let stem = clean(&folder.join(fixed));
            if fixed.ends_with('/') { stem.is_dir() } else { stem.parent().is_some_and(Path::is_dir) }
        }
    };
    let folder = candidates.iter().find(leads_somewhere).unwrap_or(&candidates[0]);
    clean(&folder.join(target)).display().to_string()
}

/// Resolves `.` and `..` in the text, as Node's `path.resolve` does.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

fn rule(section: &Section<'_>) -> CatalogRule {
    if !section.at("allow").is_set() {
        section.at("allow").fault("is missing", "list the kinds: `allow: [Component, API]`");
    }
    let locations = section.at("locations").items().iter().map(location_match).collect();
    CatalogRule { allow: allowed(&section.at("allow")), locations }
}

fn allowed(section: &Section<'_>) -> Vec<AllowedKind> {
    let kind = |item: &Section<'_>| match item.is_map() {
        true => AllowedKind {
            kind: item.at("kind").required().unwrap_or_default(),
            // The key is the text `spec.type`, dot included.
            spec_type: item.field_with_dot("spec.type").and_then(|section| section.text()),
        },
        false => AllowedKind { kind: item.required().unwrap_or_default(), spec_type: None },
    };
    section.items().iter().map(kind).collect()
}

fn location_match(section: &Section<'_>) -> LocationMatch {
    let (exact, pattern) = (section.at("exact").text(), section.at("pattern").text());
    if exact.is_some() && pattern.is_some() {
        section.at("pattern").fault("cannot stand beside `exact`", "remove one of the two");
    }
    if let Some(text) = &pattern
        && let Err(error) = globset::Glob::new(text)
    {
        section.at("pattern").fault(&format!("is no glob: {}", error.kind()), "");
    }
    LocationMatch { location_type: section.at("type").required().unwrap_or_default(), exact, pattern }
}
