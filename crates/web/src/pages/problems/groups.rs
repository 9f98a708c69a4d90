//! Problems put together: how many each owner, code or file has, worst first, each with the list to send round.

use std::{cmp::Reverse, collections::HashMap};

use index::problems::Problem as Wrong;
use model::Severity;

use super::{
    counts_of, file_link, owner_label,
    query::{Grouping, NOBODY, ProblemsQuery},
};
use crate::{
    View,
    pages::{
        link::EntityLink,
        parts::{Cell, Head, Table},
        words,
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
    let rows = groups.into_iter().map(|(key, counts, example)| {
        let list = narrowed(query, &key);
        let mut cells = first_cells(view, query.grouping, &key, &list, example);
        cells.extend([
            number(counts.errors, &list, Severity::Error),
            number(counts.warnings, &list, Severity::Warning),
            number(counts.infos, &list, Severity::Info),
            Cell::Link { label: words::counted(counts.total(), "problem", "problems"), href: list.href() },
        ]);
        cells
    });
    let rows = rows.collect();
    let mut heads = match query.grouping {
        Grouping::Owner => vec![Head::plain("Owner")],
        Grouping::Code => vec![Head::plain("Code"), Head::wide("For example")],
        Grouping::Source | Grouping::None => vec![Head::plain("File"), Head::wide("For example")],
    };
    heads.extend([Head::number("Errors"), Head::number("Warnings"), Head::number("Infos"), Head::number("All")]);
    Table { caption: format!("Problems {}", query.grouping.label().to_lowercase()), rows, heads, swaps: None }
}

/// A number that leads to the problems it counts.
fn number(n: usize, list: &ProblemsQuery, severity: Severity) -> Cell {
    if n == 0 {
        return Cell::Empty;
    }
    Cell::Link { label: n.to_string(), href: ProblemsQuery { severities: vec![severity], ..list.clone() }.href() }
}

/// What a group is of, and an example where a name says little.
fn first_cells(view: &View, grouping: Grouping, key: &str, list: &ProblemsQuery, example: &Wrong) -> Vec<Cell> {
    let example = Cell::Sentence(example.diagnostic.message.clone());
    match grouping {
        Grouping::Owner => {
            vec![EntityLink::to_text(view, key).map_or_else(|| Cell::Text(owner_label(view, key)), Cell::Entity)]
        }
        Grouping::Code => vec![Cell::Link { label: key.to_owned(), href: list.href() }, example],
        Grouping::Source | Grouping::None => {
            vec![Cell::Link { label: file_link(key).0, href: list.href() }, example]
        }
    }
}

fn keys(grouping: Grouping, problem: &Wrong) -> Vec<String> {
    match grouping {
        Grouping::Owner if problem.owners.is_empty() => vec![NOBODY.to_owned()],
        Grouping::Owner => problem.owners.iter().map(ToString::to_string).collect(),
        Grouping::Code => vec![problem.diagnostic.code.to_string()],
        Grouping::Source | Grouping::None => problem.location.iter().map(ToString::to_string).collect(),
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
