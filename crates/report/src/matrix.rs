//! The kill matrix as JSON, for programs: `format` names its version, and [`matrix_schema`] describes it.
//!
//! ```json
//! {
//!   "format": 1,
//!   "suite": "api-video",
//!   "seed": 1,
//!   "summary": { "defects": 180, "caught": 176, … },
//!   "defects": [
//!     { "name": "grace-of-23-hours", "area": "grace", "fate": "caught", "caught_by": [ "GRACE-01", … ], … },
//!     …
//!   ],
//!   "rules": [
//!     { "id": "GRACE-01", "area": "grace", "level": "must", "proven_by": [ "grace-of-23-hours", … ], … },
//!     …
//! ```

use std::fmt::Write as _;

use schemars::schema_for;

use uptake_outcome::Matrix;

/// The matrix as JSON, indented, with a line end.
pub fn matrix_json(matrix: &Matrix) -> String {
    let mut text =
        serde_json::to_string_pretty(matrix).expect("a matrix is plain data whose keys are strings");
    text.push('\n');
    text
}

/// The defects that each rule caught, as the `proof.yaml` of a suite holds them: those of the rule's own area where there are
/// some, since others fail it by way of what it stands on. A rule that caught none is not in it.
pub fn matrix_record(matrix: &Matrix) -> String {
    let mut text = String::from(
        "# The planted defects that each rule was seen to catch; written by `uptake prove --record`, read by `uptake rules`.\n",
    );
    for rule in matrix.rules.iter().filter(|rule| !rule.proven_by.is_empty()) {
        let is_own = |name: &&String| {
            matrix.defects.iter().any(|defect| defect.name == **name && defect.area == rule.area)
        };
        let own: Vec<_> = rule.proven_by.iter().filter(is_own).map(String::as_str).collect();
        let names = if own.is_empty() { rule.proven_by.join(", ") } else { own.join(", ") };
        let _ = writeln!(text, "{}: [{names}]", rule.id);
    }
    text
}

/// The JSON Schema that every rendered matrix satisfies.
pub fn matrix_schema() -> String {
    let mut text = serde_json::to_string_pretty(&schema_for!(Matrix)).expect("a schema is plain data");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{matrix_json, matrix_schema};
    use crate::matrix_sample;
    use uptake_outcome::Matrix;

    fn faults(document: &Value) -> Vec<String> {
        let schema = serde_json::from_str(&matrix_schema()).expect("JSON");
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    #[test]
    fn a_matrix_of_every_fate() {
        insta::assert_snapshot!(matrix_json(&matrix_sample::matrix()));
    }

    #[test]
    fn the_record_names_the_defects_of_each_rule_that_caught_some() {
        insta::assert_snapshot!(super::matrix_record(&matrix_sample::matrix()));
    }

    #[test]
    fn a_rendered_matrix_satisfies_its_schema_and_other_things_do_not() {
        let mut document: Value = serde_json::from_str(&matrix_json(&matrix_sample::matrix())).expect("JSON");
        assert_eq!(faults(&document), Vec::<String>::new());
        document["defects"][0]["fate"] = json!("fine");
        assert_ne!(faults(&document), Vec::<String>::new());
    }

    #[test]
    fn what_was_written_can_be_read_again() {
        let matrix = matrix_sample::matrix();
        assert_eq!(serde_json::from_str::<Matrix>(&matrix_json(&matrix)).expect("a matrix"), matrix);
    }
}
