//! The change log, for those who keep copies.

use std::sync::Arc;

use index::{Draft, Filter, Loading, Visibility};
use model::{Change, ChangeFilter, ChangeKind, EntityRef, Seq, StoredEntity};
use store::ChangeHead;

use super::{Gate, GateError};
use crate::recent::{Batch, Before, Found, load_befores};

/// How many changes are read from the log at once.
const LOG_PAGE: u32 = 500;
/// How many changes are looked at for one page. A filter that lets few pass answers with how far it has come.
const MOST_LOOKED_AT: usize = 20_000;

/// A change with what it led from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenChange {
    /// The change, as the actor may see it.
    pub change: Change,
    /// The entity before it; `None` where it was not there, or nobody asked.
    pub before: Option<Arc<StoredEntity>>,
}

/// What is asked of the change log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Which changes.
    pub filter: ChangeFilter,
    /// Whether they come with what they led from.
    pub with_before: bool,
}

/// A page of the change log.
#[derive(Clone, Debug)]
pub struct ChangePage {
    /// The changes in order. Each is in the published catalog already, so that whoever hears of it can read it.
    pub changes: Vec<SeenChange>,
    /// Where to go on: every change up to here is in this page, or was not asked for, or is not for this actor.
    pub next: Seq,
    /// Whether more follow now.
    pub more: bool,
    /// The newest change that readers see.
    pub newest: Seq,
}

/// Some changes of the log, in order and without a gap.
enum Piece {
    Shared(Arc<Batch>),
    Read(Vec<Change>),
}

impl Piece {
    fn changes(&self) -> &[Change] {
        match self {
            Self::Shared(batch) => batch.changes(),
            Self::Read(changes) => changes,
        }
    }
}

impl Gate {
    /// Lists the changes after a number, at most `limit`; none to an actor without `catalog.entity.read`.
    ///
    /// # Errors
    /// `Gone` when the log does not reach back that far; else `Unavailable`, `Store`.
    pub async fn changes_after(&self, after: Seq, limit: usize, query: &ChangeQuery) -> Result<ChangePage, GateError> {
        let newest = self.newest();
        let visibility = self.visibility();
        if visibility == Visibility::Nothing {
            return Ok(ChangePage { changes: Vec::new(), next: newest.max(after), more: false, newest });
        }
        let needs_before = query.with_before || query.filter.needs_before() || visibility != Visibility::Everything;
        let (mut changes, mut next, mut looked_at) = (Vec::new(), after, 0);
        while next < newest && changes.len() < limit && looked_at < MOST_LOOKED_AT {
            let Some(piece) = self.piece_after(next).await? else { break };
            let befores = self.befores_of(&piece, needs_before).await?;
            let start = piece.changes().partition_point(|change| change.seq <= next);
            for (at, change) in piece.changes().iter().enumerate().skip(start) {
                if change.seq > newest || changes.len() == limit {
                    break;
                }
                (next, looked_at) = (change.seq, looked_at + 1);
                let before = befores.as_ref().and_then(|befores| befores.get(at).cloned().flatten());
                let seen = see(change, before, &visibility).filter(|seen| seen.passes(&query.filter));
                changes.extend(seen);
            }
        }
        Ok(ChangePage { more: next < newest, changes, next, newest })
    }

    /// The changes after a number, from memory or from the log; `None` when there is none.
    async fn piece_after(&self, seq: Seq) -> Result<Option<Piece>, GateError> {
        match self.door.live.recent().after(seq) {
            Found::Batch(batch) => return Ok(Some(Piece::Shared(batch))),
            Found::End => return Ok(None),
            Found::Forgotten => {}
        }
        let changes = self.door.store.changes_after(seq, LOG_PAGE).await?;
        Ok((!changes.is_empty()).then_some(Piece::Read(changes)))
    }

    async fn befores_of(&self, piece: &Piece, are_needed: bool) -> Result<Option<Box<[Before]>>, GateError> {
        if !are_needed {
            return Ok(None);
        }
        Ok(Some(match piece {
            Piece::Shared(batch) => batch.befores(&self.door.store).await?.into(),
            Piece::Read(changes) => load_befores(&self.door.store, changes).await?,
        }))
    }

    /// Waits until readers see a change after `seq`. Waits for ever when none comes.
    pub async fn wait_past(&self, seq: Seq) {
        match self.horizon {
            None => self.door.live.wait_for(Seq(seq.0 + 1)).await,
            // Nothing happens in the past.
            Some(_) => std::future::pending().await,
        }
    }

