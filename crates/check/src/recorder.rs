//! Keeps a run folder up to date while a run goes on: which scenarios wait, which have ended, what was made.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::context::RunContext;
use super::interpreter::{ScenarioResult, ScenarioState, Suspension};
use super::job::RunOptions;
use super::mask::mask_value;
use super::record::RunRecord;
use super::request_counts::Totals;
use super::saved::{SavedRun, SavedScenario, Sealed, Standing};
use uptake_outcome::CapabilityFinding;
use uptake_run_folder::{FORMAT, Journal, RunFolderError};
use uptake_suite::Scenario;

/// How far each scenario has come.
#[derive(Debug)]
pub(crate) struct RunRecorder<'k> {
    record: &'k RunRecord,
    /// The run without its scenarios; its totals are those of earlier processes.
    run: SavedRun,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    /// Masked already, so that writing costs little.
    scenarios: Vec<Value>,
    states: BTreeMap<usize, ScenarioState>,
    written: Option<Instant>,
}

/// Endings are written so often; a suspension, and a resumption, at once.
const OFTEN: Duration = Duration::from_secs(1);

impl<'k> RunRecorder<'k> {
    pub(crate) fn new(
        record: &'k RunRecord,
        context: &RunContext<'_>,
        options: &RunOptions,
        (started_at, earlier): (&str, &Totals),
        chosen: &[&Scenario],
    ) -> Self {
        let target = context.target();
        let run = SavedRun {
            format: FORMAT,
            uptake: env!("CARGO_PKG_VERSION").to_owned(),
            suite: context.environment.suite.name.clone(),
            target: (target.name.clone(), target.base_url.to_string()),
            command: record.command.clone(),
            seed: options.seed,
            selection: (&options.selection).into(),
            started_at: started_at.to_owned(),
            totals: earlier.clone(),
            scenarios: Vec::new(),
        };
        let pending = |scenario: &&Scenario| {
            serde_json::to_value(SavedScenario::pending(scenario)).expect("it is plain data")
        };
        let scenarios = chosen.iter().map(pending).collect();
        let progress = Progress { scenarios, states: BTreeMap::new(), written: None };
        Self { record, run, progress: Mutex::new(progress) }
    }

    /// What the target can do, for the processes to come.
    pub(crate) fn detected(&mut self, capabilities: &[CapabilityFinding]) {
        self.run.totals.capabilities = capabilities.to_vec();
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, context: &RunContext<'_>, at: usize, standing: &Standing, state: Option<ScenarioState>) {
        let mut value = serde_json::to_value(standing).expect("it is plain data");
        mask_value(&mut value, &context.environment.secrets);
        let mut progress = self.lock();
        progress.scenarios[at]["standing"] = value;
        match state {
            Some(state) => progress.states.insert(at, state),
            None => progress.states.remove(&at),
        };
    }

    /// What was known of a scenario before this process began.
    pub(crate) fn known(
        &self,
        context: &RunContext<'_>,
        at: usize,
        (standing, state): (&Standing, Option<&ScenarioState>),
    ) {
        self.set(context, at, standing, state.cloned());
    }

    /// A scenario is resumed: should the process end now, it would have to begin anew.
    pub(crate) fn begun(&self, context: &RunContext<'_>, at: usize) -> Result<(), RunFolderError> {
        self.set(context, at, &Standing::Pending, None);
        self.write(context, Duration::ZERO)
    }

    /// A scenario has ended.
    pub(crate) fn ended(
        &self,
        context: &RunContext<'_>,
        at: usize,
        result: &ScenarioResult,
    ) -> Result<(), RunFolderError> {
        self.set(context, at, &Standing::Ended { result: Box::new(result.clone()) }, None);
        self.write(context, OFTEN)
    }

    /// A scenario waits.
    pub(crate) fn suspended(
        &self,
        context: &RunContext<'_>,
        at: usize,
        (since, state): (&Suspension, &ScenarioState),
    ) -> Result<(), RunFolderError> {
        self.set(context, at, &Standing::Suspended { since: since.clone() }, Some(state.clone()));
        self.write(context, Duration::ZERO)
    }

    /// Writes the state, once something waits. `after` says how long ago the last time has to be.
    fn write(&self, context: &RunContext<'_>, after: Duration) -> Result<(), RunFolderError> {
        let mut progress = self.lock();
        if progress.states.is_empty() && progress.written.is_none() {
            return Ok(());
        }
        if progress.written.is_some_and(|written| written.elapsed() < after) {
            return Ok(());
        }
        let (clear, sealed) = self.state(context, &mut progress);
        self.record.folder.write(&self.record.key, &clear, &sealed)?;
        progress.written = Some(Instant::now());
        Ok(())
    }

    fn state(&self, context: &RunContext<'_>, progress: &mut Progress) -> (Value, Vec<u8>) {
        let totals = context.counts.totals(&self.run.totals, context.target().budgets);
        let mut clear =
            serde_json::to_value(SavedRun { totals, ..self.run.clone() }).expect("it is plain data");
        mask_value(&mut clear["totals"], &context.environment.secrets);
        clear["scenarios"] = progress.scenarios.clone().into();
        let states = std::mem::take(&mut progress.states);
        let sealed = Sealed { secrets: context.environment.secrets.all(), states };
        let bytes = serde_json::to_vec(&sealed).expect("a suspended scenario is plain data");
        progress.states = sealed.states;
        (clear, bytes)
    }

    /// The run is over: the state is written once more where something waits, and goes where nothing does.
    pub(crate) fn close(&self, context: &RunContext<'_>) -> Result<(), RunFolderError> {
        let progress = self.lock();
        let waits = !progress.states.is_empty();
        // A resumed run that was cut short can be resumed again.
        let pending = progress.scenarios.iter().any(|scenario| scenario["standing"]["is"] == "pending");
        drop(progress);
        if waits || (pending && self.record.folder.has_state()) {
            self.write(context, Duration::ZERO)
        } else {
            self.record.folder.forget_state()
        }
    }

    /// Whether the state is on the disk.
    pub(crate) fn is_written(&self) -> bool {
        self.record.folder.has_state()
    }

    /// Whether somebody still needs the folder.
    pub(crate) fn is_needed(&self) -> bool {
        self.record.folder.has_state() || !self.record.journal.left().is_empty()
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.record.journal
    }

    pub(crate) fn folder(&self) -> String {
        self.record.folder.path().display().to_string()
    }
}
