//! `/locations`: where the catalog is read from, how that goes, and what can be done about it.

mod actions;
mod show;

use askama::Template;
use auth::{Root, RootOrigin};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use model::Uid;

pub(super) use self::{
    actions::{confirm_removal, refresh_location, remove_location},
    show::show_location,
};
use super::{
    Frame,
    frame::Section,
    icon::Icon,
    moment::Moment,
    parts::{Empty, short_file},
    render, urls, words,
};
use crate::{App, Gate, Problem, View};

#[derive(Template)]
#[template(path = "locations.html")]
struct LocationsPage {
    frame: Frame,
    rows: Vec<LocationRow>,
    /// "3 locations are", when some fail.
    failing: Option<String>,
    empty: Option<Empty>,
    may_register: bool,
}

/// A location as lists show it.
struct LocationRow {
    href: String,
    /// The end of its address.
    name: String,
    target: String,
    from_config: bool,
    state: Standing,
    read: Option<Moment>,
    next: Option<Moment>,
    entities: u64,
    problems: usize,
    problems_href: String,
    error: Option<String>,
    /// Whether it has just been registered.
    is_new: bool,
}

/// How a location is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Its last reading went well.
    Good,
    /// Its last reading had a failure.
    Failing,
    /// It has not been read yet.
    Waiting,
}

impl Standing {
    fn of(root: &Root) -> Self {
        match (&root.last_error, root.last_tried_at) {
            (Some(_), _) => Self::Failing,
            (None, None) => Self::Waiting,
            (None, Some(_)) => Self::Good,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Good => "read",
            Self::Failing => "failing",
            Self::Waiting => "being read",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Failing => "error",
            Self::Waiting => "waiting",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Good => Icon("circle-check"),
            Self::Failing => Icon("circle-x"),
            Self::Waiting => Icon("clock"),
        }
    }
}

/// Due dates from here on mean: never by itself.
const NEVER_MS: i64 = i64::MAX / 8;

/// Lists all locations, failing ones first.
pub(super) async fn list_locations(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    gate.require("catalog.location.read")?;
    let pairs = url::form_urlencoded::parse(raw.as_deref().unwrap_or_default().as_bytes());
    let new: Vec<Uid> = pairs.filter(|(name, _)| name == "new").filter_map(|(_, id)| Uid::parse(&id)).collect();
    let board = app.boards().newest().await?;
    let problems = board.select(&view, &index::problems::ProblemQuery::default());
    let count = |root: &Root| problems.iter().filter(|problem| problem.root == Some(root.id)).count();
    let mut roots = gate.list_roots().await?;
    roots.sort_by(|a, b| {
        let key = |root: &Root| (!new.contains(&root.id), Standing::of(root) != Standing::Failing);
        key(a).cmp(&key(b)).then_with(|| a.location.cmp(&b.location))
    });
    let rows: Vec<_> = roots.iter().map(|root| row(root, count(root), &new, frame.now)).collect();
    let failing = rows.iter().filter(|row| row.state == Standing::Failing).count();
    let page = LocationsPage {
        failing: (failing > 0).then(|| words::counted(failing, "location is", "locations are")),
        empty: rows.is_empty().then(|| Empty {
            icon: Icon("map-pin"),
            title: "Nothing is read yet".to_owned(),
            text: "Locations come from `catalog.locations` of the configuration, or are registered here.".to_owned(),
            action: Some(("Register a file".to_owned(), "/catalog-import".to_owned())),
        }),
        rows,
        may_register: gate.require("catalog.location.create").is_ok(),
        frame: frame.titled("Locations", Section::Register),
    };
    render(&page)
}

fn row(root: &Root, problems: usize, new: &[Uid], now: model::Timestamp) -> LocationRow {
    let moment = |at| Moment { at, now };
    LocationRow {
        href: urls::location(root.id),
        name: short_file(root.location.target()).to_owned(),
        target: root.location.target().to_owned(),
        from_config: root.origin == RootOrigin::Config,
        state: Standing::of(root),
        read: root.last_ok_at.map(moment),
        next: (root.due_at.0 < NEVER_MS).then(|| moment(root.due_at)),
        entities: root.entities,
        problems,
        problems_href: urls::with_query("/problems", [("root", root.id.to_string().as_str())]),
        error: root.last_error.clone(),
        is_new: new.contains(&root.id),
    }
}
