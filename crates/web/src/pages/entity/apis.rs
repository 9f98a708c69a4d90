//! `/catalog/:namespace/:kind/:name/api`: the APIs that an entity provides and consumes, or who does so with it.

use axum::{extract::State, response::Response};

use super::{
    dependencies::RelationsPage,
    head::{EntityPath, Head, Refusal},
    relations::relation_cards,
    tabs::APIS,
};
use crate::{
    App, Gate, View,
    pages::{Frame, icon::Icon, parts::Empty, render},
};

/// Shows the APIs of an entity.
pub(in crate::pages) async fn show_apis(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "api").await?;
    let page = RelationsPage {
        relations: relation_cards(&view, &head.doc, |relation| APIS.contains(&relation), usize::MAX),
        empty: Empty {
            icon: Icon("plug"),
            title: "No APIs are declared".to_owned(),
            text: "Write them into `spec.providesApis` and `spec.consumesApis` of the descriptor.".to_owned(),
            action: None,
        },
        frame,
        head,
    };
    Ok(render(&page)?)
}
