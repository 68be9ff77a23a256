//! Undoes what a scenario made, last in first out, whatever happened. A clean-up that fails is reported as a leftover; it
//! never fails a rule.

use std::collections::BTreeMap;

use serde_json::Value;

use super::address::Block;
use super::effect::{Effect, Happened, OnLoss, Outgoing, Sending};
use super::request::Builder;
use super::state::{Branch, CleanUp, Frame, InFlight, Made, Purpose, Undo, Undoing, Waiting};
use super::turn::Turn;
use uptake_outcome::{ExchangeRecord, Leftover};
use uptake_suite::expr::EvalError;
use uptake_suite::request::{Body, Envelope, Request};
use uptake_suite::step::Action;
use uptake_wire as wire;

/// What the clean-up does next.
pub(crate) enum Task {
    /// It waits for an answer.
    Wait(Waiting),
    /// A step runs as any other does.
    Run(Frame),
    /// All is undone.
    Finished,
}

/// Begins: with the scenario's own `finally`, then with what its steps did, the last first.
pub(crate) fn begin(turn: &Turn<'_, '_>, clean_up: &mut CleanUp, trunk: &mut Branch) {
    clean_up.begun = true;
    clean_up.variables = trunk.variables.clone();
    clean_up.undo = std::mem::take(&mut trunk.undo);
    if !turn.program.scenario.finally.is_empty() {
        let variables = trunk.variables.clone();
        clean_up.undo.push(Undo::Steps { block: Block::finally(), variables });
    }
}

/// The next thing to undo.
pub(crate) fn next(turn: &mut Turn<'_, '_>, clean_up: &mut CleanUp, trunk: &mut Branch) -> Task {
    loop {
        let next = clean_up.block.take().and_then(|(block, left)| Some((block, left.checked_sub(1)?)));
        if let Some((block, at)) = next {
            clean_up.block = Some((block.clone(), at));
            if let Some(task) = undo_step(turn, clean_up, trunk, (block, at)) {
                return task;
            }
            continue;
        }
        // What the clean-up itself made goes next.
        clean_up.undo.append(&mut trunk.undo);
        match clean_up.undo.pop() {
            None => {
                clean_up.finished = true;
                return Task::Finished;
            }
            Some(Undo::Steps { block, variables }) => {
                trunk.variables = variables;
                let steps = block.resolve(turn.program.scenario).len();
                clean_up.block = Some((block, steps));
            }
            Some(Undo::Remove(made)) => {
                if let Some(waiting) = remove(turn, clean_up, trunk, made) {
                    return Task::Wait(waiting);
                }
            }
        }
    }
}

/// Removes what was made; nothing waits where no request can be built.
fn remove(turn: &mut Turn<'_, '_>, clean_up: &CleanUp, trunk: &mut Branch, made: Made) -> Option<Waiting> {
    let what = format!("{} {}", made.resource, made.id);
    let mut resources = turn.program.environment.suite.resources.iter();
    let Some(resource) = resources.find(|known| known.name == made.resource) else {
        leftover(turn, trunk, what, "the suite does not say how it is removed".to_owned(), None);
        return None;
    };
    let (method, path) = &resource.remove;
    let request = Request {
        method: method.clone(),
        path: path.clone(),
        envelope: Envelope {
            auth: resource.auth.clone(),
            headers: resource.headers.clone(),
            ..Envelope::default()
        },
        body: Body::Empty,
    };
    let scope = turn.scope(&clean_up.variables).and("id", Value::String(made.id.clone()));
    let built = Builder { scope, seed: turn.shared.seed }.request(&request);
    match built {
        Ok(built) => Some(send(turn, what, built, Undoing::Made(made))),
        Err(error) => {
            leftover(turn, trunk, what, error.to_string(), None);
            None
        }
    }
}

