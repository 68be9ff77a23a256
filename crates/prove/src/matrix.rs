//! From the results of all defects to the kill matrix.

use uptake_outcome::{
    DefectResult, Ending, Extent, MATRIX_FORMAT, Matrix, MatrixSummary, ProvenBy, RuleProof, Run,
};

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
            not_provable: None,
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
        by: ProvenBy::PlantedDefects,
        summary: MatrixSummary::count(&defects, &rules),
        defects,
        rules,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{clean, found};
    use uptake_outcome::Verdict;

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
