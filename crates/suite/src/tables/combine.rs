//! Which rows of several tables come together.

use std::collections::BTreeSet;

/// Which combinations a scenario is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PairPart {
    /// Where only pairs are asked for, enough combinations for every pair; elsewhere all.
    #[default]
    Picked,
    /// What was left out of those.
    LeftOut,
}

/// Every combination of one row from each table, by the rows' numbers; the last table's rows change first.
pub(crate) fn product(sizes: &[usize]) -> Vec<Vec<usize>> {
    sizes.iter().fold(vec![Vec::new()], |all, size| {
        all.iter().flat_map(|row| (0..*size).map(move |at| [row.as_slice(), &[at]].concat())).collect()
    })
}

/// Picks so many of `all` that each pair of rows of two tables that occurs in one of them occurs in a picked one. Tells for
/// each whether it was picked; the same input gives the same answer.
pub(crate) fn pairwise(all: &[Vec<usize>]) -> Vec<bool> {
    let mut picked = vec![false; all.len()];
    let mut open: BTreeSet<_> = all.iter().flat_map(|row| pairs(row)).collect();
    while !open.is_empty() {
        let gain = |row: &Vec<usize>| pairs(row).filter(|pair| open.contains(pair)).count();
        // The first of those that cover most, so that the choice does not depend on anything else.
        let best = (0..all.len())
            .filter(|at| !picked[*at])
            .map(|at| (gain(&all[at]), std::cmp::Reverse(at)))
            .max()
            .map(|(_, std::cmp::Reverse(at))| at);
        let Some(best) = best else { break };
        picked[best] = true;
        for pair in pairs(&all[best]) {
            open.remove(&pair);
        }
    }
    picked
}

/// The pairs of a combination: table, row, table, row.
fn pairs(row: &[usize]) -> impl Iterator<Item = (usize, usize, usize, usize)> + '_ {
    (0..row.len())
        .flat_map(move |left| (left + 1..row.len()).map(move |right| (left, row[left], right, row[right])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_product_has_every_combination_once() {
        assert_eq!(product(&[2, 2]), [[0, 0], [0, 1], [1, 0], [1, 1]]);
        assert_eq!(product(&[3, 4, 5]).iter().collect::<BTreeSet<_>>().len(), 60);
    }

    #[test]
    fn two_tables_have_no_smaller_pairwise_selection_than_their_product() {
        assert!(pairwise(&product(&[3, 4])).iter().all(|picked| *picked));
    }

    #[test]
    fn pairs_of_many_tables_need_few_combinations() {
        let all = product(&[4, 4, 4, 4]);
        let count = pairwise(&all).iter().filter(|picked| **picked).count();
        assert!((16..=28).contains(&count), "{count} of {}", all.len());
    }

    proptest! {
        #[test]
        fn every_pair_that_occurs_is_picked(
            sizes in prop::collection::vec(1_usize..4, 1..5),
            left_out in prop::collection::vec(any::<bool>(), 300),
        ) {
            let mut all = product(&sizes);
            let mut left_out = left_out.into_iter();
            all.retain(|_| left_out.next().unwrap_or(true));
            let picked = pairwise(&all);
            let covered: BTreeSet<_> = all
                .iter()
                .zip(&picked)
                .filter(|(_, picked)| **picked)
                .flat_map(|(row, _)| pairs(row))
                .collect();
            for pair in all.iter().flat_map(|row| pairs(row)) {
                prop_assert!(covered.contains(&pair));
            }
        }
    }
}
