//! One planted defect, as the tables of this folder hold it.

use crate::policy::decisions::Overrides;

/// A defect: what it is called, which fact of the contract it breaks, what goes wrong, and how.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// The number of the fact in the guide's page of the contract.
    pub(crate) fact: &'static str,
    pub(crate) description: &'static str,
    /// Whether any answer of the contract can show it.
    pub(crate) is_visible: bool,
    /// Overrides the decisions that it makes otherwise.
    pub(crate) plant: fn(&mut Overrides),
}

impl Entry {
    /// A defect that answers can show.
    pub(crate) const fn new(
        name: &'static str,
        fact: &'static str,
        description: &'static str,
        plant: fn(&mut Overrides),
    ) -> Self {
        Self { name, fact, description, is_visible: true, plant }
    }

    /// A defect of the bytes that are kept: it shows nowhere but on the control surface, of which no rule speaks.
    pub(crate) const fn hidden(
        name: &'static str,
        fact: &'static str,
        description: &'static str,
        plant: fn(&mut Overrides),
    ) -> Self {
        Self { name, fact, description, is_visible: false, plant }
    }
}

/// The defects of one area of the rules.
pub(crate) struct Area {
    pub(crate) name: &'static str,
    pub(crate) entries: &'static [&'static [Entry]],
}
