//! What a scenario has found so far.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::environment::Program;
use super::judge::describe;
use super::stop::{Obstacle, Stop};
use uptake_outcome::{Finding, Leftover, Verdict};
use uptake_suite::step::{Condition, Step};

/// A finding, the rule that it is about, and what stood in its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) rule: String,
    pub(crate) finding: Finding,
    pub(crate) obstacle: Option<Obstacle>,
    /// Whether it is the one record of a rule that every answer is held against, and that held.
    pub(crate) is_everywhere: bool,
}

/// What a scenario, or one of its parallel branches, has found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Findings {
    pub(crate) found: Vec<Found>,
    /// Preconditions that did not hold.
    pub(crate) obstacles: Vec<Obstacle>,
    pub(crate) leftovers: Vec<Leftover>,
    /// Why a step was left out: what it would have saved is missing for a good reason.
    pub(crate) left_out: Option<String>,
    /// The rules of steps whose `only-if` did not hold.
    #[serde(default)]
    pub(crate) skipped: Vec<Skipped>,
    /// The rules that every answer is held against, and that are recorded already.
    pub(crate) everywhere: BTreeSet<String>,
    /// The first request that the network lost, and that could not be sent again.
    pub(crate) lost: Option<Lost>,
}

/// A rule whose step was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Skipped {
    pub(crate) rule: String,
    pub(crate) reason: String,
}

/// A request that the network lost.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Lost {
    /// The step that sent it, by name.
    #[serde(default)]
    pub(crate) step: String,
    pub(crate) label: String,
    pub(crate) fault: String,
}

impl Findings {
    /// What a parallel branch begins with.
    pub(crate) fn fork(&self) -> Self {
        Self { left_out: self.left_out.clone(), everywhere: self.everywhere.clone(), ..Self::default() }
    }

    /// Something stands in the way of all that follows.
    pub(crate) fn stop(&mut self, obstacle: Obstacle) -> Stop {
        self.obstacles.push(obstacle.clone());
        Stop::Cause(Box::new(obstacle))
    }

    /// Records that `step`, and what is inside it, was skipped because `condition` does not hold.
    pub(crate) fn skip(&mut self, step: &Step, condition: &Condition) {
        let mut rules = Vec::new();
        step.collect_rules(&mut rules);
        let reason = format!("skipped because `{}` does not hold ({})", condition.text, step.place);
        self.skipped
            .extend(rules.into_iter().map(|rule| Skipped { rule: rule.to_owned(), reason: reason.clone() }));
    }

    /// Records that `step`, and what is inside it, could not be judged.
    pub(crate) fn leave(&mut self, program: Program<'_>, step: &Step, stop: &Stop) {
        self.leave_own(program, step, stop);
        step.inner().for_each(|inner| self.leave(program, inner, stop));
    }

    /// The same, without what is inside it.
    pub(crate) fn leave_own(&mut self, program: Program<'_>, step: &Step, stop: &Stop) {
        let Some(verdict) = stop.verdict() else { return };
        for expectation in &step.expect {
            let Some(rule) = &expectation.rule else { continue };
            let finding = Finding {
                verdict,
                scenario: program.scenario.name.clone(),
                step: step.name.clone(),
                place: expectation.place.clone(),
                expected: describe(&expectation.wants, program.environment.suite.rule(rule)),
                observed: stop.sentence(),
                exchange: None,
                cause: None,
            };
            let obstacle = stop.obstacle().cloned();
            self.found.push(Found { rule: rule.clone(), finding, obstacle, is_everywhere: false });
        }
    }

    /// Takes back what was found: what a branch waited for never came.
    pub(crate) fn void(&mut self, stop: &Stop) {
        let Some(verdict) = stop.verdict() else { return };
        for found in self.found.iter_mut().filter(|found| !found.is_everywhere) {
            found.finding.verdict = verdict;
            found.finding.observed = stop.sentence();
            found.finding.exchange = None;
            found.obstacle = stop.obstacle().cloned();
        }
    }

    /// Takes over what a branch found, as if its steps stood behind those before.
    pub(crate) fn join(&mut self, branch: Self) {
        let Self { found, obstacles, leftovers, left_out, skipped, mut everywhere, lost } = branch;
        // An earlier branch may have recorded the same of another answer.
        let known = &self.everywhere;
        let fresh = found.into_iter().filter(|found| !(found.is_everywhere && known.contains(&found.rule)));
        self.found.extend(fresh.collect::<Vec<_>>());
        self.everywhere.append(&mut everywhere);
        self.obstacles.extend(obstacles);
        self.leftovers.extend(leftovers);
        self.skipped.extend(skipped);
        self.left_out = self.left_out.take().or(left_out);
        self.lost = self.lost.take().or(lost);
    }
}

/// What a scenario came to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ScenarioResult {
    pub(crate) found: Vec<Found>,
    pub(crate) obstacles: Vec<Obstacle>,
    pub(crate) leftovers: Vec<Leftover>,
    #[serde(default)]
    pub(crate) skipped: Vec<Skipped>,
}

impl ScenarioResult {
    /// The worst verdict.
    pub(crate) fn verdict(&self) -> Verdict {
        self.found.iter().map(|found| found.finding.verdict).fold(Verdict::NotCovered, Verdict::and)
    }

    /// The rules that failed, by id, each once.
    pub(crate) fn failed(&self) -> Vec<String> {
        let failed = self.found.iter().filter(|found| found.finding.verdict == Verdict::Failed);
        let rules: BTreeSet<&String> = failed.map(|found| &found.rule).collect();
        rules.into_iter().cloned().collect()
    }
}

impl From<Findings> for ScenarioResult {
    fn from(Findings { found, obstacles, leftovers, skipped, .. }: Findings) -> Self {
        Self { found, obstacles, leftovers, skipped }
    }
}
