//! `/catalog/:namespace/:kind/:name/problems`: what is wrong with an entity, each with its place and cure.

use askama::Template;
use axum::{extract::State, response::Response};
use index::problems::{Board, ProblemQuery};
use model::Timestamp;

use super::head::{EntityPath, Head, Refusal};
use crate::{
    App, Gate, View,
    pages::{Frame, icon::Icon, parts::Empty, parts::ProblemBox, problems::to_box, render, teams},
};

#[derive(Template)]
#[template(path = "entity/problems.html")]
struct ProblemsTab {
    frame: Frame,
    head: Head,
    problems: Vec<ProblemBox>,
    /// For teams and people: what is wrong with what they own.
    owned: Option<Owned>,
    empty: Empty,
}

/// What is wrong with what somebody owns, the worst first.
struct Owned {
    total: usize,
    /// Whether those of teams below, or of the teams of a person, are among them.
    is_wide: bool,
    problems: Vec<ProblemBox>,
    /// The list of all, to send round.
    href: String,
}

/// How many problems of what is owned are shown in full; the list of all has the rest.
const MOST_SHOWN: usize = 50;

/// Shows the problems of an entity.
pub(in crate::pages) async fn show_problems(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "problems").await?;
    let board = view.board(&app).await?;
    let query = ProblemQuery { entities: vec![head.facts.entity_ref.to_string()], ..ProblemQuery::default() };
    let problems = board.select(&view, &query);
    // Its own page need not name it and its owners again.
    let problems = problems.into_iter().map(|problem| ProblemBox {
        entity: None,
        owners: Vec::new(),
        ..to_box(&view, problem, frame.now)
    });
    let owned = teams::owners(&view, &head.doc, &head.facts).map(|owners| owned_by(&view, &board, owners, frame.now));
    let page = ProblemsTab {
        problems: problems.collect(),
        owned,
        empty: Empty {
            icon: Icon("circle-check"),
            title: "Nothing is wrong with it".to_owned(),
            text: "Its descriptor is valid, and everything it refers to is in the catalog.".to_owned(),
            action: None,
        },
        frame,
        head,
    };
    Ok(render(&page)?)
}

fn owned_by(view: &View, board: &Board, owners: Vec<String>, now: Timestamp) -> Owned {
    let href = teams::problems_of(&owners);
    let is_wide = owners.len() > 1;
    let found = board.select(view, &ProblemQuery { owners, ..ProblemQuery::default() });
    let shown = found.iter().take(MOST_SHOWN);
    Owned { total: found.len(), is_wide, problems: shown.map(|problem| to_box(view, problem, now)).collect(), href }
}
