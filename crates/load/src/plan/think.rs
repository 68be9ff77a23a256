//! How long an uploader of the closed model rests: `500ms`, or `100ms..1s`.

use std::time::Duration;

use super::words;
use crate::draw::Draw;

/// A rest between two uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Think {
    least: Duration,
    most: Duration,
}

impl Think {
    /// None at all.
    pub const NONE: Self = Self { least: Duration::ZERO, most: Duration::ZERO };

    /// Reads it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (least, most) = match text.split_once("..") {
            Some((least, most)) => (words::duration(least.trim())?, words::duration(most.trim())?),
            None => (words::duration(text)?, words::duration(text)?),
        };
        if least > most {
            return Err(format!("`{text}` begins above its end"));
        }
        Ok(Self { least, most })
    }

    /// One rest.
    pub fn draw(self, draw: Draw) -> Duration {
        self.least + self.most.saturating_sub(self.least).mul_f64(draw.unit())
    }

    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self.most.is_zero()
    }
}
