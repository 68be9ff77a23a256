//! Looks for a defect that makes a rule fail, where no run has shown one.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use futures_util::StreamExt as _;
use futures_util::stream;

use super::defect_runs::DefectRuns;
use super::failure_tracker::Enough;
use super::found::{Found, settle};
use uptake_outcome::{DefectResult, Fate, Run, TestedWith};
use uptake_reference::Defect;

/// Tries the rules that `results` do not prove against each defect that was not tested with the whole suite, until they are
/// proven; says whether it came to its end.
pub(super) async fn search(
    runs: &DefectRuns,
    jobs: NonZeroUsize,
    results: &mut [(Defect, DefectResult)],
) -> bool {
    let left = unproven(&runs.clean, results);
    let areas: BTreeSet<_> = runs
        .clean
        .rules
        .iter()
        .filter(|rule| left.contains(&rule.id))
        .map(|rule| rule.area.as_str())
        .collect();
    let left = Mutex::new(left);
    let mut open: Vec<_> = results
        .iter()
        .enumerate()
        .filter(|(_, (_, result))| result.fate != Fate::Error && result.tested_with != TestedWith::WholeSuite)
        .map(|(at, (defect, _))| (at, *defect))
        .collect();
    open.sort_by_key(|(_, defect)| !areas.contains(defect.area()));
    let mut tried = stream::iter(open)
        .map(|(at, defect)| {
            let rules: Vec<_> = locked(&left).iter().cloned().collect();
            async move {
                if rules.is_empty() {
                    return (at, rules, Some(Found::default()));
                }
                let found = runs.test(defect, rules.clone(), Enough::AllFailed).await;
                (at, rules, found)
            }
        })
        .buffer_unordered(jobs.get());
    let mut has_ended = true;
    while let Some((at, rules, found)) = tried.next().await {
        let Some(found) = found else {
            has_ended = false;
            continue;
        };
        let result = &mut results[at].1;
        for rule in found.caught_by {
            locked(&left).remove(&rule);
            if !result.caught_by.contains(&rule) {
                result.caught_by.push(rule);
            }
        }
        result.rules_tested.extend(rules);
        settle(result, &runs.clean);
    }
    has_ended
}

fn locked(left: &Mutex<BTreeSet<String>>) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
    left.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rules that were judged against the faithful server, and that no defect made fail.
fn unproven(clean: &Run, results: &[(Defect, DefectResult)]) -> BTreeSet<String> {
    let is_proven = |id: &String| results.iter().any(|(_, result)| result.caught_by.contains(id));
    let judged = clean.rules.iter().filter(|rule| rule.verdict.is_judged());
    judged.map(|rule| rule.id.clone()).filter(|id| !is_proven(id)).collect()
}
