//! Two groups of repeated runs, figure by figure.

use super::interval::{ConfidenceInterval, change, typical};
use super::phase::{Phase, PhaseResult};
use super::run::LoadRun;

/// Which direction is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Less is better: times and errors.
    Less,
    /// More is better: rates.
    More,
}

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Microseconds.
    Micros,
    /// Uploads a second.
    PerSecond,
    /// Bytes a second.
    BytesPerSecond,
    /// A share of one.
    Share,
}

/// One figure in both groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Its name.
    pub figure: String,
    /// Its unit.
    pub unit: Unit,
    /// The mean of the old runs.
    pub old: f64,
    /// The mean of the new runs.
    pub new: f64,
    /// Which direction is the better one.
    pub better: Better,
    /// The change, relative to the old value. It is infinite from nothing to something.
    pub change: f64,
    /// Where the change lies with 95 percent confidence; `None` without repeated runs on both sides.
    pub interval: Option<ConfidenceInterval>,
}

/// How a figure fares against what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fares {
    /// It is not worse by more than is allowed, or what it is worse by may be chance.
    Well,
    /// It is worse by more than is allowed, and that is not chance.
    Worse,
    /// There are not enough runs to tell.
    Unknown,
}

impl Difference {
    /// By how much the new runs are worse; negative if they are better.
    pub fn worse_by(&self) -> f64 {
        match self.better {
            Better::Less => self.change,
            Better::More => -self.change,
        }
    }

    /// How it fares if it may be worse by `allowed`.
    pub fn fares(&self, allowed: f64) -> Fares {
        match self.interval {
            None => Fares::Unknown,
            Some(interval) if self.worse_by() > allowed && !interval.includes_zero() => Fares::Worse,
            Some(_) => Fares::Well,
        }
    }
}

/// The names of all figures that can be compared.
pub fn comparable_figures() -> Vec<String> {
    let percentiles = measured_phases()
        .flat_map(|phase| PERCENTILES.iter().map(move |(word, _)| format!("{}.{word}", phase.word())));
    RATES.iter().map(|(name, ..)| (*name).to_owned()).chain(percentiles).collect()
}

/// Compares the figures of old and new runs. Both have at least one; what only one side measured is left out.
pub fn compare(old: &[LoadRun], new: &[LoadRun]) -> Vec<Difference> {
    let rates =
        RATES.iter().map(|(name, unit, pick)| difference(name, *unit, (old, new), |run| Some(pick(run))));
    let percentiles = measured_phases().flat_map(|phase| {
        PERCENTILES.iter().map(move |(word, pick)| {
            let name = format!("{}.{word}", phase.word());
            difference(&name, Unit::Micros, (old, new), |run| run.phases.get(&phase).map(pick))
        })
    });
    rates.chain(percentiles).flatten().collect()
}

/// What describes the generator, its clients or failures is no figure of the target's speed.
fn measured_phases() -> impl Iterator<Item = Phase> {
    Phase::ALL.into_iter().filter(|phase| !matches!(phase, Phase::Lag | Phase::Failed | Phase::Paced))
}

type PickRate = fn(&LoadRun) -> f64;
const RATES: [(&str, Unit, PickRate); 3] = [
    ("rate", Unit::PerSecond, |run| run.summary.uploads_per_second),
    ("goodput", Unit::BytesPerSecond, |run| run.summary.goodput_bytes_per_second),
    ("errors", Unit::Share, |run| run.summary.error_share),
];

type PickPercentile = fn(&PhaseResult) -> f64;
#[expect(clippy::cast_precision_loss, reason = "microseconds of less than an hour")]
const PERCENTILES: [(&str, PickPercentile); 4] = [
    ("p50", |result| result.p50 as f64),
    ("p90", |result| result.p90 as f64),
    ("p99", |result| result.p99 as f64),
    ("p99.9", |result| result.p99_9 as f64),
];

fn difference(
    figure: &str,
    unit: Unit,
    (old, new): (&[LoadRun], &[LoadRun]),
    pick: impl Fn(&LoadRun) -> Option<f64>,
) -> Option<Difference> {
    let old: Vec<f64> = old.iter().filter_map(&pick).collect();
    let new: Vec<f64> = new.iter().filter_map(&pick).collect();
    if old.is_empty() || new.is_empty() {
        return None;
    }
    let better = match unit {
        Unit::PerSecond | Unit::BytesPerSecond => Better::More,
        Unit::Micros | Unit::Share => Better::Less,
    };
    let (change, interval) = change(&old, &new);
    let (old, new) = (typical(&old), typical(&new));
    Some(Difference { figure: figure.to_owned(), unit, old, new, better, change, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &[f64], new: &[f64], better: Better) -> Difference {
        let (change, interval) = change(old, new);
        let figure = String::new();
        Difference { figure, unit: Unit::Micros, old: 0.0, new: 0.0, better, change, interval }
    }

    #[test]
    fn worse_depends_on_the_direction() {
        let fares = |old: f64, new: f64, better| of(&[old, old], &[new, new], better).fares(0.1);
        assert_eq!(fares(100.0, 111.0, Better::Less), Fares::Worse);
        assert_eq!(fares(100.0, 109.0, Better::Less), Fares::Well);
        assert_eq!(fares(100.0, 89.0, Better::More), Fares::Worse);
        assert_eq!(fares(100.0, 150.0, Better::More), Fares::Well);
        assert_eq!(fares(0.0, 0.1, Better::Less), Fares::Worse, "from no errors to some");
        assert_eq!(fares(0.0, 0.0, Better::Less), Fares::Well);
    }

    #[test]
    fn what_may_be_chance_is_not_worse() {
        assert_eq!(of(&[90.0, 110.0], &[100.0, 140.0], Better::Less).fares(0.1), Fares::Well);
        let clear = of(&[99.0, 100.0, 101.0], &[119.0, 120.0, 121.0], Better::Less);
        assert_eq!(clear.fares(0.1), Fares::Worse);
    }

    #[test]
    fn one_run_on_a_side_says_nothing() {
        assert_eq!(of(&[100.0], &[900.0, 901.0], Better::Less).fares(0.1), Fares::Unknown);
    }
}
