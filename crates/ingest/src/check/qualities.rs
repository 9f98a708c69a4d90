//! `spec.dependencies`: how strongly an entity depends on what it depends on. Backstage does not know the field, so nothing
//! about it is an error.

use model::{DeclaredRelation, Delay, EntityRef, QUALITY_FIELD, QUALITY_KEYS, RefDefaults, Strength};

use super::suggest::closest;
use crate::{
    codes,
    report::{Finding, Report},
    yaml::NodeRef,
};

/// Relations that are dependencies as seen from the entity that declares them.
const DEPENDENCIES: [&str; 2] = ["dependsOn", "consumesApi"];

/// Whose dependencies are declared elsewhere: an API is provided by components that say so themselves.
const DEPENDS_ELSEWHERE: &str = "API";

/// An entity as far as qualities go.
pub(crate) struct Dependent<'a> {
    pub(crate) kind: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) relations: &'a [DeclaredRelation],
}

/// Looks for what cannot be read in `spec.dependencies`, or has no effect.
pub(crate) fn check_qualities(dependent: &Dependent<'_>, spec: NodeRef<'_>, report: &mut Report<'_>) {
    let Some(list) = spec.get(QUALITY_FIELD).filter(|list| !list.is_null()) else { return };
    let field = format!("spec.{QUALITY_FIELD}");
    if !list.is_list() {
        let help = "write a list: `- ref: resource:default/orders-db` with `strength: soft` and the like below it";
        return report.add(unreadable(list, &field, format!("`{field}` is no list"), help));
    }
    let mut known: Vec<EntityRef> = Vec::new();
    for (at, item) in list.items().enumerate() {
        let field = format!("{field}.{at}");
        if !item.is_map() {
            let help = "write `- ref: resource:default/orders-db`, with its quality below";
            report.add(unreadable(item, &field, "an item of `spec.dependencies` is no map".to_owned(), help));
            continue;
        }
        check_keys(item, &field, report);
        check_words(item, &field, report);
        if let Some(other) = check_ref(dependent, item, &field, report) {
            if known.contains(&other) {
                let message = format!("`{other}` stands twice in `spec.dependencies`; the first item counts");
                report.add(unreadable(item, &field, message, "merge the two items"));
            }
            known.push(other);
        }
        check_stand_ins(dependent, item, &field, report);
    }
}

fn unreadable(node: NodeRef<'_>, field: &str, message: String, help: impl Into<String>) -> Finding {
    Finding::new(codes::QUALITY_VALUE, message).at(node).field(field).help(help)
}

fn check_keys(item: NodeRef<'_>, field: &str, report: &mut Report<'_>) {
    for (key, _) in item.entries() {
        if QUALITY_KEYS.contains(&key.key()) {
            continue;
        }
        let free = QUALITY_KEYS.into_iter().filter(|name| item.get(name).is_none());
        let help = match closest(key.key(), free) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use `{}`", QUALITY_KEYS.join("`, `")),
        };
        report.add(
            Finding::new(codes::QUALITY_FIELD, format!("`{}` means nothing in `spec.dependencies`", key.key()))
                .at(key)
                .field(format!("{field}.{}", key.key()))
                .help(help),
        );
    }
}

fn check_words(item: NodeRef<'_>, field: &str, report: &mut Report<'_>) {
    let wrong = |key: &str, is_right: fn(&str) -> bool| {
        item.get(key).filter(|value| !value.is_null() && !value.as_str().is_some_and(is_right))
    };
    if let Some(value) = wrong("strength", |text| Strength::parse(text).is_some()) {
        let shown = value.to_js_string();
        let help = match closest(&shown, Strength::WORDS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write `hard` (it fails too) or `soft` (it goes on with less)".to_owned(),
        };
        report.add(unreadable(value, &format!("{field}.strength"), format!("`{shown}` is no strength"), help));
    }
    if let Some(value) = wrong("delay", |text| Delay::parse(text).is_some()) {
        let message = format!("`{}` is no delay", value.to_js_string());
        let help = "write an ISO 8601 duration of weeks, days, hours, minutes and seconds: `PT30M`, `PT6H`, `P1DT12H`";
        report.add(unreadable(value, &format!("{field}.delay"), message, help));
    }
    if let Some(value) = wrong("note", |_| true) {
        let message = "a note is a text".to_owned();
        report.add(unreadable(value, &format!("{field}.note"), message, "put quotes round it"));
    }
}

