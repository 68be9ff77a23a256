//! Recorded uploads, from the first to the last.

use std::fmt;
use std::time::Duration;

use super::collector::{Collector, Entry, NANOS};
use crate::random::RandomStream;
use uptake_payload::Seed;

/// Recorded uploads, from the first to the last. Those beyond the last are drawn from them.
#[derive(Clone)]
pub(crate) struct Trace {
    /// When each arrived after the first, in nanoseconds, and its size.
    pub(super) entries: Vec<Entry>,
    /// The recorded time: up to the last arrival, and the mean gap after it. Resampled arrivals begin here.
    period: u64,
    has_sizes: bool,
    speed: f64,
    /// The SHA-256 of the file, in hexadecimal digits.
    sha256: String,
    /// What could not be read of the file, in a sentence.
    unread: Option<String>,
    blocks: RandomStream,
}

/// The length of a recording of one arrival, and the shortest time between recordings that follow each other.
const LONE_PERIOD: u64 = NANOS;
const MIN_GAP: u64 = 1_000_000;

impl Trace {
    /// The trace of what was collected, which is not empty. It is scaled by `speed`.
    pub(super) fn new(collected: Collector, sha256: String, speed: f64, seed: Seed) -> Self {
        let unread = collected.unread_sentence();
        let has_sizes = collected.has_sizes;
        let mut entries = collected.into_sorted();
        let first = entries.first().map_or(0, |entry| entry.at);
        for entry in &mut entries {
            entry.at = scaled(entry.at - first, speed);
        }
        let last = entries.last().map_or(0, |entry| entry.at);
        let period = match entries.len() as u64 {
            0 | 1 => scaled(LONE_PERIOD, speed),
            count => last + (last / (count - 1)).max(MIN_GAP),
        };
        let blocks = RandomStream::new(seed, "trace");
        Self { entries, period, has_sizes, speed, sha256, unread, blocks }
    }

    /// How many uploads were recorded.
    pub(crate) fn count(&self) -> u64 {
        self.entries.len() as u64
    }

    /// How long the recording is, at its speed.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_nanos(self.period)
    }

    /// Whether it says how large uploads were.
    pub(crate) fn has_sizes(&self) -> bool {
        self.has_sizes
    }

    /// How much faster it is than the recording.
    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    /// The SHA-256 of the file.
    pub(crate) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What could not be read of the file, in a sentence.
    pub(crate) fn unread(&self) -> Option<&str> {
        self.unread.as_deref()
    }

    /// The size of the upload with this number.
    pub(crate) fn size(&self, number: u64) -> u64 {
        self.entries[self.index(number)].bytes
    }

    /// The recorded arrival that an arrival repeats. Those beyond the recording come in blocks of neighbours, each of which begins at a
    /// random one, so that bursts stay bursts (a circular block bootstrap).
    fn index(&self, number: u64) -> usize {
        let count = self.count();
        let index = match number.checked_sub(count) {
            None => number,
            Some(beyond) => {
                let block = count.isqrt().max(1);
                (self.blocks.at(beyond / block).below(count) + beyond % block) % count
            }
        };
        usize::try_from(index).unwrap_or(0)
    }

    /// The time between an arrival and the one before it, in nanoseconds; `number` is at least 1.
    pub(super) fn gap(&self, number: u64) -> u64 {
        let last = self.entries.last().map_or(0, |entry| entry.at);
        match self.index(number) {
            // The first resampled arrival comes when the recording ends, whatever it repeats.
            _ if number == self.count() => self.period - last,
            0 => self.period - last,
            index => self.entries[index].at - self.entries[index - 1].at,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and nanoseconds need not be exact"
)]
fn scaled(nanos: u64, speed: f64) -> u64 {
    if speed.to_bits() == 1.0_f64.to_bits() { nanos } else { (nanos as f64 / speed).round() as u64 }
}

/// What makes it another trace: the digest of a plan depends on it.
impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {} {}", self.sha256, self.speed, self.count(), self.period, self.has_sizes)
    }
}

impl PartialEq for Trace {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries && self.period == other.period && self.sha256 == other.sha256
    }
}
