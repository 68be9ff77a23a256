//! A step: one action, what is expected of it, what is kept of it.

use std::time::Duration;

use serde_json::Value;

use super::expect::Expectation;
use super::expr::{Expr, Template};
use super::save::Save;
use uptake_outcome::Place;

/// One step of a scenario.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// Capabilities without which it is left out.
    pub needs: Vec<String>,
    /// It is skipped unless this holds.
    pub only_if: Option<Condition>,
    /// It is asked again until its expectations hold, for so long.
    pub within: Option<Duration>,
    /// Where time passes: it must not have been more than so many seconds when the next step begins.
    pub at_latest: Option<Expr>,
    /// Whether the server may close the connection instead of answering.
    pub may_break: bool,
    /// What it does.
    pub action: Action,
    /// What is expected.
    pub expect: Vec<Expectation>,
    /// What is kept.
    pub save: Vec<Save>,
    /// What undoes it at the scenario's end.
    pub finally: Vec<Step>,
}

/// A condition, with its text for reports.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The expression.
    pub expr: Expr,
    /// The expression as it is written.
    pub text: String,
}

impl Step {
    /// Adds the rules that this step and the steps inside it judge, each once.
    pub fn collect_rules<'s>(&'s self, rules: &mut Vec<&'s str>) {
        for rule in self.expect.iter().filter_map(|expectation| expectation.rule.as_deref()) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        self.inner().for_each(|step| step.collect_rules(rules));
    }

    /// The steps inside this one.
    pub fn inner(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match &self.action {
            Action::Repeat(repeat) => Box::new(repeat.steps.iter()),
            Action::Parallel(branches) => Box::new(branches.iter().flatten()),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Whether this step, or one inside it, names this very status as one that it wants.
    pub fn wants_status(&self, status: u16) -> bool {
        let named = |set: &StatusSet| set.0.contains(&StatusRange::One(status));
        self.expect.iter().any(|expectation| expectation.wants.status.as_ref().is_some_and(named))
            || self.inner().any(|step| step.wants_status(status))
    }

    /// Whether this step, or one inside it, moves the target's clock.
    pub fn moves_clock(&self) -> bool {
        matches!(self.action, Action::Advance(_)) || self.inner().any(Self::moves_clock)
    }
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// One request.
    Request(Box<Request>),
    /// Segments of a chunk plan.
    Upload(Box<Upload>),
    /// Time passes on the target's clock: so many seconds.
    Advance(Expr),
    /// Time passes.
    Wait(Pause),
    /// Values are computed.
    Set(Vec<(String, Expr)>),
    /// Steps run until an expression holds.
    Repeat(Repeat),
    /// Branches run side by side.
    Parallel(Vec<Vec<Step>>),
    /// Waits for all who name this barrier.
    Meet(String),
    /// Bytes go to a socket as they are.
    Raw(Raw),
    /// Nothing is sent.
    Check,
}

/// A time to wait.
#[derive(Debug, Clone)]
pub enum Pause {
    /// As written.
    Fixed(Duration),
    /// So many seconds, calculated.
    Seconds(Expr),
}

/// Steps that run until an expression holds.
#[derive(Debug, Clone)]
pub struct Repeat {
    /// The end.
    pub until: Expr,
    /// The most rounds.
    pub limit: u32,
    /// The pause between rounds.
    pub every: Duration,
    /// A round.
    pub steps: Vec<Step>,
}

/// Bytes for a socket.
#[derive(Debug, Clone)]
pub struct Raw {
    /// What is written.
    pub send: Template,
    /// Whether the sending side is closed then.
    pub half_close: bool,
}

/// A request as written.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path behind the base URL, or a full URL.
    pub path: Template,
    /// Who calls, with what, and how.
    pub envelope: Envelope,
    /// The body.
    pub body: Body,
}

/// What requests and segments have in common.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    /// Who calls.
    pub auth: Auth,
    /// Query parameters, in order.
    pub query: Vec<(String, Template)>,
    /// Headers, in order.
    pub headers: Vec<(String, Template)>,
    /// How the body goes out.
    pub delivery: Delivery,
    /// Whether 1xx answers are wanted.
    pub interim: bool,
}

