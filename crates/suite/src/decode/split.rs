//! Splits a scenario with many requests into several, by its independent rows.
//!
//! Each of them has all other steps, and some of the rows. So a lost connection costs one of them its attempt and not hundreds of
//! requests, a rate limit is waited for between them, and they run side by side.

use std::collections::BTreeMap;

use crate::scenario::Scenario;
use crate::step::{Action, Step};

/// The most that the requests of one scenario weigh, as far as its rows can be split.
const MOST: usize = 40;
/// What all rows of one scenario may weigh at least, however much the steps around them weigh.
const LEAST_FOR_ROWS: usize = 20;

/// The scenario, or several that have its independent rows between them.
pub(super) fn split(mut scenario: Scenario) -> Vec<Scenario> {
    let mut rows = BTreeMap::<u32, usize>::new();
    let mut around = 0;
    for step in &scenario.steps {
        match step.row {
            Some(row) => *rows.entry(row).or_default() += weight(step),
            None => around += weight(step),
        }
    }
    let whole: usize = rows.values().sum();
    let share = MOST.saturating_sub(around).max(LEAST_FOR_ROWS);
    if around + whole <= MOST || whole <= share {
        return vec![scenario];
    }
    // All of about the same weight, instead of a small one at the end.
    let share = whole.div_ceil(whole.div_ceil(share));
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    let mut taken = 0;
    for (row, weight) in rows {
        match ranges.last_mut() {
            Some((_, last)) if taken + weight <= share => *last = row,
            _ => {
                ranges.push((row, row));
                taken = 0;
            }
        }
        taken += weight;
    }
    let steps = std::mem::take(&mut scenario.steps);
    ranges.into_iter().map(|range| with_rows(&scenario, &steps, range)).collect()
}

fn with_rows(scenario: &Scenario, steps: &[Step], (first, last): (u32, u32)) -> Scenario {
    let has = |step: &&Step| step.row.is_none_or(|row| (first..=last).contains(&row));
    let rows = if first == last { format!("row {first}") } else { format!("rows {first}-{last}") };
    Scenario {
        name: format!("{} [{rows}]", scenario.name),
        steps: steps.iter().filter(has).cloned().collect(),
        ..scenario.clone()
    }
}

/// How much a step's requests weigh: one that changes something weighs twice, since it is not sent again where it is lost.
fn weight(step: &Step) -> usize {
    let own = match &step.action {
        Action::Request(request) if matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") => 1,
        Action::Request(_) | Action::Raw(_) => 2,
        // At least two segments, mostly.
        Action::Upload(_) => 4,
        _ => 0,
    };
    own + step.inner().map(weight).sum::<usize>()
}
