//! `/`: the callboard. Search first; then what is mine, what I look at, and the estate at a glance.

use askama::Template;
use axum::{
    extract::State,
    response::{Redirect, Response},
};
use index::{
    Filter, Order, PageQuery, Start,
    problems::{Board, ProblemCounts, ProblemQuery},
};
use model::EntityRef;

use super::{
    Frame, call_sheets,
    catalog::query::{CatalogQuery, ownership_of, stars_of},
    chart::Chart,
    frame::Section,
    icon,
    icon::Icon,
    link::{EntityLink, related},
    render,
    timeline::Timeline,
    urls,
};
use crate::{App, Gate, Problem, View};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    organization: Option<String>,
    person: Option<EntityLink>,
    teams: Vec<TeamCard>,
    stars: Vec<EntityLink>,
    recent: Vec<EntityLink>,
    /// What changed lately in what the person owns or depends on, or in the whole estate.
    changes: Timeline,
    health: Health,
    /// Right answers in a hundred, how many answers there are, and how that went; `None` while nobody has answered.
    truth: Option<(u64, usize, Chart)>,
    kinds: Vec<KindCount>,
    domains: Vec<DomainRow>,
    leaned_on: Vec<LeanedOn>,
}

/// How well the catalog is kept.
struct Health {
    /// How many in a hundred of the things that should have an owner have one that is in the catalog.
    owned_share: u64,
    errors: usize,
    warnings: usize,
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
    errors: usize,
    warnings: usize,
    problems_href: String,
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
    dependents: u64,
    owner: Option<EntityLink>,
}

/// Backstage's other address of the home page.
pub(super) async fn redirect_home() -> Redirect {
    Redirect::permanent("/")
}

/// Shows the home page.
pub(super) async fn show_home(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
) -> Result<Response, Problem> {
    let title = frame.portal.clone();
    let person = frame.person.as_ref().map(|person| EntityLink::to(&view, person));
    let board = view.board_at_hand(&app);
    let stars = stars_of(&gate, &frame).await?;
    let page = HomePage {
        organization: app.settings().organization.clone(),
        teams: frame.person.as_ref().map(|person| teams(&app, &view, &board, person)).unwrap_or_default(),
        recent: shown(&view, &frame.recent),
        stars: shown(&view, &stars),
        changes: changes(&view, &gate, &frame).await?,
        kinds: kinds(&app, &view),
        health: health(&view, &board),
        truth: truth(&gate, frame.now).await?,
        domains: domains(&view),
        leaned_on: leaned_on(&view),
        person,
        frame: frame.titled(title, Section::Home),
    };
    render(&page)
}

/// How many starred and recently opened entities are listed.
const MOST_SHOWN: usize = 8;

fn shown(view: &View, refs: &[EntityRef]) -> Vec<EntityLink> {
    let links = refs.iter().map(|known| EntityLink::to(view, known));
    links.filter(|link| !link.is_missing).take(MOST_SHOWN).collect()
}

/// How many lines of changes are told, out of how many changes.
const MOST_LINES: usize = 8;
const MOST_CHANGES: u32 = 400;

/// What changed in what the person owns or depends on; for a guest, in the whole estate.
async fn changes(view: &View, gate: &Gate, frame: &Frame) -> Result<Timeline, Problem> {
    let told = match &frame.person {
        Some(person) => gate.changes_of_any(&concerns_of(view, person), MOST_CHANGES).await?,
        None => gate.newest_changes(None, MOST_CHANGES).await?,
    };
    Ok(Timeline::of(view, &told, frame.now, MOST_LINES))
}

/// How many entities one person is told changes of.
const MOST_CONCERNS: usize = 2000;

/// What a person owns, and what that depends on.
fn concerns_of(view: &View, person: &EntityRef) -> Vec<EntityRef> {
    let owned = Filter::In("relations.ownedby".to_owned(), ownership_of(view, person));
    let page = view.page(&PageQuery {
        filter: owned,
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit: Some(MOST_CONCERNS),
        count: false,
    });
    let mut concerns = std::collections::BTreeSet::new();
    for row in &page.rows {
        concerns.extend(EntityRef::parse(row.doc.entity_ref()).ok());
        let relations = row.doc.relations().into_iter();
        let needed = relations.filter(|(kind, _)| matches!(kind.as_ref(), "dependsOn" | "consumesApi"));
        concerns.extend(needed.filter_map(|(_, other)| EntityRef::parse(&other).ok()));
    }
    concerns.into_iter().take(MOST_CONCERNS).collect()
}

/// How often events proved the catalog right.
async fn truth(gate: &Gate, now: model::Timestamp) -> Result<Option<(u64, usize, Chart)>, Problem> {
    let days = gate.truth_history().await?;
    let rate = call_sheets::newest_rate(&days);
    Ok(rate
        .percent()
        .zip(call_sheets::truth_chart(&days, now))
        .map(|(percent, chart)| (percent, usize::try_from(rate.all).unwrap_or(usize::MAX), chart)))
}

fn health(view: &View, board: &Board) -> Health {
    let problems = board.select(view, &ProblemQuery::default());
    let counts = ProblemCounts::of(problems);
    Health { owned_share: owned_share(view), errors: counts.errors, warnings: counts.warnings }
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
    (owned.min(all) * 100).checked_div(all).unwrap_or(100)
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

/// Of how many that are named most by either relation the sums are compared.
const MOST_CANDIDATES: usize = 64;

/// The entities with the most dependents, out of those that most others depend on or consume.
fn leaned_on(view: &View) -> Vec<LeanedOn> {
    let keys = ["relations.dependson", "relations.consumesapi"];
    let candidates: std::collections::BTreeSet<String> = keys
        .iter()
        .flat_map(|key| view.top_values(key, &Filter::All, MOST_CANDIDATES).values)
        .map(|value| value.value.to_lowercase())
        .collect();
    let sum = |other: &String| {
        let naming = |key: &&str| view.count(&Filter::Equals((*key).to_owned(), other.clone()));
        keys.iter().map(naming).sum::<u64>()
    };
    let mut counted: Vec<(String, u64)> = candidates
        .into_iter()
        .map(|other| {
            let dependents = sum(&other);
            (other, dependents)
        })
        .collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let there = counted.into_iter().filter_map(|(other, dependents)| Some((view.find(&other)?, dependents)));
    let row = |(doc, dependents): (index::Doc, u64)| LeanedOn {
        owner: related(view, &doc, "ownedBy").into_iter().next(),
        link: EntityLink::to_doc(&doc),
        dependents,
    };
    there.take(MOST_LEANED_ON).map(row).collect()
}

/// The teams of a person, with what each owns by kind.
fn teams(app: &App, view: &View, board: &Board, person: &EntityRef) -> Vec<TeamCard> {
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
        let query = ProblemQuery { owners: vec![owner.clone()], ..ProblemQuery::default() };
        let counts = ProblemCounts::of(board.select(view, &query));
        Some(TeamCard {
            owned: owned.collect(),
            errors: counts.errors,
            warnings: counts.warnings,
            problems_href: urls::with_query("/problems", [("owner", owner.as_str())]),
            link: EntityLink::to_doc(&doc),
        })
    };
    owners.filter_map(card).filter(|card| card.link.entity_ref.kind() == "group" || !card.owned.is_empty()).collect()
}
