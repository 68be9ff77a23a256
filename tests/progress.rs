//! The progress line of `check` on a terminal: what runs, what is waited for and for how long, and nothing that has ended.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use self::common::{Folder, Little, Reply, command, run};

const SUITE: &str = "
suite: little
areas: { x: all }
capabilities: [clock]
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test] }
";

const REFUSED: &str = "
scenario: The refused one
steps:
  - ask: { get: /one, expect: { X-01: { status: 200 } } }
";

const WAITING: &str = "
scenario: The waiting one
needs: [clock]
steps:
  - let time pass: { advance: 2 }
  - ask: { get: /other, expect: { X-01: { status: 200 } } }
";

/// Runs `uptake` on a pseudo terminal of 120 columns, and gives each state of the progress line.
fn on_a_terminal(arguments: &[&str]) -> Vec<String> {
    let uptake = command(arguments);
    let words: Vec<String> = std::iter::once(uptake.get_program())
        .chain(uptake.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    let mut script = Command::new("script");
    script.args(["-qec", &format!("stty cols 120 rows 24; exec {}", words.join(" ")), "/dev/null"]);
    script.env("TERM", "xterm").env_remove("CI").env_remove("COLUMNS").stdin(Stdio::null());
    let ended = run(&mut script).with_code(0);
    let control = regex::Regex::new(r"\x1b\[[0-9;?]*[A-Za-z]|\r").unwrap();
    let states = control.replace_all(&ended.stdout, "\n");
    states.lines().map(str::trim_end).filter(|line| line.contains(" scenarios")).map(str::to_owned).collect()
}

#[test]
fn the_line_says_what_is_waited_for_with_the_time_left_and_names_nothing_that_has_ended() {
    let refused = AtomicBool::new(false);
    let server = Little::start(move |asked| match asked.line().as_str() {
        "GET /one" if !refused.swap(true, Ordering::Relaxed) => Reply::status(429).header("Retry-After", 2),
        _ => Reply::status(200),
    });
    let folder = Folder::new();
    folder.write("suite.yaml", SUITE);
    folder.write("x/refused.yaml", REFUSED);
    folder.write("x/waiting.yaml", WAITING);
    let runs = folder.path("runs");
    for (file, wait) in [
        ("x/refused.yaml", "waiting for the target's rate limit"),
        ("x/waiting.yaml", "waiting for time to pass"),
    ] {
        let states = on_a_terminal(&[
            "check",
            &folder.path(file),
            "--target",
            &server.origin(),
            "--max-wait",
            "30s",
            "--runs",
            &runs,
        ]);
        let counts = |seconds: u32| {
            let state = format!("{wait}, {seconds} s left: The ");
            states.iter().any(|line| line.contains(&state))
        };
        assert!(counts(2) && counts(1), "{wait}: {states:#?}");
        let ended: Vec<&String> = states.iter().filter(|state| state.contains("1/1 scenarios")).collect();
        assert!(
            !ended.is_empty() && ended.iter().all(|state| state.ends_with("1/1 scenarios")),
            "{states:#?}"
        );
    }
}
