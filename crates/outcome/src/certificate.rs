//! What a vendor publishes of a run: which server, which suite to the byte, which verdicts, and the sums of the files beside it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Level, Run, TargetSummary, Verdict, Waiver};

/// The version of the JSON form of a [`Certificate`].
pub const CERTIFICATE_FORMAT: u32 = 1;

/// The result of `uptake certify`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// The version of this form.
    #[schemars(extend("const" = CERTIFICATE_FORMAT))]
    pub format: u32,
    /// The version of uptake, with the commit and date of its build.
    pub uptake: String,
    /// The name of the server.
    pub server: String,
    /// The version of the server.
    pub version: String,
    /// The server that was tested.
    pub target: TargetSummary,
    /// The suite's name.
    pub suite: String,
    /// The SHA-256 of the files of the suite, in hex.
    pub suite_digest: String,
    /// The seed of content and scenario order.
    pub seed: u64,
    /// When the run started, in UTC.
    pub started_at: String,
    /// The levels, the strictest first.
    pub levels: Vec<CertifiedLevel>,
    /// The verdict on each rule of the suite.
    pub verdicts: BTreeMap<String, Verdict>,
    /// The waivers of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
    /// The SHA-256 of each other file of the bundle, in hex, by its path.
    pub files: BTreeMap<String, String>,
}

/// How the server does on the rules of a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertifiedLevel {
    /// The level.
    pub level: Level,
    /// Whether the server keeps every rule of the level that applies to it. A waived failure is not kept.
    pub met: bool,
    /// The rules that it keeps.
    pub kept: usize,
    /// The rules that apply to it.
    pub rules: usize,
}

impl Certificate {
    /// The certificate of a run, without the sums of the files beside it.
    pub fn of(run: &Run, server: (String, String), uptake: &str) -> Self {
        let level = |score: super::LevelScore| CertifiedLevel {
            level: score.level,
            met: score.is_met(),
            kept: score.kept,
            rules: score.rules(),
        };
        Self {
            format: CERTIFICATE_FORMAT,
            uptake: uptake.to_owned(),
            server: server.0,
            version: server.1,
            target: run.target.clone(),
            suite: run.suite.clone(),
            suite_digest: run.suite_digest.clone(),
            seed: run.seed,
            started_at: run.started_at.clone(),
            levels: run.levels().into_iter().map(level).collect(),
            verdicts: run.rules.iter().map(|rule| (rule.id.clone(), rule.verdict)).collect(),
            waivers: run.waivers.iter().map(|result| result.waiver.clone()).collect(),
            files: BTreeMap::new(),
        }
    }

    /// Whether this is what `run` shows: its verdicts and everything that follows from them.
    pub fn is_of(&self, run: &Run) -> bool {
        let of_run = Self::of(run, (self.server.clone(), self.version.clone()), &self.uptake);
        *self == Self { files: self.files.clone(), ..of_run }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::run_of;
    use super::Certificate;
    use crate::Verdict;

    #[test]
    fn a_verdict_that_was_changed_is_no_longer_that_of_the_run() {
        let run = run_of(&[("A-01", Verdict::Passed), ("A-02", Verdict::Failed)]);
        let mut certificate = Certificate::of(&run, ("alpha".to_owned(), "1".to_owned()), "0.1.0");
        assert!(certificate.is_of(&run) && !certificate.levels[0].met);
        certificate.verdicts.insert("A-02".to_owned(), Verdict::Passed);
        assert!(!certificate.is_of(&run));
        let mut certificate = Certificate::of(&run, ("alpha".to_owned(), "1".to_owned()), "0.1.0");
        certificate.levels[0].met = true;
        assert!(!certificate.is_of(&run));
    }
}
