//! `uptake rules`: lists the catalogue, or explains some of its rules.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::output;
use uptake_outcome::Exit;
use uptake_suite::{Cost, Coverage, Loaded, Rule, facts, load, load_suite};

/// The facts of api.video's contract.
const CONTRACT: &str = include_str!("../../docs/src/contract.md");

/// The options of `uptake rules`.
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// Explain these rules
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// The suite to read [default: the api.video suite that is built in]
    #[arg(long, value_name = "DIR")]
    suite: Option<PathBuf>,
    /// Show which rules judge each fact of the contract, and why some are judged by none
    #[arg(long, conflicts_with = "ids")]
    coverage: bool,
}

/// Runs it.
pub(super) fn run(args: &RulesArgs) -> Result<Exit, CliError> {
    let loaded = match &args.suite {
        Some(folder) => load_suite(folder, &[])?,
        None => load(&[])?,
    };
    let mut text = String::new();
    if args.coverage {
        text = coverage(&loaded)?;
    } else if args.ids.is_empty() {
        for (area, about) in &loaded.suite.areas {
            let _ = writeln!(text, "{area}: {about}");
            for rule in loaded.suite.rules.iter().filter(|rule| rule.area == *area) {
                let count = loaded
                    .scenarios
                    .iter()
                    .filter(|scenario| scenario.rules().contains(&rule.id.as_str()))
                    .count();
                let by = if count == 1 { "1 scenario".to_owned() } else { format!("{count} scenarios") };
                let proof = proof(&loaded, rule).len();
                let proof = if proof == 1 { "1 defect".to_owned() } else { format!("{proof} defects") };
                let _ = writeln!(
                    text,
                    "  {:<10} {:<6} {:<12} {:<10} {}",
                    rule.id, rule.level, by, proof, rule.text
                );
            }
            text.push('\n');
        }
    }
    for id in &args.ids {
        let Some(rule) = loaded.suite.rule(id) else {
            let meant = loaded.suite.rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(id));
            let help = meant.map_or_else(
                || "`uptake rules` lists them".to_owned(),
                |rule| format!("did you mean {}?", rule.id),
            );
            return Err(CliError::Usage(format!("the catalogue has no rule `{id}`; {help}")));
        };
        explain(&loaded, rule, &mut text);
    }
    output::data(&text)?;
    Ok(Exit::Well)
}

/// Every fact of the contract with the rules that judge it.
fn coverage(loaded: &Loaded) -> Result<String, CliError> {
    let covered = &loaded.suite.coverage;
    if covered.is_empty() {
        return Err(CliError::Usage("the suite has no coverage.yaml, which maps facts to rules".to_owned()));
    }
    let texts = facts(CONTRACT);
    let mut text = String::new();
    let mut excluded = 0;
    for (number, by) in covered {
        let _ = writeln!(text, "{number:<5} {}", texts.get(number).map_or("", String::as_str));
        let _ = match by {
            Coverage::Rules(rules) => writeln!(text, "      {}", rules.join(" ")),
            Coverage::Excluded(reason) => {
                excluded += 1;
                writeln!(text, "      excluded: {reason}")
            }
        };
    }
    let judged = covered.len() - excluded;
    let _ = writeln!(text, "\n{} facts: {judged} judged by rules, {excluded} excluded", covered.len());
    Ok(text)
}

fn judges<'l>(loaded: &'l Loaded, rule: &'l Rule) -> impl Iterator<Item = String> + 'l {
    let named = loaded.scenarios.iter().filter(|scenario| scenario.rules().contains(&rule.id.as_str())).map(
        |scenario| {
            let cost = if scenario.cost == Cost::Large { ", large" } else { "" };
            format!("{} ({}{cost})", scenario.name, scenario.file)
        },
    );
    let everywhere = loaded
        .suite
        .every_answer
        .iter()
        .filter(|everywhere| everywhere.rule == rule.id)
        .map(|everywhere| format!("every answer of every scenario ({})", everywhere.place))
        .take(1);
    named.chain(everywhere)
}

/// The planted defects that the rule was seen to catch.
fn proof<'l>(loaded: &'l Loaded, rule: &Rule) -> &'l [String] {
    loaded.suite.proof.get(&rule.id).map_or(&[], Vec::as_slice)
}

fn explain(loaded: &Loaded, rule: &Rule, text: &mut String) {
    let _ = writeln!(text, "{} ({}, {})\n  {}", rule.id, rule.area, rule.level, rule.text);
    let _ = writeln!(text, "  source: {}", rule.source.join(", "));
    if let Some(reason) = &rule.overruled {
        let _ = writeln!(text, "  overruled: {reason}");
    }
    if !rule.needs.is_empty() {
        let _ = writeln!(text, "  needs: {}", rule.needs.join(", "));
    }
    if let Some(refusal) = &rule.refusal {
        for answer in &refusal.conforms {
            let _ = writeln!(text, "  conforms: {answer}");
        }
        for answer in &refusal.tolerates {
            let _ = writeln!(text, "  tolerated: {answer}");
        }
    }
    for judge in judges(loaded, rule) {
        let _ = writeln!(text, "  judged by: {judge}");
    }
    let defects = uptake_reference::Defect::all();
    for name in proof(loaded, rule) {
        let what =
            defects.iter().find(|defect| defect.name() == name).map_or("", |defect| defect.description());
        let _ = writeln!(text, "  proven by: {name}: {what}");
    }
    text.push('\n');
}
