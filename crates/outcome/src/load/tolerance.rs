//! By how much figures may be worse, and how they fare.

use super::compare::{Difference, Fares};

/// By how much one figure, or each, may be worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerance {
    /// The figure; `None` means each that has no tolerance of its own.
    pub figure: Option<String>,
    /// The share of the old value.
    pub allowed: f64,
}

/// A figure held against its tolerance.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedFigure {
    /// The figure.
    pub figure: String,
    /// By how much it may be worse.
    pub allowed: f64,
    /// The change; `None` if one side did not measure it.
    pub change: Option<f64>,
    /// How it fares.
    pub fares: Fares,
}

/// Holds differences against tolerances. Only figures with a tolerance are judged. A tolerance for each figure passes over those
/// with too few runs, unless all have; one that names its figure does not.
pub fn judge(differences: &[Difference], tolerances: &[Tolerance]) -> Vec<JudgedFigure> {
    let named = |figure: &str| tolerances.iter().any(|tolerance| tolerance.figure.as_deref() == Some(figure));
    let judged = |difference: &Difference, allowed: f64| JudgedFigure {
        figure: difference.figure.clone(),
        allowed,
        change: Some(difference.change),
        fares: difference.fares(allowed),
    };
    let mut all = Vec::new();
    for Tolerance { figure, allowed } in tolerances {
        if let Some(figure) = figure {
            let found = differences.iter().find(|difference| difference.figure == *figure);
            all.push(found.map_or_else(
                || JudgedFigure {
                    figure: figure.clone(),
                    allowed: *allowed,
                    change: None,
                    fares: Fares::Unknown,
                },
                |difference| judged(difference, *allowed),
            ));
            continue;
        }
        let others = differences.iter().filter(|difference| !named(&difference.figure));
        let others: Vec<JudgedFigure> = others.map(|difference| judged(difference, *allowed)).collect();
        let is_any_known = others.iter().any(|judged| judged.fares != Fares::Unknown);
        all.extend(others.into_iter().filter(|judged| !is_any_known || judged.fares != Fares::Unknown));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Better, ConfidenceInterval, Unit};

    fn difference(figure: &str, change: f64, is_repeated: bool) -> Difference {
        let interval = is_repeated.then_some(ConfidenceInterval { low: change, high: change });
        let (figure, unit) = (figure.to_owned(), Unit::Micros);
        Difference { figure, unit, old: 1.0, new: 1.0, better: Better::Less, change, interval }
    }

    fn judged(differences: &[Difference], tolerances: &[(Option<&str>, f64)]) -> Vec<(String, Fares)> {
        let tolerances: Vec<Tolerance> = tolerances
            .iter()
            .map(|(figure, allowed)| Tolerance { figure: figure.map(str::to_owned), allowed: *allowed })
            .collect();
        judge(differences, &tolerances).into_iter().map(|judged| (judged.figure, judged.fares)).collect()
    }

    #[test]
    fn only_named_figures_are_judged() {
        let differences = [difference("a", 0.5, true), difference("b", 0.2, true)];
        assert_eq!(judged(&differences, &[(Some("b"), 0.1)]), [("b".to_owned(), Fares::Worse)]);
        let both = judged(&differences, &[(None, 0.6), (Some("b"), 0.1)]);
        assert_eq!(both, [("a".to_owned(), Fares::Well), ("b".to_owned(), Fares::Worse)]);
        assert_eq!(judged(&differences, &[]), []);
    }

    #[test]
    fn a_figure_that_nothing_can_be_said_of_is_not_well() {
        let differences = [difference("a", 0.5, false), difference("b", 0.2, true)];
        assert_eq!(judged(&differences, &[(None, 0.1)]), [("b".to_owned(), Fares::Worse)]);
        assert_eq!(judged(&differences[..1], &[(None, 0.1)]), [("a".to_owned(), Fares::Unknown)]);
        let named = judged(&differences, &[(Some("a"), 0.1), (Some("c"), 0.1)]);
        assert_eq!(named, [("a".to_owned(), Fares::Unknown), ("c".to_owned(), Fares::Unknown)]);
    }
}
