//! `uptake check`: runs scenarios against a target and prints the verdicts.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::gate::GateArgs;
use super::kept::{self, KeepArgs, Opened};
use super::output;
use super::progress::{CLEANING_UP, Progress, stop_on_ctrl_c};
use super::suite::SuiteArgs;
use uptake_check::{Recording, RunJob, RunOptions, Selection};
use uptake_outcome::{Exit, FailOn, Level};
use uptake_prove::{SPOKEN, Sandbox};
use uptake_reference::{Config, Defect, Server};
use uptake_report::{Destination, Outputs, forecast_terminal, terminal};
use uptake_stop::Stopper;
use uptake_suite::{Cost, Loaded};
use uptake_target::{LimitsGiven, Target};

/// The options of `uptake check`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) suite: SuiteArgs,
    /// Whom to ask: a target profile, or a URL with the key in `UPTAKE_API_KEY` [default: a reference server of its own]
    #[arg(long, short, value_name = "FILE|URL", help_heading = "Target")]
    target: Option<String>,
    /// Trust whatever certificate the target shows
    #[arg(long, requires = "target", help_heading = "Target")]
    insecure: bool,
    /// Plant a defect in the reference server (repeatable)
    #[arg(long = "defect", value_name = "NAME", conflicts_with = "target", help_heading = "Target")]
    defects: Vec<Defect>,
    /// Start the reference server with segments of a KiB, as `uptake fuzz` does
    #[arg(long, conflicts_with = "target", help_heading = "Target")]
    tiny: bool,
    /// Judge this rule (repeatable)
    #[arg(long = "rule", value_name = "ID", help_heading = "Choice")]
    rules: Vec<String>,
    /// Judge the rules of this area (repeatable)
    #[arg(long = "area", value_name = "NAME", help_heading = "Choice")]
    areas: Vec<String>,
    /// Judge the rules of this level (repeatable)
    #[arg(long = "level", value_enum, value_name = "LEVEL", help_heading = "Choice")]
    levels: Vec<LevelArg>,
    /// The most that a scenario may cost; large ones move hundreds of MiB [default: large against the reference server,
    /// normal elsewhere]
    #[arg(long, value_enum, help_heading = "Choice")]
    cost: Option<CostArg>,
    /// How many scenarios run side by side
    #[arg(long, short, value_name = "N", default_value = "4", help_heading = "Run")]
    jobs: NonZeroUsize,
    /// The seed of content and order
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Run")]
    seed: u64,
    /// The lowest level whose failure fails the run
    #[arg(long, value_enum, default_value_t = FailOnArg::Must, help_heading = "Run")]
    fail_on: FailOnArg,
    #[command(flatten)]
    pub(super) keep: KeepArgs,
    /// Print what would run, how many requests and bytes that is, and how long it takes; send nothing
    #[arg(long = "plan", conflicts_with = "reports", help_heading = "Run")]
    plan_only: bool,
    #[command(flatten)]
    gate: GateArgs,
    /// Write a report: json=FILE, junit=FILE or markdown=FILE, or github for annotations on stdout (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Report")]
    reports: Vec<Destination>,
    /// Print nothing but errors
    #[arg(long, short, help_heading = "Report")]
    pub(super) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelArg {
    Must,
    Should,
    May,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CostArg {
    Normal,
    Large,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOnArg {
    Must,
    Should,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Must => Self::Must,
            LevelArg::Should => Self::Should,
            LevelArg::May => Self::May,
        }
    }
}

impl From<CostArg> for Cost {
    fn from(cost: CostArg) -> Self {
        match cost {
            CostArg::Normal => Self::Normal,
            CostArg::Large => Self::Large,
        }
    }
}

impl From<FailOnArg> for FailOn {
    fn from(fail_on: FailOnArg) -> Self {
        match fail_on {
            FailOnArg::Must => Self::Must,
            FailOnArg::Should => Self::Should,
        }
    }
}

/// Runs it.
pub(super) async fn run(args: CheckArgs) -> Result<Exit, CliError> {
    Box::pin(perform(args, None)).await
}

/// Goes on with a run that waits.
pub(super) async fn go_on(args: CheckArgs, folder: PathBuf) -> Result<Exit, CliError> {
    Box::pin(perform(args, Some(folder))).await
}

