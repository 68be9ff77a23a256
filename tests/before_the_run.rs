//! What is wrong with the files and names of a run is found before anything is sent.

mod common;

use self::common::{Folder, Little, Reply, command, run, uptake};

const OPEN_SUITE: &str = "suite: open\nareas: { x: all }\nrules:\n  - { id: X-01, area: x, level: must, text: It holds, source: [test] }\n";
const SCENARIO: &str =
    "scenario: It is there\nsteps:\n  - ask: { get: /thing, expect: { X-01: { status: 200 } } }\n";
const GUARDED: &str = "scenario: It is guarded\nsteps:\n  - ask: { get: /thing, auth: partner, expect: { X-01: { status: 200 } } }\n";
const PARTNER: &str =
    "credentials:\n  partner: { from: partner-key, header: { Authorization: \"Key ${value}\" } }\n";

fn server() -> Little {
    Little::start(|_| Reply::status(200))
}

#[test]
fn a_suite_without_a_credential_needs_no_key() {
    let (folder, server) = (Folder::new(), server());
    folder.write("suite.yaml", OPEN_SUITE);
    folder.write("x/one.yaml", SCENARIO);
    let check = ["check", &folder.path(""), "--target", &server.origin()].map(str::to_owned);
    uptake(&check).with_code(0);
    assert_eq!(server.lines(), ["GET /thing"]);
}

#[test]
fn a_credential_that_is_missing_is_named_before_anything_is_sent() {
    let (folder, server) = (Folder::new(), server());
    folder.write("suite.yaml", &format!("{OPEN_SUITE}{PARTNER}"));
    folder.write("x/one.yaml", GUARDED);
    let profile = format!("target: small\nbase-url: {}\n", server.origin());
    let profile = folder.write("target.yaml", &profile);
    for (target, help) in [
        (server.origin(), "write a target profile that names `partner-key` under `credentials`".to_owned()),
        (profile.clone(), format!("add `credentials: {{ partner-key: {{ env: VARIABLE }} }}` to {profile}")),
    ] {
        let ended = uptake(&["check", &folder.path("x"), "--target", &target]).with_code(2);
        assert!(ended.stderr.contains("credential `partner-key`: the suite needs it"), "{}", ended.stderr);
        assert!(ended.stderr.contains(&help), "{}", ended.stderr);
    }
    // The reference server has a key for the API and no other.
    let ended = uptake(&["check", &folder.path("x")]).with_code(2);
    assert!(ended.stderr.contains("credential `partner-key`"), "{}", ended.stderr);
    assert_eq!(server.asked().len(), 0, "nothing was sent");
}

#[test]
fn the_key_of_a_url_is_asked_for_by_the_name_of_its_variable() {
    let server = server();
    let ended = uptake(&["check", "--target", &server.origin()]).with_code(2);
    assert!(ended.stderr.contains("UPTAKE_API_KEY"), "{}", ended.stderr);
    assert_eq!(server.asked().len(), 0, "nothing was sent");
}

#[test]
fn only_the_scenarios_of_the_run_need_their_credentials() {
    let (folder, server) = (Folder::new(), server());
    folder.write(
        "suite.yaml",
        &format!(
            "{OPEN_SUITE}  - {{ id: X-02, area: x, level: must, text: Guarded, source: [test] }}\n{PARTNER}"
        ),
    );
    folder.write("x/one.yaml", SCENARIO);
    folder.write("x/two.yaml", &GUARDED.replace("X-01", "X-02"));
    uptake(&["check", &folder.path(""), "--rule", "X-01", "--target", &server.origin()]).with_code(0);
    uptake(&["check", &folder.path(""), "--target", &server.origin()]).with_code(2);
}

#[test]
fn a_load_plan_is_named_as_one() {
    let folder = Folder::new();
    let plan = folder.write("steady.yaml", "load: upload\nrate: 10/s\nduration: 30s\n");
    folder.write("suite/suite.yaml", OPEN_SUITE);
    folder.write("suite/x/one.yaml", SCENARIO);
    let inside = folder.write("suite/load/steady.yaml", "load: upload\nrate: 10/s\nduration: 30s\n");
    for plan in [plan, inside] {
        let ended = uptake(&["check", &plan]).with_code(2);
        assert!(ended.stderr.contains("uptake load") && ended.stderr.contains("plan"), "{}", ended.stderr);
    }
}

#[test]
fn a_scenario_of_a_suite_is_found_from_here_and_from_the_suite() {
    let (folder, server) = (Folder::new(), server());
    folder.write("suite/suite.yaml", OPEN_SUITE);
    folder.write("suite/x/one.yaml", SCENARIO);
    folder.write("suite/x/two.yaml", &SCENARIO.replace("It is there", "It is still there"));
    for path in ["x/one.yaml", "suite/x/one.yaml", "./suite/../suite/x/one.yaml"] {
        let mut check = command(&["check", "--suite", "suite", path, "--target", &server.origin()]);
        let ended = run(check.current_dir(folder.root())).with_code(0);
        assert!(ended.stdout.contains("1 scenario"), "{path}: {}", ended.stdout);
    }
    let mut check = command(&["check", "--suite", "suite", "x/three.yaml", "--target", &server.origin()]);
    let ended = run(check.current_dir(folder.root())).with_code(2);
    assert!(ended.stderr.contains("x/three.yaml"), "{}", ended.stderr);
}

#[test]
fn lint_reads_target_profiles_without_their_keys() {
    let folder = Folder::new();
    let text =
        "target: small\nbase-url: https://example.test\ncredentials: { api-key: { env: NOT_SET_HERE } }\n";
    let good = folder.write("good.yaml", text);
    let ended = uptake(&["lint", &good]).with_code(0);
    assert_eq!(ended.stdout, "no mistakes in 1 target profile\n");
    let bad = folder.write("bad.yaml", &format!("{text}grase: 1h\n"));
    let ended = uptake(&["lint", &bad]).with_code(2);
    assert!(ended.stderr.contains("bad.yaml:4:1") && ended.stderr.contains("`grase`"), "{}", ended.stderr);
}

#[test]
fn lint_of_a_very_long_line_shows_what_is_near_to_the_mistake() {
    let folder = Folder::new();
    folder.write("suite.yaml", OPEN_SUITE);
    let long = "x".repeat(300_000);
    for (name, text) in [
        ("syntax", format!("scenario: \"{long}\", ]\nsteps: []\n")),
        ("unknown-key", format!("scenario: One\nsteps:\n  - ask: {{ get: /{long}, expct: {{}} }}\n")),
        ("long-key", format!("scenario: One\n{long}: 1\nsteps:\n  - ask: {{ get: / }}\n")),
        ("long-word", format!("scenario: One\ncost: {long}\nsteps:\n  - ask: {{ get: / }}\n")),
        (
            "long-name",
            format!(
                "scenario: One\nsteps:\n  - ask: {{ get: \"/${{{long}}}\" , expect: {{ X-01: {{ status: 200 }} }} }}\n"
            ),
        ),
    ] {
        let file = folder.write(&format!("x/{name}.yaml"), &text);
        let ended = uptake(&["lint", &file]).with_code(2);
        assert!(ended.stderr.len() < 4_000, "{name}: {} bytes", ended.stderr.len());
        assert!(ended.stderr.contains(&format!("{name}.yaml:")), "{name}: {}", ended.stderr);
    }
}
