//! The command that is run as shards: read by the same definitions as on the command line, and checked before it is printed.

use std::ffi::OsStr;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use super::args::CommonArgs;
use super::template::is_printable;
use crate::cli::check::CheckArgs;
use crate::cli::error::CliError;
use crate::cli::fuzz::FuzzArgs;
use crate::cli::load::LoadArgs;
use uptake_load::LoadPlan;
use uptake_outcome::Shard;
use uptake_report::{CheckFormat, Destination, FuzzFormat, LoadFormat};
use uptake_target::Target;
use uptake_wire::shell_word;

/// A command that can be divided into shards.
#[derive(Debug)]
pub(super) struct Work {
    /// The words behind `uptake`.
    pub(super) words: Vec<String>,
    pub(super) kind: Kind,
    /// The server, if one is named.
    pub(super) target: Option<String>,
    /// The files and folders that it reads, as they are named.
    pub(super) reads: Vec<String>,
    /// How long a run of `load` takes at most, where its plan says so.
    pub(super) longest: Option<Duration>,
    /// The options that `report merge` needs for it.
    merge: Vec<String>,
}

/// Which command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Load,
    Check,
    Fuzz,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub(super) enum NoWork {
    /// What the parser says of the arguments.
    Arguments(clap::Error),
    Wrong(Box<CliError>),
}

impl<E: Into<CliError>> From<E> for NoWork {
    fn from(error: E) -> Self {
        Self::Wrong(Box::new(error.into()))
    }
}

/// The commands that have shards, with the options that they have elsewhere.
#[derive(Debug, Parser)]
#[command(name = "uptake", no_binary_name = true, disable_help_subcommand = true)]
struct Line {
    #[command(subcommand)]
    command: Sharded,
}

#[derive(Debug, Subcommand)]
enum Sharded {
    Load(Box<LoadArgs>),
    Check(Box<CheckArgs>),
    Fuzz(Box<FuzzArgs>),
}

/// Options that one process has, or that each shard would write over; and what to do instead.
const REFUSED: [(&str, &str, &str); 14] = [
    ("shard", "--shard", "it is set for each shard"),
    ("results", "--results", "write it before `--`: uptake submit … --results LOCATION"),
    ("start_at", "--start-at", "write --start-in TIME before `--`"),
    (
        "reports",
        "--report",
        "shards would overwrite each other's report; write it before `--`, for the merged result",
    ),
    (
        "upload_token",
        "--upload-token",
        "a manifest must not contain it; set UPTAKE_UPLOAD_TOKEN where the shards run",
    ),
    ("find_capacity", "--find-capacity", "one process finds the capacity"),
    ("watch", "--watch", "a shard runs once"),
    ("plan_only", "--plan", "it sends nothing"),
    ("list", "--list", "it sends nothing"),
    ("baseline", "--baseline", "only a whole run can be compared with a baseline"),
    ("write_waivers", "--write-waivers", "shards would overwrite each other's file"),
    ("har", "--har", "shards would overwrite each other's file"),
    ("events", "--events", "shards would overwrite each other's file"),
    ("replay", "--replay", "a replay has no shards"),
];

/// Arguments that name files or folders to read.
const PATHS: [&str; 10] =
    ["plan", "paths", "suite", "target", "ca", "files", "from", "waivers", "failed_from", "times_from"];

impl Work {
    /// Reads the command behind `--`, and checks what can be known of it here.
    pub(super) fn read(common: &CommonArgs, reports: &[String]) -> Result<Self, NoWork> {
        let mut words = common.command.clone();
        if words.first().is_some_and(|word| word == "uptake") {
            words.remove(0);
        }
        check_words(&words)?;
        let command = words.first().map_or("", String::as_str);
        if !command.starts_with('-') && !["load", "check", "fuzz"].contains(&command) {
            return Err(CliError::Usage(format!(
                "`{command}` cannot be divided into shards: write load, check or fuzz"
            ))
            .into());
        }
        // `times_from` needs a shard, which is given later by the variable of that name.
        let matches = Line::command().try_get_matches_from(&words).map_err(NoWork::Arguments)?;
        let (_, given) = matches.subcommand().expect("the parser asks for a command");
        refuse(given)?;
        if let Some(target) = from_environment(given, "target") {
            words.extend(["--target".to_owned(), target]);
        }
        let line = Line::from_arg_matches(&matches).map_err(NoWork::Arguments)?;
        let mut work = Self {
            words,
            kind: Kind::Load,
            target: text(given, "target").next(),
            reads: PATHS
                .iter()
                .flat_map(|name| text(given, name))
                .filter(|path| !path.contains("://"))
                .collect(),
            longest: None,
            merge: Vec::new(),
        };
        match line.command {
            Sharded::Load(args) => work.load(&args, common.shards)?,
            Sharded::Check(args) => work.check(*args, given)?,
            Sharded::Fuzz(_) => work.fuzz(given),
        }
        if let Some(target) = &work.target {
            Target::described(target)?;
        }
        for report in reports {
            work.report(report)?;
        }
        Ok(work)
    }