async fn perform(args: CheckArgs, earlier: Option<PathBuf>) -> Result<Exit, CliError> {
    let loaded = args.suite.load()?;
    let mut options = args.options();
    warn_of_strangers(&options.selection, &loaded);
    let own = args.target.is_none();
    let named = args.named_target(&loaded)?;
    if args.plan_only {
        return args.show_plan(&loaded, named, &options).await;
    }
    let (opened, earlier) = match (&named, earlier) {
        (Some(target), Some(folder)) => {
            let Opened { keep, saved, private } = kept::open(&folder, &loaded, target)?;
            options.selection = saved.selection();
            options.seed = saved.seed();
            (Some(keep), Some((saved, private)))
        }
        _ => (None, None),
    };
    let mut gate = args.gate.open(&loaded.suite)?;
    // Opened before anything is sent: a report that cannot be written is known at once.
    let outputs = Outputs::open(args.reports.clone())?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let (server, target) = args.asked(&loaded, named).await?;
    target.check_capabilities(&loaded.suite.capabilities).map_err(CliError::Capabilities)?;
    let progress = if args.quiet { Progress::silent() } else { Progress::new() };
    // A server of its own does not outlive the run, so nothing of that is kept.
    let keep = if opened.is_none() && !own { kept::begin(&args.keep.runs, &loaded, &target) } else { opened };
    let mut waits = args.keep.waits();
    if keep.is_none() {
        waits.longest = waits.within;
    }
    // A few rules more quickly judged than what the target can do are judged without that.
    let asks = options.selection.is_whole() && loaded.is_whole && earlier.is_none();
    let recording = Recording {
        waits: Some(waits),
        record: keep.as_ref(),
        // The key of a server of its own is right.
        tries_credentials: !own,
        detects: asks,
        earlier,
    };
    let job = RunJob { loaded: &loaded, target: &target, options: &options, recording };
    let mut run = uptake_check::run_recorded(job, stopper, &|event| {
        progress.show(&event);
    })
    .await?;
    progress.end();
    // Before anything is written that could fail: a folder that nobody needs is not left behind.
    if let Some(keep) = keep {
        kept::close(keep, &run)?;
    }
    if let Some(server) = server {
        server.shutdown().await;
    }
    gate.hold(&mut run);
    let fail_on = args.fail_on.into();
    if !args.quiet && !outputs.take_stdout() {
        output::data(&terminal(&run, output::style(), fail_on))?;
    } else if args.quiet && run.exit(fail_on) != Exit::Well {
        output::say(&uptake_report::sentence(&run, fail_on));
    }
    outputs.write(&run, fail_on)?;
    gate.write(&run)?;
    kept::say_when(&run);
    let exit = run.exit(fail_on);
    // Of a defect that was planted a failure says nothing.
    if exit == Exit::Failed && own && args.defects.is_empty() && !args.quiet {
        output::say(if loaded.suite.name == SPOKEN {
            "The reference server is part of uptake: a failure against it is a fault of uptake's own."
        } else {
            "The reference server speaks api.video's contract; what else a suite asks for it may not keep."
        });
    }
    Ok(exit)
}

/// The target that is named, as the suite has it.
fn target(given: &str, insecure: bool, loaded: &Loaded) -> Result<Target, CliError> {
    let target = Target::named(given)?;
    target.check_capabilities(&loaded.suite.capabilities).map_err(CliError::Capabilities)?;
    let target = target.within(loaded.suite.limits)?;
    Ok(if insecure { target.insecure() } else { target })
}

/// A filter that names what is not there matches nothing, which is no error; but a misspelt one should be seen.
fn warn_of_strangers(selection: &Selection, loaded: &Loaded) {
    for rule in &selection.rules {
        if loaded.suite.rule(rule).is_none() {
            output::say(&format!("warning: the catalogue has no rule {rule}; `uptake rules` lists them"));
        }
    }
    for area in &selection.areas {
        if !loaded.suite.areas.iter().any(|(name, _)| name == area) {
            let known: Vec<_> = loaded.suite.areas.iter().map(|(name, _)| name.as_str()).collect();
            output::say(&format!("warning: the catalogue has no area {area}; it has: {}", known.join(", ")));
        }
    }
}

impl CheckArgs {
    /// What would be done, on stdout.
    async fn show_plan(
        &self,
        loaded: &Loaded,
        named: Option<Target>,
        options: &RunOptions,
    ) -> Result<Exit, CliError> {
        let (server, target) = self.asked(loaded, named).await?;
        let forecast = uptake_check::forecast(loaded, &target, options, Some(self.keep.waits()))?;
        output::data(&forecast_terminal(&forecast, output::style()))?;
        drop(server);
        Ok(if forecast.scenarios.is_empty() { Exit::NothingJudged } else { Exit::Well })
    }

    /// Who is asked: whoever was named, or a reference server of one's own.
    async fn asked(
        &self,
        loaded: &Loaded,
        named: Option<Target>,
    ) -> Result<(Option<Server>, Target), CliError> {
        if let Some(target) = named {
            return Ok((None, target));
        }
        let Sandbox { server, target } = Sandbox::start(self.config(loaded.suite.limits)).await?;
        Ok((Some(server), target))
    }

    /// How the reference server is set up.
    fn config(&self, limits: LimitsGiven) -> Config {
        let config = if self.tiny { Sandbox::tiny(self.seed) } else { Sandbox::config(self.seed) };
        Sandbox::within(Config { defects: self.defects.iter().copied().collect(), ..config }, limits)
    }

    /// The target that was named.
    pub(super) fn named_target(&self, loaded: &Loaded) -> Result<Option<Target>, CliError> {
        self.target.as_ref().map(|given| target(given, self.insecure, loaded)).transpose()
    }

    /// Names another target, or another place of the same.
    pub(super) fn retarget(&mut self, target: String) {
        self.target = Some(target);
    }

    pub(super) fn options(&self) -> RunOptions {
        let own = if self.target.is_none() { Cost::Large } else { Cost::Normal };
        RunOptions {
            selection: Selection {
                rules: self.rules.clone(),
                areas: self.areas.clone(),
                levels: self.levels.iter().copied().map(Level::from).collect(),
                cost: self.cost.map_or(own, Cost::from),
            },
            jobs: self.jobs,
            seed: self.seed,
            patience: Duration::MAX,
        }
    }
}
