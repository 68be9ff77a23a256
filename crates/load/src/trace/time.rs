//! The times of recordings, in nanoseconds.

use jiff::Timestamp;
use jiff::fmt::strtime;

use super::collector::NANOS;

/// A number above this is milliseconds, not seconds: as seconds it is the year 5138.
const FIRST_MILLISECONDS: f64 = 1e11;

/// RFC 3339, or a number of seconds or (since 1970) milliseconds.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and nanoseconds need not be exact"
)]
pub(super) fn any(text: &str) -> Option<u64> {
    let text = text.trim();
    let Ok(number) = text.parse::<f64>() else { return rfc3339(text) };
    let seconds = if number > FIRST_MILLISECONDS { number / 1_000.0 } else { number };
    let is_in_range = (0.0..=FIRST_MILLISECONDS / 20.0).contains(&seconds);
    is_in_range.then(|| {
        // Whole and broken seconds apart: a product would lose the microseconds of an instant of today.
        let fraction = seconds.fract() * NANOS as f64;
        seconds.trunc() as u64 * NANOS + (fraction / 1_000.0).round() as u64 * 1_000
    })
}

/// RFC 3339, as HAR has it.
pub(super) fn rfc3339(text: &str) -> Option<u64> {
    since_1970(text.parse().ok()?)
}

/// The time of the Common Log Format: `10/Oct/2025:13:55:36 -0700`.
pub(super) fn common_log(text: &str) -> Option<u64> {
    since_1970(strtime::parse("%d/%b/%Y:%H:%M:%S %z", text).ok()?.to_timestamp().ok()?)
}

fn since_1970(at: Timestamp) -> Option<u64> {
    u64::try_from(at.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_an_instant_are_the_same() {
        let wanted = Some(1_760_104_536_250_000_000);
        for text in
            ["2025-10-10T13:55:36.25Z", "2025-10-10T06:55:36.25-07:00", "1760104536.25", "1760104536250"]
        {
            assert_eq!(any(text), wanted, "{text}");
        }
        assert_eq!(common_log("10/Oct/2025:06:55:36 -0700"), Some(1_760_104_536 * NANOS));
        assert_eq!(any("0.5"), Some(NANOS / 2), "seconds since the start of the recording");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "-1", "NaN", "inf", "1e300", "yesterday", "2025-10-10"] {
            assert_eq!(any(text), None, "{text}");
        }
        assert_eq!(common_log("32/Oct/2025:06:55:36 -0700"), None);
    }
}
