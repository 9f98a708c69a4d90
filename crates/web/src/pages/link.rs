//! Links to entities: icon, title, and the reference at hand. What is not in the catalog is shown, and said to be missing.

use std::borrow::Cow;

use askama::{Template, filters::HtmlSafe};
use index::View;
use model::EntityRef;
use serde::Deserialize;

use super::{icon, icon::Icon, urls};

/// A link to an entity, wherever one is named.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/entity_link.html")]
pub(crate) struct EntityLink {
    pub(crate) entity_ref: EntityRef,
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) icon: Icon,
    /// `spec.type`, where there is one.
    pub(crate) entity_type: Option<String>,
    /// Whether it is not in the catalog, or not to be seen.
    pub(crate) is_missing: bool,
}

impl HtmlSafe for EntityLink {}

/// The parts of an entity that a link shows.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    metadata: NamedMetadata<'a>,
    #[serde(borrow, default)]
    spec: Option<NamedSpec<'a>>,
}

#[derive(Deserialize)]
struct NamedMetadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
struct NamedSpec<'a> {
    #[serde(borrow, default, rename = "type")]
    entity_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    profile: Option<NamedProfile<'a>>,
}

#[derive(Deserialize)]
struct NamedProfile<'a> {
    #[serde(borrow, default, rename = "displayName")]
    display_name: Option<Cow<'a, str>>,
}

impl EntityLink {
    /// Links to an entity by its reference, as the view knows it.
    pub(crate) fn to(view: &View, entity_ref: &EntityRef) -> Self {
        match view.find(entity_ref.as_str()) {
            Some(doc) => Self::to_doc(&doc),
            None => Self::missing(entity_ref),
        }
    }

    /// Links to an entity by a canonical reference out of the index; `None` for a text that is none.
    pub(crate) fn to_text(view: &View, entity_ref: &str) -> Option<Self> {
        EntityRef::parse(entity_ref).ok().map(|parsed| Self::to(view, &parsed))
    }

    /// Links to an entity that is at hand.
    pub(crate) fn to_doc(doc: &index::Doc) -> Self {
        let entity_ref = EntityRef::parse(doc.entity_ref()).expect("references in the index are canonical");
        let plain = Self::plain(&entity_ref);
        match names_of(doc) {
            Some((title, entity_type)) => Self { title, entity_type, ..plain },
            None => plain,
        }
    }

    /// Links to what is not in the catalog, or not to be seen.
    pub(crate) fn missing(entity_ref: &EntityRef) -> Self {
        Self { is_missing: true, ..Self::plain(entity_ref) }
    }

    /// Links to an entity by its reference alone.
    pub(crate) fn plain(entity_ref: &EntityRef) -> Self {
        Self {
            href: urls::entity(entity_ref),
            title: entity_ref.name().to_owned(),
            icon: icon::of_kind(entity_ref.kind()),
            entity_type: None,
            is_missing: false,
            entity_ref: entity_ref.clone(),
        }
    }

    /// The path of its hover card.
    fn peek(&self) -> String {
        format!("{}/peek", self.href)
    }

    /// What the pointer finds out: kind, type and the whole reference.
    fn hint(&self) -> String {
        if self.is_missing {
            return format!("{} is not in the catalog", self.entity_ref);
        }
        self.entity_ref.to_string()
    }
}

/// The title and the type of an entity. `None` when these are no texts, which is a matter of the author; the name of the
/// entity stands in for them then.
pub(crate) fn names_of(doc: &index::Doc) -> Option<(String, Option<String>)> {
    let json = doc.descriptor_json();
    let named: Named<'_> = serde_json::from_str(&json).ok()?;
    let spec = named.spec.unwrap_or_default();
    let title =
        title_of(named.metadata.title, spec.profile.and_then(|profile| profile.display_name), named.metadata.name);
    Some((title.into_owned(), spec.entity_type.map(Cow::into_owned)))
}

/// What people call an entity: its title, the display name of its profile, or its name.
pub(crate) fn title_of<'a>(
    title: Option<Cow<'a, str>>,
    display_name: Option<Cow<'a, str>>,
    name: Cow<'a, str>,
) -> Cow<'a, str> {
    let is_filled = |text: &Cow<'_, str>| !text.trim().is_empty();
    title.filter(is_filled).or(display_name.filter(is_filled)).unwrap_or(name)
}

/// The entities at the other end of an entity's relations of one type, sorted by title.
pub(crate) fn related(view: &View, doc: &index::Doc, relation: &str) -> Vec<EntityLink> {
    let mut links = Vec::new();
    doc.visit_related(relation, |other| links.extend(EntityLink::to_text(view, other)));
    links.sort_by_cached_key(|link| link.title.to_lowercase());
    links
}
