//! The processes that this one started, each in a group of its own: they end with it, however it ends by itself.

use std::sync::{Mutex, PoisonError};

static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A group of processes, by the id of its first.
#[derive(Debug)]
pub(super) struct ProcessGroup(u32);

impl ProcessGroup {
    /// Remembers a group until it is dropped.
    pub(super) fn new(id: u32) -> Self {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        Self(id)
    }

    /// Asks the group to end.
    pub(super) fn terminate(&self) {
        signal(self.0, false);
    }

    /// Ends the group by force.
    pub(super) fn kill(&self) {
        signal(self.0, true);
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|id| *id != self.0);
    }
}

/// Ends every group, before this process ends at once.
pub(super) fn kill_all() {
    for id in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        signal(*id, true);
    }
}

#[cfg(unix)]
fn signal(id: u32, by_force: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if by_force { Signal::KILL } else { Signal::TERM };
    if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // A group that has ended already needs nothing.
        let _ = kill_process_group(id, signal);
    }
}

/// Elsewhere the first process is killed by its handle.
#[cfg(not(unix))]
fn signal(_id: u32, _by_force: bool) {}
