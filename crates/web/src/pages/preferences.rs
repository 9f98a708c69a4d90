//! `POST /preferences`: what a browser is to remember. Nothing of it is a secret, and nothing of it gives a right.

use axum::{
    Form,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use model::EntityRef;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{frame::set_cookie, urls};
use crate::{Problem, problem};

/// The form; each field that is there is set.
#[derive(Deserialize)]
pub(super) struct Preferences {
    theme: Option<String>,
    rail: Option<String>,
    density: Option<String>,
    /// The user whose board a guest wants to see; empty for nobody.
    person: Option<String>,
    /// Where to go on.
    back: Option<String>,
}

/// Sets cookies and goes back.
pub(super) async fn set_preferences(Form(form): Form<Preferences>) -> Result<Response, Problem> {
    let back = form.back.as_deref().filter(|back| urls::is_local(back)).unwrap_or("/");
    let location = header::HeaderValue::from_str(back).map_err(|_| problem::input("`back` is no address"))?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    let words: [(&str, Option<&str>, &[&str]); 3] = [
        ("theme", form.theme.as_deref(), &["system", "light", "dark"]),
        ("rail", form.rail.as_deref(), &["wide", "narrow"]),
        ("density", form.density.as_deref(), &["roomy", "compact"]),
    ];
    for (name, value, known) in words {
        let Some(value) = value else { continue };
        if !known.contains(&value) {
            return Err(problem::input(format!("`{name}` must be one of {}, not `{value}`", known.join(", "))));
        }
        headers.append(header::SET_COOKIE, set_cookie(name, value));
    }
    if let Some(person) = form.person.as_deref() {
        headers.append(header::SET_COOKIE, set_cookie("person", &person_cookie(person)?));
    }
    Ok(response)
}

fn person_cookie(person: &str) -> Result<String, Problem> {
    let person = person.trim();
    if person.is_empty() {
        return Ok(String::new());
    }
    let defaults = model::RefDefaults { kind: Some("user"), namespace: model::DEFAULT_NAMESPACE };
    let parsed = EntityRef::parse_with(person, defaults).map_err(|error| problem::input(error.to_string()))?;
    if parsed.kind() != "user" {
        return Err(problem::input(format!("`{parsed}` is no user")));
    }
    Ok(utf8_percent_encode(parsed.as_str(), NON_ALPHANUMERIC).to_string())
}
