//! `uptake load --find-capacity`: searches the highest load that meets a condition, and shows how the search goes.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::LoadArgs;
use crate::cli::error::CliError;
use crate::cli::output;
use uptake_load::{CapacityEvent, CapacityListener, CapacityOptions, LoadPlan, find_capacity};
use uptake_outcome::Exit;
use uptake_outcome::load::{CapacityBound, CapacityStep, ServerOwner, StepVerdict};
use uptake_outcome::text::duration;
use uptake_report::{Format as _, LoadFormat, Outputs, capacity_sentence, capacity_terminal};
use uptake_stop::Stopper;
use uptake_suite::Suite;
use uptake_target::Target;

/// Refuses reports that a search cannot write.
pub(super) fn refuse_formats(args: &LoadArgs) -> Result<(), CliError> {
    for format in [LoadFormat::Hlog, LoadFormat::Csv] {
        if args.reports.iter().any(|destination| destination.format == format) {
            let word = format.word();
            return Err(CliError::Usage(format!(
                "--find-capacity writes no {word} report: write json=FILE or html=FILE"
            )));
        }
    }
    Ok(())
}

/// Runs it.
pub(super) async fn run(
    plan: LoadPlan,
    (suite, target, owner): (&Suite, &Target, ServerOwner),
    (args, outputs): (&LoadArgs, Outputs<LoadFormat>),
    stopper: Stopper,
) -> Result<Exit, CliError> {
    let (listener, bar) = if args.quiet { (silent(), None) } else { progress() };
    let options = CapacityOptions { suite, target, owner, stopper, listener };
    let found = find_capacity(plan, options).await;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let mut found = found?;
    let takes_stdout = outputs.take_stdout();
    let written = outputs.write(|format| format.render_capacity(&found).unwrap_or_default());
    let is_unwritten = written.is_err();
    if let Err(error) = written {
        found.bound = CapacityBound::NotWritten { why: CliError::from(error).bare() };
    }
    if !args.quiet && !takes_stdout {
        output::data(&capacity_terminal(&found, output::style()))?;
    } else if found.exit() != Exit::Success && (args.quiet || is_unwritten) {
        output::say(&capacity_sentence(&found));
    }
    Ok(found.exit())
}

fn silent() -> CapacityListener {
    Arc::new(|_| ())
}

/// A live line with the figures of each second on a terminal, and one line for each step everywhere.
fn progress() -> (CapacityListener, Option<ProgressBar>) {
    if !io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
        return (
            Arc::new(|event| {
                if let CapacityEvent::Ended { step, load } = event {
                    output::say(&line(step, load));
                }
            }),
            None,
        );
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg}") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let listener = move |event: &CapacityEvent<'_>| match event {
        CapacityEvent::Begins { load, seconds, .. } => {
            shown.set_prefix(format!("{load} for {}", duration(*seconds)));
            shown.set_message("");
        }
        CapacityEvent::Second(report) => {
            let second = report.second;
            shown.set_message(format!("{}/s  {} in progress", second.uploads, second.in_flight));
            shown.tick();
        }
        CapacityEvent::Ended { step, load } => shown.println(line(step, load)),
    };
    (Arc::new(listener), Some(bar))
}

fn line(step: &CapacityStep, load: &str) -> String {
    let verdict = match step.verdict {
        StepVerdict::Met => "met",
        StepVerdict::NotMet => "not met",
        StepVerdict::Unstable => "not met: the latency kept growing",
        StepVerdict::GeneratorLimit => "the load generator was the bottleneck",
    };
    format!("{load} for {}: {} ({verdict})", duration(step.seconds), step.values.join(", "))
}
