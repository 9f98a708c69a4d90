//! `/search`: everything that matches a text, best first. Its address is Backstage's: `?query=x&filters[kind]=api&pageCursor=MQ==`.

mod address;
mod facet_list;
mod hit;

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use index::{SearchPage, SearchQuery};

pub(super) use self::hit::Marked;
use self::{address::Address, hit::Hit};
use super::{
    Frame,
    frame::Section,
    icon::Icon,
    link::EntityLink,
    parts::{Facet, Pager},
    render,
};
use crate::{Problem, View, finding::write_cursor};

/// How many near names are offered when nothing matches.
const MOST_NEAREST: usize = 6;

#[derive(Template)]
#[template(path = "search.html")]
struct FoundPage {
    frame: Frame,
    address: Address,
    facets: Vec<Facet>,
    /// What narrows the search, each with the address of the search without it.
    chosen: Vec<(String, String)>,
    hits: Vec<Hit>,
    is_corrected: bool,
    pager: Pager,
    /// Names that are near to what was typed, when nothing matches it.
    nearest: Vec<EntityLink>,
    /// Whether the same text matches something when nothing narrows it.
    narrowed_to_nothing: bool,
}

/// Searches the entities that may be seen.
pub(super) async fn show_search(view: View, frame: Frame, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let address = Address::parse(raw.as_deref());
    let found = view.search(&SearchQuery {
        text: address.parameters.text.clone(),
        filter: address.parameters.filter(),
        offset: address.page * address.limit,
        limit: address.limit,
        facets: facet_list::questions(&address),
    });
    let nothing = found.total == 0;
    let narrowed_to_nothing = nothing && !address.parameters.filters.is_empty();
    let title = match address.text() {
        "" => "Search".to_owned(),
        text => format!("Search: {text}"),
    };
    let facets = facet_list::facets(&view, &address, &found.facets);
    let page = FoundPage {
        chosen: facet_list::chosen(&address, &facets),
        facets,
        hits: found.hits.iter().map(|hit| Hit::new(&view, hit)).collect(),
        is_corrected: found.is_corrected && !nothing,
        pager: pager(&address, &found),
        nearest: if nothing { nearest(&view, address.text()) } else { Vec::new() },
        narrowed_to_nothing,
        frame: frame.titled(title, Section::Elsewhere),
        address,
    };
    render(&page)
}

fn pager(address: &Address, found: &SearchPage) -> Pager {
    let before = (address.page * address.limit) as u64;
    let last = before + found.hits.len() as u64;
    let at = |page: usize| Address { page, ..address.clone() }.href();
    Pager {
        first: (before + 1).min(found.total),
        last,
        total: found.total,
        things: if found.total == 1 { "result" } else { "results" }.to_owned(),
        previous: address.page.checked_sub(1).map(at),
        next: (last < found.total && !found.hits.is_empty()).then(|| at(address.page + 1)),
    }
}

/// The entities whose names are nearest to what was typed: read as one name, or else word by word.
fn nearest(view: &View, text: &str) -> Vec<EntityLink> {
    let words: Vec<&str> = text.split_whitespace().take(MOST_NEAREST).collect();
    let near = |name: &str| view.nearest("component", model::DEFAULT_NAMESPACE, name, MOST_NEAREST);
    let mut found = near(&words.join("-"));
    if found.is_empty() {
        found = words.iter().filter(|word| word.chars().count() > 3).flat_map(|word| near(word)).collect();
    }
    let mut links: Vec<EntityLink> = Vec::new();
    for link in found.iter().map(EntityLink::to_doc) {
        if links.len() < MOST_NEAREST && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}
