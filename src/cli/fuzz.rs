//! `uptake fuzz`: tests a target with generated uploads and shrinks each failure to a minimal case.

mod replay;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error::CliError;
use super::output;
use super::progress::{CLEANING_UP, stop_on_ctrl_c};
use super::serve::units::{Size, duration};
use uptake_fuzz::{Bounds, FuzzConfig, FuzzEvent, Property};
use uptake_outcome::Exit;
use uptake_prove::Sandbox;
use uptake_reference::{Config, Defect};
use uptake_report::{Destination, Format, Outputs, fuzz_json, fuzz_sentence, fuzz_terminal};
use uptake_stop::Stopper;
use uptake_target::Target;

/// The number of cases when nothing else bounds the run.
const CASES: u64 = 500;
/// The default bound of bytes for targets with large segments.
const BUDGET: u64 = 1 << 30;
/// Segments of at least this size are large.
const LARGE: u64 = 1 << 20;
/// How long the status of a target may take to show a segment that was accepted; built-in servers show it at once.
const PATIENCE: Duration = Duration::from_secs(2);

/// The options of `uptake fuzz`.
#[derive(Debug, Args)]
pub(super) struct FuzzArgs {
    /// Server to test: a target profile, or a URL with the key in `UPTAKE_API_KEY` [default: built-in reference servers]
    #[arg(long, short, value_name = "FILE|URL", help_heading = "Target")]
    target: Option<String>,
    /// Accept any certificate of the target
    #[arg(long, requires = "target", help_heading = "Target")]
    insecure: bool,
    /// Plant a defect in the built-in servers (repeatable; see `uptake serve --list-defects`)
    #[arg(long = "defect", value_name = "NAME", conflicts_with = "target", help_heading = "Target")]
    defects: Vec<Defect>,
    /// Test this property (repeatable) [default: all]
    #[arg(long = "property", value_name = "NAME", value_parser = property_parser(), help_heading = "Filters")]
    properties: Vec<Property>,
    /// Run at most N cases [default: 500, or no limit with --time]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Run")]
    cases: Option<u64>,
    /// Stop after this time, for example 5m
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Run")]
    time: Option<Duration>,
    /// Send at most this many bytes, for example 2GiB [default: 1GiB if the least segment is 1MiB or more]
    #[arg(long, value_name = "SIZE", help_heading = "Run")]
    max_bytes: Option<Size>,
    /// Stop after N counterexamples of different kinds
    #[arg(long, value_name = "N", default_value = "8", help_heading = "Run")]
    enough: NonZeroUsize,
    /// Seed for cases and content; the same seed repeats a run
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Run")]
    seed: u64,
    /// Run N cases at once
    #[arg(long, short, value_name = "N", default_value = "2", help_heading = "Run")]
    jobs: NonZeroUsize,
    /// Write a report: json=FILE (`-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Report")]
    reports: Vec<Destination>,
    /// Write the scenarios of counterexamples to this folder
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Report")]
    out: PathBuf,
    /// Replay the counterexamples in this folder instead; each is FIXED, FAILED or ERROR
    #[arg(long, value_name = "DIR", conflicts_with_all = ["cases", "time", "max_bytes", "properties", "reports"], help_heading = "Run")]
    replay: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long, short, help_heading = "Report")]
    quiet: bool,
}

/// Runs it.
pub(super) async fn run(args: FuzzArgs) -> Result<Exit, CliError> {
    if let Some(folder) = args.replay.clone() {
        return replay::run(&args, &folder).await;
    }
    if let Some(other) = args.reports.iter().find(|report| report.format != Format::Json) {
        return Err(CliError::Usage(format!(
            "`uptake fuzz` writes reports as json only, not as {}",
            other.format
        )));
    }
    let named = args.named()?;
    writable(&args.out)?;
    let outputs = Outputs::open(args.reports.clone())?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let plan = args.plan(named.as_ref());
    let mut servers = Vec::new();
    let mut targets = Vec::new();
    if let Some(target) = named {
        targets.push(target);
    } else {
        // One server for each job, so that cases that move the clock need not wait for each other.
        for _ in 0..args.jobs.get() {
            let Sandbox { server, target } = Sandbox::start(args.config()).await?;
            servers.push(server);
            targets.push(target);
        }
    }
    let shown = Shown::new(args.quiet);
    let run = uptake_fuzz::fuzz(targets, &plan, stopper, &|progress| shown.show(&progress)).await?;
    shown.end();
    for server in servers {
        server.shutdown().await;
    }
    if args.quiet && run.exit() != Exit::Well {
        output::say(&fuzz_sentence(&run));
    } else if !args.quiet && !outputs.take_stdout() {
        output::data(&fuzz_terminal(&run, &plan.replay))?;
    }
    outputs.fill(|_| fuzz_json(&run))?;
    Ok(run.exit())
}

