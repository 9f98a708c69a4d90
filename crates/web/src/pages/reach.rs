//! How a team is reached: the contacts in its descriptor, and who is above it.

use std::{borrow::Cow, fmt};

use index::Doc;
use model::EntityRef;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::{
    facts::{DeclaredLink, Facts},
    link::{EntityLink, title_of},
    tools::{Purpose, ToolLink, links_for},
};
use crate::ToolSpec;

/// What contacts are for.
const WANTED: [Purpose; 2] = [Purpose::OnCall, Purpose::Chat];

/// A team, or whoever else owns something, with every way to reach it.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    pub(crate) entity_ref: EntityRef,
    /// What people call it.
    pub(crate) title: String,
    /// `spec.type`.
    pub(crate) entity_type: Option<String>,
    pub(crate) email: Option<String>,
    /// On-call links first, then chat.
    pub(crate) contacts: Vec<ToolLink>,
    /// The group above it, which is asked when nobody answers. It need not be in the catalog.
    pub(crate) above: Option<EntityRef>,
}

impl Reach {
    /// Reads how an owner is reached.
    pub(crate) fn of(doc: &Doc, tools: &[ToolSpec]) -> Self {
        let entity_ref = EntityRef::parse(doc.entity_ref()).expect("references in the index are canonical");
        let mut above = None;
        doc.visit_related("childOf", |group| {
            if above.is_none() {
                above = EntityRef::parse(group).ok();
            }
        });
        let json = doc.descriptor_json();
        let Ok(card) = serde_json::from_str::<Card<'_>>(&json) else {
            return Self { above, ..Self::of_facts(&Facts::of_descriptor(doc), tools) };
        };
        Self { above, ..card.reach(entity_ref, tools) }
    }

    /// Links to it.
    pub(crate) fn link(&self) -> EntityLink {
        EntityLink {
            title: self.title.clone(),
            entity_type: self.entity_type.clone(),
            ..EntityLink::plain(&self.entity_ref)
        }
    }

    /// The same out of what is a tree already: where authors wrote other types than the model's.
    fn of_facts(facts: &Facts, tools: &[ToolSpec]) -> Self {
        Self {
            email: facts.text("/spec/profile/email").map(str::to_owned),
            contacts: links_for(&WANTED, facts.links(), facts.annotations().iter().map(|(k, v)| (&**k, &**v)), tools),
            above: None,
            title: facts.title().to_owned(),
            entity_type: facts.entity_type().map(str::to_owned),
            entity_ref: facts.entity_ref.clone(),
        }
    }
}

/// The parts of a descriptor that matter here, borrowed from its text: an incident may be about a thousand teams, and trees of
/// their descriptors cost more than all the rest of the answer.
#[derive(Deserialize)]
struct Card<'a> {
    #[serde(borrow)]
    metadata: CardMetadata<'a>,
    #[serde(borrow, default)]
    spec: Option<CardSpec<'a>>,
}

#[derive(Deserialize)]
struct CardMetadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    links: Option<Vec<CardLink<'a>>>,
    #[serde(borrow, default)]
    annotations: Option<Pairs<'a>>,
}

#[derive(Deserialize)]
struct CardLink<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    icon: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "type")]
    link_type: Option<Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
struct CardSpec<'a> {
    #[serde(borrow, default, rename = "type")]
    entity_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    profile: Option<CardProfile<'a>>,
}

#[derive(Default, Deserialize)]
struct CardProfile<'a> {
    #[serde(borrow, default, rename = "displayName")]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    email: Option<Cow<'a, str>>,
}

impl Card<'_> {
    fn reach(self, entity_ref: EntityRef, tools: &[ToolSpec]) -> Reach {
        let Self { metadata, spec } = self;
        let spec = spec.unwrap_or_default();
        let profile = spec.profile.unwrap_or_default();
        let filled = |text: Option<Cow<'_, str>>| text.filter(|text| !text.is_empty()).map(Cow::into_owned);
        let link = |link: CardLink<'_>| DeclaredLink {
            title: filled(link.title).unwrap_or_else(|| link.url.as_ref().to_owned()),
            url: link.url.into_owned(),
            icon: link.icon.map(Cow::into_owned),
            link_type: link.link_type.map(Cow::into_owned),
        };
        let links = metadata.links.into_iter().flatten().filter(|link| !link.url.is_empty()).map(link).collect();
        let annotations = metadata.annotations.unwrap_or_default().0;
        let annotations = annotations.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        Reach {
            email: filled(profile.email),
            contacts: links_for(&WANTED, links, annotations, tools),
            above: None,
            title: title_of(metadata.title, profile.display_name, metadata.name).into_owned(),
            entity_type: filled(spec.entity_type),
            entity_ref,
        }
    }
}

