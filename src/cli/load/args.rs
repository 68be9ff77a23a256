//! The options of `uptake load`. Those that a plan can contain too are passed on as text: both share one grammar.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use uptake_load::{LoadError, RawPlan};
use uptake_report::load::LoadDestination;
use uptake_yaml::SourceFile;

/// The options of `uptake load`.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that is given or not")]
pub(in crate::cli) struct LoadArgs {
    /// A plan; flags overrule it
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Whom to measure: a target profile, or a URL with the key in `UPTAKE_API_KEY` [default: a reference server of its own, in
    /// this process]
    #[arg(long, short, value_name = "FILE|URL", help_heading = "Target")]
    target: Option<String>,
    /// Use this upload token as it is, so that no key is needed and any server that drains bodies can be measured
    #[arg(
        long,
        value_name = "TOKEN",
        env = "UPTAKE_UPLOAD_TOKEN",
        hide_env_values = true,
        help_heading = "Target"
    )]
    pub(super) upload_token: Option<String>,
    /// Connect to this address instead of the URL's (repeatable: in turn)
    #[arg(long = "address", value_name = "IP:PORT", help_heading = "Target")]
    addresses: Vec<String>,
    /// A PEM file with certificate authorities that are trusted too
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub(super) ca: Option<PathBuf>,
    /// Trust whatever certificate the target shows
    #[arg(long, help_heading = "Target")]
    pub(super) insecure: bool,
    /// Speak HTTP/2
    #[arg(long, help_heading = "Target")]
    http2: bool,

    /// Open model: 50/s uploads, 200 segments/s, 500MiB/s
    #[arg(long, value_name = "RATE", help_heading = "Offered load")]
    rate: Option<String>,
    /// Open model: stages with ramps, such as "0/s..50/s for 30s, 50/s for 2m"
    #[arg(long, value_name = "STAGES", help_heading = "Offered load")]
    stages: Option<String>,
    /// Open model: constant or poisson [default: constant]
    #[arg(long, value_name = "KIND", help_heading = "Offered load")]
    arrivals: Option<String>,
    /// Open model: the most uploads at once; others wait, and their response time shows it [default: 1000]
    #[arg(long, value_name = "N", help_heading = "Offered load")]
    max_in_flight: Option<String>,
    /// Closed model: how many upload one file after another [default: 8, where there is no rate]
    #[arg(long, value_name = "N", help_heading = "Offered load")]
    uploaders: Option<String>,
    /// Closed model: how long each rests between two uploads, 500ms or 100ms..1s
    #[arg(long, value_name = "TIME", help_heading = "Offered load")]
    think: Option<String>,
    /// For how long uploads are started [default: 10s, where --uploads says nothing]
    #[arg(long, short, value_name = "TIME", help_heading = "Offered load")]
    duration: Option<String>,
    /// How many uploads are started
    #[arg(long, short = 'n', value_name = "N", help_heading = "Offered load")]
    uploads: Option<String>,
    /// For how long uploads are sent before any is counted
    #[arg(long, value_name = "TIME", help_heading = "Offered load")]
    warm_up: Option<String>,
    /// How long uploads in progress at the end may take to finish [default: 30s; 10m with --uploads alone]
    #[arg(long, value_name = "TIME", help_heading = "Offered load")]
    linger: Option<String>,

    /// The size of a file: 5MiB, 1MiB..10MiB, log-normal(5MiB, 0.8), or a list with weights: 3*1MiB, 20MiB [default: 5MiB]
    #[arg(long, value_name = "SIZE", help_heading = "Uploads")]
    size: Option<String>,
    /// Send this file instead of seeded content (repeatable: in turn)
    #[arg(long = "file", value_name = "FILE", help_heading = "Uploads")]
    files: Vec<String>,
    /// The size of a segment, spread as --size is [default: 50MiB]
    #[arg(long, value_name = "SIZE", help_heading = "Uploads")]
    segment: Option<String>,
    /// bytes, parts or none, or a list with weights [default: bytes]
    #[arg(long, value_name = "FRAMING", help_heading = "Uploads")]
    framing: Option<String>,
    /// The total in the labels: named, open or open-until-last, or a list with weights [default: named]
    #[arg(long, value_name = "TOTAL", help_heading = "Uploads")]
    total: Option<String>,
    /// The order of segments: in-turn or shuffled [default: in-turn]
    #[arg(long, value_name = "ORDER", help_heading = "Uploads")]
    order: Option<String>,
    /// How many segments of an upload are sent at once, after the first [default: 1]
    #[arg(long, value_name = "K", help_heading = "Uploads")]
    parallel_segments: Option<String>,
    /// A token for each upload, or one for all: each or one [default: each]
    #[arg(long, value_name = "WHICH", help_heading = "Uploads")]
    token: Option<String>,
    /// How long tokens live: 2s, 1h or never [default: 1h]
    #[arg(long, value_name = "TIME", help_heading = "Uploads")]
    ttl: Option<String>,
    /// The share of uploads that are abandoned in the middle of a segment: 5%
    #[arg(long, value_name = "SHARE", help_heading = "Uploads")]
    abandoned: Option<String>,
    /// The share of uploads that are broken off in the middle of a segment, and resumed
    #[arg(long, value_name = "SHARE", help_heading = "Uploads")]
    resumed: Option<String>,
    /// What each uploader may send: 2MiB/s
    #[arg(long, value_name = "RATE", help_heading = "Uploads")]
    bandwidth: Option<String>,
    /// Compare what was received with what was sent: status or none [default: none]
    #[arg(long, value_name = "HOW", help_heading = "Uploads")]
    verify: Option<String>,
    /// The seed of sizes, arrivals, orders and content [default: 1]
    #[arg(long, value_name = "N", help_heading = "Uploads")]
    seed: Option<String>,

    /// Fail with exit code 1 when this holds: 'upload.p99 > 2s', 'errors > 0.1%', 'goodput < 500MiB/s' (repeatable)
    #[arg(long, value_name = "CONDITION", help_heading = "Judgement")]
    fail_if: Vec<String>,
    /// End the run as soon as this holds (repeatable)
    #[arg(long, value_name = "CONDITION", help_heading = "Judgement")]
    abort_on: Vec<String>,
    /// Accept a success that is sent before the request body has been received, as some proxies do. Without this flag, such an
    /// upload fails
    #[arg(long, help_heading = "Judgement")]
    allow_early: bool,
    /// Let a run pass whose generator was the bottleneck; else its exit code is 3 in the open model
    #[arg(long, help_heading = "Judgement")]
    allow_saturated: bool,

    /// How many threads send [default: one for each processor, at most 8]
    #[arg(long, value_name = "N", help_heading = "Run")]
    threads: Option<String>,
    /// Write a report: json=FILE, hlog=FILE or csv=FILE (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Report")]
    pub(super) reports: Vec<LoadDestination>,
    /// Print nothing but errors
    #[arg(long, short, help_heading = "Report")]
    pub(super) quiet: bool,
}

impl LoadArgs {
    /// The plan file, if there is one, overridden by the flags.
    pub(super) fn raw_plan(&self) -> Result<(RawPlan, Option<Arc<SourceFile>>), LoadError> {
        let (mut raw, file) = match &self.plan {
            Some(path) => {
                let (raw, file) = uptake_load::read(path)?;
                (raw, Some(file))
            }
            None => (RawPlan::default(), None),
        };
        let texts = [
            ("target", &self.target),
            ("rate", &self.rate),
            ("stages", &self.stages),
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
            ("bandwidth", &self.bandwidth),
            ("verify", &self.verify),
            ("seed", &self.seed),
            ("threads", &self.threads),
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
