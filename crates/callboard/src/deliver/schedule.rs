//! When a message is tried again, and when it is given up.

use std::time::Duration;

use model::Timestamp;
use store::Progress;

/// A pause grows by this factor with each attempt.
const GROWTH: f64 = 3.0;
/// No pause is longer, whatever a receiver asks for.
const LONGEST: Duration = Duration::from_secs(2 * 3_600);
/// Pauses lie between this part and the whole of themselves, so that many receivers behind one host do not come back at once.
const LEAST_PART: f64 = 0.7;

/// The pauses between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The first pause.
    pub first_retry: Duration,
    /// For how long a message is tried.
    pub give_up_after: Duration,
}

impl Schedule {
    /// The pause after so many failed attempts. `luck` lies between 0 and 1.
    pub fn pause(&self, attempts: u32, asked: Option<Duration>, luck: f64) -> Duration {
        let steps = i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX).min(30);
        let plain = self.first_retry.as_secs_f64() * GROWTH.powi(steps);
        let plain = plain.min(LONGEST.as_secs_f64());
        let spread = Duration::from_secs_f64(plain * (LEAST_PART + (1.0 - LEAST_PART) * luck));
        asked.map_or(spread, |asked| spread.max(asked.min(LONGEST)))
    }

    /// Whether a message is given up: its receiver has been failing for that long, and its newest change is that old.
    pub fn is_over(&self, progress: &Progress, newest_change: Timestamp, now: Timestamp) -> bool {
        let limit = i64::try_from(self.give_up_after.as_millis()).unwrap_or(i64::MAX);
        let old = |since: Timestamp| now.0.saturating_sub(since.0) >= limit;
        progress.failing_since.is_some_and(old) && old(newest_change)
    }

    /// Whether it is time. A moment further ahead than any pause was set by a clock that has been put back since.
    pub fn is_past(&self, moment: Timestamp, now: Timestamp) -> bool {
        let ahead = moment.0.saturating_sub(now.0);
        ahead <= 0 || ahead > i64::try_from(LONGEST.as_millis()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Schedule =
        Schedule { first_retry: Duration::from_secs(5), give_up_after: Duration::from_secs(86_400) };

    #[test]
    fn pauses_grow_to_two_hours_and_heed_the_receiver() {
        let seconds = |attempts| USUAL.pause(attempts, None, 1.0).as_secs();
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 8, 99].map(seconds), [5, 15, 45, 135, 405, 1215, 3645, 7200, 7200]);
        assert_eq!(USUAL.pause(1, None, 0.0), Duration::from_millis(3_500));
        assert_eq!(USUAL.pause(1, Some(Duration::from_secs(60)), 0.0).as_secs(), 60);
        assert_eq!(USUAL.pause(1, Some(Duration::from_secs(1_000_000)), 0.0).as_secs(), 7200);
    }

    #[test]
    fn a_message_is_given_up_a_day_after_its_change_when_nothing_went_for_a_day() {
        let (day, start) = (86_400_000, 1_000_000_000_000);
        let failing = |since: i64| Progress { failing_since: Some(Timestamp(since)), ..Progress::default() };
        let over = |since, change, now| USUAL.is_over(&failing(since), Timestamp(change), Timestamp(now));
        assert!(!over(start, start, start + day - 1));
        assert!(over(start, start, start + day));
        assert!(!over(start, start + 1, start + day), "a newer message has its own day");
        assert!(!over(start + day, start, start + day), "so has a receiver that fails for the first time");
        assert!(!USUAL.is_over(&Progress::default(), Timestamp(start), Timestamp(start + 2 * day)));
    }

    #[test]
    fn a_clock_that_was_put_back_does_not_stop_deliveries() {
        assert!(USUAL.is_past(Timestamp(5), Timestamp(5)) && !USUAL.is_past(Timestamp(6), Timestamp(5)));
        assert!(USUAL.is_past(Timestamp(3_600_000 * 24), Timestamp(5)));
    }
}
