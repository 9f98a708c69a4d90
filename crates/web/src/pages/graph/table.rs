//! The graph as a table: one row for each relation.

use super::{query::GraphQuery, walk::Walk, words::words};
use crate::pages::{
    link::EntityLink,
    parts::{Cell, Head, Pager, Table},
};

/// How many rows are on a page.
const ROWS: usize = 200;

/// Lists the relations of a walk.
pub(super) fn table(walk: &Walk, query: &GraphQuery) -> (Table, Pager) {
    let links: Vec<Option<EntityLink>> = walk
        .entities
        .iter()
        .map(|seen| match &seen.doc {
            Some(doc) => Some(EntityLink::to_doc(doc)),
            None => {
                let parsed = model::EntityRef::parse(&seen.entity_ref).ok()?;
                Some(EntityLink { is_missing: true, ..EntityLink::plain(&parsed) })
            }
        })
        .collect();
    let entity = |at: usize| links[at].clone().map_or(Cell::Text(walk.entities[at].entity_ref.clone()), Cell::Entity);
    let first = query.offset.min(walk.ties.len());
    let rows: Vec<Vec<Cell>> = walk.ties[first..]
        .iter()
        .take(ROWS)
        .map(|tie| vec![entity(tie.from), Cell::Text(words(&tie.relation)), entity(tie.to)])
        .collect();
    let last = first + rows.len();
    let at = |offset: usize| GraphQuery { offset, ..query.clone() }.href();
    let pager = Pager {
        first: (first as u64 + 1).min(last as u64),
        last: last as u64,
        total: walk.ties.len() as u64,
        things: "relations".to_owned(),
        previous: (first > 0).then(|| at(first.saturating_sub(ROWS))),
        next: (last < walk.ties.len()).then(|| at(last)),
    };
    let heads = vec![Head::plain("From"), Head::plain("Relation"), Head::plain("To")];
    (Table { caption: "The relations that are shown".to_owned(), heads, rows, swaps: None }, pager)
}
