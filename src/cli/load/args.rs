//! The options of `uptake load`. Options that a plan has too are passed on as typed: both share one grammar.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::metrics::MetricsDestination;
use crate::cli::sharding::{ShardArgs, StartArgs};
use uptake_load::{LoadError, RawPlan};
use uptake_report::{Destination, LoadFormat};
use uptake_yaml::SourceFile;

/// The options of `uptake load`.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in crate::cli) struct LoadArgs {
    /// Load plan (YAML); flags override it
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Server to load: a target profile, or a URL with the API key in `UPTAKE_API_KEY` [default: a built-in reference server, in
    /// this process]
    #[arg(long, short, value_name = "FILE|URL", env = "UPTAKE_TARGET", help_heading = "Target")]
    target: Option<String>,
    /// Suite that describes the upload: a built-in one (`uptake suite list`), or the directory of one [default: api-video]
    #[arg(long, value_name = "NAME|DIR", help_heading = "Target")]
    suite: Option<String>,
    /// Use this upload token; then no API key is needed, and any server that reads request bodies can be loaded
    #[arg(
        long,
        value_name = "TOKEN",
        env = "UPTAKE_UPLOAD_TOKEN",
        hide_env_values = true,
        help_heading = "Target"
    )]
    pub(super) upload_token: Option<String>,
    /// Connect to this address instead of the URL's (repeatable; used in turn)
    #[arg(long = "address", value_name = "IP:PORT", help_heading = "Target")]
    addresses: Vec<String>,
    /// PEM file with further certificates to trust, in addition to the well-known authorities
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub(super) ca: Option<PathBuf>,
    /// Accept any TLS certificate
    #[arg(long, help_heading = "Target")]
    pub(super) insecure: bool,
    /// Use HTTP/2
    #[arg(long, help_heading = "Target")]
    http2: bool,

    /// Open model: the rate of uploads (50/s), segments (200 segments/s) or bytes (500MiB/s)
    #[arg(long, value_name = "RATE", help_heading = "Offered load")]
    rate: Option<String>,
    /// Open model: stages, which may ramp: "0/s..50/s for 30s, 50/s for 2m"
    #[arg(long, value_name = "STAGES", help_heading = "Offered load")]
    stages: Option<String>,
    /// Open model: recorded arrivals and sizes, from an HTTP archive (.har), a CSV file (.csv) or an access log; with a longer --duration,
    /// or more --uploads, further ones are drawn from them
    #[arg(long, value_name = "FILE", help_heading = "Offered load")]
    from: Option<String>,
    /// Columns of --from: time=started,bytes=size in a CSV file, numbers in an access log, such as time=4,request=5,bytes=10
    #[arg(long, value_name = "COLUMNS", help_heading = "Offered load")]
    from_columns: Option<String>,
    /// Only requests of --from whose path begins with this
    #[arg(long, value_name = "PATH", help_heading = "Offered load")]
    from_path: Option<String>,
    /// How much faster than --from was recorded: 2 is twice as fast [default: 1]
    #[arg(long, value_name = "FACTOR", help_heading = "Offered load")]
    speed: Option<String>,
    /// Open model: the distribution of arrivals, constant or poisson [default: constant]
    #[arg(long, value_name = "KIND", help_heading = "Offered load")]
    arrivals: Option<String>,
    /// Open model: the maximum number of concurrent uploads; further ones wait, which adds to their response time [default: 1000]
    #[arg(long, value_name = "N", help_heading = "Offered load")]
    max_in_flight: Option<String>,
    /// Closed model: the number of uploaders, each of which sends one upload after another [default: 8, without a rate]
    #[arg(long, value_name = "N", help_heading = "Offered load")]
    uploaders: Option<String>,
    /// Closed model: the think time between two uploads of an uploader, 500ms or 100ms..1s
    #[arg(long, value_name = "TIME", help_heading = "Offered load")]
    think: Option<String>,
    /// How long to start uploads [default: 10s, unless --uploads is given]
    #[arg(long, short, value_name = "TIME", help_heading = "Offered load")]
    duration: Option<String>,
    /// How many uploads to start
    #[arg(long, short = 'n', value_name = "N", help_heading = "Offered load")]
    uploads: Option<String>,
    /// How long to send uploads before measuring
    #[arg(long, value_name = "TIME", help_heading = "Offered load")]
    warm_up: Option<String>,
    /// How long uploads in progress at the end may take to finish [default: 30s; 10m with --uploads alone]
    #[arg(long, value_name = "TIME", help_heading = "Offered load")]
    linger: Option<String>,

    /// Size of a file: 5MiB, 1MiB..10MiB, log-normal(5MiB, 0.8), or a list with weights: 3*1MiB, 20MiB [default: 5MiB]
    #[arg(long, value_name = "SIZE", help_heading = "Uploads")]
    size: Option<String>,
    /// Send this file instead of generated content (repeatable; used in turn)
    #[arg(long = "file", value_name = "FILE", help_heading = "Uploads")]
    files: Vec<String>,
    /// Size of a segment, written like --size [default: 50MiB]
    #[arg(long, value_name = "SIZE", help_heading = "Uploads")]
    segment: Option<String>,
    /// How segments are labelled: bytes, parts or none, or a list with weights [default: bytes]
    #[arg(long, value_name = "FRAMING", help_heading = "Uploads")]
    framing: Option<String>,
    /// Total in the labels: named, open or open-until-last, or a list with weights [default: named]
    #[arg(long, value_name = "TOTAL", help_heading = "Uploads")]
    total: Option<String>,
    /// Order of segments: in-turn or shuffled [default: in-turn]
    #[arg(long, value_name = "ORDER", help_heading = "Uploads")]
    order: Option<String>,
    /// How many segments of an upload to send in parallel, after the first [default: 1]
    #[arg(long, value_name = "K", help_heading = "Uploads")]
    parallel_segments: Option<String>,
    /// Create a token for each upload, or one for all: each or one [default: each]
    #[arg(long, value_name = "WHICH", help_heading = "Uploads")]
    token: Option<String>,
    /// Lifetime of tokens: 2s, 1h or never [default: 1h]
    #[arg(long, value_name = "TIME", help_heading = "Uploads")]
    ttl: Option<String>,
    /// Share of uploads to abandon in the middle of a segment: 5%
    #[arg(long, value_name = "SHARE", help_heading = "Uploads")]
    abandoned: Option<String>,
    /// Share of uploads to interrupt in the middle of a segment and resume: 5%
    #[arg(long, value_name = "SHARE", help_heading = "Uploads")]
    resumed: Option<String>,
    /// Share of segments whose connection is lost at a random byte, each time one is sent: 2%. The segment is resumed as the suite
    /// says, up to 5 times; then the upload is given up
    #[arg(long, value_name = "SHARE", help_heading = "Uploads")]
    drop: Option<String>,
    /// Bandwidth of the client that sends an upload, distributed like --size: 2MiB/s, 1MiB/s..10MiB/s,
    /// "log-normal(5MiB/s, 0.8)" or "3*2MiB/s, 20MiB/s" [default: unlimited]
    #[arg(long, value_name = "RATE", help_heading = "Uploads")]
    bandwidth: Option<String>,
    /// Pause of the client within a segment, at a random byte: 3s, 500ms..5s, "log-normal(2s, 0.8)" or "3*1s, 10s"; a share of
    /// the segments may follow: 3s:10% [default: none; all segments]
    #[arg(long, value_name = "TIME[:SHARE]", help_heading = "Uploads")]
    pause: Option<String>,
    /// Verify each upload, after its time has been measured: status (the video's status must report what was sent), digest or
    /// digest:5% (of all, or of a share, the target's `stored` URL must show the digest of what was sent) or none [default: none]
    #[arg(long, value_name = "HOW", help_heading = "Uploads")]
    verify: Option<String>,
    /// Seed of sizes, arrivals, orders and content [default: 1]
    #[arg(long, value_name = "N", help_heading = "Uploads")]
    seed: Option<String>,

    /// Search for the highest load that meets a condition, starting with --rate or --uploaders: 'upload.p99 < 2s and errors < 0.1%'. Each
    /// load is offered for --duration
    #[arg(long, value_name = "CONDITION", help_heading = "Judgement")]
    find_capacity: Option<String>,
    /// Fail with exit code 1 if this holds: 'upload.p99 > 2s', 'errors > 0.1%', 'goodput < 500MiB/s' (repeatable)
    #[arg(long, value_name = "CONDITION", help_heading = "Judgement")]
    fail_if: Vec<String>,
    /// Stop the run as soon as this holds (repeatable)
    #[arg(long, value_name = "CONDITION", help_heading = "Judgement")]
    abort_on: Vec<String>,
    /// Accept a success that is sent before the request body has been received, as some proxies do. Without this flag, such an
    /// upload fails
    #[arg(long, help_heading = "Judgement")]
    allow_early: bool,
    /// Accept a run whose load generator was the bottleneck; without this flag, its exit code is 3
    #[arg(long, help_heading = "Judgement")]
    allow_saturated: bool,

    /// Number of sending threads [default: one for each processor, at most 8]
    #[arg(long, value_name = "N", help_heading = "Run")]
    threads: Option<String>,
    /// Write a report: json=FILE, html=FILE, hlog=FILE or csv=FILE (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Reports")]
    pub(super) reports: Vec<Destination<LoadFormat>>,
    /// Publish metrics during the run: prometheus=ADDRESS:PORT serves them at the path /metrics, otlp=URL pushes them to a
    /// collector (repeatable; `otlp` alone reads `OTEL_EXPORTER_OTLP_ENDPOINT`)
    #[arg(long, value_name = "prometheus=ADDRESS|otlp=URL", help_heading = "Reports")]
    pub(super) metrics: Vec<MetricsDestination>,
    /// Print only errors
    #[arg(long, short, help_heading = "Reports")]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) shards: ShardArgs,
    #[command(flatten)]
    pub(super) start: StartArgs,
}

