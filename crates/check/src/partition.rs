//! Divides scenarios among shards, so that all take about the same time.

use std::collections::{BTreeMap, BTreeSet};

use uptake_outcome::{Forecast, ForecastFate, Run, ScenarioRef, Shard};

/// How long each scenario takes, in seconds: as an earlier run recorded it, or else as estimated. The same in every shard.
pub fn scenario_times(forecast: &Forecast, recorded: Option<&Run>) -> BTreeMap<ScenarioRef, f64> {
    let recorded: BTreeMap<(&str, &str), f64> = recorded
        .iter()
        .flat_map(|run| &run.scenarios)
        .map(|record| ((record.scenario.as_str(), record.file.as_str()), record.took_seconds))
        .collect();
    let seconds = |scenario: &uptake_outcome::ForecastScenario| {
        let known = recorded.get(&(scenario.name.as_str(), scenario.file.as_str())).copied();
        known.unwrap_or_else(|| estimate(scenario))
    };
    let named = |scenario: &uptake_outcome::ForecastScenario| ScenarioRef {
        name: scenario.name.clone(),
        file: scenario.file.clone(),
    };
    forecast.scenarios.iter().map(|scenario| (named(scenario), seconds(scenario))).collect()
}

/// A request takes some milliseconds, and bytes take their time; a wait is exact.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn estimate(scenario: &uptake_outcome::ForecastScenario) -> f64 {
    const SECONDS_PER_REQUEST: f64 = 0.05;
    const BYTES_PER_SECOND: f64 = 50.0 * 1_048_576.0;
    let waits = match scenario.fate {
        ForecastFate::Runs => scenario.waits_seconds as f64,
        ForecastFate::Suspended | ForecastFate::NotApplicable { .. } => 0.0,
    };
    let load = scenario.load;
    waits + load.requests() as f64 * SECONDS_PER_REQUEST + load.bytes as f64 / BYTES_PER_SECOND
}

/// The scenarios of one shard. The longest are placed first, each in the shard that has the least so far.
pub fn scenarios_of(shard: Shard, times: &BTreeMap<ScenarioRef, f64>) -> BTreeSet<ScenarioRef> {
    let mut longest_first: Vec<(&ScenarioRef, f64)> = times.iter().map(|(one, time)| (one, *time)).collect();
    longest_first.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let mut sums =
        vec![(0.0_f64, 0_u64); usize::try_from(shard.of()).unwrap_or(usize::MAX).min(times.len().max(1))];
    let mut own = BTreeSet::new();
    for (scenario, time) in longest_first {
        // Of shards with equal sums the one with the fewest, so that scenarios without a time are divided, too.
        let least = (0..sums.len())
            .min_by(|a, b| sums[*a].0.total_cmp(&sums[*b].0).then_with(|| sums[*a].1.cmp(&sums[*b].1)));
        let at = least.unwrap_or(0);
        sums[at].0 += time;
        sums[at].1 += 1;
        if at as u64 + 1 == shard.number() {
            own.insert(scenario.clone());
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(number: usize) -> ScenarioRef {
        ScenarioRef { name: format!("scenario {number}"), file: "a.yaml".to_owned() }
    }

    fn shards(of: u64) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |number| Shard::new(number, of).expect("one of them"))
    }

    fn times(seconds: &[f64]) -> BTreeMap<ScenarioRef, f64> {
        seconds.iter().enumerate().map(|(number, time)| (named(number), *time)).collect()
    }

    #[test]
    fn every_scenario_is_in_exactly_one_shard() {
        let times = times(&[5.0, 0.0, 0.0, 0.0, 3.0, 3.0, 0.1, 60.0, 0.0]);
        for of in 1..14 {
            let mut all: Vec<_> = shards(of).flat_map(|shard| scenarios_of(shard, &times)).collect();
            all.sort();
            assert_eq!(all, times.keys().cloned().collect::<Vec<_>>(), "{of} shards");
        }
    }

    #[test]
    fn shards_take_about_the_same_time() {
        let times = times(&[8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
        for shard in shards(3) {
            let sum: f64 = scenarios_of(shard, &times).iter().map(|one| times[one]).sum();
            assert!((11.0..=13.0).contains(&sum), "{shard}: {sum}");
        }
    }

    #[test]
    fn scenarios_without_a_time_are_divided_by_number() {
        let times = times(&[0.0; 8]);
        assert!(shards(4).all(|shard| scenarios_of(shard, &times).len() == 2));
    }
}
