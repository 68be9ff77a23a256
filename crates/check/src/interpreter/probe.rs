//! A single request beside the steps of a scenario, to see what a target can do. Nothing is judged.

use super::answer::Done;
use super::conclude::{keep, would_hold};
use super::effect::{Effect, Now};
use super::environment::Program;
use super::request::Builder;
use super::sends::note_made;
use super::state::ScenarioState;
use super::turn::Turn;
use uptake_suite::expr::{EvalError, Template};
use uptake_suite::request::{self, Auth, Body, Envelope};
use uptake_suite::step::{Action, Step};
use uptake_wire::Request;

/// The request of a step, and what it is called; why there is none, in words.
pub(crate) fn request(
    program: Program<'_>,
    state: &mut ScenarioState,
    step: &Step,
    now: Now,
) -> Result<(String, Request), String> {
    let Action::Request(request) = &step.action else {
        return Err("only requests can detect capabilities".to_owned());
    };
    let label = format!("{} {}", request.method, request.path.written());
    let ScenarioState { shared, trunk, .. } = state;
    let turn = Turn { program, shared, now, path: Vec::new(), effects: Vec::new() };
    match turn.builder(step, &trunk.variables).request(request) {
        Ok(built) => Ok((label, built)),
        Err(EvalError::Undefined(name)) => Err(format!("{label} needs `{name}`, which is missing")),
        Err(error) => Err(format!("{label}: {error}")),
    }
}

/// The request that shows whether the target takes a credential, and what it is called.
pub(crate) fn credential(
    program: Program<'_>,
    state: &mut ScenarioState,
    (name, opens): (&str, &Template),
    now: Now,
) -> Result<(String, uptake_wire::Request), EvalError> {
    let auth = Auth::Named(name.to_owned(), None);
    let spec = request::Request {
        method: "GET".to_owned(),
        path: opens.clone(),
        envelope: Envelope { auth, ..Envelope::default() },
        body: Body::Empty,
    };
    let ScenarioState { shared, trunk, .. } = state;
    let turn = Turn { program, shared, now, path: Vec::new(), effects: Vec::new() };
    let builder = Builder { scope: turn.scope(&trunk.variables), seed: turn.shared.seed };
    Ok((format!("GET {}", opens.written()), builder.request(&spec)?))
}

/// Whether the answer is as the step expects; what it saves is kept then, and what was made is noted in any case.
pub(crate) fn answered(
    program: Program<'_>,
    state: &mut ScenarioState,
    (step, done): (&Step, Done),
    now: Now,
) -> (bool, Vec<Effect>) {
    let ScenarioState { shared, trunk, .. } = state;
    let mut turn = Turn { program, shared, now, path: Vec::new(), effects: Vec::new() };
    note_made(&mut turn, trunk, &done);
    let dones = [done];
    let holds = would_hold(turn.judging(step), &dones, &trunk.variables);
    if holds {
        keep(turn.judging(step), &dones, &mut trunk.variables);
    }
    (holds, turn.effects)
}
