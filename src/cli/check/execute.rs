//! Carries a job out: prepares everything that can fail before anything is sent, runs, and reports.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::event_file::EventFile;
use super::excerpts;
use super::job::{Job, ServerUnderTest};
use super::progress::Progress;
use super::sharded::ShardOfCheck;
use crate::cli::capabilities;
use crate::cli::error::CliError;
use crate::cli::gate::Gate;
use crate::cli::output;
use crate::cli::run_folder::{self, Opened};
use crate::cli::signals::{CLEANING_UP, Listening, stop_on_ctrl_c_meanwhile};
use uptake_check::{Recording, RunEvent, RunJob, RunOptions};
use uptake_outcome::{Ending, Exit, Run};
use uptake_prove::REFERENCE_SUITE;
use uptake_report::{CheckFormat, Outputs, sentence, terminal};
use uptake_stop::Stopper;
use uptake_suite::Loaded;

/// Everything that a run needs, read and opened before anything is sent.
struct Prepared {
    loaded: Loaded,
    options: RunOptions,
    server: ServerUnderTest,
    gate: Gate,
    part: ShardOfCheck,
    outputs: Outputs<CheckFormat>,
    events: Option<EventFile>,
    stopper: Stopper,
    listening: Listening,
    stored: Option<Opened>,
}

/// Runs a job from its beginning.
pub(super) async fn run(job: Job) -> Result<Exit, CliError> {
    let prepared = prepare(&job, None).await?;
    Box::pin(carry_out(&job, prepared)).await
}

/// Resumes the run that `folder` stores.
pub(in crate::cli) async fn resume(job: Job, folder: PathBuf) -> Result<Exit, CliError> {
    let prepared = prepare(&job, Some(folder)).await?;
    Box::pin(carry_out(&job, prepared)).await
}

async fn prepare(job: &Job, folder: Option<PathBuf>) -> Result<Prepared, CliError> {
    let loaded = job.suite.load()?;
    let mut options = job.options(&loaded.suite)?;
    let named = job.named_target(&loaded)?;
    let stored = match (&named, folder) {
        (Some(target), Some(folder)) => Some(run_folder::open(&folder, &loaded, target)?),
        _ => None,
    };
    if let Some(Opened { saved, .. }) = &stored {
        options.selection = saved.selection();
        options.seed = saved.seed();
    }
    if let Some(target) = &named {
        target.check_secrets(options.selection.secrets(&loaded, target))?;
    }
    let gate = job.gate.open(&loaded.suite, &options.selection)?;
    // Opened before anything is sent: a report that cannot be written is known at once.
    let outputs = Outputs::open(job.reports.clone())?;
    let events = job.events.as_deref().map(|path| EventFile::open(path, stored.is_some())).transpose()?;
    if events.as_ref().is_some_and(EventFile::takes_stdout) && outputs.take_stdout() {
        return Err(CliError::Usage(
            "only one of --events and --report can go to standard output".to_owned(),
        ));
    }
    let sharing = job.shards.open().await?;
    let stopper = Stopper::default();
    let listening = stop_on_ctrl_c_meanwhile(&CLEANING_UP, stopper.clone())?;
    let mut server = job.server.ready(named, job.seed, loaded.suite.limits).await?;
    capabilities::check_names(&server.target, &loaded.suite)?;
    if server.reference.is_none() {
        capabilities::detect(&loaded, &mut server.target, (job.seed, stopper.clone())).await?;
    }
    server.target.check_secrets(options.selection.secrets(&loaded, &server.target))?;
    let part = ShardOfCheck::divide(sharing, job, (&loaded, &server.target), &mut options)?;
    Ok(Prepared { loaded, options, server, gate, part, outputs, events, stopper, listening, stored })
}

/// Runs a job from its beginning, and gives its result: nothing is printed or written.
pub(in crate::cli) async fn result_of(job: Job) -> Result<Run, CliError> {
    let prepared = prepare(&job, None).await?;
    let Performed { run, listening, .. } = Box::pin(perform(&job, prepared)).await?;
    drop(listening);
    Ok(run)
}

async fn carry_out(job: &Job, prepared: Prepared) -> Result<Exit, CliError> {
    let Performed { loaded, run, written, listening } = Box::pin(perform(job, prepared)).await?;
    let exit = report(job, &loaded, run, written);
    drop(listening);
    exit
}

/// A run that has ended, with what is to be written of it.
struct Performed {
    loaded: Loaded,
    run: Run,
    written: Written,
    listening: Listening,
}

