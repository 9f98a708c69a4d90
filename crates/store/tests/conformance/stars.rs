//! Stars: set, taken off, bounded, counted, forgotten.

use model::{EntityRef, Timestamp};
use store::{MOST_STARS, StoreError};

use crate::{on_both, world::World};

on_both!(
    a_star_is_set_once_and_taken_off,
    people_see_their_own_stars_newest_first,
    nobody_stars_without_end,
    the_most_starred_come_first,
    guests_who_stay_away_are_forgotten,
);

const JANE: &str = "user:default/jane";
const GUEST: &str = "browser:01234567-89ab-4cde-8f01-23456789abcd";
const YEAR: i64 = 365 * 24 * 3_600_000;

fn named(name: &str) -> EntityRef {
    EntityRef::new("component", "default", name)
}

async fn names(world: &World, person: &str, now: i64) -> Vec<String> {
    let stars = world.store.list_stars(person, Timestamp(now)).await.unwrap();
    stars.iter().map(|star| star.entity_ref.name().to_owned()).collect()
}

async fn a_star_is_set_once_and_taken_off(world: &mut World) {
    let store = &world.store;
    store.set_star(JANE, &named("a"), true, Timestamp(1)).await.unwrap();
    store.set_star(JANE, &named("a"), true, Timestamp(2)).await.unwrap();
    let stars = store.list_stars(JANE, Timestamp(3)).await.unwrap();
    assert_eq!((stars.len(), stars[0].starred_at), (1, Timestamp(1)), "it keeps its moment");
    store.set_star(JANE, &named("a"), false, Timestamp(4)).await.unwrap();
    store.set_star(JANE, &named("a"), false, Timestamp(5)).await.unwrap();
    assert_eq!(names(world, JANE, 6).await, Vec::<String>::new());
}

async fn people_see_their_own_stars_newest_first(world: &mut World) {
    for (person, name, at) in [(JANE, "a", 1), (JANE, "b", 2), (GUEST, "c", 3)] {
        world.store.set_star(person, &named(name), true, Timestamp(at)).await.unwrap();
    }
    assert_eq!(names(world, JANE, 9).await, ["b", "a"]);
    assert_eq!(names(world, GUEST, 9).await, ["c"]);
    assert_eq!(names(world, "user:default/other", 9).await, Vec::<String>::new());
}

async fn nobody_stars_without_end(world: &mut World) {
    for i in 0..MOST_STARS {
        world.store.set_star(JANE, &named(&format!("c{i}")), true, Timestamp(1)).await.unwrap();
    }
    let refused = world.store.set_star(JANE, &named("more"), true, Timestamp(2)).await.unwrap_err();
    assert!(matches!(refused, StoreError::TooManyStars { most: MOST_STARS }));
    assert!(refused.to_string().starts_with("500 entities are starred already"), "{refused}");
    world.store.set_star(JANE, &named("c0"), true, Timestamp(2)).await.unwrap();
    world.store.set_star(GUEST, &named("more"), true, Timestamp(2)).await.unwrap();
    world.store.set_star(JANE, &named("c0"), false, Timestamp(3)).await.unwrap();
    world.store.set_star(JANE, &named("more"), true, Timestamp(4)).await.unwrap();
}

async fn the_most_starred_come_first(world: &mut World) {
    for (person, name) in [(JANE, "b"), (GUEST, "b"), (JANE, "c"), (JANE, "a")] {
        world.store.set_star(person, &named(name), true, Timestamp(1)).await.unwrap();
    }
    let counts = world.store.count_stars(2).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|count| (count.entity_ref.name(), count.people)).collect();
    assert_eq!(counts, [("b", 2), ("a", 1)]);
}

async fn guests_who_stay_away_are_forgotten(world: &mut World) {
    const VISITOR: &str = "browser:11111111-89ab-4cde-8f01-23456789abcd";
    for person in [JANE, GUEST, VISITOR] {
        world.store.set_star(person, &named("a"), true, Timestamp(0)).await.unwrap();
    }
    assert_eq!(world.store.sweep_stars(Timestamp(YEAR)).await.unwrap(), 0);
    assert_eq!(names(world, VISITOR, YEAR).await, ["a"], "looking counts as a visit");
    assert_eq!(world.store.sweep_stars(Timestamp(YEAR + 1)).await.unwrap(), 1);
    assert_eq!(names(world, GUEST, YEAR + 2).await, Vec::<String>::new());
    assert_eq!(names(world, VISITOR, YEAR + 2).await, ["a"]);
    assert_eq!(world.store.sweep_stars(Timestamp(3 * YEAR)).await.unwrap(), 1);
    assert_eq!(names(world, JANE, 3 * YEAR).await, ["a"], "people with a name are never forgotten");
}
