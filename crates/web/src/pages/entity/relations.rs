//! The relations of an entity as tables, one for each type of relation.

use index::Doc;
use model::EntityRef;

use super::tabs::{APIS, DEPENDENCIES};
use crate::{
    View,
    pages::{
        link::EntityLink,
        parts::{Table, entity_table},
    },
};

/// Relations and what they are called from this side, in the order of the page. Others, of own kinds, come last under their
/// own names.
static NAMES: &[(&str, &str)] = &[
    ("hasPart", "Parts"),
    ("partOf", "Part of"),
    ("dependsOn", "Depends on"),
    ("dependencyOf", "Depended on by"),
    ("providesApi", "Provides"),
    ("consumesApi", "Consumes"),
    ("apiProvidedBy", "Provided by"),
    ("apiConsumedBy", "Consumed by"),
    ("hasMember", "Members"),
    ("memberOf", "Member of"),
    ("parentOf", "Has below it"),
    ("childOf", "Below"),
    ("ownerOf", "Owns"),
];

/// How many rows a relation has that no tab lists.
const MOST_WITHOUT_TAB: usize = 200;

/// The entities at the other end of one type of relation.
pub(in crate::pages) struct RelationCard {
    pub(in crate::pages) relation: String,
    pub(in crate::pages) title: String,
    /// How many there are.
    pub(in crate::pages) total: usize,
    /// Those that are shown.
    pub(in crate::pages) table: Table,
}

impl RelationCard {
    /// What lists all of it, below the address of the entity.
    pub(in crate::pages) fn whole(&self) -> String {
        match self.relation.as_str() {
            api if APIS.contains(&api) => format!("/api#relation-{api}"),
            dependency if DEPENDENCIES.contains(&dependency) => format!("/dependencies#relation-{dependency}"),
            _ => "?inspect=overview".to_owned(),
        }
    }
}

/// What a relation is called from this side: `dependsOn` is "Depends on", `touchedBy` is "Touched by".
pub(in crate::pages) fn relation_title(relation: &str) -> String {
    if let Some((_, title)) = NAMES.iter().find(|(name, _)| *name == relation) {
        return (*title).to_owned();
    }
    let mut title = String::new();
    for c in relation.chars() {
        match c {
            c if title.is_empty() => title.extend(c.to_uppercase()),
            c if c.is_uppercase() => {
                title.push(' ');
                title.extend(c.to_lowercase());
            }
            c => title.push(c),
        }
    }
    title
}

/// One card for each type of relation among those that are wanted, with at most `most` rows.
pub(in crate::pages) fn relation_cards(
    view: &View,
    doc: &Doc,
    is_wanted: impl Fn(&str) -> bool,
    most: usize,
) -> Vec<RelationCard> {
    let mut by_type: Vec<(String, Vec<EntityRef>)> = Vec::new();
    for (relation, other) in doc.relations() {
        let Ok(other) = EntityRef::parse(&other) else { continue };
        if !is_wanted(&relation) {
            continue;
        }
        match by_type.iter_mut().find(|(known, _)| *known == relation) {
            Some((_, others)) => others.push(other),
            None => by_type.push((relation.into_owned(), vec![other])),
        }
    }
    let place = |relation: &str| NAMES.iter().position(|(name, _)| *name == relation).unwrap_or(usize::MAX);
    by_type.sort_by_key(|(relation, _)| place(relation));
    by_type.into_iter().map(|(relation, others)| card(view, relation, &others, most)).collect()
}

fn card(view: &View, relation: String, others: &[EntityRef], most: usize) -> RelationCard {
    let mut links: Vec<_> = others.iter().map(|other| EntityLink::to(view, other)).collect();
    links.sort_by_cached_key(|link| (link.entity_ref.kind().to_owned(), link.title.to_lowercase()));
    let total = links.len();
    // What no tab lists is listed at once.
    let has_tab = APIS.contains(&relation.as_str()) || DEPENDENCIES.contains(&relation.as_str());
    links.truncate(if has_tab { most } else { MOST_WITHOUT_TAB });
    let title = relation_title(&relation);
    RelationCard { table: entity_table(view, &title, &links), title, relation, total }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_of_own_kinds_read_as_words() {
        assert_eq!(relation_title("touchedBy"), "Touched by");
        assert_eq!(relation_title("dependencyOf"), "Depended on by");
    }
}
