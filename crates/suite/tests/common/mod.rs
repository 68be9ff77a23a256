//! Scenarios from texts, in a small suite of their own.

use std::fmt::Write as _;

use uptake_suite::request::Request;
use uptake_suite::step::{Action, Step};
use uptake_suite::{LoadError, Scenario, load_suite};

const SUITE: &str = "suite: little\nareas: { x: all }\nrules:\n  - { id: X-01, area: x, level: must, text: It holds, source: [test] }\n  - { id: X-02, area: x, level: must, text: So does this, source: [test], refusal: { conforms: [ { status: 401 } ] } }\ncredentials:\n  key: { from: api-key, header: { Authorization: \"Basic ${value}\" } }\n  bearer: { header: { Authorization: \"Bearer ${value}\" } }\n";

/// Loads a suite with these files beside its own.
pub(crate) fn loaded(files: &[(&str, &str)]) -> Result<Vec<Scenario>, String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [("suite.yaml", SUITE)].iter().chain(files) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    match load_suite(folder.path(), &[]) {
        Ok(loaded) => Ok(loaded.scenarios),
        Err(LoadError::Problems(problems)) => {
            let mut said = String::new();
            for problem in problems.iter() {
                let place = problem.place();
                let file =
                    place.file.strip_prefix(&format!("{}/", folder.path().display())).unwrap_or(&place.file);
                let help = miette::Diagnostic::help(problem).map(|help| help.to_string()).unwrap_or_default();
                let help = help.replace(&format!("{}/", folder.path().display()), "");
                writeln!(said, "{file}:{}:{}: {problem} | {help}", place.line, place.column).unwrap();
            }
            Err(said)
        }
        Err(other) => Err(other.to_string()),
    }
}

/// The only scenario of a file.
pub(crate) fn scenario(text: &str) -> Scenario {
    let mut scenarios = loaded(&[("x/one.yaml", text)]).unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(scenarios.len(), 1);
    scenarios.remove(0)
}

/// What is wrong with a scenario, with its places.
#[track_caller]
pub(crate) fn mistakes(text: &str) -> String {
    loaded(&[("x/one.yaml", text)]).expect_err("there is a mistake in it")
}

/// The request of a step.
pub(crate) fn request(step: &Step) -> &Request {
    match &step.action {
        Action::Request(request) => request,
        other => panic!("{other:?} is no request"),
    }
}
