//! Claims: which file holds which reference. The first file stays; later ones wait in its shadow and take over by age.

use std::sync::Arc;

use model::{Cause, ChangeKind, EntityRef, Revision, StoredEntity, Uid};

use super::Map;
use crate::{StoreError, encode};

/// Number of a file row.
pub(crate) type FileId = i64;

/// The file behind a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) file: FileId,
    pub(crate) root: Uid,
    pub(crate) location: Arc<str>,
}

/// A stored winning claim.
#[derive(Clone, Debug)]
pub(crate) struct EntityRow {
    pub(crate) seq: i64,
    pub(crate) entity_ref: EntityRef,
    pub(crate) uid: Uid,
    pub(crate) hash: [u8; 16],
    pub(crate) holder: Holder,
}

/// A waiting claim.
#[derive(Clone, Debug)]
pub(crate) struct ShadowRow {
    /// Older claims have smaller numbers.
    pub(crate) id: i64,
    pub(crate) entity_ref: EntityRef,
    pub(crate) hash: [u8; 16],
    pub(crate) payload: Vec<u8>,
    pub(crate) line: u32,
    pub(crate) since: i64,
    pub(crate) holder: Holder,
}

/// An entity as read just now, with uid 0.
#[derive(Clone, Debug)]
pub(crate) struct FreshEntity {
    pub(crate) entity: StoredEntity,
    pub(crate) encoded: Vec<u8>,
    pub(crate) hash: [u8; 16],
    pub(crate) revision: Option<Revision>,
}

impl FreshEntity {
    pub(crate) fn new(entity: StoredEntity, revision: Option<Revision>) -> Self {
        let encoded = encode::encode(&entity);
        Self { hash: encode::hash(&encoded), entity, encoded, revision }
    }
}

/// The body of the claim that wins now.
#[derive(Debug)]
pub(crate) enum Content {
    /// As stored.
    Stored,
    /// Read just now.
    Fresh(Box<FreshEntity>),
    /// It waited until now.
    Promoted { payload: Vec<u8>, hash: [u8; 16] },
}

#[derive(Debug, Default)]
struct RefState {
    before: Option<EntityRow>,
    winner: Option<(Holder, Content)>,
    shadows: Vec<ShadowRow>,
    touched: bool,
}

/// A change on its way to the log; `seq` and `at` are given when it is written.
#[derive(Debug)]
pub(crate) struct PlannedChange {
    pub(crate) entity_ref: EntityRef,
    pub(crate) kind: ChangeKind,
    pub(crate) uid: Uid,
    pub(crate) root: Uid,
    pub(crate) cause: Cause,
    /// The new form with its payload, hash and file; `None` when it is gone.
    pub(crate) now: Option<PlannedEntity>,
}

/// The new form of an entity.
#[derive(Debug)]
pub(crate) struct PlannedEntity {
    pub(crate) entity: Arc<StoredEntity>,
    pub(crate) payload: Vec<u8>,
    pub(crate) hash: [u8; 16],
    pub(crate) file: FileId,
}

/// What has to be written about claims.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    pub(crate) changes: Vec<PlannedChange>,
    /// Rows of `entity` that are replaced or gone, by their seq.
    pub(crate) entity_deletes: Vec<i64>,
    pub(crate) shadow_deletes: Vec<i64>,
    pub(crate) shadow_inserts: Vec<ShadowRow>,
    /// How many entities each root won or lost.
    pub(crate) root_deltas: Map<Uid, i64>,
}

/// The claims on some references, as stored and as they become.
#[derive(Default)]
pub(crate) struct Claims {
    refs: Map<EntityRef, RefState>,
    by_file: Map<FileId, Vec<EntityRef>>,
    /// In the order in which they were touched, which is the order of the changes.
    touched: Vec<EntityRef>,
    stored_shadows: Vec<i64>,
    decoder: encode::Decoder,
}

impl Claims {
    /// Takes in a stored winner. Taking one twice is harmless.
    pub(crate) fn add_stored(&mut self, row: EntityRow) {
        let state = self.refs.entry(row.entity_ref.clone()).or_default();
        if state.before.is_none() {
            self.by_file.entry(row.holder.file).or_default().push(row.entity_ref.clone());
            state.winner = Some((row.holder.clone(), Content::Stored));
            state.before = Some(row);
        }
    }

    /// Takes in a stored shadow. Taking one twice is harmless.
    pub(crate) fn add_shadow(&mut self, row: ShadowRow) {
        let state = self.refs.entry(row.entity_ref.clone()).or_default();
        if state.shadows.iter().all(|other| other.id != row.id) {
            self.by_file.entry(row.holder.file).or_default().push(row.entity_ref.clone());
            state.shadows.push(row);
            state.shadows.sort_by_key(|shadow| shadow.id);
        }
    }

