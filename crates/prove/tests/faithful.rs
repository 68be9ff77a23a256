//! The suite finds nothing wrong with the faithful server. `benches/mutants.sh` runs this test against each mutant of it.

use std::sync::Arc;

use uptake_outcome::Verdict;
use uptake_prove::run_faithful;
use uptake_suite::load;

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_passes_against_the_faithful_server() {
    let loaded = Arc::new(load(&[]).unwrap());
    let rules = loaded.suite.rules.len();
    let run = run_faithful(loaded, 1).await.unwrap();
    let otherwise: Vec<_> = run.rules.iter().filter(|rule| rule.verdict != Verdict::Passed).collect();
    assert_eq!(otherwise, Vec::<&uptake_outcome::RuleResult>::new());
    assert_eq!(run.rules.len(), rules);
    assert_eq!(run.leftovers, []);
}
