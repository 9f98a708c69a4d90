//! One example for each rule of the room's documentation.

use serde_json::json;

use super::world::{Made, made, question, view};
use crate::{Impact, impact};

/// `component:default/shop down after 0 over 1 by resource:default/db > component:default/shop`
fn told(answer: &Impact) -> Vec<String> {
    let name = |node: u32| answer.doc(node).entity_ref().replace(":default/", ":");
    let hit = |hit: &crate::Hit| {
        let path: Vec<String> = answer.path(hit).iter().map(|step| name(step.from)).collect();
        let before = hit.before.map_or(String::new(), |(state, delay)| format!(", {} {}", state.word(), delay.words()));
        format!(
            "{} {} {}{before} by {} ways {}",
            name(hit.node),
            hit.severity.word(),
            hit.delay.words(),
            path.join(" > "),
            hit.ways
        )
    };
    answer.hits.iter().map(hit).collect()
}

fn check(entities: &[Made], roots: &[&str], want: &[&str]) -> Impact {
    let answer = impact(&view(entities), &question(roots));
    assert_eq!(told(&answer), want);
    answer
}

#[test]
fn failure_travels_to_dependents_consumers_provided_apis_and_whole_components() {
    let entities = [
        made("resource:db", &[], json!({})),
        made("component:orders", &["dependsOn resource:db", "providesApi api:orders"], json!({})),
        made("api:orders", &[], json!({})),
        made("component:web", &["consumesApi api:orders", "ownedBy group:shop"], json!({})),
        made("component:cart", &["partOf component:web", "dependsOn component:web"], json!({})),
        made("component:aside", &["dependsOn component:cart"], json!({})),
        made("group:shop", &[], json!({})),
    ];
    let answer = check(
        &entities,
        &["resource:db down"],
        &[
            "component:orders down at once by resource:db ways 1",
            "api:orders down at once by resource:db > component:orders ways 1",
            "component:web down at once by resource:db > component:orders > api:orders ways 2",
            "component:cart down at once by resource:db > component:orders > api:orders > component:web ways 1",
            "component:aside down at once by resource:db > component:orders > api:orders > component:web > component:cart ways 1",
        ],
    );
    assert_eq!(answer.owner(answer.find("component:default/web").unwrap().node), Some("group:default/shop"));
    check(&entities, &["component:aside down"], &[]);
    check(
        &entities,
        &["component:cart slow"],
        &[
            "component:aside slow at once by component:cart ways 1",
            "component:web slow at once by component:cart ways 1",
        ],
    );
}

#[test]
fn soft_dependencies_degrade_and_delays_add_up() {
    let entities = [
        made("resource:db", &[], json!({})),
        made(
            "component:a",
            &["dependsOn resource:db"],
            json!({"dependencies": [{"ref": "resource:db", "strength": "soft", "delay": "PT1H"}]}),
        ),
        made(
            "component:b",
            &["dependsOn component:a"],
            json!({"dependencies": [{"ref": "component:a", "delay": "PT30M"}]}),
        ),
        made(
            "component:c",
            &["dependsOn component:b", "dependsOn resource:db"],
            json!({"dependencies": [{"ref": "resource:db", "delay": "PT6H"}]}),
        ),
    ];
    check(
        &entities,
        &["resource:db down"],
        &[
            "component:c down 6 h, degraded 1 h 30 min by resource:db ways 1",
            "component:a degraded 1 h by resource:db ways 1",
            "component:b degraded 1 h 30 min by resource:db > component:a ways 1",
        ],
    );
}

#[test]
fn nothing_stands_in_for_itself() {
    let entities = [
        made("resource:db", &[], json!({})),
        made(
            "component:web",
            &["dependsOn resource:db", "dependsOn component:web"],
            json!({"dependencies": [{"ref": "resource:db", "redundantWith": ["component:web"]}]}),
        ),
    ];
    check(&entities, &["resource:db down"], &["component:web down at once by resource:db ways 1"]);
}

#[test]
fn a_redundant_group_holds_until_all_of_it_has_failed() {
    let entities = [
        made("resource:east", &[], json!({})),
        made("resource:west", &[], json!({})),
        made(
            "component:shop",
            &["dependsOn resource:east", "dependsOn resource:west"],
            json!({"dependencies": [
                {"ref": "resource:east", "redundantWith": ["resource:west", "resource:moon"]},
                {"ref": "resource:west", "delay": "PT2H"},
            ]}),
        ),
        made("component:web", &["dependsOn component:shop"], json!({})),
    ];
    let answer = check(&entities, &["resource:east down"], &[]);
    let [spared] = answer.spared.as_slice() else { panic!("one is spared") };
    assert_eq!(answer.doc(spared.node).entity_ref(), "component:default/shop");
    assert_eq!(answer.doc(spared.dependency.from).entity_ref(), "resource:default/east");
    assert_eq!(spared.standing.iter().map(ToString::to_string).collect::<Vec<_>>(), ["resource:default/west"]);
    let answer = check(
        &entities,
        &["resource:east down", "resource:west slow"],
        &[
            "component:shop slow 2 h by resource:west ways 1",
            "component:web slow 2 h by resource:west > component:shop ways 1",
        ],
    );
    assert_eq!(answer.spared, []);
}

