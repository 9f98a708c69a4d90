//! What the list of problems can be narrowed by. Each facet counts what there would be without the choice in itself.

use std::{cmp::Reverse, collections::HashMap};

use index::problems::{Board, Problem as Wrong};
use model::Severity;

use super::{
    file_link, owner_label,
    query::{NOBODY, ProblemsQuery, severity_word, toggled},
};
use crate::{
    View,
    pages::{
        icon::Icon,
        parts::{Facet, FacetOption},
    },
};

/// How many values a facet shows before the rest unfolds.
const SHOWN: usize = 6;
/// How many values a facet lists at most.
const LISTED: usize = 60;

/// The facets of the list.
pub(super) fn facets(board: &Board, view: &View, query: &ProblemsQuery) -> Vec<Facet> {
    let without = |query: ProblemsQuery| board.select(view, &query.to_board());
    let base = ProblemsQuery { offset: 0, ..query.clone() };
    let severities = without(ProblemsQuery { severities: Vec::new(), ..base.clone() });
    let owners = without(ProblemsQuery { owners: Vec::new(), ..base.clone() });
    let codes = without(ProblemsQuery { codes: Vec::new(), ..base.clone() });
    let files = without(ProblemsQuery { locations: Vec::new(), ..base.clone() });
    vec![
        severity_facet(&severities, &base),
        facet("Owner", "owner", count(&owners, owner_keys), |key| {
            let href = ProblemsQuery { owners: toggled(&base.owners, &key.to_owned()), ..base.clone() }.href();
            (owner_label(view, key), href, base.owners.iter().any(|chosen| chosen == key))
        }),
        facet("Code", "code", count(&codes, |problem| vec![problem.diagnostic.code.to_string()]), |key| {
            let href = ProblemsQuery { codes: toggled(&base.codes, &key.to_owned()), ..base.clone() }.href();
            (key.to_owned(), href, base.codes.iter().any(|chosen| chosen == key))
        }),
        facet("File", "file", count(&files, file_keys), |key| {
            let href = ProblemsQuery { locations: toggled(&base.locations, &key.to_owned()), ..base.clone() }.href();
            (end_of(key).to_owned(), href, base.locations.iter().any(|chosen| chosen == key))
        }),
    ]
}

/// What narrows the list, each with the address of the list without it.
pub(super) fn chosen(view: &View, query: &ProblemsQuery) -> Vec<(String, String)> {
    let base = ProblemsQuery { offset: 0, ..query.clone() };
    let mut chosen = Vec::new();
    for owner in &base.owners {
        let without = ProblemsQuery { owners: toggled(&base.owners, owner), ..base.clone() };
        chosen.push((owner_label(view, owner), without.href()));
    }
    for severity in &base.severities {
        let without = ProblemsQuery { severities: toggled(&base.severities, severity), ..base.clone() };
        chosen.push((severity_word(*severity).to_owned(), without.href()));
    }
    for code in &base.codes {
        let without = ProblemsQuery { codes: toggled(&base.codes, code), ..base.clone() };
        chosen.push((code.clone(), without.href()));
    }
    for location in &base.locations {
        let without = ProblemsQuery { locations: toggled(&base.locations, location), ..base.clone() };
        chosen.push((file_link(location).0, without.href()));
    }
    for entity in &base.entities {
        let without = ProblemsQuery { entities: toggled(&base.entities, entity), ..base.clone() };
        chosen.push((entity.clone(), without.href()));
    }
    for root in &base.roots {
        let without = ProblemsQuery { roots: toggled(&base.roots, root), ..base.clone() };
        chosen.push(("one location".to_owned(), without.href()));
    }
    chosen
}

fn severity_facet(found: &[&Wrong], base: &ProblemsQuery) -> Facet {
    let option = |(severity, icon): (Severity, &'static str)| FacetOption {
        label: severity_word(severity).to_owned(),
        count: found.iter().filter(|problem| problem.diagnostic.severity == severity).count() as u64,
        is_chosen: base.severities.contains(&severity),
        href: ProblemsQuery { severities: toggled(&base.severities, &severity), ..base.clone() }.href(),
        icon: Some(Icon(icon)),
    };
    let all = [(Severity::Error, "circle-x"), (Severity::Warning, "triangle-alert"), (Severity::Info, "info")];
    let options = all.into_iter().map(option).collect();
    Facet { title: "Severity".to_owned(), id: "facet-severity".to_owned(), options, left_out: 0, shown: 3 }
}

fn owner_keys(problem: &Wrong) -> Vec<String> {
    if problem.owners.is_empty() {
        return vec![NOBODY.to_owned()];
    }
    problem.owners.iter().map(ToString::to_string).collect()
}

/// The last two parts of a path: what tells files apart in a narrow column.
fn end_of(location: &str) -> &str {
    location.rmatch_indices('/').nth(1).map_or(location, |(slash, _)| &location[slash + 1..])
}

fn file_keys(problem: &Wrong) -> Vec<String> {
    problem.location.iter().map(ToString::to_string).collect()
}

/// Counts the values of a facet, most frequent first.
fn count(found: &[&Wrong], keys: impl Fn(&Wrong) -> Vec<String>) -> Vec<(String, u64)> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for key in found.iter().flat_map(|problem| keys(problem)) {
        *counts.entry(key).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
    counts
}

fn facet(title: &str, id: &str, counts: Vec<(String, u64)>, show: impl Fn(&str) -> (String, String, bool)) -> Facet {
    let left_out = counts.len().saturating_sub(LISTED);
    let option = |(key, count): (String, u64)| {
        let (label, href, is_chosen) = show(&key);
        FacetOption { label, count, is_chosen, href, icon: None }
    };
    let options = counts.into_iter().take(LISTED).map(option).collect();
    Facet { title: title.to_owned(), id: format!("facet-{id}"), options, left_out, shown: SHOWN }
}
