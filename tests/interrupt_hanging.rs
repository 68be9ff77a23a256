//! Ctrl-C while the target hangs: what was made is removed all the same, and nobody waits for the time-out.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use uptake_outcome::{Ending, Verdict};

use self::common::{Ended, Folder, Little, Reply, command, verdict_on};

const SUITE: &str = "
suite: little
areas: { x: all }
credentials: { key: { from: api-key, header: { Authorization: 'Key ${value}' } } }
resources:
  thing: { made-by: [POST /things], status: 2xx, id: $.id, remove: 'DELETE /things/${id}', auth: key, gone: [204] }
rules:
  - { id: X-01, area: x, level: must, text: Things are made, source: [test] }
  - { id: X-02, area: x, level: must, text: Nobody comes here, source: [test] }
";

const SCENARIO: &str = "
scenario: Something is made, and then the server says nothing more
steps:
  - open a door:
      post: /doors
      finally: { delete: /doors/1 }
  - make a thing:
      post: /things
      expect: { X-01: { status: 201 } }
  - ask what is not answered:
      get: /slow
      expect: { X-02: { status: 200 } }
finally:
  - close the house:
      post: /house/closed
";

fn answer(line: &str) -> Reply {
    match line {
        "POST /things" => Reply::status(201).json(&json!({ "id": "7" })),
        "GET /slow" => Reply::silence(),
        line if line.starts_with("DELETE ") => Reply::status(204),
        _ => Reply::status(200),
    }
}

/// A run that has come to the request which is not answered.
fn hanging(server: &Little, folder: &Folder) -> Child {
    folder.write("suite.yaml", SUITE);
    folder.write("x/hangs.yaml", SCENARIO);
    folder.write("api.key", "a-key-of-the-tests");
    let profile = format!(
        "target: little\nbase-url: {}\ncredentials: {{ api-key: {{ file: api.key }} }}\n\
         timeouts: {{ connect: 5s, answer: 10m }}\n",
        server.origin()
    );
    let target = folder.write("target.yaml", &profile);
    let report = format!("json={}", folder.path("run.json"));
    let mut check = command(&["check", &folder.path("x"), "--target", &target, "--report", &report]);
    let child = check.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.wait_for(|asked| asked.iter().any(|asked| asked.line() == "GET /slow"));
    child
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn what_was_made_is_removed_though_the_target_hangs() {
    for name in ["INT", "TERM", "HUP"] {
        let (server, folder) = (Little::start(|asked| answer(&asked.line())), Folder::new());
        let child = hanging(&server, &folder);
        signal(&child, name);
        let began = Instant::now();
        let ended = Ended::from(child.wait_with_output().unwrap()).with_code(130);
        assert!(began.elapsed() < Duration::from_secs(20), "{name}: it took {:?}", began.elapsed());

        let lines = server.lines();
        assert_eq!(
            lines,
            [
                "POST /doors",
                "POST /things",
                "GET /slow",
                "POST /house/closed",
                "DELETE /things/7",
                "DELETE /doors/1"
            ],
            "clean-up goes from the last to the first"
        );
        let removal = server.one("DELETE /things/7");
        assert_eq!(removal.header("authorization"), Some("Key a-key-of-the-tests"));
        let run = folder.run("run.json");
        assert_eq!(run.ending, Ending::Interrupted);
        assert_eq!(verdict_on(&run, "X-01"), Verdict::Passed, "what was found is told");
        assert_ne!(
            verdict_on(&run, "X-02"),
            Verdict::Failed,
            "what was not answered is not held against the server"
        );
        assert_eq!(run.leftovers, []);
        assert!(ended.stderr.contains("stopping: removing what the run created"), "{}", ended.stderr);
        assert!(ended.stdout.contains("INTERRUPTED: "), "{}", ended.stdout);
    }
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_a_clean_up_that_hangs() {
    let server = Little::start(|asked| match asked.line().as_str() {
        "POST /house/closed" => Reply::silence(),
        line => answer(line),
    });
    let folder = Folder::new();
    let child = hanging(&server, &folder);
    signal(&child, "INT");
    server.wait_for(|asked| asked.iter().any(|asked| asked.line() == "POST /house/closed"));
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap()).with_code(130);
    assert!(ended.stderr.contains("what the run created may be left behind"), "{}", ended.stderr);
}
