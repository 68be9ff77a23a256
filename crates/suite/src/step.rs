//! A step: one action, what is expected of it, what is kept of it.

use std::time::Duration;

use super::expect::Expectation;
use super::expr::{Expr, Template};
use super::needs::Needs;
use super::request::Request;
use super::save::Save;
use super::status::{StatusRange, StatusSet};
use super::upload::Upload;
use uptake_outcome::Place;

/// One step of a scenario.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// It is left out for other targets.
    pub needs: Needs,
    /// It is skipped unless this holds.
    pub only_if: Option<Condition>,
    /// It is asked again until its expectations hold, for so long.
    pub within: Option<Duration>,
    /// Where time passes: it must not have been more than so many seconds when the next step begins.
    pub at_latest: Option<Expr>,
    /// Whether the server may close the connection instead of answering.
    pub may_break: bool,
    /// The independent row that it was written out for, from 1; a scenario with many requests is split by rows.
    pub row: Option<u32>,
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
    /// What is written: one text after the other, each once the one before was answered.
    pub send: Vec<Template>,
    /// Whether the sending side is closed then.
    pub half_close: bool,
}
