//! Full-text search: words and substrings of what people know of an entity, with typing errors forgiven.
//!
//! A segment has a dictionary of its distinct words and whole values, each with the documents that have it and what it is to
//! them. A term is looked up in it as the start of tokens (they are sorted), inside of tokens (they lie in one piece of memory,
//! which is searched as one text), and, when hardly anything matches, as a mistyped word (each has a signature of its letters,
//! which leaves few to compare). A document's score for a term is the best of what these fits are worth; every term must match.
//! Fields and highlights are found out from the texts, for the rows of the page alone.

pub(crate) mod building;
mod dictionary;
mod fields;
mod fuzzy;
mod highlight;
pub(crate) mod matching;
mod nearest;
mod operations;
mod quick;
pub(crate) mod scoring;
pub(crate) mod typo;
pub(crate) mod words;

use std::{ops::Range, sync::Arc};

use crate::{
    facets::{self, FacetValue},
    filter::{self, Filter},
    search::{
        matching::parse_terms,
        scoring::{Lane, Scored, score_lanes},
    },
    snapshot::{Doc, View},
};

pub use fields::SearchField;
pub use quick::{QuickHit, QuickQuery};

/// A question for entities that match a text.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    /// Terms, of which each must match somewhere. An empty text matches everything; one of signs alone matches nothing.
    pub text: String,
    /// Which entities.
    pub filter: Filter,
    /// How many of the best hits are passed over.
    pub offset: usize,
    /// How many hits are wanted at most.
    pub limit: usize,
    /// What is counted over the matches.
    pub facets: Vec<SearchFacet>,
}

/// A key whose values are counted over the matches of a text.
#[derive(Clone, Debug)]
pub struct SearchFacet {
    /// The key.
    pub key: String,
    /// Which entities count: most often the filter of the query without what was chosen of this key.
    pub filter: Filter,
}

/// The best matches.
#[derive(Clone, Debug)]
pub struct SearchPage {
    /// Best first; equal ones in order of name length and reference.
    pub hits: Vec<SearchHit>,
    /// How many entities match.
    pub total: u64,
    /// For each facet asked for, its values in byte order.
    pub facets: Vec<Vec<FacetValue>>,
    /// Whether typing errors were forgiven, because hardly anything matched a term as it was typed.
    pub is_corrected: bool,
}

/// An entity that matches.
#[derive(Clone, Debug)]
pub struct SearchHit {
    /// The entity.
    pub doc: Doc,
    /// How well it matches.
    pub score: u32,
    /// Where, in order of field; for an empty text nowhere.
    pub matches: Vec<FieldMatch>,
}

/// A value that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMatch {
    /// The field.
    pub field: SearchField,
    /// The value, cut when it is very long.
    pub text: String,
    /// What of it matches, in bytes; in order and not overlapping.
    pub ranges: Vec<Range<usize>>,
}

impl View {
    /// Finds entities by what people know of them: names, titles, descriptions, tags, owners, kinds and types, links, and the
    /// operations of APIs.
    #[must_use]
    pub fn search(&self, query: &SearchQuery) -> SearchPage {
        let terms = parse_terms(&query.text);
        if terms.is_empty() && !query.text.trim().is_empty() {
            return SearchPage {
                hits: vec![],
                total: 0,
                facets: vec![vec![]; query.facets.len()],
                is_corrected: false,
            };
        }
        let scored = score_lanes(self.matching(&Filter::All), terms, &query.text);
        let facets = query.facets.iter().map(|facet| self.count_facet(facet, &scored.lanes)).collect();
        let mut total = 0;
        let mut best = Vec::new();
        for (live, set) in self.matching(&query.filter) {
            let Some(lane) = scored.lanes.iter().find(|lane| Arc::ptr_eq(&lane.live.segment, &live.segment)) else {
                continue;
            };
            let docs = lane.matches_in(&set);
            total += docs.len() as u64;
            best.extend(lane.best_of(&docs, query.offset.saturating_add(query.limit)));
        }
        best.sort_by(Scored::compare);
        let wanted = best.iter().skip(query.offset).take(query.limit);
        let hits = wanted.map(|found| SearchHit {
            doc: Doc::new(&found.live.segment, found.doc),
            score: found.score,
            matches: highlight::find_matches(&found.live.segment, found.doc, &scored.terms),
        });
        SearchPage { hits: hits.collect(), total, facets, is_corrected: scored.is_corrected() }
    }

    fn count_facet(&self, facet: &SearchFacet, lanes: &[Lane<'_>]) -> Vec<FacetValue> {
        let mut sets = self.matching(&facet.filter);
        sets.retain_mut(|(live, set)| {
            let Some(lane) = lanes.iter().find(|lane| Arc::ptr_eq(&lane.live.segment, &live.segment)) else {
                return false;
            };
            let docs = lane.matches_in(set);
            *set = crate::docset::DocSet::from_sorted(docs, live.segment.len());
            true
        });
        facets::count_values(&filter::lower(&facet.key), &sets)
    }
}
