//! The roots that the configuration and the command line name, with the rules that hold for them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use ingest::Rules;
use model::LocationRef;
use serde_json::{Value, json};

use super::watching;
use crate::config::{AllowedKind, CatalogRule, Config, ProcessingInterval};
use crate::harvest::Interval;

/// What is to be harvested.
pub struct ConfiguredRoots {
    /// The locations, in order.
    pub locations: Vec<LocationRef>,
    /// Which kinds they may hold.
    pub rules: Rules,
    /// The folders to watch for them.
    pub folders: Vec<PathBuf>,
}

/// Joins the locations of the configuration and of the command line.
///
/// # Errors
/// When a location of the command line cannot be understood or is not there.
pub fn configured(config: &Config, named: &[String]) -> anyhow::Result<ConfiguredRoots> {
    let mut locations: Vec<LocationRef> = config
        .catalog
        .locations
        .iter()
        .map(|location| LocationRef::new(&location.location_type, &location.target))
        .collect();
    let named = named.iter().map(|text| parse_named(text)).collect::<anyhow::Result<Vec<_>>>()?;
    // Whoever names a folder on the command line wants to see what is in it; rules are for what teams register.
    let rules = if config.catalog.rules.is_none() && locations.is_empty() && !named.is_empty() {
        Rules::allow_all()
    } else {
        read_rules(config)
    };
    locations.extend(named);
    let mut folders: Vec<PathBuf> = locations
        .iter()
        .filter(|location| location.location_type() == "file")
        .filter_map(|location| watching::folder_of(location.target()))
        .collect();
    folders.sort();
    folders.dedup();
    Ok(ConfiguredRoots { locations, rules, folders })
}

/// Reads a location of the command line: a path, a web address, or `type:target`.
fn parse_named(text: &str) -> anyhow::Result<LocationRef> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(LocationRef::new("url", text));
    }
    if let Some(target) = text.strip_prefix("url:") {
        return Ok(LocationRef::new("url", target));
    }
    if let Some((scheme, _)) = text.split_once("://") {
        bail!("`{text}` cannot be harvested: `{scheme}` is no scheme that Callboard reads; it reads http and https");
    }
    let path = text.strip_prefix("file:").unwrap_or(text);
    let has_glob = path.contains(['*', '?', '{']);
    let absolute = if has_glob { std::path::absolute(path) } else { Path::new(path).canonicalize() };
    let absolute = absolute.with_context(|| {
        format!("`{path}` cannot be harvested; name a folder, a file, a glob or a web address that exists")
    })?;
    Ok(LocationRef::new("file", &absolute.display().to_string()))
}

fn read_rules(config: &Config) -> Rules {
    let general = config.catalog.rules.as_ref().map(|rules| Value::Array(rules.iter().map(rule_json).collect()));
    let single: Vec<(LocationRef, Option<Value>)> = config
        .catalog
        .locations
        .iter()
        .map(|location| {
            let rules = (!location.allow.is_empty()).then(|| json!([{ "allow": kinds_json(&location.allow) }]));
            (LocationRef::new(&location.location_type, &location.target), rules)
        })
        .collect();
    let single: Vec<(LocationRef, Option<&Value>)> =
        single.iter().map(|(location, rules)| (location.clone(), rules.as_ref())).collect();
    let (rules, problems) = Rules::from_config(general.as_ref(), &single);
    for problem in problems {
        tracing::warn!("catalog.rules: {problem}");
    }
    rules
}

fn rule_json(rule: &CatalogRule) -> Value {
    let mut value = json!({ "allow": kinds_json(&rule.allow) });
    if !rule.locations.is_empty() {
        let locations: Vec<Value> = rule
            .locations
            .iter()
            .map(|location| {
                let mut value = json!({ "type": location.location_type });
                if let Some(exact) = &location.exact {
                    value["exact"] = json!(exact);
                }
                if let Some(pattern) = &location.pattern {
                    value["pattern"] = json!(pattern);
                }
                value
            })
            .collect();
        value["locations"] = Value::Array(locations);
    }
    value
}

fn kinds_json(kinds: &[AllowedKind]) -> Vec<Value> {
    kinds
        .iter()
        .map(|kind| match &kind.spec_type {
            Some(spec_type) => json!({ "kind": kind.kind, "spec.type": spec_type }),
            None => json!(kind.kind),
        })
        .collect()
}

impl From<ProcessingInterval> for Interval {
    fn from(interval: ProcessingInterval) -> Self {
        match interval {
            ProcessingInterval::Every(period) => Self::Every(u64::try_from(period.as_millis()).unwrap_or(u64::MAX)),
            ProcessingInterval::Never => Self::Never,
        }
    }
}
