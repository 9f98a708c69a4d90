//! What people do to an entity: star it, have its files read again. Forms that lead back to where they were sent from.

use axum::{
    Form,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::EntityRef;
use serde::Deserialize;

use super::head::EntityPath;
use crate::{
    App, Gate, Problem,
    pages::{Frame, urls},
    problem,
};

/// The form of the star.
#[derive(Deserialize)]
pub(in crate::pages) struct StarForm {
    /// Whether it is to be starred.
    on: bool,
    back: Option<String>,
}

/// The form of reading again.
#[derive(Deserialize)]
pub(in crate::pages) struct BackForm {
    back: Option<String>,
}

/// Stars an entity or takes the star off. A guest's first star makes the id that this browser keeps them under.
pub(in crate::pages) async fn set_star(
    axum::extract::State(app): axum::extract::State<App>,
    gate: Gate,
    frame: Frame,
    axum::extract::Path(path): EntityPath,
    Form(form): Form<StarForm>,
) -> Result<Response, Problem> {
    let entity_ref = ref_of(&path);
    let mut response = go_back(form.back.as_deref(), &entity_ref)?;
    let person = match frame.star_key {
        Some(person) => person,
        None => {
            let id = uuid::Uuid::new_v4().to_string();
            response.headers_mut().append(header::SET_COOKIE, browser_cookie(&id, &app.settings().base_url));
            format!("browser:{id}")
        }
    };
    gate.set_star(&person, &entity_ref, form.on).await?;
    Ok(response)
}

/// Has the files of an entity read again.
pub(in crate::pages) async fn refresh_entity(
    gate: Gate,
    axum::extract::Path(path): EntityPath,
    Form(form): Form<BackForm>,
) -> Result<Response, Problem> {
    let entity_ref = ref_of(&path);
    gate.refresh(entity_ref.as_str()).await?;
    go_back(form.back.as_deref(), &entity_ref)
}

pub(super) fn ref_of((namespace, kind, name): &(String, String, String)) -> EntityRef {
    EntityRef::new(kind, namespace, name)
}

fn go_back(back: Option<&str>, entity_ref: &EntityRef) -> Result<Response, Problem> {
    let own = urls::entity(entity_ref);
    let back = back.filter(|back| urls::is_local(back)).unwrap_or(&own);
    let location = HeaderValue::from_str(back).map_err(|_| problem::input("`back` is no address"))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

/// Whoever has the id has the stars, so scripts do not see it, and it goes over no open line that could be avoided.
fn browser_cookie(id: &str, base_url: &str) -> HeaderValue {
    let secure = if base_url.starts_with("https://") { "; Secure" } else { "" };
    let text = format!("browser={id}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::from_str(&text).expect("a uuid and words of ours")
}
