//! Scores: how well each document of a segment matches all terms.

use std::cmp::Ordering;

use crate::{
    docset::DocSet,
    search::{
        building::TextIndex,
        matching::{EXACT_REFERENCE, Needle, Term, Worth},
    },
    snapshot::Live,
};

/// A term that fewer entities match as it was typed, is taken as mistyped too.
pub(crate) const MISTYPED_BELOW: usize = 3;

/// A term, and whether it is taken as mistyped too.
#[derive(Clone, Debug)]
pub(crate) struct AskedTerm {
    pub(crate) term: Term,
    pub(crate) is_mistyped: bool,
}

/// What was found in all segments.
pub(crate) struct ScoredLanes<'v> {
    pub(crate) lanes: Vec<Lane<'v>>,
    pub(crate) terms: Vec<AskedTerm>,
}

impl ScoredLanes<'_> {
    pub(crate) fn is_corrected(&self) -> bool {
        self.terms.iter().any(|asked| asked.is_mistyped)
    }
}

/// The scores of one segment.
pub(crate) struct Lane<'v> {
    pub(crate) live: &'v Live,
    index: &'v TextIndex,
    /// By document; 0 where a term does not match.
    scores: Vec<u32>,
}

/// A document among the best.
pub(crate) struct Scored<'v> {
    pub(crate) live: &'v Live,
    pub(crate) doc: u32,
    pub(crate) score: u32,
    name_length: u8,
}

impl Scored<'_> {
    /// Best first.
    pub(crate) fn compare(a: &Self, b: &Self) -> Ordering {
        let by_score = b.score.cmp(&a.score).then(a.name_length.cmp(&b.name_length));
        by_score.then_with(|| a.live.segment.entity_ref(a.doc).cmp(b.live.segment.entity_ref(b.doc)))
    }
}

/// Scores the documents of all segments; `visible` says which of them count when it is decided whether a term was mistyped.
pub(crate) fn score_lanes<'v>(visible: Vec<(&'v Live, DocSet<'v>)>, terms: Vec<Term>, text: &str) -> ScoredLanes<'v> {
    let first = if terms.is_empty() { 1 } else { 0 };
    let mut lanes: Vec<Lane<'v>> = visible
        .iter()
        .map(|(live, _)| {
            let scores = vec![first; live.segment.len() as usize];
            Lane { live, index: live.segment.text_index(), scores }
        })
        .collect();
    let mut asked = Vec::with_capacity(terms.len());
    for term in terms {
        let is_first = asked.is_empty();
        let score = |is_mistyped: bool| -> Vec<Vec<u16>> {
            lanes.iter().map(|lane| score_term(lane.index, &term, is_mistyped)).collect()
        };
        let as_typed = score(false);
        let is_mistyped = has_typos(&term) && are_few(&as_typed, &visible);
        let scores = if is_mistyped { score(true) } else { as_typed };
        for (lane, scores) in lanes.iter_mut().zip(scores) {
            for (all, one) in lane.scores.iter_mut().zip(scores) {
                let go_on = one > 0 && (is_first || *all > 0);
                *all = if go_on { *all + u32::from(one) } else { 0 };
            }
        }
        asked.push(AskedTerm { term, is_mistyped });
    }
    let exact = text.trim().to_lowercase();
    lanes.iter_mut().for_each(|lane| lane.add_extras(&exact));
    ScoredLanes { lanes, terms: asked }
}

fn has_typos(term: &Term) -> bool {
    term.needles().any(|needle| needle.typed.is_some())
}

fn are_few(scores: &[Vec<u16>], visible: &[(&Live, DocSet<'_>)]) -> bool {
    let found = scores
        .iter()
        .zip(visible)
        .flat_map(|(scores, (_, set))| (0u32..).zip(scores).filter(|(doc, score)| **score > 0 && set.contains(*doc)));
    found.take(MISTYPED_BELOW).count() < MISTYPED_BELOW
}

fn score_term(index: &TextIndex, term: &Term, is_mistyped: bool) -> Vec<u16> {
    let mut scores = score_needle(index, &term.whole, is_mistyped);
    let mut pieces = term.pieces.iter().map(|piece| score_needle(index, piece, is_mistyped));
    let Some(mut least) = pieces.next() else { return scores };
    for piece in pieces {
        least.iter_mut().zip(piece).for_each(|(least, score)| *least = score.min(*least));
    }
    scores.iter_mut().zip(least).for_each(|(best, score)| *best = score.max(*best));
    scores
}

fn score_needle(index: &TextIndex, needle: &Needle, is_mistyped: bool) -> Vec<u16> {
    let mut scores = vec![0u16; index.popularity.len()];
    let dictionary = &index.dictionary;
    let mut add = |token: usize, fit| {
        let worth = Worth::of(fit);
        for (doc, roles) in dictionary.postings(token) {
            let best = &mut scores[doc as usize];
            *best = worth.score(roles).max(*best);
        }
    };
    dictionary.visit_fits(needle, &mut add);
    if is_mistyped {
        dictionary.visit_mistyped(needle, &mut add);
    }
    scores
}

impl<'v> Lane<'v> {
    fn add_extras(&mut self, exact: &str) {
        for (score, popularity) in self.scores.iter_mut().zip(&self.index.popularity) {
            if *score > 0 {
                *score += u32::from(*popularity);
            }
        }
        if let Some(doc) = self.live.find_ref(exact)
            && self.scores[doc as usize] > 0
        {
            self.scores[doc as usize] += EXACT_REFERENCE;
        }
    }

    /// Lists the members of a set that match, in order.
    pub(crate) fn matches_in(&self, set: &DocSet<'_>) -> Vec<u32> {
        match set {
            DocSet::Sparse(docs) => docs.iter().copied().filter(|doc| self.scores[*doc as usize] > 0).collect(),
            set => {
                let found = (0u32..).zip(&self.scores).filter(|(doc, score)| **score > 0 && set.contains(*doc));
                found.map(|(doc, _)| doc).collect()
            }
        }
    }

    /// Picks the best of the documents, in no order.
    pub(crate) fn best_of(&self, docs: &[u32], most: usize) -> Vec<Scored<'v>> {
        best_docs(self.live, self.index, docs, most, |doc| self.scores[doc as usize])
    }
}

/// Picks the documents with the highest scores, in no order. Of equal ones those with the shorter name are better, then those
/// whose reference comes first.
pub(crate) fn best_docs<'v>(
    live: &'v Live,
    index: &TextIndex,
    docs: &[u32],
    most: usize,
    score: impl Fn(u32) -> u32,
) -> Vec<Scored<'v>> {
    if most == 0 || docs.is_empty() {
        return Vec::new();
    }
    let refs = live.segment.by_ref();
    // One number says it all, and small is good.
    let mut keys: Vec<u64> = docs
        .iter()
        .map(|doc| {
            let score = u64::from(u32::from(u16::MAX) - score(*doc).min(u16::MAX.into()));
            score << 40 | u64::from(index.name_lengths[*doc as usize]) << 32 | u64::from(refs.rank[*doc as usize])
        })
        .collect();
    if keys.len() > most {
        keys.select_nth_unstable(most - 1);
        keys.truncate(most);
    }
    keys.into_iter()
        .map(|key| {
            let doc = refs.order[(key & u64::from(u32::MAX)) as usize];
            Scored { live, doc, score: score(doc), name_length: index.name_lengths[doc as usize] }
        })
        .collect()
}
