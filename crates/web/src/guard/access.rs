//! Asks who sends a request, before any handler runs: neither a page nor anything below `/api` is open by default.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header},
    middleware::Next,
    response::Response,
};

use super::{
    local,
    refusal::{refuse, split_plugin},
};
use crate::{App, Caller, Problem, pages};

/// Finds the caller, refuses bad credentials, and refuses tokens that are restricted to other plugins.
pub(super) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(plugin) = guarded_plugin(request.uri().path()) else {
        return match check_sign_in(&app, request.uri(), request.headers()) {
            Ok(()) => next.run(request).await,
            Err(problem) => refuse(request.method(), request.uri(), &problem),
        };
    };
    match identify_caller(&app, plugin, request.uri(), request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => refuse(request.method(), request.uri(), &problem),
    }
}

/// Guests of an open server sign in where they may come in: what a token is given for is then open to its holder.
fn check_sign_in(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let signs_in =
        split_plugin(uri.path()).is_some_and(|(plugin, rest)| plugin == "auth" && rest.starts_with("/guest"));
    let is_for_all = app.access().settings().guest.as_ref().is_some_and(|guest| guest.allow_outside_development);
    if signs_in && !is_for_all && app.settings().local_names_only { local::check(uri, headers) } else { Ok(()) }
}

async fn identify_caller(app: &App, plugin: &str, uri: &Uri, headers: &HeaderMap) -> Result<Caller, Problem> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let actor = app.access().identify(authorization).await?;
    if actor == auth::Actor::Anyone && app.settings().local_names_only {
        local::check(uri, headers)?;
    }
    app.access().check_plugin(&actor, plugin)?;
    Ok(Caller(Arc::new(actor)))
}

/// Tells which plugin a path belongs to for restricted tokens; `None` for the paths that are open to everybody.
///
/// Open are: health, the keys that verify tokens, and the auth plugin, which one needs before one has a token. Its userinfo
/// asks for the caller itself.
fn guarded_plugin(path: &str) -> Option<&str> {
    if path == "/metrics" {
        return Some("metrics");
    }
    if ["/call-sheets", "/api/v1/call-sheets"].iter().any(|sheets| is_below(path, sheets))
        || path == "/api/v1/truth-rate"
    {
        return Some("callsheet");
    }
    if path == "/webhooks" || path.starts_with("/webhooks/") {
        return Some("callboard");
    }
    if pages::is_page(path) {
        // Pages show the catalog.
        return Some("catalog");
    }
    match split_plugin(path)? {
        ("auth", "/v1/userinfo") => Some("auth"),
        ("auth", _) | (_, "/.backstage/auth/v1/jwks.json") => None,
        // Senders of webhooks have no token; each proves that it knows the secret of its receiver.
        ("v1", rest) if rest.starts_with("/receivers/") => None,
        ("v1", rest) if rest == "/webhooks" || rest.starts_with("/webhooks/") => Some("callboard"),
        // Our own API shows the catalog.
        ("v1", _) => Some("catalog"),
        (plugin, _) => Some(plugin),
    }
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_guarded_but_sign_in_keys_and_static_files() {
        let cases = [
            ("/api/catalog/entities", Some("catalog")),
            ("/api/catalog", Some("catalog")),
            ("/api/v1/entities", Some("catalog")),
            ("/api/v1/events", Some("catalog")),
            ("/api/v1/receivers/github", None),
            ("/api/v1/webhooks", Some("callboard")),
            ("/api/v1/webhooks/x/test", Some("callboard")),
            ("/webhooks", Some("callboard")),
            ("/api/unheard-of/x", Some("unheard-of")),
            ("/api/catalog/.backstage/auth/v1/jwks.json", None),
            ("/api/auth/guest/refresh", None),
            ("/api/auth/v1/userinfo", Some("auth")),
            ("/metrics", Some("metrics")),
            ("/.backstage/health/v1/readiness", None),
            ("/", Some("catalog")),
            ("/catalog/default/component/shop", Some("catalog")),
            ("/call-sheets", Some("callsheet")),
            ("/api/v1/call-sheets/alerts/grafana", Some("callsheet")),
            ("/call-sheetsx", Some("catalog")),
            ("/static/app.css", None),
        ];
        for (path, want) in cases {
            assert_eq!(guarded_plugin(path), want, "{path}");
        }
    }
}
