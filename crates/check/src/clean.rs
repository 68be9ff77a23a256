//! Removes what the journal of a run says is still there, and nothing else.

use super::context::RunContext;
use super::driver::Driver;
use super::interpreter::{Made, Mode, ScenarioState, Undo, start_clean_up};
use super::job::{CheckError, RunOptions};
use super::record::RunRecord;
use super::saved::{SavedError, Sealed};
use super::sending::Allowance;
use uptake_outcome::Leftover;
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Scenario};
use uptake_target::Target;

/// What became of what was left.
#[derive(Debug)]
pub struct Cleaned {
    /// How much of it is gone now.
    pub removed: usize,
    /// What could not be removed.
    pub left: Vec<Leftover>,
    /// Whether uptake itself, or the way to the target, failed.
    pub ended_early: bool,
}

/// What to clean up after.
#[derive(Debug)]
pub struct CleanJob<'j> {
    /// The suite of the run.
    pub loaded: &'j Loaded,
    /// The target of the run.
    pub target: &'j Target,
    /// The options of the run.
    pub options: &'j RunOptions,
    /// Its journal names what it made.
    pub record: &'j RunRecord,
    /// What suspended scenarios need: it is left alone.
    pub needed: Vec<uptake_run_folder::Made>,
}

/// What suspended scenarios need of what was made, by what was sealed of a run.
pub fn needed(sealed: &[u8]) -> Result<Vec<uptake_run_folder::Made>, SavedError> {
    let sealed: Sealed = serde_json::from_slice(sealed).map_err(|error| SavedError(error.to_string()))?;
    let made = |made: &Made| uptake_run_folder::Made { resource: made.resource.clone(), id: made.id.clone() };
    let states = sealed.states.values();
    Ok(states.flat_map(|state| state.shared.made.iter().map(made)).collect())
}

/// Removes what the record's journal names, the last first.
pub async fn clean(job: CleanJob<'_>, stopper: Stopper) -> Result<Cleaned, CheckError> {
    let CleanJob { loaded, target, options, record, needed } = job;
    let context = RunContext::new(loaded, target, options, stopper)?;
    let scenario = Scenario::nobodys("clean", &loaded.suite.name);
    let program = context.program(&scenario, Mode::Run);
    let driver = Driver::new(&context, None, Allowance::none(&context), program);
    let mut removed = 0;
    let mut left = Vec::new();
    for made in record.journal.left().into_iter().filter(|made| !needed.contains(made)) {
        if !context.stop.is_running() {
            break;
        }
        context.environment.secrets.taint(&made.resource, &made.id);
        let mut state = ScenarioState::new(context.seed);
        state.trunk.undo.push(Undo::Remove(Made { resource: made.resource.clone(), id: made.id.clone() }));
        let effects = start_clean_up(program, &mut state, driver.now());
        driver.drive(&mut state, effects).await;
        let leftovers = state.into_result().leftovers;
        if leftovers.is_empty() {
            removed += 1;
            if let Err(error) = record.journal.gone(&made.resource, &made.id) {
                context.stop.harness_failed(&error.to_string());
            }
        }
        left.extend(leftovers);
    }
    for leftover in &mut left {
        leftover.what = context.environment.secrets.mask(&leftover.what);
        leftover.why = context.environment.secrets.mask(&leftover.why);
    }
    Ok(Cleaned { removed, left, ended_early: !context.stop.is_running() })
}
