//! Named steps of a suite: what a step that uses one sends, expects and keeps, and where mistakes in it are.

use std::process::Command;

use super::peer::{Request, empty};
use super::primitives::{asked_of, play_in};
use super::printed;

const SUITE: &str = r#"
suite: named
areas: { x: named steps }
credentials:
  key: { from: api-key, header: { Authorization: "Key ${value}" } }
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test] }
steps:
  create an upload:
    inputs: { of: 100, note: null }
    post: /files
    headers: { Upload-Length: "${with.of}", X-Note: "${with.note}" }
    expect: { status: 201 }
    save: { url: { location: true } }
  send a chunk:
    inputs: { at: 0, size: 1KiB }
    patch: "${url}"
    headers: { Upload-Offset: "${with.at}" }
    body: { size: "${with.size}" }
    expect: { status: 204 }
  send it whole:
    inputs: { of: 4 }
    steps:
      - create: { use: create an upload, with: { of: "${with.of}" } }
      - fill: { use: send a chunk, with: { size: "${with.of}" } }
"#;

fn answer(request: &Request) -> String {
    match request.method() {
        "POST" => empty("201 Created", "Location: /files/7\r\n"),
        _ => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_uses_a_named_one_with_inputs_of_its_own() {
    let steps = r#"
let: { half: 20 }
steps:
  - make one: { use: create an upload, with: { of: "${half * 2}" } }
  - make another:
      use: create an upload
      with: { note: hello }
      headers: { X-More: "1", upload-length: "7" }
      save: { other: { location: true } }
  - send the second half:
      use: send a chunk
      with: { at: "${half}", size: "${half}" }
      expect: { X-01: { status: 204, that: "other == url" } }
"#;
    let (output, asked) = play_in(SUITE, steps, answer).await;
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let lines = asked_of(&asked);
    assert_eq!(lines, ["POST /files HTTP/1.1", "POST /files HTTP/1.1", "PATCH /files/7 HTTP/1.1"]);
    let header = |at: usize, name: &str| asked[at].header(name).to_owned();
    assert_eq!((header(0, "upload-length"), header(0, "x-note")), ("40".to_owned(), String::new()));
    assert_eq!((header(1, "upload-length"), header(1, "x-note")), ("7".to_owned(), "hello".to_owned()));
    assert_eq!((header(1, "x-more"), header(2, "upload-offset")), ("1".to_owned(), "20".to_owned()));
    assert_eq!(asked[2].body.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_step_may_be_several_and_use_others_and_be_used_for_each_row() {
    let steps = r#"
steps:
  - send ${size} bytes:
      for-each: { size: [ 3, 5 ] }
      use: send it whole
      with: { of: "${size}" }
  - hold it: { check: true, expect: { X-01: { that: "url != ''" } } }
"#;
    let (output, asked) = play_in(SUITE, steps, answer).await;
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let lengths: Vec<_> = asked.iter().map(|request| request.header("upload-length")).collect();
    assert_eq!(lengths, ["3", "", "5", ""]);
    let bodies: Vec<_> = asked.iter().map(|request| request.body.len()).collect();
    assert_eq!(bodies, [0, 3, 0, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_names_the_step_that_uses_it_and_where_it_is_expected() {
    let steps =
        "steps:\n  - make the first one: { use: create an upload, expect: { X-01: { status: 200 } } }\n";
    let (output, _) = play_in(SUITE, steps, answer).await;
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    let said = printed(&output);
    assert!(said.contains("make the first one") && said.contains("scenario.yaml:3:"), "{said}");
    let broken = "steps:\n  - make the first one: { use: create an upload }\n  - hold it: { check: true, expect: { X-01: { that: 'true' } } }\n";
    let (output, _) = play_in(SUITE, broken, |_| empty("500 Oops", "")).await;
    let said = printed(&output);
    assert!(said.contains("expected status 201, got 500") && said.contains("suite.yaml:13:"), "{said}");
}

#[test]
fn mistakes_are_told_where_they_are() {
    for (steps, suite, told) in [
        ("- a: { use: create a upload }", "", ["scenario.yaml:3:15", "did you mean `create an upload`?"]),
        ("- a: { use: send a chunk, with: { form: 1 } }", "", ["scenario.yaml:3:", "has no input `form`"]),
        ("- a: { get: /, with: { form: 1 } }", "", ["scenario.yaml:3:", "`with` needs `use`"]),
        ("- a: { use: send a chunk }", "", ["suite.yaml:17:", "`url` is not defined here"]),
        ("- a: { use: send it whole, post: / }", "", ["scenario.yaml:3:", "has no key `post`"]),
        (
            "- a: { use: round }",
            "  round: { use: round }\n",
            ["suite.yaml:26:", "the step `round` uses itself"],
        ),
        (
            "- a: { use: x }",
            "  x: { get: \"/${with.y}\" }\n",
            ["suite.yaml:26:", "the named step has no input `y`"],
        ),
        (
            "- a: { use: x }",
            "  x: { inputs: { y: null }, get: \"/${with.y}\" }\n",
            ["suite.yaml:26:", "has no value"],
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("suite.yaml"), format!("{SUITE}{suite}")).unwrap();
        let scenario = folder.path().join("scenario.yaml");
        std::fs::write(&scenario, format!("scenario: A mistake\nsteps:\n  {steps}\n")).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_uptake")).arg("lint").arg(&scenario).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{steps}: {}", printed(&output));
        for words in told {
            assert!(
                printed(&output).contains(words),
                "{steps}: `{words}` is missing in {}",
                printed(&output)
            );
        }
    }
}

/// The YAML blocks below a heading of the language's reference.
fn blocks(heading: &str) -> Vec<String> {
    let page = std::fs::read_to_string("scenarios/README.md").unwrap();
    let section = page.split(&format!("\n{heading}\n")).nth(1).unwrap();
    let section = section.split("\n#").next().unwrap();
    section.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_reference_runs() {
    let [suite, steps] = blocks("### Named steps").try_into().unwrap();
    let rest = r#"
vars: { create: /files }
areas: { x: all }
credentials: { key: { from: api-key, header: { Authorization: "Key ${value}" } } }
rules: [ { id: CREATE-01, area: x, level: must, text: It holds, source: [test] } ]
"#;
    let steps = format!("let: {{ size: 7 }}\nsteps:\n{steps}");
    let (output, asked) = play_in(&format!("{suite}{rest}"), &steps, answer).await;
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let lengths: Vec<_> = asked.iter().map(|request| request.header("upload-length")).collect();
    assert_eq!(lengths, ["7", "100"]);
    assert_eq!(asked[1].header("x-unknown"), "1");
}
