//! Ctrl-C, SIGTERM and SIGHUP: the first stops a run in an orderly way, the second at once.

use super::error::CliError;
use super::output;
use uptake_outcome::Exit;
use uptake_stop::Stopper;

/// What is printed when a signal arrives.
pub(super) struct StopMessages {
    pub(super) first: &'static str,
    pub(super) again: &'static str,
}

/// For runs that remove what they created.
pub(super) const CLEANING_UP: StopMessages = StopMessages {
    first: "stopping: removing what the run created; press Ctrl-C again to stop now",
    again: "stopped; what the run created may be left behind",
};

/// Stops a run on Ctrl-C, SIGTERM or SIGHUP (from a terminal that closes), and the process on the second one.
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
