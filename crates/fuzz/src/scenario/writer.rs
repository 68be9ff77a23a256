//! The text that is being written, line by line.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value as Json;

use crate::attempt::SegmentResult;
use crate::case::{Case, Segment};
use crate::describe;
use crate::mismatch::{Evidence, Mismatch};
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

    pub(super) fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = indent * 2);
    }
}

pub(super) fn letter(upload: usize) -> char {
    describe::upload(upload).to_ascii_lowercase()
}

/// A text in double quotes: a JSON text is a YAML text, too.
pub(super) fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}
