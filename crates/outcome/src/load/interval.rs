//! Confidence intervals for the difference between two groups of repeated runs (Welch's t interval).

/// A confidence interval of a relative change: -0.1 is ten percent less.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConfidenceInterval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl ConfidenceInterval {
    /// Whether the change may be chance: whether no change lies within.
    pub fn includes_zero(&self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }
}

/// The mean change from `old` to `new`, relative to `old`, with its interval if both have repetitions.
///
/// Positive values are compared by their logarithms: times and rates vary by factors, and no interval then reaches below
/// -100 %. Where a value is zero (no errors), the plain means are compared, relative to the old one.
pub(super) fn change(old: &[f64], new: &[f64]) -> (f64, Option<ConfidenceInterval>) {
    if old.iter().chain(new).all(|value| *value > 0.0) {
        let logarithms = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value.ln()).collect() };
        let (old, new) = (logarithms(old), logarithms(new));
        let interval = welch(&old, &new);
        let interval =
            interval.map(|(low, high)| ConfidenceInterval { low: low.exp_m1(), high: high.exp_m1() });
        return ((mean(&new) - mean(&old)).exp_m1(), interval);
    }
    let base = mean(old);
    let relative = |difference: f64| match (base, difference) {
        (_, 0.0) => 0.0,
        // From nothing to something is infinitely more.
        (0.0, difference) => f64::INFINITY.copysign(difference),
        // Nothing is less than nothing.
        (base, difference) => (difference / base).max(-1.0),
    };
    let interval =
        welch(old, new).map(|(low, high)| ConfidenceInterval { low: relative(low), high: relative(high) });
    (relative(mean(new) - base), interval)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of runs")]
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean that belongs to a comparison by logarithms, where all values are positive; else the plain one.
pub(super) fn typical(values: &[f64]) -> f64 {
    if values.iter().all(|value| *value > 0.0) {
        let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        return mean(&logarithms).exp();
    }
    mean(values)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of runs")]
fn variance_of_mean(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / (values.len() as f64 - 1.0) / values.len() as f64
}

/// Welch's 95 percent interval for the difference of two means.
#[expect(clippy::cast_precision_loss, reason = "a handful of runs")]
fn welch(old: &[f64], new: &[f64]) -> Option<(f64, f64)> {
    if old.len() < 2 || new.len() < 2 {
        return None;
    }
    let (a, b) = (variance_of_mean(old), variance_of_mean(new));
    let spread = a + b;
    let freedom = if spread == 0.0 {
        1.0
    } else {
        spread.powi(2) / (a.powi(2) / (old.len() as f64 - 1.0) + b.powi(2) / (new.len() as f64 - 1.0))
    };
    let (difference, reach) = (mean(new) - mean(old), student(freedom) * spread.sqrt());
    Some((difference - reach, difference + reach))
}

/// The two-sided 95 percent quantile of Student's t distribution: a table, and between its rows the larger value.
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn welchs_interval_is_that_of_the_textbook() {
        // Means 10 and 14, variances of the mean 1/3 each, 4 degrees of freedom: 4 ± 2.776 * sqrt(2/3).
        let (low, high) = welch(&[9.0, 10.0, 11.0], &[13.0, 14.0, 15.0]).expect("repeated");
        let reach = 2.776 * (2.0_f64 / 3.0).sqrt();
        assert!((low - (4.0 - reach)).abs() < 1e-9 && (high - (4.0 + reach)).abs() < 1e-9, "{low} to {high}");
        assert_eq!(welch(&[1.0], &[1.0, 2.0]), None, "one run has no interval");
    }

    #[test]
    fn a_factor_is_found_whichever_way_it_is_compared() {
        let (up, _) = change(&[100.0, 100.0], &[200.0, 200.0]);
        let (down, interval) = change(&[200.0, 200.0], &[100.0, 100.0]);
        assert!((up - 1.0).abs() < 1e-9 && (down + 0.5).abs() < 1e-9, "{up} and {down}");
        let interval = interval.expect("repeated");
        assert!((interval.low + 0.5).abs() < 1e-9 && !interval.includes_zero());
    }

    #[test]
    fn errors_that_appear_are_infinitely_more_and_those_that_vanish_all_gone() {
        let percent = |old, new| format!("{:.0} %", change(&[old], &[new]).0 * 100.0);
        assert_eq!(percent(0.0, 0.1), "inf %");
        assert_eq!(percent(0.0, 0.0), "0 %");
        assert_eq!(percent(0.1, 0.0), "-100 %");
    }

    proptest! {
        #[test]
        fn no_bound_lies_below_minus_one_hundred_percent(
            old in proptest::collection::vec(0.0_f64..1e9, 2..6),
            new in proptest::collection::vec(0.0_f64..1e9, 2..6),
        ) {
            let (change, interval) = change(&old, &new);
            let interval = interval.expect("repeated");
            prop_assert!(interval.low >= -1.0 && change >= -1.0, "{interval:?}");
            prop_assert!(interval.low <= interval.high, "{interval:?}");
        }
    }
}
