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
pub(super) struct Watch(Mutex<Seen>);

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    samples: u64,
    /// The offset is no less, and no more: the narrowest bounds that were seen.
    least: f64,
    most: f64,
    /// By how much the clock was turned since the run began, and when it was the last time.
    turned: f64,
    last_turn: Option<SystemTime>,
    looks_since: u64,
}

impl Watch {
    /// A date that came with an answer, in seconds since 1970.
    /// What went out before the clock was turned may be dated by either time.
    pub(super) fn look(&self, date: u64, sent: SystemTime, took: Duration) {
        if self.0.lock().expect("no holder of this lock panics").last_turn.is_some_and(|turn| sent <= turn) {
            return;
        }
        let Ok(sent) = sent.duration_since(UNIX_EPOCH) else { return };
        let date = Duration::from_secs(date).as_secs_f64();
        let mut seen = self.0.lock().expect("no holder of this lock panics");
        if seen.last_turn.is_some() {
            seen.looks_since += 1;
        }
        let least = date - (sent + took).as_secs_f64() - seen.turned;
        let most = date + 1.0 - sent.as_secs_f64() - seen.turned;
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
    pub(super) fn turned(&self, by: Duration) {
        let mut seen = self.0.lock().expect("no holder of this lock panics");
        seen.turned += by.as_secs_f64();
        seen.last_turn = Some(SystemTime::now());
    }

    /// The offset, as it was when the run began, and how far it may be from that.
    pub(super) fn reading(&self) -> Option<ClockReading> {
        let Seen { samples, least, most, .. } = *self.0.lock().expect("no holder of this lock panics");
        (samples > 0).then(|| ClockReading {
            offset_seconds: rounded(f64::midpoint(least, most)),
            uncertainty_seconds: rounded((most - least).abs() / 2.0),
            samples,
        })
    }

    /// Whether dates show that the clock was turned; nothing where it never was, or nobody looked since.
    pub(super) fn was_turned(&self) -> Option<bool> {
        let Seen { least, most, turned, looks_since, .. } =
            *self.0.lock().expect("no holder of this lock panics");
        (turned > 0.0 && looks_since > 0).then_some(least <= most + 1.0)
    }

    /// How far the target's clock is ahead now.
    pub(super) fn ahead(&self) -> f64 {
        let turned = self.0.lock().expect("no holder of this lock panics").turned;
        self.reading().map_or(0.0, |reading| reading.offset_seconds + turned)
    }
}

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

    fn look(watch: &Watch, date: u64, after: Duration) {
        watch.look(date, UNIX_EPOCH + SENT + after, TOOK);
    }

    #[test]
    fn an_offset_is_bounded_by_every_sample() {
        let watch = Watch::default();
        assert!(watch.reading().is_none());
        look(&watch, 1_700_000_090, Duration::ZERO);
        let first = watch.reading().expect("a sample");
        assert!(
            (first.offset_seconds - 90.2).abs() < 0.01 && (first.uncertainty_seconds - 0.55).abs() < 0.01,
            "{first:?}"
        );
        // 0.7 s later the clock has ticked: it cannot be much behind that.
        look(&watch, 1_700_000_091, Duration::from_millis(700));
        let both = watch.reading().expect("samples");
        assert!(both.uncertainty_seconds < first.uncertainty_seconds, "{both:?}");
        assert_eq!(both.samples, 2);
    }

    #[test]
    fn a_clock_that_was_turned_has_the_same_offset_still() {
        let watch = Watch::default();
        let now = SystemTime::now();
        let second = now.duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
        watch.look(second, now, TOOK);
        watch.turned(Duration::from_secs(86_400));
        watch.look(second, now, TOOK);
        assert_eq!(watch.reading().expect("a sample").samples, 1, "it went out before the turn");
        let later = SystemTime::now() + Duration::from_secs(1);
        watch.look(second + 86_401, later, TOOK);
        let reading = watch.reading().expect("samples");
        assert!(reading.offset_seconds.abs() < 1.0 && reading.uncertainty_seconds < 1.0, "{reading:?}");
        assert!((watch.ahead() - 86_400.0).abs() < 1.0);
    }

    #[test]
    fn clocks_that_contradict_each_other_are_as_uncertain_as_they_are_apart() {
        let watch = Watch::default();
        look(&watch, 1_700_000_000, Duration::ZERO);
        look(&watch, 1_700_000_030, Duration::ZERO);
        let reading = watch.reading().expect("samples");
        assert!(reading.uncertainty_seconds > 14.0, "{reading:?}");
    }
}
