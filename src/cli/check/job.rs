//! A run of `check` in domain terms: what the command line asks for, validated once. A run folder stores it, so that another
//! process can resume the run.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::args::CheckArgs;
use super::filters::Filters;
use crate::cli::capabilities::check_names;
use crate::cli::error::CliError;
use crate::cli::gate::GateArgs;
use crate::cli::sharding::ShardArgs;
use crate::cli::suite::SuiteArgs;
use crate::cli::waiting::RunFolderArgs;
use uptake_check::{KeepExchanges, RunOptions};
use uptake_outcome::FailOn;
use uptake_prove::Sandbox;
use uptake_reference::{Config, Defect, Defects, Server};
use uptake_report::{CheckFormat, Destination, Location};
use uptake_suite::{Cost, Loaded, Suite};
use uptake_target::{LimitsGiven, Target};
use uptake_wire::{Version, shell_word};

/// Stands for a credential where nothing is sent.
const NOT_READ: &str = "the-value-of-a-credential-is-not-read-for-a-plan";

/// A run of `check`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct Job {
    pub(in crate::cli) suite: SuiteArgs,
    pub(in crate::cli) server: ServerChoice,
    pub(super) filters: Filters,
    pub(super) jobs: NonZeroUsize,
    pub(super) seed: u64,
    pub(super) fail_on: FailOn,
    pub(super) fail_fast: bool,
    pub(in crate::cli) folder: RunFolderArgs,
    pub(super) gate: GateArgs,
    pub(super) reports: Vec<Destination<CheckFormat>>,
    pub(in crate::cli) quiet: bool,
    #[serde(default)]
    pub(super) verbose: u8,
    /// Where the events of the run are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) events: Option<PathBuf>,
    /// A shard is not resumed as one: a run folder continues the scenarios that it has.
    #[serde(skip)]
    pub(super) shards: ShardArgs,
    #[serde(skip)]
    pub(super) times_from: Option<PathBuf>,
    /// The server ends with the run, so that nothing of the run can be resumed or cleaned up later.
    #[serde(skip)]
    pub(super) is_passing: bool,
}

/// The server to test.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) enum ServerChoice {
    /// The one that a profile or a URL leads to.
    Target {
        target: String,
        insecure: bool,
        /// Whether requests go over HTTP/2.
        #[serde(default)]
        http2: bool,
        /// Further certificates to trust.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca: Option<PathBuf>,
        /// Where it is, if not where its profile says.
        #[serde(skip)]
        url: Option<String>,
    },
    /// A reference server that is started for the run. It ends with the run, so no run folder ever names it.
    #[serde(skip)]
    Reference { defects: Vec<Defect>, tiny: bool, http2: bool },
}

/// A server that is ready to be tested.
pub(super) struct ServerUnderTest {
    pub(super) target: Target,
    /// The reference server, where one was started for the run.
    pub(super) reference: Option<Server>,
}

impl TryFrom<CheckArgs> for Job {
    type Error = CliError;

    fn try_from(args: CheckArgs) -> Result<Self, CliError> {
        let server = match args.target {
            Some(target) => {
                let only_reference = [("--defect", !args.defects.is_empty()), ("--tiny", args.tiny)];
                if let Some((flag, _)) = only_reference.iter().find(|(_, given)| *given) {
                    return Err(CliError::Usage(format!(
                        "{flag} configures the built-in reference server; it cannot be used with --target or UPTAKE_TARGET"
                    )));
                }
                let (insecure, http2, ca) = (args.insecure, args.http2, args.ca);
                ServerChoice::Target { target, insecure, http2, ca, url: None }
            }
            None if args.insecure => {
                return Err(CliError::Usage(
                    "--insecure needs --target: the built-in reference server has no TLS".to_owned(),
                ));
            }
            None if args.ca.is_some() => {
                return Err(CliError::Usage(
                    "--ca needs --target: the built-in reference server has no TLS".to_owned(),
                ));
            }
            None => ServerChoice::Reference { defects: args.defects, tiny: args.tiny, http2: args.http2 },
        };
        let har = args.har.map(|path| Destination {
            format: CheckFormat::Har,
            location: if path.as_os_str() == "-" { Location::Stdout } else { Location::File(path) },
        });
        if args.shards.is_given() && (args.plan_only || args.list) {
            let flag = if args.list { "--list" } else { "--plan" };
            return Err(CliError::Usage(format!(
                "{flag} cannot be used with --shard: it shows the whole run"
            )));
        }
        if args.shards.is_any_given() && args.watch {
            return Err(CliError::Usage(
                "--watch cannot be used with --shard or --results: each of its runs would store a result"
                    .to_owned(),
            ));
        }
        if args.shards.is_given() && args.gate.has_baseline() {
            return Err(CliError::Usage(
                "--baseline cannot be used with --shard: a shard tests a part of the rules; compare the merged report".to_owned(),
            ));
        }
        Ok(Self {
            suite: args.suite,
            server,
            filters: Filters::from(args.filters),
            jobs: args.jobs,
            seed: args.seed,
            fail_on: args.fail_on.into(),
            fail_fast: args.fail_fast,
            folder: args.folder,
            gate: args.gate,
            reports: args.reports.into_iter().chain(har).collect(),
            quiet: args.quiet,
            verbose: args.verbose,
            events: args.events,
            shards: args.shards,
            times_from: args.times_from,
            is_passing: false,
        })
    }
}

