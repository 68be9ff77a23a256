//! The whole run as JSON, for programs: `format` names its version, and [`schema`] describes it.
//!
//! ```json
//! {
//!   "format": 1,
//!   "suite": "api-video",
//!   "seed": 7,
//!   "ending": { "how": "completed" },
//!   "summary": { "rules": 141, "judged": 137, "passed": 135, … },
//!   "rules": [
//!     { "id": "AUTH-01", "area": "auth", "level": "must", "verdict": "passed", "scenarios": [ … ], … },
//!     …
//! ```

use super::stored::{pretty, schema_of};
use uptake_outcome::{EventLine, Run};

/// The run as JSON, indented, with a line end.
pub fn json(run: &Run) -> String {
    pretty(run)
}

/// The JSON Schema of a line of an event file.
pub fn events_schema() -> String {
    schema_of::<EventLine>()
}

/// The JSON Schema that every rendered run satisfies.
pub fn schema() -> String {
    schema_of::<Run>()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{json as render, schema};
    use crate::sample;
    use uptake_outcome::{Ending, Run};

    fn faults(document: &Value) -> Vec<String> {
        let schema = serde_json::from_str(&schema()).expect("JSON");
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    fn rendered(run: &Run) -> Value {
        serde_json::from_str(&render(run)).expect("JSON")
    }

    #[test]
    fn a_run_of_every_verdict() {
        insta::assert_snapshot!(render(&sample::run()));
    }

    #[test]
    fn the_schema() {
        insta::assert_snapshot!(schema());
    }

    #[test]
    fn a_rendered_run_satisfies_the_schema() {
        let endings = [
            Ending::Completed,
            Ending::Interrupted,
            Ending::OutOfReach { why: "connection refused".to_owned() },
            Ending::HarnessFailed { why: "no room on the disk".to_owned() },
        ];
        for ending in endings {
            let run = Run { ending, ..sample::waived() };
            assert_eq!(faults(&rendered(&run)), Vec::<String>::new());
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_run_of_this_format() {
        let spoilt = |pointer: &str, value: Value| {
            let mut document = rendered(&sample::run());
            *document.pointer_mut(pointer).expect("it is there") = value;
            faults(&document)
        };
        assert_ne!(spoilt("/format", json!(2)), Vec::<String>::new(), "another version");
        assert_ne!(spoilt("/rules/0/verdict", json!("fine")), Vec::<String>::new(), "no verdict");
        assert_ne!(spoilt("/summary", json!({})), Vec::<String>::new(), "no counts");
    }

    #[test]
    fn what_was_written_can_be_read_again() {
        let run = sample::waived();
        assert_eq!(serde_json::from_str::<Run>(&render(&run)).expect("a run"), run);
    }
}
