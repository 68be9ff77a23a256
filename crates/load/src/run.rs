//! A load run, from the first look at the target to its result.

use std::sync::Arc;
use std::sync::mpsc;

use super::aggregator::{Aggregator, IntervalHistograms, ProgressListener, Totals};
use super::client::Endpoint;
use super::context::{RunContext, RunInputs};
use super::descriptors::reserve;
use super::early_end::EarlyEnd;
use super::error::LoadError;
use super::plan::{LoadPlan, Model};
use super::prepare::{open_contents, protocol, script};
use super::result::{RunTiming, result};
use super::start::begin;
use super::stored::StoredFiles;
use super::worker::Worker;
use super::worker_report::RecorderPool;
use super::workload::Workload;
use uptake_outcome::load::{LoadRun, ServerOwner};
use uptake_stop::Stopper;
use uptake_suite::Suite;
use uptake_target::Target;

/// What a run needs beside its plan.
pub struct RunOptions<'t> {
    /// What an upload is.
    pub suite: &'t Suite,
    /// The server under load.
    pub target: &'t Target,
    /// Whether it is uptake's own.
    pub owner: ServerOwner,
    /// Whether the histograms of each second are kept.
    pub intervals: IntervalHistograms,
    /// When uploads start, the warm-up included; `None` is at once.
    pub start_at: Option<jiff::Timestamp>,
    /// Ends the run early.
    pub stopper: Stopper,
    /// Is told about each second.
    pub listener: ProgressListener,
}

/// The most threads, unless the plan says otherwise.
const MAX_THREADS: usize = 8;

/// Runs a plan.
pub async fn run(mut plan: LoadPlan, options: RunOptions<'_>) -> Result<LoadRun, LoadError> {
    let RunOptions { suite, target, owner, intervals, start_at, stopper, listener } = options;
    protocol(&plan, suite, target)?;
    let threads = threads(&plan, owner);
    reserve(&mut plan, threads, owner)?;
    let endpoint = Endpoint::find(target, &plan.addresses, plan.protocol).await?;
    let script = Box::pin(script(&plan, suite, target, &endpoint.prefix)).await?;
    plan.shape.multiple = script.multiple;
    let stored = script.stored.as_ref().map(|_| StoredFiles::of(target)).transpose()?;
    let (contents, file_sizes) = open_contents(&plan)?;
    let workload = Workload::new(plan.shape.clone(), plan.outcomes, file_sizes, plan.seed);
    let (began_at, start) = begin(start_at, &stopper).await;
    let started_at = began_at + plan.warm_up;
    let early_end = EarlyEnd::new(stopper);
    let inputs = RunInputs {
        plan,
        endpoint,
        workload,
        contents,
        script,
        base_url: target.base_url.clone(),
        stored,
        early_end,
        start,
    };
    let context = Arc::new(RunContext::new(inputs));
    let (totals, context) = tokio::task::spawn_blocking(move || {
        send(&context, threads, intervals, listener).map(|totals| (totals, context))
    })
    .await
    .map_err(|error| LoadError::Generator(error.to_string()))??;
    let timing = RunTiming { started_at, elapsed: context.now(), threads };
    Ok(result(&context, target, owner, totals, &timing))
}

/// Sends on several threads, and merges their reports on this one.
fn send(
    context: &Arc<RunContext>,
    threads: usize,
    intervals: IntervalHistograms,
    listener: ProgressListener,
) -> Result<Totals, LoadError> {
    let (reports, received) = mpsc::channel();
    let recorders = RecorderPool::default();
    let uploaders = context.plan.model.max_in_flight();
    let mut workers = Vec::new();
    for index in 0..threads {
        // The first threads take the remainder.
        let uploaders = uploaders / threads + usize::from(index < uploaders % threads);
        let worker = Worker {
            index,
            uploaders,
            context: Arc::clone(context),
            reports: reports.clone(),
            recorders: recorders.clone(),
        };
        let thread = std::thread::Builder::new().name(format!("load-{index}"));
        workers.push(thread.spawn(move || worker.run()).map_err(LoadError::Start)?);
    }
    drop(reports);
    let early_end = context.early_end.clone();
    let aggregator = Aggregator { plan: &context.plan, threads, intervals, recorders, early_end, listener };
    let totals = aggregator.run(&received);
    for worker in workers {
        worker
            .join()
            .map_err(|_| LoadError::Generator("a sending thread panicked".to_owned()))?
            .map_err(LoadError::Start)?;
    }
    Ok(totals)
}

fn threads(plan: &LoadPlan, owner: ServerOwner) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let free = match owner {
        ServerOwner::Own => processors / 2,
        ServerOwner::Named => processors,
    };
    let wanted = plan.threads.unwrap_or_else(|| {
        // One thread is best for a small load: nothing has to be shared.
        let is_small = matches!(&plan.model, Model::Closed { uploaders, .. } if *uploaders < 4);
        if is_small { 1 } else { free.clamp(1, MAX_THREADS) }
    });
    wanted.clamp(1, plan.model.max_in_flight())
}
