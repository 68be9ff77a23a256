//! The catalogue: what a server must keep to.

use super::matcher::Matcher;
use super::needs::Needs;
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
    /// The targets that it is about, by their capabilities.
    pub needs: Needs,
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

/// A status, with the problem's slug and the headers that are documented for it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status, or a class of them.
    pub status: StatusRange,
    /// The slug; `None` where any will do.
    pub problem: Option<String>,
    /// What headers must be like.
    pub headers: Vec<(String, Matcher)>,
}

impl Answer {
    /// Whether an answer with this status and slug is meant, whatever its headers.
    pub fn covers(&self, status: u16, slug: Option<&str>) -> bool {
        self.status.has(status) && self.problem.as_deref().is_none_or(|wanted| Some(wanted) == slug)
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(slug) = &self.problem {
            write!(f, " {slug}")?;
        }
        for (at, (name, _)) in self.headers.iter().enumerate() {
            write!(f, "{}{name}", if at == 0 { " with header " } else { ", " })?;
        }
        Ok(())
    }
}
