//! Limits the bandwidth of one upload.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// A limit in bytes a second. Segments of an upload that are sent in parallel share it.
#[derive(Debug)]
pub(crate) struct BandwidthLimit {
    bytes_per_second: u64,
    free: Cell<Instant>,
}

impl BandwidthLimit {
    /// A limit of so many bytes a second.
    pub(crate) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second, free: Cell::new(Instant::now()) }
    }

    /// The limit.
    pub(super) fn bytes_per_second(&self) -> u64 {
        self.bytes_per_second
    }

    /// How much to send at a time: what the limit allows in a twentieth of a second.
    pub(super) fn piece(&self) -> u64 {
        (self.bytes_per_second / 20).clamp(1_024, 256 << 10)
    }

    /// Waits until so many bytes may be sent.
    pub(super) async fn take(&self, bytes: u64) {
        let at = self.claim(Instant::now(), bytes);
        if at > Instant::now() {
            tokio::time::sleep_until(at.into()).await;
        }
    }

    /// When bytes requested at `now` may be sent. Unused bandwidth is not saved up.
    fn claim(&self, now: Instant, bytes: u64) -> Instant {
        let at = self.free.get().max(now);
        #[expect(clippy::cast_precision_loss, reason = "a fraction of a second")]
        let takes = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64);
        self.free.set(at + takes);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::BandwidthLimit;
    use std::time::{Duration, Instant};

    #[test]
    fn bytes_pass_as_the_bandwidth_lets_them() {
        let pace = BandwidthLimit::new(1_000);
        let now = Instant::now() + Duration::from_secs(1);
        assert_eq!(pace.claim(now, 500), now);
        assert_eq!(pace.claim(now, 500), now + Duration::from_millis(500));
        assert_eq!(pace.claim(now, 1), now + Duration::from_secs(1));
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.claim(later, 1), later, "a minute's rest is not saved up");
    }
}
