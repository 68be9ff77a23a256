//! Which rules a run tests. A name that the suite does not have is an error: a misspelt filter must not turn a gate green.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::FilterArgs;
use crate::cli::error::CliError;
use crate::cli::gate::earlier_run;
use crate::cli::parsers::unknown;
use uptake_check::Selection;
use uptake_outcome::{Level, Verdict};
use uptake_suite::{Cost, Suite};

/// The filters of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filters {
    rules: Vec<String>,
    areas: Vec<String>,
    levels: Vec<Level>,
    failed_from: Option<PathBuf>,
    /// Whether large scenarios run; `None` leaves that to the kind of server.
    large: Option<bool>,
}

impl From<FilterArgs> for Filters {
    fn from(args: FilterArgs) -> Self {
        Self {
            rules: args.rules,
            areas: args.areas,
            levels: args.levels.into_iter().map(Level::from).collect(),
            failed_from: args.failed_from,
            large: args.cost.map(|cost| Cost::from(cost) == Cost::Large),
        }
    }
}

impl Filters {
    /// The rules of `suite` that the filters choose.
    pub(super) fn select(&self, suite: &Suite, default_cost: Cost) -> Result<Selection, CliError> {
        let mut rules = known_rules(&self.rules, suite)?;
        let areas = known_areas(&self.areas, suite)?;
        if let Some(path) = &self.failed_from {
            rules = not_passed(path, suite)?;
        }
        let cost = match self.large {
            Some(true) => Cost::Large,
            Some(false) => Cost::Normal,
            None => default_cost,
        };
        Ok(Selection { rules, areas, levels: self.levels.clone(), cost, only: None })
    }
}

/// `names`, where `suite` has an area of each.
pub(in crate::cli) fn known_areas(names: &[String], suite: &Suite) -> Result<Vec<String>, CliError> {
    let areas: Vec<&str> = suite.areas.iter().map(|(name, _)| name.as_str()).collect();
    if let Some(area) = names.iter().find(|area| !areas.contains(&area.as_str())) {
        let list = format!("areas of {}: {}", suite.name, areas.join(", "));
        return Err(CliError::Usage(unknown("area", area, &areas, &list)));
    }
    Ok(names.to_vec())
}

/// `ids`, where `suite` has a rule of each.
pub(in crate::cli) fn known_rules(ids: &[String], suite: &Suite) -> Result<Vec<String>, CliError> {
    let known: Vec<&str> = suite.rules.iter().map(|rule| rule.id.as_str()).collect();
    for id in ids {
        if !known.contains(&id.as_str()) {
            // Ids are often typed in lower case.
            let written = id.to_uppercase();
            let near = known.iter().find(|known| **known == written);
            let list = "`uptake rules` lists all rules";
            return Err(CliError::Usage(match near {
                Some(near) => format!("unknown rule `{id}`; did you mean `{near}`? {list}"),
                None => unknown("rule", id, &known, list),
            }));
        }
    }
    Ok(ids.to_vec())
}

/// The rules that did not pass in the report at `path`.
fn not_passed(path: &Path, suite: &Suite) -> Result<Vec<String>, CliError> {
    let run = earlier_run("--failed-from:", path, suite)?;
    let is_open = |verdict| {
        matches!(verdict, Verdict::Failed | Verdict::Waived | Verdict::Blocked | Verdict::Inconclusive)
    };
    let ids: Vec<String> =
        run.rules.iter().filter(|rule| is_open(rule.verdict)).map(|rule| rule.id.clone()).collect();
    if ids.is_empty() {
        return Err(CliError::NothingFailed(path.to_owned()));
    }
    known_rules(&ids, suite)
}
