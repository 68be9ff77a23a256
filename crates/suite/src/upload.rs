//! An upload in segments as it is written: how the file is cut, and which segments are sent.

use super::expr::{Expr, Template};
use super::request::{Envelope, Source};
use uptake_payload::Framing;

/// Segments of a chunk plan, as written.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The plan's name; the state of an upload is kept under it.
    pub name: String,
    /// The plan, where it is not a named one.
    pub plan: Option<UploadPlan>,
    /// Which segments go, in which order.
    pub segments: Segments,
    /// Whether they go side by side.
    pub together: bool,
    /// Where they go.
    pub to: Option<Template>,
    /// Form fields before the file.
    pub fields: Vec<(String, Template)>,
    /// Whether the suite's carried fields are sent.
    pub carry: bool,
    /// Who calls, with what, and how.
    pub envelope: Envelope,
}

/// Which segments of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segments {
    /// All.
    All,
    /// The first.
    First,
    /// All but the first.
    Rest,
    /// The last.
    Last,
    /// These, by number from 1, in this order.
    These(Vec<u32>),
}

/// A chunk plan as written.
#[derive(Debug, Clone)]
pub struct UploadPlan {
    /// The file.
    pub source: Source,
    /// The file's name.
    pub file_name: Option<Template>,
    /// How it is cut.
    pub cut: Cut,
}

/// How a file is cut into segments.
#[derive(Debug, Clone)]
pub enum Cut {
    /// Evenly.
    Even {
        /// The size of all segments but the last.
        segment: Option<Expr>,
        /// How ranges are written.
        framing: Framing,
        /// What is said of the total.
        total: DeclaredTotal,
    },
    /// As written out.
    Explicit(Vec<PlannedSegment>),
}

/// A segment that is written out.
#[derive(Debug, Clone)]
pub struct PlannedSegment {
    /// Where it begins.
    pub from: Expr,
    /// How long it is.
    pub length: Expr,
    /// The range header's value.
    pub range: Option<Template>,
}

/// What segments say of the total.
#[derive(Debug, Clone)]
pub enum DeclaredTotal {
    /// The truth.
    Named,
    /// None names it.
    Open,
    /// Only the last names it.
    Last,
    /// All name this one.
    Claimed(Expr),
}
