//! A run for the tests of this module.

use std::collections::BTreeMap;

use super::run::{
    Generator, LOAD_FORMAT, LoadEnding, LoadRun, LoadSummary, LoadTarget, Offered, ServerOwner,
};

/// An open run with so many uploads in two seconds.
pub(super) fn run(uploads: u64) -> LoadRun {
    LoadRun {
        format: LOAD_FORMAT,
        uptake: "0.0.0".to_owned(),
        name: "a run".to_owned(),
        target: LoadTarget {
            name: "a target".to_owned(),
            base_url: "http://target.test/".to_owned(),
            proxy: None,
            owner: ServerOwner::Named,
        },
        offered: Offered::Open {
            rate: "1/s".to_owned(),
            arrivals: "constant".to_owned(),
            max_in_flight: 1,
            arrivals_due: uploads,
        },
        plan: BTreeMap::new(),
        seed: 1,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        took_seconds: 2.0,
        ending: LoadEnding::Completed,
        summary: LoadSummary { uploads, goodput_bytes: uploads * 10, ..LoadSummary::default() },
        phases: BTreeMap::new(),
        errors: Vec::new(),
        series: Vec::new(),
        generator: Generator::default(),
        saturation: Vec::new(),
        saturation_allowed: false,
        thresholds: Vec::new(),
        warnings: Vec::new(),
        intervals: Vec::new(),
    }
}
