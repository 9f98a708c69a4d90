//! What the address of the graph says. The names are Backstage's; `fold`, `unfold[]`, `view` and `offset` are our own.

use std::collections::BTreeSet;

use diagram::{Curve, Direction};
use model::EntityRef;
use url::form_urlencoded;

use super::walk::{Directions, Route};
use crate::pages::urls;

/// How many texts are looked up to find where to start, and how much else may be chosen: every link of the page repeats it.
const MOST_TYPED: usize = 4;
const MOST_CHOICES: usize = 100;

/// How far to go when nothing is said, as in Backstage.
const USUAL_DEPTH: u32 = 1;

/// What small groups are made after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) enum FoldBy {
    /// Only when there are too many.
    #[default]
    Need,
    Owner,
    System,
    Kind,
}

impl FoldBy {
    /// All of them, with their names in the address and for people.
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Need, "", "Only when there are many"),
        (Self::Owner, "owner", "By owner"),
        (Self::System, "system", "By system"),
        (Self::Kind, "kind", "By kind"),
    ];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(fold, _, _)| *fold == self).map_or("", |(_, word, _)| word)
    }
}

/// The question that an address asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct GraphQuery {
    pub(super) roots: Vec<EntityRef>,
    /// Roots that are no references: what somebody typed.
    pub(super) typed: Vec<String>,
    /// `None` for as far as it goes.
    pub(super) depth: Option<u32>,
    /// Lower case; empty for all.
    pub(super) kinds: BTreeSet<String>,
    /// Empty for all.
    pub(super) relations: BTreeSet<String>,
    pub(super) is_unidirectional: bool,
    pub(super) is_merging: bool,
    pub(super) direction: Direction,
    pub(super) curve: Curve,
    pub(super) shows_filters: bool,
    pub(super) fold: FoldBy,
    pub(super) unfolded: BTreeSet<String>,
    pub(super) is_table: bool,
    /// The first row of the table.
    pub(super) offset: usize,
}

impl Default for GraphQuery {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            typed: Vec::new(),
            depth: Some(USUAL_DEPTH),
            kinds: BTreeSet::new(),
            relations: BTreeSet::new(),
            is_unidirectional: true,
            is_merging: true,
            direction: Direction::Right,
            curve: Curve::Smooth,
            shows_filters: true,
            fold: FoldBy::Need,
            unfolded: BTreeSet::new(),
            is_table: false,
            offset: 0,
        }
    }
}

impl GraphQuery {
    /// The graph around one entity.
    pub(in crate::pages) fn of(entity_ref: &EntityRef) -> Self {
        Self { roots: vec![entity_ref.clone()], ..Self::default() }
    }

    /// The graph around some entities.
    pub(in crate::pages) fn around(roots: &[EntityRef]) -> Self {
        Self { roots: roots.to_vec(), ..Self::default() }
    }

