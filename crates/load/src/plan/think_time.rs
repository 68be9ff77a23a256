//! How long an uploader of the closed model waits between two uploads: `500ms`, or `100ms..1s`.

use std::time::Duration;

use super::values;
use crate::random::RandomValue;

/// The time between two uploads of an uploader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThinkTime {
    min: Duration,
    max: Duration,
}

impl ThinkTime {
    /// No wait.
    pub(crate) const NONE: Self = Self { min: Duration::ZERO, max: Duration::ZERO };

    /// Reads it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (min, max) = match text.split_once("..") {
            Some((min, max)) => (values::duration(min.trim())?, values::duration(max.trim())?),
            None => (values::duration(text)?, values::duration(text)?),
        };
        if min > max {
            return Err(format!("invalid range `{text}`: its start is above its end"));
        }
        Ok(Self { min, max })
    }

    /// The wait for a random value.
    pub(crate) fn pick(self, value: RandomValue) -> Duration {
        self.min + self.max.saturating_sub(self.min).mul_f64(value.unit())
    }

    /// Whether there is no wait.
    pub(crate) fn is_none(self) -> bool {
        self.max.is_zero()
    }
}
