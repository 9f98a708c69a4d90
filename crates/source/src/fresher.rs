//! Versions that are newer than those which the callers hold. GitHub's ETags depend on the token, and the token of an app
//! changes every hour: then a file of the same content comes behind another ETag. The caller hears that nothing changed and
//! keeps its version; the new one is kept here, so that the next question is conditional again and costs nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::LocationRef;

use crate::observation::Version;

/// More than this begins anew; losing a version costs one more reading.
const MAX_KEPT: usize = 200_000;

/// The newest version by location.
#[derive(Debug, Default)]
pub(crate) struct FresherVersions {
    kept: Mutex<HashMap<LocationRef, Version>>,
}

impl FresherVersions {
    /// The version to ask with: the kept one, when it stands for the same content as the caller's.
    pub(crate) fn choose(&self, location: &LocationRef, since: Option<&Version>) -> Option<Version> {
        let since = since?;
        let kept = self.lock();
        let fresher = kept.get(location).filter(|kept| kept.content_hash == since.content_hash);
        Some(fresher.unwrap_or(since).clone())
    }

    /// Keeps a version.
    pub(crate) fn keep(&self, location: &LocationRef, version: Version) {
        let mut kept = self.lock();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(location.clone(), version);
    }

    /// Forgets a version, because the caller gets a newer one.
    pub(crate) fn forget(&self, location: &LocationRef) {
        self.lock().remove(location);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<LocationRef, Version>> {
        // Every change is one call on the map, so a panic elsewhere leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
