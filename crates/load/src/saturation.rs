//! Whether the generator was the bottleneck. Then the figures describe the generator, not the target.

use std::time::Duration;

use super::failure::ErrorClass;
use super::recorder::Recorder;
use uptake_outcome::load::{Generator, Phase};

/// The figures that show saturation.
#[derive(Debug)]
pub(super) struct SaturationCheck<'e> {
    pub(super) recorder: &'e Recorder,
    pub(super) generator: &'e Generator,
    /// The most uploads at once, unless the user set that limit.
    pub(super) default_limit: Option<u64>,
}

/// What the check found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Saturation {
    /// Why the generator was the bottleneck; empty if it was not.
    pub(super) reasons: Vec<String>,
    /// Delays too small to spoil the run, which a reader of the highest percentiles should know.
    pub(super) notes: Vec<String>,
}

/// A release later than this is late, or later than a tenth of the median response time if that is more.
const LATE: Duration = Duration::from_millis(10);
/// The share of arrivals that may be late. A hiccup delays a few arrivals, a saturated generator all of them.
const MAX_LATE_SHARE: f64 = 0.05;
/// Fewer late arrivals than this prove nothing, however short the run.
const MIN_LATE: u64 = 3;
/// Above this share, late arrivals show in the 99th percentile.
const NOTED_LATE_SHARE: f64 = 0.01;
/// A thread that ran, or was ready to run, for this share of the time never had to wait for the target.
const BUSY: f64 = 0.95;
/// A thread that was ready and had no processor for this share of the time shares it with too many others.
const CROWDED: f64 = 0.25;

/// How late arrivals were released, though an uploader was free.
struct Lateness {
    late: u64,
    share: f64,
    text: String,
}

