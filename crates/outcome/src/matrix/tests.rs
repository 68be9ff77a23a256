//! What a matrix says of defects, mutations and rules.

use super::*;

fn defect(fate: Fate) -> DefectResult {
    DefectResult {
        name: "a-defect".to_owned(),
        area: "auth".to_owned(),
        description: "It is wrong.".to_owned(),
        fate,
        caught_by: Vec::new(),
        unjudged: Vec::new(),
        tested_with: TestedWith::WholeSuite,
        rules_tested: Vec::new(),
        error: None,
        runs: 1,
        took_seconds: 0.5,
    }
}

fn rule(proven_by: &[&str]) -> RuleProof {
    RuleProof {
        id: "AUTH-01".to_owned(),
        area: "auth".to_owned(),
        level: Level::Must,
        text: "It is right".to_owned(),
        proven_by: proven_by.iter().map(|name| (*name).to_owned()).collect(),
        not_provable: None,
    }
}

fn matrix(fates: &[Fate], rules: Vec<RuleProof>) -> Matrix {
    let defects: Vec<_> = fates.iter().copied().map(defect).collect();
    Matrix {
        format: MATRIX_FORMAT,
        uptake: "0.0.0".to_owned(),
        suite: "api-video".to_owned(),
        seed: 1,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        took_seconds: 1.0,
        ending: Ending::Completed,
        extent: Extent::Whole,
        by: ProvenBy::PlantedDefects,
        summary: MatrixSummary::count(&defects, &rules),
        defects,
        rules,
    }
}

#[test]
fn every_defect_caught_and_every_rule_proven_is_well() {
    assert_eq!(matrix(&[Fate::Caught, Fate::Diffuse], vec![rule(&["a-defect"])]).exit(), Exit::Success);
}

#[test]
fn a_defect_shows_only_what_it_was_tested_with() {
    let whole = defect(Fate::Survived);
    assert!(whole.shows("AUTH-01"));
    let recorded = DefectResult {
        tested_with: TestedWith::RecordedRules,
        rules_tested: vec!["AUTH-01".to_owned()],
        caught_by: vec!["AUTH-02".to_owned()],
        ..defect(Fate::Caught)
    };
    assert!(recorded.shows("AUTH-01") && recorded.shows("AUTH-02") && !recorded.shows("AUTH-03"));
    assert!(!defect(Fate::Error).shows("AUTH-01"), "its run said nothing");
}

#[test]
fn a_survivor_fails_even_beside_an_error() {
    let matrix = matrix(&[Fate::Caught, Fate::Error, Fate::Survived], vec![rule(&["a-defect"])]);
    assert_eq!(matrix.exit(), Exit::Failed);
}

#[test]
fn an_unproven_rule_fails_but_not_where_a_run_said_nothing() {
    assert_eq!(matrix(&[Fate::Caught], vec![rule(&[])]).exit(), Exit::Failed);
    assert_eq!(matrix(&[Fate::Error], vec![rule(&[])]).exit(), Exit::CouldNotTest);
}

#[test]
fn rules_are_not_called_unproven_where_only_some_defects_were_planted() {
    let chosen = Matrix { extent: Extent::Chosen, ..matrix(&[Fate::Caught], vec![rule(&[])]) };
    assert_eq!(chosen.exit(), Exit::Success);
}

#[test]
fn an_interrupted_or_an_empty_one_is_no_success() {
    let whole = matrix(&[Fate::Caught], vec![rule(&["a-defect"])]);
    assert_eq!(Matrix { ending: Ending::Interrupted, ..whole }.exit(), Exit::Interrupted);
    let empty = Matrix { extent: Extent::Chosen, ..matrix(&[], vec![rule(&[])]) };
    assert_eq!(empty.exit(), Exit::NothingTested);
}

#[test]
fn of_mutations_the_rules_count_that_none_failed_and_not_what_survived() {
    let by = ProvenBy::Mutations;
    let proven = Matrix { by, ..matrix(&[Fate::Survived, Fate::Error], vec![rule(&["a-defect"])]) };
    assert_eq!(proven.exit(), Exit::Success);
    assert_eq!(Matrix { by, ..matrix(&[Fate::Caught], vec![rule(&[])]) }.exit(), Exit::Failed);
    let waived = RuleProof { not_provable: Some(Verdict::Waived), ..rule(&[]) };
    let waived = Matrix { by, ..matrix(&[Fate::Caught], vec![waived, rule(&["a-defect"])]) };
    assert_eq!((waived.exit(), waived.summary.unproven, waived.summary.not_provable), (Exit::Success, 0, 1));
}

fn judged(level: Level, verdict: Verdict) -> RuleResult {
    RuleResult {
        id: "AUTH-01".to_owned(),
        area: "auth".to_owned(),
        level,
        text: String::new(),
        source: Vec::new(),
        verdict,
        reason: None,
        scenarios: Vec::new(),
        findings: Vec::new(),
    }
}

#[test]
fn only_a_failure_that_the_defect_brought_catches_it() {
    for level in [Level::Must, Level::Should] {
        let passed = judged(level, Verdict::Passed);
        for verdict in Verdict::ALL {
            let catches = judged(level, verdict).catches(&passed);
            assert_eq!(catches, verdict == Verdict::Failed, "{level} {verdict}");
        }
        let failed = judged(level, Verdict::Failed);
        assert!(!failed.catches(&failed));
    }
}

#[test]
fn a_may_rule_catches_by_its_warning() {
    let may = |verdict| judged(Level::May, verdict);
    assert!(may(Verdict::Tolerated).catches(&may(Verdict::Passed)));
    assert!(!may(Verdict::Tolerated).catches(&may(Verdict::Tolerated)));
}
