//! `/locations/:id`: one location: how its readings go, what is in it, and what is wrong with it.

use askama::Template;
use auth::Root;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::Response,
};
use index::{Filter, Order, PageQuery, Start, problems::ProblemQuery};
use model::Uid;

use super::{LocationRow, Standing, row};
use crate::{
    App, Gate, Problem, View,
    pages::{
        Frame,
        frame::{Crumb, Section},
        link::EntityLink,
        moment::Moment,
        parts::{ProblemBox, Table, entity_table},
        problems::to_box,
        render,
    },
    problem,
};

/// How many entities and problems are shown; the others are a link away.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "location.html")]
struct LocationPage {
    frame: Frame,
    location: LocationRow,
    tried: Option<Moment>,
    entities: Table,
    total: u64,
    /// How many are not shown.
    more: u64,
    problems: Vec<ProblemBox>,
    may_remove: bool,
    may_refresh: bool,
    id: String,
}

/// Shows a location.
pub(in crate::pages) async fn show_location(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let root = find_root(&gate, &id).await?;
    let board = app.boards().newest().await?;
    let all = board.select(&view, &ProblemQuery::default());
    let mine: Vec<_> = all.into_iter().filter(|problem| problem.root == Some(root.id)).collect();
    let key = "metadata.annotations.backstage.io/managed-by-origin-location";
    let found = view.page(&PageQuery {
        filter: Filter::Equals(key.to_owned(), root.location.to_string()),
        order: Order::EntityRef,
        start: Start::Offset(0),
        limit: Some(SHOWN),
        count: true,
    });
    let links: Vec<_> = found.rows.iter().map(|row| EntityLink::to_doc(&row.doc)).collect();
    let location = row(&root, mine.len(), &[], frame.now);
    let is_waiting = location.state == Standing::Waiting;
    let mut frame = frame.titled(location.name.clone(), Section::Register);
    frame.crumbs = vec![Crumb { label: "Locations".to_owned(), href: "/locations".to_owned() }];
    let page = LocationPage {
        tried: root.last_tried_at.map(|at| Moment { at, now: frame.now }),
        entities: entity_table(&view, "Entities of this location", &links),
        more: found.total.unwrap_or_default().saturating_sub(links.len() as u64),
        total: found.total.unwrap_or_default(),
        problems: mine.iter().take(SHOWN).map(|problem| to_box(&view, problem, frame.now)).collect(),
        may_remove: !location.from_config
            && !app.settings().catalog_readonly
            && gate.require("catalog.location.delete").is_ok(),
        may_refresh: gate.require("catalog.entity.refresh").is_ok(),
        id: root.id.to_string(),
        location,
        frame,
    };
    let mut response = render(&page)?;
    if is_waiting {
        // It has just been registered, and will soon have been read.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    Ok(response)
}

/// Finds a location that the caller may see.
///
/// # Errors
/// 403 without the permission, 404 when there is none of that id.
pub(super) async fn find_root(gate: &Gate, id: &str) -> Result<Root, Problem> {
    gate.require("catalog.location.read")?;
    let missing = || problem::not_found(format!("there is no location `{id}`"));
    let wanted = Uid::parse(id).ok_or_else(missing)?;
    gate.list_roots().await?.into_iter().find(|root| root.id == wanted).ok_or_else(missing)
}