    /// Lists all references that were taken in.
    pub(crate) fn refs(&self) -> impl Iterator<Item = &EntityRef> {
        self.refs.keys()
    }

    /// Says whether the winner of a reference was taken in.
    pub(crate) fn has_winner(&self, entity_ref: &str) -> bool {
        self.refs.get(entity_ref).is_some_and(|state| state.before.is_some())
    }

    /// Lists the references that a file claimed before.
    pub(crate) fn claimed_by(&self, file: FileId) -> &[EntityRef] {
        self.by_file.get(&file).map_or(&[], Vec::as_slice)
    }

    /// Returns the stored winner's seq if this file holds the reference.
    pub(crate) fn won_by(&self, entity_ref: &EntityRef, file: FileId) -> Option<i64> {
        let state = self.refs.get(entity_ref)?;
        let (holder, _) = state.winner.as_ref()?;
        (holder.file == file).then_some(state.before.as_ref()?.seq)
    }

    /// Says whether this file claims the reference, winning or waiting.
    pub(crate) fn is_claimed_by(&self, entity_ref: &EntityRef, file: FileId) -> bool {
        self.refs.get(entity_ref).is_some_and(|state| {
            state.winner.as_ref().is_some_and(|(holder, _)| holder.file == file)
                || state.shadows.iter().any(|shadow| shadow.holder.file == file)
        })
    }

    /// Lists the files that hold a reference, winner first, then by age.
    pub(crate) fn holders(&self, entity_ref: &EntityRef) -> Vec<Holder> {
        let state = self.refs.get(entity_ref);
        let winner = state.and_then(|state| state.winner.as_ref()).map(|(holder, _)| holder.clone());
        let waiting = state.into_iter().flat_map(|state| state.shadows.iter().map(|shadow| shadow.holder.clone()));
        winner.into_iter().chain(waiting).collect()
    }

    /// Returns what an earlier report of the same batch gave.
    pub(crate) fn fresh_content(&self, entity_ref: &EntityRef, file: FileId) -> Option<&FreshEntity> {
        match &self.refs.get(entity_ref)?.winner {
            Some((holder, Content::Fresh(fresh))) if holder.file == file => Some(fresh),
            _ => None,
        }
    }

    /// Decodes what waits in a shadow.
    pub(crate) fn shadow_content(
        &mut self,
        entity_ref: &EntityRef,
        file: FileId,
    ) -> Result<Option<StoredEntity>, StoreError> {
        let shadows = self.refs.get(entity_ref).map_or(&[][..], |state| &state.shadows);
        match shadows.iter().find(|shadow| shadow.holder.file == file) {
            Some(shadow) => self.decoder.decode(entity_ref.clone(), Uid(0), &shadow.payload).map(Some),
            None => Ok(None),
        }
    }

    /// Makes a file claim a reference with this content, or gives its claim new content.
    pub(crate) fn claim(&mut self, holder: &Holder, fresh: FreshEntity, new_id: impl FnOnce() -> i64, now: i64) {
        let entity_ref = fresh.entity.entity_ref.clone();
        let state = self.refs.entry(entity_ref.clone()).or_default();
        let stored = state.before.as_ref();
        match &mut state.winner {
            Some((winner, content)) if winner.file == holder.file => {
                // Also when an earlier report of the batch said otherwise.
                if stored.is_some_and(|stored| stored.hash == fresh.hash && stored.holder.file == holder.file) {
                    *content = Content::Stored;
                    return;
                }
                *content = Content::Fresh(Box::new(fresh));
            }
            Some(_) => match state.shadows.iter_mut().find(|shadow| shadow.holder.file == holder.file) {
                Some(shadow) if shadow.hash == fresh.hash => return,
                Some(shadow) => {
                    shadow.hash = fresh.hash;
                    shadow.payload = encode::compress(&fresh.encoded);
                    shadow.line = fresh.entity.line;
                    self.stored_shadows.push(shadow.id);
                }
                None => {
                    self.by_file.entry(holder.file).or_default().push(entity_ref.clone());
                    state.shadows.push(new_shadow(new_id(), holder, &fresh, now));
                }
            },
            None => {
                self.by_file.entry(holder.file).or_default().push(entity_ref.clone());
                state.winner = Some((holder.clone(), Content::Fresh(Box::new(fresh))));
            }
        }
        Self::touch(&mut self.touched, state, &entity_ref);
    }

    /// Takes a file's claim on a reference away.
    pub(crate) fn release(&mut self, entity_ref: &EntityRef, file: FileId) {
        let Some(state) = self.refs.get_mut(entity_ref) else { return };
        state.winner.take_if(|(holder, _)| holder.file == file);
        for gone in state.shadows.extract_if(.., |shadow| shadow.holder.file == file) {
            self.stored_shadows.push(gone.id);
        }
        Self::touch(&mut self.touched, state, entity_ref);
    }

