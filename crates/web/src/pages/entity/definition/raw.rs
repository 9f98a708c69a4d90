//! `/catalog/:namespace/:kind/:name/definition/raw`: the definition as a file.

use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use definitions::Outline;
use model::EntityRef;

use super::{definition_of, prepared};
use crate::{Problem, View, pages::facts::Facts, problem};

/// Sends the definition as a file. A browser saves it and never shows it, so nothing in it is run here.
pub(in crate::pages) async fn show_raw(
    view: View,
    Path((namespace, kind, name)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let entity_ref = EntityRef::new(&kind, &namespace, &name);
    let doc = view.find(entity_ref.as_str()).ok_or_else(|| missing(&entity_ref, "is not in the catalog"))?;
    let facts = Facts::of_descriptor(&doc);
    let text = definition_of(&facts).ok_or_else(|| missing(&entity_ref, "has no definition"))?;
    let outline = prepared::outline(facts.entity_type().unwrap_or_default(), &text).await;
    let media_type = media_type(language(&outline, &text));
    let disposition = format!("attachment; filename=\"{}\"", file_name(&facts, &text));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&disposition).expect("names of files hold safe characters"),
        ),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    Ok((headers, text).into_response())
}

fn missing(entity_ref: &EntityRef, what: &str) -> Problem {
    problem::not_found(format!("`{entity_ref}` {what}"))
}

/// The language of a definition, for colours and for the name of the file.
pub(super) fn language(outline: &Outline, text: &str) -> &'static str {
    match outline {
        Outline::Source(source) => source.language,
        Outline::Graphql(_) => "graphql",
        Outline::Grpc(_) => "protobuf",
        Outline::OpenApi(_) | Outline::AsyncApi(_) if text.trim_start().starts_with('{') => "json",
        Outline::OpenApi(_) | Outline::AsyncApi(_) => "yaml",
    }
}

/// `orders-api.yaml`.
pub(super) fn file_name(facts: &Facts, text: &str) -> String {
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    let name: String = facts.name().chars().filter(is_safe).collect();
    let ending = match facts.entity_type().unwrap_or_default().to_ascii_lowercase().as_str() {
        "graphql" => "graphql",
        "grpc" => "proto",
        "trpc" => "ts",
        _ if text.trim_start().starts_with(['{', '[']) => "json",
        _ if text.trim_start().starts_with('<') => "xml",
        _ => "yaml",
    };
    format!("{}.{ending}", if name.is_empty() { "definition" } else { &name })
}

fn media_type(language: &str) -> &'static str {
    match language {
        "json" => "application/json",
        "yaml" => "application/yaml",
        "xml" => "application/xml",
        "graphql" => "application/graphql; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}
