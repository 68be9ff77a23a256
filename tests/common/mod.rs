//! What the tests of the binary share: the binary, servers of their own on free ports, and folders that go away.
//!
//! Nothing here expects anything; the tests do.

#![allow(clippy::pedantic, dead_code, unused_imports, reason = "each test uses its own part of this support")]

mod bench;
mod binary;
mod drafts;
mod folder;
mod little;
mod recorder;
mod tus;

pub(crate) use bench::{Bench, KEY, Setup};
pub(crate) use binary::{Ended, command, run, uptake};
pub(crate) use drafts::drafts_server;
pub(crate) use folder::Folder;
pub(crate) use little::{Asked, Little, Others, Reply};
pub(crate) use recorder::{Recorder, Talk};
pub(crate) use tus::tus_server;

use uptake_outcome::{Matrix, Run, Verdict};

/// The ids of the rules that have this verdict, in the catalogue's order.
pub(crate) fn rules_that(run: &Run, verdict: Verdict) -> Vec<&str> {
    run.rules.iter().filter(|rule| rule.verdict == verdict).map(|rule| rule.id.as_str()).collect()
}

/// The rules that did not pass, with their verdicts.
pub(crate) fn not_passed(run: &Run) -> Vec<(&str, Verdict)> {
    let others = run.rules.iter().filter(|rule| rule.verdict != Verdict::Passed);
    others.map(|rule| (rule.id.as_str(), rule.verdict)).collect()
}

/// The ids of the rules that nothing proves.
pub(crate) fn unproven(proof: &Matrix) -> Vec<&str> {
    proof.rules.iter().filter(|rule| rule.proven_by.is_empty()).map(|rule| rule.id.as_str()).collect()
}

/// The verdict on one rule.
pub(crate) fn verdict_on(run: &Run, id: &str) -> Verdict {
    run.rules.iter().find(|rule| rule.id == id).unwrap_or_else(|| panic!("the run has no rule {id}")).verdict
}

/// How many rules the catalogue of api.video has.
pub(crate) fn rules_of_api_video() -> usize {
    include_str!("../../scenarios/api-video/suite.yaml").matches("\n  - id: ").count()
}