    /// The plan is built as each shard builds it, so mistakes are found now.
    fn load(&mut self, args: &LoadArgs, shards: u64) -> Result<(), CliError> {
        let (raw, file) = args.raw_plan()?;
        let plan = LoadPlan::new(&raw, file.as_ref(), None)?;
        if plan.finds_capacity() {
            return Err(CliError::Usage(
                "a plan with find-capacity has no shards: one process finds the capacity".to_owned(),
            ));
        }
        if self.target.is_none() {
            self.target = raw.text("target").map(str::to_owned);
            self.reads.extend(self.target.clone().filter(|target| !target.contains("://")));
        }
        self.longest = plan.duration.map(|duration| duration + plan.warm_up + plan.linger);
        let first = Shard::new(1, shards).expect("the count is at least 1");
        plan.for_shard(first)?;
        Ok(())
    }

    fn check(&mut self, args: CheckArgs, given: &ArgMatches) -> Result<(), CliError> {
        self.kind = Kind::Check;
        if let Some(level) = on_command_line(given, "fail_on") {
            self.merge.extend(["--fail-on".to_owned(), level]);
        }
        args.check_input()
    }

    fn fuzz(&mut self, given: &ArgMatches) {
        self.kind = Kind::Fuzz;
        if let Some(folder) = on_command_line(given, "out") {
            self.merge.extend(["--out".to_owned(), folder]);
        }
    }

    /// A report of the merged result, which must have a format of the command.
    fn report(&mut self, report: &str) -> Result<(), CliError> {
        check_words(&[report.to_owned()])?;
        let wrong =
            |error: uptake_report::ReportError| CliError::Usage(format!("--report {report}: {error}"));
        match self.kind {
            Kind::Load => drop(report.parse::<Destination<LoadFormat>>().map_err(wrong)?),
            Kind::Check => drop(report.parse::<Destination<CheckFormat>>().map_err(wrong)?),
            Kind::Fuzz => drop(report.parse::<Destination<FuzzFormat>>().map_err(wrong)?),
        }
        self.merge.extend(["--report".to_owned(), report.to_owned()]);
        Ok(())
    }

    /// Whether shards start together.
    pub(super) fn starts_together(&self) -> bool {
        self.kind == Kind::Load
    }

    /// The command for a shell.
    pub(super) fn shell(&self) -> String {
        in_shell("uptake", &self.words)
    }

    /// The words behind `uptake` that merge the results.
    pub(super) fn merge_words(&self, location: &str, shards: u64, wait: Duration) -> Vec<String> {
        let wait = format!("{}s", wait.as_secs());
        let words = ["report", "merge", location, "--expect", &shards.to_string(), "--wait", &wait]
            .map(str::to_owned);
        words.into_iter().chain(self.merge.iter().cloned()).collect()
    }

    /// The command that merges, for a shell. `location` is a word of the shell as it is.
    pub(super) fn merge_shell(&self, location: &str, shards: u64, wait: Duration) -> String {
        let command = format!("uptake report merge {location}");
        let words = self.merge_words("", shards, wait);
        in_shell(&command, &words[3..])
    }
}

fn in_shell(command: &str, words: &[String]) -> String {
    let words = words.iter().map(|word| shell_word(word));
    std::iter::once(command.to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// Refuses what no engine takes as it is, and commands that have no shards.
fn check_words(words: &[String]) -> Result<(), CliError> {
    for word in words {
        if let Some(bad) = word.chars().find(|c| !is_printable(*c)) {
            return Err(CliError::Usage(format!(
                "the argument {word:?} has the character {bad:?}, which a manifest cannot hold: remove it"
            )));
        }
    }
    Ok(())
}

fn refuse(given: &ArgMatches) -> Result<(), CliError> {
    for (name, flag, instead) in REFUSED {
        if on_command_line(given, name).is_some() {
            return Err(CliError::Usage(format!("{flag} cannot be used in a submitted command: {instead}")));
        }
    }
    Ok(())
}

/// The first value of an option that was typed.
fn on_command_line(given: &ArgMatches, name: &str) -> Option<String> {
    let is_typed = is_known(given, name) && given.value_source(name) == Some(ValueSource::CommandLine);
    is_typed.then(|| text(given, name).next().unwrap_or_default())
}

/// The value of an option that comes from a variable of this process, which shards may not have.
fn from_environment(given: &ArgMatches, name: &str) -> Option<String> {
    let is_set = is_known(given, name) && given.value_source(name) == Some(ValueSource::EnvVariable);
    is_set.then(|| text(given, name).next()).flatten()
}

/// The values of an option as they were typed.
fn text(given: &ArgMatches, name: &str) -> impl Iterator<Item = String> {
    let values = given.try_get_raw(name).ok().flatten().into_iter().flatten();
    values.map(OsStr::to_string_lossy).map(std::borrow::Cow::into_owned).collect::<Vec<_>>().into_iter()
}

/// Whether the command has this option.
fn is_known(given: &ArgMatches, name: &str) -> bool {
    given.try_contains_id(name).is_ok()
}
