//! The interpreter: a function from a scenario's state, and what just happened, to the effects that follow.

use super::actions;
use super::address::Block;
use super::clean_up::{self, Task};
use super::effect::{Effect, Happened, Now, Ticket};
use super::environment::{Mode, Program};
use super::findings::ScenarioResult;
use super::parallel;
use super::request::recipe;
use super::scope::Scope;
use super::sends;
use super::state::{AfterPause, Branch, Frame, InFlight, Purpose, ScenarioState, Undo, Waiting};
use super::stop::Stop;
use super::turn::{Next, Turn};
use uptake_payload::Seed;
use uptake_suite::expr::EvalError;
use uptake_suite::step::{Action, Step};

/// The state with which the scenario begins.
pub(crate) fn new_state(program: Program<'_>, seed: Seed) -> Result<ScenarioState, EvalError> {
    let mut state = ScenarioState::new(seed);
    let lenient = program.mode == Mode::Forecast;
    for (name, expr) in &program.scenario.lets {
        let value = expr.eval(&Scope::new(program, &state.shared, &state.trunk.variables));
        match value {
            Ok(value) => state.trunk.variables.set(name, value),
            Err(_) if lenient => {}
            Err(error) => return Err(error),
        }
    }
    for (name, source) in &program.scenario.contents {
        let scope = Scope::new(program, &state.shared, &state.trunk.variables);
        let made = recipe(source, seed.derive(name), &scope);
        match made {
            Ok(recipe) => {
                state.shared.contents.insert(name.clone(), recipe);
            }
            Err(_) if lenient => {}
            Err(error) => return Err(error),
        }
    }
    let block = Block::steps();
    state.trunk.stack.push(Frame { block, at: 0, end: program.scenario.steps.len(), round: 0 });
    Ok(state)
}

/// Begins the scenario.
pub(crate) fn start(program: Program<'_>, state: &mut ScenarioState, now: Now) -> Vec<Effect> {
    turn(program, state, now, |turn, trunk| proceed(turn, trunk, Next::Begin))
}

/// Goes straight to the clean-up.
pub(crate) fn start_clean_up(program: Program<'_>, state: &mut ScenarioState, now: Now) -> Vec<Effect> {
    state.trunk.stack.clear();
    state.trunk.waiting = Waiting::Ended(None);
    turn(program, state, now, |_, _| {})
}

/// Goes on with what happened; the ticket says to whom.
pub(crate) fn step(
    program: Program<'_>,
    state: &mut ScenarioState,
    (ticket, happened): (&Ticket, Happened),
    now: Now,
) -> Vec<Effect> {
    turn(program, state, now, |turn, trunk| {
        if let Waiting::Answers(sent) = &trunk.waiting
            && let Purpose::Undo(undoing) = &sent.purpose
        {
            let undoing = undoing.clone();
            trunk.waiting = Waiting::Ended(None);
            clean_up::answered(turn, trunk, undoing, happened);
        } else {
            deliver(turn, trunk, ticket, happened);
        }
    })
}

/// What the scenario came to so far; of the steps that are still ahead where it waits, that it does.
pub(crate) fn result_so_far(program: Program<'_>, state: ScenarioState) -> ScenarioResult {
    let mut trunk = state.trunk;
    if let (Waiting::Time(Some(suspension)), Some(frame)) = (&trunk.waiting, trunk.stack.last()) {
        let stop = Stop::Suspended(Box::new(suspension.clone()));
        for step in program.scenario.steps.iter().skip(frame.at) {
            trunk.findings.leave(program, step, &stop);
        }
    }
    trunk.findings.into()
}

/// What the scenario comes to where it cannot even begin.
pub(crate) fn not_begun(program: Program<'_>, stop: &Stop) -> ScenarioResult {
    let mut state = ScenarioState::new(Seed(0));
    if let Stop::Cause(obstacle) = stop {
        state.trunk.findings.obstacles.push((**obstacle).clone());
    }
    let findings = &mut state.trunk.findings;
    program.scenario.steps.iter().for_each(|step| findings.leave(program, step, stop));
    state.into_result()
}

