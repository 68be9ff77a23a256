//! Conditions on the figures of a result that was stored, or merged from several.

use std::collections::BTreeMap;

use super::condition::Threshold;
use super::figures::{Collected, Counts};
use uptake_outcome::load::{LoadRun, ThresholdResult};

/// Judges a result by conditions as `--fail-if` takes them. The error says what cannot be read.
pub fn judge(run: &LoadRun, conditions: &[String]) -> Result<Vec<ThresholdResult>, String> {
    let mut phases = BTreeMap::new();
    for (phase, result) in &run.phases {
        phases.insert(*phase, result.samples().map_err(|why| format!("phase {}: {why}", phase.word()))?);
    }
    let figures = Collected { phases, counts: Counts::of_run(run) };
    conditions.iter().map(|condition| Ok(condition.parse::<Threshold>()?.judge(&figures))).collect()
}
