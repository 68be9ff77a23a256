//! The options of `uptake submit`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::location::ResultsLocation;
use crate::cli::error::CliError;
use crate::cli::parsers::{count, duration};

/// The options of `uptake submit`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubmitArgs {
    #[command(subcommand)]
    pub(super) engine: Engine,
}

/// What runs the shards.
#[derive(Debug, Subcommand)]
pub(super) enum Engine {
    /// Print an Indexed Job, and a Job that waits for its results and merges them
    Kubernetes(KubernetesArgs),
    /// Print a script that submits the shards by sbatch, and a step that depends on them and merges
    Slurm(SlurmArgs),
    /// Print a GitHub workflow: a job matrix, and a job that merges
    Github(GithubArgs),
    /// Print GitLab CI jobs: a parallel job, and a job that merges
    Gitlab(GitlabArgs),
}

/// What every engine needs.
#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    /// The number of shards
    #[arg(long, value_name = "N", value_parser = count)]
    pub(super) shards: u64,
    /// Name of the jobs: lower-case letters, digits and hyphens
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) name: Option<String>,
    /// For `load`: how long after its launch the run starts, so that all shards start together [default: 1m for Kubernetes, 20s for
    /// Slurm, 3m for GitHub and GitLab]
    #[arg(long, value_name = "TIME", value_parser = start_in)]
    pub(super) start_in: Option<Duration>,
    /// How long the merge waits for results that are missing [default for Kubernetes, where it begins with the shards: the length of a
    /// load run and 10m, else 1h; for the others, where it begins after them: 1m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) wait: Option<Duration>,
    /// The command of uptake to run as shards: load, check or fuzz, with its options
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(super) command: Vec<String>,
}

/// The options for Kubernetes.
#[derive(Debug, Args)]
pub(super) struct KubernetesArgs {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    /// Where the shards store their results: `s3://BUCKET/PREFIX`, `gs://…` or `az://…`, or the mount point of
    /// --volume-claim
    #[arg(long, value_name = "LOCATION")]
    pub(super) results: ResultsLocation,
    /// Container image with uptake
    #[arg(long, value_name = "IMAGE", value_parser = one_word)]
    pub(super) image: String,
    /// Mount this persistent volume claim at the folder of --results; several nodes must be able to write to it
    #[arg(long, value_name = "CLAIM", value_parser = name)]
    pub(super) volume_claim: Option<String>,
    /// Secret whose keys become environment variables: `UPTAKE_API_KEY`, `AWS_ACCESS_KEY_ID` and so on
    #[arg(long, value_name = "NAME", default_value = "uptake", value_parser = name)]
    pub(super) secret: String,
    /// Processors that each shard requests
    #[arg(long, value_name = "N", default_value = "1", value_parser = count)]
    pub(super) cpus: u64,
}

/// The options for Slurm.
#[derive(Debug, Args)]
pub(super) struct SlurmArgs {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    /// Where the shards store their results: a folder that all nodes share, or an object store. The id of the job is added
    #[arg(long, value_name = "LOCATION", default_value = "uptake-results")]
    pub(super) results: ResultsLocation,
    /// Write a report of the merged result, as `uptake report merge` does (repeatable)
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub(super) reports: Vec<String>,
    /// Processors of each shard; without it, the cluster's default
    #[arg(long, value_name = "N", value_parser = count)]
    pub(super) cpus: Option<u64>,
}

/// The options for GitHub.
#[derive(Debug, Args)]
pub(super) struct GithubArgs {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    /// Where the shards store their results: an object store, to which the run's id is added [default: artifacts of the run]
    #[arg(long, value_name = "LOCATION")]
    pub(super) results: Option<ResultsLocation>,
    /// Write a report of the merged result, as `uptake report merge` does, and upload it (repeatable)
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub(super) reports: Vec<String>,
    /// Secret of the repository to set as an environment variable, beside `UPTAKE_API_KEY` and those of an object store
    /// (repeatable)
    #[arg(long = "secret", value_name = "NAME", value_parser = variable)]
    pub(super) secrets: Vec<String>,
    /// Label of the runners
    #[arg(long, value_name = "LABEL", default_value = "ubuntu-latest", value_parser = one_word)]
    pub(super) runs_on: String,
}

