//! The Location entity that stands for a root: `location:default/generated-<sha1 of "type:target">`.

use ingest::{Attachments, Context, Document, Kinds, ProcessedEntity, Rules};
use model::LocationRef;
use serde_json::json;
use source::Reader;
use store::Root;

/// The place under which the store keeps a root's own entity. It is no place to read from, so that it never
/// collides with the file that the root names.
pub fn file_of(root: &Root) -> LocationRef {
    LocationRef::new("generated", root.location.as_str())
}

/// Makes the entity of a root.
pub fn build(reader: &Reader, kinds: &Kinds, root: &Root) -> Option<ProcessedEntity> {
    build_named(reader, kinds, &root.location, root.entity_ref.name())
}

/// Makes the entity of a location under a given name.
pub fn build_named(reader: &Reader, kinds: &Kinds, location: &LocationRef, name: &str) -> Option<ProcessedEntity> {
    let document = json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": { "name": name },
        "spec": { "type": location.location_type(), "target": location.target() },
    });
    let parsed = ingest::parse(document.to_string().as_bytes(), location);
    let urls = reader.scm_urls(location);
    let context = Context { location, origin: location, urls: &urls, kinds, rules: &Rules::allow_all() };
    let processed = ingest::process(&parsed, &context, &Attachments::default());
    processed.documents.into_iter().find_map(|document| match document {
        Document::Entity(entity) => Some(*entity),
        Document::Rejected(_) => None,
    })
}
