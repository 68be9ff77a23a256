//! A set of planted defects, and how they are named.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::catalogue::{self, COUNT};
use super::entry::Entry;
use crate::error::ReferenceError;
use crate::policy::decisions::Overrides;

/// How many words of a set there are.
const WORDS: usize = COUNT.div_ceil(64);

/// Every defect, its area, and its place in the catalogue.
static ALL: LazyLock<Vec<(Defect, &'static str, &'static Entry)>> = LazyLock::new(|| {
    let indexed = (0_u16..).zip(catalogue::all());
    indexed.map(|(index, (area, entry))| (Defect(index), area.name, entry)).collect()
});
static DEFECTS: LazyLock<Vec<Defect>> = LazyLock::new(|| ALL.iter().map(|(defect, ..)| *defect).collect());

/// One planted defect.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Defect(u16);

impl Defect {
    /// Every one, area by area.
    pub fn all() -> &'static [Self] {
        &DEFECTS
    }

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The area of the rules that it deviates in.
    pub fn area(self) -> &'static str {
        ALL[usize::from(self.0)].1
    }

    /// The fact of the contract that it breaks, by its number in the guide's page of the contract.
    pub fn fact(self) -> &'static str {
        self.entry().fact
    }

    /// What the server does wrong, in one line.
    pub fn description(self) -> &'static str {
        self.entry().description
    }

    /// Whether any answer of the contract can show it. What goes wrong only in the bytes that are kept shows nowhere
    /// but in the checksum on the control surface, of which no rule speaks.
    pub fn is_visible(self) -> bool {
        self.entry().is_visible
    }

    /// Overrides the decisions that it makes otherwise.
    pub(crate) fn plant(self, overrides: &mut Overrides) {
        (self.entry().plant)(overrides);
    }

    fn entry(self) -> &'static Entry {
        ALL[usize::from(self.0)].2
    }
}

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
        let index = defect.0 as usize;
        self.0[index / 64] |= 1 << (index % 64);
        self
    }

    /// The defects in the order of the catalogue.
    pub fn iter(self) -> impl Iterator<Item = Defect> {
        Defect::all().iter().copied().filter(move |defect| self.has(*defect))
    }

    const fn has(self, defect: Defect) -> bool {
        let index = defect.0 as usize;
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
        f.debug_set().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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
        let found = Self::all().iter().copied().find(|defect| defect.name() == name);
        found.ok_or_else(|| ReferenceError::UnknownDefect { name: name.to_owned(), similar: similar(name) })
    }
}

/// The name that may have been meant, if one is near enough.
fn similar(name: &str) -> Option<&'static str> {
    let distance =
        |defect: &Defect| (strsim::normalized_damerau_levenshtein(name, defect.name()), defect.name());
    let best = Defect::all().iter().map(distance).max_by(|(one, _), (two, _)| one.total_cmp(two));
    best.filter(|(likeness, _)| *likeness >= 0.7).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        for defect in Defect::all() {
            assert_eq!(Defects::none().with(*defect).iter().collect::<Vec<_>>(), [*defect]);
        }
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
    }

    #[test]
    fn a_description_is_one_sentence() {
        for defect in Defect::all() {
            let text = defect.description();
            assert!(text.ends_with('.') && text.len() <= 110 && !text.contains('\n'), "{defect}: {text}");
        }
    }

    #[test]
    fn a_misspelt_name_gets_a_suggestion_and_a_strange_one_gets_none() {
        let error = |name: &str| name.parse::<Defect>().unwrap_err().to_string();
        assert!(error("ttl-in-miliseconds").contains("did you mean `ttl-in-milliseconds`?"));
        assert!(error("grace-of-25-hour").contains("did you mean `grace-of-25-hours`?"));
        assert!(!error("something-else-entirely").contains("did you mean"));
    }

    #[test]
    fn several_are_planted_by_a_list_of_names() {
        let (one, two) = (Defect::all()[0], Defect::all()[1]);
        let planted: Defects = format!("{one}, {two}").parse().unwrap();
        assert_eq!(planted, [one, two].into_iter().collect());
        assert_eq!("".parse::<Defects>().unwrap(), Defects::none());
    }
}
