//! How a group is called.

use std::collections::BTreeMap;

use crate::graph::Node;

/// Such as "212 resources of team-x", "3 APIs, 9 components" or "40 resources: orders-db to stock-db".
pub(super) fn title(members: &[&Node], label: &str) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for node in members {
        *counts.entry(node.class.as_str()).or_default() += 1;
    }
    let what = if counts.len() <= 2 && !counts.contains_key("") {
        let parts: Vec<String> =
            counts.iter().map(|(class, count)| format!("{count} {}", noun(class, *count))).collect();
        parts.join(", ")
    } else {
        format!("{} {}", members.len(), noun("entity", members.len()))
    };
    match label {
        "" => what,
        range if range.contains(" to ") => format!("{what}: {range}"),
        label => format!("{what} of {label}"),
    }
}

/// The word for some nodes of a class.
pub(super) fn noun(class: &str, count: usize) -> String {
    let word = if class == "api" { "API" } else { class };
    match word.strip_suffix('y') {
        _ if count == 1 => word.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if word.ends_with('s') || word.ends_with('x') || word.ends_with("ch") => format!("{word}es"),
        _ => format!("{word}s"),
    }
}
