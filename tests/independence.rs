//! Scenarios do not depend on each other: some of them, in any order and any number side by side, find what they find
//! when all of them run. And each leaves the server as it was.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;
use uptake_check::{RunOptions, Selection};
use uptake_outcome::{Ending, Run, Verdict};
use uptake_prove::Sandbox;
use uptake_reference::Config;
use uptake_stop::Stopper;
use uptake_suite::{Cost, Loaded, load};
use uptake_target::Target;

/// What each scenario says of each rule.
type Verdicts = BTreeMap<String, BTreeMap<String, Verdict>>;

fn verdicts(run: &Run) -> Verdicts {
    let mut verdicts = Verdicts::new();
    for rule in &run.rules {
        for finding in &rule.findings {
            let known = verdicts.entry(finding.scenario.clone()).or_default();
            let verdict = known.entry(rule.id.clone()).or_insert(Verdict::NotCovered);
            *verdict = verdict.and(finding.verdict);
        }
    }
    verdicts
}

async fn run(loaded: &Loaded, target: &Target, jobs: usize, seed: u64) -> Run {
    let options = RunOptions {
        selection: Selection { cost: Cost::Large, ..Selection::default() },
        jobs: NonZeroUsize::new(jobs).unwrap(),
        seed,
        patience: Duration::MAX,
        keep: uptake_check::KeepExchanges::None,
        reports_exchanges: false,
    };
    let run = uptake_check::run(loaded, target, &options, Stopper::default(), &|_| {}).await.unwrap();
    assert_eq!(run.ending, Ending::Completed);
    assert_eq!(run.leftovers, [], "every scenario removes what it made");
    run
}

/// The tokens that the server still has.
async fn tokens(target: &Target) -> u64 {
    let tls = uptake_wire::tls_config(uptake_wire::TlsSettings::default()).unwrap();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap();
    let request = client.get(format!("{}upload-tokens", target.base_url));
    let answer = request.basic_auth(&target.credentials["api-key"], Some("")).send().await.unwrap();
    let list: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    list["pagination"]["itemsTotal"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes a minute: a stage of .ci/run"]
async fn any_scenarios_in_any_order_find_what_they_find_in_the_whole() {
    // No limit of calls: what reaches one asks thousands of times, and is judged by the whole suite elsewhere.
    let config = Config { rate_limit: None, ..Sandbox::small(1) };
    let Sandbox { server, target } = Sandbox::start(config).await.unwrap();
    let mut loaded = load(&[]).unwrap();
    let whole = verdicts(&run(&loaded, &target, 4, 1).await);
    assert!(whole.len() > 100, "the suite has many scenarios");
    let strange = |verdict: &Verdict| {
        matches!(verdict, Verdict::Blocked | Verdict::Failed | Verdict::Inconclusive | Verdict::NotCovered)
    };
    let bad: Vec<_> = whole.iter().filter(|(_, rules)| rules.values().any(strange)).collect();
    assert!(bad.is_empty(), "runs that all say nothing would be equal, too: {bad:?}");

    for seed in 2..8 {
        let mut choice = StdRng::seed_from_u64(seed);
        loaded.scenarios = load(&[]).unwrap().scenarios;
        loaded.scenarios.shuffle(&mut choice);
        loaded.scenarios.truncate(choice.random_range(1..=40));
        let chosen: BTreeSet<String> =
            loaded.scenarios.iter().map(|scenario| scenario.name.clone()).collect();
        let jobs = choice.random_range(1..=8);
        let alone = verdicts(&run(&loaded, &target, jobs, seed).await);
        let expected: Verdicts = whole
            .iter()
            .filter(|(name, _)| chosen.contains(*name))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        assert_eq!(alone, expected, "seed {seed}, {jobs} jobs, {chosen:#?}");
    }
    assert_eq!(tokens(&target).await, 0, "no token is left of all these runs");
    server.shutdown().await;
}
