//! `uptake matrix` starts servers, runs suites against them, and shows them side by side.

#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::process::Stdio;

use self::common::{Ended, Folder, command, run};
use serde_json::Value;

/// Two rules that the reference server keeps, and one defect breaks the first of.
const SUITE: &str = "suite: small
areas: { door: Who may enter }
rules:
  - { id: DOOR-01, area: door, level: must, text: A call without a key is refused with 401, source: [test] }
  - { id: DOOR-02, area: door, level: should, text: The refusal is JSON, source: [test] }
";
const SCENARIO: &str = "scenario: A call without a key
steps:
  - ask:
      get: /upload-tokens
      expect:
        DOOR-01: { status: 401 }
        DOOR-02: { headers: { content-type: { contains: json } } }
";

/// The lines of a server that is this very binary.
fn server(name: &str, version: &str, more: &str) -> String {
    let binary = serde_json::to_string(env!("CARGO_BIN_EXE_uptake")).unwrap();
    format!(
        "  - server: {name}
    version: {version}
    start: [ {binary}, serve, --listen, \"127.0.0.1:${{port}}\", --api-key, a-key-of-the-test{more} ]
    url: \"http://127.0.0.1:${{port}}\"
    suites: [ small ]
"
    )
}

fn plan(folder: &Folder, servers: &[String]) {
    folder.write("small/suite.yaml", SUITE);
    folder.write("small/door/call.yaml", SCENARIO);
    folder.write("plan.yaml", &format!("matrix: Doors\nservers:\n{}", servers.concat()));
}

fn matrix(folder: &Folder, arguments: &[&str]) -> Ended {
    let arguments: Vec<&str> = ["matrix", "plan.yaml"].iter().chain(arguments).copied().collect();
    run(command(&arguments).current_dir(folder.root()))
}

fn json(folder: &Folder, name: &str) -> Value {
    serde_json::from_str(&folder.read(name)).unwrap()
}

#[test]
fn servers_are_started_tested_and_shown_side_by_side() {
    let folder = Folder::new();
    let defect = ", --defect, missing-authorization-is-403";
    plan(&folder, &[server("good", "1", ""), server("bad", "2.0", defect)]);
    let ended =
        matrix(&folder, &["--report", "json=all.json", "--report", "html=all.html", "--badges", "badges"])
            .with_code(1);
    assert!(ended.stdout.contains("FAILED: 2 servers: 1 passed, 1 failed"), "{}", ended.stdout);
    let all = json(&folder, "all.json");
    let verdict = |entry: usize, rule: usize| all["entries"][entry]["run"]["rules"][rule]["verdict"].clone();
    assert_eq!(
        (verdict(0, 0), verdict(1, 0), verdict(1, 1)),
        ("passed".into(), "failed".into(), "passed".into())
    );
    assert_eq!(all["entries"][1]["run"]["suite_digest"].as_str().unwrap().len(), 64);
    assert!(folder.read("all.html").contains("href=\"#d1-DOOR-01\""), "a failure leads to its deviation");
    assert_eq!(json(&folder, "badges/good-small.json")["message"], "must, should met");
    assert_eq!(json(&folder, "badges/bad-small.json")["message"], "must 0/1");
    assert!(folder.read("badges/bad-small.svg").contains("must 0/1"));
    // Nothing is left behind: no server, and no run that could be resumed.
    assert!(!folder.root().join("reports").exists());

    // The second comparison: the bad one was mended, and one is new.
    plan(&folder, &[server("bad", "2.1", ""), server("new", "1", "")]);
    matrix(&folder, &["--since", "all.json", "--report", "json=now.json"]).with_code(0);
    let since = &json(&folder, "now.json")["since"];
    assert_eq!(since["gone"], serde_json::json!(["good, small"]));
    assert_eq!(since["moves"][0]["was_version"], "2.0");
    assert_eq!(since["moves"][0]["changes"][0]["rule"], "DOOR-01");
    assert_eq!(since["moves"][1]["server"], "new");
}

#[test]
fn a_server_that_does_not_start_is_named_and_the_others_are_tested() {
    let folder = Folder::new();
    let broken = "  - server: broken
    version: 1
    start: [ sh, -c, \"echo the module is missing; exit 3\" ]
    url: \"http://127.0.0.1:${port}\"
    suites: [ small ]
  - server: silent
    version: 1
    start: [ sh, -c, \"sleep 60 & wait\" ]
    start-within: 300ms
    url: \"http://127.0.0.1:${port}\"
    suites: [ small ]
  - server: absent
    version: 1
    start: [ no-such-program-of-anyone ]
    url: \"http://127.0.0.1:${port}\"
    suites: [ small ]
";
    plan(&folder, &[broken.to_owned(), server("good", "1", "")]);
    let ended = matrix(&folder, &["--quiet", "--report", "json=all.json"]).with_code(3);
    assert!(
        ended.stderr.contains("COULD NOT TEST: 4 servers: 1 passed, 3 could not be tested"),
        "{}",
        ended.stderr
    );
    let all = json(&folder, "all.json");
    let why = |entry: usize| all["entries"][entry]["error"].as_str().unwrap_or_default().to_owned();
    assert!(
        why(0).contains("ended before it accepted connections") && why(0).contains("the module is missing"),
        "{}",
        why(0)
    );
    assert!(why(1).contains("accepted no connection"), "{}", why(1));
    assert!(why(2).contains("cannot run no-such-program-of-anyone"), "{}", why(2));
    assert_eq!(all["entries"][3]["run"]["summary"]["passed"], 2);
}

#[test]
fn one_server_can_be_chosen_and_a_misspelt_name_is_refused() {
    let folder = Folder::new();
    plan(&folder, &[server("good", "1", ""), server("other", "1", "")]);
    let ended = matrix(&folder, &["--server", "other"]).with_code(0);
    assert!(ended.stdout.contains("PASSED: 1 server: 1 passed"), "{}", ended.stdout);
    let ended = matrix(&folder, &["--server", "othre"]).with_code(2);
    assert!(ended.stderr.contains("the plan has no server `othre`; it has: good, other"), "{}", ended.stderr);
}

#[test]
fn mistakes_in_a_plan_are_found_before_a_server_starts() {
    let folder = Folder::new();
    let told = |servers: &str| {
        plan(&folder, &[servers.to_owned()]);
        let checked = matrix(&folder, &[]).with_code(2).stderr;
        // The suites that there are.
        let checked =
            regex::Regex::new(r"of this name \([^)]*\)").unwrap().replace(&checked, "of this name (…)");
        checked.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    };
    let start = "    start: [ touch, was-started ]\n";
    let parts = [
        format!("  - server: a\n    version: 1\n{start}    suites: [ small ]\n"),
        "  - server: a\n    version: 1\n    url: \"http://127.0.0.1:${port}\"\n    suites: [ small ]\n"
            .to_owned(),
        format!(
            "  - server: a\n    version: 1\n{start}    url: \"http://127.0.0.1:${{port}}\"\n    suites: [ smal ]\n"
        ),
        format!(
            "  - server: a\n    version: 1\n{start}    url: \"http://127.0.0.1:${{port}}\"\n    suites: [ {{ suite: small, waivers: none.yaml }} ]\n"
        ),
        "  - server: a\n    version: 1\n    url: http://a.test\n    env: { A: b }\n    suites: [ small ]\n"
            .to_owned(),
    ];
    insta::assert_snapshot!(parts.iter().map(|part| told(part)).collect::<Vec<_>>().join("\n"));
    assert!(!folder.root().join("was-started").exists());
}

#[test]
fn an_earlier_comparison_of_another_form_is_refused() {
    let folder = Folder::new();
    plan(&folder, &[server("good", "1", "")]);
    folder.write("old.json", "{ \"format\": 9 }");
    let ended = matrix(&folder, &["--since", "old.json"]).with_code(2);
    assert!(ended.stderr.contains("--since: old.json"), "{}", ended.stderr);
}

/// Ctrl-C ends the run, and the server with it.
#[cfg(unix)]
#[test]
fn an_interrupted_comparison_leaves_no_server_behind() {
    use std::io::{BufRead as _, BufReader};

    let folder = Folder::new();
    // It says its id once it accepts connections, and never answers.
    let server = "  - server: hanging
    version: 1
    start: [ python3, hang.py, \"${port}\" ]
    url: \"http://127.0.0.1:${port}\"
    suites: [ small ]
";
    folder.write(
        "hang.py",
        "import os, socket, sys, time\ns = socket.socket()\ns.bind(('127.0.0.1', int(sys.argv[1])))\ns.listen()\nopen('id', 'w').write(str(os.getpid()))\ntime.sleep(120)\n",
    );
    plan(&folder, &[server.to_owned()]);
    let mut uptake = command(&["matrix", "plan.yaml"])
        .current_dir(folder.root())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(uptake.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("running 1 scenario")), "the run has begun");
    let id: i32 = folder.read("id").parse().unwrap();
    let process = |id: i32| rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(process(i32::try_from(uptake.id()).unwrap()), rustix::process::Signal::INT)
        .unwrap();
    assert_eq!(uptake.wait().unwrap().code(), Some(130));
    assert!(rustix::process::test_kill_process(process(id)).is_err(), "the server has ended");
}