impl Job {
    /// The job that a run folder stores.
    pub(in crate::cli) fn stored(value: &Value, folder: &Path) -> Result<Self, CliError> {
        Self::deserialize(value).map_err(|_| {
            CliError::Usage(format!(
                "{} does not say how the run was started: another version of uptake wrote it; start the run again",
                folder.display()
            ))
        })
    }

    /// What to run.
    pub(in crate::cli) fn options(&self, suite: &Suite) -> Result<RunOptions, CliError> {
        let cost = if self.server.is_reference() { Cost::Large } else { Cost::Normal };
        Ok(RunOptions {
            selection: self.filters.select(suite, cost)?,
            jobs: self.jobs,
            seed: self.seed,
            patience: Duration::MAX,
            keep: self.keep(),
            reports_exchanges: self.verbose > 0 || self.events.is_some(),
        })
    }

    /// A HAR file has every exchange; the other reports have those of scenarios in which a rule failed.
    fn keep(&self) -> KeepExchanges {
        let has_har = self.reports.iter().any(|destination| destination.format == CheckFormat::Har);
        if has_har { KeepExchanges::All } else { KeepExchanges::OfFailed }
    }

    /// The target that is named, with its credentials.
    pub(in crate::cli) fn named_target(&self, loaded: &Loaded) -> Result<Option<Target>, CliError> {
        self.read_target(loaded, Target::named_with_optional_key)
    }

    /// The target that is named, without its credentials: enough to say what would be sent to it.
    pub(super) fn described_target(&self, loaded: &Loaded) -> Result<Option<Target>, CliError> {
        let Some(mut target) = self.read_target(loaded, Target::described)? else { return Ok(None) };
        // A request that needs a credential is counted, whatever its value is.
        for name in loaded.suite.credentials.values().flat_map(|credential| &credential.from) {
            target.credentials.entry(name.clone()).or_insert_with(|| NOT_READ.to_owned());
        }
        Ok(Some(target))
    }

    fn read_target(
        &self,
        loaded: &Loaded,
        read: impl Fn(&str) -> Result<Target, uptake_target::TargetError>,
    ) -> Result<Option<Target>, CliError> {
        let ServerChoice::Target { target, insecure, http2, ca, url } = &self.server else {
            return Ok(None);
        };
        let mut target = read(target)?;
        if let Some(url) = url {
            target = target.at(url)?;
        }
        check_names(&target, &loaded.suite)?;
        let target = target.within(loaded.suite.limits)?.trusting(ca.clone()).speaking(version(*http2));
        Ok(Some(if *insecure { target.insecure() } else { target }))
    }

    /// The command that runs one rule again, without that rule.
    pub(super) fn rerun(&self) -> String {
        let mut words = vec!["uptake check".to_owned()];
        words.extend(self.suite.words());
        match &self.server {
            ServerChoice::Target { target, insecure, http2, ca, .. } => {
                words.push(format!("--target {}", shell_word(target)));
                words.extend(ca.iter().map(|ca| format!("--ca {}", shell_word(&ca.display().to_string()))));
                words.extend(insecure.then(|| "--insecure".to_owned()));
                words.extend(http2.then(|| "--http2".to_owned()));
            }
            ServerChoice::Reference { defects, tiny, http2 } => {
                words.extend(defects.iter().map(|defect| format!("--defect {defect}")));
                words.extend(tiny.then(|| "--tiny".to_owned()));
                words.extend(http2.then(|| "--http2".to_owned()));
            }
        }
        if self.seed != 1 {
            words.push(format!("--seed {}", self.seed));
        }
        words.join(" ")
    }
}

