//! The relations of an entity as tables, one for each type of relation.

use index::Doc;
use insights::QualityOf;
use model::EntityRef;

use super::tabs::{APIS, DEPENDENCIES};
use crate::{
    View,
    pages::{
        link::EntityLink,
        parts::{Cell, Head, Table, entity_table},
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

/// Where the tables of entities have their description.
const BEFORE_DESCRIPTION: usize = 4;

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
    by_type.into_iter().map(|(relation, others)| card(view, doc, relation, &others, most)).collect()
}

fn card(view: &View, doc: &Doc, relation: String, others: &[EntityRef], most: usize) -> RelationCard {
    let mut links: Vec<_> = others.iter().map(|other| EntityLink::to(view, other)).collect();
    links.sort_by_cached_key(|link| (link.entity_ref.kind().to_owned(), link.title.to_lowercase()));
    let total = links.len();
    // What no tab lists is listed at once.
    let has_tab = APIS.contains(&relation.as_str()) || DEPENDENCIES.contains(&relation.as_str());
    links.truncate(if has_tab { most } else { MOST_WITHOUT_TAB });
    let title = relation_title(&relation);
    let mut table = entity_table(view, &title, &links);
    add_qualities(view, doc, &relation, &links, &mut table);
    RelationCard { table, title, relation, total }
}

/// Adds what descriptors say about dependencies, where they say something.
fn add_qualities(view: &View, doc: &Doc, relation: &str, links: &[EntityLink], table: &mut Table) {
    let own = EntityRef::parse(doc.entity_ref()).expect("references in the index are canonical");
    let qualities: Vec<Option<String>> = match relation {
        "dependsOn" | "consumesApi" => {
            let declared = QualityOf::all(doc);
            links.iter().map(|link| quality_words(view, &declared, &link.entity_ref)).collect()
        }
        "dependencyOf" | "apiConsumedBy" => {
            let of = |link: &EntityLink| {
                let dependent = view.find(link.entity_ref.as_str())?;
                quality_words(view, &QualityOf::all(&dependent), &own)
            };
            links.iter().map(of).collect()
        }
        _ => return,
    };
    if qualities.iter().all(Option::is_none) {
        return;
    }
    table.heads.insert(BEFORE_DESCRIPTION, Head::plain("When it fails"));
    for (row, words) in table.rows.iter_mut().zip(qualities) {
        row.insert(BEFORE_DESCRIPTION, words.map_or(Cell::Empty, Cell::Text));
    }
}

/// `soft, felt after 6 h, psp-b stands in: Shows old prices`
fn quality_words(view: &View, declared: &[QualityOf], other: &EntityRef) -> Option<String> {
    let QualityOf { quality, alternatives } = declared.iter().find(|found| found.quality.other == *other)?;
    let mut words = quality.strength.word().to_owned();
    if !quality.delay.is_none() {
        words.push_str(&format!(", felt after {}", quality.delay.words()));
    }
    if !alternatives.is_empty() {
        let titles: Vec<String> = alternatives.iter().map(|other| EntityLink::to(view, other).title).collect();
        words.push_str(&format!(", {} can stand in", titles.join(" or ")));
    }
    if let Some(note) = &quality.note {
        words.push_str(&format!(": {note}"));
    }
    Some(words)
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
