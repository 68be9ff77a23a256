//! Quantities as people read them: counts with their noun, durations, sizes. The only place that formats them.

use std::borrow::Cow;
use std::fmt::Display;

/// `1 rule`, `2 rules`.
#[expect(clippy::needless_pass_by_value, reason = "numbers are passed by value")]
pub fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A duration: below a minute in seconds with one decimal, above in its two largest units.
///
/// ```
/// use uptake_outcome::text::duration;
/// assert_eq!([3.21, 125.2, 86_462.0].map(duration), ["3.2 s", "2 min 5 s", "1 d"]);
/// ```
pub fn duration(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest integer there is, and it is not negative"
    )]
    let whole = seconds.round() as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60);
    match (days, hours, minutes, whole % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, 0) => format!("{minutes} min"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, 0, _) => format!("{hours} h"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, 0, ..) => format!("{days} d"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

/// A duration of whole seconds: `5 s`, `1 min 2 s`, `1 d 1 h`.
pub fn whole_duration(seconds: u64) -> String {
    if seconds < 60 {
        return format!("{seconds} s");
    }
    duration(std::time::Duration::from_secs(seconds).as_secs_f64())
}

/// The text in plain words: without ` (os error N)`, which the standard library appends to what the system says, and without its
/// term for a file that is not text.
///
/// ```
/// use uptake_outcome::text::plain_words;
/// assert_eq!(plain_words("No such file (os error 2): x"), "No such file: x");
/// assert_eq!(plain_words("cannot read x: stream did not contain valid UTF-8"), "cannot read x: it is not UTF-8 text");
/// ```
pub fn plain_words(text: &str) -> Cow<'_, str> {
    const NOT_TEXT: &str = "stream did not contain valid UTF-8";
    match without_error_numbers(text) {
        plain if plain.contains(NOT_TEXT) => Cow::Owned(plain.replace(NOT_TEXT, "it is not UTF-8 text")),
        plain => plain,
    }
}

fn without_error_numbers(text: &str) -> Cow<'_, str> {
    const OPENING: &str = " (os error ";
    let Some((before, behind)) = text.split_once(OPENING) else { return Cow::Borrowed(text) };
    match behind.split_once(')') {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            Cow::Owned(format!("{before}{}", without_error_numbers(rest)))
        }
        _ => Cow::Owned(format!("{before}{OPENING}{}", without_error_numbers(behind))),
    }
}

/// Where requests went: a base URL, and the proxy on the way.
pub(crate) fn address(base_url: &str, proxy: Option<&str>) -> String {
    match proxy {
        Some(proxy) => format!("{base_url} through the proxy {proxy}"),
        None => base_url.to_owned(),
    }
}

/// A number of bytes in the largest binary unit that is not above it.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut quantity = number as f64 / 1024.0;
    let mut unit = 0;
    while quantity >= 1023.95 && unit + 1 < UNITS.len() {
        quantity /= 1024.0;
        unit += 1;
    }
    format!("{quantity:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, duration, whole_duration};

    #[test]
    fn one_thing_has_no_plural() {
        assert_eq!([count(1_u64, "upload"), count(0_u64, "upload")], ["1 upload", "0 uploads"]);
        assert_eq!(count(141_usize, "rule"), "141 rules");
    }

    #[test]
    fn durations_are_said_in_their_two_largest_units() {
        assert_eq!([0.04, 3.21, 59.94].map(duration), ["0.0 s", "3.2 s", "59.9 s"]);
        assert_eq!([59.96, 125.2, 3_600.0].map(duration), ["1 min", "2 min 5 s", "1 h"]);
        assert_eq!([86_462.0, 90_000.0, 32_794_023.8].map(duration), ["1 d", "1 d 1 h", "379 d 13 h"]);
        assert_eq!(
            [5, 60, 62, 3_600, 86_452, 90_000, 31_536_000].map(whole_duration),
            ["5 s", "1 min", "1 min 2 s", "1 h", "1 d", "1 d 1 h", "365 d"]
        );
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(
            [0, 1023, 1024, 5 << 20, (1 << 30) - 1, u64::MAX].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "5.0 MiB", "1.0 GiB", "16777216.0 TiB"]
        );
    }
}