    /// Takes all claims of a file away.
    pub(crate) fn release_file(&mut self, file: FileId) {
        for entity_ref in self.by_file.remove(&file).unwrap_or_default() {
            self.release(&entity_ref, file);
        }
    }

    fn touch(touched: &mut Vec<EntityRef>, state: &mut RefState, entity_ref: &EntityRef) {
        if !state.touched {
            state.touched = true;
            touched.push(entity_ref.clone());
        }
    }

    /// Decides who wins each touched reference, and compares with what was stored. A reference gives one change at most.
    pub(crate) fn resolve(mut self, cause: &Cause, new_uid: &mut dyn FnMut() -> Uid) -> Result<Resolved, StoreError> {
        let mut out = Resolved::default();
        for entity_ref in std::mem::take(&mut self.touched) {
            let mut state = self.refs.remove(&entity_ref).expect("a touched reference is there");
            if state.winner.is_none() {
                state.winner = promote(&mut state.shadows, state.before.as_ref(), &mut self.stored_shadows);
            }
            out.shadow_inserts.append(&mut state.shadows);
            resolve_one(entity_ref, state, cause, &mut self.decoder, new_uid, &mut out)?;
        }
        // Rows of touched references are written anew as a whole, which is rare and keeps their ids, hence their age.
        out.shadow_deletes = self.stored_shadows;
        out.shadow_deletes.extend(out.shadow_inserts.iter().map(|shadow| shadow.id));
        out.shadow_deletes.sort_unstable();
        out.shadow_deletes.dedup();
        Ok(out)
    }
}

fn new_shadow(id: i64, holder: &Holder, fresh: &FreshEntity, now: i64) -> ShadowRow {
    ShadowRow {
        id,
        entity_ref: fresh.entity.entity_ref.clone(),
        hash: fresh.hash,
        payload: encode::compress(&fresh.encoded),
        line: fresh.entity.line,
        since: now,
        holder: holder.clone(),
    }
}

/// Lets a waiting claim win: one on the same file under another root before others, the oldest before younger ones.
fn promote(shadows: &mut Vec<ShadowRow>, before: Option<&EntityRow>, gone: &mut Vec<i64>) -> Option<(Holder, Content)> {
    let same_file = |shadow: &ShadowRow| before.is_some_and(|before| before.holder.location == shadow.holder.location);
    let next = shadows.iter().position(same_file).or(if shadows.is_empty() { None } else { Some(0) })?;
    let ShadowRow { id, holder, payload, hash, .. } = shadows.remove(next);
    gone.push(id);
    Some((holder, Content::Promoted { payload, hash }))
}

fn resolve_one(
    entity_ref: EntityRef,
    state: RefState,
    cause: &Cause,
    decoder: &mut encode::Decoder,
    new_uid: &mut dyn FnMut() -> Uid,
    out: &mut Resolved,
) -> Result<(), StoreError> {
    let RefState { before, winner, .. } = state;
    let (kind, uid) = match (&before, &winner) {
        (None, None) | (Some(_), Some((_, Content::Stored))) => return Ok(()),
        (None, Some(_)) => (ChangeKind::Added, new_uid()),
        (Some(before), None) => (ChangeKind::Removed, before.uid),
        (Some(before), Some((holder, _))) if before.holder.location == holder.location => {
            (ChangeKind::Changed, before.uid)
        }
        (Some(_), Some(_)) => (ChangeKind::Changed, new_uid()),
    };
    if let Some(before) = &before {
        out.entity_deletes.push(before.seq);
        *out.root_deltas.entry(before.holder.root).or_default() -= 1;
    }
    let holder = winner.as_ref().map(|(holder, _)| holder).or(before.as_ref().map(|before| &before.holder));
    let Holder { root, location, .. } = holder.expect("there is a state before or after").clone();
    let mut cause = Cause { location: cause.location.clone().or(Some(location)), ..cause.clone() };
    let now = match winner {
        None => None,
        Some((holder, content)) => {
            *out.root_deltas.entry(holder.root).or_default() += 1;
            Some(match content {
                Content::Fresh(fresh) => {
                    let FreshEntity { mut entity, encoded, hash, revision } = *fresh;
                    entity.uid = uid;
                    (cause.commit, cause.author) = revision.map_or((None, None), |of| (Some(of.commit), of.author));
                    PlannedEntity {
                        entity: Arc::new(entity),
                        payload: encode::compress(&encoded),
                        hash,
                        file: holder.file,
                    }
                }
                Content::Promoted { payload, hash } => {
                    let entity = Arc::new(decoder.decode(entity_ref.clone(), uid, &payload)?);
                    PlannedEntity { entity, payload, hash, file: holder.file }
                }
                Content::Stored => unreachable!("a stored winner is no change"),
            })
        }
    };
    out.changes.push(PlannedChange { entity_ref, kind, uid, root, cause, now });
    Ok(())
}
