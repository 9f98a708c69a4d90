//! Random catalogs with cycles, soft, delayed and redundant dependencies: the answer is the one of the reference.

use std::collections::{BTreeMap, BTreeSet};

use model::{EntityRef, Strength};
use proptest::{prelude::*, sample::select};
use serde_json::json;

use super::{
    naive::Naive,
    world::{Made, view},
};
use crate::{Channel, Impact, Question, Root, State, impact};

/// How many machines there may be.
const MOST: usize = 9;

fn machine(number: usize) -> EntityRef {
    EntityRef::new(["component", "api", "resource"][number % 3], "default", &format!("e{number}"))
}

pub(super) fn machines() -> impl Strategy<Value = EntityRef> {
    (0..MOST).prop_map(machine)
}

fn relation() -> impl Strategy<Value = (String, EntityRef)> {
    let pairs = ["dependsOn", "dependsOn", "dependsOn", "dependencyOf", "consumesApi", "providesApi", "partOf"];
    prop_oneof![
        5 => (select(pairs.to_vec()), machines()).prop_map(|(relation, other)| (relation.to_owned(), other)),
        1 => (0..3usize).prop_map(|n| ("partOf".to_owned(), container(n))),
    ]
}

fn container(number: usize) -> EntityRef {
    EntityRef::new(["system", "domain", "domain"][number], "default", &format!("c{number}"))
}

fn quality() -> impl Strategy<Value = serde_json::Value> {
    let redundant = prop::collection::vec(machines(), 0..3);
    (machines(), select(vec!["hard", "soft"]), 0..4u64, redundant).prop_map(|(other, strength, delay, redundant)| {
        json!({"ref": other, "strength": strength, "delay": format!("PT{delay}H"), "redundantWith": redundant})
    })
}

pub(super) fn world() -> impl Strategy<Value = Vec<Made>> {
    let one = (prop::collection::vec(relation(), 0..4), prop::collection::vec(quality(), 0..4));
    let above = prop::collection::vec(prop::option::of(0..3usize), 3);
    (prop::collection::vec(one, 2..MOST), above).prop_map(|(machines, above)| {
        let machines = machines.into_iter().enumerate().map(|(number, (relations, qualities))| Made {
            entity_ref: machine(number),
            relations,
            spec: json!({"dependencies": qualities}),
        });
        let containers = above.into_iter().enumerate().map(|(number, above)| Made {
            entity_ref: container(number),
            relations: above.map(|above| ("partOf".to_owned(), container(above))).into_iter().collect(),
            spec: json!({}),
        });
        machines.chain(containers).collect()
    })
}

fn asked() -> impl Strategy<Value = Question> {
    let root = (machines(), select(State::ALL.to_vec()));
    let roots = prop::collection::vec(root.prop_map(|(entity_ref, state)| Root { entity_ref, state }), 1..4);
    (roots, prop::option::weighted(0.4, 0..4u32)).prop_map(|(roots, depth)| Question { roots, depth })
}

fn entity_ref(answer: &Impact, node: u32) -> EntityRef {
    EntityRef::parse(answer.doc(node).entity_ref()).unwrap()
}

/// What the reference says of one entity: severity, delay, edges and ways.
type Expected = (State, u64, u32, u32);

fn expected(naive: &Naive, question: &Question) -> BTreeMap<EntityRef, Expected> {
    let solved = State::ALL.map(|state| (state, naive.solve(question, state)));
    let mut expected = BTreeMap::new();
    for entity in naive.within(question) {
        let worst = solved.iter().find_map(|(state, when)| Some((*state, when, when[&entity]?)));
        let Some((state, when, (delay, hops))) = worst else { continue };
        let own = question.roots.iter().filter(|root| root.entity_ref == entity).map(|root| root.state).max();
        if own.is_none_or(|own| own < state) {
            let groups = naive.groups(&entity);
            let ways = groups.iter().filter(|group| naive.passed(&entity, group, state, when).is_some()).count();
            expected.insert(entity, (state, delay, hops, ways as u32));
        }
    }
    expected
}

