//! Ctrl-C, SIGTERM and SIGHUP: the first stops a run in an orderly way, the second at once.

use std::io;

use tokio::task::JoinHandle;

use super::error::CliError;
use super::{output, process_group};
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
    let mut signals = Signals::listen().map_err(CliError::Signal)?;
    tokio::spawn(async move { signals.stop(messages, &stopper).await });
    Ok(())
}

/// The same, as long as what it gives is kept.
pub(super) fn stop_on_ctrl_c_meanwhile(
    messages: &'static StopMessages,
    stopper: Stopper,
) -> Result<Listening, CliError> {
    let mut signals = Signals::listen().map_err(CliError::Signal)?;
    Ok(Listening(tokio::spawn(async move { signals.stop(messages, &stopper).await })))
}

/// A task that listens for signals, and ends with this value.
#[must_use]
pub(super) struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Signals {
    async fn stop(&mut self, messages: &'static StopMessages, stopper: &Stopper) {
        self.next().await;
        output::say(messages.first);
        stopper.stop();
        self.next().await;
        output::say(messages.again);
        quit();
    }
}

#[expect(clippy::exit, reason = "the user asked twice, and clean-up may be what hangs")]
fn quit() -> ! {
    process_group::kill_all();
    std::process::exit(i32::from(Exit::Interrupted.code()))
}

/// What asks a run to stop.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

/// What asks a run to stop.
#[cfg(windows)]
pub(super) struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_c, ctrl_close};
        Ok(Self { interrupt: ctrl_c()?, close: ctrl_close()? })
    }

    /// Waits for the next signal.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.close.recv() => {}
        }
    }
}
