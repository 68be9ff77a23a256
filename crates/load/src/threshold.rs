//! What must not be: `upload.p99 > 2s`, `errors > 0.1%`, `goodput < 500MiB/s`.

use std::fmt;
use std::str::FromStr;

use uptake_outcome::load::{Micros, Phase, ThresholdResult};
use uptake_yaml::{parse_duration, parse_integer};

/// A condition that breaks a run when it holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Threshold {
    figure: Figure,
    comparison: Comparison,
    limit: f64,
    written: String,
}

/// What is held against a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Figure {
    Phase(Phase, Statistic),
    /// The share of uploads that failed.
    ErrorShare,
    /// Their number.
    ErrorCount,
    Goodput,
    UploadRate,
    Uploads,
    Retries,
    NotStarted,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Statistic {
    Quantile(f64),
    Mean,
    Min,
    Max,
    Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// The figures of a run, or of a run so far.
pub(crate) trait Figures {
    /// The samples of a phase.
    fn samples(&self, phase: Phase) -> Option<&Micros>;
    /// The counts.
    fn counts(&self) -> Counts;
}

/// The counts that thresholds speak of.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    /// Uploads completed.
    pub uploads: u64,
    /// Uploads failed.
    pub errors: u64,
    /// Uploads abandoned on purpose.
    pub abandoned: u64,
    /// Uploads due and never started.
    pub not_started: u64,
    /// Requests repeated.
    pub retries: u64,
    /// Bytes of files in segments that were answered well.
    pub goodput_bytes: u64,
    /// Seconds so far.
    pub seconds: f64,
}

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
            format!("`{text}` compares nothing: write it as `upload.p99 > 2s`, `errors > 0.1%` or `goodput < 500MiB/s`")
        })?;
        let (figure, limit) = figure(left, right)?;
        Ok(Self { figure, comparison, limit, written: text.trim().to_owned() })
    }
}

fn figure(left: &str, right: &str) -> Result<(Figure, f64), String> {
    let number = || right.parse::<f64>().map_err(|_| format!("`{right}` is no number"));
    match left {
        "errors" => match right.strip_suffix('%') {
            Some(percent) => {
                let percent: f64 = percent.trim().parse().map_err(|_| format!("`{right}` is no share"))?;
                Ok((Figure::ErrorShare, percent / 100.0))
            }
            None => Ok((Figure::ErrorCount, number()?)),
        },
        "goodput" => Ok((Figure::Goodput, bytes_a_second(right)?)),
        "rate" | "uploads_per_second" => {
            let rate = right.strip_suffix("/s").unwrap_or(right).trim();
            let rate = rate.parse().map_err(|_| format!("`{right}` is no rate: write it as 50/s"))?;
            Ok((Figure::UploadRate, rate))
        }
        "uploads" => Ok((Figure::Uploads, number()?)),
        "retries" => Ok((Figure::Retries, number()?)),
        "not_started" => Ok((Figure::NotStarted, number()?)),
        _ => {
            let (phase, statistic) = left.split_once('.').ok_or_else(|| unknown(left))?;
            let phase = Phase::named(phase).ok_or_else(|| unknown(left))?;
            let statistic = self::statistic(statistic).ok_or_else(|| unknown(left))?;
            let limit = match statistic {
                Statistic::Count => number()?,
                _ => micros(right)?,
            };
            Ok((Figure::Phase(phase, statistic), limit))
        }
    }
}

fn unknown(left: &str) -> String {
    let phases: Vec<_> = Phase::ALL.iter().map(|phase| phase.word()).collect();
    format!(
        "`{left}` is nothing that is measured; there are errors, goodput, rate, uploads, retries, not_started, and of the phases {} \
         their p50, p90, p95, p99, p99.9, mean, min, max and count, as in `upload.p99`",
        phases.join(", ")
    )
}

/// `p99.9` and `p99_9` are the same: the one is how it is said, the other how the JSON report says it.
fn statistic(word: &str) -> Option<Statistic> {
    match word {
        "mean" => Some(Statistic::Mean),
        "min" => Some(Statistic::Min),
        "max" => Some(Statistic::Max),
        "count" => Some(Statistic::Count),
        _ => {
            let percent: f64 = word.strip_prefix('p')?.replace('_', ".").parse().ok()?;
            (percent > 0.0 && percent <= 100.0).then_some(Statistic::Quantile(percent / 100.0))
        }
    }
}

