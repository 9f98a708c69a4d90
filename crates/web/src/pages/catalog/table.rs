//! The columns and rows of the catalog's table.

use index::Row;
use serde_json::Value;

use super::{Choice, query::CatalogQuery};
use crate::{
    KindInfo, View,
    pages::{
        facts::{Facts, one_line},
        link::{EntityLink, related},
        parts::{Cell, Head, Lifecycle, Sorted, Table, Tags},
    },
};

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name in the address.
    pub(super) id: String,
    pub(super) title: String,
    /// Where its value is in the entity, for exports.
    pub(super) path: Option<String>,
}

/// Columns that lists of every kind can have, beside those of the kind.
static COMMON: [(&str, &str); 5] = [
    ("metadata.description", "Description"),
    ("metadata.tags", "Tags"),
    ("metadata.namespace", "Namespace"),
    ("metadata.labels", "Labels"),
    ("metadata.annotations.backstage.io/managed-by-location", "Read from"),
];

/// All columns that a list of this kind can have; the first is always shown.
fn all_columns(kind: &KindInfo) -> Vec<Column> {
    let own = kind.columns.iter().map(|column| (column.path.as_str(), column.title.as_str()));
    let common = COMMON.iter().copied();
    let mut columns: Vec<Column> = own
        .chain(common)
        .map(|(path, title)| Column { id: path.to_owned(), title: title.to_owned(), path: Some(path.to_owned()) })
        .collect();
    columns.dedup_by(|a, b| a.id == b.id);
    columns
}

fn is_usual(kind: &KindInfo, column: &Column) -> bool {
    kind.columns.iter().any(|own| own.path == column.id) || column.id == "metadata.description"
}

/// The columns to show beside the name.
pub(super) fn columns(kind: &KindInfo, query: &CatalogQuery) -> Vec<Column> {
    let chosen = |column: &Column| query.columns.contains(&column.id);
    let usual = |column: &Column| is_usual(kind, column);
    let all = all_columns(kind).into_iter();
    if query.columns.is_empty() { all.filter(usual).collect() } else { all.filter(chosen).collect() }
}

/// Each column, with the address of the list with or without it.
pub(super) fn column_choices(kind: &KindInfo, query: &CatalogQuery) -> Vec<Choice> {
    let shown: Vec<String> = columns(kind, query).into_iter().map(|column| column.id).collect();
    let choice = |column: Column| {
        let is_chosen = shown.contains(&column.id);
        let mut columns = shown.clone();
        if is_chosen {
            columns.retain(|id| *id != column.id)
        } else {
            columns.push(column.id)
        }
        let href = CatalogQuery { columns, ..query.clone() }.href();
        Choice { label: column.title, href, is_chosen }
    };
    all_columns(kind).into_iter().map(choice).collect()
}

/// The table.
pub(super) fn table(view: &View, caption: &str, columns: &[Column], query: &CatalogQuery, rows: &[Row]) -> Table {
    let name = Column { id: "name".to_owned(), title: "Name".to_owned(), path: None };
    let heads = std::iter::once(&name).chain(columns).map(|column| head(column, query)).collect();
    let rows = rows.iter().map(|row| row_cells(view, columns, row)).collect();
    Table { caption: caption.to_owned(), heads, rows, swaps: Some("#catalog") }
}

fn head(column: &Column, query: &CatalogQuery) -> Head {
    let sorted = match &query.sort {
        Some((path, descending)) if *path == column.id => {
            Some(if *descending { Sorted::Descending } else { Sorted::Ascending })
        }
        None if column.id == "name" => Some(Sorted::Ascending),
        _ => None,
    };
    let sort = Some((column.id.clone(), sorted == Some(Sorted::Ascending)));
    let can_sort = !matches!(column.id.as_str(), "metadata.tags" | "metadata.labels");
    let width = match column.id.as_str() {
        "metadata.description" => "wide",
        "name" => "name",
        _ => "",
    };
    Head {
        label: column.title.clone(),
        sort_href: can_sort.then(|| CatalogQuery { sort, offset: 0, ..query.clone() }.href()),
        sorted,
        is_number: false,
        width,
    }
}

fn row_cells(view: &View, columns: &[Column], row: &Row) -> Vec<Cell> {
    let facts = Facts::of(&row.doc);
    let name = Cell::Entity(EntityLink::to_doc(&row.doc));
    std::iter::once(name).chain(columns.iter().map(|column| cell(view, column, row, &facts))).collect()
}

fn cell(view: &View, column: &Column, row: &Row, facts: &Facts) -> Cell {
    let value = facts.at_path(&column.id);
    match column.id.as_str() {
        "spec.owner" => Cell::Entities(related(view, &row.doc, "ownedBy")),
        "spec.system" | "spec.domain" => {
            let kind = column.id.trim_start_matches("spec.");
            let parts = related(view, &row.doc, "partOf").into_iter();
            Cell::Entities(parts.filter(|link| link.entity_ref.kind() == kind).collect())
        }
        "spec.lifecycle" => {
            value.and_then(Value::as_str).map_or(Cell::Empty, |text| Cell::Lifecycle(Lifecycle(text.into())))
        }
        "metadata.tags" => match facts.tags() {
            tags if tags.is_empty() => Cell::Empty,
            tags => Cell::Tags(Tags::of(facts.kind(), tags, 2)),
        },
        "metadata.labels" => match facts.labels() {
            labels if labels.is_empty() => Cell::Empty,
            labels => Cell::Sentence(labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(", ")),
        },
        "metadata.description" => facts.description().map_or(Cell::Empty, |text| Cell::Sentence(text.to_owned())),
        _ => match value.map(one_line) {
            Some(text) if text.chars().count() > 40 => Cell::Sentence(text),
            Some(text) if !text.is_empty() => Cell::Text(text),
            _ => Cell::Empty,
        },
    }
}
