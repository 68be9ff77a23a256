//! Statuses and classes of statuses.

/// A set of statuses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusSet(pub Vec<StatusRange>);

/// One status, or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusRange {
    /// This one.
    One(u16),
    /// All with this first digit.
    Class(u16),
}

impl StatusSet {
    /// Whether `status` is in the set.
    pub fn has(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.has(status))
    }
}

impl StatusRange {
    /// Whether `status` is this one, or in this class.
    pub fn has(self, status: u16) -> bool {
        match self {
            Self::One(one) => one == status,
            Self::Class(class) => status / 100 == class,
        }
    }
}

impl std::fmt::Display for StatusRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(one) => write!(f, "{one}"),
            Self::Class(class) => write!(f, "{class}xx"),
        }
    }
}

impl std::fmt::Display for StatusSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, range) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" or ")?;
            }
            write!(f, "{range}")?;
        }
        Ok(())
    }
}
