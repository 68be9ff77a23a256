//! A search for the capacity as JSON, for programs.

use crate::stored::{pretty, schema_of};
use uptake_outcome::load::CapacityRun;

/// The search as JSON, indented, with a line end.
pub fn capacity_json(run: &CapacityRun) -> String {
    pretty(run)
}

/// The JSON Schema that every rendered search satisfies.
pub fn capacity_schema() -> String {
    schema_of::<CapacityRun>()
}

#[cfg(test)]
pub(crate) mod sample {
    use std::collections::BTreeMap;

    use uptake_outcome::load::{
        CAPACITY_FORMAT, CapacityBound, CapacityRun, CapacityStep, LoadTarget, LoadUnit, ServerOwner,
        StepKind, StepVerdict,
    };

    /// A search that found the capacity of a target.
    pub(crate) fn run() -> CapacityRun {
        CapacityRun {
            format: CAPACITY_FORMAT,
            uptake: "0.0.0".to_owned(),
            name: "load".to_owned(),
            target: LoadTarget {
                name: "staging".to_owned(),
                base_url: "https://staging.example.test/".to_owned(),
                proxy: None,
                owner: ServerOwner::Named,
            },
            condition: "upload.p99 < 2s and errors < 0.1%".to_owned(),
            unit: LoadUnit::Uploads,
            plan: BTreeMap::new(),
            seed: 7,
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            took_seconds: 312.0,
            capacity: Some(84.1),
            above: Some(85.9),
            bound: CapacityBound::Target,
            knee: Some(80.0),
            steps: vec![
                step(StepKind::Ramp, 10.0, 80_000, StepVerdict::Met),
                step(StepKind::Ramp, 80.0, 400_000, StepVerdict::Met),
                step(StepKind::Ramp, 160.0, 9_000_000, StepVerdict::Unstable),
                step(StepKind::Hold, 84.1, 1_900_000, StepVerdict::Met),
                step(StepKind::Hold, 85.9, 2_300_000, StepVerdict::NotMet),
            ],
            saturation_allowed: false,
            warnings: Vec::new(),
        }
    }

    fn step(kind: StepKind, load: f64, p99: u64, verdict: StepVerdict) -> CapacityStep {
        CapacityStep {
            kind,
            load,
            seconds: 10.0,
            uploads: 840,
            reached: load.min(84.5),
            error_share: 0.0,
            upload_p50: 40_000,
            upload_p99: p99,
            values: vec![format!("upload.p99 {p99} us"), "errors 0.000%".to_owned()],
            verdict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendered_search_satisfies_its_schema_and_other_things_do_not() {
        let schema = serde_json::from_str(&capacity_schema()).expect("JSON");
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        let mut document: serde_json::Value =
            serde_json::from_str(&capacity_json(&sample::run())).expect("JSON");
        assert!(validator.is_valid(&document));
        document["capacity"] = serde_json::json!("much");
        assert!(!validator.is_valid(&document));
    }
}
