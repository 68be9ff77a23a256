//! `uptake fuzz`: generated uploads against a target, and what failed made small.

mod replay;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error::CliError;
use super::output;
use super::progress::{CLEANING_UP, stop_on_ctrl_c};
use super::serve::units::{Size, duration};
use uptake_fuzz::{Bounds, Plan, Progress, Property};
use uptake_outcome::Exit;
use uptake_prove::Sandbox;
use uptake_reference::{Config, Defect};
use uptake_report::{Destination, Format, Outputs, fuzz_json, fuzz_sentence, fuzz_terminal};
use uptake_stop::Stopper;
use uptake_target::Target;

/// So many cases where nothing else bounds the run.
const CASES: u64 = 500;
/// So many bytes where segments are large and nobody says otherwise.
const BUDGET: u64 = 1 << 30;
/// From here on segments are large.
const LARGE: u64 = 1 << 20;
/// How long a status of a target that is not our own may take to show what has arrived.
const PATIENCE: Duration = Duration::from_secs(2);

/// The options of `uptake fuzz`.
#[derive(Debug, Args)]
pub(super) struct FuzzArgs {
    /// Whom to ask: a target profile, or a URL with the key in `UPTAKE_API_KEY` [default: reference servers of its own]
    #[arg(long, short, value_name = "FILE|URL", help_heading = "Target")]
    target: Option<String>,
    /// Trust whatever certificate the target shows
    #[arg(long, requires = "target", help_heading = "Target")]
    insecure: bool,
    /// Plant a defect in the reference servers (repeatable; `uptake serve --list-defects` names them)
    #[arg(long = "defect", value_name = "NAME", conflicts_with = "target", help_heading = "Target")]
    defects: Vec<Defect>,
    /// Try this property (repeatable) [default: all of them]
    #[arg(long = "property", value_name = "NAME", help_heading = "Choice")]
    properties: Vec<Property>,
    /// Try so many cases [default: 500, or as many as there is --time for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Run")]
    cases: Option<u64>,
    /// Stop after this time, such as 5m
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Run")]
    time: Option<Duration>,
    /// Send no more than so many bytes, such as 2GiB [default: 1GiB where segments are of a MiB or more]
    #[arg(long, value_name = "SIZE", help_heading = "Run")]
    max_bytes: Option<Size>,
    /// Stop when so many counterexamples of different kinds were found
    #[arg(long, value_name = "N", default_value = "8", help_heading = "Run")]
    enough: NonZeroUsize,
    /// The seed of cases and content; the same seed repeats a run
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Run")]
    seed: u64,
    /// How many cases go side by side
    #[arg(long, short, value_name = "N", default_value = "2", help_heading = "Run")]
    jobs: NonZeroUsize,
    /// Write a report: json=FILE (`-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Report")]
    reports: Vec<Destination>,
    /// Where the scenarios of counterexamples are written
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Report")]
    out: PathBuf,
    /// Generate nothing: replay the counterexamples of this folder, each FIXED, FAILED or ERROR
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
            "a run of generated cases is written as json, not as {}",
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
        // A server for each, so that those who move the clock need not wait for each other.
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

/// A folder in which nothing can be written is known before anything is sent.
fn writable(folder: &Path) -> Result<(), CliError> {
    let told = |error: std::io::Error| {
        CliError::Usage(format!("counterexamples cannot be written to {}: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(told)?;
    tempfile::tempfile_in(folder).map(drop).map_err(told)
}

impl FuzzArgs {
    /// The target that was named.
    fn named(&self) -> Result<Option<Target>, CliError> {
        let Some(given) = &self.target else { return Ok(None) };
        let target = Target::named(given)?;
        Ok(Some(if self.insecure { target.insecure() } else { target }))
    }

    /// How a reference server is set up.
    fn config(&self) -> Config {
        Config { defects: self.defects.iter().copied().collect(), ..Sandbox::tiny(self.seed) }
    }

    fn plan(&self, named: Option<&Target>) -> Plan {
        let large = named.is_some_and(|target| target.limits.min_segment >= LARGE);
        let budget = large.then_some(BUDGET);
        let cases = if self.time.is_none() { Some(CASES) } else { None };
        Plan {
            properties: self.properties.clone(),
            seed: self.seed,
            bounds: Bounds {
                cases: self.cases.or(cases),
                time: self.time,
                bytes: self.max_bytes.map(|size| size.0).or(budget),
                counterexamples: Some(self.enough.get()),
            },
            jobs: if named.is_some() { self.jobs.get() } else { 1 },
            patience: if named.is_some() { PATIENCE } else { Duration::ZERO },
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
        // Some rules are no more than a recommendation, and a counterexample to one is to be seen, too.
        words.push("--fail-on should".to_owned());
        words.extend(self.defects.iter().map(|defect| format!("--defect {defect}")));
        words.join(" ")
    }
}

/// What is shown on stderr while a run goes on.
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

    fn show(&self, progress: &Progress) {
        match (self, progress) {
            (Self::Nothing, _) | (Self::Lines, Progress::Tried { .. }) => {}
            (Self::Bar(bar), Progress::Tried { cases, of }) => {
                bar.set_position(*cases);
                bar.set_message(of.map(|of| format!("of {of}")).unwrap_or_default());
            }
            (Self::Bar(bar), Progress::Found { rule, case }) => {
                bar.println(format!("{rule}: case {case} failed; making it small"));
            }
            (Self::Lines, Progress::Found { rule, case }) => {
                output::say(&format!("{rule}: case {case} failed; making it small"));
            }
        }
    }

    fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
