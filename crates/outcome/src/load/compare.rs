//! Runs side by side: differences, and how far repeated runs let one believe them.

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

/// Two groups of repeated runs, figure by figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The figures.
    pub differences: Vec<Difference>,
}

/// One figure in both groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What it is.
    pub figure: String,
    /// Microseconds, a rate, a share: how it is written.
    pub unit: Unit,
    /// The mean of the old runs.
    pub old: f64,
    /// The mean of the new runs.
    pub new: f64,
    /// Which direction is the better one.
    pub better: Better,
    /// Where the relative change lies with 95 percent confidence; none without repeated runs on both sides.
    pub interval: Option<Interval>,
}

/// How a figure is written.
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

/// A confidence interval of a relative change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Difference {
    /// The change, relative to the old value. From nothing to something is infinitely much.
    pub fn change(&self) -> f64 {
        if self.old == 0.0 {
            if self.new == 0.0 { 0.0 } else { f64::INFINITY }
        } else {
            (self.new - self.old) / self.old
        }
    }

    /// By how much the new runs are worse; negative where they are better.
    pub fn worse_by(&self) -> f64 {
        match self.better {
            Better::Less => self.change(),
            Better::More => -self.change(),
        }
    }

    /// Whether the new runs are worse by more than `allowed`, and not only by chance.
    pub fn is_worse_than(&self, allowed: f64) -> bool {
        let by_chance = self.interval.is_some_and(|interval| interval.low <= 0.0 && interval.high >= 0.0);
        self.worse_by() > allowed && !by_chance
    }
}

/// Compares repeated runs of the old with repeated runs of the new. Both have at least one.
pub fn compare(old: &[LoadRun], new: &[LoadRun]) -> Comparison {
    let mut differences = vec![
        difference("uploads per second", Unit::PerSecond, (old, new), |run| {
            Some(run.summary.uploads_per_second)
        }),
        difference("goodput", Unit::BytesPerSecond, (old, new), |run| {
            Some(run.summary.goodput_bytes_per_second)
        }),
        difference("errors", Unit::Share, (old, new), |run| Some(run.summary.error_share)),
    ];
    for phase in Phase::ALL {
        if phase == Phase::Lag || phase == Phase::Failed {
            continue;
        }
        for (word, pick) in PERCENTILES {
            let figure = format!("{}.{word}", phase.word());
            differences
                .push(difference(&figure, Unit::Micros, (old, new), |run| run.phases.get(&phase).map(pick)));
        }
    }
    Comparison { differences: differences.into_iter().flatten().collect() }
}

type Pick = fn(&PhaseResult) -> f64;

#[expect(clippy::cast_precision_loss, reason = "microseconds of less than an hour")]
const PERCENTILES: [(&str, Pick); 4] = [
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
    let better =
        if unit == Unit::PerSecond || unit == Unit::BytesPerSecond { Better::More } else { Better::Less };
    let interval = interval(&old, &new);
    Some(Difference { figure: figure.to_owned(), unit, old: mean(&old), new: mean(&new), better, interval })
}

#[expect(clippy::cast_precision_loss, reason = "a handful of runs")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[expect(clippy::cast_precision_loss, reason = "a handful of runs")]
fn variance_of_mean(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / (values.len() as f64 - 1.0) / values.len() as f64
}

/// Welch's interval for the difference of two means, relative to the old mean.
#[expect(clippy::cast_precision_loss, reason = "a handful of runs")]
fn interval(old: &[f64], new: &[f64]) -> Option<Interval> {
    if old.len() < 2 || new.len() < 2 || mean(old) == 0.0 {
        return None;
    }
    let (a, b) = (variance_of_mean(old), variance_of_mean(new));
    let spread = a + b;
    let freedom = if spread == 0.0 {
        1.0
    } else {
        spread.powi(2) / (a.powi(2) / (old.len() as f64 - 1.0) + b.powi(2) / (new.len() as f64 - 1.0))
    };
    let (change, reach) = (mean(new) - mean(old), student(freedom) * spread.sqrt());
    Some(Interval { low: (change - reach) / mean(old), high: (change + reach) / mean(old) })
}

/// The two-sided 95 percent quantile of Student's distribution: a table, and between its rows the more careful one.
fn student(freedom: f64) -> f64 {
    const TABLE: [(f64, f64); 14] = [
        (1.0, 12.706),
        (2.0, 4.303),
        (3.0, 3.182),
        (4.0, 2.776),
        (5.0, 2.571),
        (6.0, 2.447),
        (7.0, 2.365),
        (8.0, 2.306),
        (9.0, 2.262),
        (10.0, 2.228),
        (15.0, 2.131),
        (20.0, 2.086),
        (30.0, 2.042),
        (60.0, 2.000),
    ];
    TABLE.iter().rev().find(|(row, _)| *row <= freedom + 1e-9).map_or(TABLE[0].1, |(_, quantile)| *quantile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: f64, new: f64, better: Better, interval: Option<Interval>) -> Difference {
        Difference { figure: String::new(), unit: Unit::Micros, old, new, better, interval }
    }

    #[test]
    fn worse_depends_on_the_direction() {
        assert!(of(100.0, 111.0, Better::Less, None).is_worse_than(0.1));
        assert!(!of(100.0, 109.0, Better::Less, None).is_worse_than(0.1));
        assert!(of(100.0, 89.0, Better::More, None).is_worse_than(0.1));
        assert!(!of(100.0, 150.0, Better::More, None).is_worse_than(0.1));
        assert!(of(0.0, 0.1, Better::Less, None).is_worse_than(0.1), "from no errors to some");
        assert!(!of(0.0, 0.0, Better::Less, None).is_worse_than(0.1));
    }

    #[test]
    fn what_may_be_chance_is_not_worse() {
        let doubtful = interval(&[90.0, 110.0], &[100.0, 140.0]).expect("repeated");
        assert!(doubtful.low < 0.0 && doubtful.high > 0.0);
        assert!(!of(100.0, 120.0, Better::Less, Some(doubtful)).is_worse_than(0.1));
        let clear = interval(&[99.0, 100.0, 101.0], &[119.0, 120.0, 121.0]).expect("repeated");
        assert!(clear.low > 0.1, "{clear:?}");
        assert!(of(100.0, 120.0, Better::Less, Some(clear)).is_worse_than(0.1));
    }

    #[test]
    fn welchs_interval_is_that_of_the_textbook() {
        // Means 10 and 14, variances of the mean 1/3 each, 4 degrees of freedom: 4 ± 2.776 * sqrt(2/3).
        let interval = interval(&[9.0, 10.0, 11.0], &[13.0, 14.0, 15.0]).expect("repeated");
        let reach = 2.776 * (2.0_f64 / 3.0).sqrt();
        assert!((interval.low - (4.0 - reach) / 10.0).abs() < 1e-9, "{interval:?}");
        assert!((interval.high - (4.0 + reach) / 10.0).abs() < 1e-9, "{interval:?}");
    }

    #[test]
    fn one_run_on_a_side_has_no_interval() {
        assert_eq!(interval(&[1.0], &[1.0, 2.0]), None);
    }
}
