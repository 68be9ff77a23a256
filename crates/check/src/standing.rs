//! What is to be done of a run, and what earlier processes have done of it.

use std::collections::HashMap;
use std::time::Duration;

use super::context::RunContext;
use super::interpreter::{Mode, ScenarioResult, ScenarioState, Suspension, result_so_far};
use super::recorder::RunRecorder;
use super::request_counts::Totals;
use super::saved::{SavedError, SavedRun, Sealed, Standing};
use uptake_suite::{Loaded, Scenario};
use uptake_wire::Secrets;

/// How a run began: now, or in an earlier process.
pub(crate) struct Begun {
    pub(crate) started_at: String,
    pub(crate) totals: Totals,
    /// How far each scenario has come; nothing where the run begins now.
    pub(crate) standings: Vec<(Standing, Option<ScenarioState>)>,
}

impl Begun {
    pub(crate) fn now() -> Self {
        let started_at = jiff::Timestamp::now().to_string();
        Self { started_at, totals: Totals::default(), standings: Vec::new() }
    }

    /// Takes up a run that was written down, with the scenarios that it had chosen.
    pub(crate) fn earlier<'l>(
        loaded: &'l Loaded,
        secrets: &Secrets,
        saved: SavedRun,
        sealed: &[u8],
    ) -> Result<(Vec<&'l Scenario>, Self), SavedError> {
        let mut sealed: Sealed =
            serde_json::from_slice(sealed).map_err(|error| SavedError(error.to_string()))?;
        for (label, value) in &sealed.secrets {
            secrets.taint(label, value);
        }
        let mut chosen = Vec::new();
        let mut standings = Vec::new();
        for (at, scenario) in saved.scenarios.into_iter().enumerate() {
            chosen.push(scenario.find(loaded)?);
            standings.push((scenario.standing, sealed.states.remove(&at)));
        }
        Ok((chosen, Self { started_at: saved.started_at, totals: saved.totals, standings }))
    }
}

/// What is to be done of a run, and what is known already; scenarios by their place in the list of those chosen.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) todo: Vec<usize>,
    /// The states of those that are resumed.
    pub(crate) resumed: HashMap<usize, ScenarioState>,
    pub(crate) results: Vec<Option<ScenarioResult>>,
    pub(crate) suspended: Vec<(usize, Suspension)>,
}

impl Work {
    /// A scenario that waits is resumed when its time comes within the time that the run may wait itself.
    pub(crate) fn sort(
        context: &RunContext<'_>,
        chosen: &[&Scenario],
        standings: Vec<(Standing, Option<ScenarioState>)>,
        recorder: Option<&RunRecorder<'_>>,
    ) -> Self {
        let mut work = Self { results: chosen.iter().map(|_| None).collect(), ..Self::default() };
        if standings.is_empty() {
            work.todo = (0..chosen.len()).collect();
        }
        let within = context.waits.map_or(Duration::ZERO, |limits| limits.within);
        for (at, (standing, state)) in standings.into_iter().enumerate() {
            if let Some(recorder) = recorder {
                recorder.known(context, at, (&standing, state.as_ref()));
            }
            match (standing, state) {
                (Standing::Ended { result }, _) => work.results[at] = Some(*result),
                (Standing::Suspended { since }, Some(state)) if since.due.ahead() <= within => {
                    work.todo.push(at);
                    work.resumed.insert(at, state);
                }
                (Standing::Suspended { since }, Some(state)) => {
                    let program = context.program(chosen[at], Mode::Run);
                    work.results[at] = Some(result_so_far(program, state));
                    work.suspended.push((at, since));
                }
                (Standing::Pending | Standing::Suspended { .. }, _) => work.todo.push(at),
            }
        }
        work
    }
}
