//! The server's one clock. Every rule of time asks it, and nothing else in this room reads the machine's time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::config::ClockKind;
use super::defect::{Defect, Defects};

/// A point in time by the server's clock, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Moment(i64);

impl Moment {
    /// The latest moment that can be written as a date-time of four-digit years, with room for grace behind it.
    pub(super) const LATEST: Self = Self(250_000_000_000_000);

    pub(super) const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub(super) const fn millis(self) -> i64 {
        self.0
    }

    pub(super) const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    pub(super) const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    pub(super) fn plus(self, duration: Duration) -> Self {
        self.plus_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    /// The date-time as the documents write it (ATOM, in UTC).
    pub(super) fn atom(self, defects: Defects) -> String {
        if defects.has(Defect::DateTimesLocal) {
            return self.plus_seconds(2 * 3600).timestamp().strftime("%Y-%m-%dT%H:%M:%S+02:00").to_string();
        }
        if defects.has(Defect::DateTimesWithoutZone) {
            return self.timestamp().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        }
        self.timestamp().strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
    }

    /// The date-time as the `Date` header wants it.
    pub(super) fn http_date(self) -> String {
        let since = Duration::from_millis(u64::try_from(self.timestamp().as_millisecond()).unwrap_or(0));
        httpdate::fmt_http_date(UNIX_EPOCH + since)
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0.clamp(0, Self::LATEST.0))
            .expect("clamped to years that have four digits")
    }
}

/// The clock: this machine's, or one that can be moved forward.
pub(super) struct Clock {
    kind: ClockKind,
    skew: i64,
    started: Instant,
    start: Moment,
    advanced: AtomicI64,
}

impl Clock {
    pub(super) fn new(kind: ClockKind, skew_seconds: i64) -> Self {
        let skew = skew_seconds.saturating_mul(1000);
        Self {
            kind,
            skew,
            started: Instant::now(),
            start: machine_time().plus_millis(skew),
            advanced: AtomicI64::new(0),
        }
    }

    /// The virtual clock runs by the monotonic one, so that a step of this machine's clock cannot expire a token.
    pub(super) fn now(&self) -> Moment {
        match self.kind {
            ClockKind::Real => machine_time().plus_millis(self.skew),
            ClockKind::Virtual => {
                self.start.plus(self.started.elapsed()).plus_millis(self.advanced.load(Ordering::SeqCst))
            }
        }
    }

    /// A clock that had been moved before: time never runs backward, not even over a restart.
    pub(super) fn moved(self, millis: i64) -> Self {
        if self.kind == ClockKind::Virtual {
            self.advanced.store(millis, Ordering::SeqCst);
        }
        self
    }

    /// By how much it was moved altogether.
    pub(super) fn advanced(&self) -> i64 {
        self.advanced.load(Ordering::SeqCst)
    }

    /// Moves a virtual clock forward. `None` when it cannot be moved: it is real, the step leads backward, or beyond
    /// every date that can be written.
    pub(super) fn advance(&self, millis: i64) -> Option<Moment> {
        let allowed =
            self.kind == ClockKind::Virtual && millis >= 0 && self.now().plus_millis(millis) < Moment::LATEST;
        allowed.then(|| {
            self.advanced.fetch_add(millis, Ordering::SeqCst);
            self.now()
        })
    }
}

fn machine_time() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_atom_in_utc() {
        assert_eq!(Moment::from_millis(1_600_249_836_789).atom(Defects::none()), "2020-09-16T09:50:36+00:00");
        assert_eq!(Moment::from_millis(1_600_249_836_789).http_date(), "Wed, 16 Sep 2020 09:50:36 GMT");
    }

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
