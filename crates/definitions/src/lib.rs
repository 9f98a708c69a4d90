//! API definitions and source text, made ready to be shown: what an API offers ([`outline()`]) and text in colours ([`highlight()`]).
//!
//! Pure, and it knows no other room; a crate of its own because highlighting is heavy to compile. Nothing here fails: what cannot
//! be read as what it says it is comes back as [`Outline::Source`] with the reason. Everything is bounded in size and depth.

mod asyncapi;
mod budget;
mod document;
mod graphql;
mod highlight;
mod json_schema;
mod openapi;
mod outline;
mod protobuf;
mod token;
mod type_text;
mod yaml;

use budget::Budget;
pub use highlight::{Class, HIGHLIGHT_BYTES, highlight, highlight_html, language_name};
pub use outline::{
    Action, AsyncApi, AsyncOperation, Body, Channel, Entry, EnumValue, Field, Graphql, Grpc, Info, Media, Message,
    OpenApi, Operation, Outline, Parameter, Response, Root, Rpc, SecurityScheme, Server, Service, Shape, Source, Tag,
    anchor_of,
};
pub use type_text::{TypePart, TypeText};

/// Definitions above this size are shown as source.
pub const OUTLINE_BYTES: usize = 16 << 20;

/// Reads an API definition: `api_type` is `spec.type` of the entity, `text` its `spec.definition`.
///
/// Types that Callboard does not know are looked at: a text that says `openapi: 3.1.0` is OpenAPI under whatever name.
#[must_use]
pub fn outline(api_type: &str, text: &str) -> Outline {
    let format = Format::of_type(api_type).or_else(|| Format::sniff(text));
    let Some(format) = format else {
        return Outline::Source(Source { language: language_of(api_type, text), reason: None });
    };
    let read = match (text.len() > OUTLINE_BYTES, text.trim().is_empty()) {
        (true, _) => Err(format!("The definition is larger than {} MiB.", OUTLINE_BYTES >> 20)),
        (_, true) => Err("The definition is empty.".to_owned()),
        _ => format.read(text),
    };
    read.unwrap_or_else(|reason| Outline::Source(Source { language: format.language(text), reason: Some(reason) }))
}

#[derive(Clone, Copy)]
enum Format {
    OpenApi,
    AsyncApi,
    Graphql,
    Grpc,
}

impl Format {
    fn of_type(api_type: &str) -> Option<Self> {
        match api_type.to_ascii_lowercase().as_str() {
            "openapi" | "swagger" => Some(Self::OpenApi),
            "asyncapi" => Some(Self::AsyncApi),
            "graphql" => Some(Self::Graphql),
            "grpc" | "protobuf" => Some(Self::Grpc),
            _ => None,
        }
    }

    /// Tells the format from a key among the first lines.
    fn sniff(text: &str) -> Option<Self> {
        text.lines().take(100).find_map(|line| {
            let (key, _) = line.trim_start_matches(['{', ' ', '\t']).split_once(':')?;
            match key.trim().trim_matches(['"', '\'']) {
                "openapi" | "swagger" => Some(Self::OpenApi),
                "asyncapi" => Some(Self::AsyncApi),
                _ => None,
            }
        })
    }

    fn read(self, text: &str) -> Result<Outline, String> {
        let mut budget = Budget::new();
        match self {
            Self::OpenApi => {
                openapi::read(&document::read(text)?, &mut budget).map(|api| Outline::OpenApi(Box::new(api)))
            }
            Self::AsyncApi => {
                asyncapi::read(&document::read(text)?, &mut budget).map(|api| Outline::AsyncApi(Box::new(api)))
            }
            Self::Graphql => graphql::read(text, &mut budget).map(|api| Outline::Graphql(Box::new(api))),
            Self::Grpc => protobuf::read(text, &mut budget).map(|api| Outline::Grpc(Box::new(api))),
        }
    }

    fn language(self, text: &str) -> &'static str {
        match self {
            Self::OpenApi | Self::AsyncApi => data_language(text),
            Self::Graphql => "graphql",
            Self::Grpc => "protobuf",
        }
    }
}

/// The language of a definition whose type has no outline.
fn language_of(api_type: &str, text: &str) -> &'static str {
    match api_type.to_ascii_lowercase().as_str() {
        "trpc" => "typescript",
        "wsdl" | "soap" | "odata" => "xml",
        "thrift" => "thrift",
        "markdown" => "markdown",
        _ if text.trim_start().starts_with('<') => "xml",
        _ if text.trim_start().starts_with("syntax = ") => "protobuf",
        _ => data_language(text),
    }
}

fn data_language(text: &str) -> &'static str {
    if text.trim_start().starts_with(['{', '[']) { "json" } else { "yaml" }
}
