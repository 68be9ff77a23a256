//! The server's one clock. Every rule about time asks it; nothing else in this crate reads the machine's time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::config::ClockKind;
use crate::timestamp::Timestamp;

/// The machine's clock, or one that tests can move forward.
pub(crate) struct Clock {
    kind: ClockKind,
    skew: i64,
    started: Instant,
    start: Timestamp,
    advanced: AtomicI64,
}

impl Clock {
    pub(crate) fn new(kind: ClockKind, skew_seconds: i64) -> Self {
        let skew = skew_seconds.saturating_mul(1000);
        Self {
            kind,
            skew,
            started: Instant::now(),
            start: machine_time().plus_millis(skew),
            advanced: AtomicI64::new(0),
        }
    }

    /// The virtual clock follows the monotonic one, so that a step of the machine's clock cannot expire a token.
    pub(crate) fn now(&self) -> Timestamp {
        match self.kind {
            ClockKind::Real => machine_time().plus_millis(self.skew),
            ClockKind::Virtual => {
                self.start.plus(self.started.elapsed()).plus_millis(self.advanced.load(Ordering::SeqCst))
            }
        }
    }

    /// A clock that was moved before a restart: time never runs backward.
    pub(crate) fn moved(self, millis: i64) -> Self {
        if self.kind == ClockKind::Virtual {
            self.advanced.store(millis, Ordering::SeqCst);
        }
        self
    }

    /// By how much it was moved altogether, in milliseconds.
    pub(crate) fn advanced(&self) -> i64 {
        self.advanced.load(Ordering::SeqCst)
    }

    /// Moves a virtual clock forward. `None` when it cannot be moved: it is real, the step leads backward, or beyond
    /// every date that can be written.
    pub(crate) fn advance(&self, millis: i64) -> Option<Timestamp> {
        let allowed = self.kind == ClockKind::Virtual
            && millis >= 0
            && self.now().plus_millis(millis) < Timestamp::LATEST;
        allowed.then(|| {
            self.advanced.fetch_add(millis, Ordering::SeqCst);
            self.now()
        })
    }
}

fn machine_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_moves_forward_only() {
        let clock = Clock::new(ClockKind::Virtual, 0);
        let before = clock.now();
        let after = clock.advance(86_400_000).expect("a day fits");
        assert!(after >= before.plus_seconds(86_400));
        assert!(clock.advance(-1).is_none());
        assert!(clock.advance(i64::MAX).is_none());
    }

    #[test]
    fn a_real_clock_cannot_be_moved_but_may_be_skewed() {
        let clock = Clock::new(ClockKind::Real, 3600);
        assert!(clock.advance(1).is_none());
        assert!(clock.now() >= machine_time().plus_seconds(3590));
    }
}
