//! The phases of an upload that are measured, and the percentiles of each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::histogram::{HistogramError, Micros, decode, encode};

/// A phase that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// A TCP connection is made.
    Connect,
    /// A TLS session is agreed on.
    Tls,
    /// A token is created.
    Token,
    /// An upload is created, before its first segment.
    Create,
    /// From the last byte of a segment to the first of its answer.
    Ttfb,
    /// One segment, from its first byte to the end of its answer.
    Segment,
    /// A request after the last segment completes the upload.
    Complete,
    /// An upload from the instant at which it was due: its response time. In the closed model it is due when it starts.
    Upload,
    /// What the server took of an upload: from its start, without the time for which it waited for its own client.
    Service,
    /// For how long an upload waited for its own client: a limited bandwidth, and pauses.
    Paced,
    /// An upload that failed, from the instant at which it was due. Kept apart, so that quick refusals do not flatter
    /// the others.
    Failed,
    /// How late the generator released an upload that nothing but itself held back.
    Lag,
}

impl Phase {
    /// Every phase, in the order in which reports show them.
    pub const ALL: [Self; 12] = [
        Self::Connect,
        Self::Tls,
        Self::Token,
        Self::Create,
        Self::Ttfb,
        Self::Segment,
        Self::Complete,
        Self::Upload,
        Self::Service,
        Self::Paced,
        Self::Failed,
        Self::Lag,
    ];

    /// The word for it, the same everywhere.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Token => "token",
            Self::Create => "create",
            Self::Ttfb => "ttfb",
            Self::Segment => "segment",
            Self::Complete => "complete",
            Self::Upload => "upload",
            Self::Service => "service",
            Self::Paced => "paced",
            Self::Failed => "failed",
            Self::Lag => "lag",
        }
    }

    /// The phase that this word names; `response` is another word for `upload`.
    pub fn named(word: &str) -> Option<Self> {
        let word = if word == "response" { "upload" } else { word };
        Self::ALL.into_iter().find(|phase| phase.word() == word)
    }
}

/// What was measured of a phase, in microseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseResult {
    /// How many samples there are.
    pub count: u64,
    /// The least.
    pub min: u64,
    /// The mean.
    pub mean: f64,
    /// Half of the samples are at most this.
    pub p50: u64,
    /// 90 percent are.
    pub p90: u64,
    /// 95 percent are.
    pub p95: u64,
    /// 99 percent are.
    pub p99: u64,
    /// 99.9 percent are.
    pub p99_9: u64,
    /// The greatest.
    pub max: u64,
    /// How many were above what is measured, and counted as the greatest value there is.
    pub clipped: u64,
    /// All samples: an `HdrHistogram` (V2, compressed, base64).
    pub histogram: String,
}

impl PhaseResult {
    /// The percentiles of a histogram.
    pub fn of(histogram: &Micros, clipped: u64) -> Self {
        let at = |quantile: f64| histogram.value_at_quantile(quantile).min(histogram.max());
        Self {
            count: histogram.len(),
            min: if histogram.is_empty() { 0 } else { histogram.min() },
            mean: (histogram.mean() * 10.0).round() / 10.0,
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p99_9: at(0.999),
            max: histogram.max(),
            clipped,
            histogram: encode(histogram),
        }
    }

    /// All samples.
    pub fn samples(&self) -> Result<Micros, HistogramError> {
        decode(&self.histogram)
    }
}
