//! `/api-docs`: the catalog's list for APIs, with their operations counted.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use index::Row;

use super::{
    catalog_page,
    query::{API_DOCS, CatalogQuery},
};
use crate::{
    App, Gate, Problem, View,
    pages::{
        Frame, entity,
        facts::Facts,
        frame::Section,
        parts::{Cell, Head, Table},
        render,
    },
};

/// Lists APIs.
pub(in crate::pages) async fn list_apis(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = CatalogQuery { page: API_DOCS, kind: "api".to_owned(), ..CatalogQuery::parse(raw.as_deref())? };
    let (mut page, _, rows) = catalog_page(&app, &view, &gate, frame, query, Section::Apis).await?;
    add_operations(&mut page.table, operations_of(&rows).await);
    render(&page)
}

async fn operations_of(rows: &[Row]) -> Vec<Option<u64>> {
    let definition = |row: &Row| {
        let facts = Facts::of_descriptor(&row.doc);
        (facts.entity_type().unwrap_or_default().to_owned(), entity::definition_of(&facts).unwrap_or_default())
    };
    entity::count_operations(rows.iter().map(definition).collect()).await
}

/// Adds the column ahead of the long texts.
fn add_operations(table: &mut Table, counts: Vec<Option<u64>>) {
    let place = table.heads.iter().position(|head| head.width == "wide").unwrap_or(table.heads.len());
    table.heads.insert(place, Head::number("Operations"));
    for (row, count) in table.rows.iter_mut().zip(counts) {
        row.insert(place, count.map_or(Cell::Empty, Cell::Number));
    }
}
