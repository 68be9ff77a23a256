//! Which load to measure next: ramp until the condition fails, bisect, and confirm both bounds by a hold.
//!
//! A pure state machine. The loads that met the condition and those that did not are kept in order: a load that meets it takes
//! back every failure at or below it, and one that fails takes back every success at or above it. So one wrong judgement, which
//! chance will produce now and then, is corrected by a later and longer measurement.

use uptake_outcome::load::{CapacityBound, StepKind, StepVerdict};

/// What the search begins with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SearchSettings {
    /// The first load.
    pub(super) start: f64,
    /// The lowest load that is tried.
    pub(super) least: f64,
    /// Whether loads are whole numbers (uploaders).
    pub(super) is_whole: bool,
}

/// What to measure next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measurement {
    pub(super) kind: StepKind,
    pub(super) load: f64,
    /// For how many step lengths.
    pub(super) lengths: u32,
    /// Whether it goes on with the step before: its figures are added to those so far.
    pub(super) is_continued: bool,
}

/// What the figures of a step say so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Whether the condition holds. All parts of the step agree.
    Stable(bool),
    /// Whether the condition holds, though some parts of the step say otherwise.
    Unstable(bool),
    /// The latency grows.
    Growing,
    /// The generator was the bottleneck.
    GeneratorLimit(String),
}

/// The end of a search.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) capacity: Option<f64>,
    pub(super) above: Option<f64>,
    pub(super) bound: CapacityBound,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    Measure(Measurement),
    Done(Found),
}

/// The state of a search.
#[derive(Debug)]
pub(super) struct Search {
    settings: SearchSettings,
    /// Loads that met the condition, in ascending order.
    met: Vec<Bound>,
    /// Loads that did not, in ascending order; all are above those that met it.
    failed: Vec<Bound>,
    /// Whether there has been a failure above a success: then the order of magnitude is known.
    is_bracketed: bool,
    current: Option<Current>,
    steps: usize,
}

#[derive(Debug, Clone)]
struct Bound {
    load: f64,
    is_held: bool,
    /// Why the generator could not offer it, if that is why it failed.
    generator: Option<String>,
}

/// The step that is being measured.
#[derive(Debug, Clone, Copy)]
struct Current {
    kind: StepKind,
    load: f64,
    /// How many step lengths it was measured for.
    lengths: u32,
    /// Whether the generator was the bottleneck once already.
    is_repeated: bool,
}

/// The factor of the ramp.
const GROWTH: f64 = 2.0;
/// The factor where the order of magnitude is known.
const SMALL_GROWTH: f64 = 1.1;
/// The factor on the way down from a first load that was too high.
const SHRINKAGE: f64 = 4.0;
/// Two bounds as near as this are bisected no further.
const RESOLUTION: f64 = 1.025;
/// The most steps of a search.
const MAX_STEPS: usize = 40;

impl Search {
    pub(super) fn new(settings: SearchSettings) -> Self {
        Self { settings, met: Vec::new(), failed: Vec::new(), is_bracketed: false, current: None, steps: 0 }
    }

    /// What comes next. Asking again changes nothing.
    pub(super) fn next(&self) -> Next {
        match &self.current {
            Some(current) => Next::Measure(current.measurement()),
            None => self.next_step(),
        }
    }

    /// Takes the judgement of what was measured last. Returns the verdict once the step is over; until then it is continued.
    pub(super) fn record(&mut self, judgement: Judgement) -> Option<StepVerdict> {
        let Next::Measure(measured) = self.next() else { return None };
        let mut current = self.current.take().unwrap_or_else(|| Current::of(measured));
        current.lengths += measured.lengths;
        let is_over = current.lengths >= most_lengths(current.kind);
        let (verdict, generator) = match judgement {
            Judgement::GeneratorLimit(_) if !current.is_repeated => {
                // A hiccup of this machine is not its limit.
                self.current = Some(Current { lengths: 0, is_repeated: true, ..current });
                return None;
            }
            Judgement::Unstable(_) | Judgement::Growing if !is_over => {
                self.current = Some(current);
                return None;
            }
            Judgement::Stable(true) | Judgement::Unstable(true) => (StepVerdict::Met, None),
            Judgement::Stable(false) | Judgement::Unstable(false) => (StepVerdict::NotMet, None),
            Judgement::Growing => (StepVerdict::Unstable, None),
            Judgement::GeneratorLimit(why) => (StepVerdict::GeneratorLimit, Some(why)),
        };
        let is_held = current.kind == StepKind::Hold;
        self.add(Bound { load: current.load, is_held, generator }, verdict == StepVerdict::Met);
        self.steps += 1;
        Some(verdict)
    }

