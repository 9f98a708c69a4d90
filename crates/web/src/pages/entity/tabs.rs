//! The tabs of an entity, and which entities have which.

use index::Doc;

use crate::pages::{
    facts::Facts,
    parts::{Tab, Tabs},
    urls,
};

/// A tab.
pub(super) struct TabSpec {
    /// Its part of the address; empty for the overview.
    path: &'static str,
    label: &'static str,
    /// Whether an entity has it.
    applies: fn(&Doc, &Facts) -> bool,
    /// The relations whose number it shows.
    counts: &'static [&'static str],
}

pub(super) const DEPENDENCIES: &[&str] = &["dependsOn", "dependencyOf"];
pub(super) const APIS: &[&str] = &["providesApi", "consumesApi", "apiProvidedBy", "apiConsumedBy"];

/// All tabs, in order.
pub(super) static TABS: &[TabSpec] = &[
    TabSpec { path: "", label: "Overview", applies: |_, _| true, counts: &[] },
    TabSpec {
        path: "diagram",
        label: "Diagram",
        applies: |_, facts| matches!(facts.entity_ref.kind(), "system" | "domain"),
        counts: &[],
    },
    TabSpec {
        path: "definition",
        label: "Definition",
        applies: |_, facts| facts.entity_ref.kind() == "api",
        counts: &[],
    },
    TabSpec {
        path: "dependencies",
        label: "Dependencies",
        applies: |doc, facts| matches!(facts.entity_ref.kind(), "component" | "resource") || has_any(doc, DEPENDENCIES),
        counts: DEPENDENCIES,
    },
    TabSpec {
        path: "api",
        label: "APIs",
        applies: |doc, facts| facts.entity_ref.kind() == "component" || has_any(doc, APIS),
        counts: APIS,
    },
    TabSpec { path: "graph", label: "Graph", applies: |doc, _| !doc.relations().is_empty(), counts: &[] },
    TabSpec { path: "history", label: "History", applies: |_, _| true, counts: &[] },
    TabSpec { path: PROBLEMS, label: "Problems", applies: |_, _| true, counts: &[] },
];

/// The tab whose number is not one of relations.
const PROBLEMS: &str = "problems";

fn has_any(doc: &Doc, relations: &[&str]) -> bool {
    doc.relations().iter().any(|(kind, _)| relations.contains(&kind.as_ref()))
}

/// The tabs of one entity; `problems` is how many it has.
pub(super) fn tabs(doc: &Doc, facts: &Facts, current: &str, problems: u64) -> Tabs {
    let relations = doc.relations();
    let count = |counts: &[&str]| {
        (!counts.is_empty())
            .then(|| relations.iter().filter(|(kind, _)| counts.contains(&kind.as_ref())).count() as u64)
    };
    let tab = |spec: &TabSpec| Tab {
        label: spec.label.to_owned(),
        href: urls::entity_tab(&facts.entity_ref, spec.path),
        count: if spec.path == PROBLEMS { Some(problems) } else { count(spec.counts) },
        is_current: spec.path == current,
    };
    Tabs {
        label: format!("About {}", facts.title()),
        tabs: TABS.iter().filter(|spec| (spec.applies)(doc, facts)).map(tab).collect(),
    }
}
