//! Figures of load as all formats write them.

use uptake_outcome::load::{ThresholdResult, Unit};
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
    reason = "a rate of bytes is no fraction to a reader"
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
    reason = "microseconds are no fractions to a reader"
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
    if share.is_finite() { format!("{:+.1} %", share * 100.0) } else { "from none".to_owned() }
}
