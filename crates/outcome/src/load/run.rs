//! The result of a load run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::phase::{Phase, PhaseResult};
use crate::text::address;

/// The version of the JSON form of a [`LoadRun`].
pub const LOAD_FORMAT: u32 = 1;

/// Everything that a load run measured; the one value that every report renders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadRun {
    /// The version of this form.
    #[schemars(extend("const" = LOAD_FORMAT))]
    pub format: u32,
    /// The version of uptake that measured.
    pub uptake: String,
    /// What the plan is called.
    pub name: String,
    /// The server under load.
    pub target: LoadTarget,
    /// The offered load, as the plan has it.
    pub offered: Offered,
    /// The values of the plan that decide what an upload is. Empty in results of earlier versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plan: BTreeMap<String, String>,
    /// The seed of sizes, arrivals and content.
    pub seed: u64,
    /// When counting began, in UTC.
    pub started_at: String,
    /// How long was measured: from the end of the warm-up to the end of the last upload.
    pub took_seconds: f64,
    /// How it ended.
    pub ending: LoadEnding,
    /// The counts.
    pub summary: LoadSummary,
    /// The samples of each phase that occurred.
    pub phases: BTreeMap<Phase, PhaseResult>,
    /// What went wrong, the most frequent first.
    pub errors: Vec<ErrorCount>,
    /// One row for each second.
    pub series: Vec<Second>,
    /// The figures of the load generator.
    pub generator: Generator,
    /// Why the load generator was the bottleneck; empty if it was not.
    pub saturation: Vec<String>,
    /// Whether `--allow-saturated` was given.
    pub saturation_allowed: bool,
    /// The thresholds, and the values held against them.
    pub thresholds: Vec<ThresholdResult>,
    /// What a reader should know beside the figures.
    pub warnings: Vec<String>,
    /// The histograms of each interval, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<IntervalHistogram>,
}

/// The server under load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadTarget {
    /// The profile's name.
    pub name: String,
    /// The base URL.
    pub base_url: String,
    /// The proxy that requests went through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Whether it is uptake's own.
    pub owner: ServerOwner,
}

impl LoadTarget {
    /// The base URL, and the proxy where there was one.
    pub fn address(&self) -> String {
        address(&self.base_url, self.proxy.as_deref())
    }
}

/// Whose server is under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServerOwner {
    /// A server named by `--target`.
    Named,
    /// The built-in reference server in the same process: it shares the processor with the generator.
    Own,
}

/// The offered load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "model")]
pub enum Offered {
    /// Uploads arrive by a schedule, however long earlier ones take.
    Open {
        /// The rate, or the stages, as written.
        rate: String,
        /// `constant`, `poisson` or `recorded`.
        arrivals: String,
        /// The most uploads at once.
        max_in_flight: u64,
        /// How many uploads the schedule called for.
        arrivals_due: u64,
    },
    /// Each uploader starts an upload when its previous one has ended.
    Closed {
        /// How many there are.
        uploaders: u64,
        /// The think time between two uploads, as written.
        think: String,
    },
}

/// How a load run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum LoadEnding {
    /// As planned.
    Completed,
    /// The user stopped it.
    Interrupted,
    /// A condition of `--abort-on` stopped it.
    Aborted {
        /// The condition and the value.
        why: String,
    },
    /// A report could not be written after the run.
    NotWritten {
        /// Which one, and why.
        why: String,
    },
}

