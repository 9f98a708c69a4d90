//! Webhooks: what people write, what the loop writes, letters, leases.

use std::{sync::Arc, time::Duration};

use model::{ChangeFilter, MessageForm, Seq, Timestamp, Uid};
use store::{
    Attempt, DELIVERIES_KEPT, Letter, LetterKind, Progress, Resent, SignOfLife, SigningSecret, StoreError, Webhook,
    WebhookChange, WebhookState,
};

use crate::{on_both, world::World};

on_both!(
    a_webhook_is_kept_changed_and_removed,
    a_rotated_secret_leaves_the_one_before_for_a_while,
    attempts_move_a_webhook_on_and_old_ones_are_forgotten,
    letters_wait_until_they_are_sent_or_thrown_away,
    a_lease_has_one_holder_and_fences_the_others_off,
);

fn webhook(id: u128, name: &str) -> Webhook {
    Webhook {
        id: Uid(id),
        name: name.to_owned(),
        url: "https://receiver.example/in".to_owned(),
        filter: ChangeFilter { kinds: vec!["api".to_owned()], ..ChangeFilter::default() },
        form: MessageForm::Callboard { bodies: true },
        secret: SigningSecret::new("whsec_one"),
        old_secret: None,
        state: WebhookState::Active,
        reason: None,
        created_by: "guest".to_owned(),
        created_at: Timestamp(5),
        progress: Progress { position: Seq(7), ..Progress::default() },
        delivered: 0,
    }
}

fn attempt(error: Option<&str>) -> Attempt {
    Attempt {
        message: "msg_1".to_owned(),
        kind: LetterKind::Changes,
        first: Seq(8),
        last: Seq(9),
        changes: 2,
        at: Timestamp(10),
        took_ms: 3,
        status: Some(if error.is_some() { 500 } else { 204 }),
        error: error.map(str::to_owned),
    }
}

fn letter(body: Option<&str>) -> Letter {
    Letter {
        id: 0,
        message: "msg_1".to_owned(),
        kind: LetterKind::Changes,
        first: Seq(8),
        last: Seq(9),
        changes: 2,
        at: Timestamp(10),
        attempts: 4,
        last_error: Some("500".to_owned()),
        body: body.map(str::to_owned),
        is_wanted: false,
    }
}

async fn a_webhook_is_kept_changed_and_removed(world: &mut World) {
    let store = &world.store;
    store.add_webhook(&webhook(1, "b")).await.unwrap();
    store.add_webhook(&webhook(2, "a")).await.unwrap();
    assert_eq!(store.list_webhooks().await.unwrap(), [webhook(2, "a"), webhook(1, "b")]);
    let change = WebhookChange {
        name: "c".to_owned(),
        url: "https://elsewhere.example".to_owned(),
        filter: ChangeFilter::default(),
        form: MessageForm::Slack,
        state: WebhookState::Paused,
    };
    store.change_webhook(Uid(1), &change).await.unwrap();
    let found = store.find_webhook(Uid(1)).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.state, found.form), ("c", WebhookState::Paused, MessageForm::Slack));
    assert_eq!(found.secret, SigningSecret::new("whsec_one"), "it stays");
    let missing = store.change_webhook(Uid(9), &change).await.unwrap_err();
    assert!(matches!(missing, StoreError::WebhookMissing(_)), "{missing}");
    store.note_attempt(Uid(1), &Progress::default(), Some(&attempt(None)), Some(&letter(None)), None).await.unwrap();
    store.remove_webhook(Uid(1)).await.unwrap();
    assert!(store.find_webhook(Uid(1)).await.unwrap().is_none());
    assert!(matches!(store.remove_webhook(Uid(1)).await.unwrap_err(), StoreError::WebhookMissing(_)));
}

async fn a_rotated_secret_leaves_the_one_before_for_a_while(world: &mut World) {
    let store = &world.store;
    store.add_webhook(&webhook(1, "a")).await.unwrap();
    store.rotate_webhook(Uid(1), &SigningSecret::new("whsec_two"), Timestamp(99)).await.unwrap();
    let found = store.find_webhook(Uid(1)).await.unwrap().unwrap();
    assert_eq!(found.secret, SigningSecret::new("whsec_two"));
    assert_eq!(found.old_secret, Some((SigningSecret::new("whsec_one"), Timestamp(99))));
}

