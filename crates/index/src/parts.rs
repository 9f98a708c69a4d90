//! Parts of one entity, read without making lists of all of it: for walks over many.

use crate::{Doc, render};

impl Doc {
    /// Visits its relations as (type, canonical reference of the other end), sorted, as [`Doc::relations`] lists them.
    pub fn visit_relations(&self, mut visit: impl FnMut(&str, &str)) {
        let place = self.segment.places[self.doc as usize];
        render::visit_relations(self.segment.record(self.doc), place, &mut |kind, target| {
            visit(kind, target);
            true
        });
    }

    /// Visits the other ends of its relations of one type, as canonical references in order. Reads no further than to them.
    pub fn visit_related(&self, relation: &str, mut visit: impl FnMut(&str)) {
        let place = self.segment.places[self.doc as usize];
        render::visit_relations(self.segment.record(self.doc), place, &mut |kind, target| {
            if kind == relation {
                visit(target);
            }
            kind <= relation
        });
    }

    /// The entity without its relations and status, as JSON: what its author writes, with uid and etag. A group may have
    /// thousands of relations, and reading past them takes longer than all the rest.
    #[must_use]
    pub fn descriptor_json(&self) -> String {
        let place = self.segment.places[self.doc as usize];
        let head = &self.segment.record(self.doc)[place.json_at as usize..place.relations_at as usize];
        let mut json = String::with_capacity(head.len() + 1);
        json.push_str(head);
        json.push('}');
        json
    }

    /// Tells whether it has an indexed value under a lower-cased key (`spec.type`), be it one of a list.
    #[must_use]
    pub fn has_value(&self, key: &str) -> bool {
        self.segment.column(key).is_some_and(|column| column.values_of(self.doc).next().is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{DeclaredRelation, EntityBody, EntityRef, ErrorChain, Seq, StoredEntity, Uid};

    use crate::{Doc, Fold, Visibility};

    fn shop(errors: Vec<ErrorChain>) -> Doc {
        shop_with(errors, "resource:default/b")
    }

    fn shop_with(errors: Vec<ErrorChain>, resource: &str) -> Doc {
        let relation = |forward: &str, other: &str| DeclaredRelation {
            forward: forward.into(),
            reverse: "back".into(),
            other: EntityRef::parse(other).expect("a reference"),
            line: 0,
        };
        let body = r#"{"metadata":{"name":"shop"},"apiVersion":"a/v1","kind":"Component","spec":{"type":"service"}}"#;
        let relations = vec![
            relation("dependsOn", "resource:default/b"),
            relation("ownedBy", "group:default/t"),
            relation("dependsOn", "resource:default/a"),
            relation("consumesApi", "api:default/a"),
            relation("dependsOn", resource),
        ];
        let entity = StoredEntity {
            entity_ref: EntityRef::parse("component:default/shop").expect("a reference"),
            uid: Uid(7),
            body: EntityBody::from_json(body.to_owned()),
            relations,
            errors,
            parents: Vec::new(),
            line: 1,
            warnings: Vec::new(),
        };
        let view = Fold::build(Seq(1), vec![Arc::new(entity)]).snapshot().view(Visibility::Everything);
        view.find("component:default/shop").expect("it is there")
    }

    #[test]
    fn the_descriptor_is_the_entity_without_what_was_found_out_about_it() {
        let error = ErrorChain::new("InputError", "no");
        let doc = shop(vec![error]);
        let mut whole: serde_json::Value = serde_json::from_str(doc.as_json()).expect("the index serialises JSON");
        for part in ["relations", "status"] {
            assert!(whole.as_object_mut().expect("an object").remove(part).is_some(), "{part}");
        }
        let descriptor: serde_json::Value = serde_json::from_str(&doc.descriptor_json()).expect("it is JSON");
        assert_eq!(descriptor, whole);
    }

    #[test]
    fn relations_with_escapes_among_them_are_all_visited_once() {
        for odd in ["resource:default/a\"b", "resource:default/\\", "resource:default/zz\""] {
            let doc = shop_with(Vec::new(), odd);
            let mut found = Vec::new();
            doc.visit_relations(|kind, target| found.push((kind.to_owned(), target.to_owned())));
            let listed: Vec<(String, String)> =
                doc.relations().iter().map(|(kind, target)| (kind.to_string(), target.to_string())).collect();
            assert_eq!(found, listed);
            assert!(found.iter().any(|(_, target)| target == odd), "{found:?}");
        }
    }

    #[test]
    fn the_relations_of_one_type_are_visited_in_order() {
        let doc = shop(Vec::new());
        let related = |relation: &str| {
            let mut found = Vec::new();
            doc.visit_related(relation, |other| found.push(other.to_owned()));
            found
        };
        assert_eq!(related("dependsOn"), ["resource:default/a", "resource:default/b"]);
        assert_eq!(related("ownedBy"), ["group:default/t"]);
        assert_eq!(related("consumesApi"), ["api:default/a"]);
        assert_eq!(related("hasPart"), [""; 0]);
    }
}