/// A step of `finally`. Only preconditions make sense there. Nothing is to be done where the target cannot do the step, or
/// where what it undoes was never made.
fn undo_step(
    turn: &mut Turn<'_, '_>,
    clean_up: &mut CleanUp,
    trunk: &mut Branch,
    (block, at): (Block, usize),
) -> Option<Task> {
    let step = block.resolve(turn.program.scenario).get(at)?;
    let environment = turn.program.environment;
    if environment.unmet(&step.needs).is_some() {
        return None;
    }
    match &step.action {
        // Nobody waits for the end of a clean-up.
        Action::Advance(_) if environment.target.clock.is_none() => None,
        Action::Request(request) => {
            let built = turn.builder(step, &trunk.variables).request(request);
            match built {
                // What it undoes was not sent either.
                Ok(built) if !environment.carries(&built) => None,
                Ok(built) => {
                    let undoing = Undoing::Step { block, at };
                    Some(Task::Wait(send(turn, step.name.clone(), built, undoing)))
                }
                Err(EvalError::Undefined(_)) => None,
                Err(error) => {
                    leftover(turn, trunk, step.name.clone(), error.to_string(), None);
                    None
                }
            }
        }
        Action::Raw(_) if !environment.is_http1() => None,
        _ => {
            clean_up.obstacles_before = Some(trunk.findings.obstacles.len());
            Some(Task::Run(Frame { block, at, end: at + 1, round: 0 }))
        }
    }
}

fn send(turn: &mut Turn<'_, '_>, label: String, request: wire::Request, undoing: Undoing) -> Waiting {
    let what = Outgoing::Request(Box::new(request));
    let sending = Sending { label, what, hold: Vec::new(), is_clean_up: true, on_loss: OnLoss::ByMethod };
    turn.effects.push(Effect::Send(turn.ticket(0), Box::new(sending)));
    let purpose = Purpose::Undo(undoing);
    Waiting::Answers(Box::new(InFlight { purpose, pending: 1, dones: BTreeMap::new(), interrupted: false }))
}

/// A request of the clean-up has come to its end.
pub(crate) fn answered(turn: &mut Turn<'_, '_>, trunk: &mut Branch, undoing: Undoing, happened: Happened) {
    let what = match &undoing {
        Undoing::Made(made) => format!("{} {}", made.resource, made.id),
        Undoing::Step { block, at } => {
            let step = block.resolve(turn.program.scenario).get(*at);
            step.map(|step| step.name.clone()).unwrap_or_default()
        }
    };
    let done = match happened {
        Happened::Answered(done) => done,
        Happened::Assumed => return,
        _ => return leftover(turn, trunk, what, "the target is unreachable".to_owned(), None),
    };
    let status = done.answer().map(|answer| answer.status);
    if status.is_some_and(|status| is_undone(turn, &undoing, status)) {
        if let Undoing::Made(made) = undoing {
            turn.effects.push(Effect::Gone(made));
        }
        return;
    }
    let why = match (status, &undoing) {
        (Some(status), Undoing::Made(_)) => format!("its removal returned {status}"),
        (Some(status), Undoing::Step { .. }) => format!("it returned {status}"),
        (None, _) => done.brief(),
    };
    let record = done.record(&turn.program.environment.secrets);
    leftover(turn, trunk, what, why, Some(record));
}

/// Whether this status says that there is nothing left to undo.
fn is_undone(turn: &Turn<'_, '_>, undoing: &Undoing, status: u16) -> bool {
    match undoing {
        Undoing::Made(made) => {
            let mut resources = turn.program.environment.suite.resources.iter();
            resources.any(|known| known.name == made.resource && known.gone.has(status))
        }
        Undoing::Step { block, at } => {
            let step = block.resolve(turn.program.scenario).get(*at);
            let Some(step) = step else { return true };
            let deletes = matches!(&step.action, Action::Request(request) if request.method == "DELETE");
            // What somebody else has deleted is gone, too.
            let is_gone = deletes && matches!(status, 404 | 410);
            let wanted = step.expect.iter().find_map(|expectation| expectation.wants.status.as_ref());
            wanted.map_or(status < 400 || is_gone, |wanted| wanted.has(status))
        }
    }
}

/// Where a step that ran as any other does has ended, its obstacles are leftovers, not causes.
pub(crate) fn step_ended(turn: &Turn<'_, '_>, clean_up: &mut CleanUp, trunk: &mut Branch) {
    let Some(before) = clean_up.obstacles_before.take() else { return };
    let Some((block, at)) = &clean_up.block else { return };
    let Some(step) = block.resolve(turn.program.scenario).get(*at) else { return };
    let obstacles = trunk.findings.obstacles.split_off(before.min(trunk.findings.obstacles.len()));
    for obstacle in obstacles {
        leftover(turn, trunk, step.name.clone(), obstacle.text, obstacle.exchange);
    }
}

fn leftover(
    turn: &Turn<'_, '_>,
    trunk: &mut Branch,
    what: String,
    why: String,
    exchange: Option<ExchangeRecord>,
) {
    let scenario = turn.program.scenario.name.clone();
    trunk.findings.leftovers.push(Leftover { scenario, what, why, exchange });
}
