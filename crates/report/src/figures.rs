//! Figures of load as all formats write them.

use uptake_outcome::load::{PhaseResult, ThresholdResult, Unit};
use uptake_outcome::text::bytes;

/// A time in the unit in which it reads well.
#[expect(clippy::cast_precision_loss, reason = "less than an hour")]
pub(crate) fn micros(micros: u64) -> String {
    if micros < 1_000 {
        format!("{micros} us")
    } else if micros < 1_000_000 {
        format!("{:.2} ms", micros as f64 / 1e3)
    } else {
        format!("{:.3} s", micros as f64 / 1e6)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate of bytes is not a fraction to a reader"
)]
pub(crate) fn rate(bytes_a_second: f64) -> String {
    format!("{}/s", bytes(bytes_a_second as u64))
}

/// A threshold and its value: `upload.p99 2.500 s (limit 2s)`.
pub(crate) fn threshold_text(threshold: &ThresholdResult) -> String {
    let expression = &threshold.expression;
    let value = threshold.value.as_deref().unwrap_or("was not measured");
    let operators = [(">", "limit"), ("<", "minimum")];
    let split = operators.iter().find_map(|(sign, word)| {
        let (figure, limit) = expression.split_once(sign)?;
        Some((figure.trim(), word, limit.trim_start_matches('=').trim()))
    });
    match split {
        Some((figure, word, limit)) => format!("{figure} {value} ({word} {limit})"),
        None => format!("{expression}: {value}"),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "microseconds are not fractions to a reader"
)]
pub(crate) fn written(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Micros => micros(value.round() as u64),
        Unit::PerSecond => format!("{value:.1}/s"),
        Unit::BytesPerSecond => rate(value),
        Unit::Share => format!("{:.3} %", value * 100.0),
    }
}

pub(crate) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:+.1} %", share * 100.0) } else { "from 0".to_owned() }
}
/// A percentile that fewer samples lie beyond says little, and is marked.
pub(crate) const MIN_BEYOND: u64 = 10;

/// The percentiles of a phase that reports show, in microseconds, each with whether enough samples lie beyond it.
pub(crate) fn percentiles(result: &PhaseResult) -> [(u64, bool); 5] {
    [(0.5, result.p50), (0.9, result.p90), (0.95, result.p95), (0.99, result.p99), (0.999, result.p99_9)]
        .map(|(quantile, value)| (value, is_supported(result.count, quantile)))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn is_supported(samples: u64, quantile: f64) -> bool {
    // Half a sample absorbs what 1 - 0.99 is off by.
    samples as f64 * (1.0 - quantile) + 0.5 >= MIN_BEYOND as f64
}
