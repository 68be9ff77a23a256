//! The kill matrix as JSON, for programs: `format` names its version, and [`matrix_schema`] describes it.
//!
//! ```json
//! {
//!   "format": 1,
//!   "suite": "api-video",
//!   "seed": 1,
//!   "summary": { "defects": 360, "caught": 356, … },
//!   "defects": [
//!     { "name": "grace-of-23-hours", "area": "grace", "fate": "caught", "caught_by": [ "GRACE-01", … ], … },
//!     …
//!   ],
//!   "rules": [
//!     { "id": "GRACE-01", "area": "grace", "level": "must", "proven_by": [ "grace-of-23-hours", … ], … },
//!     …
//! ```

use std::fmt::Write as _;

use super::stored::{pretty, read, schema_of};
use uptake_outcome::{Fate, MATRIX_FORMAT, Matrix, RuleProof};

/// The matrix as JSON, indented, with a line end.
pub fn matrix_json(matrix: &Matrix) -> String {
    pretty(matrix)
}

/// The defects that each rule catches, as the `proof.yaml` of a suite holds them: those of the rule's own area where there are
/// some, since others fail it by way of what it stands on; and for a defect that only rules of other areas catch, the first of
/// these. `recorded` is the record so far, in the order of the suite: what it says of defects that this run did not plant, or not
/// with that rule, stays. A rule that catches none is not in the record. The defects of a rule stand in the order of `catalogue`.
pub fn matrix_record(matrix: &Matrix, recorded: &[(String, Vec<String>)], catalogue: &[&str]) -> String {
    let mut text = String::from(
        "# The planted defects that each rule was seen to catch; written by `uptake prove --record`, read by `uptake prove` and \
         `uptake rules`.\n",
    );
    let known: &dyn Fn(&str) -> Vec<String> = &|id| {
        let of_rule = recorded.iter().find(|(rule, _)| rule == id);
        of_rule.map_or(Vec::new(), |(_, names)| names.clone())
    };
    let is_elsewhere = |id: &str| !matrix.rules.iter().any(|rule| rule.id == id);
    let mut lines: Vec<(&str, Vec<String>)> =
        matrix.rules.iter().map(|rule| (rule.id.as_str(), caught(matrix, rule, known(&rule.id)))).collect();
    // Rules that this run's scenarios do not judge.
    for (at, (rule, names)) in recorded.iter().enumerate().filter(|(_, (rule, _))| is_elsewhere(rule)) {
        lines.insert(at.min(lines.len()), (rule, names.clone()));
    }
    for (id, names) in lines.iter_mut().filter(|(_, names)| !names.is_empty()) {
        names.sort_by_key(|name| catalogue.iter().position(|listed| listed == name));
        let _ = writeln!(text, "{id}: [{}]", names.join(", "));
    }
    text
}

/// The defects to record for a rule that are `known` to be caught by it or were seen to be.
fn caught(matrix: &Matrix, rule: &RuleProof, known: Vec<String>) -> Vec<String> {
    let planted = |name: &str| matrix.defects.iter().find(|defect| defect.name == name);
    let still = |name: &String| !planted(name).is_some_and(|defect| defect.shows(&rule.id));
    let mut names: Vec<String> = known.into_iter().filter(still).collect();
    let has_own =
        matrix.defects.iter().any(|defect| defect.area == rule.area && defect.caught_by.contains(&rule.id));
    let has_known = !names.is_empty();
    for defect in matrix.defects.iter().filter(|defect| defect.caught_by.contains(&rule.id)) {
        let is_own = defect.area == rule.area;
        let is_diffuse = defect.fate == Fate::Diffuse && defect.caught_by.first() == Some(&rule.id);
        if is_own || is_diffuse || !(has_own || has_known) {
            names.push(defect.name.clone());
        }
    }
    names
}

/// The JSON Schema that every rendered matrix satisfies.
pub fn matrix_schema() -> String {
    schema_of::<Matrix>()
}

/// Reads what [`matrix_json`] wrote; what is wrong with it is told in words.
pub fn read_matrix(text: &str) -> Result<Matrix, String> {
    read(text, "prove", (|matrix: &Matrix| matrix.format, MATRIX_FORMAT))
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
        insta::assert_snapshot!(super::matrix_record(&matrix_sample::matrix(), &[], &[]));
    }

    #[test]
    fn the_record_keeps_what_this_run_did_not_try_and_drops_what_it_saw_to_be_otherwise() {
        let recorded: [(&str, &[&str]); 4] = [
            ("AUTH-01", &["not-planted"]),
            ("AUTH-02", &["not-planted", "refresh-late"]),
            ("AUTH-15", &["any-key", "refresh-late"]),
            ("HTTP-03", &["server-gone"]),
        ];
        let recorded =
            recorded.map(|(rule, names)| (rule.to_owned(), names.iter().map(ToString::to_string).collect()));
        let text = super::matrix_record(
            &matrix_sample::matrix(),
            &recorded,
            &["any-key", "not-planted", "method-is-404"],
        );
        let lines: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "AUTH-01: [not-planted]",
                "AUTH-02: [any-key, not-planted, method-is-404]",
                "AUTH-15: [any-key]",
                "HTTP-03: [server-gone]",
            ]
        );
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
