//! Reading from a standby: as soon as it has what is asked for, never less than this program knows, and never in spite of itself.

use std::time::{Duration, Instant};

use model::{EventKind, LocationRef, NewEvent, Seq, Timestamp};
use store::{EventFilter, Root, StandbyState, Store};
use testkit::PostgresServer;

use crate::world::{file, full, to_state};

struct Pair {
    primary: PostgresServer,
    standby: PostgresServer,
    store: Store,
    root: Root,
    address: String,
}

/// A store with one component in two versions, and a standby that knows of both.
async fn pair() -> Option<Pair> {
    if testkit::is_skipped() {
        return None;
    }
    let primary = PostgresServer::start();
    let address = primary.create_database();
    let store = Store::open(&address).await.unwrap();
    let root = store.register_root(&LocationRef::new("url", "https://example.org/all"), Timestamp(1)).await.unwrap();
    let pair = Pair { standby: primary.start_standby(), primary, store, root, address };
    pair.write("1").await;
    pair.write("2").await;
    pair.store.use_standby(&pair.standby.address_of_copy(&pair.address)).unwrap();
    assert_eq!(pair.store.standby_state(), Some(StandbyState::Unasked));
    pair.until_it_has_all().await;
    Some(pair)
}

impl Pair {
    async fn write(&self, version: &str) {
        let files = vec![file("a").entity("x", version).done()];
        self.store.apply(self.root.id, files, Timestamp(2)).await.unwrap();
    }

    async fn until_it_has_all(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            self.store.newest_changes(None, 1).await.unwrap();
            match self.store.standby_state() {
                Some(StandbyState::Answers) => return,
                state => assert!(Instant::now() < deadline, "{state:?}"),
            }
            tokio::task::yield_now().await;
        }
    }

    async fn newest(&self) -> Seq {
        self.store.newest_changes(None, 1).await.unwrap()[0].seq
    }
}

#[tokio::test]
async fn a_standby_answers_while_the_primary_is_away() {
    let Some(pair) = pair().await else { return };
    let (seq, all) = pair.store.load_all().await.unwrap();
    assert_eq!((seq, to_state(all).len()), (Seq(2), 1));
    pair.primary.stop();
    assert_eq!(pair.newest().await, Seq(2));
    assert_eq!(to_state(pair.store.load_as_of(Seq(1)).await.unwrap()).len(), 1);
    let refs = [model::EntityRef::parse(&full("x")).unwrap()];
    assert_eq!(pair.store.forms_at(&refs, Seq(1)).await.unwrap().len(), 1);
    assert!(pair.store.newest_seq().await.is_err(), "what is true now only the primary knows");
    pair.primary.restart();
}

#[tokio::test]
async fn a_standby_that_is_behind_tells_only_the_past() {
    let Some(pair) = pair().await else { return };
    pair.standby.follow(false);
    pair.write("3").await;
    assert_eq!(pair.newest().await, Seq(3), "nobody is told less than this program knows");
    assert_eq!(pair.store.standby_state(), Some(StandbyState::Behind));
    assert_eq!(pair.store.load_as_of(Seq(1)).await.unwrap().len(), 1);
    assert_eq!(pair.store.standby_state(), Some(StandbyState::Answers));
    let event = NewEvent {
        source: "/ci".to_owned(),
        id: "1".to_owned(),
        kind: EventKind::Deployment,
        event_type: "deployed".to_owned(),
        at: Timestamp(3),
        subject: None,
        title: "Shop 2".to_owned(),
        link: None,
        actor: None,
        outcome: None,
        refs: Vec::new(),
    };
    pair.store.record_events(&[event], "ci", Timestamp(4)).await.unwrap();
    assert_eq!(pair.store.list_events(&EventFilter::default(), 9).await.unwrap().len(), 1, "it was just reported");
    let (seq, _) = pair.store.load_all().await.unwrap();
    assert_eq!(seq, Seq(2), "a load may start from a moment ago");
    assert_eq!(pair.store.changes_after(seq, 10).await.unwrap().len(), 1, "what it lacks, the log has");
    pair.standby.follow(true);
    pair.until_it_has_all().await;
}

#[tokio::test]
async fn the_primary_answers_when_the_standby_is_away() {
    let Some(pair) = pair().await else { return };
    pair.standby.stop();
    pair.write("3").await;
    assert_eq!(pair.newest().await, Seq(3));
    assert_eq!(pair.store.load_all().await.unwrap().0, Seq(3));
    assert!(matches!(pair.store.standby_state(), Some(StandbyState::Unusable(_))), "{:?}", pair.store.standby_state());
}

#[tokio::test]
async fn another_catalog_is_no_standby() {
    let Some(pair) = pair().await else { return };
    let other = Store::open(&pair.primary.create_database()).await.unwrap();
    let root = other.register_root(&LocationRef::new("url", "https://example.org/b"), Timestamp(1)).await.unwrap();
    other.apply(root.id, vec![file("b").entity("y", "1").done()], Timestamp(7)).await.unwrap();
    other.use_standby(&pair.standby.address_of_copy(&pair.address)).unwrap();
    assert_eq!(other.newest_changes(None, 9).await.unwrap().len(), 1);
    let state = other.standby_state();
    assert!(matches!(&state, Some(StandbyState::Unusable(why)) if why.contains("no standby of it")), "{state:?}");
}

#[tokio::test]
async fn what_can_be_no_standby_is_refused() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let why = store.use_standby("postgres://localhost/a").unwrap_err().to_string();
    assert!(why.contains("only PostgreSQL has standbys"), "{why}");
    let Some(address) = testkit::postgres() else { return };
    let store = Store::open(&address).await.unwrap();
    let why = store.use_standby("sqlite:a.db").unwrap_err().to_string();
    assert!(why.contains("sqlite:a.db"), "{why}");
}