/// One turn: `first` goes on, then the clean-up follows where the scenario has ended.
fn turn<'p>(
    program: Program<'p>,
    state: &mut ScenarioState,
    now: Now,
    first: impl FnOnce(&mut Turn<'p, '_>, &mut Branch),
) -> Vec<Effect> {
    let ScenarioState { shared, trunk, clean_up } = state;
    let mut turn = Turn { program, shared, now, path: Vec::new(), effects: Vec::new() };
    first(&mut turn, trunk);
    while trunk.has_ended() && !clean_up.finished {
        if clean_up.begun {
            clean_up::step_ended(&turn, clean_up, trunk);
        } else {
            clean_up::begin(&turn, clean_up, trunk);
        }
        match clean_up::next(&mut turn, clean_up, trunk) {
            Task::Wait(waiting) => trunk.waiting = waiting,
            Task::Run(frame) => {
                trunk.stack = vec![frame];
                proceed(&mut turn, trunk, Next::Begin);
            }
            Task::Finished => {}
        }
    }
    turn.effects
}

/// Hands what happened to the branch that waits for it.
fn deliver(turn: &mut Turn<'_, '_>, branch: &mut Branch, ticket: &Ticket, happened: Happened) {
    let depth = turn.path.len();
    if let Some(number) = ticket.branch.get(depth) {
        let Waiting::Branches(branches) = &mut branch.waiting else { return };
        let Some(child) = branches.get_mut(*number) else { return };
        turn.path.push(*number);
        deliver(turn, child, ticket, happened);
        turn.path.pop();
        join_ended(turn, branch);
        return;
    }
    let Some(step) = current(turn, branch) else { return };
    let next = match std::mem::take(&mut branch.waiting) {
        Waiting::Answers(sent) => match note(turn, branch, *sent, (ticket.number, happened)) {
            Ok(sent) => sends::answered(turn, branch, step, sent),
            Err(sent) => Next::Wait(Waiting::Answers(Box::new(sent))),
        },
        Waiting::Time(_) => actions::passed(turn, branch, step, happened),
        _ if matches!(happened, Happened::Interrupted) => Next::Stop(Stop::Interrupted),
        Waiting::Pause(then) => after_pause(turn, branch, step, then),
        Waiting::Barrier => Next::Done,
        other @ (Waiting::Begin | Waiting::Branches(_) | Waiting::Ended(_)) => {
            branch.waiting = other;
            return;
        }
    };
    proceed(turn, branch, next);
}

/// Notes an answer; gives the requests back as an error where others are still under way.
fn note(
    turn: &mut Turn<'_, '_>,
    branch: &mut Branch,
    mut sent: InFlight,
    (number, happened): (usize, Happened),
) -> Result<InFlight, InFlight> {
    sent.pending = sent.pending.saturating_sub(1);
    match happened {
        Happened::Answered(done) => {
            if !matches!(sent.purpose, Purpose::Raw) {
                sends::note_made(turn, branch, &done);
            }
            sent.dones.insert(number, *done);
        }
        Happened::Assumed => {}
        Happened::Over | Happened::Passed(_) | Happened::OutOfReach | Happened::Interrupted => {
            sent.interrupted = true;
        }
    }
    if sent.pending == 0 { Ok(sent) } else { Err(sent) }
}

fn after_pause(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, then: AfterPause) -> Next {
    match (then, &step.action) {
        (AfterPause::NextRound, Action::Repeat(repeat)) => {
            let round = branch.stack.last().map_or(0, |frame| frame.round);
            actions::begin_round(branch, repeat, round + 1);
            Next::Begin
        }
        (AfterPause::SameRequest(tries), Action::Request(request)) => {
            sends::send_request(turn, branch, step, request, tries)
        }
        _ => Next::Done,
    }
}

/// The step that a branch is at.
fn current<'p>(turn: &Turn<'p, '_>, branch: &Branch) -> Option<&'p Step> {
    let frame = branch.stack.last()?;
    frame.block.resolve(turn.program.scenario).get(frame.at)
}

