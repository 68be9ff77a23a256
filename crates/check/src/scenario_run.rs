//! Runs one scenario: from its beginning or from where it was suspended, and once more where the network lost a request.

use std::time::Duration;

use super::context::RunContext;
use super::driver::Driver;
use super::greeting::greet;
use super::interpreter::{
    Happened, Lost, Mode, NotPassed, Obstacle, Program, ScenarioResult, ScenarioState, Stop, Suspension,
    Ticket, new_state, not_begun, result_so_far, start, step,
};
use super::job::KeepExchanges;
use super::need::Need;
use super::progress::RunEvent;
use super::recorder::RunRecorder;
use super::sending::Allowance;
use uptake_outcome::{CauseKind, Retried, SentExchange, Verdict};
use uptake_suite::Scenario;
use uptake_suite::expr::EvalError;

/// How often a scenario is run whose requests the network lost; and how often where it is the same request each time.
const MOST_ATTEMPTS: usize = 20;
const SAME_AGAIN: usize = 4;
const BACK_OFF: Duration = Duration::from_millis(100);

/// A scenario that has ended, or waits longer than the run.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) result: ScenarioResult,
    pub(crate) suspended: Option<(Suspension, ScenarioState)>,
    /// What the network lost of it: whether the server got it nobody knows.
    lost: Option<Lost>,
    /// What was exchanged, where that is kept.
    pub(crate) exchanges: Vec<SentExchange>,
    /// A shell script that repeats them.
    pub(crate) script: Option<String>,
}

impl Ended {
    fn with(result: ScenarioResult) -> Self {
        Self { result, suspended: None, lost: None, exchanges: Vec::new(), script: None }
    }

    fn of(program: Program<'_>, mut state: ScenarioState) -> Self {
        let lost = state.trunk.findings.lost.take();
        let suspended = state.suspension().cloned().map(|since| (since, state.clone()));
        Self { result: result_so_far(program, state), suspended, lost, exchanges: Vec::new(), script: None }
    }
}

/// A scenario to run.
pub(crate) struct ScenarioRun<'r> {
    pub(crate) context: &'r RunContext<'r>,
    pub(crate) recorder: Option<&'r RunRecorder<'r>>,
    pub(crate) scenario: &'r Scenario,
    /// Its place in the list of the run.
    pub(crate) at: usize,
    pub(crate) allowance: Allowance<'r>,
}

impl<'r> ScenarioRun<'r> {
    /// Runs the scenario; nothing where the run was stopped before.
    pub(crate) async fn run(self, suspended: Option<ScenarioState>) -> Option<Ended> {
        if !self.context.stop.is_running() {
            return None;
        }
        self.context.report(RunEvent::ScenarioStarted {
            scenario: self.scenario.name.clone(),
            file: self.scenario.file.clone(),
        });
        let mut ended = match suspended {
            None => self.attempt(0).await,
            Some(state) => self.resume(state).await,
        };
        let mut losses: Vec<(String, String)> = Vec::new();
        while let Some(lost) = ended.lost.take().filter(|_| self.context.stop.is_running()) {
            let request = (lost.step, lost.label.clone());
            // The same request each time is the server's doing, and no accident.
            let again = 1 + losses.iter().rev().take_while(|known| **known == request).count();
            losses.push(request);
            if losses.len() >= MOST_ATTEMPTS || again >= SAME_AGAIN {
                break;
            }
            self.context.retried(Retried::Scenario, &self.scenario.name, (&lost.label, &lost.fault));
            tokio::time::sleep(BACK_OFF).await;
            // What cuts connections by their number could cut the same requests of each attempt: each begins later by another
            // number of calls.
            for _ in 0..calls_between(losses.len()) {
                greet(self.context).await;
            }
            let mut leftovers = std::mem::take(&mut ended.result.leftovers);
            ended = self.attempt(losses.len()).await;
            leftovers.append(&mut ended.result.leftovers);
            ended.result.leftovers = leftovers;
        }
        if let Some(recorder) = self.recorder {
            self.context.heed(match &ended.suspended {
                Some((since, state)) => recorder.suspended(self.context, self.at, (since, state)),
                // What the end of the run has cut short begins anew.
                None if !self.context.stop.is_running() => Ok(()),
                None => recorder.ended(self.context, self.at, &ended.result),
            });
        }
        Some(ended)
    }

