//! From runs to the kill matrix.

use std::time::Duration;

use crate::outcome::{
    DefectResult, Ending, Extent, Fate, MATRIX_FORMAT, Matrix, MatrixSummary, RuleProof, Run,
};
use crate::reference::Defect;

/// What a run against a server with `defect` says, held against the run against the faithful server.
pub(super) fn fate(defect: Defect, clean: &Run, run: &Run) -> DefectResult {
    let pairs = || clean.rules.iter().zip(&run.rules);
    let named = |id: &String| id.clone();
    let blank = blank(defect, Duration::from_secs_f64(run.took_seconds));
    match &run.ending {
        Ending::OutOfReach { why } | Ending::HarnessFailed { why } => {
            return DefectResult { error: Some(why.clone()), ..blank };
        }
        Ending::Completed | Ending::Interrupted => {}
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
