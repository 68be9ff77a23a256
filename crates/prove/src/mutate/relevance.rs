//! Which exchanges of a scenario matter to which rules: a changed answer can fail only rules that are judged at its step or at a
//! later one.

use std::collections::{BTreeMap, BTreeSet};

use uptake_outcome::{Level, Run, Verdict};
use uptake_suite::Scenario;
use uptake_suite::step::{Action, Step};

/// For each rule that can fail in a scenario, the last exchange that it is judged by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Relevance(BTreeMap<String, usize>);

/// The rules of a run that held, and so can be made to fail. Of a rule that may be deviated from, a failure is a warning.
pub(super) fn provable(run: &Run) -> BTreeSet<String> {
    let held =
        |verdict, level| verdict == Verdict::Passed || (verdict == Verdict::Tolerated && level != Level::May);
    let rules = run.rules.iter().filter(|rule| held(rule.verdict, rule.level));
    rules.map(|rule| rule.id.clone()).collect()
}

impl Relevance {
    /// Reads it from the run of `scenario` without mutations, which had `count` exchanges.
    pub(super) fn of(run: &Run, scenario: &Scenario, count: usize) -> Self {
        let labels = labels(run, count);
        let requests = requests(scenario);
        let can_fail = provable(run);
        let rules = run.rules.iter().filter(|rule| can_fail.contains(&rule.id) && !rule.findings.is_empty());
        let last = rules.map(|rule| {
            // Where a step's exchange is not known, every exchange may matter.
            let last = |step: &str| {
                let (_, sent) = requests.iter().find(|(name, _)| *name == step)?;
                labels.iter().rposition(|label| label == sent)
            };
            let last = rule.findings.iter().map(|finding| last(&finding.step).unwrap_or(usize::MAX)).max();
            (rule.id.clone(), last.unwrap_or(usize::MAX))
        });
        Self(last.collect())
    }

    /// The rules that can fail.
    pub(super) fn rules(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Whether a change of exchange `at` can fail one of the `open` rules.
    pub(super) fn concerns(&self, at: usize, open: &BTreeSet<String>) -> bool {
        self.0.iter().any(|(rule, last)| *last >= at && open.contains(rule))
    }
}

/// The steps of a scenario that send one request, each with its request as the run calls it.
fn requests(scenario: &Scenario) -> Vec<(&str, String)> {
    fn add<'s>(step: &'s Step, found: &mut Vec<(&'s str, String)>) {
        if let Action::Request(request) = &step.action {
            found.push((&step.name, format!("{} {}", request.method, request.path.written())));
        }
        step.inner().for_each(|step| add(step, found));
    }
    let mut found = Vec::new();
    scenario.steps.iter().for_each(|step| add(step, &mut found));
    found
}

/// The one step that sends what the run calls `label`; none where several do.
pub(super) fn step_of<'s>(scenario: &'s Scenario, label: &str) -> Option<&'s str> {
    let mut steps = requests(scenario).into_iter().filter(|(_, sent)| sent == label).map(|(name, _)| name);
    steps.next().filter(|_| steps.next().is_none())
}

/// What the run calls the exchanges of its scenario, in their order; empty where the run did not keep each of them.
pub(super) fn labels(run: &Run, count: usize) -> Vec<String> {
    let Some(scenario) = run.scenarios.first().filter(|scenario| scenario.exchanges.len() == count) else {
        return Vec::new();
    };
    scenario.exchanges.iter().map(|sent| sent.label.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use uptake_outcome::{Ending, ExchangeRecord, Finding, HttpVersion, Place, ScenarioRecord, SentExchange};

    fn run() -> Run {
        let mut run = sample::run(
            &[("A-01", Verdict::Passed), ("A-02", Verdict::Passed), ("A-03", Verdict::Failed)],
            Ending::Completed,
        );
        for (rule, steps) in run.rules.iter_mut().zip([&["create", "ask"][..], &["create"], &["ask"]]) {
            rule.findings = steps
                .iter()
                .map(|step| Finding {
                    verdict: rule.verdict,
                    scenario: String::new(),
                    step: (*step).to_owned(),
                    place: Place { file: String::new(), line: 1, column: 1 },
                    expected: String::new(),
                    observed: String::new(),
                    exchange: None,
                    cause: None,
                })
                .collect();
        }
        let exchange = |label: String| SentExchange {
            label,
            started_at: String::new(),
            headers: Vec::new(),
            body: String::new(),
            body_bytes: 0,
            exchange: ExchangeRecord {
                http_version: HttpVersion::Http1,
                method: String::new(),
                url: String::new(),
                curl: String::new(),
                status: None,
                headers: Vec::new(),
                answer: String::new(),
                took_seconds: 0.0,
            },
        };
        run.scenarios = vec![ScenarioRecord {
            scenario: String::new(),
            file: String::new(),
            took_seconds: 0.0,
            exchanges: ["create", "send", "ask", "delete"]
                .map(|name| exchange(format!("GET /{name}")))
                .to_vec(),
            script: None,
        }];
        run
    }

    /// Four requests, each to a path of its own.
    fn scenario() -> Scenario {
        let folder = tempfile::tempdir().expect("a folder");
        let rules = ["A-01", "A-02", "A-03"]
            .map(|id| format!("  - {{ id: {id}, area: a, level: must, text: It holds, source: [test] }}\n"));
        let suite = format!("suite: four\nareas: {{ a: all }}\nrules:\n{}", rules.concat());
        let steps = ["create", "send", "ask", "delete"]
            .map(|name| format!("  - {name}: {{ get: /{name}, expect: {{ A-01: {{ status: 200 }} }} }}\n"));
        std::fs::write(folder.path().join("suite.yaml"), suite).expect("written");
        let text = format!("scenario: Four requests\nsteps:\n{}", steps.concat());
        std::fs::write(folder.path().join("four.yaml"), text).expect("written");
        let loaded = uptake_suite::load_suite(folder.path(), &[]).unwrap_or_else(|error| panic!("{error:?}"));
        loaded.scenarios.into_iter().next().expect("one")
    }

    fn concerned(relevance: &Relevance, open: &[&str]) -> Vec<usize> {
        let open = open.iter().map(|rule| (*rule).to_owned()).collect();
        (0..4).filter(|at| relevance.concerns(*at, &open)).collect()
    }

    #[test]
    fn what_comes_after_the_last_step_of_a_rule_cannot_fail_it() {
        let relevance = Relevance::of(&run(), &scenario(), 4);
        assert_eq!(concerned(&relevance, &["A-01"]), [0, 1, 2]);
        assert_eq!(concerned(&relevance, &["A-02"]), [0]);
        assert_eq!(concerned(&relevance, &["A-03"]), [0_usize; 0], "it failed already");
    }

    #[test]
    fn every_exchange_matters_where_the_steps_are_not_known() {
        assert_eq!(concerned(&Relevance::of(&run(), &scenario(), 3), &["A-02"]), [0, 1, 2, 3]);
    }
}
