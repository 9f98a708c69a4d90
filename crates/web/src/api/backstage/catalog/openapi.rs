//! `/openapi.json`: the description of these endpoints.

use axum::{extract::State, response::Response};

use crate::{App, answer};

/// The document, with `{{address}}` and `{{version}}` to be filled in.
pub(super) const DOCUMENT: &str = include_str!("openapi.json");

/// Shows the OpenAPI document, with this server's address in it.
pub(super) async fn openapi(State(app): State<App>) -> Response {
    answer::json_bytes(document(&app.settings().base_url, &app.settings().version))
}

fn document(base_url: &str, version: &str) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    DOCUMENT
        .replace("\"{{address}}\"", &text(&format!("{base_url}/api/catalog")))
        .replace("\"{{version}}\"", &text(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_document_of_this_server() {
        let document: serde_json::Value = serde_json::from_str(&document("http://localhost:7007", "1.2.3")).unwrap();
        assert_eq!(document["servers"][0]["url"], "http://localhost:7007/api/catalog");
        assert_eq!(document["info"]["version"], "1.2.3");
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    }
}
