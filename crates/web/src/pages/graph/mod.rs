//! `/catalog-graph`: the relations of entities as a picture or a table, and the pictures on the pages of entities.
//!
//! The walk over the catalog, the folding and the layout run on threads that may be busy ([`layouts`]); what is drawn always comes with an
//! account of what is not ([`draw`]).

mod border;
mod card;
mod controls;
mod draw;
mod entity_node;
mod export;
mod layouts;
mod query;
mod start;
mod system;
mod table;
mod walk;
mod words;

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use diagram::svg::Mode;

pub(super) use self::{
    card::{neighbourhood, relation_card},
    draw::Drawing,
    export::download_graph,
    query::GraphQuery,
    start::named,
    system::{SystemDiagram, system_diagram},
};
use self::{
    controls::{Controls, controls},
    start::Offers,
};
use super::{
    Frame,
    frame::Section,
    icon::Icon,
    link::EntityLink,
    parts::{Pager, Table},
    render,
};
use crate::{App, Problem, View};

#[derive(Template)]
#[template(path = "graph.html")]
struct GraphPage {
    frame: Frame,
    query: GraphQuery,
    /// Each with the address of the graph without it.
    roots: Vec<(EntityLink, String)>,
    controls: Controls,
    /// What to start from, where that is not clear.
    offers: Vec<Offers>,
    shown: Option<Shown>,
    /// Pairs that the form carries on.
    carried: Vec<(&'static str, String)>,
    links: Links,
}

/// What there is to see.
struct Shown {
    drawing: Drawing,
    table: Option<(Table, Pager)>,
}

/// Addresses of the same graph in other forms.
struct Links {
    picture: String,
    table: String,
    svg: String,
    filters: String,
    clear: String,
}

/// Shows the graph, or offers entities to start from.
pub(super) async fn show_graph(
    State(app): State<App>,
    view: View,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let mut query = GraphQuery::parse(raw.as_deref());
    let mut offers = start::settle(&view, &mut query);
    if query.roots.is_empty() && offers.iter().all(|offer| offer.links.is_empty()) {
        offers.push(start::well_known(&view, &query));
    }
    let (shown, relations) = if query.roots.is_empty() {
        (None, BTreeSet::new())
    } else {
        let (view, query) = (view.clone(), query.clone());
        let (shown, relations) = layouts::make(move || show(&view, &query)).await?;
        (Some(shown), relations)
    };
    let roots = query.roots.iter().map(|root| (EntityLink::to(&view, root), query.without_root(root).href()));
    let page = GraphPage {
        roots: roots.collect(),
        controls: controls(&query, &app.settings().kinds, &relations),
        offers,
        shown,
        carried: carried(&query),
        links: links(&query),
        frame: frame.titled("Graph", Section::Graph),
        query,
    };
    render(&page)
}

fn show(view: &View, query: &GraphQuery) -> (Shown, BTreeSet<String>) {
    let walk = walk::walk(view, &query.route());
    let relations = walk.ties.iter().map(|tie| tie.relation.clone()).collect();
    let drawing = draw::draw(view, &walk, query, Mode::Embedded);
    let table = query.is_table.then(|| table::table(&walk, query));
    (Shown { drawing, table }, relations)
}

/// What the form does not ask for itself.
fn carried(query: &GraphQuery) -> Vec<(&'static str, String)> {
    let is_carried = |name: &str| matches!(name, "rootEntityRefs[]" | "unfold[]" | "view" | "showFilters");
    query.pairs().into_iter().filter(|(name, _)| is_carried(name)).collect()
}

fn links(query: &GraphQuery) -> Links {
    let usual = GraphQuery { roots: query.roots.clone(), is_table: query.is_table, ..GraphQuery::default() };
    Links {
        picture: GraphQuery { is_table: false, offset: 0, ..query.clone() }.href(),
        table: GraphQuery { is_table: true, ..query.clone() }.href(),
        svg: query.svg_href(),
        filters: GraphQuery { shows_filters: !query.shows_filters, ..query.clone() }.href(),
        clear: usual.href(),
    }
}

#[cfg(test)]
mod tests {
    /// The room that draws pictures owns their rules; the page that shows them has a copy.
    #[test]
    fn pages_have_the_rules_of_the_pictures() {
        let root = env!("CARGO_MANIFEST_DIR");
        let copy = std::fs::read_to_string(format!("{root}/assets/css/35-diagram.css")).unwrap();
        assert_eq!(copy, diagram::svg::STYLE);
    }
}
