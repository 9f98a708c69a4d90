//! Where gates are made, with what they need: the store, the live catalog, the rules, the bell and the ear of the index.

use std::{sync::Arc, time::Duration};

use model::Uid;
use store::{Applied, Store};

use crate::{Access, Actor, Clock, Gate, Live};

/// A wish to look again, without words about what is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// One root may have changed.
    Root(Uid),
    /// One root is to be read again after a while.
    Later(Uid, Duration),
    /// Any root may have changed.
    All,
    /// There may be something to deliver.
    Deliver,
}

/// Wakes the loops.
pub type Bell = Arc<dyn Fn(Ring) + Send + Sync>;

/// Hears of every committed write, so that the index need not poll for it.
pub type Committed = Arc<dyn Fn(Applied) + Send + Sync>;

/// Makes gates. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    /// The database.
    pub store: Store,
    /// The published catalog.
    pub live: Arc<Live>,
    /// The rules.
    pub access: Arc<Access>,
    /// Wakes the loops.
    pub bell: Bell,
    /// Hears of committed writes.
    pub committed: Committed,
    /// The clock that writes are dated with.
    pub clock: Clock,
}

impl Door {
    /// Makes the gate of one actor.
    #[must_use]
    pub fn gate(&self, actor: Actor) -> Gate {
        Gate::new(self.clone(), actor)
    }
}