/// Who calls.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Nobody.
    #[default]
    None,
    /// A credential of the suite, with the value that it is to carry where the suite gives none.
    Named(String, Option<Template>),
    /// The Authorization header, to the letter.
    Literal(Template),
}

/// A body as written.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// JSON.
    Json(JsonTemplate),
    /// A text to the letter.
    Text(Template),
    /// multipart/form-data.
    Form(Vec<Field>),
    /// Content as it is.
    Content(Content),
}

/// JSON with templates in its texts.
#[derive(Debug, Clone)]
pub enum JsonTemplate {
    /// As written.
    Literal(Value),
    /// A text with `${ … }`.
    Text(Template),
    /// An array.
    List(Vec<JsonTemplate>),
    /// An object.
    Map(Vec<(String, JsonTemplate)>),
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub value: FieldValue,
}

/// What a form's field holds.
#[derive(Debug, Clone)]
pub enum FieldValue {
    /// A text.
    Text(Template),
    /// Content.
    File(Box<FilePart>),
}

/// Content in a form, with the part's file name and type.
#[derive(Debug, Clone)]
pub struct FilePart {
    /// The bytes.
    pub content: Content,
    /// The file name.
    pub name: Option<Template>,
    /// The Content-Type.
    pub kind: Option<Template>,
}

/// A piece of a byte stream.
#[derive(Debug, Clone)]
pub struct Content {
    /// The stream.
    pub source: Source,
    /// Where the piece begins.
    pub from: Option<Expr>,
    /// How long it is.
    pub length: Option<Expr>,
}

/// A byte stream.
#[derive(Debug, Clone)]
pub enum Source {
    /// Seeded bytes, so many.
    Seeded(Expr),
    /// A named content of the scenario.
    Named(String),
    /// A real file of the suite's media folder.
    File(String),
    /// A text.
    Text(Template),
}

/// How a body goes out.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// What is said of its length.
    pub length: Length,
    /// The connection is closed after so many bytes.
    pub break_off: Option<Expr>,
    /// A pause after so many bytes.
    pub stall: Option<(Expr, Duration)>,
    /// Barriers to meet before the last byte goes out.
    pub hold: Vec<String>,
    /// Whether the body waits for 100 Continue.
    pub waits: bool,
    /// Whether nothing is read before the whole body has been sent.
    pub deaf: bool,
}

/// What is said of a body's length.
#[derive(Debug, Clone, Default)]
pub enum Length {
    /// The truth, in Content-Length.
    #[default]
    Declared,
    /// Nothing: chunked transfer coding.
    Chunked,
    /// This number, whatever is sent.
    Claimed(Expr),
}

/// Segments of a chunk plan, as written.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The plan's name; the state of an upload is kept under it.
    pub name: String,
    /// The plan, where it is not a named one.
    pub plan: Option<Plan>,
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
pub struct Plan {
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
        total: Total,
    },
    /// As written out.
    Explicit(Vec<Planned>),
}

/// A segment that is written out.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Where it begins.
    pub from: Expr,
    /// How long it is.
    pub length: Expr,
    /// The range header's value.
    pub range: Option<Template>,
}

/// How ranges are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// No range header.
    None,
    /// `bytes F-T/N`.
    Bytes,
    /// `part N/C`.
    Part,
}

/// What segments say of the total.
#[derive(Debug, Clone)]
pub enum Total {
    /// The truth.
    Named,
    /// None names it.
    Open,
    /// Only the last names it.
    Last,
    /// All name this one.
    Claimed(Expr),
}

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
        self.0.iter().any(|range| match range {
            StatusRange::One(one) => *one == status,
            StatusRange::Class(class) => status / 100 == *class,
        })
    }
}

impl std::fmt::Display for StatusSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, range) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" or ")?;
            }
            match range {
                StatusRange::One(one) => write!(f, "{one}")?,
                StatusRange::Class(class) => write!(f, "{class}xx")?,
            }
        }
        Ok(())
    }
}
