//! `/catalog/:namespace/:kind/:name/unregister`: what would go, and then its going.

use askama::Template;
use auth::{UnregisterPlan, plan_unregister};
use axum::{
    Form,
    extract::State,
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::head::{EntityPath, Head, Refusal};
use crate::{
    App, Gate, Problem, View,
    pages::{Frame, link::EntityLink, render, urls, words},
    problem,
};

#[derive(Template)]
#[template(path = "entity/unregister.html")]
struct UnregisterPage {
    frame: Frame,
    head: Head,
    plan: Plan,
    is_readonly: bool,
}

/// The plan as the page shows it.
enum Plan {
    RemoveLocation(Going),
    Configured(String),
    DeleteOrphan,
}

/// What a location takes along.
struct Going {
    id: String,
    target: String,
    location_href: String,
    entities: Vec<EntityLink>,
    /// "3 entities".
    total: String,
    /// How many are not named.
    more: usize,
}

/// What the person was shown when the button was pressed.
#[derive(Deserialize)]
pub(in crate::pages) struct UnregisterForm {
    /// The id of the location to remove; empty to delete an orphan.
    location: String,
}

/// Shows what unregistering would take along.
pub(in crate::pages) async fn show_unregister(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
) -> Result<Response, Refusal> {
    let (head, frame) = Head::load(&app, &view, &gate, frame, &path, "").await?;
    let plan = match load_plan(&view, &gate, &head).await? {
        UnregisterPlan::RemoveLocation { root, entities, total } => {
            let total = usize::try_from(total).unwrap_or(usize::MAX);
            Plan::RemoveLocation(Going {
                id: root.id.to_string(),
                location_href: urls::location(root.id),
                target: root.location.target().to_owned(),
                more: total.saturating_sub(entities.len()),
                total: words::counted(total, "entity", "entities"),
                entities: entities.iter().map(|entity_ref| EntityLink::to(&view, entity_ref)).collect(),
            })
        }
        UnregisterPlan::Configured { location } => Plan::Configured(location.target().to_owned()),
        UnregisterPlan::DeleteOrphan => Plan::DeleteOrphan,
    };
    let is_readonly = app.settings().catalog_readonly;
    Ok(render(&UnregisterPage { frame, head, plan, is_readonly })?)
}

/// Does what was shown. When that is no longer what there is to do, the page is shown again.
pub(in crate::pages) async fn unregister_entity(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
    Form(form): Form<UnregisterForm>,
) -> Result<Response, Refusal> {
    let (head, _) = Head::load(&app, &view, &gate, frame, &path, "").await?;
    let seq = match load_plan(&view, &gate, &head).await? {
        UnregisterPlan::RemoveLocation { root, .. } if root.id.to_string() == form.location => {
            if app.settings().catalog_readonly {
                return Err(problem::readonly().into());
            }
            gate.remove_location(root.id).await?
        }
        UnregisterPlan::DeleteOrphan if form.location.is_empty() => gate.remove_entity(head.doc.uid()).await?,
        _ => return Ok(Redirect::to(&urls::entity_tab(&head.facts.entity_ref, "unregister")).into_response()),
    };
    gate.wait_for(seq).await;
    let kind = head.facts.entity_ref.kind();
    let list = urls::with_query("/catalog", [("filters[kind]", kind)]);
    Ok((axum::http::StatusCode::SEE_OTHER, [(header::LOCATION, list)]).into_response())
}

/// All roots must be seen to tell an orphan from an entity of a hidden location.
async fn load_plan(view: &View, gate: &Gate, head: &Head) -> Result<UnregisterPlan, Problem> {
    gate.require("catalog.location.read")?;
    Ok(plan_unregister(view, &gate.list_roots().await?, &head.doc))
}
