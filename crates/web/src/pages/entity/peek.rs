//! `/catalog/:namespace/:kind/:name/peek`: the card that a link to an entity shows on hover and focus. A fragment, not a page.

use askama::Template;
use axum::response::Response;
use model::EntityRef;

use super::head::{EntityPath, Refusal};
use crate::{
    View,
    pages::{
        facts::Facts,
        link::{EntityLink, related},
        parts::Lifecycle,
        render,
    },
};

#[derive(Template)]
#[template(path = "entity/peek.html")]
struct Peek {
    link: EntityLink,
    kind: String,
    lifecycle: Option<Lifecycle>,
    owners: Vec<EntityLink>,
    description: Option<String>,
}

/// Shows an entity in a few lines.
pub(in crate::pages) async fn show_peek(
    view: View,
    axum::extract::Path((namespace, kind, name)): EntityPath,
) -> Result<Response, Refusal> {
    let entity_ref = EntityRef::new(&kind, &namespace, &name);
    let doc = view.find(entity_ref.as_str()).ok_or_else(|| Refusal::NoSuchEntity(entity_ref, Vec::new()))?;
    let facts = Facts::of_descriptor(&doc);
    Ok(render(&Peek {
        link: EntityLink::to_doc(&doc),
        kind: facts.kind().to_owned(),
        lifecycle: facts.lifecycle().map(|text| Lifecycle(text.to_owned())),
        owners: related(&view, &doc, "ownedBy"),
        description: facts.description().map(str::to_owned),
    })?)
}
