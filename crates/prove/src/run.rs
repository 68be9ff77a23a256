//! One run against the faithful server, then one against each defective one, several side by side.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::error::ProveError;
use super::matrix::{fate, matrix, unsaid};
use super::progress::{Event, Listener};
use super::trial::Trial;
use uptake_outcome::{DefectResult, Ending, Exit, Extent, FailOn, Fate, Matrix, Run};
use uptake_reference::{Defect, Defects};
use uptake_stop::Stopper;
use uptake_suite::Loaded;

/// So many runs that catch nothing, and a defect has survived.
const ATTEMPTS: u32 = 3;

/// What to prove, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The defects to plant, one at a time; an empty list plants all.
    pub defects: Vec<Defect>,
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
    let began =
        |defects| Trial { loaded: Arc::clone(&loaded), seed: plan.seed, stopper: stopper.clone(), defects };
    let clean = began(Defects::none()).run().await?;
    // A server that breaks what it only should do would catch every defect with it.
    if clean.exit(FailOn::Should) != Exit::Success {
        return Ok(Proof::Unsound(Box::new(clean)));
    }
    let chosen = plan.chosen();
    listener(Event::Clean { run: &clean, defects: chosen.len() });
    let mut results: Vec<Option<DefectResult>> = chosen.iter().map(|_| None).collect();
    let mut ending = Ending::Completed;
    let mut runs = stream::iter(chosen.into_iter().enumerate())
        .map(|(at, defect)| {
            let trial = began(Defects::none().with(defect));
            let clean = &clean;
            async move { (at, found(defect, clean, &trial).await) }
        })
        .buffer_unordered(plan.jobs.get());
    while let Some((at, result)) = runs.next().await {
        match &result {
            Some(result) => listener(Event::Ended(result)),
            None => ending = Ending::Interrupted,
        }
        results[at] = result;
    }
    drop(runs);
    let defects = results.into_iter().flatten().collect();
    let matrix = matrix(&clean, defects, plan.extent());
    let took_seconds = clock.elapsed().as_secs_f64();
    Ok(Proof::Measured(Box::new(Matrix { took_seconds, ending, ..matrix })))
}

/// What becomes of a defect; nothing where the run was interrupted. One that nothing caught is tried again: whether a
/// defect of requests that meet shows itself may be a matter of luck on a busy machine, and what it is that fails is not.
async fn found(defect: Defect, clean: &Run, trial: &Trial) -> Option<DefectResult> {
    let mut runs = 1;
    loop {
        // On a task of its own: a whole run is more than this thread's share.
        let run = tokio::spawn(trial.clone().run()).await.map_err(ProveError::from).flatten();
        let result = match run {
            Ok(Run { ending: Ending::Interrupted, .. }) => return None,
            Ok(run) => fate(defect, clean, &run),
            Err(error) => unsaid(defect, error.to_string()),
        };
        if result.fate != Fate::Survived || runs == ATTEMPTS {
            return Some(DefectResult { runs, ..result });
        }
        runs += 1;
    }
}
