//! Which changes somebody wants to hear of.

use serde::{Deserialize, Serialize};

use crate::{Change, ChangeKind, EntityRef, StoredEntity};

/// The forward name of the relation from an entity to its owner.
const OWNED_BY: &str = "ownedBy";

/// A condition on changes. Empty lists say nothing; of a list one value must fit, and all lists must.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ChangeFilter {
    /// Kinds of entities, in lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Namespaces, in lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Single entities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<EntityRef>,
    /// Owners: of the entity before or after the change, so that the old owner hears of a handover as well as the new one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<EntityRef>,
    /// Types of relations by either name: the change added or took away one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<String>,
    /// What happened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub happened: Vec<ChangeKind>,
}

impl ChangeFilter {
    /// Whether it lets every change pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a change can only be judged with the entity as it was before.
    #[must_use]
    pub fn needs_before(&self) -> bool {
        !self.owners.is_empty() || !self.relations.is_empty()
    }

    /// Judges a change by its head alone; `false` is final.
    #[must_use]
    pub fn may_match(&self, entity_ref: &EntityRef, kind: ChangeKind) -> bool {
        let fits = |list: &[String], own: &str| list.is_empty() || list.iter().any(|word| word == own);
        fits(&self.kinds, entity_ref.kind())
            && fits(&self.namespaces, entity_ref.namespace())
            && (self.refs.is_empty() || self.refs.contains(entity_ref))
            && (self.happened.is_empty() || self.happened.contains(&kind))
    }

    /// Judges a change; `before` is the entity as it was, where it was there.
    #[must_use]
    pub fn matches(&self, change: &Change, before: Option<&StoredEntity>) -> bool {
        let after = change.entity.as_deref();
        self.may_match(&change.entity_ref, change.kind)
            && (self.owners.is_empty() || [before, after].into_iter().flatten().any(|entity| self.is_owned(entity)))
            && (self.relations.is_empty() || self.touches_relation(before, after))
    }

    fn is_owned(&self, entity: &StoredEntity) -> bool {
        let mut owners = entity.relations.iter().filter(|relation| &*relation.forward == OWNED_BY);
        owners.any(|relation| self.owners.contains(&relation.other))
    }

    fn touches_relation(&self, before: Option<&StoredEntity>, after: Option<&StoredEntity>) -> bool {
        let of = |entity: Option<&StoredEntity>| {
            let relations = entity.map(|entity| entity.relations.as_slice()).unwrap_or_default();
            let wanted = relations.iter().filter(|relation| {
                let is_named = |name: &String| {
                    name.eq_ignore_ascii_case(&relation.forward) || name.eq_ignore_ascii_case(&relation.reverse)
                };
                self.relations.iter().any(is_named)
            });
            let mut pairs: Vec<_> = wanted.map(|relation| (relation.forward.clone(), relation.other.clone())).collect();
            pairs.sort();
            pairs.dedup();
            pairs
        };
        of(before) != of(after)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Cause, DeclaredRelation, EntityBody, Seq, Timestamp, Uid};

    fn entity(relations: &[(&str, &str, &str)]) -> StoredEntity {
        let relation = |(forward, reverse, other): &(&str, &str, &str)| DeclaredRelation {
            forward: (*forward).into(),
            reverse: (*reverse).into(),
            other: EntityRef::parse(other).unwrap(),
            line: 0,
        };
        StoredEntity {
            entity_ref: EntityRef::new("component", "default", "shop"),
            uid: Uid(1),
            body: EntityBody::from_json(r#"{"metadata":{"name":"shop"}}"#),
            relations: relations.iter().map(relation).collect(),
            errors: Vec::new(),
            parents: Vec::new(),
            line: 1,
            warnings: Vec::new(),
        }
    }

    fn change(kind: ChangeKind, after: Option<StoredEntity>) -> Change {
        Change {
            seq: Seq(1),
            at: Timestamp(0),
            entity_ref: EntityRef::new("component", "default", "shop"),
            kind,
            entity: after.map(Arc::new),
            cause: Cause::default(),
        }
    }

    const A: (&str, &str, &str) = ("ownedBy", "ownerOf", "group:default/a");
    const B: (&str, &str, &str) = ("ownedBy", "ownerOf", "group:default/b");
    const DEP: (&str, &str, &str) = ("dependsOn", "dependencyOf", "resource:default/db");

    #[test]
    fn an_empty_filter_lets_everything_pass() {
        let filter = ChangeFilter::default();
        assert!(filter.is_empty() && !filter.needs_before());
        assert!(filter.matches(&change(ChangeKind::Removed, None), None));
    }

    #[test]
    fn both_sides_of_a_handover_hear_of_it() {
        let handover = change(ChangeKind::Changed, Some(entity(&[B])));
        let of = |owner: &str| ChangeFilter { owners: vec![EntityRef::parse(owner).unwrap()], ..Default::default() };
        for (owner, hears) in [("group:default/a", true), ("group:default/b", true), ("group:default/c", false)] {
            assert_eq!(of(owner).matches(&handover, Some(&entity(&[A]))), hears, "{owner}");
        }
    }

    #[test]
    fn a_relation_is_touched_when_it_comes_or_goes_and_not_when_it_stays() {
        let of = |name: &str| ChangeFilter { relations: vec![name.to_owned()], ..Default::default() };
        let gained = change(ChangeKind::Changed, Some(entity(&[A, DEP])));
        assert!(of("dependsOn").matches(&gained, Some(&entity(&[A]))));
        assert!(of("dependencyof").matches(&gained, Some(&entity(&[A]))), "either name, in any case");
        assert!(!of("ownedBy").matches(&gained, Some(&entity(&[A]))));
        assert!(!of("dependsOn").matches(&gained, Some(&entity(&[A, DEP]))));
        assert!(of("dependsOn").matches(&change(ChangeKind::Removed, None), Some(&entity(&[DEP]))));
    }

    #[test]
    fn lists_are_alternatives_and_all_lists_must_fit() {
        let filter = ChangeFilter {
            kinds: vec!["api".to_owned(), "component".to_owned()],
            namespaces: vec!["default".to_owned()],
            happened: vec![ChangeKind::Added],
            ..Default::default()
        };
        assert!(filter.matches(&change(ChangeKind::Added, Some(entity(&[]))), None));
        assert!(!filter.matches(&change(ChangeKind::Removed, None), None));
        let json = serde_json::to_string(&filter).unwrap();
        assert_eq!(json, r#"{"kinds":["api","component"],"namespaces":["default"],"happened":["added"]}"#);
        assert_eq!(serde_json::from_str::<ChangeFilter>(&json).unwrap(), filter);
        assert!(
            serde_json::from_str::<ChangeFilter>(r#"{"kind":["api"]}"#).is_err(),
            "a misspelt list is no empty one"
        );
    }
}
