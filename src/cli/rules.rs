//! `uptake rules`: lists the rules of a suite, or explains some of them.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use serde_json::{Value, json};

use super::check::known_rules;
use super::error::CliError;
use super::output;
use uptake_outcome::Exit;
use uptake_outcome::text::count;
use uptake_suite::{Cost, Coverage, Loaded, Rule, Scenario, facts, load, load_suite};

/// The facts of api.video's contract.
const CONTRACT: &str = include_str!("../../docs/src/contract.md");

/// The options of `uptake rules`.
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// Explain these rules
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Built-in suite (`uptake suite list`), or the directory of a suite [default: the built-in api.video suite]
    #[arg(long, value_name = "NAME|DIR")]
    suite: Option<PathBuf>,
    /// Show which rules test each fact of the contract, and why some facts have no rule
    #[arg(long, conflicts_with = "ids")]
    coverage: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(super) fn run(args: &RulesArgs) -> Result<Exit, CliError> {
    let loaded = match &args.suite {
        Some(folder) => load_suite(folder, &[])?,
        None => load(&[])?,
    };
    known_rules(&args.ids, &loaded.suite)?;
    if args.json {
        return json(&loaded, &args.ids);
    }
    let mut text = String::new();
    if args.coverage {
        text = coverage(&loaded)?;
    } else if args.ids.is_empty() {
        for (area, about) in &loaded.suite.areas {
            let _ = writeln!(text, "{area}: {about}");
            for rule in loaded.suite.rules.iter().filter(|rule| rule.area == *area) {
                let scenarios = loaded
                    .scenarios
                    .iter()
                    .filter(|scenario| scenario.rules().contains(&rule.id.as_str()))
                    .count();
                let by = count(scenarios, "scenario");
                let proof = count(proof(&loaded, rule).len(), "defect");
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
        if let Some(rule) = loaded.suite.rule(id) {
            explain(&loaded, rule, &mut text);
        }
    }
    output::data(&text)?;
    Ok(Exit::Success)
}

/// The rules as JSON: all, or those of `ids`.
fn json(loaded: &Loaded, ids: &[String]) -> Result<Exit, CliError> {
    let chosen = loaded.suite.rules.iter().filter(|rule| ids.is_empty() || ids.contains(&rule.id));
    let rules: Vec<Value> = chosen
        .map(|rule| {
            json!({
                "id": rule.id,
                "area": rule.area,
                "level": rule.level.to_string(),
                "text": rule.text,
                "source": rule.source,
                "needs": rule.needs.has,
                "lacks": rule.needs.lacks,
                "scenarios": tests(loaded, rule)
                    .map(|scenario| json!({ "name": scenario.name, "file": scenario.file }))
                    .collect::<Vec<_>>(),
                "proven_by": proof(loaded, rule),
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&json!({ "suite": loaded.suite.name, "rules": rules }))
        .expect("plain data whose keys are strings");
    output::data(&format!("{text}\n"))?;
    Ok(Exit::Success)
}

/// The scenarios that test a rule.
fn tests<'l>(loaded: &'l Loaded, rule: &'l Rule) -> impl Iterator<Item = &'l Scenario> {
    loaded.scenarios.iter().filter(|scenario| scenario.rules().contains(&rule.id.as_str()))
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
    let named = tests(loaded, rule).map(|scenario| {
        let cost = if scenario.cost == Cost::Large { ", large" } else { "" };
        format!("{} ({}{cost})", scenario.name, scenario.file)
    });
    let everywhere = loaded
        .suite
        .every_answer
        .iter()
        .filter(|everywhere| everywhere.rule == rule.id)
        .map(|everywhere| format!("every response of every scenario ({})", everywhere.place))
        .take(1);
    named.chain(everywhere)
}

/// The planted defects that the rule catches.
fn proof<'l>(loaded: &'l Loaded, rule: &Rule) -> &'l [String] {
    loaded.suite.proof.get(&rule.id).map_or(&[], Vec::as_slice)
}

fn explain(loaded: &Loaded, rule: &Rule, text: &mut String) {
    let _ = writeln!(text, "{} ({}, {})\n  {}", rule.id, rule.area, rule.level, rule.text);
    let _ = writeln!(text, "  source: {}", rule.source.join(", "));
    if let Some(reason) = &rule.overruled {
        let _ = writeln!(text, "  overridden: {reason}");
    }
    for (key, names) in [("needs", &rule.needs.has), ("lacks", &rule.needs.lacks)] {
        if !names.is_empty() {
            let _ = writeln!(text, "  {key}: {}", names.join(", "));
        }
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
        let _ = writeln!(text, "  tested by: {judge}");
    }
    let defects = uptake_reference::Defect::all();
    for name in proof(loaded, rule) {
        let what =
            defects.iter().find(|defect| defect.name() == name).map_or("", |defect| defect.description());
        let _ = writeln!(text, "  proven by: {name}: {what}");
    }
    text.push('\n');
}
