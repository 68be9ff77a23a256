//! A run as it is written down, so that another process can resume it.
//!
//! What anybody may read is masked; the states of suspended scenarios and the secrets are kept apart, to be sealed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::interpreter::{ScenarioResult, ScenarioState, Suspension};
use super::request_counts::Totals;
use super::selection::Selection;
use uptake_outcome::Level;
use uptake_payload::hex;
use uptake_suite::{Cost, Loaded, Scenario};

/// Why a run that was written down cannot be resumed.
#[derive(Debug, Error)]
#[error("the run cannot be resumed: {0}")]
pub struct SavedError(pub(crate) String);

/// What anybody may read of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SavedRun {
    /// The version of the format.
    pub(crate) format: u32,
    /// The version of uptake.
    pub(crate) uptake: String,
    /// The suite's name.
    pub(crate) suite: String,
    /// The target's name, and its base URL.
    pub(crate) target: (String, String),
    /// What the command line asked for, for the command that resumes the run.
    pub command: Value,
    pub(crate) seed: u64,
    pub(crate) selection: SavedSelection,
    pub(crate) started_at: String,
    /// What the processes so far have counted.
    pub(crate) totals: Totals,
    pub(crate) scenarios: Vec<SavedScenario>,
}

/// What was chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedSelection {
    rules: Vec<String>,
    areas: Vec<String>,
    levels: Vec<Level>,
    large: bool,
}

/// A scenario, and how far it has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedScenario {
    pub(crate) name: String,
    pub(crate) file: String,
    /// Tells whether the scenario is still the same.
    pub(crate) fingerprint: String,
    pub(crate) standing: Standing,
}

/// How far a scenario has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub(crate) enum Standing {
    /// It has not begun, or was under way as the process ended: it begins anew.
    Pending,
    /// It has ended.
    Ended { result: Box<ScenarioResult> },
    /// It waits; its state is sealed.
    Suspended { since: Suspension },
}

/// What is sealed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// The secrets that are masked, with the names by which they are shown.
    pub(crate) secrets: Vec<(String, String)>,
    /// The states of suspended scenarios, by their place in the list.
    pub(crate) states: BTreeMap<usize, ScenarioState>,
}

impl SavedRun {
    /// Reads what a run folder holds, and finds its scenarios among those that were loaded.
    pub fn read(clear: Value, loaded: &Loaded) -> Result<Self, SavedError> {
        let saved: Self = serde_json::from_value(clear).map_err(|error| SavedError(error.to_string()))?;
        if saved.suite != loaded.suite.name {
            let (was, is) = (&saved.suite, &loaded.suite.name);
            return Err(SavedError(format!("it belongs to the suite {was}, but this is {is}")));
        }
        for scenario in &saved.scenarios {
            let known = scenario.find(loaded)?;
            if fingerprint(known) != scenario.fingerprint {
                return Err(SavedError(format!("{} has changed since the run began", known.file)));
            }
        }
        Ok(saved)
    }

    /// The selection of the run.
    pub fn selection(&self) -> Selection {
        let SavedSelection { rules, areas, levels, large } = self.selection.clone();
        let cost = if large { Cost::Large } else { Cost::Normal };
        Selection { rules, areas, levels, cost, only: None }
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl SavedScenario {
    pub(crate) fn pending(scenario: &Scenario) -> Self {
        Self {
            name: scenario.name.clone(),
            file: scenario.file.clone(),
            fingerprint: fingerprint(scenario),
            standing: Standing::Pending,
        }
    }

    /// The same scenario among those that were loaded.
    pub(crate) fn find<'l>(&self, loaded: &'l Loaded) -> Result<&'l Scenario, SavedError> {
        let is_same = |known: &&Scenario| self.name == known.name && self.file == known.file;
        let Self { name, file, .. } = self;
        let known = loaded.scenarios.iter().find(is_same);
        known.ok_or_else(|| SavedError(format!("the scenario `{name}` ({file}) no longer exists")))
    }
}

impl From<&Selection> for SavedSelection {
    fn from(selection: &Selection) -> Self {
        let Selection { rules, areas, levels, cost, only: _ } = selection.clone();
        Self { rules, areas, levels, large: cost == Cost::Large }
    }
}

/// A digest of all that a scenario says, whatever its file is called.
fn fingerprint(scenario: &Scenario) -> String {
    let text = format!("{scenario:?}").replace(&scenario.file, "");
    hex(&Sha256::digest(text.as_bytes()))
}
