//! `uptake schema`: prints JSON Schemas of reports, and of the files that uptake reads.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::error::CliError;
use super::output;
use uptake_load::KEYS;
use uptake_outcome::Exit;

/// The options of `uptake schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// What the schema describes
    #[arg(value_enum, default_value_t = Of::Report)]
    of: Of,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    /// The report that `check --report json=FILE` writes
    Report,
    /// A line of the event file that `check --events FILE` writes
    Events,
    /// The kill matrix that `prove --report json=FILE` writes
    Matrix,
    /// The comparison of servers that `matrix --report json=FILE` writes
    Servers,
    /// The certificate that `certify` writes
    Certificate,
    /// The result that `load --report json=FILE` writes
    Load,
    /// The result that `load --find-capacity CONDITION --report json=FILE` writes
    Capacity,
    /// The result that `fuzz --report json=FILE` writes
    Fuzz,
    /// A scenario file, for editors
    Scenario,
    /// The `suite.yaml` of a suite, for editors
    Suite,
    /// A target profile, for editors
    Target,
    /// A load plan, for editors
    Plan,
    /// A waiver file, for editors
    Waivers,
    /// A plan of servers for `uptake matrix`, for editors
    MatrixPlan,
}

/// Runs it.
pub(super) fn run(args: &SchemaArgs) -> Result<Exit, CliError> {
    output::data(&text(args.of))?;
    Ok(Exit::Success)
}

fn text(of: Of) -> String {
    match of {
        Of::Report => uptake_report::schema(),
        Of::Events => uptake_report::events_schema(),
        Of::Load => uptake_report::load::load_schema(),
        Of::Capacity => uptake_report::capacity_schema(),
        Of::Fuzz => uptake_report::fuzz_schema(),
        Of::Matrix => uptake_report::matrix_schema(),
        Of::Scenario => SCENARIO.to_owned(),
        Of::Suite => printed(&suite()),
        Of::Target => TARGET.to_owned(),
        Of::Plan => printed(&plan()),
        Of::Waivers => WAIVERS.to_owned(),
        Of::MatrixPlan => MATRIX_PLAN.to_owned(),
        Of::Certificate => uptake_report::certificate_schema(),
        Of::Servers => uptake_report::servers_schema(),
    }
}

const SCENARIO: &str = include_str!("schemas/scenario.json");
const SUITE: &str = include_str!("schemas/suite.json");
const TARGET: &str = include_str!("schemas/target.json");
const MATRIX_PLAN: &str = include_str!("schemas/matrix-plan.json");
const WAIVERS: &str = include_str!("schemas/waivers.json");

/// A suite shares the definitions of a scenario.
fn suite() -> Value {
    let read = |text| serde_json::from_str::<Value>(text).expect("a test reads it");
    let mut suite = read(SUITE);
    suite["$defs"] = read(SCENARIO)["$defs"].take();
    suite
}

/// Each key of a plan is the name of a flag, and its value what the flag takes; a list is its items with commas between them.
fn plan() -> Value {
    let value = json!({ "type": ["string", "number", "boolean"] });
    let key = json!({ "anyOf": [value, { "type": "array", "items": value }] });
    let mut properties = serde_json::Map::new();
    properties.insert("load".to_owned(), json!({ "description": "The plan's name", "type": "string" }));
    for name in KEYS {
        let mut key = key.clone();
        key["description"] = format!("As `uptake load --{name}`").into();
        properties.insert(name.to_owned(), key);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "uptake load plan",
        "type": "object",
        "required": ["load"],
        "properties": properties,
        "additionalProperties": false,
    })
}

fn printed(schema: &Value) -> String {
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;
    use serde_json::{Value, json};

    use super::{Of, text};

    fn validator(of: Of) -> jsonschema::Validator {
        let schema: Value = serde_json::from_str(&text(of)).expect("JSON");
        jsonschema::draft202012::new(&schema).expect("a schema")
    }

    #[test]
    fn each_is_a_schema() {
        for of in Of::value_variants() {
            let schema: Value = serde_json::from_str(&text(*of)).expect("JSON");
            assert!(jsonschema::draft202012::meta::is_valid(&schema), "{of:?}");
            validator(*of);
        }
    }

    #[test]
    fn a_key_that_the_readers_do_not_know_is_refused() {
        let step = |step: Value| json!({ "scenario": "A", "steps": [ { "ask": step } ] });
        let rule = json!([ { "id": "X-01", "area": "x", "level": "must", "text": "It holds" } ]);
        for (of, good, wrong) in [
            (Of::Scenario, step(json!({ "get": "/" })), step(json!({ "gett": "/" }))),
            (
                Of::Scenario,
                step(json!({ "get": "/", "expect": { "X-01": { "status": 200 } } })),
                step(json!({ "get": "/", "expect": { "X-01": { "statuss": 200 } } })),
            ),
            (
                Of::Suite,
                json!({ "suite": "s", "areas": { "x": "all" }, "rules": rule }),
                json!({ "suite": "s", "areas": { "x": "all" }, "rules": rule, "detects": [] }),
            ),
            (
                Of::Target,
                json!({ "target": "t", "base-url": "https://a.test" }),
                json!({ "target": "t", "base-url": "https://a.test", "limit": {} }),
            ),
            (Of::Plan, json!({ "load": "p", "rate": "5/s" }), json!({ "load": "p", "rates": "5/s" })),
            (
                Of::MatrixPlan,
                json!({ "matrix": "m", "servers": [ { "server": "a", "version": 1, "url": "http://a.test", "suites": ["tus"] } ] }),
                json!({ "matrix": "m", "servers": [ { "server": "a", "version": 1, "url": "http://a.test", "suites": [] } ] }),
            ),
            (
                Of::Waivers,
                json!([ { "rule": "X-01", "reason": "known", "until": "2027-01-31" } ]),
                json!([ { "rule": "X-01", "reason": "known", "untill": "2027-01-31" } ]),
            ),
        ] {
            assert!(validator(of).is_valid(&good), "{of:?}: {good}");
            assert!(!validator(of).is_valid(&wrong), "{of:?}: {wrong}");
        }
    }
}
