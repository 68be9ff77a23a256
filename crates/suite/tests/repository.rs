//! The suites of this repository load without a mistake.

#![expect(clippy::panic, reason = "a test fails aloud")]

use std::path::Path;

use uptake_suite::{LoadError, load_suite};

#[test]
fn every_suite_of_this_repository_loads() {
    for suite in ["api-video", "tus", "rufh", "rufh-since-8", "rufh-6", "rufh-8", "rufh-9"] {
        let folder = Path::new("../../scenarios").join(suite);
        match load_suite(&folder, &[]) {
            Ok(loaded) => assert!(!loaded.scenarios.is_empty(), "{suite} has scenarios"),
            Err(LoadError::Problems(problems)) => {
                let said: Vec<_> =
                    problems.iter().map(|problem| format!("{}: {problem}\n", problem.place())).collect();
                panic!("{}", said.concat());
            }
            Err(error) => panic!("{error}"),
        }
    }
}
