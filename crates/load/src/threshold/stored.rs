//! Conditions on the figures of a result that was stored, or merged from several.

use std::collections::BTreeMap;

use super::condition::Threshold;
use super::figures::{Counts, Figures};
use uptake_outcome::load::{LoadRun, Micros, Phase, ThresholdResult};

struct StoredFigures {
    samples: BTreeMap<Phase, Micros>,
    counts: Counts,
}

impl Figures for StoredFigures {
    fn samples(&self, phase: Phase) -> Option<&Micros> {
        self.samples.get(&phase)
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// Holds a result against conditions as `--fail-if` takes them. What cannot be read is told in words.
pub fn judge(run: &LoadRun, conditions: &[String]) -> Result<Vec<ThresholdResult>, String> {
    let mut samples = BTreeMap::new();
    for (phase, result) in &run.phases {
        samples.insert(*phase, result.samples().map_err(|why| format!("phase {}: {why}", phase.word()))?);
    }
    let summary = &run.summary;
    let counts = Counts {
        uploads: summary.uploads,
        errors: summary.errors,
        abandoned: summary.abandoned,
        not_started: summary.not_started,
        retries: summary.retries,
        early_responses: summary.early_responses,
        goodput_bytes: summary.goodput_bytes,
        seconds: run.took_seconds,
    };
    let figures = StoredFigures { samples, counts };
    conditions.iter().map(|condition| Ok(condition.parse::<Threshold>()?.judge(&figures))).collect()
}
