//! What a scenario sends is what it says: scalars keep their text, and where their type would be a guess lint asks for it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails aloud")]
#![allow(clippy::needless_raw_string_hashes, reason = "all texts of the table are quoted alike")]

mod common;

use common::{mistakes, request, scenario};
use uptake_suite::json::JsonTemplate;
use uptake_suite::request::{Body, FieldValue};

#[test]
fn texts_take_scalars_as_they_are_written() {
    let scenario = scenario(
        r#"
scenario: Texts
steps:
  - ask:
      post: /
      query: { id: 007, page: 1.10, yes: no, on: 0x1F }
      headers: { X-Version: 1.10, X-Flag: on, X-Count: 1e3, X-Zip: 02134 }
      form: [ zip: 02134, file: { size: 1, name: 007 } ]
      expect: { X-01: { status: 200 } }
"#,
    );
    let request = request(&scenario.steps[0]);
    let pairs = |list: &[(String, uptake_suite::expr::Template)]| -> Vec<_> {
        list.iter().map(|(name, value)| format!("{name}={}", value.written())).collect()
    };
    assert_eq!(pairs(&request.envelope.query), ["id=007", "page=1.10", "yes=no", "on=0x1F"]);
    assert_eq!(
        pairs(&request.envelope.headers),
        ["X-Version=1.10", "X-Flag=on", "X-Count=1e3", "X-Zip=02134"]
    );
    let Body::Form(fields) = &request.body else { panic!("no form") };
    assert!(matches!(&fields[0].value, FieldValue::Text(text) if text.written() == "02134"));
    assert!(
        matches!(&fields[1].value, FieldValue::File(file) if file.name.as_ref().unwrap().written() == "007")
    );
}

#[test]
fn json_keeps_types_and_a_scalar_that_would_change_is_a_mistake() {
    let json = |json: &str| {
        format!(
            "scenario: One\nsteps:\n  - ask: {{ post: /, json: {json}, expect: {{ X-01: {{ status: 200 }} }} }}\n"
        )
    };
    for (body, told, help) in [
        (
            "{ language: no }",
            "`no` is a string in YAML 1.2, but false in YAML 1.1",
            "write \"no\" for the string, or false",
        ),
        (
            "{ zip: 02134 }",
            "it would be sent as 2134",
            "write \"02134\" for the string, or 2134 for the number",
        ),
        ("{ v: 1.10 }", "it would be sent as 1.1", "write \"1.10\" for the string"),
        ("[ yes ]", "true in YAML 1.1", "write \"yes\""),
        (
            "{ big: 12345678901234567890 }",
            "not a JSON number",
            "write \"12345678901234567890\" for the string",
        ),
    ] {
        let said = mistakes(&json(body));
        assert!(said.contains(told) && said.contains(help), "{body}: {said}");
        assert!(said.starts_with("x/one.yaml:3:"), "{body}: {said}");
    }
    let scenario = scenario(&json("{ \"yes\": 1, on: \"no\", zip: '02134', v: 1.5, t: true, n: null }"));
    let Body::Json(JsonTemplate::Map(members)) = &request(&scenario.steps[0]).body else { panic!("no JSON") };
    let shown: Vec<_> = members
        .iter()
        .map(|(name, value)| match value {
            JsonTemplate::Literal(value) => format!("{name}: {value}"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(shown, ["yes: 1", "on: \"no\"", "zip: \"02134\"", "v: 1.5", "t: true", "n: null"]);
}

#[test]
fn keys_that_fall_together_are_a_mistake() {
    let said = mistakes("scenario: One\nsteps:\n  - ask: { post: /, json: { 1: a, \"1\": b } }\n");
    assert!(said.contains("duplicate key `1`"), "{said}");
}

#[test]
fn a_tab_is_answered_with_spaces() {
    let said = mistakes("scenario: One\nsteps:\n\t- ask: { get: / }\n");
    assert!(
        said.starts_with("x/one.yaml:3:1: the indentation contains a tab | indent with spaces"),
        "{said}"
    );
}
