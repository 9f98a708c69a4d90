//! The entities that somebody may have meant by a reference that does not exist.

use crate::{
    docset::DocSet,
    filter::{Filter, lower},
    search::typo::Typed,
    snapshot::{Doc, Live, View},
};

/// How many errors are forgiven at most, however long the name.
const MOST_ERRORS: usize = 4;

impl View {
    /// Lists the entities whose names are nearest to a reference that does not exist, nearest first: the same name with another
    /// kind or namespace, then names but for a few typing errors, then names of which one contains the other.
    #[must_use]
    pub fn nearest(&self, kind: &str, namespace: &str, name: &str, limit: usize) -> Vec<Doc> {
        let (kind, namespace, name) = (lower(kind), lower(namespace), lower(name));
        let errors = (name.chars().count() / 3).clamp(1, MOST_ERRORS);
        let typed = Typed::with_most(&name, errors);
        let missing = format!("{kind}:{namespace}/{name}");
        let mut found: Vec<(usize, String, Doc)> = Vec::new();
        for (live, set) in self.matching(&Filter::All) {
            visit_near(live, &set, &name, &typed, |doc, distance| {
                let doc = Doc::new(&live.segment, doc);
                let entity_ref = doc.entity_ref().to_owned();
                let (own_kind, rest) = entity_ref.split_once(':').unwrap_or_default();
                let own_namespace = rest.split('/').next().unwrap_or_default();
                let other = usize::from(own_kind != kind) + usize::from(own_namespace != namespace);
                if entity_ref != missing {
                    found.push((distance * 2 + other, entity_ref, doc));
                }
            });
        }
        found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        found.into_iter().take(limit).map(|(.., doc)| doc).collect()
    }
}

fn visit_near(live: &Live, set: &DocSet<'_>, name: &str, typed: &Typed, mut visit: impl FnMut(u32, usize)) {
    let segment = live.segment.as_ref();
    let Some(names) = segment.sorted("metadata.name") else { return };
    for (group, signature) in names.signatures(segment).iter().enumerate() {
        let own = names.lower_text(group, segment);
        let contains = || own.len() > 2 && name.len() > 2 && (own.contains(name) || name.contains(own));
        let distance = match typed.may_be_near(*signature).then(|| typed.errors(own)[0]) {
            Some(errors) if errors <= typed.most() => errors,
            _ if contains() => typed.most() + 1,
            _ => continue,
        };
        names.group_docs(group).iter().filter(|doc| set.contains(**doc)).for_each(|doc| visit(*doc, distance));
    }
}
