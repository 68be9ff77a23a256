//! The sizes that a target allows.

use crate::yaml::{Node, Reader};

/// The sizes that a target allows, in bytes where nothing else is said. The default is what the vendor documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The least segment that is not the last.
    pub min_segment: u64,
    /// The greatest segment.
    pub max_segment: u64,
    /// The greatest file in one request.
    pub max_request: u64,
    /// The greatest file.
    pub max_total: u64,
    /// The most parts.
    pub max_parts: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            min_segment: 5 << 20,
            max_segment: 200 << 20,
            max_request: 200 << 20,
            max_total: 52_428_800_000,
            max_parts: 10_000,
        }
    }
}

impl Limits {
    pub(super) fn read(reader: &Reader, node: Option<&Node>) -> Option<Self> {
        let mut limits = Self::default();
        let Some(node) = node else { return Some(limits) };
        let mut fields = reader.fields(node, "limits")?;
        for (name, limit) in [
            ("min-segment", &mut limits.min_segment),
            ("max-segment", &mut limits.max_segment),
            ("max-request", &mut limits.max_request),
            ("max-total", &mut limits.max_total),
            ("max-parts", &mut limits.max_parts),
        ] {
            let Some(node) = fields.take(name) else { continue };
            match reader.natural(node, name)? {
                0 => return reader.problem(node.at, format!("{name} cannot be 0"), ""),
                value => *limit = value,
            }
        }
        if limits.min_segment > limits.max_segment {
            return reader.problem(
                node.at,
                "min-segment is above max-segment",
                "no segment could ever be sent",
            );
        }
        Some(limits)
    }
}
