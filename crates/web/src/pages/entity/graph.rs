//! `/catalog/:namespace/:kind/:name/graph`: what is two steps around an entity.

use askama::Template;
use axum::{extract::State, response::Response};

use super::head::{EntityPath, Head, Refusal};
use crate::{
    App, Gate, View,
    pages::{
        Frame,
        graph::{Drawing, neighbourhood},
        render,
    },
};

#[derive(Template)]
#[template(path = "entity/graph.html")]
struct NeighbourhoodPage {
    frame: Frame,
    head: Head,
    drawing: Drawing,
    /// The same in the graph.
    href: String,
}

/// Shows what is around an entity.
pub(in crate::pages) async fn show_neighbourhood(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "graph").await?;
    let (drawing, href) = neighbourhood(&view, &head.facts.entity_ref).await?;
    Ok(render(&NeighbourhoodPage { frame, head, drawing, href })?)
}
