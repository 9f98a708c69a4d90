//! A component while its plan grows: what it provides, reads and stands on.

use super::{dice::Dice, parts::ComponentPlan, vocabulary::Domain};

/// The component that is being planned.
pub(super) struct Growing<'a> {
    pub(super) domain: &'a Domain,
    pub(super) dice: &'a mut Dice,
    /// APIs of the same domain that were planned before.
    pub(super) earlier: &'a [String],
    pub(super) component: &'a mut ComponentPlan,
}

impl Growing<'_> {
    pub(super) fn provides(self, api: &str) -> Self {
        self.component.provides.push(api.to_owned());
        self
    }

    pub(super) fn consumes(self, api: &str) -> Self {
        if !self.component.consumes.iter().any(|known| known == api) {
            self.component.consumes.push(api.to_owned());
        }
        self
    }

    pub(super) fn needs(self, reference: &str) -> Self {
        self.component.depends_on.push(reference.to_owned());
        self
    }

    pub(super) fn owns(self, resource: Option<String>) -> Self {
        match resource {
            Some(name) => self.needs(&format!("resource:{name}")),
            None => self,
        }
    }

    /// Nearly every service sends telemetry.
    pub(super) fn platform(self) -> Self {
        if self.dice.chance(82) { self.needs("component:otel-gateway") } else { self }
    }

    pub(super) fn flagged(self, percent: usize) -> Self {
        if self.dice.chance(percent) { self.needs("component:flag-relay") } else { self }
    }

    /// Reads up to `most` APIs of well-known systems, and now and then one of a neighbour in the same domain that was
    /// planned before: layers, never circles.
    pub(super) fn upstream(mut self, most: usize) -> Self {
        let count = self.dice.below(most + 1);
        for api in self.dice.pick_some(&self.domain.consumes, count) {
            self = self.consumes(api);
        }
        if !self.earlier.is_empty() && self.dice.chance(30) {
            let neighbour = &self.earlier[self.dice.below(self.earlier.len())];
            self = self.consumes(neighbour);
        }
        self
    }

    /// Follows events of well-known systems.
    pub(super) fn follows(mut self) -> Self {
        let count = 1 + self.dice.below(2);
        for api in self.dice.pick_some(&self.domain.listens, count) {
            self = self.consumes(api);
        }
        let cluster = if self.domain.division == "supply-chain" { "kafka-supply-chain" } else { "kafka-commerce" };
        self.needs(&format!("resource:{cluster}"))
    }
}
