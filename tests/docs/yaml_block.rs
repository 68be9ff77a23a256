//! YAML blocks: each is read by the command that it is meant for.

use serde_json::Value;
use uptake_yaml::{Node, SourceFile, parse};

use super::block::Block;
use super::workplace::{PROFILES, Workplace};

/// Whether a block is what it seems to be.
pub(crate) fn holds(workplace: &Workplace, block: &Block) -> Result<(), String> {
    let file = SourceFile::new("block.yaml", block.text.clone());
    let node =
        parse(&file).map_err(|problem| format!("no YAML: {problem} in line {}", problem.place().line))?;
    let value = value(&node);
    if let Some(name) = block.file().filter(|name| !PROFILES.contains(name)) {
        workplace.write(name, &block.text);
    }
    let first = match &value {
        Value::Object(map) => map.keys().next().cloned().unwrap_or_default(),
        Value::Array(items) => {
            let first = items.first().and_then(Value::as_object).and_then(|map| map.keys().next().cloned());
            first.map(|key| format!("- {key}")).unwrap_or_default()
        }
        _ => String::new(),
    };
    match first.as_str() {
        "target" => profile(workplace, &block.text),
        "budgets" => {
            let profile =
                std::fs::read_to_string(workplace.path("staging.yaml")).map_err(|error| error.to_string())?;
            self::profile(workplace, &format!("{profile}{}", block.text))
        }
        "scenario" if block.file().is_none() && !uses_tables_of_others(&block.text) => {
            workplace.write("mine/scenario.yaml", &block.text);
            lint(workplace, &["lint", "mine/scenario.yaml"])
        }
        "load" => {
            workplace.write("load/plan.yaml", &block.text);
            lint(workplace, &["lint", "load/plan.yaml"])
        }
        "matrix" => matrix_plan(workplace, block),
        "suite" => Ok(()),
        "- rule" => {
            workplace.write("block.yaml", &block.text);
            lint(workplace, &["check", "--plan", "--target", "staging.yaml", "--waivers", "block.yaml"])
        }
        _ => scripts(workplace, &value),
    }
}

/// The block as JSON; its scalars are texts.
fn value(node: &Node) -> Value {
    match &node.value {
        uptake_yaml::Value::List(items) => items.iter().map(value).collect(),
        uptake_yaml::Value::Map(entries) => {
            entries.iter().map(|(key, node)| (key.text.clone(), value(node))).collect()
        }
        _ => node.scalar().map_or(Value::Null, Value::String),
    }
}

/// A scenario that shows a table needs the table beside it.
fn uses_tables_of_others(text: &str) -> bool {
    text.contains("for-each: { call: management")
}

/// A profile for a server elsewhere: nothing is sent to it, so that it is only read.
fn profile(workplace: &Workplace, text: &str) -> Result<(), String> {
    workplace.write("block.yaml", text);
    lint(workplace, &["check", "--plan", "--target", "block.yaml"])
}

fn lint(workplace: &Workplace, arguments: &[&str]) -> Result<(), String> {
    let output = workplace.output(arguments)?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("`uptake {}`:\n{}", arguments.join(" "), String::from_utf8_lossy(&said)))
}

/// A plan is written with a suite of one rule, and with the binary that is tested.
fn matrix_plan(workplace: &Workplace, block: &Block) -> Result<(), String> {
    let rule = "{ id: X-01, area: x, level: must, text: A call without a key is refused }";
    workplace.write(
        "one/suite.yaml",
        &format!("suite: one\ncapabilities: [clock, status, cors]\nareas: {{ x: All }}\nrules: [ {rule} ]\n"),
    );
    let step = "ask: { get: /videos, expect: { X-01: { status: 401 } } }";
    workplace.write("one/call.yaml", &format!("scenario: A call\nsteps: [ {{ {step} }} ]\n"));
    let text = block
        .text
        .replace("suite: api-video, waivers: waivers.yaml", "suite: one")
        .replace("[ api-video ]", "[ one ]")
        .replace("[ uptake,", &format!("[ {:?},", env!("CARGO_BIN_EXE_uptake")));
    let name = block.file().ok_or("the plan has no name in its first line")?;
    workplace.write(name, &text);
    lint(workplace, &["lint", name])
}

/// Runs what a CI job runs.
fn scripts(workplace: &Workplace, value: &Value) -> Result<(), String> {
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| match (key.as_str(), value) {
            ("run", Value::String(text)) => script(workplace, text),
            ("script", Value::Array(lines)) => {
                lines.iter().filter_map(Value::as_str).try_for_each(|line| script(workplace, line))
            }
            (_, value) => scripts(workplace, value),
        }),
        Value::Array(items) => items.iter().try_for_each(|item| scripts(workplace, item)),
        _ => Ok(()),
    }
}

fn script(workplace: &Workplace, text: &str) -> Result<(), String> {
    // Against the test's server one area is enough to run the command as it stands.
    workplace.script(&text.replace("uptake check ", "uptake check --rule TOKEN-01 "))
}