async fn perform(job: &Job, prepared: Prepared) -> Result<Performed, CliError> {
    let Prepared { loaded, options, server, mut gate, part, outputs, events, stopper, listening, stored } =
        prepared;
    let ServerUnderTest { target, reference } = server;
    let resumed = stored.is_some();
    let (opened, earlier) = match stored {
        Some(Opened { record, saved, private }) => (Some(record), Some((saved, private))),
        None => (None, None),
    };
    // A reference server does not outlive the run, so nothing of that run is stored.
    let record = match (opened, &reference) {
        (None, None) if !job.is_passing => run_folder::begin(job, &loaded, &target),
        (opened, _) => opened,
    };
    let mut waits = job.folder.waits();
    if record.is_none() {
        waits.longest = waits.within;
    }
    // A few rules are tested faster than the target's capabilities are detected.
    let detects = options.selection.is_whole() && loaded.is_whole && !resumed && part.detects();
    let recording = Recording {
        waits: Some(waits),
        record: record.as_ref(),
        // The key of the built-in server is known to be right.
        tries_credentials: reference.is_none(),
        detects,
        earlier,
    };
    let run_job = RunJob { loaded: &loaded, target: &target, options: &options, recording };
    let progress = Progress::new(job.quiet, job.verbose);
    let fail_fast = FailFast::new(job, &loaded, &stopper);
    let mut run = uptake_check::run_recorded(run_job, stopper.clone(), &|event| {
        progress.show(&event);
        fail_fast.see(&event);
        if let Some(events) = &events {
            events.see(&event, &loaded, &target, options.seed);
        }
    })
    .await?;
    progress.end();
    // Before anything is written that could fail: a folder that nobody needs is not left behind.
    if let Some(record) = record {
        run_folder::close(record, &run)?;
    }
    if let Some(server) = reference {
        server.shutdown().await;
    }
    if fail_fast.has_stopped() && run.ending == Ending::Interrupted {
        run.ending = Ending::FirstFailure;
    }
    run.rerun = Some(job.rerun());
    excerpts::add(&mut run);
    gate.hold(&mut run);
    part.store(&mut run).await;
    Ok(Performed { loaded, run, written: Written { gate, outputs, events }, listening })
}

/// What is written of a run beside the page on stdout.
struct Written {
    gate: Gate,
    outputs: Outputs<CheckFormat>,
    events: Option<EventFile>,
}

/// Writes the reports and prints the summary. The summary comes last, so that it can say that a report was not written: the
/// exit code that it names is the one of the process.
fn report(job: &Job, loaded: &Loaded, mut run: Run, written: Written) -> Result<Exit, CliError> {
    let Written { gate, outputs, events } = written;
    let takes_stdout = outputs.take_stdout() || events.as_ref().is_some_and(EventFile::takes_stdout);
    let written = outputs.write(|format| format.render(&run, job.fail_on)).map_err(CliError::from);
    let written = written.and(gate.write(&run));
    if let Some(events) = &events {
        events.verdicts(&run);
    }
    if let Err(error) = written.and(events.as_ref().map_or(Ok(()), EventFile::trouble)) {
        run.ending = Ending::NotWritten { why: error.bare() };
    }
    let exit = run.exit(job.fail_on);
    if let Some(events) = &events {
        events.finish(&run, job.fail_on);
    }
    if job.quiet || takes_stdout {
        if exit != Exit::Success {
            output::say(&sentence(&run, job.fail_on));
        }
    } else {
        output::data(&terminal(&run, output::style(), job.fail_on))?;
    }
    run_folder::say_when(&run);
    // A failure that a planted defect causes is no fault of uptake's.
    if exit == Exit::Failed && job.server.is_reference() && !job.server.has_defects() && !job.quiet {
        output::say(if loaded.suite.name == REFERENCE_SUITE {
            "The reference server is part of uptake: a failure against it is a bug in uptake."
        } else {
            "The reference server implements api.video's contract; it may fail rules of other suites."
        });
    }
    Ok(exit)
}

/// Stops a run at the first failure of a required rule, where the user asks for that.
struct FailFast<'j> {
    /// The rules whose failure fails the run; `None` where every scenario runs.
    required: Option<Vec<&'j str>>,
    stopper: &'j Stopper,
    has_stopped: AtomicBool,
}

impl<'j> FailFast<'j> {
    fn new(job: &Job, loaded: &'j Loaded, stopper: &'j Stopper) -> Self {
        let required = |rule: &&uptake_suite::Rule| job.fail_on.counts(rule.level);
        let ids = || loaded.suite.rules.iter().filter(required).map(|rule| rule.id.as_str()).collect();
        Self { required: job.fail_fast.then(ids), stopper, has_stopped: AtomicBool::new(false) }
    }

    fn see(&self, event: &RunEvent) {
        let (Some(required), RunEvent::Ended { failed, .. }) = (&self.required, event) else { return };
        if failed.iter().any(|rule| required.contains(&rule.as_str())) && !self.stopper.is_stopped() {
            self.has_stopped.store(true, Ordering::Relaxed);
            self.stopper.stop();
        }
    }

    fn has_stopped(&self) -> bool {
        self.has_stopped.load(Ordering::Relaxed)
    }
}
