//! `/catalog-import`: addresses in, then what would be read from them and what is wrong with it, then their registration.
//!
//! Looking is a form as well, because it makes this server read from elsewhere: another site must not be able to cause it.

mod looked_at;

use askama::Template;
use auth::GateError;
use axum::{
    Form,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use model::{LocationRef, Uid};
use serde::Deserialize;

use self::looked_at::{LookedAt, Standing, Verdict, look_at};
use super::{Frame, frame::Section, icon::Icon, render, urls};
use crate::{App, Gate, Problem, View, problem};

/// How many addresses are taken at once.
const MOST_ADDRESSES: usize = 20;

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    frame: Frame,
    /// The addresses, one to a line.
    text: String,
    /// What was found behind each of them; empty before the first look.
    looked_at: Vec<LookedAt>,
    /// Addresses that could not be registered, each with the reason and the page that helps on.
    refused: Vec<Refused>,
    is_readonly: bool,
    may_register: bool,
}

/// An address that was not registered.
struct Refused {
    address: String,
    reason: String,
    /// Label and address.
    action: Option<(&'static str, String)>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct RegisterForm {
    targets: String,
    /// `look` or `register`.
    #[serde(default)]
    what: String,
}

/// Shows the form. `?target=` fills it in.
pub(super) async fn show_register(
    State(app): State<App>,
    gate: Gate,
    frame: Frame,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let pairs = url::form_urlencoded::parse(raw.as_deref().unwrap_or_default().as_bytes());
    let targets: Vec<_> = pairs.filter(|(name, _)| name == "target").map(|(_, value)| value.into_owned()).collect();
    render(&page(&app, &gate, frame, targets.join("\n")))
}

/// Looks at the addresses, or registers them.
pub(super) async fn register(
    State(app): State<App>,
    view: View,
    gate: Gate,
    frame: Frame,
    Form(form): Form<RegisterForm>,
) -> Result<Response, Problem> {
    gate.require("catalog.location.create")?;
    let mut page = page(&app, &gate, frame, form.targets.trim().to_owned());
    let addresses = addresses(&form.targets);
    if addresses.is_empty() {
        page.refused.push(refused("", "Paste the address of a descriptor file, one to a line".to_owned(), None));
        return render(&page);
    }
    if addresses.len() > MOST_ADDRESSES {
        let reason = format!("{} addresses at once are too many; {MOST_ADDRESSES} are taken", addresses.len());
        page.refused.push(refused("", reason, None));
        return render(&page);
    }
    let mut locations = Vec::new();
    for address in &addresses {
        match parse_address(address) {
            Ok(location) => locations.push(location),
            Err(reason) => page.refused.push(refused(address, reason, None)),
        }
    }
    if !page.refused.is_empty() {
        return render(&page);
    }
    if form.what == "register" {
        return register_all(&app, &gate, page, locations).await;
    }
    for location in locations {
        let inspection = app.workshop().inspect(&location).await;
        page.looked_at.push(look_at(&view, &location, inspection));
    }
    render(&page)
}

async fn register_all(
    app: &App,
    gate: &Gate,
    mut page: RegisterPage,
    locations: Vec<LocationRef>,
) -> Result<Response, Problem> {
    if app.settings().catalog_readonly {
        return Err(problem::readonly());
    }
    let mut registered: Vec<Uid> = Vec::new();
    for location in locations {
        match gate.register_location(&location).await {
            Ok(root) => registered.push(root.id),
            Err(GateError::Conflict(_)) => {
                let known = gate.list_locations().await?.into_iter().find(|root| root.location == location);
                let action = known.map(|root| ("See it", urls::location(root.id)));
                page.refused.push(refused(location.target(), "It is registered already".to_owned(), action));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let next = match registered.as_slice() {
        [] => return render(&page),
        [only] if page.refused.is_empty() => urls::location(*only),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            urls::with_query("/locations", ids.iter().map(|id| ("new", id.as_str())))
        }
    };
    Ok((axum::http::StatusCode::SEE_OTHER, [(header::LOCATION, next)]).into_response())
}

fn page(app: &App, gate: &Gate, frame: Frame, text: String) -> RegisterPage {
    RegisterPage {
        frame: frame.titled("Register", Section::Register),
        text,
        looked_at: Vec::new(),
        refused: Vec::new(),
        is_readonly: app.settings().catalog_readonly,
        may_register: gate.require("catalog.location.create").is_ok(),
    }
}

fn refused(address: &str, reason: String, action: Option<(&'static str, String)>) -> Refused {
    Refused { address: address.to_owned(), reason, action }
}

/// The addresses of a text: one to a line, or with blanks or commas between; each once.
fn addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty()) {
        let part = part.strip_prefix("url:").unwrap_or(part);
        if !found.iter().any(|known| known == part) {
            found.push(part.to_owned());
        }
    }
    found
}

/// Registered locations are web addresses and nothing else; files of this machine stand in the configuration alone.
fn parse_address(address: &str) -> Result<LocationRef, String> {
    let parsed = url::Url::parse(address)
        .map_err(|_| "This is no web address; it must start with https:// and name a file".to_owned())?;
    match parsed.scheme() {
        "https" | "http" if parsed.host_str().is_some_and(|host| !host.is_empty()) => {}
        "file" => {
            return Err("Files of this machine can only be named in `catalog.locations` of the configuration".into());
        }
        other => return Err(format!("Addresses that start with {other}: are not read; only https:// and http:// are")),
    }
    if parsed.password().is_some() || !parsed.username().is_empty() {
        return Err("Leave name and password out of the address; tokens belong into `integrations`".to_owned());
    }
    LocationRef::parse(&format!("url:{address}")).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_one_by_one_and_once() {
        assert_eq!(
            addresses(" https://a\nhttps://b,https://a\r\nurl:https://c "),
            ["https://a", "https://b", "https://c"]
        );
        assert!(addresses(" \n ,").is_empty());
    }

    #[test]
    fn only_web_addresses_are_registered() {
        assert_eq!(parse_address("https://x.example/a.yaml").unwrap().as_str(), "url:https://x.example/a.yaml");
        for (address, why) in [
            ("catalog-info.yaml", "no web address"),
            ("file:///etc/passwd", "Files of this machine"),
            ("ftp://x.example/a", "start with ftp:"),
            ("https://u:p@x.example/a", "name and password"),
            ("javascript:alert(1)", "start with javascript:"),
        ] {
            let refused = parse_address(address).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
