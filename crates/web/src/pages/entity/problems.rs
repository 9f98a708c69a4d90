//! `/catalog/:namespace/:kind/:name/problems`: what is wrong with an entity, each with its place and cure.

use askama::Template;
use axum::{extract::State, response::Response};
use index::problems::ProblemQuery;

use super::head::{EntityPath, Head, Refusal};
use crate::{
    App, Gate, View,
    pages::{Frame, icon::Icon, parts::Empty, parts::ProblemBox, problems::to_box, render},
};

#[derive(Template)]
#[template(path = "entity/problems.html")]
struct ProblemsTab {
    frame: Frame,
    head: Head,
    problems: Vec<ProblemBox>,
    empty: Empty,
}

/// Shows the problems of an entity.
pub(in crate::pages) async fn show_problems(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "problems").await?;
    let board = app.boards().newest().await?;
    let query = ProblemQuery { entities: vec![head.facts.entity_ref.to_string()], ..ProblemQuery::default() };
    let problems = board.select(&view, &query);
    // Its own page need not name it and its owners again.
    let problems = problems.into_iter().map(|problem| ProblemBox {
        entity: None,
        owners: Vec::new(),
        ..to_box(&view, problem, frame.now)
    });
    let page = ProblemsTab {
        problems: problems.collect(),
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
