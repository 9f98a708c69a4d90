//! `/catalog/:namespace/:kind/:name/dependencies`: what an entity depends on, and what depends on it.

use askama::Template;
use axum::{extract::State, response::Response};

use super::{
    head::{EntityPath, Head, Refusal},
    relations::{RelationCard, relation_cards},
    tabs::DEPENDENCIES,
};
use crate::{
    App, Gate, View,
    pages::{Frame, icon::Icon, parts::Empty, render},
};

#[derive(Template)]
#[template(path = "entity/relations.html")]
pub(super) struct RelationsPage {
    pub(super) frame: Frame,
    pub(super) head: Head,
    pub(super) relations: Vec<RelationCard>,
    pub(super) empty: Empty,
}

/// Shows the dependencies of an entity, all of them.
pub(in crate::pages) async fn show_dependencies(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "dependencies").await?;
    let page = RelationsPage {
        relations: relation_cards(&view, &head.doc, |relation| DEPENDENCIES.contains(&relation), usize::MAX),
        empty: Empty {
            icon: Icon("unplug"),
            title: "No dependencies are declared".to_owned(),
            text: "Write them into `spec.dependsOn` and `spec.consumesApis` of the descriptor.".to_owned(),
            action: None,
        },
        frame,
        head,
    };
    Ok(render(&page)?)
}
