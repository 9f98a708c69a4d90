//! Counts of problems over time, and how to see that problems changed without reading them.

use model::{Code, Severity, Timestamp};
use store::ProblemCount;

use crate::{
    on_both,
    world::{World, failed, file},
};

on_both!(
    moments_come_back_in_order,
    a_moment_without_problems_is_a_moment,
    old_moments_are_thinned_to_days,
    the_revision_tells_when_problems_changed,
);

const DAY: i64 = 24 * 3_600_000;

fn count(severity: Severity, code: &'static str, count: u64) -> ProblemCount {
    ProblemCount { severity, code: Code(code.into()), count }
}

async fn moments(world: &World) -> Vec<i64> {
    let all = world.store.list_problem_counts(Timestamp(0), Timestamp(i64::MAX)).await.unwrap();
    all.iter().map(|moment| moment.at.0).collect()
}

async fn moments_come_back_in_order(world: &mut World) {
    let store = &world.store;
    assert_eq!(store.newest_problem_counts().await.unwrap(), None);
    let (error, warning) = (count(Severity::Error, "E0103", 2), count(Severity::Warning, "W1006", 40));
    store.record_problem_counts(Timestamp(20), &[warning.clone(), error.clone()]).await.unwrap();
    store.record_problem_counts(Timestamp(10), std::slice::from_ref(&warning)).await.unwrap();
    store.record_problem_counts(Timestamp(20), &[count(Severity::Error, "E0103", 7)]).await.unwrap();
    let all = store.list_problem_counts(Timestamp(0), Timestamp(99)).await.unwrap();
    assert_eq!(all.iter().map(|moment| moment.at.0).collect::<Vec<_>>(), [10, 20]);
    assert_eq!(all[0].counts, std::slice::from_ref(&warning));
    assert_eq!(all[1].counts, [error, warning], "the first record of a moment stays");
    assert_eq!(store.newest_problem_counts().await.unwrap(), all.last().cloned());
    assert_eq!(store.list_problem_counts(Timestamp(11), Timestamp(19)).await.unwrap(), []);
}

async fn a_moment_without_problems_is_a_moment(world: &mut World) {
    world.store.record_problem_counts(Timestamp(10), &[]).await.unwrap();
    let newest = world.store.newest_problem_counts().await.unwrap().unwrap();
    assert_eq!((newest.at, newest.counts), (Timestamp(10), Vec::new()));
}

async fn old_moments_are_thinned_to_days(world: &mut World) {
    let now = 100 * DAY + DAY / 2;
    let recent = [now - DAY, now - 1, now];
    let old = [50 * DAY + 1, 50 * DAY + 2, 51 * DAY - 1, 51 * DAY, 90 * DAY + 5];
    for at in recent.iter().chain(&old) {
        let counts = [count(Severity::Error, "E0103", 1), count(Severity::Warning, "W1006", 2)];
        world.store.record_problem_counts(Timestamp(*at), &counts).await.unwrap();
    }
    assert!(world.store.thin_problem_counts(Timestamp(now)).await.unwrap() > 0);
    let kept = [51 * DAY - 1, 51 * DAY, 90 * DAY + 5, now - DAY, now - 1, now];
    assert_eq!(moments(world).await, kept);
    assert_eq!(world.store.thin_problem_counts(Timestamp(now)).await.unwrap(), 0);
    let kept = world.store.list_problem_counts(Timestamp(0), Timestamp(51 * DAY - 1)).await.unwrap();
    assert_eq!(kept[0].counts.len(), 2, "a moment stays whole");
    world.store.thin_problem_counts(Timestamp(now + 4 * 365 * DAY)).await.unwrap();
    assert_eq!(moments(world).await, Vec::<i64>::new(), "days of long ago are forgotten");
}

async fn the_revision_tells_when_problems_changed(world: &mut World) {
    let root = world.root("all").await;
    let mut seen = vec![world.store.problem_revision().await.unwrap()];
    world.apply(&root, vec![file("a").entity("x", "1").done()]).await;
    assert_eq!(world.store.problem_revision().await.unwrap(), seen[0], "a healthy file changes nothing");
    for reports in [
        vec![failed("a", "status 500")],
        vec![failed("a", "status 501")],
        vec![file("a").entity("x", "1").done()],
        vec![file("b").entity("x", "2").done()],
    ] {
        world.apply(&root, reports).await;
        let now = world.store.problem_revision().await.unwrap();
        assert_ne!(Some(&now), seen.last());
        assert_eq!(now, world.store.problem_revision().await.unwrap());
        seen.push(now);
    }
}