    fn program(&self) -> Program<'r> {
        self.context.program(self.scenario, Mode::Run)
    }

    fn driver(&self) -> Driver<'r> {
        Driver::new(self.context, self.recorder, self.allowance.clone(), self.program())
    }

    /// Runs it from its beginning. In another attempt its contents are the same, and its unique texts are others.
    async fn attempt(&self, number: usize) -> Ended {
        let program = self.program();
        if let Some(why) = self.not_applicable() {
            return Ended::with(not_begun(program, &Stop::NotApplicable(why)));
        }
        // By what it shows and not by its path, so that a copy elsewhere sends the same bytes.
        let mut seed = self.context.seed.derive(&self.scenario.name);
        if number > 0 {
            seed = seed.derive(&format!("attempt {number}"));
        }
        let mut state = match new_state(program, seed) {
            Ok(state) => state,
            Err(error) => return Ended::with(not_begun(program, &self.no_value(error))),
        };
        let driver = self.driver();
        let effects = start(program, &mut state, driver.now());
        driver.drive(&mut state, effects).await;
        self.ended(&driver, state)
    }

    /// What it came to, with what was exchanged where the run keeps that.
    fn ended(&self, driver: &Driver<'_>, state: ScenarioState) -> Ended {
        let mut ended = Ended::of(self.program(), state);
        let is_kept = match self.context.keep {
            KeepExchanges::None => false,
            KeepExchanges::OfFailed => ended.result.verdict() == Verdict::Failed,
            KeepExchanges::All => true,
        };
        if is_kept {
            ended.exchanges = driver.sent();
            ended.script = driver.script();
        }
        ended
    }

    /// Why it is not even begun.
    fn not_applicable(&self) -> Option<String> {
        let context = self.context;
        let lacking = context.environment.unmet(&self.scenario.needs);
        lacking.or_else(|| {
            let limits = context.waits.filter(|_| context.target().clock.is_none())?;
            Need::of(&context.environment, self.scenario).takes_too_long(limits)
        })
    }

    /// A value that the scenario begins with cannot be computed.
    fn no_value(&self, error: EvalError) -> Stop {
        let place = &self.scenario.place;
        match error {
            EvalError::Harness(why) => {
                self.context.stop.harness_failed(&format!("internal error: {place}: {why}"));
                Stop::Interrupted
            }
            other => Stop::Cause(Box::new(Obstacle::new(CauseKind::Precondition, other.to_string(), place))),
        }
    }

    /// Resumes it where it was suspended. Whoever stops the run while it still waits loses nothing.
    async fn resume(&self, mut state: ScenarioState) -> Ended {
        let program = self.program();
        let driver = self.driver();
        let Some(since) = state.suspension().cloned() else { return Ended::of(program, state) };
        let rest = Need::of_rest(program, &state).calls;
        let happened = driver.wait_until(&since, Some(rest)).await;
        if matches!(happened, Happened::Interrupted) {
            return Ended::of(program, state);
        }
        if let Some(recorder) = self.recorder {
            self.context.heed(recorder.begun(self.context, self.at));
        }
        let trunk = Ticket { branch: Vec::new(), number: 0 };
        debug_assert!(!matches!(happened, Happened::Passed(Err(NotPassed::Suspended(_)))));
        let effects = step(program, &mut state, (&trunk, happened), driver.now());
        driver.drive(&mut state, effects).await;
        self.ended(&driver, state)
    }
}

/// How many calls are made before the attempt that follows so many losses: in few attempts they are spread over what a scenario
/// sends.
const fn calls_between(losses: usize) -> usize {
    losses * 7 % 20
}
