//! Begins the action of a step.

use std::time::Duration;

use super::address::Block;
use super::barrier;
use super::effect::{Effect, Happened, NotPassed, TimeAdvance};
use super::sends;
use super::state::{AfterPause, Branch, Frame, Waiting};
use super::stop::{Obstacle, Stop};
use super::turn::{Next, Turn};
use uptake_outcome::CauseKind;
use uptake_outcome::text::count;
use uptake_suite::expr::{EvalError, Expr};
use uptake_suite::step::{Action, Pause, Repeat, Step};

/// Begins a step.
pub(crate) fn begin(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step) -> Next {
    if turn.now.stopping {
        return Next::Stop(Stop::Interrupted);
    }
    if let Some(why) = turn.program.environment.unmet(&step.needs) {
        branch.findings.left_out = Some(why.clone());
        branch.findings.leave(turn.program, step, &Stop::NotApplicable(why));
        return Next::Skip;
    }
    match &step.only_if {
        Some(condition) => match runs(turn, branch, &condition.expr) {
            Ok(true) => action(turn, branch, step),
            Ok(false) => {
                branch.findings.skip(step, condition);
                Next::Skip
            }
            Err(error) => turn.give_up(&mut branch.findings, error, step),
        },
        None => action(turn, branch, step),
    }
}

/// Whether a condition holds. A forecast runs what depends on an answer: it rather says too much than too little.
fn runs(turn: &Turn<'_, '_>, branch: &Branch, condition: &Expr) -> Result<bool, EvalError> {
    let depends = turn.is_forecast() && branch.variables.any_assumed(&condition.names());
    match condition.holds(&turn.scope(&branch.variables)) {
        Ok(false) if depends => Ok(true),
        Err(_) if turn.is_forecast() => Ok(true),
        other => other,
    }
}

fn action(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step) -> Next {
    match &step.action {
        Action::Request(request) => sends::request(turn, branch, step, request),
        Action::Upload(upload) => sends::upload(turn, branch, step, upload),
        Action::Raw(raw) => sends::raw(turn, branch, step, raw),
        Action::Repeat(repeat) => {
            begin_round(branch, repeat, 1);
            Next::Begin
        }
        Action::Parallel(_) => Next::Fork,
        Action::Advance(expr) => pass_time(turn, branch, step, expr),
        Action::Wait(Pause::Fixed(pause)) => sleep(turn, *pause, AfterPause::NextStep),
        Action::Wait(Pause::Seconds(expr)) => match seconds(turn, branch, expr) {
            Ok(seconds) => {
                let pause = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
                sleep(turn, pause, AfterPause::NextStep)
            }
            Err(error) => turn.give_up(&mut branch.findings, error, step),
        },
        Action::Set(values) => set(turn, branch, step, values),
        Action::Meet(name) => match barrier::take(&mut branch.barriers, name) {
            Some(barrier) => {
                turn.effects.push(Effect::Meet(turn.ticket(0), barrier));
                Next::Wait(Waiting::Barrier)
            }
            None => Next::Done,
        },
        Action::Check => Next::Done,
    }
}

fn set(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, values: &[(String, Expr)]) -> Next {
    for (name, expr) in values {
        let assumed = branch.variables.any_assumed(&expr.names());
        let value = expr.eval(&turn.scope(&branch.variables));
        match value {
            Ok(value) if assumed => branch.variables.assume(name, value),
            Ok(value) => branch.variables.set(name, value),
            Err(_) if turn.is_forecast() => branch.variables.assume(name, serde_json::json!(0)),
            Err(error) => return turn.give_up(&mut branch.findings, error, step),
        }
    }
    Next::Done
}

fn sleep(turn: &mut Turn<'_, '_>, pause: Duration, then: AfterPause) -> Next {
    turn.effects.push(Effect::Sleep(turn.ticket(0), pause));
    Next::Wait(Waiting::Pause(then))
}

/// A number of seconds. A forecast takes what depends on an answer for none.
fn seconds(turn: &Turn<'_, '_>, branch: &Branch, expr: &Expr) -> Result<i64, EvalError> {
    match expr.integer(&turn.scope(&branch.variables)) {
        Err(_) if turn.is_forecast() => Ok(0),
        other => other,
    }
}

/// Lets time pass for the target.
fn pass_time(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, expr: &Expr) -> Next {
    let mut times = Vec::new();
    for expr in std::iter::once(expr).chain(&step.at_latest) {
        match seconds(turn, branch, expr).map(u64::try_from) {
            Ok(Ok(seconds)) => times.push(Duration::from_secs(seconds)),
            Ok(Err(_)) => {
                let why = "time does not run backwards".to_owned();
                let stop = branch.findings.stop(Obstacle::new(CauseKind::Precondition, why, &step.place));
                branch.findings.leave(turn.program, step, &stop);
                return Next::Stop(stop);
            }
            Err(error) => return turn.give_up(&mut branch.findings, error, step),
        }
    }
    let passing = TimeAdvance {
        step: step.name.clone(),
        place: step.place.clone(),
        time: times[0],
        at_most: times.get(1).copied(),
        may_suspend: branch.stack.last().is_some_and(|frame| frame.block.is_top()),
    };
    turn.effects.push(Effect::PassTime(turn.ticket(0), passing));
    Next::Wait(Waiting::Time(None))
}

/// Time has passed, or has not.
pub(crate) fn passed(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, happened: Happened) -> Next {
    let stop = match happened {
        Happened::Passed(Err(NotPassed::Suspended(suspension))) => {
            return Next::Wait(Waiting::Time(Some(suspension)));
        }
        Happened::Passed(Err(NotPassed::NotApplicable(why))) => Stop::NotApplicable(why),
        Happened::Passed(Err(NotPassed::Obstacle(kind, text))) => {
            branch.findings.stop(Obstacle::new(kind, text, &step.place))
        }
        Happened::Interrupted => Stop::Interrupted,
        _ => return Next::Done,
    };
    branch.findings.leave(turn.program, step, &stop);
    Next::Stop(stop)
}

/// Enters the steps of a `repeat` for another round.
pub(crate) fn begin_round(branch: &mut Branch, repeat: &Repeat, round: u32) {
    let Some(frame) = branch.stack.last_mut() else { return };
    frame.round = round;
    let block: Block = frame.block.repeated_by(frame.at);
    branch.stack.push(Frame { block, at: 0, end: repeat.steps.len(), round: 0 });
}

/// A round of a `repeat` is over.
pub(crate) fn round_over(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step) -> Next {
    let Action::Repeat(repeat) = &step.action else { return Next::Done };
    if turn.is_forecast() {
        // A round is counted once: nobody knows how many there will be.
        return Next::Done;
    }
    let round = branch.stack.last().map_or(0, |frame| frame.round);
    let holds = repeat.until.holds(&turn.scope(&branch.variables));
    let stop = match holds {
        Ok(true) => return Next::Done,
        Ok(false) if round < repeat.limit => return sleep(turn, repeat.every, AfterPause::NextRound),
        Ok(false) => {
            let text = format!("`{}` did not end within {}", step.name, count(repeat.limit, "round"));
            branch.findings.stop(Obstacle::new(CauseKind::Precondition, text, &step.place))
        }
        Err(error) => turn.no_value(&mut branch.findings, error, &step.place),
    };
    branch.findings.leave_own(turn.program, step, &stop);
    Next::Stop(stop)
}
