//! What a run would do, without sending anything.

use std::fmt::Write as _;

use super::job::Job;
use crate::cli::error::CliError;
use crate::cli::output;
use uptake_outcome::Exit;
use uptake_outcome::text::count;
use uptake_report::forecast_terminal;

/// Prints requests, bytes and duration.
pub(super) async fn plan(job: &Job) -> Result<Exit, CliError> {
    let loaded = job.suite.load()?;
    let options = job.options(&loaded.suite)?;
    let named = job.described_target(&loaded)?;
    let server = job.server.ready(named, job.seed, loaded.suite.limits).await?;
    let forecast = uptake_check::forecast(&loaded, &server.target, &options, Some(job.folder.waits()))?;
    output::data(&forecast_terminal(&forecast, output::style()))?;
    Ok(if forecast.scenarios.is_empty() { Exit::NothingTested } else { Exit::Success })
}

/// Prints the selected rules, each with the scenarios that test it.
pub(super) async fn list(job: &Job) -> Result<Exit, CliError> {
    let loaded = job.suite.load()?;
    let selection = job.options(&loaded.suite)?.selection;
    let named = job.described_target(&loaded)?;
    let server = job.server.ready(named, job.seed, loaded.suite.limits).await?;
    let chosen = selection.scenarios(&loaded, &server.target);
    let rules: Vec<_> = loaded.suite.rules.iter().filter(|rule| selection.has(rule)).collect();
    let mut text = String::new();
    let mut files = std::collections::BTreeSet::new();
    for rule in &rules {
        let _ = writeln!(text, "{}  {}  {}", rule.id, rule.level, rule.text);
        for scenario in chosen.iter().filter(|scenario| scenario.rules().contains(&rule.id.as_str())) {
            files.insert((&scenario.file, &scenario.name));
            let _ = writeln!(text, "    {} ({})", scenario.name, scenario.file);
        }
    }
    let _ = writeln!(text, "\n{} in {}", count(rules.len(), "rule"), count(files.len(), "scenario"));
    output::data(&text)?;
    Ok(if rules.is_empty() { Exit::NothingTested } else { Exit::Success })
}
