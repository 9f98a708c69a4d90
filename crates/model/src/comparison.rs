//! Two moments of one entity compared: whether it came or went, whose it is, what it is wired to, and what else differs.

use std::{collections::BTreeSet, sync::Arc};

use crate::{EntityRef, FactChange, StoredEntity, compare_entities};

/// The relation that says whose an entity is.
const OWNED_BY: &str = "ownedBy";

/// What differs between two moments of an entity; where several are true, the first one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// It was not there before.
    Added,
    /// It is gone.
    Removed,
    /// It belongs to somebody else.
    Reowned,
    /// It has other relations.
    Rewired,
    /// Something else about it differs.
    Changed,
}

impl DifferenceKind {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Added, Self::Removed, Self::Reowned, Self::Rewired, Self::Changed];

    /// The word for addresses and answers: `added`, `removed`, `reowned`, `rewired`, `changed`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Reowned => "reowned",
            Self::Rewired => "rewired",
            Self::Changed => "changed",
        }
    }
}

/// A relation that an entity declares: its type and its other end.
pub type DeclaredEnd = (Arc<str>, EntityRef);

/// What differs between two moments of an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Relations that are new, those of the owner included.
    pub relations_added: Vec<DeclaredEnd>,
    /// Relations that are gone.
    pub relations_removed: Vec<DeclaredEnd>,
    /// Every fact that differs, in order; empty for an entity that came or went.
    pub facts: Vec<FactChange>,
}

/// Tells what sort of difference there is between two moments of an entity; `None` when there is none that a reader could see.
#[must_use]
pub fn classify(before: Option<&StoredEntity>, after: Option<&StoredEntity>) -> Option<DifferenceKind> {
    let (before, after) = match (before, after) {
        (None, None) => return None,
        (None, Some(_)) => return Some(DifferenceKind::Added),
        (Some(_), None) => return Some(DifferenceKind::Removed),
        (Some(before), Some(after)) => (before, after),
    };
    let (old, new) = (ends(before), ends(after));
    let owners = |ends: &BTreeSet<(&str, &str)>| {
        ends.iter().filter(|(kind, _)| *kind == OWNED_BY).map(|(_, other)| (*other).to_owned()).collect::<Vec<_>>()
    };
    if owners(&old) != owners(&new) {
        return Some(DifferenceKind::Reowned);
    }
    if old != new {
        return Some(DifferenceKind::Rewired);
    }
    // A life that ended and began anew with the same content is no difference between the moments.
    let is_same = before.body == after.body && before.errors == after.errors && before.warnings == after.warnings;
    (!is_same).then_some(DifferenceKind::Changed)
}

/// Compares two moments of an entity in detail.
#[must_use]
pub fn compare_moments(before: Option<&StoredEntity>, after: Option<&StoredEntity>) -> Comparison {
    let facts = match (before, after) {
        (Some(before), Some(after)) => compare_entities(before, after),
        _ => Vec::new(),
    };
    Comparison { relations_added: missing(after, before), relations_removed: missing(before, after), facts }
}

fn ends(entity: &StoredEntity) -> BTreeSet<(&str, &str)> {
    entity.relations.iter().map(|relation| (&*relation.forward, relation.other.as_str())).collect()
}

/// The relations of one that the other does not have, in order of appearance.
fn missing(of: Option<&StoredEntity>, from: Option<&StoredEntity>) -> Vec<DeclaredEnd> {
    let known = from.map(ends).unwrap_or_default();
    let relations = of.into_iter().flat_map(|entity| &entity.relations);
    let new = relations.filter(|relation| !known.contains(&(&*relation.forward, relation.other.as_str())));
    new.map(|relation| (relation.forward.clone(), relation.other.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeclaredRelation, EntityBody, Uid};

    fn entity(title: &str, relations: &[(&str, &str)]) -> StoredEntity {
        let relation = |(forward, other): &(&str, &str)| DeclaredRelation {
            forward: (*forward).into(),
            reverse: "reverse".into(),
            other: EntityRef::new("component", "default", other),
            line: 0,
        };
        StoredEntity {
            entity_ref: EntityRef::new("component", "default", "x"),
            uid: Uid(1),
            body: EntityBody::from_json(format!(r#"{{"metadata":{{"name":"x","title":"{title}"}}}}"#)),
            relations: relations.iter().map(relation).collect(),
            errors: Vec::new(),
            parents: Vec::new(),
            line: 1,
            warnings: Vec::new(),
        }
    }

    fn kind(before: &StoredEntity, after: &StoredEntity) -> Option<DifferenceKind> {
        classify(Some(before), Some(after))
    }

    #[test]
    fn the_first_sort_of_difference_counts() {
        let old = entity("a", &[("ownedBy", "p"), ("dependsOn", "q")]);
        assert_eq!(classify(None, Some(&old)), Some(DifferenceKind::Added));
        assert_eq!(classify(Some(&old), None), Some(DifferenceKind::Removed));
        assert_eq!(kind(&old, &entity("b", &[("ownedBy", "r")])), Some(DifferenceKind::Reowned));
        assert_eq!(kind(&old, &entity("b", &[("ownedBy", "p")])), Some(DifferenceKind::Rewired));
        let reordered = [("dependsOn", "q"), ("ownedBy", "p")];
        assert_eq!(kind(&old, &entity("b", &reordered)), Some(DifferenceKind::Changed));
        assert_eq!(kind(&old, &StoredEntity { uid: Uid(2), line: 9, ..entity("a", &reordered) }), None);
        assert_eq!(classify(None, None), None);
    }

    #[test]
    fn the_detail_has_relations_and_facts() {
        let (old, new) = (
            entity("a", &[("dependsOn", "q"), ("dependsOn", "r")]),
            entity("b", &[("dependsOn", "s"), ("dependsOn", "r")]),
        );
        let found = compare_moments(Some(&old), Some(&new));
        let names = |ends: &[DeclaredEnd]| ends.iter().map(|(_, other)| other.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            (names(&found.relations_added), names(&found.relations_removed)),
            (vec!["s".into()], vec!["q".into()])
        );
        assert_eq!(found.facts.iter().map(ToString::to_string).collect::<Vec<_>>(), ["metadata.title: a → b"]);
        let added = compare_moments(None, Some(&new));
        assert_eq!((names(&added.relations_added).len(), added.facts.len()), (2, 0));
    }
}
