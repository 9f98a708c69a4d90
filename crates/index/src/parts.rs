//! Parts of one entity, read without making lists of all of it: for walks over many.

use crate::{Doc, render};

impl Doc {
    /// Visits its relations as (type, canonical reference of the other end), sorted, as [`Doc::relations`] lists them.
    pub fn visit_relations(&self, mut visit: impl FnMut(&str, &str)) {
        let place = self.segment.places[self.doc as usize];
        render::visit_relations(self.segment.record(self.doc), place, &mut visit);
    }

    /// Tells whether it has an indexed value under a lower-cased key (`spec.type`), be it one of a list.
    #[must_use]
    pub fn has_value(&self, key: &str) -> bool {
        self.segment.column(key).is_some_and(|column| column.values_of(self.doc).next().is_some())
    }
}
