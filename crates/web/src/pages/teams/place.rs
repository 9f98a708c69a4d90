//! Where a group or a user stands in the organisation: what is above it, and what is right below.

use std::collections::BTreeSet;

use askama::{Template, filters::HtmlSafe};
use index::{Doc, View};
use model::EntityRef;

use crate::pages::link::{EntityLink, related};

/// How many levels up are shown.
const MOST_LEVELS: usize = 8;

/// The way down from the top of the organisation to an entity, and one level further.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "teams/place.html")]
pub(in crate::pages) struct PlaceInOrganisation {
    /// From the top.
    above: Vec<EntityLink>,
    here: EntityLink,
    below: Vec<EntityLink>,
}

impl HtmlSafe for PlaceInOrganisation {}

impl PlaceInOrganisation {
    /// Finds the place of a group; `None` for one that has nothing above or below it.
    pub(super) fn of(view: &View, doc: &Doc) -> Option<Self> {
        let mut above: Vec<EntityLink> = Vec::new();
        let mut at = doc.clone();
        let here = EntityLink::to_doc(doc);
        // A chain that bites its tail ends.
        while let Some(parent) = related(view, &at, "childOf").into_iter().next() {
            if above.len() == MOST_LEVELS || parent == here || above.contains(&parent) {
                break;
            }
            let next = view.find(parent.entity_ref.as_str());
            above.push(parent);
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        above.reverse();
        let below = related(view, doc, "parentOf");
        (!above.is_empty() || !below.is_empty()).then_some(Self { above, here, below })
    }
}

/// A group and all groups below it, at any depth, itself first.
pub(super) fn with_all_below(view: &View, doc: &Doc) -> Vec<Doc> {
    let mut seen = BTreeSet::from([doc.entity_ref().to_owned()]);
    let mut all = vec![doc.clone()];
    let mut at = 0;
    while let Some(group) = all.get(at).cloned() {
        group.visit_related("parentOf", |other| {
            if seen.insert(other.to_owned()) {
                all.extend(view.find(other));
            }
        });
        at += 1;
    }
    all
}

/// The members of groups, each once, sorted by title.
pub(super) fn members_of(view: &View, groups: &[Doc]) -> Vec<EntityLink> {
    let mut refs = BTreeSet::new();
    for group in groups {
        group.visit_related("hasMember", |other| refs.extend(EntityRef::parse(other)));
    }
    let mut links: Vec<_> = refs.iter().map(|other| EntityLink::to(view, other)).collect();
    links.sort_by_cached_key(|link| link.title.to_lowercase());
    links
}