impl ServerChoice {
    /// Names another target, or another place of the same profile.
    pub(in crate::cli) fn retarget(&mut self, target: String) {
        let (insecure, http2, ca) = match self {
            Self::Target { insecure, http2, ca, .. } => (*insecure, *http2, ca.take()),
            Self::Reference { http2, .. } => (false, *http2, None),
        };
        *self = Self::Target { target, insecure, http2, ca, url: None };
    }

    /// Whether a reference server is started for the run.
    pub(super) fn is_reference(&self) -> bool {
        matches!(self, Self::Reference { .. })
    }

    /// Whether the server deviates on purpose.
    pub(super) fn has_defects(&self) -> bool {
        matches!(self, Self::Reference { defects, .. } if !defects.is_empty())
    }

    /// The target that is named, or a reference server that is started now.
    pub(super) async fn ready(
        &self,
        named: Option<Target>,
        seed: u64,
        limits: LimitsGiven,
    ) -> Result<ServerUnderTest, CliError> {
        let (defects, tiny, http2) = match (self, named) {
            (_, Some(target)) => return Ok(ServerUnderTest { target, reference: None }),
            (Self::Reference { defects, tiny, http2 }, None) => (defects.as_slice(), *tiny, *http2),
            (Self::Target { http2, .. }, None) => (&[][..], false, *http2),
        };
        let config = if tiny { Sandbox::tiny(seed) } else { Sandbox::config(seed) };
        let defects: Defects = defects.iter().copied().collect();
        let Sandbox { server, target } =
            Sandbox::start(Sandbox::within(Config { defects, ..config }, limits)).await?;
        Ok(ServerUnderTest { target: target.speaking(version(http2)), reference: Some(server) })
    }
}

fn version(http2: bool) -> Version {
    if http2 { Version::Http2 } else { Version::Http1 }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{CheckArgs, Job};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        check: CheckArgs,
    }

    fn job(arguments: &[&str]) -> Result<Job, String> {
        let line =
            Line::try_parse_from(["check"].iter().chain(arguments)).map_err(|error| error.to_string())?;
        Job::try_from(line.check).map_err(|error| error.to_string())
    }

    #[test]
    fn a_stored_job_is_read_as_it_was() {
        let given = [
            "--target",
            "staging.yaml",
            "--area",
            "ttl",
            "--max-wait",
            "5m",
            "--report",
            "junit=a.xml",
            "--fail-on",
            "should",
        ];
        let job = job(&given).expect("well written");
        let stored = serde_json::to_value(&job).expect("plain data");
        let read = Job::stored(&stored, "run".as_ref()).expect("the same version");
        assert_eq!(format!("{read:?}"), format!("{job:?}"));
    }

    #[test]
    fn what_another_version_stored_is_refused_by_name() {
        let error = Job::stored(&serde_json::json!({ "arguments": ["check"] }), "reports/run-1".as_ref());
        let error = error.expect_err("another version").to_string();
        assert!(error.contains("reports/run-1") && error.contains("another version"), "{error}");
    }

    #[test]
    fn options_of_the_reference_server_do_not_go_with_a_target() {
        for given in [
            ["--target", "https://a.test", "--tiny"],
            ["--target", "https://a.test", "--defect=ttl-in-milliseconds"],
        ] {
            let error = job(&given).expect_err("they contradict each other");
            assert!(error.contains("cannot be used with --target"), "{error}");
        }
        assert!(job(&["--ca", "a.pem"]).expect_err("there is no TLS").contains("--ca needs --target"));
        assert!(job(&["--insecure"]).expect_err("there is no TLS").contains("--insecure needs --target"));
    }

    #[test]
    fn the_command_to_run_again_names_what_decides_the_result() {
        let job = job(&["--target", "my target.yaml", "--seed", "7", "--area", "ttl", "-j", "2"])
            .expect("well written");
        assert_eq!(job.rerun(), "uptake check --target 'my target.yaml' --seed 7");
    }

    #[test]
    fn the_command_to_run_again_names_the_version_of_http() {
        assert_eq!(job(&["--http2"]).expect("well written").rerun(), "uptake check --http2");
        let target = ["--target", "https://a.test", "--http2"];
        assert_eq!(
            job(&target).expect("well written").rerun(),
            "uptake check --target https://a.test --http2"
        );
    }
}
