//! What a run leaves behind when it is killed, or when its disk is full: `uptake clean` removes it from the server, and no summary
//! says what is not so.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use self::common::{Ended, Folder, Little, Reply, command, run};

/// A suite that needs no credentials.
const SUITE: &str = "
suite: little
areas: { x: all }
capabilities: [clock]
resources:
  thing: { made-by: [POST /things], status: 2xx, id: $.id, remove: 'DELETE /things/${id}', gone: [204] }
rules:
  - { id: X-01, area: x, level: must, text: Things are made, source: [test] }
  - { id: X-02, area: x, level: must, text: They are there later, source: [test] }
";

const HANGS: &str = "
scenario: Something is made, and then the server says nothing more
steps:
  - make a thing: { post: /things, expect: { X-01: { status: 201 } } }
  - ask what is not answered: { get: /slow, expect: { X-01: { status: 200 } } }
";

const WAITS: &str = "
scenario: What is made is there an hour later
needs: [clock]
steps:
  - make a thing: { post: /things, expect: { status: 201 }, save: { thing: $.id } }
  - let an hour pass: { advance: 3600 }
  - look: { get: '/things/${thing}', expect: { X-02: { status: 200 } } }
";

/// A server that numbers what is made.
fn server() -> Little {
    let made = AtomicUsize::new(0);
    Little::start(move |asked| match asked.line().as_str() {
        "POST /things" => Reply::status(201)
            .json(&json!({ "id": format!("t{}", made.fetch_add(1, Ordering::Relaxed) + 1) })),
        "GET /slow" => Reply::silence(),
        line if line.starts_with("DELETE ") => Reply::status(204),
        _ => Reply::status(200),
    })
}

fn suite(folder: &Folder, scenarios: &[(&str, &str)]) -> String {
    folder.write("suite.yaml", SUITE);
    for (name, text) in scenarios {
        folder.write(&format!("x/{name}.yaml"), text);
    }
    folder.path("x")
}

/// A run that is killed once the server hangs.
fn killed(server: &Little, folder: &Folder, scenarios: &[(&str, &str)]) {
    let (suite, runs) = (suite(folder, scenarios), folder.path("runs"));
    let arguments = ["check", &suite, "--target", &server.origin(), "--max-wait", "1s", "--runs", &runs];
    let mut child: Child = command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    server.wait_for(|asked| asked.iter().any(|asked| asked.line() == "GET /slow"));
    if scenarios.len() > 1 {
        until("the state of a suspended scenario", || {
            let state =
                the_run(&runs).and_then(|run| std::fs::read_to_string(format!("{run}/state.jsonl")).ok());
            state.is_some_and(|state| state.contains("\"suspended\""))
        });
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "{what} did not come about");
        std::thread::yield_now();
    }
}

/// The only run folder.
fn the_run(runs: &str) -> Option<String> {
    let mut entries = std::fs::read_dir(runs).ok()?.flatten();
    entries.next().map(|entry| entry.path().display().to_string())
}

fn removals(server: &Little) -> Vec<String> {
    server.lines().into_iter().filter(|line| line.starts_with("DELETE ")).collect()
}

#[test]
fn a_killed_run_of_a_suite_without_credentials_is_cleaned_up() {
    let (server, folder) = (server(), Folder::new());
    killed(&server, &folder, &[("hangs", HANGS)]);
    let runs = folder.path("runs");
    let path = the_run(&runs).expect("the run has a folder");
    let ended = run(&mut command(&["clean", "--runs", &runs])).with_code(0);
    assert!(ended.stdout.contains("removed 1 resource"), "{}", ended.stdout);
    assert_eq!(removals(&server), ["DELETE /things/t1"]);
    assert!(!Path::new(&path).exists(), "nothing is left to do");
}

#[test]
fn clean_keeps_what_suspended_scenarios_of_a_killed_run_need_unless_they_are_abandoned() {
    let (server, folder) = (server(), Folder::new());
    killed(&server, &folder, &[("waits", WAITS), ("hangs", HANGS)]);
    let runs = folder.path("runs");
    let path = the_run(&runs).expect("the run has a folder");
    let ended = run(&mut command(&["clean", "--runs", &runs])).with_code(0);
    assert!(ended.stderr.contains("kept what its suspended scenarios need"), "{}", ended.stderr);
    let first = removals(&server);
    assert_eq!(first.len(), 1, "{first:?}");
    let listed = run(&mut command(&["resume", "--list", "--runs", &runs])).with_code(0);
    assert!(listed.stdout.contains("1 scenario suspended"), "{}", listed.stdout);

    run(&mut command(&["clean", "--abandon", "--runs", &runs])).with_code(0);
    let mut all = removals(&server);
    all.sort();
    assert_eq!(all, ["DELETE /things/t1", "DELETE /things/t2"]);
    assert!(!Path::new(&path).exists(), "nothing is left to do");
}

/// A run whose files may not grow beyond `blocks`, as on a disk that is full.
fn on_a_full_disk(folder: &Folder, server: &Little, blocks: u32) -> Ended {
    let suite = suite(folder, &[("waits", WAITS)]);
    let (report, runs) = (format!("json={}", folder.path("run.json")), folder.path("runs"));
    let uptake = command(&[
        "check",
        &suite,
        "--target",
        &server.origin(),
        "--max-wait",
        "1s",
        "--runs",
        &runs,
        "--report",
        &report,
    ]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
    shell.arg(uptake.get_program()).args(uptake.get_args()).stdin(Stdio::null());
    for (name, value) in uptake.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    run(&mut shell)
}

#[test]
fn on_a_full_disk_the_summary_tells_the_exit_code_and_only_a_stored_run_is_to_be_resumed() {
    let mut codes = Vec::new();
    for blocks in [0, 1, 2, 3, 4, 6, 8, 16, 1_000] {
        let (server, folder) = (server(), Folder::new());
        let ended = on_a_full_disk(&folder, &server, blocks);
        let said = format!("{blocks} blocks, exit code {}\n{}{}", ended.code, ended.stderr, ended.stdout);
        let last = ended.stdout.lines().last().unwrap_or_default();
        assert!(last.ends_with(&format!("exit code {})", ended.code)), "{said}");
        assert!(!said.contains("os error") && !said.contains("at path"), "{said}");
        let stored =
            the_run(&folder.path("runs")).is_some_and(|run| Path::new(&run).join("state.jsonl").is_file());
        assert_eq!(ended.stderr.contains("uptake resume"), stored, "{said}");
        assert_eq!(ended.code == 75, stored && Path::new(&folder.path("run.json")).is_file(), "{said}");
        // What was made is removed by the run itself, or by `clean`.
        run(&mut command(&["clean", "--abandon", "--runs", &folder.path("runs")])).with_code(0);
        let made = server.lines().iter().filter(|line| *line == "POST /things").count();
        assert_eq!(removals(&server).len(), made, "{said}");
        codes.push(ended.code);
    }
    assert!(codes.contains(&3) && codes.last() == Some(&75), "{codes:?}");
}

#[test]
fn a_server_that_is_hung_up_on_removes_its_temporary_files() {
    let temporary = Folder::new();
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("TMPDIR", temporary.root()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = serve.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(!temporary.files().is_empty(), "uploads are kept somewhere");
    assert!(Command::new("kill").args(["-s", "HUP", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(temporary.files().is_empty(), "{:?}", temporary.files());
}
