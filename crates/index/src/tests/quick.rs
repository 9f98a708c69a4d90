//! Going to an entity by a few letters, and from a reference that does not exist to those that were meant.

use model::{EntityBody, EntityRef, StoredEntity};
use serde_json::json;

use super::{
    build, change,
    world::{Entities, Step, uid_of},
};
use crate::{Filter, QuickHit, QuickQuery, SearchField, View, Visibility};

fn entity(kind: &str, name: &str, title: &str) -> StoredEntity {
    let entity_ref = EntityRef::new(kind, "default", name);
    let body = json!({ "metadata": { "name": name, "title": title }, "kind": kind });
    StoredEntity {
        uid: uid_of(&entity_ref, 0),
        body: EntityBody::from_json(body.to_string()),
        entity_ref,
        relations: vec![],
        errors: vec![],
        parents: vec![],
        line: 0,
        warnings: vec![],
    }
}

fn catalog() -> Entities {
    let all = [
        ("component", "checkout", "Checkout"),
        ("component", "checkout-api", "Takes orders"),
        ("component", "checkout-worker", ""),
        ("api", "payments-v2", "Checkout payments"),
        ("group", "team-checkout", "The people of the till"),
        ("component", "rapid-chart", ""),
        ("resource", "orders-db", "Order database"),
    ];
    all.into_iter().map(|(kind, name, title)| entity(kind, name, title)).map(|e| (e.entity_ref.clone(), e)).collect()
}

fn quick(view: &View, text: &str, near: &[(&str, u32)]) -> Vec<QuickHit> {
    view.quick(&QuickQuery { text, filter: Filter::All, limit: 4, near })
}

fn names(hits: &[QuickHit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.doc.entity_ref().split('/').nth(1).unwrap()).collect()
}

#[test]
fn the_entity_that_is_meant_comes_first() {
    let fold = build(&catalog());
    let view = fold.snapshot().view(Visibility::Everything);
    for (text, first) in [
        ("checkout", "checkout"),
        ("chkapi", "checkout-api"),
        ("co-api", "checkout-api"),
        ("cw", "checkout-worker"),
        ("the till", "team-checkout"),
        ("odb", "orders-db"),
        ("chekcout-worker", "checkout-worker"),
    ] {
        let hits = quick(&view, text, &[]);
        assert_eq!(names(&hits).first(), Some(&first), "{text} gives {:?}", names(&hits));
    }
    assert_eq!(names(&quick(&view, "checkout", &[])), ["checkout", "checkout-api", "checkout-worker", "payments-v2"]);
    assert!(quick(&view, "xyz", &[]).is_empty());
}

#[test]
fn what_is_near_to_who_asks_ranks_higher() {
    let fold = build(&catalog());
    let view = fold.snapshot().view(Visibility::Everything);
    let near =
        [("component:default/checkout-worker", 60), ("component:default/checkout-worker", 40), ("api:default/gone", 9)];
    assert_eq!(names(&quick(&view, "check", &near))[0], "checkout-worker");
    assert_eq!(names(&quick(&view, "rapid", &near)), ["rapid-chart"], "but only if it matches");
    let near = [("api:default/payments-v2", 10), ("group:default/team-checkout", 20), ("api:default/gone", 90)];
    assert_eq!(names(&quick(&view, " ", &near)), ["team-checkout", "payments-v2"], "no letter gives what is near");
}

#[test]
fn hits_say_what_of_the_name_or_title_fits() {
    let fold = build(&catalog());
    let view = fold.snapshot().view(Visibility::Everything);
    let hit = &quick(&view, "database", &[])[0];
    assert_eq!(
        (hit.field, hit.text.as_str(), hit.ranges.first()),
        (SearchField::Title, "Order database", Some(&(6..14)))
    );
    let hit = &quick(&view, "chkapi", &[])[0];
    assert_eq!((hit.field, hit.ranges.as_slice()), (SearchField::Name, &[0..2, 4..5, 9..12][..]));
}

#[test]
fn palettes_and_proposals_are_cut_to_what_may_be_seen() {
    let mut fold = build(&catalog());
    let not_api = Visibility::Where(Filter::Not(Box::new(Filter::Equals("kind".into(), "api".into()))));
    let view = fold.snapshot().view(not_api);
    assert!(quick(&view, "payments", &[("api:default/payments-v2", 50)]).is_empty());
    assert!(quick(&view, "", &[("api:default/payments-v2", 50)]).is_empty());
    assert!(view.nearest("api", "default", "payments-v3", 5).is_empty());
    fold.apply(&[change(&Step::Remove(EntityRef::new("component", "default", "rapid-chart")), 10)]);
    assert!(quick(&fold.snapshot().view(Visibility::Everything), "rapid", &[]).is_empty(), "nor what is gone");
    fold.apply(&[change(&Step::Put(Box::new(entity("component", "new-one", ""))), 11)]);
    assert_eq!(names(&quick(&fold.snapshot().view(Visibility::Everything), "newo", &[])), ["new-one"]);
}

#[test]
fn a_mistyped_reference_has_nearest_ones() {
    let fold = build(&catalog());
    let view = fold.snapshot().view(Visibility::Everything);
    let nearest = |kind: &str, name: &str| -> Vec<String> {
        view.nearest(kind, "default", name, 3).iter().map(|doc| doc.entity_ref().to_owned()).collect()
    };
    assert_eq!(nearest("component", "chekcout-api")[0], "component:default/checkout-api");
    assert_eq!(nearest("system", "checkout")[0], "component:default/checkout");
    assert_eq!(nearest("group", "checkout")[..2], ["component:default/checkout", "group:default/team-checkout"]);
    assert_eq!(nearest("component", "orders")[0], "resource:default/orders-db");
    assert!(nearest("component", "zzzz").is_empty());
}
