//! When arrivals are due. The schedule is a value, fixed before the run.
//!
//! The rate is a piecewise linear function of time. An arrival counts as much work as it brings (one upload, its segments, or
//! its bytes), and is due when the schedule has offered as much work as all arrivals before it count. In a Poisson process each
//! count is multiplied by an exponential random value. The due instant is found by inverting the integral of the rate, so that
//! no error adds up. Recorded arrivals are due as they were recorded.

use std::time::Duration;

use super::plan::{Arrivals, OfferedLoad, Stage, WorkUnit};
use super::random::RandomStream;
use super::trace::TraceCursor;
use uptake_payload::Seed;

/// The due instants of all arrivals.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pieces: Vec<Piece>,
    arrivals: Arrivals,
    gaps: RandomStream,
    /// Whether each arrival counts 1, so that a position follows from a number alone.
    counts_arrivals: bool,
    /// The recording whose arrivals are repeated, before its first.
    replay: Option<TraceCursor>,
}

/// A stage, when it begins, and how much work is offered before it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    begins: f64,
    offered: f64,
    stage: Stage,
}

/// A position in a schedule. Each thread has its own and steps through all arrivals, so that threads share nothing.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    schedule: Schedule,
    index: u64,
    offered: f64,
    replay: Option<TraceCursor>,
}

impl Schedule {
    /// The schedule of a load, after a warm-up at its first rate.
    pub(crate) fn new(load: &OfferedLoad, arrivals: Arrivals, warm_up: Duration, seed: Seed) -> Self {
        let warm = load.stages.first().filter(|_| !warm_up.is_zero()).map(|first| Stage {
            from: first.from,
            to: first.from,
            length: Some(warm_up),
        });
        let mut pieces = Vec::new();
        let (mut begins, mut offered) = (0.0, 0.0);
        for stage in warm.into_iter().chain(load.stages.iter().copied()) {
            pieces.push(Piece { begins, offered, stage });
            let length = length(&stage);
            begins += length;
            offered += stage.from.midpoint(stage.to) * length;
        }
        let replay = load.trace.as_ref().map(|trace| TraceCursor::new(trace.clone(), load.length()));
        let counts_arrivals = load.unit == WorkUnit::Uploads && arrivals == Arrivals::Constant;
        Self { pieces, arrivals, gaps: RandomStream::new(seed, "arrivals"), counts_arrivals, replay }
    }

    /// A cursor before the first arrival.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor { schedule: self.clone(), index: 0, offered: 0.0, replay: self.replay.clone() }
    }

    /// When so much work has been offered; `None` if it never is.
    fn instant(&self, offered: f64) -> Option<Duration> {
        let piece =
            self.pieces.iter().rev().find(|piece| piece.offered <= offered && piece.stage.has_arrivals())?;
        let (stage, work) = (piece.stage, offered - piece.offered);
        let length = length(&stage);
        let slope = if length.is_finite() { (stage.to - stage.from) / length } else { 0.0 };
        // The root of work = from * t + slope / 2 * t², in the form that does not divide by the slope.
        let root = (stage.from * stage.from + 2.0 * slope * work).max(0.0).sqrt();
        let within = if work == 0.0 { 0.0 } else { 2.0 * work / (stage.from + root) };
        if !within.is_finite() || within >= length {
            return None;
        }
        Duration::try_from_secs_f64(piece.begins + within).ok()
    }
}

impl Stage {
    /// Whether any upload arrives in it.
    fn has_arrivals(&self) -> bool {
        self.from > 0.0 || self.to > 0.0
    }
}

fn length(stage: &Stage) -> f64 {
    stage.length.map_or(f64::INFINITY, |length| length.as_secs_f64())
}

impl Cursor {
    /// When the arrival with this number is due; `None` after the end of the schedule. Numbers must not decrease; `work` is
    /// how much an arrival counts.
    pub(crate) fn due(&mut self, number: u64, work: impl Fn(u64) -> f64) -> Option<Duration> {
        if let Some(replay) = &mut self.replay {
            return replay.due(number);
        }
        let poisson = self.schedule.arrivals == Arrivals::Poisson;
        let gap = |index: u64, weight: f64| weight * self.schedule.gaps.at(index).exponential();
        if self.schedule.counts_arrivals && self.index < number {
            // One shard of a thousand must not step through the arrivals of all others.
            #[expect(clippy::cast_precision_loss, reason = "numbers are far below 2^52")]
            let skipped = (number - self.index) as f64;
            self.offered += skipped;
            self.index = number;
        }
        while self.index < number {
            let weight = work(self.index);
            self.offered += if poisson { gap(self.index, weight) } else { weight };
            self.index += 1;
        }
        // Constant arrivals begin immediately, those of a Poisson process after a first gap.
        let ahead = if poisson { gap(number, work(number)) } else { 0.0 };
        self.schedule.instant(self.offered + ahead)
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "a few thousand arrivals")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dues(offer: &OfferedLoad, arrivals: Arrivals, seed: u64) -> Vec<f64> {
        let mut cursor = Schedule::new(offer, arrivals, Duration::ZERO, Seed(seed)).cursor();
        let due = |number| cursor.due(number, |_| 1.0).map(|due| due.as_secs_f64());
        (0..).map_while(due).collect()
    }

    fn steady(rate: &str, seconds: u64) -> OfferedLoad {
        OfferedLoad::steady(rate, Some(Duration::from_secs(seconds))).expect("a rate")
    }

