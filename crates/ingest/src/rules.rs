//! `catalog.rules`: which kinds may come from which location. Source: Backstage's `DefaultCatalogRulesEnforcer`.

use std::hash::{DefaultHasher, Hash, Hasher};

use globset::{GlobBuilder, GlobMatcher};
use model::LocationRef;
use serde_json::Value;

use crate::{check::Root, yaml::NodeRef};

/// `catalog.rules` and the rules of single locations: which kinds may come from where.
#[derive(Debug)]
pub struct Rules {
    /// `None` allows everything.
    rules: Option<Vec<Rule>>,
    fingerprint: u64,
}

#[derive(Debug)]
struct Rule {
    allow: Vec<Allowed>,
    /// `None` means everywhere.
    locations: Option<Vec<Where>>,
}

#[derive(Debug, Hash)]
struct Allowed {
    kind: String,
    spec_type: Option<String>,
}

#[derive(Debug)]
struct Where {
    location_type: String,
    exact: Option<String>,
    pattern: Option<GlobMatcher>,
}

const DEFAULT_KINDS: [&str; 3] = ["Component", "API", "Location"];

impl Default for Rules {
    /// What Backstage allows when nothing is configured: Component, API and Location from everywhere.
    fn default() -> Self {
        Self::from_config(None, &[]).0
    }
}

impl Rules {
    /// Allows every kind from everywhere.
    #[must_use]
    pub fn allow_all() -> Self {
        Self { rules: None, fingerprint: 0 }
    }

    /// Builds the rules from the value of `catalog.rules`, if there is one, and from the `rules` of single entries of
    /// `catalog.locations`. The second value tells what is wrong with them; such rules allow nothing.
    #[must_use]
    pub fn from_config(rules: Option<&Value>, locations: &[(LocationRef, Option<&Value>)]) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut hasher = DefaultHasher::new();
        let mut all = match rules {
            Some(value) => {
                value.to_string().hash(&mut hasher);
                read_rules(value, "catalog.rules", &mut problems)
            }
            None => vec![Rule { allow: DEFAULT_KINDS.map(Allowed::kind).into(), locations: None }],
        };
        for (location, rules) in locations {
            let Some(rules) = rules else { continue };
            (location, rules.to_string()).hash(&mut hasher);
            for mut rule in read_rules(rules, &format!("the rules of {location}"), &mut problems) {
                rule.locations = Some(vec![Where {
                    location_type: location.location_type().to_owned(),
                    exact: Some(location.target().to_owned()),
                    pattern: None,
                }]);
                all.push(rule);
            }
        }
        (Self { rules: Some(all), fingerprint: hasher.finish() | 1 }, problems)
    }

    /// A number that changes when the rules change, so that callers can tell when files must be processed again.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(crate) fn allows(&self, root: &Root<'_>, origin: &LocationRef) -> bool {
        let Some(rules) = &self.rules else { return true };
        let kind = root.kind_text().unwrap_or_default();
        let spec_type = || root.spec.and_then(|(_, spec)| spec.get("type")).and_then(NodeRef::as_str);
        rules.iter().any(|rule| {
            rule.locations.as_ref().is_none_or(|places| places.iter().any(|place| place.matches(origin)))
                && rule.allow.iter().any(|allowed| allowed.matches(kind, &spec_type))
        })
    }
}

impl Allowed {
    fn kind(kind: &str) -> Self {
        Self { kind: kind.to_owned(), spec_type: None }
    }

    fn matches<'a>(&self, kind: &str, spec_type: &dyn Fn() -> Option<&'a str>) -> bool {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase();
        same(&self.kind, kind)
            && self.spec_type.as_ref().is_none_or(|wanted| spec_type().is_some_and(|found| same(wanted, found)))
    }
}

impl Where {
    fn matches(&self, origin: &LocationRef) -> bool {
        self.location_type == origin.location_type()
            && self.exact.as_ref().is_none_or(|exact| exact == origin.target())
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(origin.target()))
    }
}

fn read_rules(value: &Value, name: &str, problems: &mut Vec<String>) -> Vec<Rule> {
    let Some(items) = value.as_array() else {
        problems.push(format!("{name} must be a list of rules"));
        return Vec::new();
    };
    let read = |(at, item): (usize, &Value)| match read_rule(item) {
        Ok(rule) => Some(rule),
        Err(problem) => {
            problems.push(format!("{name}[{at}]: {problem}"));
            None
        }
    };
    items.iter().enumerate().filter_map(read).collect()
}

fn read_rule(item: &Value) -> Result<Rule, String> {
    let allow = item.get("allow").and_then(Value::as_array).ok_or("`allow` must be a list of kinds")?;
    let allow = allow.iter().map(read_allowed).collect::<Result<_, _>>()?;
    let locations = match item.get("locations") {
        None | Some(Value::Null) => None,
        Some(places) => {
            let places = places.as_array().ok_or("`locations` must be a list")?;
            Some(places.iter().map(read_where).collect::<Result<_, _>>()?)
        }
    };
    Ok(Rule { allow, locations })
}

fn read_allowed(item: &Value) -> Result<Allowed, String> {
    if let Some(kind) = item.as_str() {
        return Ok(Allowed::kind(kind));
    }
    let kind = item.get("kind").and_then(Value::as_str).ok_or("an item of `allow` is a kind, or a map with `kind`")?;
    let spec_type = match item.get("spec.type") {
        None => None,
        Some(text) => Some(text.as_str().ok_or("`spec.type` must be a string")?.to_owned()),
    };
    Ok(Allowed { spec_type, ..Allowed::kind(kind) })
}

fn read_where(item: &Value) -> Result<Where, String> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let location_type = text("type").ok_or("a location needs a `type`")?.to_owned();
    let pattern = match (text("pattern"), text("exact")) {
        (Some(_), Some(_)) => {
            return Err("A catalog rule location cannot have both exact and pattern values".to_owned());
        }
        (Some(pattern), None) => Some(read_pattern(pattern)?),
        (None, _) => None,
    };
    Ok(Where { location_type, exact: text("exact").map(str::to_owned), pattern })
}

/// The meaning of npm `minimatch` with `nocase` and `dot`: a star stays within one part of the path.
fn read_pattern(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).case_insensitive(true).empty_alternates(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| format!("`{pattern}` is no pattern: {error}"))
}
