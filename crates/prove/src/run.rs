//! One run against the faithful server, then runs against each defective one, several side by side.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::defect_runs::DefectRuns;
use super::depth::Depth;
use super::error::ProveError;
use super::matrix::matrix;
use super::pairs::Pairs;
use super::progress::{Event, Listener};
use super::search::search;
use super::suite_run::SuiteRun;
use uptake_outcome::{DefectResult, Ending, Exit, Extent, FailOn, Matrix, Run};
use uptake_reference::{Defect, Defects};
use uptake_stop::Stopper;
use uptake_suite::Loaded;

/// What to prove, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The defects to plant, one at a time; an empty list plants all.
    pub defects: Vec<Defect>,
    /// How much of the suite each is tested with.
    pub depth: Depth,
    /// How many servers run side by side.
    pub jobs: NonZeroUsize,
    /// The seed of content and order.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug)]
pub enum Proof {
    /// The suite does not pass against the faithful server, so that a failure against a defective one says nothing.
    Unsound(Box<Run>),
    /// The suite was measured.
    Measured(Box<Matrix>),
}

impl Plan {
    /// The chosen defects in the catalogue's order, each once: unless some are named, all that an answer can show.
    fn chosen(&self) -> Vec<Defect> {
        let wanted = |defect: &Defect| match self.defects.as_slice() {
            [] => defect.is_visible(),
            named => named.contains(defect),
        };
        Defect::all().iter().copied().filter(wanted).collect()
    }

    fn extent(&self) -> Extent {
        if Defect::all()
            .iter()
            .filter(|defect| defect.is_visible())
            .all(|defect| self.chosen().contains(defect))
        {
            Extent::Whole
        } else {
            Extent::Chosen
        }
    }
}

/// Measures `loaded`. What is stopped is measured as far as it came.
pub async fn prove(
    loaded: Arc<Loaded>,
    plan: &Plan,
    stopper: Stopper,
    listener: &Listener<'_>,
) -> Result<Proof, ProveError> {
    let clock = Instant::now();
    let trial = SuiteRun { loaded: Arc::clone(&loaded), seed: plan.seed, stopper, defects: Defects::none() };
    let clean = Arc::new(trial.clone().whole().await?);
    // A server that breaks what it only should do would catch every defect with it.
    if clean.exit(FailOn::Should) != Exit::Success {
        return Ok(Proof::Unsound(Box::new(Arc::unwrap_or_clone(clean))));
    }
    let chosen = plan.chosen();
    listener(Event::Clean { run: &clean, defects: chosen.len() });
    let runs = DefectRuns { trial, clean: Arc::clone(&clean), depth: plan.depth };
    let pairs = Pairs::choose(&loaded.suite.proof, &clean, &chosen);
    let (mut results, mut has_ended) = results(&runs, &pairs, (&chosen, plan.jobs), listener).await;
    if has_ended && plan.depth != Depth::Full && plan.extent() == Extent::Whole {
        has_ended = search(&runs, plan.jobs, &mut results).await;
    }
    let defects = results.into_iter().map(|(_, result)| result).collect();
    let matrix = matrix(&clean, defects, plan.extent());
    let took_seconds = clock.elapsed().as_secs_f64();
    let ending = if has_ended { Ending::Completed } else { Ending::Interrupted };
    Ok(Proof::Measured(Box::new(Matrix { took_seconds, ending, ..matrix })))
}

/// The results of the `chosen` defects, in this order, and whether all of them had their runs.
async fn results(
    runs: &DefectRuns,
    pairs: &Pairs,
    (chosen, jobs): (&[Defect], NonZeroUsize),
    listener: &Listener<'_>,
) -> (Vec<(Defect, DefectResult)>, bool) {
    let mut results: Vec<Option<DefectResult>> = chosen.iter().map(|_| None).collect();
    // Those that the record does not know take longest, and so begin first.
    let mut order: Vec<_> = chosen.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, defect)| !pairs.of(*defect).is_empty());
    let mut under_way = stream::iter(order)
        .map(|(at, defect)| async move { (at, runs.result(defect, pairs.of(defect)).await) })
        .buffer_unordered(jobs.get());
    while let Some((at, result)) = under_way.next().await {
        if let Some(result) = &result {
            listener(Event::Ended(result));
        }
        results[at] = result;
    }
    drop(under_way);
    let has_ended = results.iter().all(Option::is_some);
    let pairs = chosen.iter().copied().zip(results);
    (pairs.filter_map(|(defect, result)| Some((defect, result?))).collect(), has_ended)
}