    #[test]
    fn constant_arrivals_are_as_many_as_the_rate_says_and_evenly_apart() {
        let dues = dues(&steady("200/s", 10), Arrivals::Constant, 1);
        assert_eq!(dues.len(), 2_000);
        for (number, due) in dues.iter().enumerate() {
            assert!((due - number as f64 / 200.0).abs() < 1e-6, "{number} at {due}");
        }
    }

    /// The greatest distance between the distribution of the gaps and the exponential one, times the root of their number.
    fn kolmogorov_smirnov(dues: &[f64], rate: f64) -> f64 {
        let mut gaps: Vec<f64> = dues.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_by(f64::total_cmp);
        let count = gaps.len() as f64;
        let distance = |(index, gap): (usize, &f64)| {
            let expected = 1.0 - (-rate * gap).exp();
            (expected - index as f64 / count).abs().max((expected - (index as f64 + 1.0) / count).abs())
        };
        gaps.iter().enumerate().map(distance).fold(0.0, f64::max) * count.sqrt()
    }

    /// What a sample of the true distribution stays below with 95 percent probability.
    const CRITICAL: f64 = 1.358;

    #[test]
    fn the_gaps_of_a_poisson_schedule_are_exponential() {
        let dues = dues(&steady("200/s", 10), Arrivals::Poisson, 1);
        assert!(dues.len().abs_diff(2_000) < 130, "three deviations: {}", dues.len());
        let distance = kolmogorov_smirnov(&dues, 200.0);
        assert!(distance < CRITICAL, "{distance}");
    }

    #[test]
    fn that_test_of_gaps_can_fail() {
        let constant = dues(&steady("200/s", 10), Arrivals::Constant, 1);
        assert!(kolmogorov_smirnov(&constant, 200.0) > CRITICAL);
        let poisson = dues(&steady("200/s", 10), Arrivals::Poisson, 1);
        assert!(kolmogorov_smirnov(&poisson, 240.0) > CRITICAL, "a rate that is off by a fifth");
    }

    #[test]
    fn seeds_that_differ_make_other_schedules_and_one_seed_the_same() {
        let offer = steady("50/s", 2);
        assert_eq!(dues(&offer, Arrivals::Poisson, 3), dues(&offer, Arrivals::Poisson, 3));
        assert_ne!(dues(&offer, Arrivals::Poisson, 3), dues(&offer, Arrivals::Poisson, 4));
    }

    #[test]
    fn a_ramp_offers_what_lies_under_it() {
        let offer =
            OfferedLoad::staged("0/s..100/s for 10s, 100/s for 1s, 100/s..0/s for 10s").expect("stages");
        let dues = dues(&offer, Arrivals::Constant, 1);
        let within = |from: f64, to: f64| dues.iter().filter(|due| (from..to).contains(*due)).count();
        assert_eq!(within(0.0, 10.0), 500);
        assert_eq!(within(10.0, 11.0), 100);
        assert_eq!(within(11.0, 21.0), 500);
        // After half the ramp a quarter of it has been offered.
        assert_eq!(within(0.0, 5.0), 125);
    }

    #[test]
    fn a_pause_between_stages_lets_nothing_arrive() {
        let offer = OfferedLoad::staged("10/s for 1s, 0/s for 5s, 10/s for 1s").expect("stages");
        let dues = dues(&offer, Arrivals::Constant, 1);
        assert_eq!(dues.len(), 20);
        assert!(dues.iter().all(|due| *due < 1.0 || *due >= 6.0), "{dues:?}");
    }

    #[test]
    fn a_rate_of_bytes_waits_longer_after_a_large_file() {
        let offer = steady("1MiB/s", 10);
        let sizes = [3.0, 1.0, 1.0, 2.0, 5.0].map(|size| size * 1_048_576.0);
        let mut cursor = Schedule::new(&offer, Arrivals::Constant, Duration::ZERO, Seed(1)).cursor();
        let work = |number| sizes.get(usize::try_from(number).expect("small")).copied().unwrap_or(1.0);
        let dues: Vec<_> =
            (0..5).filter_map(|number| cursor.due(number, work)).map(|due| due.as_secs()).collect();
        assert_eq!(dues, [0, 3, 4, 5, 7]);
    }

    #[test]
    fn the_warm_up_comes_first_at_the_first_rate() {
        let offer = steady("10/s", 1);
        let mut cursor = Schedule::new(&offer, Arrivals::Constant, Duration::from_secs(2), Seed(1)).cursor();
        let count = (0..).map_while(|number| cursor.due(number, |_| 1.0)).count();
        assert_eq!(count, 30);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_thread_that_skips_arrivals_sees_the_same_instants(
            seed: u64,
            steps in proptest::collection::vec(1_u64..5, 1..40),
            poisson: bool,
        ) {
            let arrivals = if poisson { Arrivals::Poisson } else { Arrivals::Constant };
            let offer = OfferedLoad::staged("5/s..50/s for 3s, 50/s for 2s").expect("stages");
            let all = dues(&offer, arrivals, seed);
            let mut cursor = Schedule::new(&offer, arrivals, Duration::ZERO, Seed(seed)).cursor();
            let mut number = 0;
            for step in steps {
                number += step;
                let due = cursor.due(number, |_| 1.0).map(|due| due.as_secs_f64());
                prop_assert_eq!(due, all.get(usize::try_from(number).expect("small")).copied());
            }
        }

        #[test]
        fn dues_never_go_back(seed: u64) {
            let offer = OfferedLoad::staged("1/s..200/s for 1s, 0/s for 1s, 200/s..1/s for 1s").expect("stages");
            let dues = dues(&offer, Arrivals::Poisson, seed);
            prop_assert!(dues.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }
}
