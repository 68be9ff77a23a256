//! A whole run: the chosen scenarios, a few at a time, and the verdicts.

use std::time::Instant;

use super::context::RunContext;
use super::detect::detect;
use super::greeting::{greet, try_credentials};
use super::interpreter::{ScenarioResult, Suspension};
use super::job::{CheckError, Recording, RunJob, RunOptions};
use super::mask::masked;
use super::progress::{Listener, RunEvent};
use super::queue::play;
use super::recorder::RunRecorder;
use super::scenario_run::ScenarioRun;
use super::standing::{Begun, Work};
use super::summary::{Finished, summarize};
use uptake_outcome::{Run, ScenarioRecord};
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Scenario};
use uptake_target::Target;

/// Runs what `options` choose of `loaded` against `target`, and gives the verdicts.
pub async fn run(
    loaded: &Loaded,
    target: &Target,
    options: &RunOptions,
    stopper: Stopper,
    listener: &Listener<'_>,
) -> Result<Run, CheckError> {
    let job = RunJob { loaded, target, options, recording: Recording::default() };
    Box::pin(run_recorded(job, stopper, listener)).await
}

/// The same, where scenarios may wait, be suspended, and be resumed.
pub async fn run_recorded(
    job: RunJob<'_>,
    stopper: Stopper,
    listener: &Listener<'_>,
) -> Result<Run, CheckError> {
    let RunJob { loaded, target, options, recording } = job;
    let Recording { waits, record, tries_credentials, detects, earlier } = recording;
    let context =
        RunContext::new(loaded, target, options, stopper)?.with_waits(waits).with_listener(listener);
    let (chosen, begun) = match earlier {
        None => (options.selection.scenarios(loaded, target), Begun::now()),
        Some((saved, sealed)) => Begun::earlier(loaded, &context.environment.secrets, saved, &sealed)?,
    };
    let Begun { started_at, totals, standings } = begun;
    let mut recorder =
        record.map(|record| RunRecorder::new(record, &context, options, (&started_at, &totals), &chosen));
    let work = Work::sort(&context, &chosen, standings, recorder.as_ref());
    listener(RunEvent::Started { scenarios: work.todo.len() });
    let mut capabilities = totals.capabilities.clone();
    if !work.todo.is_empty() {
        if tries_credentials {
            try_credentials(&context).await;
        } else {
            greet(&context).await;
        }
        if detects {
            capabilities = detect(&context, recorder.as_ref(), loaded).await;
            if let Some(recorder) = &mut recorder {
                recorder.detected(&capabilities);
            }
        }
    }
    let running = Running { context: &context, recorder: recorder.as_ref(), chosen: &chosen };
    let (results, suspended, records) = running.play(options.jobs.get(), work).await;
    if let Some(recorder) = &recorder {
        context.heed(recorder.close(&context));
    }
    let finished = Finished { chosen, results, suspended, started_at, totals, capabilities, records };
    let mut run = summarize(loaded, &context, options, finished);
    if recorder.as_ref().is_some_and(|recorder| !recorder.is_written()) {
        // What could not be written down cannot be resumed.
        run.suspended.clear();
    }
    run.folder = recorder.filter(RunRecorder::is_needed).map(|recorder| recorder.folder());
    run.warnings.extend(run.doubts());
    Ok(masked(run, &context.environment.secrets))
}

/// The scenarios of a run while it goes on.
struct Running<'r> {
    context: &'r RunContext<'r>,
    recorder: Option<&'r RunRecorder<'r>>,
    chosen: &'r [&'r Scenario],
}

/// What the scenarios came to, by their place in the list of those chosen; which of them wait; and how each of them ran.
type Outcome = (Vec<Option<ScenarioResult>>, Vec<(usize, Suspension)>, Vec<ScenarioRecord>);

impl Running<'_> {
    async fn play(&self, jobs: usize, work: Work) -> Outcome {
        let Work { todo, mut resumed, mut results, mut suspended } = work;
        let starts = std::sync::Mutex::new(std::mem::take(&mut resumed));
        let scenarios: Vec<&Scenario> = todo.iter().map(|at| self.chosen[*at]).collect();
        let played = play(self.context, &scenarios, jobs, |place, allowance| {
            let at = todo[place];
            let state = starts.lock().ok().and_then(|mut starts| starts.remove(&at));
            let scenario = self.chosen[at];
            let run = ScenarioRun { context: self.context, recorder: self.recorder, scenario, at, allowance };
            async move {
                let began = Instant::now();
                let mut ended = run.run(state).await?;
                let took = began.elapsed();
                let record = ScenarioRecord {
                    scenario: scenario.name.clone(),
                    file: scenario.file.clone(),
                    took_seconds: took.as_secs_f64(),
                    exchanges: std::mem::take(&mut ended.exchanges),
                    script: ended.script.take().filter(|_| !ended.result.failed().is_empty()),
                };
                self.context.report(RunEvent::Ended {
                    scenario: scenario.name.clone(),
                    file: scenario.file.clone(),
                    verdict: ended.result.verdict(),
                    failed: ended.result.failed(),
                    took,
                });
                Some((ended, record))
            }
        })
        .await;
        let mut records: Vec<(usize, ScenarioRecord)> = Vec::new();
        for (place, ended) in played {
            let Some((ended, record)) = ended else { continue };
            let at = todo[place];
            records.push((at, record));
            suspended.extend(ended.suspended.map(|(since, _)| (at, since)));
            results[at] = Some(ended.result);
        }
        suspended.sort_by_key(|(at, _)| *at);
        records.sort_by_key(|(at, _)| *at);
        (results, suspended, records.into_iter().map(|(_, record)| record).collect())
    }
}
