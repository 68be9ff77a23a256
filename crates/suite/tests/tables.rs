//! `for-each` writes a scenario's steps, or the scenario itself, out for the rows of tables.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails aloud")]

mod common;

use common::{loaded, mistakes, request, scenario};
use uptake_suite::Cost;
use uptake_suite::json::JsonTemplate;
use uptake_suite::request::{Auth, Body};
use uptake_suite::step::{Action, Step};

fn names(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.name.as_str()).collect()
}

#[test]
fn a_step_is_written_out_for_each_row_and_named_after_it() {
    let scenario = scenario(
        r#"
scenario: Everything asks for credentials
tables:
  calls:
    list the tokens: { request: GET /upload-tokens }
    ask for options of one: { request: "options /upload-tokens/1", body: { ttl: 60, on: true, of: null } }
steps:
  - "${call.name}":
      for-each: { call: calls }
      request: ${call.request}
      json: ${call.body}
      expect: { X-01: { status: 401 } }
"#,
    );
    assert_eq!(names(&scenario.steps), ["list the tokens", "ask for options of one"]);
    let (first, second) = (request(&scenario.steps[0]), request(&scenario.steps[1]));
    assert_eq!((first.method.as_str(), first.path.written()), ("GET", "/upload-tokens"));
    assert!(matches!(first.body, Body::Empty), "the first row has no body");
    assert_eq!(second.method, "options");
    let Body::Json(JsonTemplate::Map(members)) = &second.body else { panic!("{:?}", second.body) };
    assert_eq!(format!("{members:?}").matches("Literal").count(), 3, "{members:?}");
}

#[test]
fn a_name_that_does_not_speak_of_the_row_gets_its_name() {
    let text = "scenario: One\nsteps:\n  - ask: { for-each: { size: [ 1, 2 ], way: { up: 1, down: 2 } }, get: \"/${size}\", expect: { X-01: { status: 200 } } }\n";
    assert_eq!(
        names(&scenario(text).steps),
        ["ask (1, up)", "ask (1, down)", "ask (2, up)", "ask (2, down)"]
    );
}

#[test]
fn a_row_gives_the_rule_the_credential_the_headers_and_the_status() {
    let scenario = scenario(
        r#"
scenario: Credentials
tables:
  credentials:
    none: { rule: X-01, expect: { status: [ 401, 403 ] } }
    bearer in lower case: { auth: { literal: "bearer ${credential.api_key}" }, rule: X-02, expect: refused }
    a key of its own: { auth: { bearer: "a${1 + 1}" }, header: X-tWICE, rule: X-02, expect: refused }
steps:
  - ask:
      for-each: { who: credentials }
      get: "/files/${who.name}"
      auth: ${who.auth}
      headers: { X-Row: "${who.name}" }
      expect: { "${who.rule}": "${who.expect}" }
"#,
    );
    assert_eq!(scenario.rules(), ["X-01", "X-02"]);
    let auths: Vec<_> = scenario.steps.iter().map(|step| &request(step).envelope.auth).collect();
    assert!(matches!(auths[0], Auth::None));
    assert!(matches!(auths[1], Auth::Literal(value) if value.written() == "bearer ${credential.api_key}"));
    assert!(
        matches!(auths[2], Auth::Named(name, Some(value)) if name == "bearer" && value.written() == "a${1 + 1}")
    );
    assert_eq!(request(&scenario.steps[1]).envelope.headers[0].1.written(), "bearer in lower case");
}

