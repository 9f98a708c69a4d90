//! Problems put together: how many each owner, code or file has, worst first, each with the list to send round.

use std::{cmp::Reverse, collections::HashMap};

use index::problems::Problem as Wrong;

use super::{
    counts_of, file_link, owner_label,
    query::{Grouping, NOBODY, ProblemsQuery},
};
use crate::{
    View,
    pages::{
        link::EntityLink,
        parts::{Cell, Head, Table},
    },
};

/// The table of groups.
pub(super) fn table(view: &View, query: &ProblemsQuery, found: &[&Wrong]) -> Table {
    let mut groups: HashMap<String, Vec<&Wrong>> = HashMap::new();
    for problem in found {
        for key in keys(query.grouping, problem) {
            groups.entry(key).or_default().push(problem);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().map(|(key, list)| (key, counts_of(&list), list[0])).collect();
    groups.sort_by(|(a, a_counts, _), (b, b_counts, _)| {
        let weight = |counts: &index::problems::ProblemCounts| Reverse((counts.errors, counts.warnings, counts.infos));
        weight(a_counts).cmp(&weight(b_counts)).then_with(|| a.cmp(b))
    });
    let (first, second) = match query.grouping {
        Grouping::Owner => ("Owner", "Team"),
        Grouping::Code => ("Code", "For example"),
        Grouping::Source | Grouping::None => ("File", "For example"),
    };
    let rows = groups.into_iter().map(|(key, counts, example)| {
        vec![
            Cell::Link { label: label(view, query.grouping, &key), href: narrowed(query, &key).href() },
            second_cell(view, query.grouping, &key, example),
            number(counts.errors),
            number(counts.warnings),
            number(counts.infos),
        ]
    });
    Table {
        caption: format!("Problems {}", query.grouping.label().to_lowercase()),
        rows: rows.collect(),
        heads: vec![
            Head::plain(first),
            Head::wide(second),
            Head::number("Errors"),
            Head::number("Warnings"),
            Head::number("Infos"),
        ],
        swaps: None,
    }
}

fn number(n: usize) -> Cell {
    if n == 0 { Cell::Empty } else { Cell::Number(n as u64) }
}

fn keys(grouping: Grouping, problem: &Wrong) -> Vec<String> {
    match grouping {
        Grouping::Owner if problem.owners.is_empty() => vec![NOBODY.to_owned()],
        Grouping::Owner => problem.owners.iter().map(ToString::to_string).collect(),
        Grouping::Code => vec![problem.diagnostic.code.to_string()],
        Grouping::Source | Grouping::None => problem.location.iter().map(ToString::to_string).collect(),
    }
}

fn label(view: &View, grouping: Grouping, key: &str) -> String {
    match grouping {
        Grouping::Owner => owner_label(view, key),
        Grouping::Code => key.to_owned(),
        Grouping::Source | Grouping::None => file_link(key).0,
    }
}

fn second_cell(view: &View, grouping: Grouping, key: &str, example: &Wrong) -> Cell {
    match grouping {
        Grouping::Owner => EntityLink::to_text(view, key).map_or(Cell::Empty, Cell::Entity),
        _ => Cell::Sentence(example.diagnostic.message.clone()),
    }
}

/// The list of one group.
fn narrowed(query: &ProblemsQuery, key: &str) -> ProblemsQuery {
    let mut narrowed = ProblemsQuery { grouping: Grouping::None, offset: 0, ..query.clone() };
    match query.grouping {
        Grouping::Owner => narrowed.owners = vec![key.to_owned()],
        Grouping::Code => narrowed.codes = vec![key.to_owned()],
        Grouping::Source | Grouping::None => narrowed.locations = vec![key.to_owned()],
    }
    narrowed
}
