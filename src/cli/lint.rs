//! `uptake lint`: explains what is wrong in scenario files and load plans, without sending anything.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::output;
use crate::load::{Plan, is_plan};
use crate::outcome::Exit;
use crate::suite::load;

/// The options of `uptake lint`.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Suites, folders of scenarios or of load plans, or single ones [default: the api.video suite that is built in]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs it.
pub(super) fn run(args: &LintArgs) -> Result<Exit, CliError> {
    let (mut plans, mut others) = (Vec::new(), Vec::new());
    for path in &args.paths {
        let (found, all) = yaml_files(path);
        let is_plans_alone = !found.is_empty() && found.len() == all;
        plans.extend(found);
        if !is_plans_alone {
            others.push(path.clone());
        }
    }
    for path in &plans {
        let (draft, file) = crate::load::read(path)?;
        Plan::new(&draft, Some(&file), None)?;
    }
    let mut said = String::new();
    if !others.is_empty() || args.paths.is_empty() {
        let loaded = load(&others)?;
        let rules: std::collections::BTreeSet<_> =
            loaded.scenarios.iter().flat_map(|scenario| scenario.rules()).collect();
        said = format!(
            "{}: {} scenarios name {} of {} rules, without a mistake\n",
            loaded.suite.name,
            loaded.scenarios.len(),
            rules.len(),
            loaded.suite.rules.len()
        );
    }
    if !plans.is_empty() {
        let noun = if plans.len() == 1 { "load plan" } else { "load plans" };
        writeln!(said, "{} {noun} without a mistake", plans.len()).expect("a String takes everything");
    }
    output::data(&said)?;
    Ok(Exit::Well)
}

/// The load plans that `path` is or holds, and how many YAML files there are in all.
fn yaml_files(path: &Path) -> (Vec<PathBuf>, usize) {
    if !path.is_dir() {
        // In a folder called `load` there is nothing else, whatever the file says.
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