#[test]
fn a_stand_in_that_is_nothing_it_depends_on_holds_nothing_up() {
    let entities = [
        made("resource:east", &[], json!({})),
        made("resource:west", &[], json!({})),
        made(
            "component:shop",
            &["dependsOn resource:east"],
            json!({"dependencies": [{"ref": "resource:east", "redundantWith": ["resource:west"]}]}),
        ),
    ];
    check(&entities, &["resource:east down"], &["component:shop down at once by resource:east ways 1"]);
}

#[test]
fn nothing_in_a_cycle_keeps_itself_failing() {
    let entities = [
        made("component:a", &["dependsOn component:b", "dependsOn component:a"], json!({})),
        made("component:b", &["dependsOn component:c"], json!({})),
        made("component:c", &["dependsOn component:a"], json!({})),
        made("resource:x", &[], json!({})),
    ];
    check(&entities, &["resource:x down"], &[]);
    check(
        &entities,
        &["component:a degraded"],
        &[
            "component:c degraded at once by component:a ways 1",
            "component:b degraded at once by component:a > component:c ways 1",
        ],
    );
}

#[test]
fn containers_carry_and_journeys_are_touched() {
    let entities = [
        made("resource:db", &["partOf system:storage"], json!({})),
        made("component:pay", &["dependsOn resource:db", "partOf system:payments"], json!({})),
        made("component:refund", &["dependsOn component:pay", "partOf system:payments"], json!({})),
        made("system:storage", &[], json!({})),
        made("system:payments", &["partOf domain:checkout"], json!({})),
        made("domain:checkout", &["partOf domain:shop"], json!({"type": "journey"})),
        made("domain:shop", &["partOf domain:checkout"], json!({})),
        made("journey:buy", &["touches system:payments", "touches component:other"], json!({})),
        made("component:other", &["partOf domain:shop"], json!({})),
    ];
    let answer = impact(&view(&entities), &question(&["resource:db down"]));
    let carried: Vec<_> = answer
        .carriers
        .iter()
        .map(|carrier| {
            let worst = answer.doc(carrier.worst).entity_ref();
            (carrier.doc.entity_ref(), carrier.parts, carrier.is_journey, worst)
        })
        .collect();
    assert_eq!(
        carried,
        [
            ("domain:default/checkout", 2, true, "component:default/pay"),
            ("journey:default/buy", 2, true, "component:default/pay"),
            ("domain:default/shop", 2, false, "component:default/pay"),
            ("system:default/payments", 2, false, "component:default/pay"),
            ("system:default/storage", 1, false, "resource:default/db"),
        ]
    );
}

#[test]
fn a_tower_of_containers_is_climbed_to_its_top() {
    const STOREYS: usize = 20_000;
    let storey = |number: usize| {
        let above = format!("partOf domain:storey-{}", number + 1);
        let relations: &[&str] = if number + 1 < STOREYS { &[&above] } else { &[] };
        made(&format!("domain:storey-{number}"), relations, json!({}))
    };
    let part = made("resource:db", &["partOf domain:storey-0", "partOf domain:missing"], json!({}));
    let entities: Vec<Made> = (0..STOREYS).map(storey).chain([part]).collect();
    let answer = impact(&view(&entities), &question(&["resource:db down"]));
    assert_eq!(answer.carriers.len(), STOREYS);
    assert!(answer.carriers.iter().all(|carrier| carrier.parts == 1));
}

#[test]
fn a_container_that_fails_takes_its_parts_with_it() {
    let entities = [
        made("system:payments", &["partOf domain:shop"], json!({})),
        made("domain:shop", &[], json!({})),
        made("component:pay", &["partOf system:payments"], json!({})),
        made("component:web", &["dependsOn component:pay"], json!({})),
    ];
    let want = [
        "component:pay down at once by domain:shop > system:payments ways 1",
        "component:web down at once by domain:shop > system:payments > component:pay ways 1",
    ];
    let answer = impact(&view(&entities), &question(&["domain:shop down"]));
    assert_eq!(told(&answer)[1..], want);
    assert_eq!(answer.carriers.len(), 1, "what failed as a whole only is in the answer as what it is");
}

#[test]
fn a_limit_of_depth_says_what_it_left_out() {
    let entities = [
        made("resource:db", &[], json!({})),
        made("component:a", &["dependsOn resource:db"], json!({})),
        made("component:b", &["dependsOn component:a"], json!({})),
        made("component:c", &["dependsOn component:b"], json!({})),
    ];
    let mut asked = question(&["resource:db down", "resource:none down", "resource:none slow"]);
    asked.depth = Some(2);
    let answer = impact(&view(&entities), &asked);
    assert_eq!((answer.hits.len(), answer.cut), (2, 1));
    assert_eq!(answer.unknown.len(), 1);
    asked.depth = Some(3);
    let answer = impact(&view(&entities), &asked);
    assert_eq!((answer.hits.len(), answer.cut), (3, 0));
}

#[test]
fn a_root_that_others_make_worse_is_a_hit_as_well() {
    let entities = [made("resource:db", &[], json!({})), made("component:a", &["dependsOn resource:db"], json!({}))];
    check(&entities, &["resource:db down", "component:a slow"], &["component:a down at once by resource:db ways 1"]);
}
