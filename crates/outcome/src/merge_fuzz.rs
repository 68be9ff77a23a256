//! Joins the runs of `fuzz` that shards of one run made: cases are added, and each kind of counterexample is kept once.

use super::{Bound, Counterexample, Ending, FuzzRun, PropertyResult};

/// Joins the runs of all shards; `None` if there is none.
pub fn merge_fuzz(runs: Vec<FuzzRun>) -> Option<FuzzRun> {
    let mut runs = runs.into_iter();
    let mut merged = runs.next()?;
    for run in runs {
        add(&mut merged, run);
    }
    merged.counterexamples.sort_by_key(|counterexample| counterexample.case);
    for property in &mut merged.properties {
        let of = |counterexample: &&Counterexample| counterexample.property == property.name;
        property.counterexamples = merged.counterexamples.iter().filter(of).count();
    }
    Some(merged)
}

fn add(merged: &mut FuzzRun, run: FuzzRun) {
    merged.started_at = merged.started_at.clone().min(run.started_at);
    merged.took_seconds = merged.took_seconds.max(run.took_seconds);
    if merged.ending == Ending::Completed {
        merged.ending = run.ending;
    }
    // All cases were tried only if each shard tried all of its own.
    if merged.bound == Some(Bound::Cases) {
        merged.bound = run.bound;
    }
    merged.cases += run.cases;
    merged.unsaid += run.unsaid;
    merged.unsaid_because = merged.unsaid_because.take().or(run.unsaid_because);
    merged.requests += run.requests;
    merged.bytes_sent += run.bytes_sent;
    for property in run.properties {
        add_property(&mut merged.properties, property);
    }
    for counterexample in run.counterexamples {
        add_counterexample(&mut merged.counterexamples, counterexample);
    }
}

fn add_property(properties: &mut Vec<PropertyResult>, property: PropertyResult) {
    match properties.iter_mut().find(|known| known.name == property.name) {
        Some(known) => known.cases += property.cases,
        None => properties.push(property),
    }
}

/// Two are of one kind if they broke the same rule in the same way; the simpler one is kept.
fn add_counterexample(counterexamples: &mut Vec<Counterexample>, other: Counterexample) {
    let is_alike = |known: &&mut Counterexample| {
        (&known.property, &known.rule, &known.expected, &known.got)
            == (&other.property, &other.rule, &other.expected, &other.got)
    };
    match counterexamples.iter_mut().find(is_alike) {
        Some(known) => {
            let seen = known.seen + other.seen;
            if (other.segments, other.case) < (known.segments, known.case) {
                *known = other;
            }
            known.seen = seen;
        }
        None => counterexamples.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exit, FUZZ_FORMAT, HttpVersion, Stability, TargetSummary};

    fn counterexample(rule: &str, case: u64, segments: usize) -> Counterexample {
        Counterexample {
            property: "order".to_owned(),
            rule: rule.to_owned(),
            case,
            stability: Stability::Stable,
            expected: "201".to_owned(),
            got: "400".to_owned(),
            segments,
            tries: 1,
            seen: 2,
            picture: String::new(),
            transcripts: Vec::new(),
            scenario: None,
        }
    }

    fn run(cases: u64, counterexamples: Vec<Counterexample>) -> FuzzRun {
        let property = PropertyResult {
            name: "order".to_owned(),
            text: "order does not matter".to_owned(),
            cases,
            counterexamples: counterexamples.len(),
        };
        FuzzRun {
            format: FUZZ_FORMAT,
            uptake: "0.0.0".to_owned(),
            target: TargetSummary {
                http_version: HttpVersion::Http1,
                name: "a".to_owned(),
                base_url: "http://a.test/".to_owned(),
                capabilities: Vec::new(),
                proxy: None,
            },
            seed: 1,
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            took_seconds: 1.0,
            ending: Ending::Completed,
            bound: Some(Bound::Cases),
            cases,
            unsaid: 0,
            unsaid_because: None,
            requests: 10,
            bytes_sent: 100,
            properties: vec![property],
            counterexamples,
        }
    }

    #[test]
    fn cases_are_added_and_each_kind_of_counterexample_is_kept_once() {
        let first = run(10, vec![counterexample("A-01", 3, 4)]);
        let second = run(20, vec![counterexample("A-01", 8, 2), counterexample("B-01", 1, 1)]);
        let merged = merge_fuzz(vec![first, second]).expect("runs");
        assert_eq!((merged.cases, merged.requests, merged.properties[0].cases), (30, 20, 30));
        let kept: Vec<_> =
            merged.counterexamples.iter().map(|one| (one.rule.as_str(), one.case, one.seen)).collect();
        assert_eq!(kept, [("B-01", 1, 2), ("A-01", 8, 4)], "the simpler one, and all sightings");
        assert_eq!((merged.properties[0].counterexamples, merged.exit()), (2, Exit::Failed));
    }

    #[test]
    fn a_shard_that_did_not_complete_is_not_hidden() {
        let lost = FuzzRun {
            ending: Ending::OutOfReach { why: "gone".to_owned() },
            bound: None,
            ..run(1, Vec::new())
        };
        for runs in [vec![lost.clone(), run(5, Vec::new())], vec![run(5, Vec::new()), lost]] {
            assert_eq!(merge_fuzz(runs).expect("runs").exit(), Exit::CouldNotTest);
        }
        assert_eq!(
            merge_fuzz(vec![run(5, Vec::new()), run(5, Vec::new())]).expect("runs").exit(),
            Exit::Success
        );
        assert!(merge_fuzz(Vec::new()).is_none());
    }
}
