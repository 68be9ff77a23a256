//! Every fact of the contract is judged by rules of the suite, or excluded for a reason.

mod common;

use std::collections::BTreeSet;

use uptake_suite::{Coverage, facts, load, load_suite};

use self::common::{Folder, uptake};

const CONTRACT: &str = include_str!("../docs/src/contract.md");

#[test]
fn every_fact_of_the_contract_is_mapped_and_every_rule_judges_one() {
    let suite = load(&[]).unwrap().suite;
    let mapped: BTreeSet<_> = suite.coverage.iter().map(|(number, _)| number.clone()).collect();
    let written: BTreeSet<_> = facts(CONTRACT).into_keys().collect();
    assert!(written.len() > 100, "the page has the facts: {}", written.len());
    assert_eq!(mapped, written, "coverage.yaml and contract.md have the same facts");
    assert_eq!(mapped.len(), suite.coverage.len(), "a fact is mapped once");
    let judging: BTreeSet<_> = suite
        .coverage
        .iter()
        .flat_map(|(_, by)| match by {
            Coverage::Rules(rules) => rules.clone(),
            Coverage::Excluded(_) => Vec::new(),
        })
        .collect();
    let idle: Vec<_> = suite.rules.iter().map(|rule| &rule.id).filter(|id| !judging.contains(*id)).collect();
    assert_eq!(idle, Vec::<&String>::new(), "these rules judge no fact of the contract");
}

#[test]
fn every_planted_defect_breaks_a_fact_of_the_contract() {
    let facts = facts(CONTRACT);
    for defect in uptake_reference::Defect::all() {
        assert!(
            facts.contains_key(defect.fact()),
            "{defect} breaks fact {}, which is not there",
            defect.fact()
        );
    }
}

#[test]
fn the_command_shows_facts_rules_and_reasons() {
    let told = uptake(&["rules", "--coverage"]).with_code(0).stdout;
    for line in [
        "An upload has at most 10,000 parts.\n      PART-12 PART-14 PART-18\n",
        "      excluded: clocks differ\n",
        " judged by rules, ",
    ] {
        assert!(told.contains(line), "{line} is missing in\n{told}");
    }
    let told = uptake(&["rules", "--coverage", "TTL-01"]).with_code(2).stderr;
    assert!(told.contains("cannot be used with"), "{told}");
    let told = uptake(&["rules", "--coverage", "--suite", "scenarios/tus"]).with_code(2).stderr;
    assert!(told.contains("has no coverage.yaml"), "{told}");
}

#[test]
fn a_fact_without_rules_or_reason_and_an_unknown_rule_are_mistakes() {
    for (line, why) in [
        ("\"1.1\": [NONE-01]", "unknown rule `NONE-01`"),
        ("\"1.1\": []", "no rule tests this fact"),
        ("\"1.1\": { excluded: \"\" }", "the reason is empty"),
        ("\"1.1\": { because: x }", "excluded"),
    ] {
        let folder = Folder::new();
        folder.write("suite.yaml", "suite: mine\nextends: api-video\n");
        folder.write("coverage.yaml", &format!("{line}\n"));
        let error = load_suite(folder.root(), &[]).unwrap_err();
        let said = uptake(&["lint", "--suite", &folder.root().display().to_string()]).with_code(2).stderr;
        assert!(said.contains(why) && said.contains("coverage.yaml:1:"), "{error}: {said}");
    }
}
