//! What is known of each host: how many requests run, how it fares, and how many requests it still grants.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Semaphore, time::Instant};

/// Failures in a row after which a host is left alone for a while.
const FAILURES_TO_BREAK: u32 = 5;

/// How many requests a host grants, as it said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The host of the API, with its port where it is not the usual one.
    pub host: String,
    /// Requests per period.
    pub limit: u64,
    /// Requests left in this period.
    pub remaining: u64,
    /// When the next period starts, in seconds since 1970.
    pub reset_at: u64,
}

/// The state of one host.
#[derive(Debug)]
pub(crate) struct HostState {
    /// As many permits as requests may run at once.
    pub(crate) permits: Semaphore,
    health: Mutex<Health>,
}

#[derive(Debug, Default)]
struct Health {
    failures_in_a_row: u32,
    closed_until: Option<(Instant, Closed)>,
    rate_limit: Option<RateLimit>,
}

/// Why a host is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It asked for it: rate limit, `Retry-After`.
    Paused,
    /// It failed too often.
    Broken,
}

impl HostState {
    /// A healthy host.
    pub(crate) fn new(requests_at_once: usize) -> Self {
        Self { permits: Semaphore::new(requests_at_once.max(1)), health: Mutex::default() }
    }

    /// Tells whether the host is to be left alone, why, and for how long.
    pub(crate) fn closed(&self, now: Instant) -> Option<(Closed, Duration)> {
        let (until, why) = self.lock().closed_until?;
        (until > now).then(|| (why, until - now))
    }

    /// Leaves the host alone for a while because it asked for it.
    pub(crate) fn pause(&self, now: Instant, duration: Duration) {
        let mut health = self.lock();
        let until = now + duration;
        if health.closed_until.is_none_or(|(known, _)| known < until) {
            health.closed_until = Some((until, Closed::Paused));
        }
    }

    /// The host answered, whatever it said.
    pub(crate) fn note_answer(&self) {
        self.lock().failures_in_a_row = 0;
    }

    /// The host did not answer properly. After some failures in a row it is left alone for `pause`; the first request
    /// after that decides whether once more.
    pub(crate) fn note_failure(&self, now: Instant, pause: Duration) {
        let mut health = self.lock();
        health.failures_in_a_row += 1;
        if health.failures_in_a_row >= FAILURES_TO_BREAK {
            health.closed_until = Some((now + pause, Closed::Broken));
        }
    }

    /// Remembers what the host grants.
    pub(crate) fn note_rate_limit(&self, rate_limit: RateLimit) {
        self.lock().rate_limit = Some(rate_limit);
    }

    /// What the host granted last.
    pub(crate) fn rate_limit(&self) -> Option<RateLimit> {
        self.lock().rate_limit.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        // Every change is one assignment, so a panic elsewhere leaves nothing half done.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_a_failing_host_alone_and_tries_again_later() {
        let host = HostState::new(5);
        let (start, pause) = (Instant::now(), Duration::from_secs(30));
        for _ in 1..FAILURES_TO_BREAK {
            host.note_failure(start, pause);
        }
        assert_eq!(host.closed(start), None);
        host.note_failure(start, pause);
        assert_eq!(host.closed(start), Some((Closed::Broken, pause)));
        let later = start + pause;
        assert_eq!(host.closed(later), None);
        host.note_failure(later, pause);
        assert_eq!(host.closed(later), Some((Closed::Broken, pause)), "one more failure is enough");
        host.note_answer();
        host.note_failure(later + pause, pause);
        assert_eq!(host.closed(later + pause), None, "an answer makes it healthy");
    }

    #[test]
    fn a_shorter_pause_never_cuts_a_longer_one() {
        let host = HostState::new(1);
        let now = Instant::now();
        host.pause(now, Duration::from_secs(60));
        host.pause(now, Duration::from_secs(1));
        assert_eq!(host.closed(now), Some((Closed::Paused, Duration::from_secs(60))));
    }
}
