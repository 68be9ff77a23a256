//! A point in real time, which outlives the process.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970, by this machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct WallTime(i64);

impl WallTime {
    pub(crate) fn now() -> Self {
        Self(Timestamp::now().as_millisecond())
    }

    pub(crate) fn plus(self, time: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is until then; zero where it is past.
    pub(crate) fn ahead(self) -> Duration {
        self.since(Self::now())
    }

    /// How long it is since `other`; zero where that is later.
    pub(crate) fn since(self, other: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(other.0)).unwrap_or(0))
    }
}

/// RFC 3339 in whole seconds, rounded up, so that whoever comes back then does not come too early.
impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0.saturating_add(999).div_euclid(1000)) {
            Ok(time) => time.fmt(f),
            Err(_) => f.write_str("the end of time"),
        }
    }
}
