//! A load plan: everything that is known before a run.

use std::net::SocketAddr;
use std::time::Duration;

use super::model::Model;
use super::outcome::OutcomeShares;
use super::upload_shape::UploadShape;
use crate::threshold::{Conjunction, Threshold};
use uptake_outcome::Shard;
use uptake_payload::Seed;

/// Everything that is known before a run.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    /// Its name.
    pub(crate) name: String,
    /// The suite that says what an upload is, as it was named.
    pub suite: Option<String>,
    /// When uploads start: the open or the closed model.
    pub(crate) model: Model,
    /// For how long uploads are started, without the warm-up; `None` when `uploads` ends the run.
    pub duration: Option<Duration>,
    /// The most uploads to start, without those of the warm-up.
    pub uploads: Option<u64>,
    /// How long uploads are sent before any is measured.
    pub warm_up: Duration,
    /// What an upload is made of.
    pub(crate) shape: UploadShape,
    /// Where upload tokens come from.
    pub token: TokenPolicy,
    /// How often uploads are interrupted on purpose.
    pub(crate) outcomes: OutcomeShares,
    /// How completed uploads are verified.
    pub(crate) verify: Verification,
    /// The seed of sizes, arrivals, orders and content.
    pub seed: Seed,
    /// Conditions that fail the run.
    pub(crate) fail_if: Vec<Threshold>,
    /// Conditions that end the run early.
    pub(crate) abort_on: Vec<Threshold>,
    /// Whether a saturated generator fails the run.
    pub(crate) saturation: SaturationPolicy,
    /// Whether a success before the end of the request is a failure.
    pub(crate) early: EarlyResponses,
    /// The HTTP version.
    pub(crate) protocol: Protocol,
    /// The addresses to connect to, in turn; empty means those of the URL.
    pub(crate) addresses: Vec<SocketAddr>,
    /// The number of sending threads.
    pub(crate) threads: Option<usize>,
    /// How long uploads in progress at the end may take to finish.
    pub linger: Duration,
    /// The part of the plan that this process carries out.
    pub(crate) shard: Shard,
    /// The condition of which the highest load that meets it is searched; `None` measures the given load.
    pub(crate) find_capacity: Option<Conjunction>,
}

impl LoadPlan {
    /// Whether the capacity is searched, rather than one load measured.
    pub fn finds_capacity(&self) -> bool {
        self.find_capacity.is_some()
    }

    /// Whether the target must show the digests of what it stored.
    pub fn needs_digests(&self) -> bool {
        matches!(self.verify, Verification::Digest(_))
    }
}

/// Where upload tokens come from.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenPolicy {
    /// Each upload creates its own, with this lifetime in seconds.
    Each(Option<u64>),
    /// One is created before the run, with this lifetime in seconds.
    One(Option<u64>),
    /// This one is used as it is.
    Given(String),
}

/// Without the token: it is a secret.
impl std::fmt::Debug for TokenPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Each(_) => "Each",
            Self::One(_) => "One",
            Self::Given(_) => "Given",
        })
    }
}

/// How completed uploads are verified.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verification {
    /// Not at all.
    Off,
    /// By the video's status: the received bytes must be those that were sent.
    Status,
    /// This share of them by the digest of what the target stored.
    Digest(f64),
}

/// Whether a saturated generator fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaturationPolicy {
    /// The run ends with exit code 3: its figures say nothing about the target.
    Fail,
    /// The report says so, and the run is judged as any other.
    Allow,
}

/// What a successful response means that comes before the last byte of its request has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlyResponses {
    /// The upload failed: the server cannot have stored what it has not received.
    Fail,
    /// The upload may have succeeded; only bytes that were sent count.
    Accept,
}

/// The HTTP version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1, one request at a time on a connection.
    Http1,
    /// HTTP/2, several requests at once on a connection.
    Http2,
}
