//! The reference implementation: the rules of the room's documentation, word by word, on lists, without regard for speed.

use std::collections::{BTreeMap, BTreeSet};

use model::{EntityRef, Quality, Strength};

use super::world::Made;
use crate::{Question, State};

/// Delay and edges; `None` is never.
pub(super) type When = Option<(u64, u32)>;

pub(super) struct Naive {
    /// What each entity depends on, dangling ones included.
    pub(super) needs: BTreeMap<EntityRef, BTreeSet<EntityRef>>,
    pub(super) qualities: BTreeMap<EntityRef, Vec<Quality>>,
    pub(super) containers: BTreeMap<EntityRef, BTreeSet<EntityRef>>,
}

fn is_machine(entity_ref: &EntityRef) -> bool {
    ["component", "api", "resource"].contains(&entity_ref.kind())
}

impl Naive {
    pub(super) fn new(entities: &[Made]) -> Self {
        let mut naive = Self { needs: BTreeMap::new(), qualities: BTreeMap::new(), containers: BTreeMap::new() };
        for made in entities {
            let this = &made.entity_ref;
            naive.needs.entry(this.clone()).or_default();
            let field = made.spec.get("dependencies").cloned().unwrap_or_default();
            naive.qualities.insert(this.clone(), Quality::read_all(&field, "default"));
        }
        for made in entities {
            let this = &made.entity_ref;
            for (relation, other) in &made.relations {
                let (dependent, dependency) = match relation.as_str() {
                    "dependsOn" | "consumesApi" => (this, other),
                    "dependencyOf" | "providesApi" => (other, this),
                    "partOf" if is_machine(other) => (other, this),
                    "partOf" => {
                        naive.containers.entry(this.clone()).or_default().insert(other.clone());
                        continue;
                    }
                    _ => continue,
                };
                naive.needs.entry(dependent.clone()).or_default().insert(dependency.clone());
            }
        }
        let known: BTreeSet<EntityRef> = entities.iter().map(|made| made.entity_ref.clone()).collect();
        naive.needs.retain(|dependent, _| known.contains(dependent));
        naive
    }

    /// The members of the group that a dependency belongs to, itself included.
    fn group(&self, dependent: &EntityRef, dependency: &EntityRef) -> BTreeSet<EntityRef> {
        let mut group = BTreeSet::from([dependency.clone()]);
        loop {
            let mut larger = group.clone();
            for quality in &self.qualities[dependent] {
                for other in &quality.redundant_with {
                    if group.contains(&quality.other) {
                        larger.insert(other.clone());
                    }
                    if group.contains(other) {
                        larger.insert(quality.other.clone());
                    }
                }
            }
            // Only what is depended on counts, and nothing stands in for itself.
            larger.retain(|member| member != dependent && self.needs[dependent].contains(member));
            if larger == group {
                return group;
            }
            group = larger;
        }
    }

    pub(super) fn groups(&self, dependent: &EntityRef) -> BTreeSet<BTreeSet<EntityRef>> {
        let others = self.needs[dependent].iter().filter(|other| *other != dependent);
        others.map(|dependency| self.group(dependent, dependency)).collect()
    }

    pub(super) fn quality(&self, dependent: &EntityRef, dependency: &EntityRef) -> (Strength, u64) {
        let quality = self.qualities[dependent].iter().find(|quality| quality.other == *dependency);
        quality.map_or((Strength::Hard, 0), |quality| (quality.strength, quality.delay.0))
    }

    /// What at most so many edges separate from a root.
    pub(super) fn within(&self, question: &Question) -> BTreeSet<EntityRef> {
        let roots = question.roots.iter().map(|root| root.entity_ref.clone());
        let mut within: BTreeSet<EntityRef> = roots.filter(|root| self.needs.contains_key(root)).collect();
        for _ in 0..question.depth.unwrap_or(u32::MAX).min(100) {
            let next = self.needs.iter().filter(|(_, needs)| needs.iter().any(|need| within.contains(need)));
            let next: Vec<EntityRef> = next.map(|(dependent, _)| dependent.clone()).collect();
            within.extend(next);
        }
        within
    }

    /// What a group passes on, given when its members are in the state.
    pub(super) fn passed(
        &self,
        dependent: &EntityRef,
        group: &BTreeSet<EntityRef>,
        state: State,
        when: &BTreeMap<EntityRef, When>,
    ) -> When {
        let mut latest = Some((0, 0));
        for member in group {
            let (strength, delay) = self.quality(dependent, member);
            let moment = when.get(member).copied().flatten().map(|(moment, hops)| (moment + delay, hops + 1));
            let moment = moment.filter(|_| strength == Strength::Hard || state != State::Down);
            latest = latest.zip(moment).map(|(a, b)| a.max(b));
        }
        latest
    }

    /// When each entity is in the state or worse: repeats the rules until nothing changes.
    pub(super) fn solve(&self, question: &Question, state: State) -> BTreeMap<EntityRef, When> {
        let within = self.within(question);
        let mut when: BTreeMap<EntityRef, When> = within.iter().map(|entity| (entity.clone(), None)).collect();
        loop {
            let mut next = when.clone();
            for entity in &within {
                let is_root = question.roots.iter().any(|root| root.entity_ref == *entity && root.state >= state);
                let groups = self.groups(entity);
                let passed = groups.iter().filter_map(|group| self.passed(entity, group, state, &when));
                let earliest = passed.chain(is_root.then_some((0, 0))).min();
                next.insert(entity.clone(), earliest);
            }
            if next == when {
                return when;
            }
            when = next;
        }
    }
}
