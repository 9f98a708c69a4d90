//! What every tab of an entity shows on top: what it is, whose it is, and how fresh the answer is.

use axum::response::{IntoResponse, Response};
use index::Doc;
use model::{Cause, EntityRef, Timestamp, short_commit};

use super::{inspect::Inspect, tabs};
use crate::{
    App, Gate, Problem, View,
    pages::{
        Frame,
        error_page::Nearest,
        facts::Facts,
        frame::{Crumb, Section},
        link::{EntityLink, related},
        moment::Moment,
        parts::{Lifecycle, Tabs, Tags, short_file},
        urls,
    },
    problem,
};

/// The parts of the address of an entity.
pub(in crate::pages) type EntityPath = axum::extract::Path<(String, String, String)>;

/// What all tabs of an entity share.
pub(in crate::pages) struct Head {
    pub(in crate::pages) doc: Doc,
    pub(in crate::pages) facts: Facts,
    pub(in crate::pages) link: EntityLink,
    pub(in crate::pages) lifecycle: Option<Lifecycle>,
    pub(in crate::pages) owners: Vec<EntityLink>,
    pub(in crate::pages) tags: Tags,
    pub(in crate::pages) tabs: Tabs,
    /// What is laid over the page, when the address asks for it.
    pub(in crate::pages) inspect: Option<Inspect>,
    pub(in crate::pages) freshness: Freshness,
    pub(in crate::pages) is_starred: bool,
    /// What the last reading found wrong while an older form is shown.
    pub(in crate::pages) errors: Vec<String>,
    pub(in crate::pages) view_url: Option<String>,
    pub(in crate::pages) edit_url: Option<String>,
}

/// Where an entity comes from and how old the answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct Freshness {
    /// When its root location was last read without a failure.
    pub(in crate::pages) read: Option<Moment>,
    /// Why the last reading failed.
    pub(in crate::pages) failure: Option<String>,
    /// When it became as it is.
    pub(in crate::pages) changed: Option<Moment>,
    /// The commit of the file, in short, and who wrote it.
    pub(in crate::pages) commit: Option<(String, Option<String>)>,
    /// The file, as people know it, and where to see it.
    pub(in crate::pages) file: Option<(String, Option<String>)>,
    pub(in crate::pages) line: u32,
}

/// Why a page of an entity cannot be shown.
pub(in crate::pages) enum Refusal {
    Problem(Problem),
    /// There is none of that name, but perhaps one of these was meant.
    NoSuchEntity(EntityRef, Vec<EntityLink>),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<auth::GateError> for Refusal {
    fn from(error: auth::GateError) -> Self {
        Self::Problem(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::NoSuchEntity(entity_ref, nearest) => {
                let missing = problem::not_found(format!("`{entity_ref}` is not in the catalog"));
                let mut response = missing.into_response();
                response.extensions_mut().insert(Nearest(nearest));
                response
            }
        }
    }
}

impl Head {
    /// Loads the head of an entity and puts the frame around it. `tab` is the path of the tab that is shown.
    ///
    /// # Errors
    /// When there is no such entity, or the database cannot be asked.
    pub(in crate::pages) async fn load(
        app: &App,
        view: &View,
        gate: &Gate,
        frame: Frame,
        path: &(String, String, String),
        tab: &str,
    ) -> Result<(Self, Frame), Refusal> {
        let (namespace, kind, name) = path;
        let entity_ref = EntityRef::new(kind, namespace, name);
        let Some(doc) = view.find(entity_ref.as_str()) else {
            return Err(Refusal::NoSuchEntity(entity_ref.clone(), nearest(view, &entity_ref)));
        };
        let facts = Facts::of(&doc);
        let freshness = load_freshness(gate, &doc, &facts, frame.now).await?;
        let link = EntityLink::to_doc(&doc);
        let mut frame = frame.titled(link.title.clone(), section(entity_ref.kind()));
        frame.crumbs = crumbs(view, app, &doc, &facts);
        // The tab that lists them waits for the newest; the others take what is at hand.
        let board = if tab == "problems" { view.board(app).await? } else { view.board_at_hand(app) };
        let web_link = |name: &str| facts.annotation(name).filter(|url| urls::is_web_link(url)).map(str::to_owned);
        let head = Self {
            lifecycle: facts.lifecycle().map(|text| Lifecycle(text.to_owned())),
            owners: related(view, &doc, "ownedBy"),
            tags: Tags::of(facts.kind(), facts.tags(), 12),
            tabs: tabs::tabs(&doc, &facts, tab, board.of_entity(&entity_ref).count() as u64),
            inspect: Inspect::load(view, &doc, &facts, &frame.here).await,
            is_starred: is_starred(gate, &frame, &entity_ref).await?,
            errors: status_errors(&facts),
            view_url: web_link("backstage.io/view-url"),
            edit_url: web_link("backstage.io/edit-url"),
            freshness,
            link,
            doc,
            facts,
        };
        Ok((head, frame))
    }

