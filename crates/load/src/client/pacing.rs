//! The client's own pacing: a limit of the bandwidth, pauses, and for how long an upload was held back by them.
//!
//! An upload is paced while all its requests in progress wait for its client. That time is the client's and not the server's.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The pacing of one upload. Segments that are sent in parallel share it.
#[derive(Debug)]
pub(crate) struct UploadPacing {
    bytes_per_second: Option<u64>,
    state: Mutex<UploadState>,
}

#[derive(Debug)]
struct UploadState {
    /// Nothing is sent before.
    free: Instant,
    clock: PacedClock,
}

/// Adds up the time in which all requests in progress are held.
#[derive(Debug, Default)]
struct PacedClock {
    active: u32,
    held: u32,
    since: Option<Instant>,
    paced: Duration,
}

/// A client that sends nothing for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pause {
    /// After so many bytes of the request's body.
    pub(crate) after: u64,
    pub(crate) length: Duration,
}

/// The pacing of one request of an upload.
#[derive(Debug)]
pub(crate) struct RequestPacing {
    upload: Arc<UploadPacing>,
    state: Mutex<RequestState>,
}

#[derive(Debug)]
struct RequestState {
    pause: Option<Pause>,
    /// Bytes claimed.
    claimed: u64,
    held_since: Option<Instant>,
    held: Duration,
    is_over: bool,
}

/// Bytes that may be sent, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) bytes: u64,
    pub(super) at: Instant,
}

impl UploadPacing {
    /// A limit of so many bytes a second, if there is one.
    pub(crate) fn new(bytes_per_second: Option<u64>) -> Arc<Self> {
        let state = UploadState { free: Instant::now(), clock: PacedClock::default() };
        Arc::new(Self { bytes_per_second, state: Mutex::new(state) })
    }

    /// For how long all its requests in progress waited for the client.
    pub(crate) fn paced(&self) -> Duration {
        self.change(|state| state.clock.paced)
    }

    fn change<T>(&self, change: impl FnOnce(&mut UploadState) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How much to send at a time: what the limit allows in a twentieth of a second.
    fn piece(&self) -> u64 {
        self.bytes_per_second.map_or(u64::MAX, |limit| (limit / 20).clamp(1_024, 256 << 10))
    }

    /// When bytes requested at `now` may be sent, after a pause. Unused bandwidth is not saved up.
    fn claim(&self, now: Instant, bytes: u64, pause: Duration) -> Instant {
        #[expect(clippy::cast_precision_loss, reason = "a fraction of a second")]
        let takes = |limit| Duration::from_secs_f64(bytes as f64 / limit as f64);
        self.change(|state| {
            let at = state.free.max(now + pause);
            state.free = at + self.bytes_per_second.map(takes).unwrap_or_default();
            at
        })
    }
}

impl PacedClock {
    /// More or fewer requests in progress, or held ones.
    fn change(&mut self, now: Instant, change: impl FnOnce(&mut Self)) {
        if let Some(since) = self.since.take() {
            self.paced += now.saturating_duration_since(since);
        }
        change(self);
        if self.active > 0 && self.held == self.active {
            self.since = Some(now);
        }
    }
}

impl RequestPacing {
    /// A request that begins now.
    pub(crate) fn new(upload: &Arc<UploadPacing>, pause: Option<Pause>) -> Arc<Self> {
        Self::begun(upload, pause, Instant::now())
    }

    fn begun(upload: &Arc<UploadPacing>, pause: Option<Pause>, now: Instant) -> Arc<Self> {
        upload.change(|state| state.clock.change(now, |clock| clock.active += 1));
        let state =
            RequestState { pause, claimed: 0, held_since: None, held: Duration::ZERO, is_over: false };
        Arc::new(Self { upload: Arc::clone(upload), state: Mutex::new(state) })
    }

    /// Ends the request, and returns for how long it was held.
    pub(crate) fn finish(&self) -> Duration {
        self.finish_at(Instant::now())
    }

