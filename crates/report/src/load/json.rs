//! The whole run as JSON, for programs: `format` names its version, and [`load_schema`] describes it.
//!
//! ```json
//! {
//!   "format": 1,
//!   "name": "steady",
//!   "offered": { "model": "open", "rate": "50/s", … },
//!   "summary": { "uploads": 500, "uploads_per_second": 50.0, "goodput_bytes_per_second": 262144000.0, "errors": 0, … },
//!   "phases": {
//!     "upload": { "count": 500, "p50": 4100, "p99": 9800, …, "histogram": "HISTFAAA…" },
//!     …
//! ```

use crate::stored::{self, pretty, schema_of};
use uptake_outcome::load::{LOAD_FORMAT, LoadRun};

/// The run as JSON, indented, with a line end.
pub fn load_json(run: &LoadRun) -> String {
    pretty(run)
}

/// The JSON Schema that every rendered run satisfies.
pub fn load_schema() -> String {
    schema_of::<LoadRun>()
}

/// Reads what [`load_json`] wrote; what is wrong with it is told in words.
pub fn read(text: &str) -> Result<LoadRun, String> {
    let run = stored::read(text, "load", (|run: &LoadRun| run.format, LOAD_FORMAT))?;
    for (phase, result) in &run.phases {
        result.samples().map_err(|why| format!("phase {}: {why}", phase.word()))?;
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::load::sample;

    fn faults(document: &Value) -> Vec<String> {
        let schema = serde_json::from_str(&load_schema()).expect("JSON");
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    #[test]
    fn a_rendered_run_satisfies_its_schema_and_other_things_do_not() {
        let mut document: Value = serde_json::from_str(&load_json(&sample::run())).expect("JSON");
        assert_eq!(faults(&document), Vec::<String>::new());
        document["phases"]["upload"]["p99"] = json!("slow");
        assert_ne!(faults(&document), Vec::<String>::new());
    }

    #[test]
    fn what_was_written_can_be_read_again_and_other_things_are_refused() {
        let run = sample::run();
        let text = load_json(&run);
        assert_eq!(read(&text).expect("a run"), run);
        assert!(read("{}").is_err());
        assert!(
            read(&text.replacen("\"format\": 1", "\"format\": 2", 1))
                .expect_err("newer")
                .contains("format is 2")
        );
        let histogram = &run.phases[&uptake_outcome::load::Phase::Upload].histogram;
        assert!(
            read(&text.replace(histogram.as_str(), "AAAA")).expect_err("broken").contains("phase upload")
        );
    }

    #[test]
    fn what_programs_look_for_is_where_it_is_documented() {
        let document: Value = serde_json::from_str(&load_json(&sample::run())).expect("JSON");
        for pointer in [
            "/summary/uploads",
            "/summary/uploads_per_second",
            "/summary/goodput_bytes_per_second",
            "/summary/errors",
            "/phases/upload/p99_9",
            "/series/0/uploads",
        ] {
            assert!(document.pointer(pointer).is_some_and(Value::is_number), "{pointer}");
        }
    }
}
