//! `needs`, `lacks`, and refusals with headers: what a suite says of servers that differ.

use std::process::Output;

use super::peer::{Request, empty, serve};
use super::{check, printed};

const SUITE: &str = r"
suite: differing
areas: { x: servers that differ }
capabilities: [extra]
credentials:
  key: { from: api-key, header: { Authorization: 'Key ${value}' } }
rules:
  - { id: X-01, area: x, level: must, text: It is refused where nothing extra is there, source: [test], lacks: [extra] }
  - { id: X-02, area: x, level: must, text: It holds where something extra is there, source: [test], needs: [extra] }
  - id: X-03
    area: x
    level: must
    text: Whoever has no key is told how to get in
    source: [test]
    refusal:
      conforms: [ { status: [401, 407], headers: { WWW-Authenticate: { matches: '^Key ' } } } ]
      tolerates: [ { status: 4xx } ]
";

/// Runs `scenario` against a server with these capabilities that answers everything with `status` and `headers`.
async fn play(
    scenario: &str,
    capabilities: &str,
    (status, headers): (&'static str, &'static str),
) -> (Output, Vec<Request>) {
    let (origin, log) = serve(move |_| empty(status, headers)).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("suite.yaml"), SUITE).unwrap();
    let file = folder.path().join("scenario.yaml");
    std::fs::write(&file, scenario).unwrap();
    let output = check(folder.path(), &origin, capabilities, &[&file]).await;
    let asked = log.lock().unwrap().iter().skip(1).cloned().collect();
    (output, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lacks_a_capability_is_for_targets_without_it_alone() {
    let scenario = r"
scenario: One step for each kind of server
steps:
  - ask the plain one: { get: /plain, lacks: [extra], expect: { X-01: { status: 404 } } }
  - ask the other: { get: /extra, needs: [extra], expect: { X-02: { status: 404 } } }
";
    for (capabilities, wanted) in [("[]", "/plain"), ("[extra]", "/extra")] {
        let (output, asked) = play(scenario, capabilities, ("404 Not Found", "")).await;
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
        let paths: Vec<_> = asked.iter().map(Request::path).collect();
        assert_eq!(paths, [wanted], "with the capabilities {capabilities}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_that_lacks_a_capability_sends_nothing_to_targets_with_it() {
    let scenario = r"
scenario: For the plain ones
lacks: [extra]
steps:
  - ask: { get: /plain, expect: { X-01: { status: 200 } } }
";
    let (output, asked) = play(scenario, "[extra]", ("404 Not Found", "")).await;
    assert!(asked.is_empty(), "{}", printed(&output));
    let (output, _) = play(scenario, "[]", ("404 Not Found", "")).await;
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_asks_for_headers() {
    let scenario = r"
scenario: Nobody gets in
steps:
  - ask: { get: /, expect: { X-03: refused } }
";
    let (output, _) = play(scenario, "[]", ("407 Who", "WWW-Authenticate: Key realm=x\r\n")).await;
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert!(!printed(&output).contains("tolerated"), "{}", printed(&output));
    for headers in ["", "WWW-Authenticate: Basic\r\n"] {
        let (output, _) = play(scenario, "[]", ("401 Who", headers)).await;
        let said = printed(&output);
        assert!(said.contains("401 with header WWW-Authenticate"), "{said}");
        assert!(said.contains("tolerated"), "{said}");
    }
    let (output, _) = play(scenario, "[]", ("200 OK", "")).await;
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
}