fn check_ref(dependent: &Dependent<'_>, item: NodeRef<'_>, field: &str, report: &mut Report<'_>) -> Option<EntityRef> {
    let field = format!("{field}.ref");
    let Some(value) = item.get("ref").filter(|value| !value.is_null()) else {
        let message = "an item of `spec.dependencies` does not say what it is about".to_owned();
        report.add(unreadable(item, &field, message, "add `ref:` with a reference from `spec.dependsOn`"));
        return None;
    };
    let other = parse(dependent, value, &field, report)?;
    if !depends_on(dependent, &other) {
        let list = if other.kind() == "api" { "consumesApis" } else { "dependsOn" };
        report.add(
            Finding::new(codes::QUALITY_WITHOUT_DEPENDENCY, format!("nothing here depends on `{other}`"))
                .at(value)
                .field(field)
                .help(match nearest(dependent, &other) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("add it to `spec.{list}`"),
                }),
        );
    }
    Some(other)
}

fn check_stand_ins(dependent: &Dependent<'_>, item: NodeRef<'_>, field: &str, report: &mut Report<'_>) {
    let field = format!("{field}.redundantWith");
    let Some(list) = item.get("redundantWith").filter(|list| !list.is_null()) else { return };
    if !list.is_list() {
        let help = format!("write a list: `redundantWith: [{}]`", list.to_js_string());
        return report.add(unreadable(list, &field, "`redundantWith` is no list".to_owned(), help));
    }
    for value in list.items() {
        let Some(other) = parse(dependent, value, &field, report) else { continue };
        if !depends_on(dependent, &other) {
            let message = format!("`{other}` cannot stand in, as nothing here depends on it");
            report.add(Finding::new(codes::QUALITY_WITHOUT_DEPENDENCY, message).at(value).field(&field).help(format!(
                "add it to `spec.{}`",
                if other.kind() == "api" { "consumesApis" } else { "dependsOn" }
            )));
        }
    }
}

fn parse(dependent: &Dependent<'_>, value: NodeRef<'_>, field: &str, report: &mut Report<'_>) -> Option<EntityRef> {
    let defaults = RefDefaults { kind: None, namespace: dependent.namespace };
    let parsed = value.as_str().and_then(|text| EntityRef::parse_with(text, defaults).ok());
    if parsed.is_none() {
        let shown = value.to_js_string();
        let named = dependent.relations.iter().find(|relation| {
            DEPENDENCIES.contains(&&*relation.forward) && relation.other.name() == shown.to_lowercase()
        });
        let help = match named {
            Some(relation) => format!("write `{}`", relation.other),
            None => "write a reference with its kind: `resource:default/orders-db`".to_owned(),
        };
        report.add(unreadable(value, field, format!("`{shown}` is no complete reference"), help));
    }
    parsed
}

fn depends_on(dependent: &Dependent<'_>, other: &EntityRef) -> bool {
    dependent.kind == DEPENDS_ELSEWHERE || dependencies(dependent).any(|known| known == other)
}

fn dependencies<'a>(dependent: &Dependent<'a>) -> impl Iterator<Item = &'a EntityRef> {
    let relations = dependent.relations.iter().filter(|relation| DEPENDENCIES.contains(&&*relation.forward));
    relations.map(|relation| &relation.other)
}

fn nearest<'a>(dependent: &Dependent<'a>, other: &EntityRef) -> Option<&'a str> {
    closest(other.as_str(), dependencies(dependent).map(EntityRef::as_str))
}
