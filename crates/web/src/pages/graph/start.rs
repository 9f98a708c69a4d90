//! Where a graph may start: what somebody typed, and what is well known.

use index::{Direction, Filter, Order, PageQuery, Start, View};
use model::EntityRef;

use super::query::GraphQuery;
use crate::pages::link::EntityLink;

/// How many entities are offered.
const MOST_OFFERS: usize = 18;

/// How many systems are looked at to find those with most parts.
const MOST_SYSTEMS: usize = 2000;

/// Entities to start from.
pub(super) struct Offers {
    /// What they are: "Systems with most parts".
    pub(super) title: String,
    pub(super) links: Vec<Offer>,
}

/// An entity to start from.
pub(super) struct Offer {
    pub(super) link: EntityLink,
    /// The graph from there.
    pub(super) href: String,
    /// How many relations it has.
    pub(super) relations: usize,
}

/// Puts entities in the place of what was typed, where only one can be meant, and offers some for the rest.
pub(super) fn settle(view: &View, query: &mut GraphQuery) -> Vec<Offers> {
    let mut offers = Vec::new();
    for text in std::mem::take(&mut query.typed) {
        let found = named(view, &text);
        match found.as_slice() {
            [only] if !query.roots.contains(only) => query.roots.push(only.clone()),
            [_] => {}
            [] => offers
                .push(Offers { title: format!("Nothing in the catalog is called “{text}”"), links: Vec::new() }),
            several => {
                let links = several.iter().take(MOST_OFFERS).filter_map(|other| offer(view, query, other));
                offers.push(Offers { title: format!("Which “{text}”?"), links: links.collect() });
            }
        }
    }
    offers
}

/// The entities of exactly this name or title, or else those that have the text in one of them.
pub(in crate::pages) fn named(view: &View, text: &str) -> Vec<EntityRef> {
    const NAMES: [&str; 3] = ["metadata.name", "metadata.title", "spec.profile.displayname"];
    let exactly = NAMES.map(|key| Filter::Equals(key.to_owned(), text.to_owned()));
    let exact = list(view, Filter::Or(exactly.into()), MOST_OFFERS);
    if !exact.is_empty() {
        return exact;
    }
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    list(view, Filter::Like(escaped, NAMES.map(str::to_owned).into()), MOST_OFFERS)
}

fn list(view: &View, filter: Filter, limit: usize) -> Vec<EntityRef> {
    // Locations have no relations worth a picture.
    let filter = Filter::And(vec![filter, Filter::Not(Box::new(Filter::Equals("kind".into(), "location".into())))]);
    let order = Order::Fields(vec![("metadata.name".to_owned(), Direction::Ascending)]);
    let page = view.page(&PageQuery { filter, order, start: Start::Offset(0), limit: Some(limit), count: false });
    page.rows.iter().filter_map(|row| EntityRef::parse(row.doc.entity_ref()).ok()).collect()
}

/// The systems with most relations; domains, or anything, where there are no systems.
pub(super) fn well_known(view: &View, query: &GraphQuery) -> Offers {
    let of_kind = |kind: &str| list(view, Filter::Equals("kind".into(), kind.into()), MOST_SYSTEMS);
    let (title, refs) = match (of_kind("system"), of_kind("domain")) {
        (systems, _) if !systems.is_empty() => ("Systems with most relations", systems),
        (_, domains) if !domains.is_empty() => ("Domains with most relations", domains),
        _ => ("Entities to start from", list(view, Filter::Exists("relations.ownedby".into()), MOST_OFFERS)),
    };
    let mut counted: Vec<(usize, &EntityRef)> = refs
        .iter()
        .map(|entity_ref| (view.find(entity_ref.as_str()).map_or(0, |doc| doc.relations().len()), entity_ref))
        .collect();
    counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let links = counted.into_iter().take(MOST_OFFERS).filter_map(|(_, entity_ref)| offer(view, query, entity_ref));
    Offers { title: title.to_owned(), links: links.collect() }
}

fn offer(view: &View, query: &GraphQuery, entity_ref: &EntityRef) -> Option<Offer> {
    let doc = view.find(entity_ref.as_str())?;
    let href = query.with_root(entity_ref).href();
    Some(Offer { link: EntityLink::to_doc(&doc), href, relations: doc.relations().len() })
}
