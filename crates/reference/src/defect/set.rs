//! A set of planted defects, and how they are named.

use std::fmt;
use std::str::FromStr;

use super::super::error::ReferenceError;
use super::Defect;

/// How many defects fit.
const WORDS: usize = 4;

/// The defects that a server is started with.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Defects([u64; WORDS]);

impl Defects {
    /// A faithful server.
    pub const fn none() -> Self {
        Self([0; WORDS])
    }

    /// Adds one.
    #[must_use]
    pub const fn with(mut self, defect: Defect) -> Self {
        let index = defect as usize;
        self.0[index / 64] |= 1 << (index % 64);
        self
    }

    /// Whether one is planted.
    #[inline]
    pub const fn has(self, defect: Defect) -> bool {
        let index = defect as usize;
        self.0[index / 64] & (1 << (index % 64)) != 0
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Self::none(), Self::with)
    }
}

impl FromStr for Defects {
    type Err = ReferenceError;

    /// Names with commas between them; an empty text is a faithful server.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::parse::<Defect>).collect()
    }
}

impl fmt::Debug for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Defect::all().iter().filter(|defect| self.has(**defect))).finish()
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Defect {
    type Err = ReferenceError;

    fn from_str(name: &str) -> Result<Self, ReferenceError> {
        Self::all()
            .iter()
            .copied()
            .find(|defect| defect.name() == name)
            .ok_or_else(|| ReferenceError::UnknownDefect(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        for defect in Defect::all() {
            let planted = Defects::none().with(*defect);
            let held: Vec<_> = Defect::all().iter().filter(|other| planted.has(**other)).collect();
            assert_eq!(held, [defect]);
        }
        assert!(Defect::all().len() <= WORDS * 64);
    }

    #[test]
    fn a_name_leads_to_its_defect_and_is_used_once() {
        let names: HashSet<_> = Defect::all().iter().map(|defect| defect.name()).collect();
        assert_eq!(names.len(), Defect::all().len());
        for defect in Defect::all() {
            assert_eq!(defect.name().parse::<Defect>().unwrap(), *defect);
            let spelt =
                |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
            assert!(defect.name().chars().all(spelt), "{defect}");
        }
        assert!("no-such-thing".parse::<Defect>().is_err());
    }

    #[test]
    fn several_are_planted_by_a_list_of_names() {
        let (one, two) = (Defect::all()[0], Defect::all()[1]);
        let planted: Defects = format!("{one}, {two}").parse().unwrap();
        assert_eq!(planted, [one, two].into_iter().collect());
        assert_eq!("".parse::<Defects>().unwrap(), Defects::none());
    }
}
