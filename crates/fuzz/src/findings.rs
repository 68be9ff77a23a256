//! The failures that a run found: one counterexample of each kind, shrunk and written as a scenario.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::Path;

use super::config::FuzzConfig;
use super::error::FuzzError;
use super::event::{FuzzEvent, Listener};
use super::mismatch::Kind;
use super::shrink::{Failure, Shrinker};
use uptake_outcome::Counterexample;

/// The counterexamples, by kind.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<Kind, Counterexample>);

impl Findings {
    /// Shrinks a failure and keeps it, unless one of its kind is known. Returns why the target was lost, if it was.
    pub(super) async fn add(
        &mut self,
        failure: Failure,
        shrinker: &Shrinker<'_>,
        config: &FuzzConfig,
        listener: &Listener<'_>,
    ) -> Result<Option<String>, FuzzError> {
        let kind = failure.mismatch.kind();
        if let Entry::Occupied(mut known) = self.0.entry(kind.clone()) {
            known.get_mut().seen += 1;
            return Ok(None);
        }
        if self.are_enough(config) {
            return Ok(None);
        }
        let (rule, index) = (failure.mismatch.rule.clone(), failure.generated.index);
        listener(FuzzEvent::Found { rule: rule.clone(), case: index });
        let name = format!("fuzz-{}-{}-{index}.yaml", rule.to_lowercase(), config.seed);
        let path = config.out.join(name);
        let remarks = vec![
            format!(
                "Counterexample to `{}`, found by uptake fuzz --seed {}, case {index}.",
                failure.generated.property.text(),
                config.seed
            ),
            format!("Replay it: {} {}", config.replay, path.display()),
        ];
        let shrunk = shrinker.shrink(failure, &remarks).await;
        let mut counterexample = shrunk.counterexample;
        if let Some(scenario) = shrunk.scenario {
            write(&path, &scenario)?;
            counterexample.scenario = Some(path.display().to_string());
        }
        self.0.insert(kind, counterexample);
        Ok(shrunk.unreachable)
    }

    /// Whether the run has found as many as it may.
    pub(super) fn are_enough(&self, config: &FuzzConfig) -> bool {
        config.bounds.counterexamples.is_some_and(|enough| self.0.len() >= enough)
    }

    pub(super) fn into_counterexamples(self) -> Vec<Counterexample> {
        self.0.into_values().collect()
    }
}

fn write(path: &Path, text: &str) -> Result<(), FuzzError> {
    let failed = |source| FuzzError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}
