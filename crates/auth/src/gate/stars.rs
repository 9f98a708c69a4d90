//! Stars: what a person wants at hand.

use model::{EntityRef, Uid};
use store::{GUEST_PREFIX, Star, StarCount};

use super::{Gate, GateError};
use crate::Actor;

impl Gate {
    /// Lists what a person has starred and may see now, newest first; nothing to an actor without `catalog.entity.read`.
    ///
    /// # Errors
    /// `NotAllowed` for another person's key.
    pub async fn list_stars(&self, person: &str) -> Result<Vec<Star>, GateError> {
        self.require_person(person)?;
        let view = self.view();
        let mut stars = self.ask_aside(self.door.store.list_stars(person, self.now())).await?;
        stars.retain(|star| view.find(star.entity_ref.as_str()).is_some());
        Ok(stars)
    }

    /// Stars an entity, or takes the star off again.
    ///
    /// # Errors
    /// `NotAllowed` for another person's key, `NotFound` when an entity to star is not to be seen, `Input` when the person has
    /// too many already.
    pub async fn set_star(&self, person: &str, entity_ref: &EntityRef, on: bool) -> Result<(), GateError> {
        self.require_person(person)?;
        if on && self.view().find(entity_ref.as_str()).is_none() {
            return Err(GateError::NotFound(format!("Entity {entity_ref} not found")));
        }
        Ok(self.door.store.set_star(person, entity_ref, on, self.now()).await?)
    }

    /// Lists the entities that most people have starred, at most `limit` of those that the actor may see.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_most_starred(&self, limit: u32) -> Result<Vec<StarCount>, GateError> {
        let view = self.view();
        // Some may be gone or hidden; a few more than asked for make up for them.
        let most = limit.saturating_mul(4).saturating_add(50);
        let mut counts = self.ask_aside(self.door.store.count_stars(most)).await?;
        counts.retain(|count| view.find(count.entity_ref.as_str()).is_some());
        counts.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(counts)
    }

    /// A person's key is the actor's own reference, or the secret id that a guest's browser keeps.
    fn require_person(&self, person: &str) -> Result<(), GateError> {
        let is_own = matches!(&self.actor, Actor::User { entity_ref, .. } if entity_ref == person);
        let is_browser = person.strip_prefix(GUEST_PREFIX).is_some_and(|id| Uid::parse(id).is_some());
        if is_own || is_browser {
            Ok(())
        } else {
            Err(GateError::NotAllowed("stars belong to the person who set them".to_owned()))
        }
    }
}