impl SaturationCheck<'_> {
    pub(super) fn check(&self) -> Saturation {
        let mut found = Saturation::default();
        let lateness = self.lateness();
        let is_late = lateness
            .as_ref()
            .is_some_and(|lateness| lateness.share > MAX_LATE_SHARE && lateness.late >= MIN_LATE);
        match &lateness {
            Some(lateness) if is_late => found.reasons.push(lateness.text.clone()),
            Some(lateness) if lateness.share > NOTED_LATE_SHARE => {
                found.notes.push(format!("{}; the highest percentiles contain that delay", lateness.text));
            }
            _ => {}
        }
        let (occupied, busiest) = (self.generator.cpu_occupied, self.generator.cpu_busiest);
        if occupied >= BUSY {
            found.reasons.push(format!(
                "a thread of the generator was never idle: it ran, or was ready to run, for {:.0} % of the time, and took {:.0} % of a \
                 processor; use more threads, or another machine",
                occupied * 100.0,
                busiest * 100.0
            ));
        }
        // In the open model, waiting for a processor matters only if arrivals were late.
        let waited = self.generator.cpu_waited;
        if waited >= CROWDED && (lateness.is_none() || is_late) {
            found.reasons.push(format!(
                "a thread of the generator was ready to run and had no processor for {:.0} % of the time: other processes took it",
                waited * 100.0
            ));
        }
        found.reasons.extend(self.exhaustion());
        if let Some(limit) = self.default_limit.filter(|_| self.recorder.counters.not_started > 0) {
            found.reasons.push(format!(
                "{} uploads were due but never started: at most {limit} are sent at once unless --max-in-flight says otherwise",
                self.recorder.counters.not_started
            ));
        }
        found
    }

    /// `None` in the closed model, which has no schedule.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn lateness(&self) -> Option<Lateness> {
        let lag = self.recorder.samples(Phase::Lag);
        if lag.is_empty() {
            return None;
        }
        let median = Duration::from_micros(self.recorder.samples(Phase::Upload).value_at_quantile(0.5));
        let limit = LATE.max(median / 10);
        let limit_micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
        let late = lag.count_between(limit_micros.saturating_add(1), u64::MAX);
        let share = late as f64 / lag.len() as f64;
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let text = format!(
            "{late} of {} uploads ({:.1} %) were released more than {:.1} ms late though an uploader was free (99th percentile of \
             the delay {:.1} ms, median response time {:.1} ms, busiest thread at {:.0} % of a processor)",
            lag.len(),
            share * 100.0,
            milliseconds(limit),
            milliseconds(Duration::from_micros(lag.value_at_quantile(0.99))),
            milliseconds(median),
            self.generator.cpu_busiest * 100.0
        );
        Some(Lateness { late, share, text })
    }

    fn exhaustion(&self) -> Option<String> {
        let failures = self.recorder.failures().iter();
        let exhausted: u64 = failures
            .filter(|(failure, _)| failure.class == ErrorClass::Exhausted)
            .map(|(_, number)| number)
            .sum();
        (exhausted > 0).then(|| {
            let requests = if exhausted == 1 { "request" } else { "requests" };
            format!("this machine had no descriptor, port or memory left for {exhausted} {requests}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Failure, Step};

    fn check(recorder: &Recorder, generator: &Generator) -> Saturation {
        SaturationCheck { recorder, generator, default_limit: Some(1_000) }.check()
    }

    /// Arrivals released so many milliseconds late, each answered after 20 ms.
    fn released(delays: &[(u64, u64)]) -> Recorder {
        let mut recorder = Recorder::default();
        for (count, milliseconds) in delays {
            for _ in 0..*count {
                recorder.phase(Phase::Lag, Duration::from_millis(*milliseconds));
                recorder.phase(Phase::Upload, Duration::from_millis(20));
            }
        }
        recorder
    }

    #[test]
    fn one_hiccup_saturates_nothing() {
        let idle = Generator { cpu_busiest: 0.01, ..Generator::default() };
        // 10/s for 10 s: a hiccup of 30 ms delays one upload; at 3 s runs it is one of thirty.
        assert_eq!(check(&released(&[(99, 0), (1, 30)]), &idle), Saturation::default());
        let short = check(&released(&[(29, 0), (1, 30)]), &idle);
        assert_eq!(short.reasons, [""; 0]);
        assert!(short.notes[0].contains("1 of 30 uploads (3.3 %)"), "{short:?}");
        assert_eq!(check(&released(&[(9, 0), (2, 30)]), &idle).reasons, [""; 0], "two prove nothing");
    }

    #[test]
    fn delays_of_many_arrivals_are_saturation_and_the_figures_are_shown() {
        let found = check(&released(&[(90, 0), (10, 40)]), &Generator::default());
        let reason = found.reasons.join("\n");
        assert!(
            reason.contains("10 of 100 uploads (10.0 %) were released more than 10.0 ms late"),
            "{reason}"
        );
        assert!(reason.contains("median response time 20.0 ms"), "{reason}");
    }

    #[test]
    fn a_delay_is_held_against_the_response_time() {
        let mut recorder = Recorder::default();
        for _ in 0..100 {
            recorder.phase(Phase::Lag, Duration::from_millis(40));
            recorder.phase(Phase::Upload, Duration::from_secs(2));
        }
        assert_eq!(check(&recorder, &Generator::default()), Saturation::default());
    }

    #[test]
    fn each_kind_of_exhaustion_is_reported() {
        let mut recorder = released(&[(100, 50)]);
        recorder.count(Failure { step: Step::Segment, class: ErrorClass::Exhausted }, 3);
        recorder.counters.not_started = 7;
        let generator =
            Generator { cpu_busiest: 0.99, cpu_occupied: 0.99, cpu_waited: 0.5, ..Generator::default() };
        let reasons = check(&recorder, &generator).reasons.join("\n");
        for part in ["50.0 ms", "99 % of a processor", "for 50 %", "3 requests", "7 uploads were due"] {
            assert!(reasons.contains(part), "{part}: {reasons}");
        }
    }

    #[test]
    fn waiting_for_a_limit_that_the_user_set_is_part_of_the_measurement() {
        let mut recorder = Recorder::default();
        recorder.counters.not_started = 7;
        let generator = Generator::default();
        let check = SaturationCheck { recorder: &recorder, generator: &generator, default_limit: None };
        assert_eq!(check.check(), Saturation::default());
    }
}
