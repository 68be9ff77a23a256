//! A condition: a figure, a comparison, and a limit.

use std::fmt;
use std::str::FromStr;

use uptake_outcome::load::{Phase, ThresholdResult};

use super::figure::Figure;
use super::figures::Figures;

/// A condition that fails a run, or ends it, when it holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Threshold {
    figure: Figure,
    comparison: Comparison,
    limit: f64,
    written: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// The longer ones first: `>=` contains `>`.
const OPERATORS: [(&str, Comparison); 4] = [
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    (">", Comparison::Above),
    ("<", Comparison::Below),
];

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = OPERATORS.iter().find_map(|(sign, comparison)| {
            text.split_once(sign).map(|(left, right)| (left.trim(), *comparison, right.trim()))
        });
        let (left, comparison, right) = found.ok_or_else(|| {
            format!("invalid condition `{text}`: write upload.p99 > 2s, errors > 0.1% or goodput < 500MiB/s")
        })?;
        let figure = Figure::named(left)?;
        Ok(Self { figure, comparison, limit: figure.limit(right)?, written: text.trim().to_owned() })
    }
}

impl Threshold {
    /// Holds the figures against the limit. A figure that was not measured breaks the threshold.
    pub(crate) fn judge(&self, figures: &impl Figures) -> ThresholdResult {
        let value = self.figure.value(figures);
        ThresholdResult {
            expression: self.written.clone(),
            value: value.map(|value| self.figure.format(value)),
            broken: value.is_none_or(|value| self.comparison.holds(value, self.limit)),
        }
    }

    /// The phase whose samples it needs, if it needs some.
    pub(super) fn phase(&self) -> Option<Phase> {
        self.figure.phase()
    }

    /// The upper limit of a time, in microseconds.
    pub(super) fn longest(&self) -> Option<f64> {
        let is_upper = matches!(self.comparison, Comparison::Below | Comparison::AtMost);
        self.figure.is_time().then_some(self.limit).filter(|_| is_upper)
    }

    /// Whether it holds. A condition on a figure that was not measured does not.
    pub(super) fn holds(&self, figures: &impl Figures) -> bool {
        self.figure.value(figures).is_some_and(|value| self.comparison.holds(value, self.limit))
    }

    /// The figure and its value: `upload.p99 1.20 s`.
    pub(super) fn value(&self, figures: &impl Figures) -> String {
        let name = self.written.split(['<', '>']).next().unwrap_or_default().trim();
        match self.figure.value(figures) {
            Some(value) => format!("{name} {}", self.figure.format(value)),
            None => format!("{name} was not measured"),
        }
    }

    /// Whether the figures so far break it. A figure that has not been measured yet breaks nothing.
    pub(crate) fn is_broken_so_far(&self, figures: &impl Figures) -> bool {
        self.holds(figures)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl Comparison {
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Above => value > limit,
            Self::AtLeast => value >= limit,
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Threshold;
    use crate::threshold::{Counts, Figures};
    use uptake_outcome::load::{Micros, Phase, empty};

    struct Measured {
        upload: Micros,
        counts: Counts,
    }

    impl Figures for Measured {
        fn samples(&self, phase: Phase) -> Option<&Micros> {
            (phase == Phase::Upload).then_some(&self.upload)
        }

        fn counts(&self) -> Counts {
            self.counts
        }
    }

    /// 98 uploads of 10 ms and 2 of 3 s, of 1 MiB each, in 10 s, and one that failed.
    fn measured() -> Measured {
        let mut upload = empty();
        upload.record_n(10_000, 98).expect("in bounds");
        upload.record_n(3_000_000, 2).expect("in bounds");
        let counts =
            Counts { uploads: 100, errors: 1, goodput_bytes: 100 << 20, seconds: 10.0, ..Counts::default() };
        Measured { upload, counts }
    }

    fn judged(text: &str) -> (bool, String) {
        let result = text.parse::<Threshold>().expect(text).judge(&measured());
        (result.broken, result.value.unwrap_or_else(|| "none".to_owned()))
    }

    #[test]
    fn a_threshold_is_broken_where_its_condition_holds() {
        for (text, broken) in [
            ("upload.p99 > 2s", true),
            ("response.p99 > 2s", true),
            ("upload.p99 > 4s", false),
            ("upload.p50 > 11ms", false),
            ("upload.p99.9 >= 2s", true),
            ("upload.p99_9 >= 2s", true),
            ("upload.mean > 60ms", true),
            ("upload.count < 100", false),
            ("errors > 0.1%", true),
            ("errors > 1%", false),
            ("errors.count >= 1", true),
            ("errors.count > 1", false),
            ("errors > 0", true),
            ("goodput < 500MiB/s", true),
            ("goodput < 9MiB/s", false),
            ("rate < 10/s", false),
            ("uploads <= 100", true),
        ] {
            assert_eq!(judged(text).0, broken, "{text}: {}", judged(text).1);
        }
    }

    #[test]
    fn the_value_that_broke_it_is_told() {
        assert_eq!(judged("upload.p50 > 1ms").1, "10.01 ms");
        assert_eq!(judged("errors > 0.1%").1, "0.990%");
        assert_eq!(judged("goodput < 500MiB/s").1, "10.0 MiB/s");
    }

    #[test]
    fn a_figure_that_was_not_measured_breaks_a_threshold_but_stops_no_run() {
        assert_eq!(judged("tls.p99 > 1s"), (true, "none".to_owned()));
        let threshold: Threshold = "tls.p99 > 1s".parse().expect("a threshold");
        assert!(!threshold.is_broken_so_far(&measured()));
    }

    #[test]
    fn an_invalid_condition_is_explained() {
        for (text, hint) in [
            ("upload.p99", "write upload.p99 > 2s"),
            ("uplod.p99 > 2s", "did you mean `upload.p99`?"),
            ("upload.p101 > 2s", "unknown figure `upload.p101`"),
            ("upload.p99 > 2", "write 500us, 20ms or 2s"),
            ("upload.p99 > nans", "write 500us, 20ms or 2s"),
            ("errors > some", "write 10% or 0.1%"),
            ("errors > 1", "write 1%"),
            ("errors > 0.001", "write 0.1%"),
            ("errors > 101%", "it must not be above 100%"),
            ("errors > nan%", "write 10% or 0.1%"),
            ("errors.count > 1%", "write a whole number"),
            ("retries > nan", "write a whole number"),
            ("rate < nan/s", "write 50/s"),
            ("rate < 50", "write 50/s"),
            ("goodput < x", "write 500MiB/s"),
            ("goodput < 5m", "write 500MiB/s"),
            ("errors => 1%", "unknown figure `errors =`"),
        ] {
            let why = text.parse::<Threshold>().expect_err(text);
            assert!(why.contains(hint), "{text}: {why}");
        }
    }
}
