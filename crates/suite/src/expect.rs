//! What an answer is held against.

use std::time::Duration;

use super::expr::{Expr, Template};
use super::matcher::Matcher;
use super::save::JsonPath;
use super::status::StatusSet;
use super::xml::XmlPath;
use uptake_outcome::Place;

/// An expectation: of a rule, or a precondition.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The rule that it proves; a precondition names none.
    pub rule: Option<String>,
    /// What must hold.
    pub wants: Wants,
    /// What is let pass with a warning where `wants` does not hold.
    pub tolerates: Option<Wants>,
    /// Where it is written.
    pub place: Place,
}

/// Everything that can be asked of an answer; all of it must hold.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// Refused as the rule's own catalogue entry says.
    pub refused: bool,
    /// The methods of the request, one of which it must have had; for conditions alone.
    pub method: Vec<String>,
    /// The status.
    pub status: Option<StatusSet>,
    /// Headers.
    pub headers: Vec<(String, Matcher)>,
    /// Values in the JSON body.
    pub json: Vec<(JsonPath, Matcher)>,
    /// Texts in the XML body.
    pub xml: Vec<(XmlPath, Matcher)>,
    /// The documented shape, by name.
    pub schema: Option<String>,
    /// Slugs, one of which must be the problem's.
    pub problem: Vec<String>,
    /// The body.
    pub body: Option<BodyWants>,
    /// Texts that may stand nowhere in the answer, in no usual encoding.
    pub nowhere: Vec<Template>,
    /// The time that the exchange took.
    pub took: Option<Took>,
    /// The interim responses.
    pub interim: Option<InterimWants>,
    /// Whether a broken connection fails this, instead of leaving it inconclusive.
    pub answered: bool,
    /// What must hold of saved values, with its text.
    pub that: Vec<(Expr, String)>,
}

/// What is asked of a body.
#[derive(Debug, Clone)]
pub enum BodyWants {
    /// Not a byte.
    Empty,
    /// A text that matches.
    Text(Matcher),
    /// Exactly this piece of a named content.
    Content(ContentPiece),
}

/// A piece of a named content.
#[derive(Debug, Clone)]
pub struct ContentPiece {
    /// The content's name.
    pub of: String,
    /// Where the piece begins.
    pub from: Option<Expr>,
    /// How long it is; to the end where nothing is said.
    pub length: Option<Expr>,
}

/// Bounds on a time.
#[derive(Debug, Clone, Default)]
pub struct Took {
    /// The least.
    pub at_least: Option<Duration>,
    /// The most.
    pub at_most: Option<Duration>,
}

/// What is asked of the interim responses.
#[derive(Debug, Clone)]
pub enum InterimWants {
    /// These came in this order, whatever else came between them; an empty list means that none came.
    InOrder(Vec<InterimAnswer>),
    /// Those that are meant are as wanted, in whatever order.
    Among(Box<InterimAmong>),
}

/// What is asked of some of the interim responses.
#[derive(Debug, Clone, Default)]
pub struct InterimAmong {
    /// Those that are meant; all where it is left out.
    pub status: Option<StatusSet>,
    /// How many there are.
    pub count: Option<Matcher>,
    /// The headers of the first, which must have come.
    pub first: Vec<(String, Matcher)>,
    /// The headers of those after the first.
    pub rest: Vec<(String, Matcher)>,
    /// The headers of each; at least one must have come.
    pub all: Vec<(String, Matcher)>,
    /// The headers of at least one.
    pub any: Vec<(String, Matcher)>,
}

/// What is asked of an interim response.
#[derive(Debug, Clone)]
pub struct InterimAnswer {
    /// Its status.
    pub status: StatusSet,
    /// Its headers.
    pub headers: Vec<(String, Matcher)>,
}

impl Wants {
    /// Whether anything is asked of an exchange, so that one must have happened.
    pub fn needs_exchange(&self) -> bool {
        self.needs_answer() || self.interim.is_some()
    }

    /// Whether anything is asked of a final answer, so that one must have come.
    pub fn needs_answer(&self) -> bool {
        self.refused
            || self.status.is_some()
            || !self.headers.is_empty()
            || !self.json.is_empty()
            || !self.xml.is_empty()
            || self.schema.is_some()
            || !self.problem.is_empty()
            || self.body.is_some()
            || !self.nowhere.is_empty()
            || self.took.is_some()
            || self.answered
    }

    /// Whether the body is asked for anything, which the answer to HEAD does not have.
    pub const fn reads_body(&self) -> bool {
        !self.json.is_empty()
            || !self.xml.is_empty()
            || self.schema.is_some()
            || !self.problem.is_empty()
            || self.body.is_some()
    }

    /// Whether nothing at all is asked.
    pub fn is_empty(&self) -> bool {
        !self.needs_exchange() && self.that.is_empty()
    }
}
