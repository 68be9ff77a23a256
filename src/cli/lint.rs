//! `uptake lint`: finds mistakes in scenario files, load plans and target profiles, without sending anything.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::output;
use super::suite::SuiteArgs;
use uptake_load::{LoadPlan, is_plan};
use uptake_outcome::Exit;
use uptake_outcome::text::count;
use uptake_target::Target;

/// The options of `uptake lint`.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    suite: SuiteArgs,
}

/// The paths of one command, by what they hold.
#[derive(Debug, Default)]
struct Sorted {
    plans: Vec<PathBuf>,
    profiles: Vec<PathBuf>,
    /// Suites and scenarios, and whatever is neither a plan nor a profile.
    others: Vec<PathBuf>,
}

/// The kind of a YAML file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    LoadPlan,
    Profile,
    Suite,
}

/// Runs it.
pub(super) fn run(args: &LintArgs) -> Result<Exit, CliError> {
    let Sorted { plans, profiles, others } = sort(args.suite.paths());
    for path in &plans {
        let (raw, file) = uptake_load::read(path)?;
        LoadPlan::new(&raw, Some(&file), None)?;
    }
    for path in &profiles {
        Target::check_profile(path)?;
    }
    let mut said = String::new();
    if !others.is_empty() || args.suite.paths().is_empty() {
        said = lint_suite(args, &others)?;
    }
    for (number, noun) in [(plans.len(), "load plan"), (profiles.len(), "target profile")] {
        if number > 0 {
            writeln!(said, "no mistakes in {}", count(number, noun)).expect("a String takes everything");
        }
    }
    output::data(&said)?;
    Ok(Exit::Success)
}

/// Reads a suite, warns of rules that nothing tests, and sums up.
fn lint_suite(args: &LintArgs, paths: &[PathBuf]) -> Result<String, CliError> {
    let loaded = args.suite.load_only(paths)?;
    let rules: std::collections::BTreeSet<_> =
        loaded.scenarios.iter().flat_map(|scenario| scenario.rules()).collect();
    for rule in loaded.suite.rules.iter().filter(|rule| !rules.contains(rule.id.as_str())) {
        let everywhere = loaded.suite.every_answer.iter().any(|everywhere| everywhere.rule == rule.id);
        if paths.is_empty() || loaded.is_whole {
            let tested = if everywhere { "every response is tested against it" } else { "nothing tests it" };
            output::say(&format!("warning: {}: no scenario names {}; {tested}", rule.place, rule.id));
        }
    }
    Ok(format!(
        "{}: no mistakes in {}; they test {} of {}\n",
        loaded.suite.name,
        count(loaded.scenarios.len(), "scenario"),
        rules.len(),
        count(loaded.suite.rules.len(), "rule")
    ))
}

/// Sorts paths by what they hold; a directory can hold all of it.
fn sort(paths: &[PathBuf]) -> Sorted {
    let mut sorted = Sorted::default();
    for path in paths {
        let files = yaml_files(path);
        let mut is_for_suite = files.is_empty();
        for file in files {
            match kind(&file) {
                Kind::LoadPlan => sorted.plans.push(file),
                Kind::Profile => sorted.profiles.push(file),
                Kind::Suite => is_for_suite = true,
            }
        }
        if is_for_suite {
            sorted.others.push(path.clone());
        }
    }
    sorted
}

fn kind(file: &Path) -> Kind {
    // A directory called `load` holds plans only, whatever the file says.
    let is_kept_with_plans = file.parent().is_some_and(|folder| folder.ends_with("load"));
    if is_kept_with_plans || is_plan(file) {
        return Kind::LoadPlan;
    }
    let text = std::fs::read_to_string(file).unwrap_or_default();
    if text.lines().any(|line| line.starts_with("target:")) { Kind::Profile } else { Kind::Suite }
}

/// The YAML files that `path` is or holds.
fn yaml_files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let is_yaml =
        |entry: &Path| entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    entries
        .iter()
        .filter(|entry| entry.is_dir() || is_yaml(entry))
        .flat_map(|entry| yaml_files(entry))
        .collect()
}
