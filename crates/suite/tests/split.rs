//! A scenario with many requests is split by its independent rows, and by nothing else.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails aloud")]

mod common;

use common::{loaded, mistakes, request, scenario};
use uptake_suite::Scenario;
use uptake_suite::step::Step;

fn names(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.name.as_str()).collect()
}

/// A scenario that posts once for each of `rows`, between two steps of its own.
fn table(rows: u32, independent: bool) -> String {
    let list: Vec<_> = (1..=rows).map(|row| row.to_string()).collect();
    format!(
        "scenario: A long table\nsteps:\n  - prepare: {{ post: /tokens, save: {{ token: $.token }}, expect: {{ status: 200 }} }}\n  - \"row ${{row}}\": {{ independent: {independent}, for-each: {{ row: [ {} ] }}, post: \"/${{token}}\", expect: {{ X-01: {{ status: 200 }} }} }}\n  - look: {{ get: /tokens, expect: {{ X-02: {{ status: 200 }} }} }}\n",
        list.join(", ")
    )
}

fn split(text: &str) -> Vec<Scenario> {
    loaded(&[("x/one.yaml", text)]).unwrap_or_else(|said| panic!("{said}"))
}

#[test]
fn each_part_has_some_rows_and_all_other_steps() {
    let parts = split(&table(60, true));
    let called: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(
        called,
        [
            "A long table [rows 1-15]",
            "A long table [rows 16-30]",
            "A long table [rows 31-45]",
            "A long table [rows 46-60]"
        ]
    );
    let mut rows = Vec::new();
    for part in &parts {
        let names = names(&part.steps);
        assert_eq!((names[0], names[names.len() - 1]), ("prepare", "look"));
        assert_eq!(part.rules(), ["X-01", "X-02"]);
        assert!(part.steps[1..part.steps.len() - 1].iter().all(|row| request(row).method == "POST"));
        rows.extend(names[1..names.len() - 1].iter().map(|name| (*name).to_owned()));
    }
    let all: Vec<_> = (1..=60).map(|row| format!("row {row}")).collect();
    assert_eq!(rows, all, "each row runs once, in its order");
}

#[test]
fn rows_that_may_depend_on_each_other_stay_together() {
    assert_eq!(scenario(&table(60, false)).steps.len(), 62);
}

#[test]
fn a_short_table_stays_one_scenario() {
    let scenario = scenario(&table(15, true));
    assert_eq!((scenario.name.as_str(), scenario.steps.len()), ("A long table", 17));
}

#[test]
fn a_row_of_several_steps_is_never_torn_apart() {
    let list: Vec<_> = (1..=40).map(|row| row.to_string()).collect();
    let text = format!(
        "scenario: Groups\nsteps:\n  - \"row ${{row}}\":\n      independent: true\n      for-each: {{ row: [ {} ] }}\n      steps:\n        - make: {{ post: /, save: {{ id: $.id }}, expect: {{ X-01: {{ status: 200 }} }} }}\n        - look: {{ get: \"/${{id}}\", expect: {{ X-01: {{ status: 200 }} }} }}\n",
        list.join(", ")
    );
    let parts = split(&text);
    assert!(parts.len() > 1, "{} parts", parts.len());
    for part in parts {
        let names = names(&part.steps);
        for pair in names.chunks(2) {
            let row = pair[0].strip_suffix(": make").unwrap_or_else(|| panic!("{names:?}"));
            assert_eq!(pair[1], format!("{row}: look"));
        }
    }
}

#[test]
fn what_an_independent_row_saves_has_no_value_elsewhere() {
    let said = mistakes(
        "scenario: One\nsteps:\n  - make: { independent: true, for-each: { row: [ 1, 2 ] }, post: \"/${row}\", save: { id: $.id }, expect: { X-01: { status: 200 } } }\n  - look: { get: \"/${id}\", expect: { X-01: { status: 200 } } }\n",
    );
    assert!(said.starts_with("x/one.yaml:4:") && said.contains("`id` is not defined here"), "{said}");
}

#[test]
fn rows_are_independent_among_the_steps_of_a_scenario_only() {
    let walk = "independent: true, for-each: { row: [ 1, 2 ] }";
    let expect = "expect: { X-01: { status: 200 } }";
    for text in [
        format!(
            "scenario: \"Row ${{row}}\"\nindependent: true\nfor-each: {{ row: [ 1, 2 ] }}\nsteps:\n  - ask: {{ get: /, {expect} }}\n"
        ),
        format!(
            "scenario: One\nsteps:\n  - at once: {{ parallel: [ {{ \"${{row}}\": {{ {walk}, get: /, {expect} }} }} ] }}\n"
        ),
        format!(
            "scenario: One\nsteps:\n  - again: {{ repeat: {{ until: 'true', limit: 2, steps: [ {{ \"${{row}}\": {{ {walk}, get: /, {expect} }} }} ] }} }}\n"
        ),
        format!(
            "scenario: One\nsteps:\n  - all: {{ for-each: {{ a: [ 1 ] }}, steps: [ {{ \"${{row}}\": {{ {walk}, get: /, {expect} }} }} ] }}\n"
        ),
    ] {
        let said = mistakes(&text);
        assert!(said.contains("`independent` has no effect here"), "{text}\n{said}");
    }
    let said =
        mistakes(&format!("scenario: One\nsteps:\n  - ask: {{ independent: true, get: /, {expect} }}\n"));
    assert!(said.contains("`independent` cannot be used with `for-each`"), "{said}");
}

/// So that a lost connection, or a rate limit, costs one of them little.
#[test]
fn the_built_in_suite_has_no_scenario_of_more_than_fifty_requests() {
    let loaded = uptake_suite::load(&[]).unwrap();
    for scenario in &loaded.scenarios {
        let requests = scenario.steps.iter().map(requests).sum::<usize>();
        assert!(requests <= 50, "{}: {requests} requests", scenario.name);
    }
    let mut names: Vec<_> = loaded.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "no two scenarios have one name");
}

fn requests(step: &Step) -> usize {
    use uptake_suite::step::Action;
    let own = usize::from(matches!(step.action, Action::Request(_) | Action::Upload(_) | Action::Raw(_)));
    own + step.inner().map(requests).sum::<usize>()
}
