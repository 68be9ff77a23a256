//! How a run is shown while it goes on: a bar on a terminal, plain lines elsewhere, and Ctrl-C.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error::CliError;
use super::output;
use uptake_check::RunEvent;
use uptake_outcome::{Exit, Verdict};
use uptake_stop::Stopper;

/// Shows events on stderr.
pub(super) struct Progress(Shown);

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines,
}

impl Progress {
    /// A bar on a terminal, lines elsewhere.
    pub(super) fn new() -> Self {
        if !io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return Self(Shown::Lines);
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} scenarios  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(Shown::Bar(bar))
    }

    /// Nothing at all.
    pub(super) fn silent() -> Self {
        Self(Shown::Nothing)
    }

    /// Shows an event.
    pub(super) fn show(&self, event: &RunEvent) {
        match (&self.0, event) {
            (Shown::Nothing, _) => {}
            (Shown::Bar(bar), RunEvent::Started { scenarios }) => bar.set_length(*scenarios as u64),
            (Shown::Bar(bar), RunEvent::Ended { scenario, verdict, .. }) => {
                bar.inc(1);
                bar.set_message(scenario.clone());
                if worth_a_line(*verdict) {
                    bar.println(format!("{verdict}: {scenario}"));
                }
            }
            (Shown::Lines, RunEvent::Started { scenarios }) => {
                let s = if *scenarios == 1 { "" } else { "s" };
                output::say(&format!("running {scenarios} scenario{s}"));
            }
            (Shown::Lines, RunEvent::Ended { scenario, file, verdict }) => {
                if worth_a_line(*verdict) {
                    output::say(&format!("{verdict}: {scenario} ({file})"));
                }
            }
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Shown::Bar(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// What a person waiting for the end wants to know at once.
fn worth_a_line(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Failed | Verdict::Blocked | Verdict::Inconclusive)
}

/// What is printed when Ctrl-C is pressed.
pub(super) struct StopMessages {
    pub(super) first: &'static str,
    pub(super) again: &'static str,
}

/// For runs that remove what they created.
pub(super) const CLEANING_UP: StopMessages = StopMessages {
    first: "stopping: removing what the run created; press Ctrl-C again to stop now",
    again: "stopped; what the run created may be left behind",
};

/// The first Ctrl-C (or SIGTERM, or SIGHUP from a terminal that closes) stops the run in an orderly way, the second at once.
pub(super) fn stop_on_ctrl_c(messages: &'static StopMessages, stopper: Stopper) -> Result<(), CliError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CliError::Signal)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(CliError::Signal)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(CliError::Signal)?;
    tokio::spawn(async move {
        for again in [false, true] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            if again {
                output::say(messages.again);
                quit();
            }
            output::say(messages.first);
            stopper.stop();
        }
    });
    Ok(())
}

#[expect(clippy::exit, reason = "the user asked twice, and clean-up may be what hangs")]
fn quit() -> ! {
    std::process::exit(i32::from(Exit::Interrupted.code()))
}