fn micros(text: &str) -> Result<f64, String> {
    if let Some(micros) = text.strip_suffix("us").or_else(|| text.strip_suffix("µs")) {
        return micros.trim().parse().map_err(|_| format!("`{text}` is no time"));
    }
    parse_duration(text)
        .map(|time| time.as_secs_f64() * 1e6)
        .ok_or_else(|| format!("`{text}` is no time: write it with its unit, 500us, 20ms or 2s"))
}

#[expect(clippy::cast_precision_loss, reason = "a rate is no count")]
fn bytes_a_second(text: &str) -> Result<f64, String> {
    parse_integer(text.strip_suffix("/s").unwrap_or(text))
        .filter(|bytes| *bytes >= 0)
        .map(|bytes| bytes as f64)
        .ok_or_else(|| format!("`{text}` is no rate of bytes: write it as 500MiB/s"))
}

impl Threshold {
    /// Holds the figures against the limit. Where nothing was measured there is no value, and that breaks it.
    pub(crate) fn judge(&self, figures: &impl Figures) -> ThresholdResult {
        let value = self.figure.value(figures);
        ThresholdResult {
            expression: self.written.clone(),
            value: value.map(|value| self.figure.values(value)),
            broken: value.is_none_or(|value| self.comparison.holds(value, self.limit)),
        }
    }

    /// Whether it is broken by what was measured so far; what nobody measured yet breaks nothing.
    pub(crate) fn is_broken_so_far(&self, figures: &impl Figures) -> bool {
        self.figure.value(figures).is_some_and(|value| self.comparison.holds(value, self.limit))
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

impl Figure {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn value(self, figures: &impl Figures) -> Option<f64> {
        let counts = figures.counts();
        let a_second = |number: f64| (counts.seconds > 0.0).then(|| number / counts.seconds);
        match self {
            Self::Phase(phase, Statistic::Count) => {
                Some(figures.samples(phase).map_or(0.0, |samples| samples.len() as f64))
            }
            Self::Phase(phase, statistic) => {
                let samples = figures.samples(phase).filter(|samples| !samples.is_empty())?;
                Some(match statistic {
                    Statistic::Quantile(quantile) => {
                        samples.value_at_quantile(quantile).min(samples.max()) as f64
                    }
                    Statistic::Mean => samples.mean(),
                    Statistic::Min => samples.min() as f64,
                    Statistic::Max | Statistic::Count => samples.max() as f64,
                })
            }
            Self::ErrorShare => {
                let ended = counts.uploads + counts.abandoned + counts.errors;
                (ended > 0).then(|| counts.errors as f64 / ended as f64)
            }
            Self::ErrorCount => Some(counts.errors as f64),
            Self::Goodput => a_second(counts.goodput_bytes as f64),
            Self::UploadRate => a_second(counts.uploads as f64),
            Self::Uploads => Some(counts.uploads as f64),
            Self::Retries => Some(counts.retries as f64),
            Self::NotStarted => Some(counts.not_started as f64),
        }
    }

    fn values(self, value: f64) -> String {
        match self {
            Self::Phase(_, Statistic::Count)
            | Self::ErrorCount
            | Self::Uploads
            | Self::Retries
            | Self::NotStarted => {
                format!("{value:.0}")
            }
            Self::Phase(..) => time(value),
            Self::ErrorShare => format!("{:.3}%", value * 100.0),
            Self::Goodput => format!("{:.1} MiB/s", value / 1_048_576.0),
            Self::UploadRate => format!("{value:.1}/s"),
        }
    }
}

fn time(micros: f64) -> String {
    if micros < 1_000.0 {
        format!("{micros:.0} us")
    } else if micros < 1_000_000.0 {
        format!("{:.2} ms", micros / 1_000.0)
    } else {
        format!("{:.3} s", micros / 1_000_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uptake_outcome::load::empty;

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
            ("errors >= 1", true),
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
    fn what_nobody_measured_breaks_a_threshold_but_stops_no_run() {
        assert_eq!(judged("tls.p99 > 1s"), (true, "none".to_owned()));
        let threshold: Threshold = "tls.p99 > 1s".parse().expect("a threshold");
        assert!(!threshold.is_broken_so_far(&measured()));
    }

    #[test]
    fn what_compares_nothing_is_explained() {
        for text in [
            "upload.p99",
            "uplod.p99 > 2s",
            "upload.p101 > 2s",
            "upload.p99 > 2",
            "errors > some",
            "goodput < x",
        ] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
        let why = "uplod.p99 > 2s".parse::<Threshold>().expect_err("unknown");
        assert!(why.contains("upload") && why.contains("p99.9"), "{why}");
    }
}