async fn attempts_move_a_webhook_on_and_old_ones_are_forgotten(world: &mut World) {
    let store = &world.store;
    store.add_webhook(&webhook(1, "a")).await.unwrap();
    let progress = Progress {
        position: Seq(7),
        message_end: Some(Seq(9)),
        attempts: 1,
        failing_since: Some(Timestamp(10)),
        next_try_at: Timestamp(15),
        last_error: Some("it answered 500".to_owned()),
        last_ok_at: None,
    };
    store.note_attempt(Uid(1), &progress, Some(&attempt(Some("it answered 500"))), None, None).await.unwrap();
    let found = store.find_webhook(Uid(1)).await.unwrap().unwrap();
    assert_eq!((&found.progress, found.delivered), (&progress, 0));
    let done = Progress { position: Seq(9), last_ok_at: Some(Timestamp(20)), ..Progress::default() };
    for _ in 0..DELIVERIES_KEPT + 5 {
        store.note_attempt(Uid(1), &done, Some(&attempt(None)), None, None).await.unwrap();
    }
    let deliveries = store.list_deliveries(Uid(1), 1_000).await.unwrap();
    assert_eq!(i64::try_from(deliveries.len()).unwrap(), DELIVERIES_KEPT);
    assert!(deliveries.iter().all(|delivery| delivery.attempt.error.is_none()), "the oldest are gone");
    store.note_attempt(Uid(1), &done, None, None, Some("it is gone")).await.unwrap();
    let found = store.find_webhook(Uid(1)).await.unwrap().unwrap();
    assert_eq!((found.state, found.reason.as_deref()), (WebhookState::Paused, Some("it is gone")));
    assert_eq!(i64::try_from(found.delivered).unwrap(), DELIVERIES_KEPT + 5);
}

async fn letters_wait_until_they_are_sent_or_thrown_away(world: &mut World) {
    let store = &world.store;
    store.add_webhook(&webhook(1, "a")).await.unwrap();
    let progress = Progress::default();
    for body in [Some("{}"), Some("[]"), None] {
        store.note_attempt(Uid(1), &progress, None, Some(&letter(body)), None).await.unwrap();
    }
    let letters = store.list_letters(Uid(1), 0, 10).await.unwrap();
    assert_eq!(letters.len(), 3);
    assert_eq!(store.list_letters(Uid(1), letters[0].id, 1).await.unwrap(), letters[1..2]);
    assert_eq!(store.want_letters(Uid(1), Some(letters[0].id)).await.unwrap(), 1);
    assert_eq!(store.want_letters(Uid(1), None).await.unwrap(), 2, "one has no body to send");
    assert_eq!(store.count_letters().await.unwrap(), [(Uid(1), 3, 2)]);
    let wanted = store.list_wanted_letters(Uid(1), 10).await.unwrap();
    store.settle_letter(Uid(1), wanted[0].id, &Resent::Done, &attempt(None)).await.unwrap();
    store.settle_letter(Uid(1), wanted[1].id, &Resent::Failed("again".into()), &attempt(Some("again"))).await.unwrap();
    let left = store.list_letters(Uid(1), 0, 10).await.unwrap();
    assert_eq!((left.len(), left[0].attempts, left[0].last_error.as_deref()), (2, 5, Some("again")));
    assert!(store.list_wanted_letters(Uid(1), 10).await.unwrap().is_empty());
    assert_eq!(store.drop_letters(Uid(1), Some(left[0].id)).await.unwrap(), 1);
    let test = Letter { kind: LetterKind::Test, is_wanted: true, ..letter(Some("{}")) };
    store.add_letter(Uid(1), &test).await.unwrap();
    assert_eq!(store.count_letters().await.unwrap(), [(Uid(1), 1, 1)], "a test is no dead letter");
}

async fn a_lease_has_one_holder_and_fences_the_others_off(world: &mut World) {
    let store = &world.store;
    let [a, b]: [Arc<str>; 2] = ["a".into(), "b".into()];
    let long = Duration::from_secs(60);
    assert!(store.hold_lease("sweep", &a, long).await.unwrap());
    assert!(store.hold_lease("sweep", &a, long).await.unwrap(), "it is kept");
    let sign = SignOfLife { id: Arc::clone(&a), name: "host 1".into(), uptime_ms: 5_000, seq: 3 };
    store.note_replica(&sign).await.unwrap();
    if world.is_sqlite() {
        assert!(store.hold_lease("sweep", &b, long).await.unwrap(), "there is one process only");
        assert!(!store.may_have_replicas() && store.list_replicas().await.unwrap().is_empty());
        return;
    }
    assert!(!store.hold_lease("sweep", &b, long).await.unwrap());
    let replicas = store.list_replicas().await.unwrap();
    assert_eq!((replicas.len(), replicas[0].leases.as_slice()), (1, &["sweep".to_owned()][..]));
    assert!(replicas[0].started_ms_ago >= 5_000 && replicas[0].seq == 3, "{replicas:?}");
    let (of_a, of_b) = (store.fenced("sweep", &a), store.fenced("sweep", &b));
    of_a.mark_due(Uid(1), Timestamp(1)).await.unwrap();
    let lost = of_b.mark_due(Uid(1), Timestamp(1)).await.unwrap_err();
    assert!(matches!(lost, StoreError::LeaseLost { name: "sweep" }), "{lost}");
    // Its time is over as soon as it is taken.
    assert!(store.hold_lease("sweep", &a, Duration::ZERO).await.unwrap());
    while !store.hold_lease("sweep", &b, long).await.unwrap() {
        tokio::task::yield_now().await;
    }
    of_b.mark_due(Uid(1), Timestamp(1)).await.unwrap();
    assert!(of_a.mark_due(Uid(1), Timestamp(1)).await.is_err(), "it has woken up too late");
    store.release_leases(&b).await.unwrap();
    assert!(store.hold_lease("sweep", &a, long).await.unwrap(), "nobody has to wait for what was let go");
}