/// The counts of a load run. Uploads of the warm-up are in the last one alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadSummary {
    /// Uploads that were completed.
    pub uploads: u64,
    /// Completed uploads a second.
    pub uploads_per_second: f64,
    /// Acknowledged bytes of files a second.
    pub goodput_bytes_per_second: f64,
    /// Uploads that failed.
    pub errors: u64,
    /// The share of uploads that failed, of those that ended.
    pub error_share: f64,
    /// Uploads that were started.
    pub started: u64,
    /// Uploads that were abandoned on purpose.
    pub abandoned: u64,
    /// Uploads that were interrupted on purpose, resumed and completed.
    pub resumed: u64,
    /// Connections that were lost on purpose in the middle of a segment.
    #[serde(default)]
    pub dropped: u64,
    /// Uploads that were given up on purpose, because a segment lost its connection too often.
    #[serde(default)]
    pub given_up: u64,
    /// Uploads that were due but never started.
    pub not_started: u64,
    /// Uploads still in progress at the end of the run.
    pub unfinished: u64,
    /// Segments whose response was a success.
    pub segments: u64,
    /// Acknowledged bytes: bytes of files that were sent in segments whose response was a success.
    pub goodput_bytes: u64,
    /// Bytes of requests that were sent, heads and forms included.
    pub bytes_sent: u64,
    /// Bytes written to connections, TLS and HTTP/2 framing included. TCP's own headers and retransmissions are not counted.
    #[serde(default)]
    pub bytes_on_wire: u64,
    /// Responses that came before the last byte of their request had been sent.
    #[serde(default)]
    pub early_responses: u64,
    /// Requests of all kinds.
    pub requests: u64,
    /// Requests repeated on a new connection, because an idle one had been closed.
    pub retries: u64,
    /// Uploads that were verified: the target received, or stored, what was sent.
    pub verified: u64,
    /// Connections made.
    pub connections: u64,
    /// The most connections open at once.
    pub connections_peak: u64,
    /// Uploads of the warm-up.
    pub warm_up_uploads: u64,
}

/// Something that went wrong, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorCount {
    /// The step: token, segment, status, stored or upload.
    pub step: String,
    /// The kind of error.
    pub class: String,
    /// The status, if there was a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How often.
    pub count: u64,
    /// What it means.
    pub text: String,
}

/// What ended in one second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Second {
    /// The second, from 0: the end of the warm-up.
    pub second: u64,
    /// Uploads started.
    pub started: u64,
    /// Uploads completed.
    pub uploads: u64,
    /// Uploads failed.
    pub errors: u64,
    /// Segments acknowledged.
    pub segments: u64,
    /// Acknowledged bytes of files.
    pub goodput_bytes: u64,
    /// Bytes written to connections.
    pub bytes_sent: u64,
    /// Connections open at its end.
    pub connections: u64,
    /// Uploads in progress at its end.
    pub in_flight: u64,
    /// The response times of the uploads that were completed, in microseconds.
    pub upload_p50: u64,
    /// 90 percent.
    pub upload_p90: u64,
    /// 99 percent.
    pub upload_p99: u64,
    /// The greatest.
    pub upload_max: u64,
    /// The greatest schedule lag.
    pub lag_max: u64,
    /// The processor time of the generator's busiest thread, as a share.
    pub cpu: f64,
}

/// The generator's own figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    /// Sending threads.
    pub threads: u64,
    /// Processor time of them all, in seconds.
    pub cpu_seconds: f64,
    /// The busiest thread's share of a processor, over the whole run.
    pub cpu_busiest: f64,
    /// The share of time in which the busiest thread ran or was ready to run: near one, it never had to wait for the target.
    pub cpu_occupied: f64,
    /// The share of time in which the thread that waited most was ready to run and had no processor.
    pub cpu_waited: f64,
    /// The peak resident memory of the process, in bytes.
    pub resident_bytes: u64,
}

/// A threshold and the value that was held against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdResult {
    /// The condition as written; it fails the run if it holds.
    pub expression: String,
    /// The value with its unit; `None` if it was not measured.
    pub value: Option<String>,
    /// Whether the condition held, or the value was not measured.
    pub broken: bool,
}

/// The samples of a phase in an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntervalHistogram {
    /// The phase.
    pub phase: Phase,
    /// The second in which it begins.
    pub start: f64,
    /// How long it is, in seconds.
    pub length: f64,
    /// The samples: an `HdrHistogram` (V2, compressed, base64).
    pub histogram: String,
}