/// A map of texts in order of appearance.
#[derive(Default)]
struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
                    pairs.push((name.0, value.0));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use index::{Fold, Visibility};
    use model::{DeclaredRelation, EntityBody, Seq, StoredEntity, Uid};

    use super::*;

    fn doc(metadata: &str, spec: &str) -> Doc {
        let body = format!(
            "{{\"metadata\":{{\"name\":\"shop\"{metadata}}},\"apiVersion\":\"v1\",\"kind\":\"Group\",\"spec\":{spec}}}"
        );
        let above = |name| DeclaredRelation {
            forward: "childOf".into(),
            reverse: "parentOf".into(),
            other: EntityRef::new("group", "default", name),
            line: 0,
        };
        let entity = StoredEntity {
            entity_ref: EntityRef::new("group", "default", "shop"),
            uid: Uid(1),
            body: EntityBody::from_json(body),
            relations: vec![above("retail"), above("area")],
            errors: vec![],
            parents: vec![],
            line: 1,
            warnings: vec![],
        };
        let view = Fold::build(Seq(1), vec![Arc::new(entity)]).snapshot().view(Visibility::Everything);
        view.find("group:default/shop").unwrap()
    }

    /// Reads both ways, which must agree but for who is above.
    fn reach(metadata: &str, spec: &str) -> Reach {
        let doc = doc(metadata, spec);
        let tools = [ToolSpec { annotation: "acme/chat".into(), name: "Acme chat".into(), icon: None, url: None }];
        let (read, tree) = (Reach::of(&doc, &tools), Reach::of_facts(&Facts::of_descriptor(&doc), &tools));
        assert_eq!((read.link(), &read.email, &read.contacts), (tree.link(), &tree.email, &tree.contacts));
        assert_eq!(read.above.as_ref().map(EntityRef::as_str), Some("group:default/area"));
        read
    }

    #[test]
    fn a_team_is_reached_by_what_its_descriptor_says() {
        let metadata = concat!(
            r##","title":"Shop \"A\"","links":[{"url":"https://chat.example/shop","title":"#shop","icon":"chat"},"##,
            r#"{"url":"https://wiki.example","title":"Wiki"},{"url":"","title":"none"},{"url":"https://pager.example/x"}],"#,
            r##""annotations":{"acme/chat":"#shop","pagerduty.com/service-id":"P1","other":"x"}"##,
        );
        let found = reach(metadata, r#"{"type":"team","profile":{"email":"shop@acme.example","displayName":"S"}}"#);
        assert_eq!((found.title.as_str(), found.entity_type.as_deref()), ("Shop \"A\"", Some("team")));
        assert_eq!(found.email.as_deref(), Some("shop@acme.example"));
        let labels: Vec<&str> = found.contacts.iter().map(|link| link.label.as_str()).collect();
        assert_eq!(labels, ["https://pager.example/x", "PagerDuty", "#shop", "Acme chat"]);
    }

    #[test]
    fn little_or_odd_things_in_a_descriptor_harm_nothing() {
        assert_eq!(reach("", "null").title, "shop");
        assert_eq!(reach(r#","title":"""#, r#"{"profile":{"displayName":"Shop"}}"#).title, "Shop");
        let odd = reach(r#","annotations":{"acme/chat":7,"pagerduty.com/service-id":"P1"}"#, r#"{"profile":"x"}"#);
        assert_eq!(odd.contacts.len(), 1);
        assert_eq!(reach(r#","links":[{"title":"no address"},7],"title":3"#, "{}").title, "shop");
        assert_eq!(reach(r#","links":null,"annotations":null"#, r#"{"profile":null,"type":9}"#).email, None);
    }
}
