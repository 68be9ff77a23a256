//! A matrix in which every fate occurs, for the tests of each format.

use uptake_outcome::{
    DefectResult, Ending, Extent, Fate, Level, MATRIX_FORMAT, Matrix, MatrixSummary, ProvenBy, RuleProof,
    TestedWith, Verdict,
};

/// Every fate, a rule that is proven and one that is not.
pub(super) fn matrix() -> Matrix {
    let late = defect("refresh-late", "auth", "The response to a refresh is a second late.", &[]);
    let gone = defect("server-gone", "http", "The server stops after its first response.", &[]);
    of(
        vec![
            DefectResult {
                tested_with: TestedWith::RecordedRules,
                rules_tested: vec!["AUTH-02".to_owned()],
                ..defect("any-key", "auth", "Any API key is exchanged.", &["AUTH-02"])
            },
            DefectResult { unjudged: vec!["HTTP-03".to_owned()], runs: 3, ..late },
            defect("method-is-404", "http", "An unsupported method returns 404.", &["AUTH-02"]),
            DefectResult {
                fate: Fate::Error,
                error: Some("5 requests in a row had no response, the last: connection refused".to_owned()),
                ..gone
            },
        ],
        vec![
            rule("AUTH-02", "auth", Level::Must, "An unknown API key is refused with 400 or 401"),
            rule("AUTH-15", "auth", Level::Should, "A refresh sent as text is accepted"),
            rule("HTTP-03", "http", Level::Must, "An unsupported method returns 405"),
        ],
    )
}

/// Everything caught and proven.
pub(super) fn green() -> Matrix {
    of(
        vec![defect("any-key", "auth", "Any API key is exchanged.", &["AUTH-02"])],
        vec![rule("AUTH-02", "auth", Level::Must, "An unknown API key is refused with 400 or 401")],
    )
}

/// The answers of another server, changed.
pub(super) fn mutations() -> Matrix {
    let made = |name: &str, what: &str, caught_by: &[&str]| DefectResult {
        tested_with: TestedWith::Scenario,
        ..defect(name, "core", what, caught_by)
    };
    let missing = "In the response to “ask” (HEAD), the header Upload-Offset is missing.";
    let waived = rule("CORE-03", "core", Level::Must, "An unknown upload returns 404");
    let mut matrix = of(
        vec![
            made("core/asked:2:no-upload-offset", missing, &["CORE-01"]),
            made("core/asked:2:status-202", "In the response to “ask” (HEAD), the status is 202.", &[]),
        ],
        vec![
            rule("CORE-01", "core", Level::Must, "HEAD returns Upload-Offset"),
            rule("CORE-02", "core", Level::Should, "Responses to HEAD must not be cached"),
            RuleProof { not_provable: Some(Verdict::Waived), ..waived },
        ],
    );
    matrix.by = ProvenBy::Mutations;
    matrix.suite = "tus".to_owned();
    matrix
}

fn of(defects: Vec<DefectResult>, mut rules: Vec<RuleProof>) -> Matrix {
    for rule in &mut rules {
        let caught = defects.iter().filter(|defect| defect.caught_by.contains(&rule.id));
        rule.proven_by = caught.map(|defect| defect.name.clone()).collect();
    }
    Matrix {
        format: MATRIX_FORMAT,
        uptake: "0.1.0".to_owned(),
        suite: "api-video".to_owned(),
        seed: 7,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        took_seconds: 41.5,
        ending: Ending::Completed,
        extent: Extent::Whole,
        by: ProvenBy::PlantedDefects,
        summary: MatrixSummary::count(&defects, &rules),
        defects,
        rules,
    }
}

fn defect(name: &str, area: &str, description: &str, caught_by: &[&str]) -> DefectResult {
    let fate = match caught_by {
        [] => Fate::Survived,
        ids if ids.iter().any(|id| id.to_lowercase().starts_with(area)) => Fate::Caught,
        _ => Fate::Diffuse,
    };
    DefectResult {
        name: name.to_owned(),
        area: area.to_owned(),
        description: description.to_owned(),
        fate,
        caught_by: caught_by.iter().map(|id| (*id).to_owned()).collect(),
        unjudged: Vec::new(),
        tested_with: TestedWith::WholeSuite,
        rules_tested: Vec::new(),
        error: None,
        runs: 1,
        took_seconds: 0.5,
    }
}

fn rule(id: &str, area: &str, level: Level, text: &str) -> RuleProof {
    RuleProof {
        id: id.to_owned(),
        area: area.to_owned(),
        level,
        text: text.to_owned(),
        proven_by: Vec::new(),
        not_provable: None,
    }
}
