//! Two moments compared: what came, went, changed hands, was rewired or changed otherwise.

use std::sync::Arc;

use model::{Cause, Comparison, DifferenceKind, EntityRef, Seq, StoredEntity, Timestamp, classify, compare_moments};
use store::{Touched, TwoForms};
use tokio::sync::Semaphore;

use super::{Gate, GateError};

/// How many entities are compared for one answer.
const MOST_COMPARED: u32 = 100_000;
/// How many answers are being found at a time; others wait.
static COMPARING: Semaphore = Semaphore::const_new(2);
/// How many of them are in memory at a time.
const AT_ONCE: usize = 1_000;

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompareQuery {
    /// The earlier moment.
    pub from: Seq,
    /// The later moment.
    pub to: Seq,
    /// Only entities of this kind, in lower case.
    pub kind: Option<String>,
    /// Only entities that belonged to it at one of the moments.
    pub owner: Option<EntityRef>,
    /// Only entities that were a part of it at one of the moments.
    pub system: Option<EntityRef>,
    /// Only such differences.
    pub what: Option<DifferenceKind>,
    /// How many of the differences are passed over.
    pub offset: usize,
    /// How many are told at most.
    pub limit: usize,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differences {
    /// How many there are of each sort, whichever sort was asked for.
    pub counts: [(DifferenceKind, usize); 5],
    /// Those of the page, by sort and reference.
    pub rows: Vec<Difference>,
    /// How many there are of what was asked for.
    pub total: usize,
}

/// An entity that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which one.
    pub entity_ref: EntityRef,
    /// How.
    pub kind: DifferenceKind,
    /// What differs.
    pub comparison: Comparison,
    /// The newest of its changes between the moments.
    pub seq: Seq,
    /// When that was.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// How many changes there were.
    pub changes: u64,
}

impl Gate {
    /// Compares two moments. Only what was touched between them is read.
    ///
    /// # Errors
    /// `Input` when too much differs to be told; `Store`.
    pub async fn compare(&self, query: &CompareQuery) -> Result<Differences, GateError> {
        // Refused only when closed, which nobody does.
        let _turn = COMPARING.acquire().await;
        let touched = self.touched(query).await?;
        let mut found: Vec<(DifferenceKind, Touched)> = Vec::new();
        for chunk in touched.chunks(AT_ONCE) {
            let forms = self.forms_of(query.from, chunk).await?;
            // Both are in an order of their own; the number joins them.
            let of = |last: Seq| forms.binary_search_by_key(&last, |form| form.seq).ok().map(|at| &forms[at]);
            let joined = chunk.iter().filter_map(|touched| Some((touched, of(touched.last)?)));
            let chosen = joined.filter(|(_, form)| concerns(query, form));
            found.extend(chosen.filter_map(|(touched, form)| Some((kind_of(form)?, touched.clone()))));
        }
        let counts = DifferenceKind::ALL.map(|kind| (kind, found.iter().filter(|(found, _)| *found == kind).count()));
        found.retain(|(kind, _)| query.what.is_none_or(|wanted| wanted == *kind));
        // Stable: within a sort they stay in order of reference.
        found.sort_by_key(|(kind, _)| *kind);
        let total = found.len();
        let page: Vec<_> = found.into_iter().skip(query.offset).take(query.limit).collect();
        Ok(Differences { counts, rows: self.detail(query.from, page).await?, total })
    }

    async fn touched(&self, query: &CompareQuery) -> Result<Vec<Touched>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(Vec::new());
        }
        let to = query.to.min(self.newest());
        let mut touched = self.door.store.touched_between(query.from, to, MOST_COMPARED + 1).await?;
        if touched.len() > usize::try_from(MOST_COMPARED).unwrap_or(usize::MAX) {
            let message = format!("more than {MOST_COMPARED} entities were touched; choose moments that are nearer");
            return Err(GateError::Input(message));
        }
        touched.retain(|touched| query.kind.as_deref().is_none_or(|kind| touched.entity_ref.kind() == kind));
        if self.visibility() != index::Visibility::Everything {
            // What was visible then cannot be told for entities that are gone, so those are left out.
            let view = self.view();
            touched.retain(|touched| view.find(touched.entity_ref.as_str()).is_some());
        }
        Ok(touched)
    }

    async fn forms_of(&self, from: Seq, touched: &[Touched]) -> Result<Vec<TwoForms>, GateError> {
        let last: Vec<Seq> = touched.iter().map(|touched| touched.last).collect();
        Ok(self.door.store.load_two_forms(from, &last).await?)
    }

    async fn detail(&self, from: Seq, page: Vec<(DifferenceKind, Touched)>) -> Result<Vec<Difference>, GateError> {
        let touched: Vec<Touched> = page.iter().map(|(_, touched)| touched.clone()).collect();
        let forms = self.forms_of(from, &touched).await?;
        let row = |(kind, touched): (DifferenceKind, Touched)| {
            let at = forms.binary_search_by_key(&touched.last, |form| form.seq).ok()?;
            let TwoForms { seq, at, cause, before, after } = &forms[at];
            Some(Difference {
                entity_ref: touched.entity_ref,
                kind,
                comparison: compare_moments(before.as_deref(), after.as_deref()),
                seq: *seq,
                at: *at,
                cause: cause.clone(),
                changes: touched.changes,
            })
        };
        Ok(page.into_iter().filter_map(row).collect())
    }
}

fn kind_of(form: &TwoForms) -> Option<DifferenceKind> {
    classify(form.before.as_deref(), form.after.as_deref())
}

fn concerns(query: &CompareQuery, form: &TwoForms) -> bool {
    let has = |relation: &str, wanted: &Option<EntityRef>| {
        let Some(wanted) = wanted else { return true };
        let declares = |entity: &Arc<StoredEntity>| {
            entity.relations.iter().any(|declared| &*declared.forward == relation && declared.other == *wanted)
        };
        form.before.iter().chain(&form.after).any(declares)
    };
    has("ownedBy", &query.owner) && has("partOf", &query.system)
}
