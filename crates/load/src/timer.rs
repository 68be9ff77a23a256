//! Waits for an instant to within microseconds: the runtime's own timer ticks once a millisecond.

use std::io;
use std::time::Instant;

/// A timer of one thread; one wait at a time.
///
/// The kernel's timer is a descriptor from which eight bytes can be read once it has gone off. To the runtime that is what a
/// pipe is, and its pipes can be made of any descriptor that does not block.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
pub(super) struct Timer {
    timer: std::os::fd::OwnedFd,
    gone_off: tokio::net::unix::pipe::Receiver,
}

#[cfg(all(target_os = "linux", not(feature = "portable")))]
impl Timer {
    pub(super) fn new() -> io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let gone_off = tokio::net::unix::pipe::Receiver::from_owned_fd_unchecked(timer.try_clone()?)?;
        Ok(Self { timer, gone_off })
    }

    /// Waits until `at`.
    pub(super) async fn wait(&self, at: Instant) {
        loop {
            let left = at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            if self.set(left).is_err() || self.gone_off.readable().await.is_err() {
                tokio::time::sleep_until(at.into()).await;
                return;
            }
            // How often it has gone off does not matter; that it was read does, else it would stay ready.
            let mut expirations = [0; 8];
            let _ = self.gone_off.try_read(&mut expirations);
        }
    }

    fn set(&self, left: std::time::Duration) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        let left = Timespec {
            tv_sec: left.as_secs().try_into().map_err(|_| io::ErrorKind::InvalidInput)?,
            tv_nsec: left.subsec_nanos().into(),
        };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: left };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
        Ok(())
    }
}

/// A timer of one thread.
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
pub(super) struct Timer;

#[cfg(any(not(target_os = "linux"), feature = "portable"))]
impl Timer {
    #[expect(clippy::unnecessary_wraps, reason = "it is fallible on Linux")]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits until `at`, and up to a millisecond longer.
    pub(super) async fn wait(&self, at: Instant) {
        tokio::time::sleep_until(at.into()).await;
    }
}
