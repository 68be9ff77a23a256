//! How far the target's clock is from this machine's, and how well that is known.
//!
//! A date names a second: the target's clock showed it at some moment between the sending of the request and the end of the
//! answer. Each sample so bounds the offset from both sides, and all of them together bound it best. Where they
//! contradict each other there is more than one clock, and what is known is only how far these are apart.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uptake_outcome::ClockReading;

/// What has been seen of one clock.
#[derive(Debug, Default)]
pub(crate) struct ClockOffset(Mutex<Seen>);

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    samples: u64,
    /// The offset is no less, and no more: the narrowest bounds that were seen.
    least: f64,
    most: f64,
    /// By how much the clock was moved on since the run began, and when it was the last time.
    advanced: f64,
    last_advance: Option<SystemTime>,
    looks_since: u64,
}

impl Seen {
    fn reading(self) -> Option<ClockReading> {
        let Self { samples, least, most, .. } = self;
        (samples > 0).then(|| ClockReading {
            offset_seconds: rounded(f64::midpoint(least, most)),
            uncertainty_seconds: rounded(((most - least).abs() / 2.0).max(MOST_EXACT)),
            samples,
        })
    }
}

impl ClockOffset {
    /// A date that came with an answer, in seconds since 1970.
    /// What went out before the clock was turned may be dated by either time.
    pub(crate) fn look(&self, date: u64, sent: SystemTime, took: Duration) {
        if self
            .0
            .lock()
            .expect("no holder of this lock panics")
            .last_advance
            .is_some_and(|advance| sent <= advance)
        {
            return;
        }
        let Ok(sent) = sent.duration_since(UNIX_EPOCH) else { return };
        let date = Duration::from_secs(date).as_secs_f64();
        let mut seen = self.0.lock().expect("no holder of this lock panics");
        if seen.last_advance.is_some() {
            seen.looks_since += 1;
        }
        let least = date - (sent + took).as_secs_f64() - seen.advanced;
        let most = date + 1.0 - sent.as_secs_f64() - seen.advanced;
        *seen = if seen.samples == 0 {
            Seen { samples: 1, least, most, ..*seen }
        } else {
            Seen {
                samples: seen.samples + 1,
                least: seen.least.max(least),
                most: seen.most.min(most),
                ..*seen
            }
        };
    }

    /// The clock was turned.
    pub(crate) fn advanced(&self, by: Duration) {
        let mut seen = self.0.lock().expect("no holder of this lock panics");
        seen.advanced += by.as_secs_f64();
        seen.last_advance = Some(SystemTime::now());
    }

    /// The offset, as it was when the run began, and how far it may be from that.
    pub(crate) fn reading(&self) -> Option<ClockReading> {
        let seen = *self.0.lock().expect("no holder of this lock panics");
        seen.reading()
    }

    /// The same, by the samples of both. Where these contradict each other, by those of this one alone.
    pub(crate) fn reading_with(&self, other: &Self) -> Option<ClockReading> {
        let (own, other) = (
            *self.0.lock().expect("no holder of this lock panics"),
            *other.0.lock().expect("no holder of this lock panics"),
        );
        let both = Seen {
            samples: own.samples + other.samples,
            least: own.least.max(other.least),
            most: own.most.min(other.most),
            ..own
        };
        let agree = own.samples > 0 && other.samples > 0 && both.least <= both.most;
        if agree { both.reading() } else { own.reading() }
    }

    /// By how many seconds the clock was moved on since the run began.
    pub(crate) fn seconds_advanced(&self) -> f64 {
        self.0.lock().expect("no holder of this lock panics").advanced
    }

    /// Whether dates show that the clock was turned; nothing where it never was, or nobody looked since.
    pub(crate) fn shows_advances(&self) -> Option<bool> {
        let Seen { least, most, advanced, looks_since, .. } =
            *self.0.lock().expect("no holder of this lock panics");
        (advanced > 0.0 && looks_since > 0).then_some(least <= most + 1.0)
    }
}

/// No clock is known better than this, whatever many lucky samples say: machines stamp and schedule less exactly.
const MOST_EXACT: f64 = 0.005;

/// More than milliseconds nobody knows.
fn rounded(seconds: f64) -> f64 {
    // There is no use in a zero below zero.
    (seconds * 1000.0).round() / 1000.0 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Duration = Duration::from_millis(1_700_000_000_250);
    const TOOK: Duration = Duration::from_millis(100);

    fn look(offset: &ClockOffset, date: u64, after: Duration) {
        offset.look(date, UNIX_EPOCH + SENT + after, TOOK);
    }

    #[test]
    fn an_offset_is_bounded_by_every_sample() {
        let offset = ClockOffset::default();
        assert!(offset.reading().is_none());
        look(&offset, 1_700_000_090, Duration::ZERO);
        let first = offset.reading().expect("a sample");
        assert!(
            (first.offset_seconds - 90.2).abs() < 0.01 && (first.uncertainty_seconds - 0.55).abs() < 0.01,
            "{first:?}"
        );
        // 0.7 s later the clock has ticked: it cannot be much behind that.
        look(&offset, 1_700_000_091, Duration::from_millis(700));
        let both = offset.reading().expect("samples");
        assert!(both.uncertainty_seconds < first.uncertainty_seconds, "{both:?}");
        assert_eq!(both.samples, 2);
    }

    #[test]
    fn a_clock_that_shows_advances_has_the_same_offset_still() {
        let offset = ClockOffset::default();
        let now = SystemTime::now();
        let second = now.duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
        offset.look(second, now, TOOK);
        offset.advanced(Duration::from_secs(86_400));
        offset.look(second, now, TOOK);
        assert_eq!(offset.reading().expect("a sample").samples, 1, "it went out before the turn");
        let later = SystemTime::now() + Duration::from_secs(1);
        offset.look(second + 86_401, later, TOOK);
        let reading = offset.reading().expect("samples");
        assert!(reading.offset_seconds.abs() < 1.0 && reading.uncertainty_seconds < 1.0, "{reading:?}");
        assert!((offset.seconds_advanced() - 86_400.0).abs() < 1.0);
    }

    #[test]
    fn clocks_that_contradict_each_other_are_as_uncertain_as_they_are_apart() {
        let offset = ClockOffset::default();
        look(&offset, 1_700_000_000, Duration::ZERO);
        look(&offset, 1_700_000_030, Duration::ZERO);
        let reading = offset.reading().expect("samples");
        assert!(reading.uncertainty_seconds > 14.0, "{reading:?}");
    }
}