impl LoadArgs {
    /// The plan file, if there is one, overridden by the flags.
    pub(in crate::cli) fn raw_plan(&self) -> Result<(RawPlan, Option<Arc<SourceFile>>), LoadError> {
        let (mut raw, file) = match &self.plan {
            Some(path) => {
                let (raw, file) = uptake_load::read(path)?;
                (raw, Some(file))
            }
            None => (RawPlan::default(), None),
        };
        let texts = [
            ("target", &self.target),
            ("suite", &self.suite),
            ("rate", &self.rate),
            ("stages", &self.stages),
            ("from", &self.from),
            ("from-columns", &self.from_columns),
            ("from-path", &self.from_path),
            ("speed", &self.speed),
            ("arrivals", &self.arrivals),
            ("max-in-flight", &self.max_in_flight),
            ("uploaders", &self.uploaders),
            ("think", &self.think),
            ("duration", &self.duration),
            ("uploads", &self.uploads),
            ("warm-up", &self.warm_up),
            ("linger", &self.linger),
            ("size", &self.size),
            ("segment", &self.segment),
            ("framing", &self.framing),
            ("total", &self.total),
            ("order", &self.order),
            ("parallel-segments", &self.parallel_segments),
            ("token", &self.token),
            ("ttl", &self.ttl),
            ("abandoned", &self.abandoned),
            ("resumed", &self.resumed),
            ("drop", &self.drop),
            ("bandwidth", &self.bandwidth),
            ("pause", &self.pause),
            ("verify", &self.verify),
            ("seed", &self.seed),
            ("threads", &self.threads),
            ("find-capacity", &self.find_capacity),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                raw.set_flag(key, text.as_str());
            }
        }
        let flags = [
            ("http2", self.http2),
            ("allow-early", self.allow_early),
            ("allow-saturated", self.allow_saturated),
        ];
        for (key, given) in flags {
            if given {
                raw.set_flag(key, "true");
            }
        }
        raw.set_flags("address", &self.addresses);
        raw.set_flags("file", &self.files);
        raw.set_flags("fail-if", &self.fail_if);
        raw.set_flags("abort-on", &self.abort_on);
        Ok((raw, file))
    }
}
