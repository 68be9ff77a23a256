//! The text that is being written, line by line.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use crate::case::{Case, Frame, Segment};
use crate::mismatch::{Evidence, Mismatch};
use crate::outcome::SegmentResult;
use crate::yaml::Numbers;
use uptake_target::Limits;

/// What a scenario is written from.
pub(crate) struct ScenarioInput<'d> {
    /// The case.
    pub(crate) case: &'d Case,
    /// What became of its segments.
    pub(crate) results: &'d [SegmentResult],
    /// What did not fit.
    pub(crate) mismatch: &'d Mismatch,
    /// The target's sizes.
    pub(crate) limits: Limits,
    /// How long a status may take to show what has arrived.
    pub(crate) status_timeout: Duration,
    /// Lines that stand above it, without their `#`.
    pub(crate) remarks: &'d [String],
}

pub(super) struct Writer<'d> {
    pub(super) input: &'d ScenarioInput<'d>,
    pub(super) text: String,
    /// The uploads whose id is known.
    pub(super) known: BTreeSet<usize>,
}

impl<'d> Writer<'d> {
    pub(super) fn new(input: &'d ScenarioInput<'d>) -> Self {
        Self { input, text: String::new(), known: BTreeSet::new() }
    }

    /// Whether a segment's bytes lie beyond those whose sum is asked for.
    pub(super) fn is_spare(&self, segment: &Segment) -> bool {
        match self.input.mismatch.evidence {
            Evidence::Stored { upload, size } => {
                segment.upload == upload && segment.offset + segment.length > size
            }
            _ => false,
        }
    }

    /// A Content-Range, by the target's limits.
    pub(super) fn range(&self, frame: &Frame) -> Option<String> {
        Numbers(self.input.limits).range(frame)
    }

    /// A number of bytes, by the target's limits.
    pub(super) fn number(&self, number: u64) -> String {
        Numbers(self.input.limits).number(number)
    }

    pub(super) fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = indent * 2);
    }
}
