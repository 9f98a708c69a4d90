//! A message before it has a form: which changes, and who is to be told.

use auth::SeenChange;
use model::{ChangeKind, EntityRef, MessageForm, Seq, StoredEntity, compare_entities};
use serde_json::Value;
use store::Webhook;

use super::Portal;

/// How many differences of a change are told in words.
const MOST_FACTS: usize = 4;

/// What is to be said.
pub struct Message<'a> {
    /// Its identity, the same in every attempt.
    pub id: &'a str,
    /// Whom it goes to.
    pub webhook: &'a Webhook,
    /// What messages say about the portal.
    pub portal: &'a Portal,
    /// The changes; none in a test.
    pub changes: &'a [SeenChange],
}

/// How many changes go into one message of a form.
pub fn most_changes(form: &MessageForm) -> usize {
    match form {
        MessageForm::Callboard { bodies } | MessageForm::CloudeventsBatch { bodies } => {
            if *bodies {
                20
            } else {
                100
            }
        }
        MessageForm::Slack | MessageForm::Teams => 20,
        MessageForm::Cloudevents { .. } | MessageForm::Template { .. } => 1,
    }
}

/// Whether messages of a form tell what a change led from.
pub fn needs_before(form: &MessageForm) -> bool {
    form.has_bodies() || matches!(form, MessageForm::Slack | MessageForm::Teams | MessageForm::Template { .. })
}

/// The identity of the message about these changes. It holds no dot, which separates it from what follows where it is signed.
pub fn identity(webhook: &Webhook, first: Seq, last: Seq) -> String {
    format!("msg_{:032x}_{}_{}", webhook.id.0, first.0, last.0)
}

/// The page of an entity.
pub fn page_of(portal: &Portal, entity_ref: &EntityRef) -> String {
    let path = format!("{}/catalog", portal.base_url);
    let Ok(mut url) = url::Url::parse(&path) else { return path };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend([entity_ref.namespace(), entity_ref.kind(), entity_ref.name()]);
    }
    url.into()
}

/// What happened, as one says it.
pub fn verb(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    }
}

/// What a change says about its entity: the title and owners of the newest form that is known.
pub struct Known {
    /// `metadata.title`, or else the name.
    pub title: String,
    /// Who owns it now, or did last.
    pub owners: Vec<EntityRef>,
}

/// Reads what is known of the entity of a change.
pub fn known(seen: &SeenChange) -> Known {
    let entity = seen.change.entity.as_ref().or(seen.before.as_ref());
    let title = entity.and_then(|entity| title_of(entity)).unwrap_or_else(|| seen.change.entity_ref.name().to_owned());
    let owners = entity.into_iter().flat_map(|entity| owners_of(entity)).collect();
    Known { title, owners }
}

fn title_of(entity: &StoredEntity) -> Option<String> {
    let body: Value = serde_json::from_str(entity.body.as_str()).ok()?;
    let metadata = &body["metadata"];
    let text = metadata["title"].as_str().filter(|title| !title.is_empty()).or_else(|| metadata["name"].as_str());
    text.map(str::to_owned)
}

fn owners_of(entity: &StoredEntity) -> impl Iterator<Item = EntityRef> {
    entity.relations.iter().filter(|relation| &*relation.forward == "ownedBy").map(|relation| relation.other.clone())
}

/// What differs, in words.
pub fn differences(seen: &SeenChange) -> Vec<String> {
    let (Some(before), Some(after)) = (&seen.before, &seen.change.entity) else { return Vec::new() };
    let mut facts: Vec<String> = compare_entities(before, after).iter().map(ToString::to_string).collect();
    let more = facts.len().saturating_sub(MOST_FACTS);
    facts.truncate(MOST_FACTS);
    if more > 0 {
        facts.push(format!("{more} more"));
    }
    facts
}

/// Who or what was behind a change.
pub fn cause(seen: &SeenChange) -> Option<String> {
    seen.change.cause.in_short()
}