    /// The end of a search that the user stops now.
    pub(super) fn interrupted(&self) -> Found {
        self.found(CapacityBound::Interrupted)
    }

    fn add(&mut self, bound: Bound, is_met: bool) {
        let load = bound.load;
        if is_met {
            self.failed.retain(|failed| failed.load > load);
            self.met.retain(|met| met.load < load);
            self.met.push(bound);
        } else {
            self.met.retain(|met| met.load < load);
            self.failed.retain(|failed| failed.load > load);
            self.failed.insert(0, bound);
        }
        self.is_bracketed |= !self.met.is_empty() && !self.failed.is_empty();
    }

    fn next_step(&self) -> Next {
        let step =
            |kind, load| Next::Measure(Current { kind, load, lengths: 0, is_repeated: false }.measurement());
        if self.steps >= MAX_STEPS {
            return Next::Done(self.found(CapacityBound::Steps));
        }
        match (self.met.last(), self.failed.first()) {
            (None, None) => step(StepKind::Ramp, self.settings.start),
            (Some(low), None) => {
                let growth = if self.is_bracketed { SMALL_GROWTH } else { GROWTH };
                step(StepKind::Ramp, self.whole(low.load * growth).max(self.next_above(low.load)))
            }
            (None, Some(high)) if high.load <= self.settings.least => {
                let bound = high
                    .generator
                    .clone()
                    .map_or(CapacityBound::Nothing, |why| CapacityBound::Generator { why });
                Next::Done(self.found(bound))
            }
            (None, Some(high)) => {
                let shrinkage = if self.is_bracketed { SMALL_GROWTH } else { SHRINKAGE };
                step(StepKind::Ramp, self.whole(high.load / shrinkage).max(self.settings.least))
            }
            (Some(low), Some(high)) if !self.is_narrow(low.load, high.load) => {
                let middle = self.whole((low.load * high.load).sqrt()).max(self.next_above(low.load));
                step(StepKind::Bisect, middle)
            }
            (Some(low), Some(_)) if !low.is_held => step(StepKind::Hold, low.load),
            (Some(_), Some(high)) => match &high.generator {
                Some(why) => Next::Done(self.found(CapacityBound::Generator { why: why.clone() })),
                None if !high.is_held => step(StepKind::Hold, high.load),
                None => Next::Done(self.found(CapacityBound::Target)),
            },
        }
    }

    fn found(&self, bound: CapacityBound) -> Found {
        Found {
            capacity: self.met.last().map(|met| met.load),
            above: self.failed.first().map(|failed| failed.load),
            bound,
        }
    }

    fn is_narrow(&self, low: f64, high: f64) -> bool {
        high / low <= RESOLUTION || (self.settings.is_whole && high - low <= 1.0)
    }

    /// The lowest load above one.
    fn next_above(&self, load: f64) -> f64 {
        if self.settings.is_whole { load + 1.0 } else { load }
    }

    fn whole(&self, load: f64) -> f64 {
        if self.settings.is_whole { load.floor() } else { load }
    }
}

impl Current {
    fn of(measurement: Measurement) -> Self {
        Self { kind: measurement.kind, load: measurement.load, lengths: 0, is_repeated: false }
    }

    /// A step is measured again for as long as it was measured before.
    fn measurement(&self) -> Measurement {
        let lengths = if self.lengths == 0 { first_lengths(self.kind) } else { self.lengths };
        Measurement { kind: self.kind, load: self.load, lengths, is_continued: self.lengths > 0 }
    }
}

/// For how many step lengths a load is measured at first.
fn first_lengths(kind: StepKind) -> u32 {
    match kind {
        StepKind::Ramp | StepKind::Bisect => 1,
        StepKind::Hold => 4,
    }
}

