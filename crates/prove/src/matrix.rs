//! From runs to the kill matrix.

use std::time::Duration;

use uptake_outcome::{
    DefectResult, Ending, Extent, Fate, MATRIX_FORMAT, Matrix, MatrixSummary, RuleProof, Run,
};
use uptake_reference::Defect;

/// What a run against a server with `defect` says, held against the run against the faithful server.
pub(super) fn fate(defect: Defect, clean: &Run, run: &Run) -> DefectResult {
    let pairs = || clean.rules.iter().zip(&run.rules);
    let named = |id: &String| id.clone();
    let blank = blank(defect, Duration::from_secs_f64(run.took_seconds));
    match &run.ending {
        Ending::OutOfReach { why }
        | Ending::CredentialRefused { why }
        | Ending::HarnessFailed { why }
        | Ending::NotWritten { why } => {
            return DefectResult { error: Some(why.clone()), ..blank };
        }
        Ending::Completed | Ending::Interrupted | Ending::FirstFailure => {}
    }
    let catching: Vec<_> =
        pairs().filter(|(clean, rule)| rule.catches(clean)).map(|(_, rule)| rule).collect();
    let fate = if catching.is_empty() {
        Fate::Survived
    } else if catching.iter().any(|rule| rule.area == defect.area()) {
        Fate::Caught
    } else {
        Fate::Diffuse
    };
    DefectResult {
        fate,
        caught_by: catching.iter().map(|rule| named(&rule.id)).collect(),
        unjudged: pairs()
            .filter(|(clean, rule)| rule.is_lost(clean))
            .map(|(_, rule)| named(&rule.id))
            .collect(),
        ..blank
    }
}

/// A defect whose run could not even begin.
pub(super) fn unsaid(defect: Defect, why: String) -> DefectResult {
    DefectResult { error: Some(why), ..blank(defect, Duration::ZERO) }
}

fn blank(defect: Defect, took: Duration) -> DefectResult {
    DefectResult {
        name: defect.name().to_owned(),
        area: defect.area().to_owned(),
        description: defect.description().to_owned(),
        fate: Fate::Error,
        caught_by: Vec::new(),
        unjudged: Vec::new(),
        error: None,
        runs: 1,
        took_seconds: took.as_secs_f64(),
    }
}

/// The matrix of all that was found, in the order of the catalogues.
pub(super) fn matrix(clean: &Run, defects: Vec<DefectResult>, extent: Extent) -> Matrix {
    let rules: Vec<_> = clean
        .rules
        .iter()
        .map(|rule| RuleProof {
            id: rule.id.clone(),
            area: rule.area.clone(),
            level: rule.level,
            text: rule.text.clone(),
            proven_by: defects
                .iter()
                .filter(|defect| defect.caught_by.contains(&rule.id))
                .map(|defect| defect.name.clone())
                .collect(),
        })
        .collect();
    Matrix {
        format: MATRIX_FORMAT,
        uptake: clean.uptake.clone(),
        suite: clean.suite.clone(),
        seed: clean.seed,
        started_at: clean.started_at.clone(),
        took_seconds: clean.took_seconds,
        ending: Ending::Completed,
        extent,
        summary: MatrixSummary::count(&defects, &rules),
        defects,
        rules,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uptake_outcome::{FORMAT, Level, RuleResult, Summary, TargetSummary, Verdict};

    /// A run in which these rules have these verdicts.
    fn run(verdicts: &[(&str, Verdict)], ending: Ending) -> Run {
        let rules = verdicts.iter().map(|(id, verdict)| RuleResult {
            id: (*id).to_owned(),
            area: id.split('-').next().expect("a part").to_lowercase(),
            level: Level::Must,
            text: String::new(),
            source: Vec::new(),
            verdict: *verdict,
            reason: None,
            scenarios: Vec::new(),
            findings: Vec::new(),
        });
        Run {
            format: FORMAT,
            uptake: "0.1.0".to_owned(),
            suite: "api-video".to_owned(),
            target: TargetSummary { name: String::new(), base_url: String::new(), capabilities: Vec::new() },
            seed: 1,
            started_at: String::new(),
            took_seconds: 1.0,
            ending,
            summary: Summary::default(),
            rules: rules.collect(),
            causes: Vec::new(),
            leftovers: Vec::new(),
            warnings: Vec::new(),
            pacing: uptake_outcome::Pacing::default(),
            retries: Vec::new(),
            suspended: Vec::new(),
            clocks: uptake_outcome::Clocks::default(),
            capabilities: Vec::new(),
            folder: None,
            answers: std::collections::BTreeMap::new(),
            left_out: Vec::new(),
            waivers: Vec::new(),
            baseline: None,
            rerun: None,
        }
    }

    fn clean() -> Run {
        run(
            &[("AUTH-01", Verdict::Passed), ("TOKEN-01", Verdict::Passed), ("TOKEN-02", Verdict::Passed)],
            Ending::Completed,
        )
    }

    /// What became of a defect of the area `token` under which the rules have these verdicts.
    fn found(auth: Verdict, token: Verdict, other: Verdict) -> DefectResult {
        let under = [("AUTH-01", auth), ("TOKEN-01", token), ("TOKEN-02", other)];
        fate("ttl-in-milliseconds".parse().unwrap(), &clean(), &run(&under, Ending::Completed))
    }

    #[test]
    fn a_defect_is_caught_where_a_rule_of_its_area_fails() {
        use Verdict::{Blocked, Failed, Passed};
        let caught = found(Failed, Failed, Blocked);
        assert_eq!(caught.fate, Fate::Caught);
        assert_eq!(caught.caught_by, ["AUTH-01", "TOKEN-01"]);
        assert_eq!(caught.unjudged, ["TOKEN-02"]);
        assert_eq!(found(Failed, Passed, Passed).fate, Fate::Diffuse);
    }

    #[test]
    fn what_only_blocks_or_confuses_is_not_caught() {
        use Verdict::{Blocked, Inconclusive, Passed, Tolerated};
        for verdict in [Blocked, Inconclusive, Tolerated, Passed] {
            assert_eq!(found(Passed, verdict, verdict).fate, Fate::Survived, "{verdict}");
        }
    }

    #[test]
    fn a_run_that_did_not_come_to_its_end_says_nothing_whatever_failed_before() {
        let why = || "it is gone".to_owned();
        for ending in [Ending::OutOfReach { why: why() }, Ending::HarnessFailed { why: why() }] {
            let run = run(&[("TOKEN-01", Verdict::Failed)], ending);
            let result = fate("ttl-in-milliseconds".parse().unwrap(), &clean(), &run);
            assert_eq!((result.fate, result.caught_by, result.error), (Fate::Error, Vec::new(), Some(why())));
        }
    }

    #[test]
    fn a_rule_is_proven_by_every_defect_that_it_caught() {
        use Verdict::{Failed, Passed};
        let defects = vec![found(Failed, Failed, Passed), found(Passed, Failed, Passed)];
        let matrix = matrix(&clean(), defects, Extent::Chosen);
        let proofs: Vec<_> = matrix.rules.iter().map(|rule| rule.proven_by.len()).collect();
        assert_eq!(proofs, [1, 2, 0]);
        assert_eq!((matrix.summary.proven, matrix.summary.unproven, matrix.summary.caught), (2, 1, 2));
    }
}
