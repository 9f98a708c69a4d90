//! What is done to a location: read again, remove after a question.

use askama::Template;
use auth::{Root, RootOrigin};
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::show::find_root;
use crate::{
    App, Gate, Problem,
    pages::{
        Frame,
        frame::{Crumb, Section},
        render, urls, words,
    },
    problem,
};

#[derive(Template)]
#[template(path = "location_remove.html")]
struct RemovePage {
    frame: Frame,
    target: String,
    /// "3 entities".
    going: String,
    back: String,
}

/// Has a location read again at once, be it due or resting after a failure.
pub(in crate::pages) async fn refresh_location(gate: Gate, Path(id): Path<String>) -> Result<Response, Problem> {
    let root = find_root(&gate, &id).await?;
    gate.refresh_location(root.id).await?;
    Ok(go_to(urls::location(root.id)))
}

/// Asks whether a location is to be removed.
pub(in crate::pages) async fn confirm_removal(
    State(app): State<App>,
    gate: Gate,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let root = find_removable(&app, &gate, &id).await?;
    let back = urls::location(root.id);
    let mut frame = frame.titled("Remove", Section::Register);
    frame.crumbs = vec![
        Crumb { label: "Locations".to_owned(), href: "/locations".to_owned() },
        Crumb { label: crate::pages::parts::short_file(root.location.target()).to_owned(), href: back.clone() },
    ];
    let going = words::counted(usize::try_from(root.entities).unwrap_or(usize::MAX), "entity", "entities");
    render(&RemovePage { frame, target: root.location.target().to_owned(), going, back })
}

/// Removes a location with its entities.
pub(in crate::pages) async fn remove_location(
    State(app): State<App>,
    gate: Gate,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let root = find_removable(&app, &gate, &id).await?;
    let seq = gate.remove_location(root.id).await?;
    gate.wait_for(seq).await;
    Ok(go_to("/locations".to_owned()))
}

async fn find_removable(app: &App, gate: &Gate, id: &str) -> Result<Root, Problem> {
    gate.require("catalog.location.delete")?;
    let root = find_root(gate, id).await?;
    if root.origin == RootOrigin::Config {
        let text = "this location stands in `catalog.locations` of the configuration and can only be removed there";
        return Err(problem::not_allowed(text));
    }
    if app.settings().catalog_readonly {
        return Err(problem::readonly());
    }
    Ok(root)
}

fn go_to(address: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
}
