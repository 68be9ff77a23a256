//! One figure of a run: its name, its unit, and its value.

use uptake_outcome::load::Phase;
use uptake_yaml::{advice, parse_duration, parse_share, parse_size};

use super::figures::Figures;

/// A figure that a condition can name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Figure {
    Phase(Phase, Statistic),
    /// The share of uploads that failed.
    ErrorShare,
    /// A number of something.
    Count(Counted),
    Goodput,
    UploadRate,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Uploads,
    Errors,
    Retries,
    NotStarted,
    EarlyResponses,
}

/// A statistic of a phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    Quantile(f64),
    Mean,
    Min,
    Max,
    Count,
}

/// The names of figures that are none of a phase.
const NAMES: [(&str, Figure); 9] = [
    ("errors", Figure::ErrorShare),
    ("errors.count", Figure::Count(Counted::Errors)),
    ("goodput", Figure::Goodput),
    ("rate", Figure::UploadRate),
    ("uploads_per_second", Figure::UploadRate),
    ("uploads", Figure::Count(Counted::Uploads)),
    ("retries", Figure::Count(Counted::Retries)),
    ("not_started", Figure::Count(Counted::NotStarted)),
    ("early_responses", Figure::Count(Counted::EarlyResponses)),
];

impl Figure {
    /// The figure with this name.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        if let Some((_, figure)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(*figure);
        }
        let of_phase = name.split_once('.').and_then(|(phase, statistic)| {
            Some(Self::Phase(Phase::named(phase)?, Statistic::named(statistic)?))
        });
        of_phase.ok_or_else(|| unknown(name))
    }

    /// The phase whose samples it is made of.
    pub(super) fn phase(self) -> Option<Phase> {
        match self {
            Self::Phase(phase, _) => Some(phase),
            _ => None,
        }
    }

    /// Whether it is a time.
    pub(super) fn is_time(self) -> bool {
        matches!(self, Self::Phase(_, statistic) if statistic != Statistic::Count)
    }

    /// A limit for this figure, in its unit.
    pub(super) fn limit(self, text: &str) -> Result<f64, String> {
        match self {
            Self::Phase(_, Statistic::Count) | Self::Count(_) => count(text),
            Self::Phase(..) => micros(text),
            Self::ErrorShare => match parse_share(text)? {
                share if share > 1.0 => Err(format!("invalid share `{text}`: it must not be above 100%")),
                share => Ok(share),
            },
            Self::Goodput => bytes_per_second(text),
            Self::UploadRate => {
                let rate = text.strip_suffix("/s").map(str::trim).and_then(number);
                rate.ok_or_else(|| format!("invalid rate `{text}`: write 50/s"))
            }
        }
    }

    /// Its value; `None` if it was not measured.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(super) fn value(self, figures: &impl Figures) -> Option<f64> {
        let counts = figures.counts();
        let per_second = |number: f64| (counts.seconds > 0.0).then(|| number / counts.seconds);
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
            Self::Goodput => per_second(counts.goodput_bytes as f64),
            Self::UploadRate => per_second(counts.uploads as f64),
            Self::Count(counted) => Some(match counted {
                Counted::Uploads => counts.uploads,
                Counted::Errors => counts.errors,
                Counted::Retries => counts.retries,
                Counted::NotStarted => counts.not_started,
                Counted::EarlyResponses => counts.early_responses,
            } as f64),
        }
    }

    /// A value in its unit.
    pub(super) fn format(self, value: f64) -> String {
        match self {
            Self::Phase(_, Statistic::Count) | Self::Count(_) => format!("{value:.0}"),
            Self::Phase(..) => time(value),
            Self::ErrorShare => format!("{:.3}%", value * 100.0),
            Self::Goodput => format!("{:.1} MiB/s", value / 1_048_576.0),
            Self::UploadRate => format!("{value:.1}/s"),
        }
    }
}

impl Statistic {
    /// `p99.9` and `p99_9` are the same: the first is what people write, the second is the key of the JSON report.
    fn named(word: &str) -> Option<Self> {
        match word {
            "mean" => Some(Self::Mean),
            "min" => Some(Self::Min),
            "max" => Some(Self::Max),
            "count" => Some(Self::Count),
            _ => {
                let percent = number(&word.strip_prefix('p')?.replace('_', "."))?;
                (percent > 0.0 && percent <= 100.0).then_some(Self::Quantile(percent / 100.0))
            }
        }
    }
}

fn unknown(name: &str) -> String {
    let mut known: Vec<String> = NAMES.iter().map(|(name, _)| (*name).to_owned()).collect();
    for phase in Phase::ALL {
        known.push(format!("{}.p99", phase.word()));
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    format!(
        "unknown figure `{name}`: {} (each phase has p50, p90, p95, p99, p99.9, mean, min, max and count)",
        advice(name, &known)
    )
}

/// A number that is not negative, without exponent: neither `inf` nor `nan`, which no value could pass or fail.
fn number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_plain)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn count(text: &str) -> Result<f64, String> {
    let count: Option<u64> = text.replace('_', "").parse().ok();
    count.map(|count| count as f64).ok_or_else(|| format!("invalid number `{text}`: write a whole number"))
}

fn micros(text: &str) -> Result<f64, String> {
    let wrong = || format!("invalid time `{text}`: write 500us, 20ms or 2s");
    if let Some(micros) = text.strip_suffix("us").or_else(|| text.strip_suffix("µs")) {
        return number(micros.trim()).ok_or_else(wrong);
    }
    parse_duration(text).map(|time| time.as_secs_f64() * 1e6).ok_or_else(wrong)
}

#[expect(clippy::cast_precision_loss, reason = "rates need no exact integers")]
fn bytes_per_second(text: &str) -> Result<f64, String> {
    parse_size(text.strip_suffix("/s").unwrap_or(text))
        .map(|bytes| bytes as f64)
        .ok_or_else(|| format!("invalid rate `{text}`: write 500MiB/s"))
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
