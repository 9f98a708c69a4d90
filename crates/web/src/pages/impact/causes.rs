//! What could be the cause: candidates with their last change.

use std::collections::HashMap;

use insights::Causes;
use model::{EntityRef, Timestamp};

use crate::{Gate, Problem, View};

/// How long a change counts as recent when nothing else is said, in hours.
pub(crate) const USUAL_WINDOW: u64 = 72;

/// How many candidates are asked about their changes. Those that explain most come first, so others hardly matter.
const MOST_ASKED: usize = 1000;

/// Ranks candidates again, now that it is known what changed within so many hours before the moment of the view.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn rank_by_changes(gate: &Gate, view: &View, found: &mut Causes, hours: u64) -> Result<(), Problem> {
    let asked = found.candidates.iter().take(MOST_ASKED);
    let refs: Vec<EntityRef> =
        asked.filter_map(|candidate| EntityRef::parse(found.doc(candidate.node).entity_ref()).ok()).collect();
    let forms = gate.forms_in(view, &refs).await?;
    let newest = gate.moment_of(view).await?;
    let window = i64::try_from(hours.saturating_mul(3_600_000)).unwrap_or(i64::MAX);
    let from = Timestamp(newest.0.saturating_sub(window));
    let recent: HashMap<&str, Timestamp> = forms
        .iter()
        .filter(|(_, change)| change.at >= from && change.kind != model::ChangeKind::Added)
        .map(|(entity_ref, change)| (entity_ref.as_str(), change.at))
        .collect();
    found.rank(|entity_ref| recent.get(entity_ref).copied());
    Ok(())
}
