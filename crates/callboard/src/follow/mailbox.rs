//! What the loop is told, a heap at a time.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use index::Merged;
use model::Seq;
use store::Applied;

/// How many handed-over changes may wait in memory; beyond that they are read from the log instead.
const WAITING_AT_MOST: usize = 20_000;
/// A commit of so many changes is a part of something larger, most likely of a harvest.
const LARGE_COMMIT: usize = 500;
/// How long the commits after a large one are waited for. Folded in together, what several of them touch is made anew once, and not
/// once for each: half the work of a harvest, and the most part of the memory that it needs for a moment.
const GATHERING: Duration = Duration::from_millis(300);
/// So many changes are folded in without waiting for more.
const GATHERED_AT_MOST: usize = 10_000;

/// What the loop is told.
pub(super) enum Message {
    Committed(Applied),
    Merged(Box<Merged>),
    LookAgain(Seq),
    /// A harvest has ended: nothing more of it will come.
    HarvestEnded,
    CheckSelf,
    Stop,
}

/// What came at about the same time.
#[derive(Default)]
pub(super) struct Mail {
    /// Commits in order of their numbers. One without its changes is to be read from the log.
    pub(super) handed: Vec<Applied>,
    /// The merge that has ended.
    pub(super) merged: Option<Box<Merged>>,
    /// How far the log must be looked at; as far as it goes when nothing came.
    pub(super) told: Option<Seq>,
    /// Whether the fold is to be held against a fresh one.
    pub(super) check: bool,
}

/// Waits for messages, for one as long as `patience`, and takes all that are there. `None` when the loop must end.
pub(super) fn gather(receive: &Receiver<Message>, patience: Duration) -> Option<Mail> {
    let mut mail = Mail::default();
    let mut waiting = 0;
    let mut until = Instant::now() + patience;
    let mut gathering: Option<Instant> = None;
    let mut is_empty = true;
    let mut has_ended = false;
    loop {
        match receive.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Message::Committed(applied)) => {
                waiting += applied.changes.len();
                if applied.changes.len() >= LARGE_COMMIT {
                    gathering.get_or_insert_with(|| Instant::now() + GATHERING);
                }
                // Past the bound the numbers alone are kept: the log has the changes.
                let changes = if waiting > WAITING_AT_MOST { Arc::default() } else { applied.changes };
                mail.handed.push(Applied { seq: applied.seq, changes });
            }
            Ok(Message::Merged(merged)) => mail.merged = Some(merged),
            // The database tells this replica of its own commits too.
            Ok(Message::LookAgain(seq)) if mail.handed.last().is_some_and(|applied| seq <= applied.seq) => {}
            Ok(Message::LookAgain(seq)) => mail.told = mail.told.max(Some(seq)),
            Ok(Message::HarvestEnded) => has_ended = true,
            Ok(Message::CheckSelf) => mail.check = true,
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {
                if is_empty {
                    mail.told = Some(Seq(u64::MAX));
                }
                return Some(mail);
            }
        }
        is_empty = false;
        // Others than commits are wanted at once: a merge gives memory back, another replica has waited already, and who
        // hears that a harvest has ended looks for what it found.
        let is_wanted = has_ended || mail.merged.is_some() || mail.told.is_some() || mail.check;
        let may_wait = waiting < GATHERED_AT_MOST && !is_wanted;
        until = gathering.filter(|_| may_wait).unwrap_or_else(Instant::now);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use model::{Cause, Change, ChangeKind, EntityRef, Timestamp};

    use super::*;

    fn commit(last: u64, changes: u64) -> Message {
        let change = |seq| Change {
            seq: Seq(seq),
            at: Timestamp(0),
            entity_ref: EntityRef::new("component", "default", &format!("c{seq}")),
            kind: ChangeKind::Removed,
            entity: None,
            cause: Cause::default(),
        };
        Message::Committed(Applied {
            seq: Seq(last),
            changes: Arc::new((last - changes + 1..=last).map(change).collect()),
        })
    }

    fn numbers(mail: &Mail) -> Vec<(u64, usize)> {
        mail.handed.iter().map(|applied| (applied.seq.0, applied.changes.len())).collect()
    }

    #[test]
    fn a_small_commit_is_not_kept_waiting() {
        let (send, receive) = channel();
        send.send(commit(1, 1)).unwrap();
        let begun = Instant::now();
        assert_eq!(numbers(&gather(&receive, Duration::from_secs(60)).expect("mail")), [(1, 1)]);
        assert!(begun.elapsed() < GATHERING, "nobody waited");
    }

    #[test]
    fn what_follows_a_large_commit_comes_with_it() {
        let (send, receive) = channel();
        send.send(commit(500, 500)).unwrap();
        let follower = std::thread::spawn(move || {
            // The receiver waits by now, or finds both: it is all the same.
            send.send(Message::LookAgain(Seq(500))).unwrap();
            send.send(commit(502, 2)).unwrap();
            send
        });
        let mail = gather(&receive, Duration::from_secs(60)).expect("mail");
        assert_eq!(numbers(&mail), [(500, 500), (502, 2)]);
        assert_eq!(mail.told, None);
        drop(follower.join());
    }

    #[test]
    fn the_end_of_a_harvest_is_not_waited_beyond() {
        let (send, receive) = channel();
        send.send(commit(500, 500)).unwrap();
        send.send(Message::HarvestEnded).unwrap();
        let begun = Instant::now();
        assert_eq!(numbers(&gather(&receive, Duration::from_secs(60)).expect("mail")), [(500, 500)]);
        assert!(begun.elapsed() < GATHERING, "nobody waited");
    }

    #[test]
    fn too_much_is_left_to_the_log() {
        let (send, receive) = channel();
        for part in 1..=3 {
            send.send(commit(part * 9_000, 9_000)).unwrap();
        }
        let mail = gather(&receive, Duration::from_secs(60)).expect("mail");
        assert_eq!(numbers(&mail), [(9_000, 9_000), (18_000, 9_000), (27_000, 0)]);
    }

    #[test]
    fn silence_means_to_look_at_the_log_and_a_word_means_to_end() {
        let (send, receive) = channel();
        assert_eq!(gather(&receive, Duration::ZERO).expect("mail").told, Some(Seq(u64::MAX)));
        send.send(Message::LookAgain(Seq(7))).unwrap();
        assert_eq!(gather(&receive, Duration::from_secs(60)).expect("mail").told, Some(Seq(7)));
        send.send(Message::Stop).unwrap();
        assert!(gather(&receive, Duration::from_secs(60)).is_none());
    }
}
