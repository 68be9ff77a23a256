//! Whether runs can be merged or compared at all.

use thiserror::Error;

use super::run::{LoadRun, Offered};

/// Runs that cannot be merged or compared.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnlikeRuns {
    /// One run stands twice among them. It would be counted twice, and taken for a repetition of itself.
    #[error("{0} and {1} are the same run")]
    Same(usize, usize),
    /// One has the open model, the other the closed one.
    #[error("{0} has the {1} model, {2} the {3} model")]
    Model(usize, &'static str, usize, &'static str),
    /// Their plans differ.
    #[error("the plans of {0} and {1} differ: {2}")]
    Plan(usize, usize, String),
}

impl UnlikeRuns {
    /// The text with a name for each run.
    pub fn with_names(&self, names: &[String]) -> String {
        let name = |index: &usize| names.get(*index).cloned().unwrap_or_else(|| format!("run {}", index + 1));
        match self {
            Self::Same(one, other) => format!("{} and {} are the same run", name(one), name(other)),
            Self::Model(one, first, other, second) => {
                format!("{} has the {first} model, {} the {second} model", name(one), name(other))
            }
            Self::Plan(one, other, difference) => {
                format!("the plans of {} and {} differ: {difference}", name(one), name(other))
            }
        }
    }
}

/// Refuses a run that stands twice among these, and runs of both models.
pub fn check_mergeable(runs: &[LoadRun]) -> Result<(), UnlikeRuns> {
    for (index, run) in runs.iter().enumerate() {
        if let Some(other) = runs[..index].iter().position(|other| is_same(other, run)) {
            return Err(UnlikeRuns::Same(other, index));
        }
        if model(&runs[0]) != model(run) {
            return Err(UnlikeRuns::Model(0, model(&runs[0]), index, model(run)));
        }
    }
    Ok(())
}

/// Refuses what [`check_mergeable`] refuses, and runs with unlike plans. Durations, seeds and targets may differ.
pub fn check_comparable(runs: &[LoadRun]) -> Result<(), UnlikeRuns> {
    check_mergeable(runs)?;
    for (index, run) in runs.iter().enumerate().skip(1) {
        if let Some(difference) = difference(&runs[0], run) {
            return Err(UnlikeRuns::Plan(0, index, difference));
        }
    }
    Ok(())
}

/// Whether both are results of one run: no two begin at the same instant, and measure the same.
fn is_same(one: &LoadRun, other: &LoadRun) -> bool {
    one.started_at == other.started_at
        && one.summary == other.summary
        && one.phases == other.phases
        && one.generator == other.generator
}

fn model(run: &LoadRun) -> &'static str {
    match run.offered {
        Offered::Open { .. } => "open",
        Offered::Closed { .. } => "closed",
    }
}

/// What differs first between two plans.
fn difference(one: &LoadRun, other: &LoadRun) -> Option<String> {
    let (offered, compared) = (offered(one), offered(other));
    // Results of earlier versions do not contain the plan.
    let plans = if one.plan.is_empty() || other.plan.is_empty() {
        Vec::new()
    } else {
        let keys: std::collections::BTreeSet<_> = one.plan.keys().chain(other.plan.keys()).collect();
        keys.into_iter().map(|key| (key.as_str(), one.plan.get(key), other.plan.get(key))).collect()
    };
    let offered =
        offered.iter().zip(&compared).map(|((key, first), (_, second))| (*key, Some(first), Some(second)));
    offered.chain(plans).find(|(_, first, second)| first != second).map(|(key, first, second)| {
        let value = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
        format!("{key} is {} in one, {} in the other", value(first), value(second))
    })
}

fn offered(run: &LoadRun) -> Vec<(&'static str, String)> {
    match &run.offered {
        Offered::Open { rate, arrivals, max_in_flight, .. } => vec![
            ("rate", rate.clone()),
            ("arrivals", arrivals.clone()),
            ("max-in-flight", max_in_flight.to_string()),
        ],
        Offered::Closed { uploaders, think } => {
            vec![("uploaders", uploaders.to_string()), ("think", think.clone())]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::tests::run;

    fn closed(uploaders: u64) -> LoadRun {
        LoadRun { offered: Offered::Closed { uploaders, think: "none".to_owned() }, ..run(5) }
    }

    fn later(run: LoadRun, second: u32) -> LoadRun {
        LoadRun { started_at: format!("2026-01-01T00:00:{second:02}Z"), ..run }
    }

    #[test]
    fn one_run_does_not_stand_for_two() {
        assert_eq!(check_mergeable(&[run(5), later(run(5), 1), run(5)]), Err(UnlikeRuns::Same(0, 2)));
        assert_eq!(check_mergeable(&[run(5), later(run(5), 1)]), Ok(()));
    }

    #[test]
    fn the_open_and_the_closed_model_do_not_mix() {
        let mixed = check_mergeable(&[run(5), later(closed(1), 1)]);
        assert_eq!(mixed, Err(UnlikeRuns::Model(0, "open", 1, "closed")));
        let names = ["a.json".to_owned(), "b.json".to_owned()];
        let text = mixed.expect_err("mixed").with_names(&names);
        assert_eq!(text, "a.json has the open model, b.json the closed model");
    }

    #[test]
    fn unlike_plans_are_not_compared() {
        let plan = |size: &str| [("size".to_owned(), size.to_owned())].into();
        let (one, other) = (LoadRun { plan: plan("1"), ..run(5) }, LoadRun { plan: plan("2"), ..run(5) });
        let unlike = check_comparable(&[one.clone(), later(other, 1)]).expect_err("unlike").to_string();
        assert!(unlike.contains("size is 1 in one, 2 in the other"), "{unlike}");
        assert_eq!(check_comparable(&[one, later(run(5), 1)]), Ok(()), "an earlier version says nothing");
        let unlike = check_comparable(&[closed(1), later(closed(8), 1)]).expect_err("unlike").to_string();
        assert!(unlike.contains("uploaders is 1 in one, 8 in the other"), "{unlike}");
    }
}
