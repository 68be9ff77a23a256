//! `uptake lint`: finds mistakes in scenario files, load plans, matrix plans, target profiles and waiver files, without sending anything.

mod kind;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use self::kind::Sorted;
use super::capabilities::check_names;
use super::error::CliError;
use super::matrix::check_plan;
use super::output;
use super::suite::SuiteArgs;
use uptake_gate::{GateError, read_waivers};
use uptake_load::{LoadError as PlanError, LoadPlan};
use uptake_outcome::text::count;
use uptake_outcome::{Exit, Mistake, MistakeCode};
use uptake_report::{Destination, LintFormat, Outputs};
use uptake_suite::{LoadError, Loaded, Rule};
use uptake_target::{Target, TargetError};
use uptake_yaml::{Problem, Problems};

/// The options of `uptake lint`.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    suite: SuiteArgs,
    /// Write what was found: sarif=FILE for code scanning (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    reports: Vec<Destination<LintFormat>>,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    warnings: Vec<Mistake>,
    /// What is said of files without mistakes.
    said: String,
}

impl Found {
    fn add(&mut self, problems: &Problems) {
        self.problems.extend(problems.iter().cloned());
    }
}

/// Runs it.
pub(super) fn run(args: &LintArgs) -> Result<Exit, CliError> {
    let outputs = Outputs::open(args.reports.clone())?;
    let takes_stdout = outputs.take_stdout();
    let sorted = Sorted::of(args.suite.paths());
    let mut found = Found::default();
    plans(&sorted.plans, &mut found)?;
    matrix_plans(&sorted.matrix_plans, &mut found)?;
    let loaded = suite(args, &sorted, &mut found)?;
    profiles(&sorted.profiles, loaded.as_ref().filter(|_| names_suite(args, &sorted)), &mut found)?;
    if let Some(loaded) = &loaded {
        waivers(&sorted.waivers, loaded, &mut found)?;
    }
    for (number, noun) in [
        (sorted.plans.len(), "load plan"),
        (sorted.matrix_plans.len(), "matrix plan"),
        (sorted.profiles.len(), "target profile"),
        (sorted.waivers.len(), "waiver file"),
    ] {
        if number > 0 {
            writeln!(found.said, "no mistakes in {}", count(number, noun))
                .expect("writing to a String cannot fail");
        }
    }
    let mut mistakes: Vec<Mistake> = found.problems.iter().map(Problem::to_mistake).collect();
    mistakes.extend(found.warnings);
    outputs.write(|format| format.render(&mistakes))?;
    if !found.problems.is_empty() {
        return Err(CliError::Lint(found.problems.into_iter().collect()));
    }
    if !takes_stdout {
        output::data(&found.said)?;
    }
    Ok(Exit::Success)
}

/// Whether the command line names a suite, so that profiles are held against its capabilities.
fn names_suite(args: &LintArgs, sorted: &Sorted) -> bool {
    args.suite.names_suite() || !sorted.others.is_empty()
}

fn plans(paths: &[PathBuf], found: &mut Found) -> Result<(), CliError> {
    for path in paths {
        let read = uptake_load::read(path);
        match read.and_then(|(raw, file)| LoadPlan::new(&raw, Some(&file), None).map(drop)) {
            Err(PlanError::Problems(problems)) => found.add(&problems),
            other => other?,
        }
    }
    Ok(())
}

fn matrix_plans(paths: &[PathBuf], found: &mut Found) -> Result<(), CliError> {
    for path in paths {
        match check_plan(path) {
            Err(CliError::Lint(problems)) => found.add(&problems),
            other => other?,
        }
    }
    Ok(())
}

fn profiles(paths: &[PathBuf], suite: Option<&Loaded>, found: &mut Found) -> Result<(), CliError> {
    for path in paths {
        match Target::check_profile(path) {
            Ok(target) => match suite.map(|loaded| check_names(&target, &loaded.suite)) {
                Some(Err(CliError::Capabilities(problems))) => found.add(&problems),
                Some(other) => other?,
                None => {}
            },
            Err(TargetError::Problems(problems)) => found.add(&problems),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

fn waivers(paths: &[PathBuf], loaded: &Loaded, found: &mut Found) -> Result<(), CliError> {
    let rules: Vec<&str> = loaded.suite.rules.iter().map(|rule| rule.id.as_str()).collect();
    for path in paths {
        match read_waivers(path, &rules) {
            Ok(_) => {}
            Err(GateError::Problems(problems)) => found.add(&problems),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// Reads the suite, where there is something in it to look at or to hold other files against.
fn suite(args: &LintArgs, sorted: &Sorted, found: &mut Found) -> Result<Option<Loaded>, CliError> {
    let is_asked = !sorted.others.is_empty() || args.suite.paths().is_empty() || args.suite.names_suite();
    if !is_asked && sorted.waivers.is_empty() {
        return Ok(None);
    }
    match args.suite.load_only(&sorted.others) {
        Ok(loaded) => {
            if is_asked {
                look_at(&loaded, &sorted.others, found);
            }
            Ok(Some(loaded))
        }
        Err(LoadError::Problems(problems)) => {
            found.add(&problems);
            Ok(None)
        }
        Err(other) => Err(other.into()),
    }
}

/// Warns of rules that nothing tests, and sums up.
fn look_at(loaded: &Loaded, paths: &[PathBuf], found: &mut Found) {
    let tested: BTreeSet<_> = loaded.scenarios.iter().flat_map(|scenario| scenario.rules()).collect();
    for rule in loaded.suite.rules.iter().filter(|rule| !tested.contains(rule.id.as_str())) {
        if paths.is_empty() || loaded.is_whole {
            let warning = untested(loaded, rule);
            output::say(&format!("warning: {}: {}", warning.place, warning.message));
            found.warnings.push(warning);
        }
    }
    writeln!(
        found.said,
        "{}: no mistakes in {}; they test {} of {}",
        loaded.suite.name,
        count(loaded.scenarios.len(), "scenario"),
        tested.len(),
        count(loaded.suite.rules.len(), "rule")
    )
    .expect("writing to a String cannot fail");
}

fn untested(loaded: &Loaded, rule: &Rule) -> Mistake {
    let everywhere = loaded.suite.every_answer.iter().any(|everywhere| everywhere.rule == rule.id);
    let how = if everywhere { "every response is tested against it" } else { "nothing tests it" };
    Mistake {
        code: MistakeCode::UntestedRule,
        message: format!("no scenario names {}; {how}", rule.id),
        help: None,
        place: rule.place.clone(),
    }
}
