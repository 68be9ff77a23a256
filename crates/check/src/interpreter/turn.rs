//! One turn of the interpreter: what it reads, what it may change, and the effects that it collects.

use super::conclude::Judging;
use super::effect::{Effect, Now, Ticket};
use super::environment::{Mode, Program};
use super::findings::Findings;
use super::request::Builder;
use super::scope::Scope;
use super::state::Shared;
use super::stop::{Obstacle, Stop};
use super::variables::Variables;
use uptake_outcome::{CauseKind, Place};
use uptake_suite::expr::EvalError;
use uptake_suite::step::Step;

/// What every action of a turn needs, beside the branch that it is about.
pub(crate) struct Turn<'p, 's> {
    pub(crate) program: Program<'p>,
    pub(crate) shared: &'s mut Shared,
    pub(crate) now: Now,
    /// The way from the trunk to the branch at hand.
    pub(crate) path: Vec<usize>,
    pub(crate) effects: Vec<Effect>,
}

/// What follows an action.
#[derive(Debug)]
pub(crate) enum Next {
    /// The action is done; what the step expects and undoes is still to be looked at.
    Done,
    /// The step is left out.
    Skip,
    /// The next step of the innermost block begins.
    Begin,
    /// The branches of the step begin.
    Fork,
    /// Something has to happen first.
    Wait(super::state::Waiting),
    /// The branch stops here.
    Stop(Stop),
}

impl<'p> Turn<'p, '_> {
    /// The names that expressions may use.
    pub(crate) fn scope<'v>(&'v self, variables: &'v Variables) -> Scope<'v>
    where
        'p: 'v,
    {
        Scope::new(self.program, self.shared, variables)
    }

    /// Builds the requests of `step`.
    pub(crate) fn builder<'v>(&'v self, step: &Step, variables: &'v Variables) -> Builder<'v>
    where
        'p: 'v,
    {
        Builder { scope: self.scope(variables), seed: self.shared.seed.derive(&step.name) }
    }

    /// Judges what `step` came to.
    pub(crate) fn judging<'v>(&'v self, step: &'v Step) -> Judging<'v>
    where
        'p: 'v,
    {
        Judging { program: self.program, shared: self.shared, clock: self.now.clock, step }
    }

    /// The ticket of the branch's request of this number.
    pub(crate) fn ticket(&self, number: usize) -> Ticket {
        Ticket { branch: self.path.clone(), number }
    }

    /// Whether this is a forecast.
    pub(crate) fn is_forecast(&self) -> bool {
        self.program.mode == Mode::Forecast
    }

    /// Stops the scenario because an expression has no value.
    pub(crate) fn no_value(&mut self, findings: &mut Findings, error: EvalError, place: &Place) -> Stop {
        match error {
            EvalError::Harness(why) => {
                self.effects.push(Effect::Fail(format!("{place}: {why}")));
                Stop::Interrupted
            }
            EvalError::Undefined(_) if findings.left_out.is_some() => {
                Stop::NotApplicable(findings.left_out.clone().unwrap_or_default())
            }
            other => findings.stop(Obstacle::new(CauseKind::Precondition, other.to_string(), place)),
        }
    }

    /// The same, where an expression of `step` itself has no value: the step is left, too.
    pub(crate) fn give_up(&mut self, findings: &mut Findings, error: EvalError, step: &Step) -> Next {
        let stop = self.no_value(findings, error, &step.place);
        findings.leave(self.program, step, &stop);
        Next::Stop(stop)
    }
}