    /// The address of what its failure hits, where it can fail.
    pub(in crate::pages) fn impact_href(&self) -> Option<String> {
        let entity_ref = &self.facts.entity_ref;
        (!matches!(entity_ref.kind(), "group" | "user" | "location" | "template"))
            .then(|| crate::pages::impact::href_of(entity_ref))
    }

    /// The address of its overview.
    pub(in crate::pages) fn href(&self) -> &str {
        &self.link.href
    }
}

/// Whether the person in front of the page has starred it.
async fn is_starred(gate: &Gate, frame: &Frame, entity_ref: &EntityRef) -> Result<bool, Refusal> {
    let Some(person) = &frame.star_key else { return Ok(false) };
    Ok(gate.list_stars(person).await?.iter().any(|star| star.entity_ref == *entity_ref))
}

/// The entities that a missing one was perhaps meant to be.
fn nearest(view: &View, entity_ref: &EntityRef) -> Vec<EntityLink> {
    let found = view.nearest(entity_ref.kind(), entity_ref.namespace(), entity_ref.name(), 6);
    found.iter().map(EntityLink::to_doc).collect()
}

fn section(kind: &str) -> Section {
    match kind {
        "system" | "domain" => Section::Systems,
        "api" => Section::Apis,
        "group" | "user" => Section::Teams,
        _ => Section::Catalog,
    }
}

/// The way to an entity through the model: its kind, then what it is part of, from the outside in.
fn crumbs(view: &View, app: &App, doc: &Doc, facts: &Facts) -> Vec<Crumb> {
    let mut crumbs = Vec::new();
    let mut at = doc.clone();
    // A chain that bites its tail ends at the limit.
    for _ in 0..6 {
        let kind = at.entity_ref().split(':').next().unwrap_or_default().to_owned();
        let up = if matches!(kind.as_str(), "group" | "user") { ["childOf", "memberOf"] } else { ["partOf", "partOf"] };
        let relations = at.relations();
        let Some((_, parent)) = relations.iter().find(|(kind, _)| up.contains(&kind.as_ref())) else { break };
        let Some(parent) = view.find(parent) else { break };
        let link = EntityLink::to_doc(&parent);
        if crumbs.iter().any(|crumb: &Crumb| crumb.href == link.href) {
            break;
        }
        crumbs.push(Crumb { label: link.title, href: link.href });
        drop(relations);
        at = parent;
    }
    let kinds = &app.settings().kinds;
    let plural = kinds.iter().find(|kind| kind.name.eq_ignore_ascii_case(facts.kind())).map(|kind| kind.plural.clone());
    let kind = facts.kind().to_lowercase();
    crumbs.push(Crumb {
        label: plural.unwrap_or_else(|| facts.kind().to_owned()),
        href: urls::with_query("/catalog", [("filters[kind]", kind.as_str())]),
    });
    crumbs.reverse();
    crumbs
}

async fn load_freshness(gate: &Gate, doc: &Doc, facts: &Facts, now: Timestamp) -> Result<Freshness, Refusal> {
    let change = gate.last_change_of(&facts.entity_ref).await?;
    let root = gate.find_root_of(&facts.entity_ref).await?;
    let location = facts.annotation("backstage.io/managed-by-location");
    let target = location.and_then(|location| location.split_once(':')).map(|(_, target)| target);
    let moment = |at| Moment { at, now };
    Ok(Freshness {
        read: root.as_ref().and_then(|root| root.last_ok_at).map(moment),
        failure: root.and_then(|root| root.last_error),
        changed: change.as_ref().map(|change| moment(change.at)),
        commit: change.map(|change| change.cause).and_then(|Cause { commit, author, .. }| {
            Some((short_commit(&commit?).to_owned(), author.map(|author| author.to_string())))
        }),
        file: target.map(|target| {
            (short_file(target).to_owned(), target.starts_with("http").then(|| format!("{target}#L{}", doc.line())))
        }),
        line: doc.line(),
    })
}

/// The errors among the entity's status items.
fn status_errors(facts: &Facts) -> Vec<String> {
    let items = facts.json().pointer("/status/items").and_then(serde_json::Value::as_array);
    let errors = items.into_iter().flatten().filter(|item| item["level"] == "error");
    errors.filter_map(|item| Some(item["message"].as_str()?.to_owned())).collect()
}