/// Fails before anything is sent if the folder cannot be written to.
fn writable(folder: &Path) -> Result<(), CliError> {
    let told = |error: std::io::Error| {
        CliError::Usage(format!("cannot write counterexamples to {}: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(told)?;
    tempfile::tempfile_in(folder).map(drop).map_err(told)
}

/// Accepts the names of properties; clap suggests a similar one for a misspelt name.
fn property_parser() -> impl TypedValueParser<Value = Property> {
    PossibleValuesParser::new(Property::ALL.map(Property::name)).try_map(|name| name.parse::<Property>())
}

impl FuzzArgs {
    /// The target that `--target` names.
    fn named(&self) -> Result<Option<Target>, CliError> {
        let Some(given) = &self.target else { return Ok(None) };
        let target = Target::named(given)?;
        Ok(Some(if self.insecure { target.insecure() } else { target }))
    }

    /// The configuration of the built-in servers.
    fn config(&self) -> Config {
        Config { defects: self.defects.iter().copied().collect(), ..Sandbox::tiny(self.seed) }
    }

    fn plan(&self, named: Option<&Target>) -> FuzzConfig {
        let large = named.is_some_and(|target| target.limits.min_segment >= LARGE);
        let budget = large.then_some(BUDGET);
        let cases = if self.time.is_none() { Some(CASES) } else { None };
        FuzzConfig {
            properties: self.properties.clone(),
            seed: self.seed,
            bounds: Bounds {
                cases: self.cases.or(cases),
                time: self.time,
                bytes: self.max_bytes.map(|size| size.0).or(budget),
                counterexamples: Some(self.enough.get()),
            },
            jobs: if named.is_some() { self.jobs.get() } else { 1 },
            status_timeout: if named.is_some() { PATIENCE } else { Duration::ZERO },
            out: self.out.clone(),
            replay: self.command(),
        }
    }

    /// The command that replays a scenario, without the scenario.
    fn command(&self) -> String {
        let mut words = vec!["uptake check".to_owned()];
        match &self.target {
            Some(target) => words.push(format!("--target {target}")),
            None => words.push("--tiny".to_owned()),
        }
        // A counterexample to a recommendation must fail the replay, too.
        words.push("--fail-on should".to_owned());
        words.extend(self.defects.iter().map(|defect| format!("--defect {defect}")));
        words.join(" ")
    }
}

/// Progress on stderr.
enum Shown {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

impl Shown {
    fn new(quiet: bool) -> Self {
        use std::io::IsTerminal as _;
        if quiet {
            return Self::Nothing;
        }
        if !std::io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return Self::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} cases  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::Bar(bar)
    }

    fn show(&self, progress: &FuzzEvent) {
        match (self, progress) {
            (Self::Nothing, _) | (Self::Lines, FuzzEvent::Judged { .. }) => {}
            (Self::Bar(bar), FuzzEvent::Judged { cases, of }) => {
                bar.set_position(*cases);
                bar.set_message(of.map(|of| format!("of {of}")).unwrap_or_default());
            }
            (Self::Bar(bar), FuzzEvent::Found { rule, case }) => {
                bar.println(format!("{rule}: case {case} failed; shrinking it"));
            }
            (Self::Lines, FuzzEvent::Found { rule, case }) => {
                output::say(&format!("{rule}: case {case} failed; shrinking it"));
            }
        }
    }

    fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
