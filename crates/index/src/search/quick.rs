//! Going to an entity by a few letters of its name: what a command palette asks.

use std::{collections::HashMap, ops::Range};

use crate::{
    docset::DocSet,
    filter::{self, Filter},
    search::{
        SearchQuery,
        fields::SearchField,
        fuzzy::Pattern,
        scoring::{Scored, best_docs},
    },
    segment::Segment,
    snapshot::{Doc, Live, View},
};

/// The keys whose values are names, with what a fit in them is worth in percent.
const NAMES: [(&str, SearchField, u32); 3] = [
    ("metadata.name", SearchField::Name, 100),
    ("metadata.title", SearchField::Title, 95),
    ("spec.profile.displayname", SearchField::Title, 95),
];

/// A question for the entity that somebody means.
#[derive(Clone, Debug)]
pub struct QuickQuery<'q> {
    /// Some letters of its name or title, in their order: the start, words, initials or what is left when most are dropped.
    pub text: &'q str,
    /// Which entities.
    pub filter: Filter,
    /// How many are wanted at most.
    pub limit: usize,
    /// References of entities that are near to who asks, each with what that is worth. An exact name is worth 1,000, the start
    /// of a name 900, letters in order at most 600. When no letter is typed, these are the answer, best first.
    pub near: &'q [(&'q str, u32)],
}

/// An entity that may be meant.
#[derive(Clone, Debug)]
pub struct QuickHit {
    /// The entity.
    pub doc: Doc,
    /// How well it fits.
    pub score: u32,
    /// The name or title that fits; empty when no letter was typed.
    pub text: String,
    /// Which of them it is.
    pub field: SearchField,
    /// What of it fits, in bytes.
    pub ranges: Vec<Range<usize>>,
}

impl View {
    /// Finds the entities that somebody may mean by a few letters, the likeliest first. When nothing fits, it forgives typing
    /// errors, as [`View::search`] does.
    #[must_use]
    pub fn quick(&self, query: &QuickQuery<'_>) -> Vec<QuickHit> {
        let Some(pattern) = Pattern::new(query.text) else { return self.nearest_to_asker(query) };
        let mut near: HashMap<&str, u32> = HashMap::with_capacity(query.near.len());
        query.near.iter().for_each(|(entity_ref, worth)| *near.entry(entity_ref).or_default() += worth);
        let mut best = Vec::new();
        for (live, set) in self.matching(&query.filter) {
            best.extend(best_of_segment(live, &set, &pattern, &near, query.limit));
        }
        best.sort_by(Scored::compare);
        best.truncate(query.limit);
        if best.is_empty() {
            return self.quick_mistyped(query);
        }
        best.iter().map(|found| quick_hit(found, &pattern)).collect()
    }

    fn nearest_to_asker(&self, query: &QuickQuery<'_>) -> Vec<QuickHit> {
        let mut near: Vec<&(&str, u32)> = query.near.iter().collect();
        near.sort_by_key(|(_, worth)| std::cmp::Reverse(*worth));
        let docs = near.into_iter().filter_map(|(entity_ref, worth)| Some((self.find(entity_ref)?, *worth)));
        let docs = docs.filter(|(doc, _)| self.matches(doc, &query.filter)).take(query.limit);
        docs.map(|(doc, score)| QuickHit { doc, score, text: String::new(), field: SearchField::Name, ranges: vec![] })
            .collect()
    }

    fn quick_mistyped(&self, query: &QuickQuery<'_>) -> Vec<QuickHit> {
        let page = self.search(&SearchQuery {
            text: query.text.to_owned(),
            filter: query.filter.clone(),
            offset: 0,
            limit: query.limit,
            facets: vec![],
        });
        let hits = page.hits.into_iter().map(|hit| {
            let by_name = hit.matches.into_iter().find(|found| found.field <= SearchField::Title);
            let (text, field, ranges) = by_name
                .map_or((String::new(), SearchField::Name, vec![]), |found| (found.text, found.field, found.ranges));
            QuickHit { doc: hit.doc, score: hit.score, text, field, ranges }
        });
        hits.collect()
    }
}

fn best_of_segment<'v>(
    live: &'v Live,
    set: &DocSet<'_>,
    pattern: &Pattern,
    near: &HashMap<&str, u32>,
    limit: usize,
) -> Vec<Scored<'v>> {
    let segment = live.segment.as_ref();
    let mut scores = vec![0u32; segment.len() as usize];
    let mut docs = Vec::new();
    for (key, _, percent) in NAMES {
        let Some(names) = segment.sorted(key) else { continue };
        for (group, signature) in names.signatures(segment).iter().enumerate() {
            if !pattern.may_fit(*signature) {
                continue;
            }
            let Some(score) = pattern.score(names.lower_text(group, segment)) else { continue };
            for doc in names.group_docs(group).iter().filter(|doc| set.contains(**doc)) {
                let best = &mut scores[*doc as usize];
                if *best == 0 {
                    docs.push(*doc);
                }
                *best = (score * percent / 100).max(*best);
            }
        }
    }
    let index = segment.text_index();
    docs.iter().for_each(|doc| scores[*doc as usize] += u32::from(index.popularity[*doc as usize]) / 2);
    for (entity_ref, worth) in near {
        if let Some(doc) = live.find_ref(entity_ref)
            && scores[doc as usize] > 0
        {
            scores[doc as usize] += worth;
        }
    }
    best_docs(live, index, &docs, limit, |doc| scores[doc as usize])
}

fn quick_hit(found: &Scored<'_>, pattern: &Pattern) -> QuickHit {
    let segment = &found.live.segment;
    let names = names_of(segment, found.doc);
    let best = names.into_iter().max_by_key(|(field, text, percent)| {
        let score = pattern.score(&filter::lower(text)).unwrap_or(0) * percent / 100;
        (score, std::cmp::Reverse(*field))
    });
    let (field, text, _) = best.unwrap_or((SearchField::Name, String::new(), 100));
    let ranges = pattern.ranges(&text);
    QuickHit { doc: Doc::new(segment, found.doc), score: found.score, text, field, ranges }
}

fn names_of(segment: &Segment, doc: u32) -> Vec<(SearchField, String, u32)> {
    let mut names = Vec::new();
    for (key, field, percent) in NAMES {
        let values = segment.column(key).into_iter().flat_map(|column| column.values_of(doc));
        let comparable = values.filter(|value| value.meta & crate::column::flags::ABSENT == 0);
        names.extend(comparable.map(|value| (field, value.original(|_| segment.record(doc)).into_owned(), percent)));
    }
    names
}