/// Runs a branch until it waits, or has ended.
fn proceed(turn: &mut Turn<'_, '_>, branch: &mut Branch, mut next: Next) {
    loop {
        next = match next {
            Next::Wait(waiting) => {
                branch.waiting = waiting;
                return;
            }
            Next::Done => finish_step(turn, branch),
            Next::Skip => {
                if let Some(frame) = branch.stack.last_mut() {
                    frame.at += 1;
                }
                Next::Begin
            }
            Next::Begin => match branch.stack.last() {
                None => return end(turn, branch, None),
                Some(frame) if frame.at >= frame.end => {
                    branch.stack.pop();
                    match current(turn, branch) {
                        Some(step) => actions::round_over(turn, branch, step),
                        None => return end(turn, branch, None),
                    }
                }
                Some(_) => match current(turn, branch) {
                    Some(step) => actions::begin(turn, branch, step),
                    None => return end(turn, branch, None),
                },
            },
            Next::Fork => return fork(turn, branch),
            Next::Stop(stop) => {
                unwind(turn, branch, &stop);
                return end(turn, branch, Some(stop));
            }
        };
    }
}

/// What follows the action of a step.
fn finish_step(turn: &mut Turn<'_, '_>, branch: &mut Branch) -> Next {
    let Some(step) = current(turn, branch) else { return Next::Begin };
    // Those that send are judged with their answers.
    if !matches!(step.action, Action::Request(_) | Action::Upload(_) | Action::Raw(_)) {
        match sends::judged(turn, branch, step, &[]) {
            Next::Done => {}
            other => return other,
        }
    }
    let Some(frame) = branch.stack.last_mut() else { return Next::Begin };
    let undo = (!step.finally.is_empty()).then(|| frame.block.finally_of(frame.at));
    frame.at += 1;
    if let Some(block) = undo {
        let variables = branch.variables.clone();
        branch.undo.push(Undo::Steps { block, variables });
    }
    Next::Begin
}

fn fork(turn: &mut Turn<'_, '_>, branch: &mut Branch) {
    let Some(frame) = branch.stack.last() else { return };
    let place = (frame.block.clone(), frame.at);
    let Some(step) = current(turn, branch) else { return };
    let Action::Parallel(written) = &step.action else { return };
    let mut branches = parallel::fork(turn, branch, (&place.0, place.1), written);
    for (number, one) in branches.iter_mut().enumerate() {
        turn.path.push(number);
        proceed(turn, one, Next::Begin);
        turn.path.pop();
    }
    branch.waiting = Waiting::Branches(branches);
    join_ended(turn, branch);
}

/// Goes on behind a `parallel` where all of its branches have ended.
fn join_ended(turn: &mut Turn<'_, '_>, branch: &mut Branch) {
    if !parallel::all_ended(&branch.waiting) {
        return;
    }
    let Waiting::Branches(branches) = std::mem::take(&mut branch.waiting) else { return };
    let Some(step) = current(turn, branch) else { return };
    let next = parallel::join(turn, branch, step, branches);
    proceed(turn, branch, next);
}

/// Leaves all steps that were still ahead.
fn unwind(turn: &mut Turn<'_, '_>, branch: &mut Branch, stop: &Stop) {
    let mut is_innermost = true;
    while let Some(frame) = branch.stack.pop() {
        let steps = frame.block.resolve(turn.program.scenario);
        if !is_innermost && let Some(around) = steps.get(frame.at) {
            branch.findings.leave_own(turn.program, around, stop);
        }
        is_innermost = false;
        for step in steps.iter().take(frame.end).skip(frame.at + 1) {
            branch.findings.leave(turn.program, step, stop);
        }
    }
}

/// The branch has ended. Nobody waits for it at the barriers that it did not come to.
fn end(turn: &mut Turn<'_, '_>, branch: &mut Branch, stop: Option<Stop>) {
    branch.missed_barriers = !branch.barriers.is_empty();
    turn.effects.extend(branch.barriers.drain(..).map(Effect::Leave));
    branch.waiting = Waiting::Ended(stop);
}
