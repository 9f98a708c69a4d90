//! `/`: the callboard. Search first; then what is mine, what I look at, and the estate at a glance.

use askama::Template;
use axum::{
    extract::State,
    response::{Redirect, Response},
};
use index::{Filter, Order, PageQuery, Start};
use model::EntityRef;

use super::{
    Frame,
    catalog::query::{CatalogQuery, ownership_of},
    frame::Section,
    icon,
    icon::Icon,
    link::{EntityLink, related},
    render, urls,
};
use crate::{App, Problem, View};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    organization: Option<String>,
    person: Option<EntityLink>,
    teams: Vec<TeamCard>,
    recent: Vec<EntityLink>,
    kinds: Vec<KindCount>,
    owned_share: u64,
    domains: Vec<DomainRow>,
    leaned_on: Vec<LeanedOn>,
}

/// How many entities of a kind there are.
struct KindCount {
    label: String,
    icon: Icon,
    count: u64,
    href: String,
}

/// A team of the person, with what it owns.
struct TeamCard {
    link: EntityLink,
    /// Label, count, address.
    owned: Vec<(String, u64, String)>,
}

/// A domain with the number of its systems.
struct DomainRow {
    link: EntityLink,
    systems: usize,
}

/// An entity that many others need.
struct LeanedOn {
    link: EntityLink,
    dependents: usize,
    owner: Option<EntityLink>,
}

/// Backstage's other address of the home page.
pub(super) async fn redirect_home() -> Redirect {
    Redirect::permanent("/")
}

/// Shows the home page.
pub(super) async fn show_home(State(app): State<App>, view: View, frame: Frame) -> Result<Response, Problem> {
    let title = frame.portal.clone();
    let person = frame.person.as_ref().map(|person| EntityLink::to(&view, person));
    let page = HomePage {
        organization: app.settings().organization.clone(),
        teams: frame.person.as_ref().map(|person| teams(&app, &view, person)).unwrap_or_default(),
        recent: frame
            .recent
            .iter()
            .map(|known| EntityLink::to(&view, known))
            .filter(|link| !link.is_missing)
            .take(6)
            .collect(),
        kinds: kinds(&app, &view),
        owned_share: owned_share(&view),
        domains: domains(&view),
        leaned_on: leaned_on(&view),
        person,
        frame: frame.titled(title, Section::Home),
    };
    render(&page)
}

fn kinds(app: &App, view: &View) -> Vec<KindCount> {
    let counted = view.facets(&["kind".to_owned()], &Filter::All).pop().unwrap_or_default();
    let count = |name: &str| {
        counted.iter().filter(|value| value.value.eq_ignore_ascii_case(name)).map(|value| value.count).sum::<u64>()
    };
    let kinds = app.settings().kinds.iter().filter(|kind| kind.name != "Location");
    let shown = kinds.map(|kind| KindCount {
        label: if count(&kind.name) == 1 { kind.name.clone() } else { kind.plural.clone() },
        icon: icon::of_kind(&kind.icon),
        count: count(&kind.name),
        href: CatalogQuery::of_kind(&kind.name).href(),
    });
    shown.filter(|kind| kind.count > 0).collect()
}

/// How many in a hundred of the things that should have an owner have one that is in the catalog.
fn owned_share(view: &View) -> u64 {
    let kinds = ["component", "api", "resource", "system", "domain"].map(str::to_owned).to_vec();
    let ownable = Filter::In("kind".to_owned(), kinds);
    let all = view.count(&ownable);
    let owners = view.facets(&["relations.ownedby".to_owned()], &ownable).pop().unwrap_or_default();
    let owned: u64 =
        owners.iter().filter(|owner| view.find(&owner.value.to_lowercase()).is_some()).map(|owner| owner.count).sum();
    if all == 0 { 100 } else { owned.min(all) * 100 / all }
}

fn list(view: &View, kind: &str, limit: Option<usize>) -> Vec<index::Doc> {
    let page = view.page(&PageQuery {
        filter: Filter::Equals("kind".to_owned(), kind.to_owned()),
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit,
        count: false,
    });
    page.rows.into_iter().map(|row| row.doc).collect()
}

/// How many domains are listed.
const MOST_DOMAINS: usize = 40;

fn domains(view: &View) -> Vec<DomainRow> {
    let row = |doc: index::Doc| DomainRow {
        systems: doc
            .relations()
            .iter()
            .filter(|(kind, other)| kind == "hasPart" && other.starts_with("system:"))
            .count(),
        link: EntityLink::to_doc(&doc),
    };
    let mut rows: Vec<_> = list(view, "domain", Some(MOST_DOMAINS)).into_iter().map(row).collect();
    rows.sort_by_cached_key(|row| row.link.title.to_lowercase());
    rows
}

/// How many of those that many others need are named.
const MOST_LEANED_ON: usize = 8;

/// The entities with the most dependents, out of the values of the relation that points at them.
fn leaned_on(view: &View) -> Vec<LeanedOn> {
    let keys = ["relations.dependson".to_owned(), "relations.consumesapi".to_owned()];
    let mut counted: Vec<(String, usize)> = view
        .facets(&keys, &Filter::All)
        .into_iter()
        .flatten()
        .map(|value| (value.value.to_lowercase(), usize::try_from(value.count).unwrap_or(usize::MAX)))
        .collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let there = counted.into_iter().filter_map(|(other, dependents)| Some((view.find(&other)?, dependents)));
    let row = |(doc, dependents): (index::Doc, usize)| LeanedOn {
        owner: related(view, &doc, "ownedBy").into_iter().next(),
        link: EntityLink::to_doc(&doc),
        dependents,
    };
    there.take(MOST_LEANED_ON).map(row).collect()
}

/// The teams of a person, with what each owns by kind.
fn teams(app: &App, view: &View, person: &EntityRef) -> Vec<TeamCard> {
    let owners = ownership_of(view, person).into_iter();
    let card = |owner: String| {
        let doc = view.find(&owner)?;
        let filter = Filter::Equals("relations.ownedby".to_owned(), owner.clone());
        let counted = view.facets(&["kind".to_owned()], &filter).pop().unwrap_or_default();
        let owned = counted.into_iter().map(|value| {
            let kind = app.settings().kinds.iter().find(|kind| kind.name.eq_ignore_ascii_case(&value.value));
            let label = kind.map_or_else(|| value.value.clone(), |kind| kind.plural.clone());
            let kind = value.value.to_lowercase();
            let href =
                urls::with_query("/catalog", [("filters[kind]", kind.as_str()), ("filters[owners][]", owner.as_str())]);
            (label, value.count, href)
        });
        Some(TeamCard { owned: owned.collect(), link: EntityLink::to_doc(&doc) })
    };
    owners.filter_map(card).filter(|card| card.link.entity_ref.kind() == "group" || !card.owned.is_empty()).collect()
}
