//! What was measured of one load, and whether it meets the condition.
//!
//! The time of a run is divided into four windows. A step is stable when nearly all windows say the same as the whole, and when
//! the latency does not grow from window to window. The figures of several runs at the same load are added up.

use super::search::Judgement;
use crate::threshold::{Collected, Conjunction, Counts};
use uptake_outcome::load::{LoadRun, Micros, Phase, Second, decode, empty};

/// The windows of a run.
pub(super) const WINDOWS: usize = 4;
/// The share of a run that each of them has.
pub(super) const WINDOW_SHARE: f64 = 0.25;
/// Of so many windows one may say something else.
const WINDOWS_PER_DISSENT: usize = 8;
/// The latency grows if it rises from each window to the next, and by this factor from the first to the last.
const GROWTH: f64 = 1.5;

/// The figures of one load.
#[derive(Debug, Default)]
pub(super) struct StepFigures {
    pub(super) whole: Collected,
    /// Segments acknowledged.
    pub(super) segments: u64,
    windows: Vec<Collected>,
    /// How many windows were there before the last run.
    last_run: usize,
}

impl Collected {
    pub(super) fn record(&mut self, phase: Phase, samples: &Micros) {
        self.phases.entry(phase).or_insert_with(empty).add(samples).expect("both have the same bounds");
    }

    fn add(&mut self, other: &Self) {
        for (phase, samples) in &other.phases {
            self.record(*phase, samples);
        }
        self.counts.add(&other.counts);
    }

    /// The mean response time.
    fn mean(&self) -> f64 {
        self.phases.get(&Phase::Upload).map_or(0.0, Micros::mean)
    }
}

impl StepFigures {
    /// Adds what another run at the same load measured.
    pub(super) fn add(&mut self, whole: &Collected, windows: Vec<Collected>) {
        self.whole.add(whole);
        self.last_run = self.windows.len();
        self.windows.extend(windows);
    }

    /// Adds a run; `seconds` is how long its load was offered, `condition` needs the phases that are kept.
    pub(super) fn add_run(&mut self, run: &LoadRun, seconds: f64, condition: &Conjunction) {
        let mut phases: Vec<Phase> = condition.phases().collect();
        phases.push(Phase::Upload);
        phases.sort_unstable();
        phases.dedup();
        let length = seconds * WINDOW_SHARE;
        let mut windows: Vec<Collected> = (0..WINDOWS).map(|_| Collected::default()).collect();
        let index = |second: f64| window_of(second, length);
        for interval in run.intervals.iter().filter(|interval| phases.contains(&interval.phase)) {
            if let Ok(samples) = decode(&interval.histogram) {
                windows[index(interval.start)].record(interval.phase, &samples);
            }
        }
        for second in &run.series {
            #[expect(clippy::cast_precision_loss, reason = "a run has few seconds")]
            windows[index(second.second as f64)].counts.add(&counts_of(second));
        }
        for window in &mut windows {
            window.counts.seconds = length;
        }
        let mut whole = Collected::default();
        for phase in phases {
            if let Some(samples) = run.phases.get(&phase).and_then(|result| result.samples().ok()) {
                whole.record(phase, &samples);
            }
        }
        whole.counts = Counts::of_run(run);
        self.segments += run.summary.segments;
        self.add(&whole, windows);
    }

    /// Whether the figures so far meet the condition. The latency of a closed model cannot grow without bounds.
    pub(super) fn judge(&self, condition: &Conjunction, is_open: bool) -> Judgement {
        let is_met = condition.holds(&self.whole);
        if is_met && is_open && self.is_growing() {
            return Judgement::Growing;
        }
        let dissenting = self.windows.iter().filter(|window| condition.holds(*window) != is_met).count();
        if dissenting > self.windows.len() / WINDOWS_PER_DISSENT {
            Judgement::Unstable(is_met)
        } else {
            Judgement::Stable(is_met)
        }
    }

    fn is_growing(&self) -> bool {
        let means: Vec<f64> = self.windows[self.last_run..].iter().map(Collected::mean).collect();
        let rises = means.windows(2).all(|pair| pair[0] < pair[1]);
        match means.as_slice() {
            [first, .., last] => rises && *first > 0.0 && last / first > GROWTH,
            _ => false,
        }
    }
}

/// The window of a second; those after the last arrival belong to the last window.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a run has few seconds")]
pub(super) fn window_of(second: f64, length: f64) -> usize {
    (((second + 0.5) / length) as usize).min(WINDOWS - 1)
}

fn counts_of(second: &Second) -> Counts {
    Counts {
        uploads: second.uploads,
        errors: second.errors,
        goodput_bytes: second.goodput_bytes,
        ..Counts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run whose windows have these response times, each of a hundred uploads.
    fn figures(millis: &[[u64; WINDOWS]]) -> StepFigures {
        let mut figures = StepFigures::default();
        for run in millis {
            let mut windows = Vec::new();
            let mut whole = Collected::default();
            for millis in run {
                let mut samples = empty();
                samples.record_n(millis * 1_000, 100).expect("in bounds");
                let mut window = Collected::default();
                window.record(Phase::Upload, &samples);
                window.counts = Counts { uploads: 100, seconds: 1.0, ..Counts::default() };
                whole.add(&window);
                windows.push(window);
            }
            figures.add(&whole, windows);
        }
        figures
    }

    fn judged(millis: &[[u64; WINDOWS]]) -> Judgement {
        let condition = "upload.p90 < 100ms".parse().expect("a condition");
        figures(millis).judge(&condition, true)
    }

    #[test]
    fn a_step_is_stable_when_its_windows_agree() {
        assert_eq!(judged(&[[50, 40, 50, 60]]), Judgement::Stable(true));
        assert_eq!(judged(&[[150, 140, 150, 160]]), Judgement::Stable(false));
        assert_eq!(judged(&[[150, 40, 50, 60]]), Judgement::Unstable(false));
        assert_eq!(judged(&[[150, 40, 50, 60], [150, 150, 150, 150]]), Judgement::Unstable(false));
        assert_eq!(judged(&[[150, 90, 150, 160], [150, 150, 150, 150]]), Judgement::Stable(false));
    }

    #[test]
    fn a_latency_that_grows_in_the_last_run_is_not_stable_though_it_meets_the_condition() {
        assert_eq!(judged(&[[20, 30, 40, 50]]), Judgement::Growing);
        assert_eq!(judged(&[[20, 21, 22, 23]]), Judgement::Stable(true), "by little");
        assert_eq!(judged(&[[20, 30, 25, 50]]), Judgement::Stable(true), "not always");
        assert_eq!(judged(&[[20, 30, 40, 50], [30, 30, 20, 30]]), Judgement::Stable(true), "not any more");
        assert_eq!(judged(&[[120, 130, 140, 250]]), Judgement::Stable(false), "it failed anyway");
    }

    #[test]
    fn seconds_belong_to_windows_and_those_of_the_end_to_the_last() {
        let windows: Vec<usize> =
            [0.0, 1.0, 2.0, 3.0, 4.0, 7.0, 8.0, 20.0].map(|at| window_of(at, 2.0)).to_vec();
        assert_eq!(windows, [0, 0, 1, 1, 2, 3, 3, 3]);
    }
}