/// A path starts at a root, goes over edges that exist, and its delays are the delay of the hit.
fn check_path(answer: &Impact, naive: &Naive, question: &Question, hit: &crate::Hit) {
    let path = answer.path(hit);
    assert_eq!(path.len(), hit.hops as usize);
    let start = entity_ref(answer, path[0].from);
    assert!(question.roots.iter().any(|root| root.entity_ref == start && root.state >= hit.severity));
    assert_eq!(path.last().unwrap().to, hit.node);
    let mut delay = 0;
    for (step, next) in path.iter().zip(path.iter().skip(1).map(Some).chain([None])) {
        let (from, to) = (entity_ref(answer, step.from), entity_ref(answer, step.to));
        assert!(naive.needs[&to].contains(&from), "{to} needs {from}");
        assert!(next.is_none_or(|next| next.from == step.to));
        let (strength, own) = naive.quality(&to, &from);
        assert!(strength == Strength::Hard || hit.severity != State::Down);
        assert_ne!(step.channel, Channel::Inside);
        delay += own;
    }
    assert_eq!(delay, hit.delay.0);
}

/// Which groups of which entities have a member that is hit while the entity is not.
fn expected_spared(naive: &Naive, question: &Question) -> BTreeSet<(EntityRef, BTreeSet<EntityRef>)> {
    let when = naive.solve(question, State::Slow);
    let mut spared = BTreeSet::new();
    for entity in naive.within(question).into_iter().filter(|entity| when[entity].is_none()) {
        for group in naive.groups(&entity) {
            let (hit, standing): (BTreeSet<_>, BTreeSet<_>) =
                group.into_iter().partition(|member| when.get(member).is_some_and(Option::is_some));
            if !hit.is_empty() {
                spared.insert((entity.clone(), standing));
            }
        }
    }
    spared
}

/// How many parts that fail or are hit each container has, and the worst of them.
fn expected_carriers(
    naive: &Naive,
    question: &Question,
    hits: &BTreeMap<EntityRef, Expected>,
) -> BTreeMap<EntityRef, (State, u32)> {
    let mut failing: BTreeMap<EntityRef, State> = BTreeMap::new();
    for root in question.roots.iter().filter(|root| naive.needs.contains_key(&root.entity_ref)) {
        let state = failing.entry(root.entity_ref.clone()).or_insert(root.state);
        *state = (*state).max(root.state);
    }
    failing.extend(hits.iter().map(|(entity, (state, ..))| (entity.clone(), *state)));
    let mut carriers: BTreeMap<EntityRef, (State, u32)> = BTreeMap::new();
    for (entity, state) in failing {
        let mut above: BTreeSet<EntityRef> = naive.containers.get(&entity).cloned().unwrap_or_default();
        for _ in 0..4 {
            let more: Vec<EntityRef> =
                above.iter().filter_map(|container| naive.containers.get(container)).flatten().cloned().collect();
            above.extend(more);
        }
        for container in above {
            let carrier = carriers.entry(container).or_insert((state, 0));
            *carrier = (carrier.0.max(state), carrier.1 + 1);
        }
    }
    carriers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn the_answer_is_the_one_of_the_reference(entities in world(), question in asked()) {
        let naive = Naive::new(&entities);
        let answer = impact(&view(&entities), &question);
        let want = expected(&naive, &question);
        let got: BTreeMap<EntityRef, Expected> = answer
            .hits
            .iter()
            .map(|hit| (entity_ref(&answer, hit.node), (hit.severity, hit.delay.0, hit.hops, hit.ways)))
            .collect();
        prop_assert_eq!(&got, &want);
        prop_assert_eq!(got.len(), answer.hits.len());
        for hit in &answer.hits {
            check_path(&answer, &naive, &question, hit);
        }
        let spared: BTreeSet<_> = answer
            .spared
            .iter()
            .map(|spared| (entity_ref(&answer, spared.node), spared.standing.iter().cloned().collect()))
            .collect();
        prop_assert_eq!(spared, expected_spared(&naive, &question));
        let carriers: BTreeMap<_, _> = answer
            .carriers
            .iter()
            .map(|c| (EntityRef::parse(c.doc.entity_ref()).unwrap(), (c.severity, c.parts)))
            .collect();
        prop_assert_eq!(carriers, expected_carriers(&naive, &question, &want));
    }

    #[test]
    fn what_a_limit_cut_off_is_counted(entities in world(), question in asked()) {
        let naive = Naive::new(&entities);
        let answer = impact(&view(&entities), &question);
        let within = naive.within(&question);
        let when = naive.solve(&question, State::Slow);
        let goes_on = |entity: &EntityRef| {
            naive.needs.iter().any(|(dependent, needs)| needs.contains(entity) && !within.contains(dependent))
        };
        let cut = within.iter().filter(|entity| when[*entity].is_some() && goes_on(entity)).count();
        prop_assert_eq!(answer.cut, cut);
    }
}
