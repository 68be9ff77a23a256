//! Points in time by the server's clock, and how answers write them. Nothing here reads a clock.

use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    /// The latest time that has a year of four digits, with room for a grace period behind it.
    pub(crate) const LATEST: Self = Self(250_000_000_000_000);

    pub(crate) const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub(crate) const fn millis(self) -> i64 {
        self.0
    }

    pub(crate) const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    pub(crate) const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    pub(crate) fn plus(self, duration: Duration) -> Self {
        self.plus_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    /// The date-time as the contract writes it (ATOM, in UTC).
    pub(crate) fn atom(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S+00:00")
    }

    /// The date-time in a `strftime` format, in UTC.
    pub(crate) fn format(self, format: &str) -> String {
        self.clamped().strftime(format).to_string()
    }

    /// The date-time as the `Date` header writes it.
    pub(crate) fn http_date(self) -> String {
        let since = Duration::from_millis(u64::try_from(self.clamped().as_millisecond()).unwrap_or(0));
        httpdate::fmt_http_date(UNIX_EPOCH + since)
    }

    fn clamped(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0.clamp(0, Self::LATEST.0))
            .expect("clamped to years that have four digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times_are_atom_in_utc_and_headers_use_the_http_format() {
        let time = Timestamp::from_millis(1_600_249_836_789);
        assert_eq!(time.atom(), "2020-09-16T09:50:36+00:00");
        assert_eq!(time.http_date(), "Wed, 16 Sep 2020 09:50:36 GMT");
    }
}
