//! `/catalog`: the table of entities of a kind, with facets. Its address is Backstage's, and everything is in it.

mod api_docs;
mod export;
mod facet_list;
pub(in crate::pages) mod query;
mod table;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use index::{PageQuery, Row, Start};

use self::query::CatalogQuery;
pub(super) use self::{api_docs::list_apis, export::export_catalog, facet_list::merge_cases};
use super::{
    Frame,
    frame::Section,
    icon::Icon,
    parts::{Empty, Facet, Pager, Table},
    render,
};
use crate::{App, Gate, KindInfo, Problem, View};

#[derive(Template)]
#[template(path = "catalog.html")]
struct CatalogPage {
    frame: Frame,
    query: CatalogQuery,
    /// The kinds to choose from, with counts, where there is a choice.
    kinds: Option<Facet>,
    facets: Vec<Facet>,
    /// All, owned, starred.
    scopes: Vec<Choice>,
    /// What narrows the list, each with the address of the list without it.
    chosen: Vec<(String, String)>,
    columns: Vec<Choice>,
    table: Table,
    pager: Pager,
    empty: Option<Empty>,
    /// Pairs that the form of the text filter carries on.
    carried: Vec<(String, String)>,
    exports: Vec<(&'static str, String)>,
    clear: String,
}

/// One of a few that exclude each other, or a switch.
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) is_chosen: bool,
}

/// Lists entities.
pub(super) async fn list_catalog(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = CatalogQuery::parse(raw.as_deref())?;
    let section = if query.kind == "system" { Section::Systems } else { Section::Catalog };
    let kinds = |personal: &query::Personal| facet_list::kinds(&view, &app.settings().kinds, &query, personal);
    let (page, personal, _) = catalog_page(&app, &view, &gate, frame, query.clone(), section).await?;
    render(&CatalogPage { kinds: Some(kinds(&personal)), ..page })
}

/// Puts the page together, without the choice of kinds.
async fn catalog_page(
    app: &App,
    view: &View,
    gate: &Gate,
    frame: Frame,
    query: CatalogQuery,
    section: Section,
) -> Result<(CatalogPage, query::Personal, Vec<Row>), Problem> {
    let kind = kind_of(app, &query.kind);
    let personal = query::Personal::load(app, view, gate, &frame).await?;
    let filter = query.filter(&personal);
    let page = view.page(&PageQuery {
        filter: filter.clone(),
        order: query.order(),
        start: Start::Offset(query.offset),
        limit: Some(query.limit),
        count: true,
    });
    let total = page.total.unwrap_or_default();
    let columns = table::columns(&kind, &query);
    let things = kind.plural.clone();
    let html = CatalogPage {
        kinds: None,
        facets: facet_list::facets(view, &kind, &query, &personal),
        scopes: facet_list::scopes(view, &query, &personal),
        chosen: facet_list::chosen(view, &query),
        columns: table::column_choices(&kind, &query),
        table: table::table(view, &things, &columns, &query, &page.rows),
        pager: pager(&query, total, page.rows.len(), page.more, &things),
        empty: (total == 0).then(|| empty(&query, &personal, &things)),
        carried: query.without_text().pairs(),
        exports: exports(&query),
        clear: query.cleared().href(),
        frame: frame.titled(things.clone(), section),
        query,
    };
    Ok((html, personal, page.rows))
}

/// A row of the table of kinds; a kind without one is listed all the same.
fn kind_of(app: &App, name: &str) -> KindInfo {
    if let Some(kind) = app.settings().kinds.iter().find(|kind| kind.name.eq_ignore_ascii_case(name)) {
        return kind.clone();
    }
    let plural = if name == "all" { "Entities".to_owned() } else { format!("Entities of kind {name}") };
    KindInfo { name: name.to_owned(), plural, ..KindInfo::default() }
}

fn pager(query: &CatalogQuery, total: u64, rows: usize, more: bool, things: &str) -> Pager {
    let at = |offset: u64| CatalogQuery { offset, ..query.clone() }.href();
    let limit = query.limit as u64;
    Pager {
        first: (query.offset + 1).min(total),
        last: query.offset + rows as u64,
        total,
        things: things.to_lowercase().replace("apis", "APIs"),
        previous: (query.offset > 0).then(|| at(query.offset.saturating_sub(limit))),
        next: more.then(|| at(query.offset + limit)),
    }
}

fn empty(query: &CatalogQuery, personal: &query::Personal, things: &str) -> Empty {
    let clear = Some(("Show all".to_owned(), query.cleared().href()));
    let things = things.to_lowercase();
    match query.scope {
        query::Scope::Owned if !personal.is_known => Empty {
            icon: Icon("user-round"),
            title: "Nobody is chosen yet".to_owned(),
            text: "Say who you are, and this lists what you and your teams own.".to_owned(),
            action: Some(("Choose".to_owned(), "/settings".to_owned())),
        },
        query::Scope::Starred => Empty {
            icon: Icon("star"),
            title: format!("No starred {things}"),
            text: "The star on the page of an entity keeps it here.".to_owned(),
            action: clear,
        },
        _ => Empty {
            icon: Icon("search"),
            title: format!("No {things} match"),
            text: "Nothing in the catalog has all that is chosen here.".to_owned(),
            action: clear,
        },
    }
}

/// The same list as a file.
fn exports(query: &CatalogQuery) -> Vec<(&'static str, String)> {
    let at = |format: &str| format!("{}&format={format}", query.href_at("/catalog/export"));
    vec![("CSV", at("csv")), ("NDJSON", at("ndjson")), ("YAML", at("yaml"))]
}
