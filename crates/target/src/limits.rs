//! The sizes that a target allows.

use uptake_yaml::{Node, Reader};

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

/// Some of the sizes, as a profile or a suite names them; the others are what they are without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LimitsGiven {
    /// The least segment that is not the last.
    pub min_segment: Option<u64>,
    /// The greatest segment.
    pub max_segment: Option<u64>,
    /// The greatest file in one request.
    pub max_request: Option<u64>,
    /// The greatest file.
    pub max_total: Option<u64>,
    /// The most parts.
    pub max_parts: Option<u64>,
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

impl LimitsGiven {
    /// Reads those that are named under `limits`.
    pub fn read(reader: &Reader, node: Option<&Node>) -> Option<Self> {
        let mut given = Self::default();
        let Some(node) = node else { return Some(given) };
        let mut fields = reader.fields(node, "limits")?;
        for (name, limit) in [
            ("min-segment", &mut given.min_segment),
            ("max-segment", &mut given.max_segment),
            ("max-request", &mut given.max_request),
            ("max-total", &mut given.max_total),
            ("max-parts", &mut given.max_parts),
        ] {
            let Some(node) = fields.take(name) else { continue };
            match reader.natural(node, name)? {
                0 => return reader.problem(node.at, format!("{name} cannot be 0"), ""),
                value => *limit = Some(value),
            }
        }
        if given.over(Limits::default()).is_empty_range() && given.min_segment.is_some() {
            return reader.problem(
                node.at,
                "min-segment is above max-segment",
                "no segment could ever be sent; name max-segment too",
            );
        }
        Some(given)
    }

    /// What holds where these are named over `base`.
    #[must_use]
    pub fn over(self, base: Limits) -> Limits {
        Limits {
            min_segment: self.min_segment.unwrap_or(base.min_segment),
            max_segment: self.max_segment.unwrap_or(base.max_segment),
            max_request: self.max_request.unwrap_or(base.max_request),
            max_total: self.max_total.unwrap_or(base.max_total),
            max_parts: self.max_parts.unwrap_or(base.max_parts),
        }
    }

    /// These, and where they name nothing, those of `base`.
    #[must_use]
    pub fn or(self, base: Self) -> Self {
        Self {
            min_segment: self.min_segment.or(base.min_segment),
            max_segment: self.max_segment.or(base.max_segment),
            max_request: self.max_request.or(base.max_request),
            max_total: self.max_total.or(base.max_total),
            max_parts: self.max_parts.or(base.max_parts),
        }
    }
}

impl Limits {
    /// Whether no segment fits.
    pub(super) const fn is_empty_range(&self) -> bool {
        self.min_segment > self.max_segment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_profile_names_holds_over_what_a_suite_names() {
        let suite = LimitsGiven { min_segment: Some(1), max_parts: Some(2), ..LimitsGiven::default() };
        let profile = LimitsGiven { min_segment: Some(3), ..LimitsGiven::default() };
        let limits = profile.or(suite).over(Limits::default());
        assert_eq!((limits.min_segment, limits.max_parts), (3, 2));
        assert_eq!(limits.max_total, Limits::default().max_total);
    }
}
