//! What is being read for the first time, for the people who meet a catalog that is not whole yet.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use model::Uid;
use store::{Root, StoreError};
use web::FirstReading;

use crate::harvest::{Progress, WalkSummary};

/// The roots that are being read for the first time, each with its files seen and known of.
#[derive(Default)]
pub struct FirstReads {
    roots: Mutex<HashMap<Uid, (usize, usize)>>,
}

impl FirstReads {
    /// How far they are together; `None` when there are none.
    pub fn read(&self) -> Option<FirstReading> {
        let roots = self.roots.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = |mut all: FirstReading, (files, of): &(usize, usize)| {
            all.locations += 1;
            all.files += files;
            all.of += of;
            all
        };
        (!roots.is_empty()).then(|| roots.values().fold(FirstReading::default(), sum))
    }

    fn with(&self, change: impl FnOnce(&mut HashMap<Uid, (usize, usize)>)) {
        change(&mut self.roots.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for FirstReads {
    fn started(&self, root: &Root) {
        if root.last_tried_at.is_none() {
            self.with(|roots| {
                roots.insert(root.id, (0, 0));
            });
        }
    }

    fn advanced(&self, root: &Root, files: u64, of: u64, _entities: u64) {
        self.with(|roots| {
            if let Some(progress) = roots.get_mut(&root.id) {
                let small = |count| usize::try_from(count).unwrap_or(usize::MAX);
                *progress = (small(files), small(of));
            }
        });
    }

    fn finished(&self, _root: &Root, _result: &Result<WalkSummary, StoreError>) {}

    fn left(&self, root: &Root) {
        self.with(|roots| {
            roots.remove(&root.id);
        });
    }
}