#[test]
fn rows_are_values_in_expressions_too() {
    let scenario = scenario(
        r#"
scenario: Sizes
let: { m: limit.min_segment }
steps:
  - send:
      for-each: { size: { one under: { bytes: "${m - 1}" }, exact: { bytes: "${m}" }, small: { bytes: 7 } } }
      post: /upload
      body: { size: size.bytes * 2 }
      headers: { Range: "0-${size.bytes - 1}" }
      expect: { X-01: { that: "size.name != 'none'" } }
"#,
    );
    let bodies: Vec<_> = scenario.steps.iter().map(|step| format!("{:?}", request(step).body)).collect();
    assert!(
        bodies[0].contains(
            r#"Binary(Multiply, Binary(Subtract, Name("m"), Literal(Number(1))), Literal(Number(2)))"#
        ),
        "{}",
        bodies[0]
    );
    assert!(bodies[2].contains("Binary(Multiply, Literal(Number(7)), Literal(Number(2)))"), "{}", bodies[2]);
    let that = &scenario.steps[0].expect[0].wants.that[0].0;
    assert!(format!("{that:?}").contains(r#"Literal(String("one under"))"#), "{that:?}");
}

#[test]
fn a_group_of_steps_runs_for_each_row_and_may_walk_a_table_of_its_own() {
    let scenario = scenario(
        r#"
scenario: Groups
steps:
  - "${header.name}":
      for-each: { header: { Range: { good: [ a, b ] }, Ttl: { good: [ 1 ] } } }
      steps:
        - prepare: { get: / }
        - send:
            for-each: { value: "${header.good}" }
            get: /
            headers: { "${header.name}": "${value}" }
            expect: { X-01: { status: 200 } }
"#,
    );
    assert_eq!(
        names(&scenario.steps),
        ["Range: prepare", "Range: send (a)", "Range: send (b)", "Ttl: prepare", "Ttl: send (1)"]
    );
    assert_eq!(request(&scenario.steps[4]).envelope.headers[0].0, "Ttl");
}

#[test]
fn branches_of_parallel_are_written_out_too() {
    let text = "scenario: One\nsteps:\n  - at once:\n      parallel:\n        - send:\n            for-each: { n: [ 1, 2, 3 ] }\n            steps: [ { wait for the others: { meet: all } }, { send: { get: \"/${n}\", expect: { X-01: { status: 200 } } } } ]\n";
    let scenario = scenario(text);
    let Action::Parallel(branches) = &scenario.steps[0].action else { panic!("no branches") };
    assert_eq!(branches.len(), 3);
    assert_eq!(branches.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2]);
    assert_eq!(names(&branches[2])[1], "send");
}

#[test]
fn a_scenario_is_written_out_for_each_row_of_a_table_in_the_suite() {
    let table = "table: States\ndefaults: { wait: 0s }\nrows:\n  active: {}\n  over: { wait: 2s }\n";
    let text = "scenario: A token that is ${state.name} shows itself\nfor-each: { state: states }\nsteps:\n  - wait: { wait: \"${state.wait}\" }\n  - ask: { get: /, expect: { X-01: { status: 200 } } }\n";
    let scenarios = loaded(&[("tables/states.yaml", table), ("x/one.yaml", text)]).unwrap();
    let names: Vec<_> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    assert_eq!(names, ["A token that is active shows itself", "A token that is over shows itself"]);
    assert!(scenarios.iter().all(|scenario| scenario.file.ends_with("x/one.yaml")));
}

#[test]
fn where_leaves_rows_out_by_their_values() {
    let text = "scenario: One\nsteps:\n  - ask: { for-each: { a: { x: { open: true }, middle: {}, z: {} }, b: [ 1, 2 ] }, where: \"a.open != true and (b == 1 or a.name == 'z')\", get: /, expect: { X-01: { status: 200 } } }\n";
    assert_eq!(names(&scenario(text).steps), ["ask (middle, 1)", "ask (z, 1)", "ask (z, 2)"]);
}

#[test]
fn pairs_are_for_every_day_and_the_rest_for_cost_large() {
    let text = "scenario: Combinations\nsteps:\n  - prepare: { get: / }\n  - ask: { for-each: { a: [ 1, 2, 3 ], b: [ 1, 2, 3 ], c: [ 1, 2, 3 ] }, combine: pairwise, get: \"/${a}${b}${c}\", expect: { X-01: { status: 200 } } }\n";
    let scenarios = loaded(&[("x/one.yaml", text)]).unwrap();
    let [every_day, rest] = scenarios.as_slice() else { panic!("{} scenarios", scenarios.len()) };
    assert_eq!((every_day.cost, rest.cost), (Cost::Normal, Cost::Large));
    assert_eq!(rest.name, "Combinations, in every other combination");
    assert!((9..=12).contains(&(every_day.steps.len() - 1)), "{}", every_day.steps.len());
    assert_eq!(every_day.steps.len() + rest.steps.len(), 27 + 2);
    assert_eq!((names(&every_day.steps)[0], names(&rest.steps)[0]), ("prepare", "prepare"));
}

#[test]
fn a_grammar_gives_the_spellings_that_it_allows_and_those_one_edit_away() {
    let table = "table: Content-Range by bytes\ngrammar:\n  content-range: 'unit SP \"0-${last}/\" total'\n  unit: '\"bytes\"'\n  total: '\"${total}\" / \"*\"'\n";
    let text = "scenario: Spellings\nlet: { last: 9, total: 10 }\nsteps:\n  - accepted: { for-each: { value: range.accepted }, get: /, headers: { Content-Range: \"${value}\" }, expect: { X-01: { status: 200 } } }\n  - refused: { for-each: { value: range.refused }, get: /, headers: { Content-Range: \"${value}\" }, expect: { X-02: refused } }\n";
    let scenarios =
        loaded(&[("tables/range.yaml", table), ("x/one.yaml", text)]).unwrap_or_else(|said| panic!("{said}"));
    let values = |name: &str| -> Vec<_> {
        let steps = scenarios[0].steps.iter().filter(|step| step.name.starts_with(name));
        steps.map(|step| request(step).envelope.headers[0].1.written().to_owned()).collect()
    };
    assert_eq!(
        values("accepted"),
        [
            "bytes 0-${last}/${total}",
            "BYTES 0-${last}/${total}",
            "Bytes 0-${last}/${total}",
            "bytes 0-${last}/*"
        ]
    );
    let refused = values("refused");
    for edited in [
        "byte 0-${last}/${total}",
        "bytes0-${last}/${total}",
        "bytes 0-${last}/${total}abc",
        "bytes 0-${last}/-${total}",
        "",
    ] {
        assert!(refused.iter().any(|value| value == edited), "{edited} is missing in {refused:?}");
    }
    assert!(!refused.iter().any(|value| value == "bytes 0-${last}/*"), "{refused:?}");
}

#[test]
fn mistakes_name_their_place_and_the_row() {
    let table = "table: Calls\nrows:\n  one: { status: 200 }\n  two: { status: 20 }\n";
    let text = "scenario: One\nsteps:\n  - ask: { for-each: { row: calls }, get: /, expect: { X-01: { status: \"${row.status}\" } } }\n";
    let said = loaded(&[("tables/calls.yaml", table), ("x/one.yaml", text)]).expect_err("a mistake");
    assert!(said.starts_with("tables/calls.yaml:4:18: `20` is not a status"), "{said}");
    assert!(said.contains("in the row `two` (tables/calls.yaml:4:3)"), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[test]
fn the_same_mistake_in_every_row_is_told_once() {
    let text = "scenario: One\nsteps:\n  - ask: { for-each: { row: [ 1, 2, 3 ] }, get: \"/${gone}\", expect: { X-01: { status: 200 } } }\n";
    assert_eq!(mistakes(text).matches("`gone` is not defined").count(), 1);
}

#[test]
fn what_makes_no_sense_in_a_table_is_explained() {
    let step = |keys: &str| {
        format!(
            "scenario: One\nsteps:\n  - ask: {{ {keys}, get: /, expect: {{ X-01: {{ status: 200 }} }} }}\n"
        )
    };
    for (keys, told) in [
        ("for-each: { row: cals }", "unknown table `cals`"),
        ("for-each: { row: [] }", "a table without rows"),
        ("for-each: {}", "`for-each` has no table"),
        ("for-each: { row: [ 1, 1 ] }", "duplicate row `1`"),
        ("for-each: { row: [ [ 1 ] ] }", "a row that is a list needs a name"),
        ("for-each: { row: { a: { max-size: 1 } } }", "a column cannot be called `max-size`"),
        ("for-each: { row: { a: { name: 1 } } }", "a column cannot be called `name`"),
        ("for-each: { origin: [ 1 ] }", "`origin` is already defined"),
        ("for-each: { a-b: [ 1 ] }", "a variable cannot be called `a-b`"),
        ("where: x == 1", "`where` cannot be used with `for-each`"),
        ("for-each: { row: [ 1 ] }, where: row == 2", "`where` excludes every row"),
        ("for-each: { row: [ 1 ] }, where: m == 2", "`m` is not defined"),
        ("for-each: { row: [ 1 ] }, combine: pairwise", "`combine: pairwise` has no effect here"),
        ("for-each: { row: [ 1 ] }, query: { a: \"${row.x}\" }", "no row of `row` has a column `x`"),
        (
            "for-each: { row: { a: { x: 1 } } }, query: { a: \"${row}\" }",
            "`row` is a row; use one of its columns",
        ),
        (
            "for-each: { row: { a: { x: 1 }, b: {} } }, query: { a: \"x${row.x}\" }",
            "the row `b` has no value for `row.x`",
        ),
        (
            "for-each: { row: { a: { x: [ 1 ] } } }, query: { a: \"x${row.x}\" }",
            "cannot be used inside a string",
        ),
    ] {
        let said = mistakes(&step(keys));
        assert!(said.contains(told), "{keys}: {said}");
        assert!(said.starts_with("x/one.yaml:3:"), "{keys}: {said}");
    }
}

#[test]
fn what_makes_no_sense_in_a_grammar_is_explained() {
    for (grammar, told) in [
        ("{ a: '\"x' }", "the rule `a`: unterminated string"),
        ("{ a: b }", "the grammar has no rule `b`"),
        ("{ a: '\"x\" a' }", "refer to each other in a circle"),
        ("{}", "a grammar without rules"),
    ] {
        let table = format!("table: One\ngrammar: {grammar}\n");
        let said = loaded(&[("tables/one.yaml", &table)]).expect_err("a mistake");
        assert!(said.contains(told) && said.starts_with("tables/one.yaml:2:"), "{grammar}: {said}");
    }
}
