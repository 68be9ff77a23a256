//! The catalogue: what a server must keep to.

use super::status::StatusRange;
use uptake_outcome::{Level, Place};

/// A rule of the catalogue.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id; it never changes its meaning.
    pub id: String,
    /// The area it belongs to.
    pub area: String,
    /// How binding it is.
    pub level: Level,
    /// The rule in one sentence.
    pub text: String,
    /// The documents that ask for it.
    pub source: Vec<String>,
    /// Capabilities without which it says nothing.
    pub needs: Vec<String>,
    /// How a server refuses what the rule forbids.
    pub refusal: Option<Refusal>,
    /// Why it is not what the suite says that is extended here.
    pub overruled: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// The answers by which a server may refuse.
#[derive(Debug, Clone, Default)]
pub struct Refusal {
    /// What the documents say.
    pub conforms: Vec<Answer>,
    /// What is let pass with a warning.
    pub tolerates: Vec<Answer>,
}

/// A status, with the problem's slug where one is documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status, or a class of them.
    pub status: StatusRange,
    /// The slug; `None` where any will do.
    pub problem: Option<String>,
}

impl Answer {
    /// Whether an answer with this status and slug is meant.
    pub fn covers(&self, status: u16, slug: Option<&str>) -> bool {
        self.status.has(status) && self.problem.as_deref().is_none_or(|wanted| Some(wanted) == slug)
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.problem {
            Some(slug) => write!(f, "{} {slug}", self.status),
            None => write!(f, "{}", self.status),
        }
    }
}