    fn finish_at(&self, now: Instant) -> Duration {
        self.release(now);
        self.change(|state| {
            if !std::mem::replace(&mut state.is_over, true) {
                self.upload.change(|state| state.clock.change(now, |clock| clock.active -= 1));
            }
            state.held
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut RequestState) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many of the next bytes may be sent at once, and when.
    pub(super) fn claim(&self, now: Instant, most: u64) -> Claim {
        let most = most.min(self.upload.piece());
        let (bytes, pause) = self.change(|state| {
            let (bytes, pause) = match state.pause {
                Some(pause) if pause.after <= state.claimed => {
                    state.pause = None;
                    (most, pause.length)
                }
                Some(pause) => (most.min(pause.after - state.claimed), Duration::ZERO),
                None => (most, Duration::ZERO),
            };
            state.claimed += bytes;
            (bytes, pause)
        });
        Claim { bytes, at: self.upload.claim(now, bytes, pause) }
    }

    /// Waits until some of the next bytes may be sent, and returns how many.
    pub(super) async fn take(&self, most: u64) -> u64 {
        let now = Instant::now();
        let Claim { bytes, at } = self.claim(now, most);
        if at > now {
            self.hold(now);
            tokio::time::sleep_until(at.into()).await;
            self.release(Instant::now());
        }
        bytes
    }

    /// The request waits for the client from now on.
    pub(super) fn hold(&self, now: Instant) {
        self.change(|state| {
            if state.held_since.is_none() && !state.is_over {
                state.held_since = Some(now);
                self.upload.change(|state| state.clock.change(now, |clock| clock.held += 1));
            }
        });
    }

    /// The request waits no longer.
    pub(super) fn release(&self, now: Instant) {
        self.change(|state| {
            if let Some(since) = state.held_since.take() {
                state.held += now.saturating_duration_since(since);
                self.upload.change(|state| state.clock.change(now, |clock| clock.held -= 1));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn bytes_pass_as_the_bandwidth_lets_them() {
        let upload = UploadPacing::new(Some(20_000));
        let request = RequestPacing::new(&upload, None);
        let now = Instant::now() + after(1);
        let claim = |now| request.claim(now, 10_000);
        assert_eq!(claim(now), Claim { bytes: 1_024, at: now }, "a piece");
        assert_eq!(claim(now).at, now + Duration::from_secs_f64(1_024.0 / 20_000.0));
        let later = now + after(60);
        assert_eq!(claim(later).at, later, "a minute's rest is not saved up");
        let parallel = RequestPacing::new(&upload, None);
        assert!(parallel.claim(later, 1).at > later, "segments of an upload share it");
    }

    #[test]
    fn a_pause_comes_once_at_its_byte_and_holds_the_whole_upload() {
        let upload = UploadPacing::new(None);
        let pause = Pause { after: 700, length: after(3) };
        let (sleeping, other) = (RequestPacing::new(&upload, Some(pause)), RequestPacing::new(&upload, None));
        let now = Instant::now() + after(1);
        assert_eq!(sleeping.claim(now, 1_000), Claim { bytes: 700, at: now });
        assert_eq!(sleeping.claim(now, 300), Claim { bytes: 300, at: now + after(3) });
        assert_eq!(other.claim(now, 9), Claim { bytes: 9, at: now + after(3) });
        assert_eq!(sleeping.claim(now + after(3), 300).at, now + after(3), "it comes once");
    }

    #[test]
    fn an_upload_is_paced_while_every_request_in_progress_is_held() {
        let (upload, start) = (UploadPacing::new(None), Instant::now());
        let at = |seconds| start + after(seconds);
        let one = RequestPacing::begun(&upload, None, at(0));
        one.hold(at(1));
        one.release(at(3));
        assert_eq!(upload.paced(), after(2));
        let two = RequestPacing::begun(&upload, None, at(3));
        one.hold(at(4));
        two.hold(at(6));
        two.release(at(9));
        assert_eq!(upload.paced(), after(2 + 3), "both were held from 6 to 9");
        // The other one ends; the first is still held.
        assert_eq!(two.finish_at(at(10)), after(3));
        assert_eq!(one.finish_at(at(12)), after(2 + 8));
        assert_eq!(upload.paced(), after(2 + 3 + 2));
        one.hold(at(13));
        assert_eq!(one.finish_at(at(20)), after(10), "a request that is over is not held");
        assert_eq!(upload.paced(), after(7), "without requests, nothing is held");
    }
}