    /// Returns the newest change of one entity on record: why it is as it is. `None` when the log no longer reaches back
    /// that far, or the actor may not see it.
    ///
    /// # Errors
    /// `Store`.
    pub async fn last_change_of(&self, entity_ref: &EntityRef) -> Result<Option<ChangeHead>, GateError> {
        if self.require("catalog.entity.read").is_err() {
            return Ok(None);
        }
        let before = self.horizon.map(|horizon| Seq(horizon.seq.0.saturating_add(1)));
        let refs = Some(vec![entity_ref.clone()]);
        let newest = store::ChangeFilter { before, refs, ..store::ChangeFilter::default() };
        Ok(self.ask_aside(self.door.store.list_changes(&newest, 1)).await?.into_iter().next())
    }
}

impl SeenChange {
    fn passes(&self, filter: &ChangeFilter) -> bool {
        filter.matches(&self.change, self.before.as_deref())
    }
}

/// Cuts a change down to what an actor may see: an entity that comes into sight is added, one that goes out of sight is
/// removed, and what is out of sight before and after did not happen.
fn see(change: &Change, before: Before, visibility: &Visibility) -> Option<SeenChange> {
    let Visibility::Where(filter) = visibility else {
        return (*visibility == Visibility::Everything).then(|| SeenChange { change: change.clone(), before });
    };
    let before = before.filter(|entity| is_visible(entity, filter));
    let after = change.entity.clone().filter(|entity| is_visible(entity, filter));
    let kind = match (&before, &after) {
        (None, None) => return None,
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), Some(_)) => ChangeKind::Changed,
        (Some(_), None) => ChangeKind::Removed,
    };
    Some(SeenChange { change: Change { kind, entity: after, ..change.clone() }, before })
}

/// Whether an entity by itself meets a condition. A catalog of one entity answers exactly as the large one does, but for
/// relations that others declare.
fn is_visible(entity: &Arc<StoredEntity>, filter: &Filter) -> bool {
    let mut loading = Loading::default();
    loading.add(Draft::new(vec![Arc::clone(entity)]));
    let view = loading.finish(Seq(1)).snapshot().view(Visibility::Where(filter.clone()));
    view.find(entity.entity_ref.as_str()).is_some()
}

#[cfg(test)]
mod tests {
    use model::{Cause, EntityBody, Timestamp, Uid};

    use super::*;

    fn entity(tag: &str) -> Arc<StoredEntity> {
        let body = format!(
            r#"{{"metadata":{{"name":"shop","namespace":"default","tags":["{tag}"]}},"apiVersion":"v1","kind":"Component","spec":{{}}}}"#
        );
        Arc::new(StoredEntity {
            entity_ref: EntityRef::new("component", "default", "shop"),
            uid: Uid(7),
            body: EntityBody::from_json(body),
            relations: Vec::new(),
            errors: Vec::new(),
            parents: Vec::new(),
            line: 1,
            warnings: Vec::new(),
        })
    }

    fn seen(before: Option<&str>, after: Option<&str>) -> Option<(ChangeKind, bool, bool)> {
        let change = Change {
            seq: Seq(1),
            at: Timestamp(0),
            entity_ref: EntityRef::new("component", "default", "shop"),
            kind: if after.is_some() { ChangeKind::Changed } else { ChangeKind::Removed },
            entity: after.map(entity),
            cause: Cause::default(),
        };
        let open = Visibility::Where(Filter::Equals("metadata.tags".to_owned(), "open".to_owned()));
        see(&change, before.map(entity), &open)
            .map(|seen| (seen.change.kind, seen.before.is_some(), seen.change.entity.is_some()))
    }

    #[test]
    fn what_may_not_be_seen_is_cut_out_before_and_after() {
        assert_eq!(seen(Some("open"), Some("open")), Some((ChangeKind::Changed, true, true)));
        assert_eq!(seen(Some("secret"), Some("open")), Some((ChangeKind::Added, false, true)));
        assert_eq!(seen(Some("open"), Some("secret")), Some((ChangeKind::Removed, true, false)));
        assert_eq!(seen(Some("open"), None), Some((ChangeKind::Removed, true, false)));
        assert_eq!(seen(Some("secret"), Some("secret")), None);
        assert_eq!(seen(Some("secret"), None), None);
    }
}
