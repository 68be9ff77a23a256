//! `uptake lint`: finds mistakes in scenario files and load plans, without sending anything.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::output;
use super::suite::SuiteArgs;
use uptake_load::{LoadPlan, is_plan};
use uptake_outcome::Exit;
use uptake_outcome::text::count;

/// The options of `uptake lint`.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    suite: SuiteArgs,
}

/// Runs it.
pub(super) fn run(args: &LintArgs) -> Result<Exit, CliError> {
    let (mut plans, mut others) = (Vec::new(), Vec::new());
    for path in args.suite.paths() {
        let (found, all) = yaml_files(path);
        let is_plans_alone = !found.is_empty() && found.len() == all;
        plans.extend(found);
        if !is_plans_alone {
            others.push(path.clone());
        }
    }
    for path in &plans {
        let (raw, file) = uptake_load::read(path)?;
        LoadPlan::new(&raw, Some(&file), None)?;
    }
    let mut said = String::new();
    if !others.is_empty() || args.suite.paths().is_empty() {
        let loaded = args.suite.load_only(&others)?;
        let rules: std::collections::BTreeSet<_> =
            loaded.scenarios.iter().flat_map(|scenario| scenario.rules()).collect();
        for rule in loaded.suite.rules.iter().filter(|rule| !rules.contains(rule.id.as_str())) {
            let everywhere = loaded.suite.every_answer.iter().any(|everywhere| everywhere.rule == rule.id);
            if others.is_empty() || loaded.is_whole {
                let tested =
                    if everywhere { "every response is tested against it" } else { "nothing tests it" };
                output::say(&format!("warning: {}: no scenario names {}; {tested}", rule.place, rule.id));
            }
        }
        said = format!(
            "{}: no mistakes in {}; they test {} of {}\n",
            loaded.suite.name,
            count(loaded.scenarios.len(), "scenario"),
            rules.len(),
            count(loaded.suite.rules.len(), "rule")
        );
    }
    if !plans.is_empty() {
        writeln!(said, "no mistakes in {}", count(plans.len(), "load plan"))
            .expect("a String takes everything");
    }
    output::data(&said)?;
    Ok(Exit::Success)
}

/// The load plans that `path` is or holds, and how many YAML files there are in all.
fn yaml_files(path: &Path) -> (Vec<PathBuf>, usize) {
    if !path.is_dir() {
        // A directory called `load` holds plans only, whatever the file says.
        let is_kept_with_plans = path.parent().is_some_and(|folder| folder.ends_with("load"));
        let is_meant = is_kept_with_plans || is_plan(path);
        return (is_meant.then(|| path.to_owned()).into_iter().collect(), 1);
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let (mut plans, mut all) = (Vec::new(), 0);
    for entry in entries {
        let is_yaml = entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if entry.is_dir() || is_yaml {
            let (found, count) = yaml_files(&entry);
            plans.extend(found);
            all += count;
        }
    }
    (plans, all)
}
