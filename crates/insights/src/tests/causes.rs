//! Causes: examples, and the reference.

use std::collections::{BTreeMap, BTreeSet};

use model::{EntityRef, Strength, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::{
    naive::Naive,
    properties::{machines, world},
    world::{Made, made, view},
};
use crate::causes;

fn refs(texts: &[&str]) -> Vec<EntityRef> {
    texts.iter().map(|text| EntityRef::parse(text).unwrap()).collect()
}

fn shop() -> Vec<Made> {
    vec![
        made("resource:db", &[], json!({})),
        made("resource:cache", &[], json!({})),
        made("component:orders", &["dependsOn resource:db", "providesApi api:orders"], json!({})),
        made("api:orders", &[], json!({})),
        made(
            "component:web",
            &["consumesApi api:orders", "dependsOn resource:cache"],
            json!({"dependencies": [{"ref": "resource:cache", "strength": "soft"}]}),
        ),
        made("component:search", &["dependsOn resource:db", "dependsOn resource:cache"], json!({})),
    ]
}

#[test]
fn what_most_of_the_failing_share_comes_first_and_then_what_changed() {
    let view = view(&shop());
    let mut found = causes(&view, &refs(&["component:web", "component:search", "component:none"]), None);
    let ranked = |found: &crate::Causes| -> Vec<String> {
        let told = |c: &crate::Candidate| {
            let name = found.doc(c.node).entity_ref().replace(":default/", ":");
            format!("{name} explains {} firmly {} over {}", c.reaches.len(), c.firm(), c.distance())
        };
        found.candidates.iter().map(told).collect()
    };
    assert_eq!(
        ranked(&found),
        [
            "resource:db explains 2 firmly 2 over 4",
            "resource:cache explains 2 firmly 1 over 2",
            "component:search explains 1 firmly 1 over 0",
            "component:web explains 1 firmly 1 over 0",
            "api:orders explains 1 firmly 1 over 1",
            "component:orders explains 1 firmly 1 over 2",
        ]
    );
    assert_eq!(found.unknown, refs(&["component:none"]));
    let path = found.path(&found.candidates[0], &found.candidates[0].reaches[0]);
    let named: Vec<_> = path.iter().map(|step| found.doc(step.from).entity_ref()).collect();
    assert_eq!(named, ["resource:default/db", "component:default/orders", "api:default/orders"]);
    found.rank(|entity_ref| (entity_ref == "component:default/orders").then_some(Timestamp(7)));
    assert_eq!(ranked(&found)[2], "component:orders explains 1 firmly 1 over 2");
    assert!(!found.cut);
    assert!(causes(&view, &refs(&["component:web"]), Some(1)).cut);
}

#[test]
fn parts_of_a_container_could_be_why_it_fails() {
    let entities = [
        made("system:pay", &[], json!({})),
        made("component:a", &["partOf system:pay", "dependsOn resource:db"], json!({})),
        made("resource:db", &[], json!({})),
    ];
    let found = causes(&view(&entities), &refs(&["system:pay"]), None);
    assert_eq!(found.candidates.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn causes_are_what_the_failing_depend_on(
        entities in world(),
        failing in prop::collection::vec(machines(), 1..4),
        depth in prop::option::of(0..4u32),
    ) {
        let naive = Naive::new(&entities);
        let mut want: BTreeMap<(EntityRef, EntityRef), (usize, bool)> = BTreeMap::new();
        for root in failing.iter().filter(|root| naive.needs.contains_key(*root)) {
            // By distance: what is there, and whether some way of that length is firm.
            let mut layer = BTreeMap::from([(root.clone(), true)]);
            let mut seen = BTreeSet::from([root.clone()]);
            let mut distance = 0;
            while !layer.is_empty() {
                let mut next: BTreeMap<EntityRef, bool> = BTreeMap::new();
                for (entity, firm) in &layer {
                    want.insert((root.clone(), entity.clone()), (distance, *firm));
                    for group in naive.groups(entity) {
                        for need in group.iter().filter(|need| naive.needs.contains_key(*need) && !seen.contains(*need)) {
                            let strength = naive.quality(entity, need).0;
                            let is_firm = *firm && group.len() == 1 && strength == Strength::Hard;
                            *next.entry(need.clone()).or_default() |= is_firm;
                        }
                    }
                }
                seen.extend(next.keys().cloned());
                distance += 1;
                layer = if depth.is_some_and(|depth| distance > depth as usize) { BTreeMap::new() } else { next };
            }
        }
        let found = causes(&view(&entities), &failing, depth);
        let mut got = BTreeMap::new();
        for candidate in &found.candidates {
            for reach in &candidate.reaches {
                let name = |node: u32| EntityRef::parse(found.doc(node).entity_ref()).unwrap();
                let key = (name(found.failing[reach.failing]), name(candidate.node));
                let path = found.path(candidate, reach);
                prop_assert_eq!(path.len(), reach.hops as usize);
                got.insert(key, (path.len(), reach.is_firm));
            }
        }
        prop_assert_eq!(got, want);
    }
}
