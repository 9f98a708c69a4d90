//! What a search answers of an entity, as Backstage's collator of the catalog makes it.

use index::{Doc, FieldMatch, SearchField, SearchHit};
use serde::Serialize;
use serde_json::Value;

/// Stand around what matches in `highlight.fields`. Backstage draws them anew at each start; nobody may take a meaning from them.
const PRE_TAG: &str = "<6a1f0e2c-5b7d-4f0e-9c39-1d8f6f0b2a44>";
const POST_TAG: &str = "</6a1f0e2c-5b7d-4f0e-9c39-1d8f6f0b2a44>";

#[derive(Serialize)]
pub(super) struct SearchResult {
    #[serde(rename = "type")]
    kind: &'static str,
    document: Document,
    highlight: Highlight,
    rank: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    title: String,
    text: String,
    component_type: String,
    #[serde(rename = "type")]
    entity_type: String,
    namespace: String,
    kind: String,
    lifecycle: String,
    owner: String,
    location: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Highlight {
    pre_tag: &'static str,
    post_tag: &'static str,
    fields: Fields,
}

#[derive(Serialize)]
struct Fields {
    title: String,
    text: String,
    location: String,
    path: &'static str,
}

impl SearchResult {
    /// Writes a hit; ranks count from 1.
    pub(super) fn new(hit: &SearchHit, rank: usize) -> Self {
        let document = Document::of(&hit.doc);
        let fields = Fields {
            title: highlighted(&document.title, hit, &[SearchField::Title, SearchField::Name]),
            text: highlighted(&document.text, hit, &[SearchField::Description, SearchField::Title]),
            location: document.location.clone(),
            path: "",
        };
        let highlight = Highlight { pre_tag: PRE_TAG, post_tag: POST_TAG, fields };
        Self { kind: crate::finding::CATALOG, document, highlight, rank }
    }
}

impl Document {
    fn of(doc: &Doc) -> Self {
        let entity: Value = serde_json::from_str(doc.as_json()).expect("the index serialises JSON");
        let text = |pointer: &str| entity.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let owned = |pointer: &str| text(pointer).unwrap_or_default().to_owned();
        let name = owned("/metadata/name");
        let namespace = text("/metadata/namespace").unwrap_or(model::DEFAULT_NAMESPACE).to_owned();
        let kind = owned("/kind");
        let entity_type = text("/spec/type").unwrap_or("other").to_owned();
        let location = [&namespace, &kind, &name].map(|part| encode(&part.to_lowercase()));
        Self {
            title: text("/metadata/title").unwrap_or(&name).to_owned(),
            text: describe(&kind, &text),
            component_type: entity_type.clone(),
            entity_type,
            lifecycle: owned("/spec/lifecycle"),
            owner: owned("/spec/owner"),
            location: format!("/catalog/{}", location.join("/")),
            namespace,
            kind,
        }
    }
}

/// The description; for users and groups also what people call them and where mail reaches them.
fn describe<'e>(kind: &str, text: &impl Fn(&str) -> Option<&'e str>) -> String {
    let mut texts = vec![text("/metadata/description").unwrap_or_default()];
    let (is_user, is_group) = (kind.eq_ignore_ascii_case("user"), kind.eq_ignore_ascii_case("group"));
    if is_user || is_group {
        texts.extend(text("/spec/profile/displayName"));
    }
    if is_user {
        texts.extend(text("/spec/profile/email"));
    }
    texts.join(" : ")
}

fn encode(part: &str) -> String {
    url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Puts the tags round what matches, where one of the fields says that text.
fn highlighted(text: &str, hit: &SearchHit, fields: &[SearchField]) -> String {
    let said =
        |found: &&FieldMatch| fields.contains(&found.field) && !found.text.is_empty() && text.contains(&found.text);
    let Some(found) = hit.matches.iter().find(said) else { return text.to_owned() };
    let start = text.find(&found.text).unwrap_or_default();
    let mut out = text[..start].to_owned();
    let mut at = 0;
    for range in &found.ranges {
        out.push_str(&found.text[at..range.start]);
        out.push_str(PRE_TAG);
        out.push_str(&found.text[range.clone()]);
        out.push_str(POST_TAG);
        at = range.end;
    }
    out.push_str(&found.text[at..]);
    out.push_str(&text[start + found.text.len()..]);
    out
}
