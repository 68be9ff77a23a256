//! What one shard of a run does: how many of the planned uploads are its own.
//!
//! A shard takes every N-th arrival of the schedule, by number. So all shards together send what one process would send, at the
//! same instants, and each can compute its part from the plan alone.

use super::plan::{LoadPlan, Model, WorkUnit};
use super::schedule::Schedule;
use super::workload::Workload;

/// How many uploads the plan's shard measures; `None` when time ends the run.
pub(super) fn uploads(plan: &LoadPlan, schedule: Option<&Schedule>, workload: &Workload) -> Option<u64> {
    let total = plan.uploads?;
    let warm_up = schedule.map_or(0, |schedule| warm_up_arrivals(plan, schedule, workload));
    let end = warm_up.saturating_add(total);
    Some(plan.shard.count_below(end) - plan.shard.count_below(warm_up))
}

/// How many arrivals of the whole schedule are due in the warm-up. The measured ones are numbered from there on.
fn warm_up_arrivals(plan: &LoadPlan, schedule: &Schedule, workload: &Workload) -> u64 {
    if plan.warm_up.is_zero() || plan.shard.is_whole() {
        return 0;
    }
    let mut cursor = schedule.cursor();
    let mut is_warm_up = |number| {
        let due = cursor.due(number, |number| work(plan, workload, number));
        due.is_some_and(|due| due < plan.warm_up)
    };
    let mut count = 0;
    while is_warm_up(count) {
        count += 1;
    }
    count
}

/// How much an upload counts, in the unit of the rate.
#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
pub(super) fn work(plan: &LoadPlan, workload: &Workload, number: u64) -> f64 {
    let Model::Open(open) = &plan.model else { return 1.0 };
    match open.offered.unit {
        WorkUnit::Uploads => 1.0,
        WorkUnit::Segments => workload.upload(number).segments as f64,
        WorkUnit::Bytes => workload.upload(number).size as f64,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::plan::RawPlan;
    use crate::workload::UploadSpec;
    use uptake_outcome::Shard;

    fn plan(values: &[(&'static str, &str)]) -> LoadPlan {
        let mut raw = RawPlan::default();
        for (key, text) in values {
            raw.set_flag(key, *text);
        }
        LoadPlan::new(&raw, None, None).expect("a plan")
    }

    fn workload(plan: &LoadPlan) -> Workload {
        Workload::new(plan.shape.clone(), plan.outcomes, Vec::new(), plan.seed)
    }

    /// What a process with this plan starts: every arrival by its number, when it is due and what is sent.
    fn arrivals(plan: &LoadPlan) -> BTreeMap<u64, (Duration, UploadSpec)> {
        let Model::Open(open) = &plan.model else { panic!("the open model") };
        let workload = workload(plan);
        let schedule = Schedule::new(&open.offered, open.arrivals, plan.warm_up, plan.seed);
        let mut left = uploads(plan, Some(&schedule), &workload).unwrap_or(u64::MAX);
        let mut cursor = schedule.cursor();
        let mut all = BTreeMap::new();
        for number in (0..).map(|k| plan.shard.nth(k)) {
            let Some(due) = cursor.due(number, |number| work(plan, &workload, number)) else { break };
            if due >= plan.warm_up {
                if left == 0 {
                    break;
                }
                left -= 1;
            }
            all.insert(number, (due, workload.upload(number)));
        }
        all
    }

    fn shards(of: u64) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |number| Shard::new(number, of).expect("one of them"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn the_arrivals_of_all_shards_are_the_schedule_of_the_whole(
            seed in any::<u32>(),
            of in 1_u64..12,
            rate in prop::sample::select(vec![
                "0/s..40/s for 2s, 40/s for 1s, 0/s for 1s, 40/s..5/s for 2s",
                "30 segments/s for 4s",
                "1MiB/s..8MiB/s for 4s",
            ]),
            arrivals_kind in prop::sample::select(vec!["constant", "poisson"]),
            warm_up in prop::sample::select(vec!["0s", "700ms", "2s"]),
            limit in prop::option::of(12_u64..60),
        ) {
            let (seed, limit_text) = (seed.to_string(), limit.unwrap_or(0).to_string());
            let mut values = vec![
                ("stages", rate), ("arrivals", arrivals_kind), ("warm-up", warm_up), ("seed", &seed),
                ("size", "64KiB..2MiB"), ("segment", "256KiB"), ("abandoned", "5%"),
            ];
            if limit.is_some() {
                values.push(("uploads", &limit_text));
            }
            let whole = plan(&values);
            let mut union = BTreeMap::new();
            for shard in shards(of) {
                for (number, arrival) in arrivals(&whole.clone().for_shard(shard).expect("it can be divided")) {
                    prop_assert!(union.insert(number, arrival).is_none(), "{} is in two shards", number);
                }
            }
            prop_assert_eq!(union, arrivals(&whole));
        }

        #[test]
        fn uploaders_and_uploads_are_divided_without_a_remainder(of in 1_u64..40, extra in 0_u64..500) {
            let (uploaders, number) = ((of + extra).to_string(), (of + 3 * extra).to_string());
            let whole = plan(&[("uploaders", &uploaders), ("uploads", &number), ("warm-up", "1s")]);
            let parts: Vec<LoadPlan> =
                shards(of).map(|shard| whole.clone().for_shard(shard).expect("enough for all")).collect();
            let sum: usize = parts.iter().map(|part| part.model.max_in_flight()).sum();
            prop_assert_eq!(sum, whole.model.max_in_flight());
            let sum: u64 = parts.iter().filter_map(|part| uploads(part, None, &workload(part))).sum();
            prop_assert_eq!(Some(sum), whole.uploads);
        }
    }

    #[test]
    fn the_contents_of_shards_differ_and_are_repeatable() {
        let whole = plan(&[("rate", "8/s")]);
        let seeds: Vec<u64> = shards(4)
            .map(|shard| whole.clone().for_shard(shard).expect("it can be divided").content_seed().0)
            .collect();
        let again: Vec<u64> = shards(4)
            .map(|shard| whole.clone().for_shard(shard).expect("it can be divided").content_seed().0)
            .collect();
        assert_eq!(seeds, again);
        let different: std::collections::BTreeSet<_> = seeds.iter().collect();
        assert_eq!(different.len(), 4);
        assert_eq!(
            whole.clone().for_shard(Shard::WHOLE).expect("the whole").content_seed(),
            whole.content_seed()
        );
    }

    #[test]
    fn what_cannot_be_divided_is_refused() {
        let shard = Shard::new(1, 4).expect("one of four");
        for (values, hint) in [
            (vec![("uploaders", "3")], "--uploaders 3"),
            (vec![("rate", "8/s"), ("max-in-flight", "2")], "--max-in-flight 2"),
            (vec![("uploaders", "8"), ("uploads", "2")], "--uploads 2"),
        ] {
            let why = plan(&values).for_shard(shard).expect_err(hint).to_string();
            assert!(why.contains(hint) && why.contains("4 shards"), "{why}");
        }
    }
}
