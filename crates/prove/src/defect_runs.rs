//! The runs against a server with one defect: first of the rules that are recorded for it, then of the suite.

use std::sync::Arc;

use super::depth::Depth;
use super::error::ProveError;
use super::failure_tracker::Enough;
use super::found::Found;
use super::suite_run::SuiteRun;
use uptake_outcome::{DefectResult, Ending, Run, TestedWith};
use uptake_reference::{Defect, Defects};

/// So many runs that catch nothing, and a defect has survived. Whether a defect of requests that meet shows itself may be a
/// matter of luck on a busy machine, and what it is that fails is not.
const ATTEMPTS: u32 = 3;

/// What every run is held against, and how much is run.
#[derive(Clone)]
pub(super) struct DefectRuns {
    /// A run against the faithful server; the runs against the others are like it.
    pub(super) trial: SuiteRun,
    pub(super) clean: Arc<Run>,
    pub(super) depth: Depth,
}

impl DefectRuns {
    /// What becomes of a defect, of which these rules are recorded; nothing where the run was interrupted.
    pub(super) async fn result(&self, defect: Defect, recorded: &[String]) -> Option<DefectResult> {
        let mut found = Found::default();
        if self.depth != Depth::Full && !recorded.is_empty() {
            found = self.recorded(defect, recorded).await?;
            if !found.caught_by.is_empty() || found.error.is_some() {
                let result = found.result(defect, &self.clean, TestedWith::RecordedRules);
                return Some(DefectResult { rules_tested: recorded.to_vec(), ..result });
            }
        }
        if self.depth == Depth::Recorded {
            return self.until_caught(defect, found).await;
        }
        loop {
            found = found.again(self.whole(defect).await?);
            if !found.caught_by.is_empty() || found.error.is_some() || found.runs >= ATTEMPTS {
                return Some(found.result(defect, &self.clean, TestedWith::WholeSuite));
            }
        }
    }

    /// Runs the recorded rules, and those of them again that did not fail.
    async fn recorded(&self, defect: Defect, rules: &[String]) -> Option<Found> {
        let mut found = Found::default();
        for _ in 0..ATTEMPTS {
            let left: Vec<_> = rules.iter().filter(|rule| !found.caught_by.contains(rule)).cloned().collect();
            if left.is_empty() || found.error.is_some() {
                break;
            }
            found = found.again(self.test(defect, left, Enough::AllFailed).await?);
        }
        Some(found)
    }

    /// Runs the rules of the defect's own area, and if none of them fails the others, until the first one fails.
    async fn until_caught(&self, defect: Defect, mut found: Found) -> Option<DefectResult> {
        let (own, others): (Vec<_>, Vec<_>) =
            self.clean.rules.iter().partition(|rule| rule.area == defect.area());
        for _ in 0..ATTEMPTS {
            let mut all = Found::default();
            for rules in [&own, &others] {
                let ids = rules.iter().map(|rule| rule.id.clone()).collect();
                all = all.and(self.test(defect, ids, Enough::OneFailed).await?);
                if !all.caught_by.is_empty() || all.error.is_some() {
                    let found = found.again(all);
                    return Some(found.result(defect, &self.clean, TestedWith::SuiteUntilCaught));
                }
            }
            found = found.again(all);
        }
        Some(found.result(defect, &self.clean, TestedWith::WholeSuite))
    }

    /// Runs the whole suite.
    async fn whole(&self, defect: Defect) -> Option<Found> {
        // On a task of its own: a whole run is more than this thread's share.
        let run = tokio::spawn(self.with(defect).whole()).await.map_err(ProveError::from).flatten();
        match run {
            Ok(Run { ending: Ending::Interrupted, .. }) => None,
            Ok(run) => Some(Found::of(&self.clean, &run)),
            Err(error) => Some(Found::broken(error.to_string())),
        }
    }

    /// Runs some rules, until they have shown enough.
    pub(super) async fn test(&self, defect: Defect, rules: Vec<String>, enough: Enough) -> Option<Found> {
        let test = self.with(defect).test(rules, enough, Arc::clone(&self.clean));
        let found = tokio::spawn(test).await.map_err(ProveError::from).flatten();
        found.unwrap_or_else(|error| Some(Found::broken(error.to_string())))
    }

    fn with(&self, defect: Defect) -> SuiteRun {
        SuiteRun { defects: Defects::none().with(defect), ..self.trial.clone() }
    }
}
