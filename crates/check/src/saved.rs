//! A run as it is written down, so that another process can go on with it.
//!
//! What anybody may read is masked; names, ids and secrets are kept apart, to be sealed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::passing::Suspension;
use super::trial::{Found, Made, Result, Trial, Undo, lock};
use super::uploads::{self, UploadState};
use uptake_outcome::{CapabilityFinding, Leftover, Level, Pacing, Place, Retry};
use uptake_payload::{ChunkPlan, Seed};
use uptake_suite::step::{Action, Step};
use uptake_suite::{Cost, Loaded, Scenario};

use super::scope::Names;
use super::selection::Selection;
use super::stop::Obstacle;

/// Why a run that was written down cannot be gone on with.
#[derive(Debug, Error)]
#[error("the run cannot be gone on with: {0}")]
pub struct SavedError(pub(super) String);

/// What anybody may read of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Saved {
    /// The form's version.
    pub(super) format: u32,
    /// The version of uptake.
    pub(super) uptake: String,
    /// The suite's name.
    pub(super) suite: String,
    /// The target's name, and its base URL.
    pub(super) target: (String, String),
    /// What the command line said, for the command that goes on.
    pub command: Value,
    pub(super) seed: u64,
    pub(super) selection: SavedSelection,
    pub(super) started_at: String,
    pub(super) before: Before,
    pub(super) scenarios: Vec<SavedScenario>,
}

/// What the processes before this one have counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Before {
    pub(super) took_seconds: f64,
    pub(super) bytes_sent: u64,
    pub(super) pacing: Pacing,
    pub(super) retries: Vec<Retry>,
    pub(super) capabilities: Vec<CapabilityFinding>,
    /// How often each status was answered.
    pub(super) answers: BTreeMap<u16, u64>,
}

/// What was chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedSelection {
    rules: Vec<String>,
    areas: Vec<String>,
    levels: Vec<Level>,
    large: bool,
}

/// A scenario, and how far it has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedScenario {
    pub(super) name: String,
    pub(super) file: String,
    /// Tells whether the scenario is the same still.
    pub(super) fingerprint: String,
    pub(super) standing: SavedStanding,
}

/// How far a scenario has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub(super) enum SavedStanding {
    /// It has not begun, or was under way as the process ended: it begins anew.
    Pending,
    /// It has come to its end.
    Ended { result: Box<SavedResult> },
    /// It waits.
    Suspended { since: Suspension, result: Box<SavedResult> },
}

/// What a scenario has found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct SavedResult {
    pub(super) found: Vec<Found>,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) leftovers: Vec<Leftover>,
}

/// What is sealed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Private {
    /// The secrets that are masked, with the names by which they are shown.
    pub(super) secrets: Vec<(String, String)>,
    /// What suspended scenarios need to go on, by their place in the list.
    pub(super) scenarios: BTreeMap<usize, Memory>,
}