    /// Reads a query string. What cannot be read is taken for what is usual, as a bookmark must open something.
    pub(super) fn parse(raw: Option<&str>) -> Self {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            query.take(name.split('[').next().unwrap_or_default(), value.trim());
        }
        query
    }

    fn take(&mut self, name: &str, value: &str) {
        match name {
            "rootEntityRefs" if !value.is_empty() => match EntityRef::parse(value) {
                Ok(root) => urls::take_value(&mut self.roots, root),
                Err(_) if self.typed.len() < MOST_TYPED => urls::take_value(&mut self.typed, value.to_owned()),
                Err(_) => {}
            },
            "maxDepth" if value == "infinite" => self.depth = None,
            "maxDepth" => self.depth = value.parse().ok().filter(|depth| *depth > 0).or(Some(USUAL_DEPTH)),
            "selectedKinds" | "selectedRelations" | "unfold" if self.is_full() => {}
            "selectedKinds" if !value.is_empty() => _ = self.kinds.insert(value.to_lowercase()),
            "selectedRelations" if !value.is_empty() => _ = self.relations.insert(value.to_owned()),
            "unidirectional" => self.is_unidirectional = value != "false",
            "mergeRelations" => self.is_merging = value != "false",
            "direction" => self.direction = Direction::parse(value).unwrap_or_default(),
            "curve" => self.curve = if value == "curveStepBefore" { Curve::Step } else { Curve::Smooth },
            "showFilters" => self.shows_filters = value != "false",
            "fold" => {
                let known = FoldBy::ALL.iter().find(|(_, word, _)| *word == value);
                self.fold = known.map_or(FoldBy::Need, |(fold, _, _)| *fold);
            }
            "unfold" if !value.is_empty() => _ = self.unfolded.insert(value.to_owned()),
            "view" => self.is_table = value == "table",
            "offset" => self.offset = value.parse().unwrap_or(0),
            _ => {}
        }
    }

    /// Whether it says as much as one address may.
    fn is_full(&self) -> bool {
        self.kinds.len() + self.relations.len() + self.unfolded.len() >= MOST_CHOICES
    }

    /// What the address says beyond what is usual, in a fixed order.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let mut all = |name: &'static str, values: Vec<String>| {
            pairs.extend(values.into_iter().map(|value| (name, value)));
        };
        let unless = |usual: bool, value: &str| if usual { Vec::new() } else { vec![value.to_owned()] };
        all("rootEntityRefs[]", self.roots.iter().map(ToString::to_string).collect());
        all("rootEntityRefs[]", self.typed.clone());
        all(
            "maxDepth",
            match self.depth {
                Some(USUAL_DEPTH) => Vec::new(),
                Some(depth) => vec![depth.to_string()],
                None => vec!["infinite".to_owned()],
            },
        );
        all("selectedKinds[]", self.kinds.iter().cloned().collect());
        all("selectedRelations[]", self.relations.iter().cloned().collect());
        all("unidirectional", unless(self.is_unidirectional, "false"));
        all("mergeRelations", unless(self.is_merging, "false"));
        all("direction", unless(self.direction == Direction::Right, self.direction.name()));
        all("curve", unless(self.curve == Curve::Smooth, "curveStepBefore"));
        all("showFilters", unless(self.shows_filters, "false"));
        all("fold", unless(self.fold == FoldBy::Need, self.fold.word()));
        all("unfold[]", self.unfolded.iter().cloned().collect());
        all("view", unless(!self.is_table, "table"));
        all("offset", unless(self.offset == 0, &self.offset.to_string()));
        pairs
    }

    /// Its address.
    pub(in crate::pages) fn href(&self) -> String {
        self.href_at("/catalog-graph")
    }

    /// Its address as a file.
    pub(super) fn svg_href(&self) -> String {
        Self { is_table: false, offset: 0, ..self.clone() }.href_at("/catalog-graph.svg")
    }

    fn href_at(&self, path: &str) -> String {
        let pairs = self.pairs();
        urls::with_query(path, pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// The same with one more root.
    pub(super) fn with_root(&self, entity_ref: &EntityRef) -> Self {
        let mut query = self.clone();
        if !query.roots.contains(entity_ref) {
            query.roots.push(entity_ref.clone());
        }
        Self { typed: Vec::new(), offset: 0, ..query }
    }

    /// The same without a root.
    pub(super) fn without_root(&self, entity_ref: &EntityRef) -> Self {
        let mut query = Self { offset: 0, ..self.clone() };
        query.roots.retain(|root| root != entity_ref);
        query
    }

    /// The same with a group unfolded.
    pub(super) fn unfolding(&self, group: &str) -> Self {
        let mut query = self.clone();
        query.unfolded.insert(group.to_owned());
        query
    }

    /// The same with a group folded again, and the smaller groups in it.
    pub(super) fn folding(&self, group: &str) -> Self {
        let mut query = self.clone();
        query.unfolded.retain(|other| other != group && !other.strip_prefix(group).is_some_and(|r| r.starts_with('.')));
        query
    }

    /// The walk that it asks for.
    pub(super) fn route(&self) -> Route {
        Route {
            roots: self.roots.clone(),
            depth: self.depth,
            kinds: self.kinds.clone(),
            relations: self.relations.clone(),
            directions: match (self.is_merging, self.is_unidirectional) {
                (true, _) => Directions::Merged,
                (false, true) => Directions::Outward,
                (false, false) => Directions::Both,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_backstage_are_understood() {
        let query = GraphQuery::parse(Some(
            "rootEntityRefs%5B%5D=component%3Adefault%2Fshop&rootEntityRefs[1]=API:default/Orders&maxDepth=infinite\
             &selectedKinds[]=API&selectedRelations%5B%5D=ownedBy&unidirectional=false&mergeRelations=false\
             &direction=TB&showFilters=false&curve=curveStepBefore",
        ));
        let roots: Vec<_> = query.roots.iter().map(EntityRef::as_str).collect();
        assert_eq!(roots, ["component:default/shop", "api:default/orders"]);
        assert_eq!((query.depth, query.direction, query.curve), (None, Direction::Down, Curve::Step));
        assert_eq!(query.kinds, BTreeSet::from(["api".to_owned()]));
        assert_eq!(query.route().directions, Directions::Both);
        assert!(!query.shows_filters);
        assert_eq!(GraphQuery::parse(query.href().split_once('?').map(|(_, raw)| raw)), query);
    }

    #[test]
    fn what_is_usual_is_not_in_the_address() {
        let query = GraphQuery::of(&EntityRef::new("system", "default", "shop"));
        assert_eq!(query.href(), "/catalog-graph?rootEntityRefs[]=system:default/shop");
        assert_eq!(query.svg_href(), "/catalog-graph.svg?rootEntityRefs[]=system:default/shop");
        assert_eq!(GraphQuery::default().href(), "/catalog-graph");
    }

    #[test]
    fn a_group_takes_its_parts_along_when_it_is_folded_again() {
        let query = GraphQuery::default().unfolding("fold-1").unfolding("fold-1.3").unfolding("fold-12");
        assert_eq!(query.folding("fold-1").unfolded, BTreeSet::from(["fold-12".to_owned()]));
    }

    #[test]
    fn nonsense_is_taken_for_what_is_usual() {
        let query = GraphQuery::parse(Some("maxDepth=-1&direction=up&curve=x&fold=colour&offset=x&view=y&zzz=1"));
        assert_eq!(query, GraphQuery::default());
    }
}
