//! The suite against the unchanged server, then each scenario with mutations of its answers, several side by side.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;

use super::derive::distinct;
use super::plan::{MutationPlan, Server};
use super::relevance::provable;
use super::scenario::Shared;
use crate::error::ProveError;
use crate::matrix::matrix;
use crate::progress::{Event, Listener};
use crate::run::Proof;
use crate::sandbox::Sandbox;
use uptake_check::{KeepExchanges, RunOptions};
use uptake_outcome::{
    DefectResult, Ending, Exit, Extent, FailOn, Matrix, MatrixSummary, ProvenBy, Run, Verdict,
};
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Scenario};
use uptake_target::Target;

/// Measures `loaded` by mutations of the server's answers. `gate` applies waivers to the run without mutations, which must pass.
pub async fn prove_by_mutation(
    loaded: Arc<Loaded>,
    plan: MutationPlan,
    stopper: Stopper,
    gate: &(dyn Fn(&mut Run) + Sync),
    listener: &Listener<'_>,
) -> Result<Proof, ProveError> {
    let clock = Instant::now();
    let (target, server) = match &plan.server {
        Server::Target(target) => ((**target).clone(), None),
        Server::Reference => {
            let Sandbox { server, target } =
                Sandbox::start(Sandbox::within(Sandbox::small(plan.seed), loaded.suite.limits)).await?;
            (target, Some(server))
        }
    };
    let clean = unchanged(&loaded, &plan, (&target, &stopper)).await?;
    drop(server);
    let mut gated = clean.clone();
    gate(&mut gated);
    // What is not bound to pass here proves nothing, and does not keep the others from being proven.
    if !matches!(gated.exit(FailOn::Must), Exit::Success | Exit::NothingTested) {
        return Ok(Proof::Unsound(Box::new(gated)));
    }
    let rules = provable(&clean);
    let scenarios = judging(&loaded, &plan, (&target, &clean, &rules));
    listener(Event::Mutating { scenarios: scenarios.len() });
    let jobs = plan.jobs();
    let exchanges = clean.scenarios.iter().flat_map(|scenario| &scenario.exchanges);
    let fields = exchanges.flat_map(|sent| &sent.exchange.headers);
    let headers = distinct(fields.map(|(name, value)| (name.clone(), value.clone().into_bytes())));
    let open = Mutex::new(rules.clone());
    let shared = Shared { loaded: Arc::clone(&loaded), plan, stopper, headers, open };
    let (mutations, has_ended) = mutate(Arc::new(shared), scenarios, jobs, listener).await?;
    let mut matrix = matrix(&gated, mutations, Extent::Whole);
    for rule in matrix.rules.iter_mut().filter(|rule| !rules.contains(&rule.id)) {
        let verdict = gated.rules.iter().find(|judged| judged.id == rule.id).map(|judged| judged.verdict);
        rule.not_provable = Some(verdict.unwrap_or(Verdict::NotCovered));
    }
    Ok(Proof::Measured(Box::new(Matrix {
        by: ProvenBy::Mutations,
        took_seconds: clock.elapsed().as_secs_f64(),
        ending: if has_ended { Ending::Completed } else { Ending::Interrupted },
        summary: MatrixSummary::count(&matrix.defects, &matrix.rules),
        ..matrix
    })))
}

async fn unchanged(
    loaded: &Loaded,
    plan: &MutationPlan,
    (target, stopper): (&Target, &Stopper),
) -> Result<Run, ProveError> {
    let options = RunOptions {
        selection: plan.selection.clone(),
        jobs: plan.jobs,
        seed: plan.seed,
        patience: Duration::MAX,
        // For the headers of their answers.
        keep: KeepExchanges::All,
        reports_exchanges: false,
    };
    Ok(uptake_check::run(loaded, target, &options, stopper.clone(), &|_| {}).await?)
}

/// The scenarios in which one of `rules` was judged.
fn judging(
    loaded: &Loaded,
    plan: &MutationPlan,
    (target, clean, rules): (&Target, &Run, &BTreeSet<String>),
) -> Vec<Scenario> {
    let provable = || clean.rules.iter().filter(|rule| rules.contains(&rule.id));
    let names: BTreeSet<&str> =
        provable().flat_map(|rule| &rule.findings).map(|finding| finding.scenario.as_str()).collect();
    let chosen = plan.selection.scenarios(loaded, target).into_iter();
    chosen.filter(|scenario| names.contains(scenario.name.as_str())).cloned().collect()
}

/// The results of all scenarios, in their order, and whether none was interrupted.
async fn mutate(
    shared: Arc<Shared>,
    scenarios: Vec<Scenario>,
    jobs: usize,
    listener: &Listener<'_>,
) -> Result<(Vec<DefectResult>, bool), ProveError> {
    let mut results: Vec<Option<Vec<DefectResult>>> = scenarios.iter().map(|_| None).collect();
    let mut under_way = stream::iter(scenarios.into_iter().enumerate())
        .map(|(at, scenario)| {
            let shared = Arc::clone(&shared);
            // On a task of its own: a run is more than this thread's share.
            let task = tokio::spawn(async move { shared.mutate(&scenario).await });
            async move { (at, task.await.map_err(ProveError::from).flatten()) }
        })
        .buffer_unordered(jobs);
    while let Some((at, result)) = under_way.next().await {
        results[at] = result?;
        listener(Event::ScenarioMutated);
    }
    drop(under_way);
    let has_ended = results.iter().all(Option::is_some);
    Ok((results.into_iter().flatten().flatten().collect(), has_ended))
}