/// What a scenario remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Memory {
    seed: u64,
    values: BTreeMap<String, Value>,
    uniques: u64,
    uploads: BTreeMap<String, SavedUpload>,
    undo: Vec<SavedUndo>,
    left_out: Option<String>,
    everywhere: BTreeSet<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedUpload {
    plan: ChunkPlan,
    file_name: String,
    carried: Vec<(String, String)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SavedUndo {
    Remove { resource: String, id: String },
    Steps { first: Place, values: BTreeMap<String, Value>, uniques: u64 },
}

impl Saved {
    /// Reads what a folder holds, and finds its scenarios among those that were loaded.
    pub fn read(clear: Value, loaded: &Loaded) -> std::result::Result<Self, SavedError> {
        let saved: Self = serde_json::from_value(clear).map_err(|error| SavedError(error.to_string()))?;
        if saved.suite != loaded.suite.name {
            return Err(SavedError(format!(
                "it is of the suite {}, and this is {}",
                saved.suite, loaded.suite.name
            )));
        }
        for scenario in &saved.scenarios {
            let known = loaded.scenarios.iter().find(|known| scenario.is(known));
            let Some(known) = known else {
                let SavedScenario { name, file, .. } = scenario;
                return Err(SavedError(format!("there is no scenario `{name}` ({file}) any more")));
            };
            if fingerprint(known) != scenario.fingerprint {
                return Err(SavedError(format!("{} has changed since the run began", known.file)));
            }
        }
        Ok(saved)
    }

    /// The selection of the run.
    pub fn selection(&self) -> Selection {
        let SavedSelection { rules, areas, levels, large } = self.selection.clone();
        Selection { rules, areas, levels, cost: if large { Cost::Large } else { Cost::Normal } }
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl SavedScenario {
    pub(super) fn is(&self, scenario: &Scenario) -> bool {
        self.name == scenario.name && self.file == scenario.file
    }
}

impl From<&Selection> for SavedSelection {
    fn from(selection: &Selection) -> Self {
        let Selection { rules, areas, levels, cost } = selection.clone();
        Self { rules, areas, levels, large: cost == Cost::Large }
    }
}

/// A sum over all that a scenario says, whatever its file is called.
pub(super) fn fingerprint(scenario: &Scenario) -> String {
    let text = format!("{scenario:?}").replace(&scenario.file, "");
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl From<&Result> for SavedResult {
    /// That it waits is no finding: it is said anew each time.
    fn from(result: &Result) -> Self {
        let found = result.found.iter();
        let found = found.filter(|found| found.finding.verdict != uptake_outcome::Verdict::Suspended);
        Self {
            found: found.cloned().collect(),
            obstacles: result.obstacles.clone(),
            leftovers: result.leftovers.clone(),
        }
    }
}

impl From<SavedResult> for Result {
    fn from(SavedResult { found, obstacles, leftovers }: SavedResult) -> Self {
        Self { found, obstacles, leftovers }
    }
}

impl Trial<'_> {
    /// What it has to remember when it goes on later.
    pub(super) fn memory(&self, names: &Names) -> Memory {
        let undo = lock(&self.undo);
        let own = |names: &Names| names.beside(&self.world.given());
        Memory {
            seed: self.seed.0,
            values: own(names),
            uniques: names.uniques(),
            uploads: lock(&self.uploads).iter().map(|(name, state)| (name.clone(), state.into())).collect(),
            undo: undo
                .iter()
                .filter_map(|undo| match undo {
                    Undo::Remove(made) => {
                        Some(SavedUndo::Remove { resource: made.resource.name.clone(), id: made.id.clone() })
                    }
                    Undo::Steps(steps, names) => Some(SavedUndo::Steps {
                        first: steps.first()?.place.clone(),
                        values: own(names),
                        uniques: names.uniques(),
                    }),
                })
                .collect(),
            left_out: lock(&self.left_out).clone(),
            everywhere: lock(&self.everywhere).clone(),
        }
    }

    /// Takes up again what was remembered; gives the names.
    pub(super) fn recall(
        &mut self,
        memory: Memory,
        so_far: SavedResult,
    ) -> std::result::Result<Names, SavedError> {
        let failed = |why: String| SavedError(format!("{}: {why}", self.scenario.file));
        self.seed = Seed(memory.seed);
        let fresh = self.names().map_err(|error| failed(error.to_string()))?;
        let names = fresh.with(memory.values, memory.uniques);
        let mut states = BTreeMap::new();
        for (name, saved) in memory.uploads {
            let content = self.content_of(&name, &names).map_err(&failed)?;
            if content.len() != saved.plan.size {
                return Err(failed(format!("the upload `{name}` has another size than it had")));
            }
            let SavedUpload { plan, file_name, carried } = saved;
            states.insert(name, UploadState { plan, content, file_name, carried });
        }
        let mut undo = Vec::new();
        for saved in memory.undo {
            undo.push(match saved {
                SavedUndo::Remove { resource, id } => {
                    let known = self.world.suite.resources.iter().find(|known| known.name == resource);
                    let resource =
                        known.ok_or_else(|| failed(format!("there is no resource `{resource}`")))?;
                    Undo::Remove(Made { resource, id })
                }
                SavedUndo::Steps { first, values, uniques } => {
                    let steps = finally_at(&self.scenario.steps, &first);
                    let steps = steps.ok_or_else(|| failed(format!("there is no step at {first}")))?;
                    Undo::Steps(steps, Box::new(names.clone().with(values, uniques)))
                }
            });
        }
        *lock(&self.uploads) = states;
        *lock(&self.undo) = undo;
        *lock(&self.left_out) = memory.left_out;
        *lock(&self.everywhere) = memory.everywhere;
        *lock(&self.found) = so_far.found;
        *lock(&self.obstacles) = so_far.obstacles;
        *lock(&self.leftovers) = so_far.leftovers;
        Ok(names)
    }

    /// The bytes of an upload, which are the same each time.
    fn content_of(&self, name: &str, names: &Names) -> std::result::Result<uptake_payload::Content, String> {
        let own = uploads::planned(self.scenario, name);
        let plan = own.or_else(|| plan_of(&self.scenario.steps, name));
        let plan = plan.ok_or_else(|| format!("there is no upload `{name}`"))?;
        let seed = self.seed.derive(name);
        let builder = super::build::Builder { world: self.world, names, seed };
        builder.content(&plan.source, "content").map_err(|error| error.to_string())
    }
}

impl From<&UploadState> for SavedUpload {
    fn from(UploadState { plan, file_name, carried, .. }: &UploadState) -> Self {
        Self { plan: plan.clone(), file_name: file_name.clone(), carried: carried.clone() }
    }
}

/// The plan of an upload, where a step writes it out.
fn plan_of<'s>(steps: &'s [Step], name: &str) -> Option<&'s uptake_suite::step::Plan> {
    steps.iter().find_map(|step| match &step.action {
        Action::Upload(upload) if upload.name == name => upload.plan.as_ref(),
        Action::Repeat(repeat) => plan_of(&repeat.steps, name),
        Action::Parallel(branches) => branches.iter().find_map(|branch| plan_of(branch, name)),
        _ => None,
    })
}

/// The clean-up whose first step is written there.
fn finally_at<'s>(steps: &'s [Step], place: &Place) -> Option<&'s [Step]> {
    let here = |step: &Step| (step.place.line, step.place.column) == (place.line, place.column);
    steps.iter().find_map(|step| {
        if step.finally.first().is_some_and(here) {
            return Some(step.finally.as_slice());
        }
        match &step.action {
            Action::Repeat(repeat) => finally_at(&repeat.steps, place),
            Action::Parallel(branches) => branches.iter().find_map(|branch| finally_at(branch, place)),
            _ => None,
        }
    })
}