/// For how many step lengths it is measured at most.
fn most_lengths(kind: StepKind) -> u32 {
    match kind {
        StepKind::Ramp => 2,
        StepKind::Bisect => 4,
        StepKind::Hold => 8,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATES: SearchSettings = SearchSettings { start: 10.0, least: 0.01, is_whole: false };
    const UPLOADERS: SearchSettings = SearchSettings { start: 4.0, least: 1.0, is_whole: true };

    /// Runs a search in which `judge` says what each measurement comes to.
    fn search(settings: SearchSettings, mut judge: impl FnMut(&Measurement) -> Judgement) -> (Found, usize) {
        let mut search = Search::new(settings);
        for measured in 0..1_000 {
            match search.next() {
                Next::Measure(measurement) => {
                    search.record(judge(&measurement));
                }
                Next::Done(found) => return (found, measured),
            }
        }
        panic!("the search does not end");
    }

    /// A target that meets the condition up to a load.
    fn up_to(capacity: f64) -> impl Fn(&Measurement) -> Judgement {
        move |measurement| Judgement::Stable(measurement.load <= capacity)
    }

    proptest! {
        #[test]
        fn the_capacity_lies_between_both_bounds_which_are_near(capacity in 0.01_f64..1e6) {
            let (found, measured) = search(RATES, up_to(capacity));
            let (low, high) = (found.capacity.expect("a capacity"), found.above.expect("a bound"));
            prop_assert!(low <= capacity && capacity < high && high / low <= RESOLUTION, "{found:?}");
            prop_assert_eq!(found.bound, CapacityBound::Target);
            prop_assert!(measured < 35, "{} measurements", measured);
        }

        #[test]
        fn whole_numbers_are_found_exactly(capacity in 1_u32..40) {
            let (found, _) = search(UPLOADERS, up_to(f64::from(capacity)));
            let expected = (Some(f64::from(capacity)), Some(f64::from(capacity + 1)));
            prop_assert_eq!((found.capacity, found.above), expected);
        }

        #[test]
        fn judgements_by_chance_end_the_search_too(judgements in proptest::collection::vec(0..5_u8, 1_000)) {
            let mut judgements = judgements.into_iter();
            let (found, _) = search(RATES, |_| match judgements.next() {
                Some(0) => Judgement::Stable(false),
                Some(1) => Judgement::Unstable(true),
                Some(2) => Judgement::Growing,
                Some(3) => Judgement::GeneratorLimit(String::new()),
                _ => Judgement::Stable(true),
            });
            if let (Some(low), Some(high)) = (found.capacity, found.above) {
                prop_assert!(low < high, "{:?}", found);
            }
        }
    }

    #[test]
    fn a_first_load_that_is_too_high_is_lowered() {
        let (found, _) = search(RATES, up_to(0.2));
        assert!(found.capacity.is_some_and(|load| load > 0.19 && load <= 0.2), "{found:?}");
    }

    #[test]
    fn a_target_that_never_meets_the_condition_has_no_capacity() {
        for settings in [RATES, UPLOADERS] {
            let (found, measured) = search(settings, |_| Judgement::Stable(false));
            assert_eq!((found.capacity, &found.bound), (None, &CapacityBound::Nothing));
            assert!(measured < 10, "{measured} measurements");
        }
    }

    #[test]
    fn the_limit_of_the_generator_is_named_but_a_hiccup_is_not() {
        let limit = |measurement: &Measurement| {
            let is_beyond = measurement.load > 70.0;
            if is_beyond {
                Judgement::GeneratorLimit("no processor".to_owned())
            } else {
                Judgement::Stable(true)
            }
        };
        let (found, _) = search(RATES, limit);
        assert_eq!(found.bound, CapacityBound::Generator { why: "no processor".to_owned() });
        assert!(found.capacity.is_some_and(|load| load > 68.0 && load <= 70.0), "{found:?}");
        let mut is_first = true;
        let (found, _) = search(RATES, |measurement| {
            let is_hiccup = std::mem::replace(&mut is_first, false);
            if is_hiccup { Judgement::GeneratorLimit(String::new()) } else { up_to(70.0)(measurement) }
        });
        assert_eq!(found.bound, CapacityBound::Target);
    }

    #[test]
    fn a_step_that_is_not_stable_is_measured_for_longer_before_it_counts() {
        let mut search = Search::new(RATES);
        let lengths = |search: &Search| match search.next() {
            Next::Measure(measurement) => (measurement.lengths, measurement.is_continued),
            Next::Done(found) => panic!("{found:?}"),
        };
        assert_eq!(lengths(&search), (1, false));
        assert_eq!(search.record(Judgement::Growing), None);
        assert_eq!(lengths(&search), (1, true));
        assert_eq!(search.record(Judgement::Growing), Some(StepVerdict::Unstable));
        // The load below it is another step.
        assert_eq!(lengths(&search), (1, false));
    }

    #[test]
    fn a_wrong_judgement_of_a_short_step_is_corrected_by_the_holds() {
        for wrong in [2, 3, 4, 5, 6, 7, 8] {
            let mut count = 0;
            let (found, _) = search(RATES, |measurement| {
                count += 1;
                let is_met = measurement.load <= 100.0;
                Judgement::Stable(if count == wrong && measurement.kind != StepKind::Hold {
                    !is_met
                } else {
                    is_met
                })
            });
            let low = found.capacity.expect("a capacity");
            assert!(low > 97.0 && low <= 100.0, "measurement {wrong}: {found:?}");
        }
    }
}
