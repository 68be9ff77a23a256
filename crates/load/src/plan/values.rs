//! The values of the grammar: numbers, sizes, times, shares.

use std::time::Duration;

use uptake_yaml::{parse_duration, parse_share, parse_size};

/// A number of bytes, at least 1.
pub(super) fn size(text: &str) -> Result<u64, String> {
    parse_size(text)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| format!("invalid size `{text}`: write 64KiB, 5MiB or 1GiB"))
}

/// No duration is longer, so that sums of them stay far from overflow: a year.
const MAX_DURATION: Duration = Duration::from_secs(366 * 86_400);

/// A length of time.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration =
        parse_duration(text).ok_or_else(|| format!("invalid duration `{text}`: write 500ms, 2s or 5m"))?;
    if duration > MAX_DURATION {
        return Err(format!("invalid duration `{text}`: it must not be longer than a year"));
    }
    Ok(duration)
}

/// A number, at least 1.
pub(super) fn count(text: &str) -> Result<u64, String> {
    text.replace('_', "")
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("invalid number `{text}`: write a whole number of at least 1"))
}

/// A share of all uploads: `5%`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let share = parse_share(text)?;
    if share > 1.0 {
        return Err(format!("invalid share `{text}`: it must not be above 100%"));
    }
    Ok(share)
}

/// `true` or `false`.
pub(super) fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("invalid value `{text}`: write true or false"))
}

/// One of a few words.
pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("invalid value `{text}`: write {}", alternatives(&known))
    })
}

/// `a`, `a or b`, `a, b or c`.
fn alternatives(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Bytes a second: `2MiB/s`, or `2MiB`.
pub(super) fn bandwidth(text: &str) -> Option<u64> {
    size(text.trim().strip_suffix("/s").unwrap_or(text)).ok()
}

/// A length of time above zero, in microseconds.
pub(super) fn micros(text: &str) -> Option<u64> {
    let micros = u64::try_from(duration(text).ok()?.as_micros()).ok()?;
    (micros > 0).then_some(micros)
}
