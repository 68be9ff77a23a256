//! What a scenario will send, found by running it under a driver that sends nothing: the calls that are reserved before it
//! begins, and what `--plan` shows.
//!
//! It may say too much (a step that is left out, a removal of what a server refused to make), never far too little: rounds
//! of `repeat` and tries `within` a time are counted once.

use std::collections::VecDeque;
use std::time::Duration;

use http::Method;

use super::interpreter::{
    ClockView, Effect, Environment, Happened, Mode, Now, Outgoing, Program, ScenarioState, Ticket, new_state,
    start, step,
};
use super::real_time::{Wait, WaitLimits};
use uptake_payload::Seed;
use uptake_suite::Scenario;
use uptake_target::{CallKind, Calls};
use uptake_wire::RawBytes;

/// What a scenario will send.
#[derive(Debug, Clone, Default)]
pub(crate) struct Need {
    /// The calls.
    pub(crate) calls: Calls,
    /// The bytes of their bodies.
    pub(crate) bytes: u64,
    /// How long it waits, or lets time pass.
    pub(crate) time: Duration,
    /// The times that it lets pass for the target, and whether it could be suspended there.
    passes: Vec<(Duration, bool)>,
}

impl Need {
    /// What all of `scenario` will send.
    pub(crate) fn of(environment: &Environment<'_>, scenario: &Scenario) -> Self {
        let program = Program { environment, scenario, mode: Mode::Forecast };
        let Ok(mut state) = new_state(program, Seed(0)) else { return Self::default() };
        let effects = start(program, &mut state, NOW);
        let mut need = Self::default();
        need.count(program, state, effects);
        need
    }

    /// What a scenario that lets time pass will send when that is over.
    pub(crate) fn of_rest(program: Program<'_>, state: &ScenarioState) -> Self {
        let program = Program { mode: Mode::Forecast, ..program };
        let mut state = state.clone();
        let trunk = Ticket { branch: Vec::new(), number: 0 };
        let effects = step(program, &mut state, (&trunk, Happened::Passed(Ok(()))), NOW);
        let mut need = Self::default();
        need.count(program, state, effects);
        need
    }

    /// Carries effects out by counting them.
    fn count(&mut self, program: Program<'_>, mut state: ScenarioState, mut effects: Vec<Effect>) {
        let mut happened = VecDeque::new();
        loop {
            for effect in effects.drain(..) {
                match effect {
                    Effect::Send(ticket, sending) => {
                        self.send(program.environment, &sending.what);
                        happened.push_back((ticket, Happened::Assumed));
                    }
                    Effect::Sleep(ticket, pause) => {
                        self.time = self.time.saturating_add(pause);
                        happened.push_back((ticket, Happened::Over));
                    }
                    Effect::PassTime(ticket, passing) => {
                        self.time = self.time.saturating_add(passing.time);
                        self.passes.push((passing.time, passing.may_suspend));
                        happened.push_back((ticket, Happened::Passed(Ok(()))));
                    }
                    Effect::Meet(ticket, _) => happened.push_back((ticket, Happened::Over)),
                    Effect::Leave(_) | Effect::Made(..) | Effect::Gone(_) | Effect::Fail(_) => {}
                }
            }
            let Some((ticket, happened)) = happened.pop_front() else { return };
            effects = step(program, &mut state, (&ticket, happened), NOW);
        }
    }

    fn send(&mut self, environment: &Environment<'_>, what: &Outgoing) {
        let (kind, bytes) = match what {
            Outgoing::Request(request) => {
                (environment.call_kind(&request.method, request.url.path()), request.body.len())
            }
            Outgoing::Raw(raw) => (raw_kind(environment, raw), raw.all().len() as u64),
        };
        self.calls.add(kind, 1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Why the scenario is not even begun, where it would have to wait longer than anybody is ready to.
    pub(crate) fn takes_too_long(&self, limits: WaitLimits) -> Option<String> {
        self.passes.iter().find_map(|(time, may_suspend)| match limits.decide(*time, *may_suspend) {
            Wait::Never(why) => Some(why),
            Wait::Now | Wait::Suspend => None,
        })
    }

    /// Whether the scenario will be suspended.
    pub(crate) fn is_suspended(&self, limits: WaitLimits) -> bool {
        self.passes.iter().any(|(time, _)| *time > limits.within)
    }
}

/// A forecast takes no time, and knows nothing of clocks.
const NOW: Now =
    Now { elapsed: Duration::ZERO, stopping: false, clock: ClockView { ahead: 0.0, uncertainty: 0.0 } };

/// Which budget raw bytes count against, by their first line.
pub(crate) fn raw_kind(environment: &Environment<'_>, raw: &RawBytes) -> CallKind {
    let line = String::from_utf8_lossy(&raw.bytes[..raw.bytes.len().min(2_000)]);
    let mut words = line.split_ascii_whitespace();
    let method = words.next().and_then(|word| word.parse().ok()).unwrap_or(Method::GET);
    let path = words.next().unwrap_or("/").split('?').next().unwrap_or("/").to_owned();
    environment.call_kind(&method, &path)
}