/// The options for GitLab.
#[derive(Debug, Args)]
pub(super) struct GitlabArgs {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    /// Where the shards store their results: an object store, to which the pipeline's id is added [default: artifacts of the jobs]
    #[arg(long, value_name = "LOCATION")]
    pub(super) results: Option<ResultsLocation>,
    /// Write a report of the merged result, as `uptake report merge` does, and keep it as an artifact (repeatable)
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub(super) reports: Vec<String>,
    /// Container image with uptake and a shell [default: an image with Python, in which uptake is installed by pip]
    #[arg(long, value_name = "IMAGE", value_parser = one_word)]
    pub(super) image: Option<String>,
}

impl Engine {
    /// What every engine needs.
    pub(super) fn common(&self) -> &CommonArgs {
        match self {
            Self::Kubernetes(args) => &args.common,
            Self::Slurm(args) => &args.common,
            Self::Github(args) => &args.common,
            Self::Gitlab(args) => &args.common,
        }
    }

    /// The reports of the merged result.
    pub(super) fn reports(&self) -> &[String] {
        match self {
            Self::Kubernetes(_) => &[],
            Self::Slurm(args) => &args.reports,
            Self::Github(args) => &args.reports,
            Self::Gitlab(args) => &args.reports,
        }
    }

    /// Refuses what the engine cannot do.
    pub(super) fn check(&self) -> Result<(), CliError> {
        let shards = self.common().shards;
        let most = |what: &str, most: u64| {
            if shards <= most {
                return Ok(());
            }
            Err(CliError::Usage(format!("--shards {shards}: {what}; write at most {most}")))
        };
        match self {
            // The limit of completions that an Indexed Job with a limit for each index may have.
            Self::Kubernetes(_) => most("Kubernetes runs at most 100,000 indexes of a Job", 100_000),
            Self::Slurm(_) => most("uptake divides a run into at most 100,000 shards here", 100_000),
            Self::Github(args) => {
                refuse_folder(args.results.as_ref(), "runners of GitHub")?;
                most("GitHub runs at most 256 jobs of a matrix", 256)
            }
            Self::Gitlab(args) => {
                refuse_folder(args.results.as_ref(), "jobs of GitLab")?;
                most("GitLab runs at most 200 parallel jobs", 200)
            }
        }
    }
}

/// Jobs on machines of their own share no folder.
fn refuse_folder(results: Option<&ResultsLocation>, who: &str) -> Result<(), CliError> {
    match results {
        Some(results) if !results.is_object_store() => Err(CliError::Usage(format!(
            "--results {results}: {who} share no folder; write s3://BUCKET/PREFIX, gs://… or az://…, or leave it out to use artifacts"
        ))),
        _ => Ok(()),
    }
}

/// A name that all engines take. Job names of Kubernetes have at most 63 characters, and uptake adds some.
fn name(text: &str) -> Result<String, String> {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_valid = (1..=50).contains(&text.len())
        && text.chars().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-');
    if is_valid {
        return Ok(text.to_owned());
    }
    Err("write 1 to 50 lower-case letters, digits and hyphens, with a letter or digit at both ends"
        .to_owned())
}

/// An image or a label: printable ASCII without spaces, quotes and what begins an expression.
fn one_word(text: &str) -> Result<String, String> {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "-._/:@+".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins && text.chars().all(is_valid) {
        return Ok(text.to_owned());
    }
    Err("write letters, digits and - . _ / : @ +, such as registry.example.com/uptake:1.0".to_owned())
}

/// The name of an environment variable.
fn variable(text: &str) -> Result<String, String> {
    let is_valid = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(is_valid) {
        return Ok(text.to_owned());
    }
    Err("write the name of a variable in upper case, such as UPTAKE_API_KEY".to_owned())
}

/// A time before the start, in whole seconds, as `--start-at` takes it.
fn start_in(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    let is_valid = time.subsec_nanos() == 0 && (1..=86_400).contains(&time.as_secs());
    if is_valid { Ok(time) } else { Err("write whole seconds, from 1s to 24h".to_owned()) }
}
