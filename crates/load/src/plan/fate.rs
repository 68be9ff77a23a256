//! What becomes of an upload on purpose: most are sent whole, some are abandoned, some broken off and resumed.

use crate::draw::Draw;

/// The shares of uploads that are not simply sent.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fates {
    /// The share that is abandoned in the middle of a segment.
    pub abandoned: f64,
    /// The share that is broken off in the middle of a segment, and resumed with the same segment.
    pub resumed: f64,
}

/// What becomes of one upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is sent whole.
    Whole,
    /// It is abandoned.
    Abandoned,
    /// It is resumed.
    Resumed,
}

impl Fates {
    /// The fate of one.
    pub fn draw(self, draw: Draw) -> Fate {
        let unit = draw.unit();
        if unit < self.abandoned {
            Fate::Abandoned
        } else if unit < self.abandoned + self.resumed {
            Fate::Resumed
        } else {
            Fate::Whole
        }
    }
}
