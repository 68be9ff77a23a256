//! The small words of the grammar: numbers, sizes, times, shares.

use std::time::Duration;

use uptake_yaml::{parse_duration, parse_integer};

/// A number of bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    parse_integer(text)
        .and_then(|number| u64::try_from(number).ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("`{text}` is no size: write 64KiB, 5MiB or 1GiB"))
}

/// A length of time.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .ok_or_else(|| format!("`{text}` is no time: write it with its unit, 500ms, 2s or 5m"))
}

/// A number that is at least 1.
pub(super) fn count(text: &str) -> Result<u64, String> {
    parse_integer(text)
        .and_then(|number| u64::try_from(number).ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("`{text}` is no number from 1 on"))
}

/// A share: `5%`, or `0.05`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let (digits, scale) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent, 100.0),
        None => (text, 1.0),
    };
    digits
        .trim()
        .parse::<f64>()
        .ok()
        .map(|number| number / scale)
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| format!("`{text}` is no share: write it as 5% or 0.05"))
}

/// `true`, or `false`.
pub(super) fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("`{text}` is neither true nor false"))
}

/// One of a few words.
pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("`{text}` is not known here; known are: {}", known.join(", "))
    })
}

/// Bytes a second: `2MiB/s`, or `2MiB`.
pub(super) fn bytes_a_second(text: &str) -> Result<u64, String> {
    size(text.trim().strip_suffix("/s").unwrap_or(text))
        .map_err(|_| format!("`{text}` is no bandwidth: write it as 2MiB/s"))
}
