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

/// A schedule that is later than this for one arrival in a hundred is not kept.
const LATE: Duration = Duration::from_millis(10);
/// A thread that ran, or was ready to, for this share of the time never had to wait for the target.
const BUSY: f64 = 0.95;
/// A thread that was ready and had to wait for this share of the time shares its processor with too many others.
const CROWDED: f64 = 0.25;

impl SaturationCheck<'_> {
    /// Why the generator was the bottleneck; empty if it was not.
    pub(super) fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        let lag = self.recorder.samples(Phase::Lag);
        let late = Duration::from_micros(lag.value_at_quantile(0.99));
        if !lag.is_empty() && late > LATE {
            reasons.push(format!(
                "the schedule lagged: one upload in a hundred was released {:.1} ms or more after it was due, though nothing \
                 but the generator held it back",
                late.as_secs_f64() * 1e3
            ));
        }
        let (occupied, busiest) = (self.generator.cpu_occupied, self.generator.cpu_busiest);
        if occupied >= BUSY {
            reasons.push(format!(
                "a thread of the generator had no rest: it ran, or was ready to, for {:.0} % of the time, and took {:.0} % of a \
                 processor; give it more threads, or another machine",
                occupied * 100.0,
                busiest * 100.0
            ));
        }
        // Where there is a schedule it says best whether the wait for a processor mattered.
        let waited = self.generator.cpu_waited;
        if waited >= CROWDED && (lag.is_empty() || late > LATE) {
            reasons.push(format!(
                "a thread of the generator was ready and had no processor for {:.0} % of the time: others on this machine took it",
                waited * 100.0
            ));
        }
        let sockets =
            self.recorder.failures().iter().filter(|(failure, _)| failure.class == ErrorClass::Exhausted);
        let exhausted: u64 = sockets.map(|(_, number)| number).sum();
        if exhausted > 0 {
            reasons.push(format!("this machine had no socket or no port left for {exhausted} connections"));
        }
        if let Some(limit) = self.default_limit.filter(|_| self.recorder.counters.not_started > 0) {
            reasons.push(format!(
                "{} uploads were due and never started: {limit} at once is the most that the generator sends unless \
                 --max-in-flight says otherwise",
                self.recorder.counters.not_started
            ));
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Failure, Step};

    fn reasons(recorder: &Recorder, generator: &Generator) -> String {
        SaturationCheck { recorder, generator, default_limit: Some(1_000) }.reasons().join("\n")
    }

    #[test]
    fn a_generator_at_ease_is_not_spoken_of() {
        let mut recorder = Recorder::default();
        for _ in 0..1_000 {
            recorder.phase(Phase::Lag, Duration::from_micros(80));
        }
        // A single late release is no lag.
        recorder.phase(Phase::Lag, Duration::from_millis(90));
        assert_eq!(reasons(&recorder, &Generator { cpu_busiest: 0.6, ..Generator::default() }), "");
    }

    #[test]
    fn each_kind_of_exhaustion_is_told_in_words() {
        let mut recorder = Recorder::default();
        for _ in 0..100 {
            recorder.phase(Phase::Lag, Duration::from_millis(50));
        }
        recorder.count(Failure { step: Step::Segment, class: ErrorClass::Exhausted }, 3);
        recorder.counters.not_started = 7;
        let generator =
            Generator { cpu_busiest: 0.99, cpu_occupied: 0.99, cpu_waited: 0.5, ..Generator::default() };
        let reasons = reasons(&recorder, &generator);
        for told in
            ["the schedule lagged", "99 % of a processor", "for 50 %", "3 connections", "7 uploads were due"]
        {
            assert!(reasons.contains(told), "{told}: {reasons}");
        }
    }

    #[test]
    fn waiting_behind_a_limit_that_was_asked_for_is_the_targets_doing() {
        let mut recorder = Recorder::default();
        recorder.counters.not_started = 7;
        let generator = Generator::default();
        let check = SaturationCheck { recorder: &recorder, generator: &generator, default_limit: None };
        assert_eq!(check.reasons(), Vec::<String>::new());
    }
}
