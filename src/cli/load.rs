//! `uptake load`: offers uploads, and measures how long each takes.

mod args;
mod progress;

use std::path::Path;

pub(super) use self::args::LoadArgs;
use self::progress::Progress;
use super::error::CliError;
use super::output;
use crate::load::{Intervals, Plan, Setting, Stopper, TokenPolicy};
use crate::outcome::Exit;
use crate::outcome::load::{LoadRun, ServerOwner};
use crate::prove::Sandbox;
use crate::reference::{ClockKind, Config, Limits, Server};
use crate::report::load::LoadOutputs;
use crate::report::{Style, load_sentence, load_terminal};
use crate::target::Target;

/// Runs it.
pub(super) async fn run(args: LoadArgs) -> Result<Exit, CliError> {
    let (draft, file) = args.draft()?;
    let plan = Plan::new(&draft, file.as_ref(), args.upload_token.clone())?;
    let named = match draft.text("target") {
        Some(given) => Some(target(given, &args, &plan)?),
        None => None,
    };
    // Opened before anything is sent: a report that cannot be written is known at once.
    let outputs = LoadOutputs::open(args.reports.clone())?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(stopper.clone())?;
    let (server, target, owner) = match named {
        Some(target) => (None, target, ServerOwner::Named),
        None => own(plan.seed.0).await?,
    };
    let progress = if args.quiet { Progress::silent() } else { Progress::new(&plan) };
    let watching = progress.clone();
    let setting = Setting {
        target: &target,
        owner,
        intervals: if outputs.want_intervals() { Intervals::Kept } else { Intervals::Summed },
        stopper,
        listener: Box::new(move |event| watching.show(event)),
    };
    let run = crate::load::run(plan, setting).await;
    progress.end();
    if let Some(server) = server {
        server.shutdown().await;
    }
    let run = run?;
    tell(&run, &args, outputs)?;
    Ok(run.exit())
}

fn tell(run: &LoadRun, args: &LoadArgs, outputs: LoadOutputs) -> Result<(), CliError> {
    if !args.quiet && !outputs.take_stdout() {
        output::data(&load_terminal(run, style()))?;
    } else if args.quiet && run.exit() != Exit::Well {
        output::say(&load_sentence(run));
        for why in &run.saturation {
            output::say(&format!("the generator was the bottleneck: {why}"));
        }
    }
    Ok(outputs.write(run)?)
}

/// How a page looks where it is going to.
pub(super) fn style() -> Style {
    if output::stdout_has_colour() { Style::coloured(output::width()) } else { Style::plain(output::width()) }
}

/// A profile is a file, a URL has a scheme. Whoever brings a token needs no key.
fn target(given: &str, args: &LoadArgs, plan: &Plan) -> Result<Target, CliError> {
    let needs_key = !matches!(plan.token, TokenPolicy::Given(_));
    let mut target = if !given.contains("://") {
        Target::from_profile(Path::new(given))?
    } else if needs_key {
        Target::from_url(given)?
    } else {
        Target::from_url_with_or_without_key(given)?
    };
    if let Some(ca) = &args.ca {
        target.settings.tls.ca = Some(ca.clone());
    }
    Ok(if args.insecure { target.insecure() } else { target })
}

/// A reference server of one's own: it keeps nothing, refuses no rate, and takes segments of any size.
async fn own(seed: u64) -> Result<(Option<Server>, Target, ServerOwner), CliError> {
    let config = Config {
        clock: ClockKind::Real,
        control: None,
        rate_limit: None,
        limits: Limits { min_segment: 1, ..Limits::default() },
        ..Sandbox::config(seed)
    };
    let Sandbox { server, target } = Sandbox::start(config).await?;
    Ok((Some(server), target, ServerOwner::Own))
}

/// The first Ctrl-C (or SIGTERM) lets running uploads end, the second does not.
fn stop_on_ctrl_c(stopper: Stopper) -> Result<(), CliError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CliError::Signal)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(CliError::Signal)?;
    tokio::spawn(async move {
        for again in [false, true] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if again {
                output::say("stopped at once: there is no report");
                super::progress::quit();
            }
            output::say("stopping: uploads under way get a moment; once more to stop at once");
            stopper.stop();
        }
    });
    Ok(())
}
