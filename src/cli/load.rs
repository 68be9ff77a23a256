//! `uptake load`: generates upload load and measures latency.

mod args;
mod capacity;
mod metrics;
mod progress;
mod shard;

use std::path::Path;

pub(super) use self::args::LoadArgs;
use self::progress::LoadProgress;
use super::error::CliError;
use super::output;
use super::signals::{StopMessages, stop_on_ctrl_c};
use uptake_load::{IntervalHistograms, LoadPlan, RunOptions};
use uptake_outcome::Exit;
use uptake_outcome::load::{LoadEnding, LoadRun, ServerOwner};
use uptake_prove::{REFERENCE_SUITE, Sandbox};
use uptake_reference::{ClockKind, Config, Limits, Server, Storage};
use uptake_report::{LoadFormat, Outputs, load_sentence, load_terminal};
use uptake_stop::Stopper;
use uptake_suite::read_suite;
use uptake_target::Target;

/// Uploads in flight may finish, and the report is complete.
const FINISHING: StopMessages = StopMessages {
    first: "stopping: uploads in flight have a few seconds to finish; press Ctrl-C again to stop now",
    again: "stopped; no report was written",
};

/// Runs it.
pub(super) async fn run(args: LoadArgs) -> Result<Exit, CliError> {
    let (raw, file) = args.raw_plan()?;
    let plan = LoadPlan::new(&raw, file.as_ref(), args.upload_token.clone())?;
    let suite = read_suite(raw.text("suite").map(Path::new))?;
    let plan = plan.for_suite(&raw, file.as_ref(), &suite)?;
    let named = match raw.text("target") {
        Some(given) => Some(target(given, &args, plan.needs_credential(&suite))?),
        None if suite.lowest != REFERENCE_SUITE => {
            return Err(CliError::Usage(format!(
                "--suite {} needs --target: the built-in server is for the suite `{}` and those that extend it",
                suite.name, REFERENCE_SUITE
            )));
        }
        None => None,
    };
    if plan.finds_capacity() {
        capacity::refuse_formats(&args)?;
        shard::refuse(&args)?;
        metrics::refuse(&args.metrics)?;
    }
    // Opened before anything is sent: a report that cannot be written is known at once.
    let outputs = Outputs::open(args.reports.clone())?;
    let (part, plan) = shard::part(&args, plan).await?;
    let shown = metrics::start(&args.metrics, part.sharing.shard, args.quiet).await?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&FINISHING, stopper.clone())?;
    let (server, target, owner) = match named {
        Some(target) => (None, target, ServerOwner::Named),
        None => own(&plan).await?,
    };
    if plan.finds_capacity() {
        let exit = capacity::run(plan, (&suite, &target, owner), (&args, outputs), stopper).await;
        if let Some(server) = server {
            server.shutdown().await;
        }
        return exit;
    }
    let start = args.start.time((owner == ServerOwner::Named).then_some(&target), args.quiet).await?;
    let progress = if args.quiet { LoadProgress::silent() } else { LoadProgress::new(&plan) };
    let watching = progress.clone();
    let recorder = shown.as_ref().map(metrics::Shown::recorder);
    let options = RunOptions {
        suite: &suite,
        target: &target,
        owner,
        intervals: if outputs.has(LoadFormat::Hlog) || outputs.has(LoadFormat::Html) {
            IntervalHistograms::Keep
        } else {
            IntervalHistograms::Discard
        },
        start_at: start.as_ref().map(|start| start.here),
        stopper,
        listener: Box::new(move |report| {
            watching.show(report);
            if let Some(record) = &recorder {
                record(report);
            }
        }),
    };
    let run = uptake_load::run(plan, options).await;
    progress.end();
    let unsent = match shown {
        Some(shown) => shown.finish().await,
        None => Vec::new(),
    };
    if let Some(server) = server {
        server.shutdown().await;
    }
    let mut run = run?;
    let mut notes = part.notes(&run, start.as_ref());
    notes.extend(unsent);
    let stored = part.store(&run, start.as_ref()).await;
    run.warnings.splice(0..0, notes);
    tell(&mut run, &args, outputs)?;
    stored?;
    Ok(run.exit())
}

/// Writes the reports and prints the summary. The summary comes last: the exit code that it names is the one of the process.
fn tell(run: &mut LoadRun, args: &LoadArgs, outputs: Outputs<LoadFormat>) -> Result<(), CliError> {
    let takes_stdout = outputs.take_stdout();
    if let Err(error) = outputs.write(|format| format.render(run)) {
        run.ending = LoadEnding::NotWritten { why: CliError::from(error).bare() };
    }
    if !args.quiet && !takes_stdout {
        output::data(&load_terminal(run, output::style()))?;
    } else if run.exit() != Exit::Success && (args.quiet || run.is_unwritten()) {
        output::say(&load_sentence(run));
        for why in &run.saturation {
            output::say(&format!("the load generator was the bottleneck: {why}"));
        }
    }
    Ok(())
}

/// The named target. It needs an API key only if tokens are created with it.
fn target(given: &str, args: &LoadArgs, needs_key: bool) -> Result<Target, CliError> {
    let target = if needs_key || !given.contains("://") {
        Target::named(given)?
    } else {
        Target::from_url_with_or_without_key(given)?
    };
    let target = target.trusting(args.ca.clone());
    Ok(if args.insecure { target.insecure() } else { target })
}

/// A built-in reference server: it stores nothing unless digests are compared, limits no rate, and accepts segments of any size.
async fn own(plan: &LoadPlan) -> Result<(Option<Server>, Target, ServerOwner), CliError> {
    let config = Sandbox::config(plan.seed.0);
    // Digests are shown by its control surface.
    let (control, storage) =
        if plan.needs_digests() { (config.control, Storage::Temporary) } else { (None, Storage::Discard) };
    let config = Config {
        clock: ClockKind::Real,
        control,
        storage,
        rate_limit: None,
        limits: Limits { min_segment: 1, ..Limits::default() },
        ..config
    };
    let Sandbox { server, target } = Sandbox::start(config).await?;
    Ok((Some(server), target, ServerOwner::Own))
}
