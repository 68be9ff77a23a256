//! Sizes, times and rates as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use uptake_reference::RateLimit;

/// A number of bytes, written with or without a binary unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Size(pub(in crate::cli) u64);

/// The units of a size, the largest first.
const UNITS: [(&str, u64); 3] = [("GiB", 1024 * 1024 * 1024), ("MiB", 1024 * 1024), ("KiB", 1024)];

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) = UNITS
            .iter()
            .find_map(|(name, unit)| Some((text.strip_suffix(name)?.trim_end(), *unit)))
            .unwrap_or((text, 1));
        let size = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        size.map(Self).ok_or_else(|| "write a number of bytes, or one with KiB, MiB or GiB".to_owned())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, unit)| self.0 > 0 && self.0.is_multiple_of(*unit));
        match unit {
            Some((name, unit)) => write!(f, "{}{name}", self.0 / unit),
            None => write!(f, "{}", self.0),
        }
    }
}

/// A size that limits something; a target profile takes no limit of 0 either.
pub(super) fn limit(text: &str) -> Result<Size, String> {
    match text.parse()? {
        Size(0) => Err("a limit must be above 0".to_owned()),
        size => Ok(size),
    }
}

/// A number of parts that limits something.
pub(super) fn parts(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("write a whole number from 1 to {}", u32::MAX))
}

/// How far clocks are apart, in whole seconds: `90s` ahead, `-90s` behind.
pub(super) fn skew(text: &str) -> Result<i64, String> {
    let skew = text.parse::<jiff::SignedDuration>().ok().filter(|skew| skew.subsec_nanos() == 0);
    // Beyond some thousand years no date of the server could be written.
    let seconds = skew.map(|skew| skew.as_secs()).filter(|seconds| seconds.unsigned_abs() < 100_000_000_000);
    seconds.ok_or_else(|| "write whole seconds such as 90s, -90s or 2h".to_owned())
}

/// A rate by its name, or by its three numbers.
pub(super) fn rate_limit(text: &str) -> Result<RateLimit, String> {
    match text {
        "sandbox" => return Ok(RateLimit::SANDBOX),
        "production" => return Ok(RateLimit::PRODUCTION),
        _ => {}
    }
    let numbers: Option<Vec<u32>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(numbers) if numbers.contains(&0) => Err("a limit must be above 0".to_owned()),
        Some(&[uploads, writes, reads]) => Ok(RateLimit { uploads, writes, reads }),
        _ => Err("write sandbox, production, or three numbers separated by commas".to_owned()),
    }
}

/// A length of time in the largest unit that leaves no rest.
pub(super) fn written(duration: Duration) -> String {
    if duration.subsec_nanos() > 0 {
        return format!("{}ms", duration.as_millis());
    }
    match duration.as_secs() {
        seconds if seconds % 3600 == 0 && seconds > 0 => format!("{}h", seconds / 3600),
        seconds if seconds % 60 == 0 && seconds > 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_ahead_or_behind_by_whole_seconds() {
        assert_eq!((skew("90s"), skew("-90s"), skew("-2h")), (Ok(90), Ok(-90), Ok(-7200)));
        for nonsense in ["", "90", "soon", "1.5s", "9999999999h"] {
            assert!(skew(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_limit_is_above_zero() {
        assert_eq!((limit("1"), limit("2KiB")), (Ok(Size(1)), Ok(Size(2048))));
        assert_eq!((parts("1"), parts("4294967295")), (Ok(1), Ok(u32::MAX)));
        for nonsense in ["0", "0MiB", "-1", "many"] {
            assert!(limit(nonsense).is_err(), "{nonsense}");
            assert!(parts(nonsense).is_err(), "{nonsense}");
        }
        assert!(parts("4294967296").is_err());
    }

    #[test]
    fn a_length_of_time_is_written_as_it_was_given() {
        for (given, expected) in
            [(7_200_000, "2h"), (90_000, "90s"), (120_000, "2m"), (0, "0s"), (1500, "1500ms")]
        {
            assert_eq!(written(Duration::from_millis(given)), expected);
        }
    }

    #[test]
    fn a_size_is_written_as_it_is_read() {
        for text in ["5MiB", "64KiB", "1GiB", "52428800001", "0", "1023"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        for nonsense in ["", "5 MB", "-1", "1.5MiB", "99999999999GiB"] {
            assert!(nonsense.parse::<Size>().is_err(), "{nonsense}");
        }
    }
}
