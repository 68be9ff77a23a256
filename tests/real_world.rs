//! Targets as they are: clocks that nobody can turn, rates that are limited, networks that lose connections, processes that
//! are killed. The verdicts are those of a quiet world.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Asked, Ended, Folder, Little, Recorder, Reply, command, run, uptake, verdict_on};
use uptake_outcome::{Run, Verdict};

/// The suite with nothing of it but its rules, beside scenarios that take seconds where the real ones take a day.
const SCENARIOS: [(&str, &str); 4] = [
    (
        "quick.yaml",
        "scenario: A token is made
steps:
  - make it:
      post: /upload-tokens
      auth: key
      json: { ttl: 60 }
      expect: { TOKEN-01: { status: 200, json: { $.ttl: 60 } } }
",
    ),
    (
        "late.yaml",
        "scenario: A token that has expired starts nothing
needs: [clock]
steps:
  - make a token:
      post: /upload-tokens
      auth: key
      json: { ttl: 2 }
      expect: { status: 200 }
      save: { token: $.token }
  - make another that does not:
      post: /upload-tokens
      auth: key
      json: {}
      expect: { status: 200 }
  - let it expire:
      advance: 2 + margin
  - send a file:
      post: /upload
      auth: { upload-token: \"${token}\" }
      form: [ { file: { size: 1KiB, name: movie.mp4 } } ]
      expect: { TTL-02: refused }
",
    ),
    (
        "last-moment.yaml",
        "scenario: Shortly before the grace ends an upload is completed
needs: [clock]
let: { m: limit.min_segment }
uploads: { movie: { size: m + 1, segment: m, framing: bytes } }
steps:
  - make a token:
      post: /upload-tokens
      auth: key
      json: { ttl: 2 }
      expect: { status: 200 }
      save: { token: $.token }
  - begin in time:
      upload: movie
      segments: first
      auth: { upload-token: \"${token}\" }
      expect: { status: 2xx }
  - wait for the last moment:
      advance: 2 + grace - 4 * margin
      at-latest: 2 + grace - margin
  - send the rest:
      upload: movie
      segments: rest
      auth: { upload-token: \"${token}\" }
      expect: { GRACE-01: { status: 2xx, json: { $.videoId: \"${movie.videoId}\" } } }
",
    ),
    (
        "over.yaml",
        "scenario: When the grace is over nothing is completed
needs: [clock]
let: { m: limit.min_segment }
uploads: { movie: { size: m + 1, segment: m, framing: part } }
steps:
  - make a token:
      post: /upload-tokens
      auth: key
      json: { ttl: 2 }
      expect: { status: 200 }
      save: { token: $.token }
  - begin in time:
      upload: movie
      segments: first
      auth: { upload-token: \"${token}\" }
      expect: { status: 2xx }
  - let the grace end:
      advance: 2 + grace + margin
  - send the rest:
      upload: movie
      segments: rest
      auth: { upload-token: \"${token}\" }
      expect: { GRACE-03: refused }
",
    ),
];

fn own_suite(folder: &Folder) -> String {
    let suite = folder.root().join("scenarios/api-video");
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/api-video");
    fs::create_dir_all(suite.join("schemas")).unwrap();
    fs::create_dir_all(folder.root().join("fixtures/media")).unwrap();
    fs::copy(real.join("suite.yaml"), suite.join("suite.yaml")).unwrap();
    for entry in fs::read_dir(real.join("schemas")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), suite.join("schemas").join(entry.file_name())).unwrap();
    }
    for (name, text) in SCENARIOS {
        fs::write(suite.join(name), text).unwrap();
    }
    suite.display().to_string()
}

/// `uptake serve`, with the profile that it writes.
struct Served {
    folder: Folder,
    child: Child,
    origin: String,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let folder = Folder::new();
        let profile = folder.path("target.yaml");
        let common = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--discard",
            "--min-segment",
            "64KiB",
            "--max-segment",
            "256KiB",
            "--max-request",
            "16MiB",
            "--write-profile",
            &profile,
        ];
        let mut child = command(&[&common[..], arguments].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let origin = line.trim().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Self { folder, child, origin }
    }

    /// The profile, with some of its lines written anew.
    fn profile(&self, name: &str, change: impl Fn(&str) -> String) -> String {
        let text = fs::read_to_string(self.folder.path("target.yaml")).unwrap();
        let text: String = text.lines().map(|line| change(line) + "\n").collect();
        self.folder.write(name, &text)
    }

    fn check(&self, profile: &str, report: &str, arguments: &[&str]) -> (Ended, Run) {
        let path = format!("json={}", self.folder.path(report));
        let runs = self.folder.path("runs");
        let own = ["check", "--target", profile, "--report", &path, "--runs", &runs];
        let ended = uptake(&[&own, arguments].concat());
        (ended, self.folder.run(report))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn margin_of_a_second(line: &str) -> String {
    if line.starts_with("grace:") { format!("{line}\nmargin: 1s") } else { line.to_owned() }
}

fn verdicts(run: &Run) -> BTreeMap<String, Verdict> {
    run.rules.iter().map(|rule| (rule.id.clone(), rule.verdict)).collect()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} did not come about");
        std::thread::yield_now();
    }
}

/// The only run folder.
fn run_folder(runs: &str) -> Option<PathBuf> {
    fs::read_dir(runs).ok()?.flatten().map(|entry| entry.path()).find(|path| path.is_dir())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// The tokens that the server lists.
fn tokens(served: &Served) -> Vec<String> {
    let key = fs::read_to_string(served.folder.path("target.yaml.key")).unwrap();
    let page =
        ask(&served.origin, &format!("GET /upload-tokens?pageSize=100 HTTP/1.1\r\n{}", basic(key.trim())));
    let body: serde_json::Value = serde_json::from_str(page.split_once("\r\n\r\n").unwrap().1).unwrap();
    body["data"].as_array().unwrap().iter().map(|token| token["token"].as_str().unwrap().to_owned()).collect()
}

fn basic(key: &str) -> String {
    use base64::Engine as _;
    let value = base64::engine::general_purpose::STANDARD.encode(format!("{key}:"));
    format!("Authorization: Basic {value}\r\nHost: x\r\nConnection: close\r\n")
}

fn ask(origin: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(origin.trim_start_matches("http://")).unwrap();
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_run_that_was_suspended_killed_and_resumed_from_a_copy_has_the_verdicts_of_one_that_waited() {
    let served = Served::start(&["--clock", "real", "--grace", "6s"]);
    let suite = own_suite(&served.folder);
    let profile = served.profile("short.yaml", margin_of_a_second);
    let runs = served.folder.path("killed");
    let report = served.folder.path("killed.json");
    let key = fs::read_to_string(served.folder.path("target.yaml.key")).unwrap();
    let foreign = ask(
        &served.origin,
        &format!(
            "POST /upload-tokens HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}",
            basic(key.trim())
        ),
    );
    assert!(foreign.starts_with("HTTP/1.1 200"), "{foreign}");
    std::thread::scope(|scope| {
        let waited = scope.spawn(|| served.check(&profile, "waited.json", &["--max-wait", "60s", &suite]));

        let path = format!("json={report}");
        let arguments = [
            "check",
            "--target",
            &profile,
            "--max-wait",
            "3500ms",
            "--runs",
            &runs,
            "--report",
            &path,
            &suite,
        ];
        let mut child = command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Two wait for longer than the run does, and one within it: the process is there still.
        until("a state in which two wait", || {
            let read = |name: &str| {
                run_folder(&runs)
                    .and_then(|folder| fs::read_to_string(folder.join(name)).ok())
                    .unwrap_or_default()
            };
            // And all is made that the scenarios make, and the look at what the target can do: what is asked for as the process dies nobody can know.
            read("state.jsonl").matches("\"is\":\"suspended\"").count() == 2
                && read("journal.jsonl").matches("{\"made\":").count() == 8
        });
        child.kill().unwrap();
        child.wait().unwrap();
        let folder = run_folder(&runs).unwrap();
        let elsewhere = served.folder.root().join("elsewhere/run");
        copy(&folder, &elsewhere);
        fs::remove_dir_all(&folder).unwrap();
        for entry in fs::read_dir(&elsewhere).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(!text.contains(key.trim()));
            assert!(tokens(&served).iter().all(|token| !text.contains(token.as_str())), "a token in clear");
        }
        let listed = uptake(&["resume", "--list", "--runs", &served.folder.path("elsewhere")]).with_code(0);
        assert!(listed.stdout.contains("2 scenarios suspended"), "{}", listed.stdout);

        let run = elsewhere.display().to_string();
        let resumed = uptake(&["resume", &run, "--max-wait", "60s"]).with_code(0);
        let resumed_run: Run = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
        let (ended, waited) = waited.join().unwrap();
        ended.with_code(0);
        assert_eq!(verdicts(&resumed_run), verdicts(&waited), "{}", resumed.stdout);
        for rule in ["TOKEN-01", "TTL-02", "GRACE-01", "GRACE-03"] {
            assert_eq!(verdict_on(&waited, rule), Verdict::Passed, "{rule}");
        }

        // What the killed process had under way stands in the journal; what others made stays.
        assert_eq!(tokens(&served).len(), 2);
        uptake(&["clean", &run]).with_code(0);
        assert_eq!(tokens(&served).len(), 1, "the one that somebody else made");
        assert!(!elsewhere.exists(), "nothing is left to do");
    });
}

#[test]
fn a_run_folder_that_is_damaged_or_anothers_is_refused_before_anything_is_sent() {
    let served = Served::start(&["--clock", "real", "--grace", "1h"]);
    let suite = own_suite(&served.folder);
    let recorder = Recorder::before(&served.origin);
    let recorded = |line: &str| {
        if line.starts_with("base-url:") {
            format!("base-url: {}", recorder.origin())
        } else {
            line.to_owned()
        }
    };
    let profile = served.profile("recorded.yaml", recorded);
    let (ended, run) =
        served.check(&profile, "run.json", &["--max-wait", "0s", &format!("{suite}/over.yaml")]);
    let ended = ended.with_code(75);
    assert!(
        ended.stderr.contains("1 scenario suspended; resume at ") && ended.stderr.contains("uptake resume"),
        "{}",
        ended.stderr
    );
    assert_eq!((verdict_on(&run, "GRACE-03"), run.suspended.len()), (Verdict::Suspended, 1));
    let whole = PathBuf::from(run.folder.unwrap());
    // Too early: nothing is sent, and it is said when to come back.
    let before = recorder.talks().len();
    uptake(&["resume", whole.to_str().unwrap()]).with_code(75);

    let text = fs::read_to_string(whole.join("state.jsonl")).unwrap();
    let variant = |name: &str, text: String| {
        let folder = served.folder.root().join(name);
        copy(&whole, &folder);
        fs::write(folder.join("state.jsonl"), text).unwrap();
        folder.display().to_string()
    };
    let other_port = |line: &str| {
        if line.starts_with("base-url:") { format!("base-url: {}", served.origin) } else { line.to_owned() }
    };
    let other_key = |line: &str| {
        if line.starts_with("credentials:") {
            "credentials: { api-key: { file: other.key } }".to_owned()
        } else {
            recorded(line)
        }
    };
    served.folder.write("other.key", "another key altogether");
    let cases = [
        (variant("damaged", text.replacen("seed", "sead", 1)), profile.clone(), "damaged"),
        (variant("cut-off", text[..text.len() / 2].to_owned()), profile.clone(), "damaged"),
        (variant("newer", text.replacen("\"format\":2", "\"format\":3", 1)), profile.clone(), "format 3"),
        (variant("elsewhere", text.clone()), served.profile("port.yaml", other_port), "stores a run against"),
        (variant("key", text.clone()), served.profile("key.yaml", other_key), "another key"),
        (served.folder.path("nowhere"), profile.clone(), "no run folder"),
    ];
    for (folder, target, complaint) in cases {
        let ended = uptake(&["resume", &folder, "--target", &target]).with_code(2);
        assert!(ended.stderr.contains(complaint), "{complaint}: {}", ended.stderr);
    }
    assert_eq!(recorder.talks().len(), before, "nothing was sent");
}

#[test]
fn a_run_keeps_to_the_rates_of_the_sandbox() {
    let served = Served::start(&["--rate-limit", "sandbox"]);
    let profile = served.folder.path("target.yaml");
    let plan = uptake(&["check", "--target", &profile, "--plan"]).with_code(0);
    assert!(plan.stdout.contains("nothing was sent"), "{}", plan.stdout);
    assert!(plan.stdout.contains("at 40 uploads, 40 writes and 100 reads per minute"), "{}", plan.stdout);
    let folder = |name: &str| format!("{}/scenarios/api-video/{name}", env!("CARGO_MANIFEST_DIR"));
    let parts =
        ["auth", "bytes", "grace", "part", "schema", "upload", "http/past-the-rate-limit.yaml"].map(folder);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (ended, run) = served.check(&profile, "run.json", &[&["--quiet"][..], &parts].concat());
    ended.with_code(0);
    assert_eq!(run.pacing.answered_429, 0);
    assert!(
        run.pacing.uploads > 800 && run.pacing.writes > 400,
        "many times the budget of a minute: {:?}",
        run.pacing
    );
    assert!(run.pacing.waited_seconds < 60.0, "no scenario waits for a minute on its way: {:?}", run.pacing);
    assert!(run.pacing.turned_seconds > 60, "its clock was turned instead of waiting");
    assert_eq!(run.pacing.requests, run.summary.requests);
    assert_eq!(verdict_on(&run, "HTTP-05"), Verdict::Passed, "the one 429 that was asked for");
}

#[test]
fn rules_of_time_are_judged_rightly_where_the_clocks_differ() {
    for skew in [90.0, -90.0] {
        let served = Served::start(&["--skew", &format!("{skew:.0}s")]);
        let (ended, run) = served.check(&served.folder.path("target.yaml"), "run.json", &["--quiet"]);
        ended.with_code(0);
        assert!(run.rules.iter().all(|rule| matches!(
            rule.verdict,
            Verdict::Passed | Verdict::NotApplicable | Verdict::NotCovered
        )));
        let date = run.clocks.date.unwrap();
        assert!((date.offset_seconds - skew).abs() <= date.uncertainty_seconds + 0.1, "{date:?}");
        assert!(date.uncertainty_seconds < 1.0 && date.samples > 100, "{date:?}");
    }
}

/// Nothing is guessed: the dates of answers are whole seconds, so that nobody knows the target's clock to a thousandth.
#[test]
fn a_margin_smaller_than_what_is_known_of_the_clock_judges_nothing() {
    let served = Served::start(&[]);
    let profile = format!("{}margin: 1ms\n", served.folder.read("target.yaml"));
    let target = served.folder.write("narrow.yaml", &profile);
    let (ended, run) = served.check(&target, "run.json", &["--quiet", "--area", "ttl", "--area", "grace"]);
    assert_ne!(ended.code, 0, "a gate must not turn green");
    for rule in &run.rules {
        assert_eq!(rule.verdict, Verdict::Inconclusive, "{}", rule.id);
        let finding = rule.deciding().next().unwrap();
        assert!(finding.observed.contains("s, from its Date headers"), "{}", finding.observed);
    }
}

/// A network that cuts one connection in twenty, after the request has begun.
fn cutting(origin: &str) -> (String, Arc<AtomicUsize>) {
    let server: SocketAddr = origin.trim_start_matches("http://").parse().unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let cut = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&cut);
    std::thread::spawn(move || {
        for (number, caller) in listener.incoming().map_while(Result::ok).enumerate() {
            if number % 20 == 19 {
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = (&caller).read(&mut [0; 1]);
                let _ = caller.shutdown(Shutdown::Both);
                continue;
            }
            std::thread::spawn(move || {
                let Ok(server) = TcpStream::connect(server) else { return };
                std::thread::scope(|scope| {
                    scope.spawn(|| {
                        let _ = std::io::copy(&mut &caller, &mut &server);
                        let _ = server.shutdown(Shutdown::Write);
                    });
                    let _ = std::io::copy(&mut &server, &mut &caller);
                    let _ = caller.shutdown(Shutdown::Both);
                });
            });
        }
    });
    (format!("http://{address}"), cut)
}

#[test]
#[ignore = "it takes a minute: a stage of .ci/run"]
fn a_network_that_cuts_connections_changes_no_verdict_and_what_was_tried_again_is_listed() {
    let served = Served::start(&[]);
    let (_, quiet) = served.check(&served.folder.path("target.yaml"), "quiet.json", &["--quiet"]);
    let (origin, cut) = cutting(&served.origin);
    let profile = served.profile("cut.yaml", |line| {
        if line.starts_with("base-url:") { format!("base-url: {origin}") } else { line.to_owned() }
    });
    let (ended, run) = served.check(&profile, "cut.json", &[]);
    assert!(cut.load(Ordering::SeqCst) > 100);
    assert_eq!(verdicts(&run), verdicts(&quiet), "{}", ended.stdout);
    ended.with_code(0);
    assert!(run.retries.len() > 5 && quiet.retries.is_empty(), "{:?}", run.retries);
    assert!(
        run.retries.iter().all(|retry| retry.fault.contains("closed the connection")),
        "{:?}",
        run.retries
    );
}

#[test]
fn what_a_profile_says_wrongly_of_its_target_is_found() {
    let served = Served::start(&[]);
    let profile = served.profile("less.yaml", |line| line.replace(", cors", ""));
    let (ended, run) = served.check(&profile, "run.json", &[]);
    let ended = ended.with_code(0);
    assert!(
        ended.stdout.contains("does not declare the capability `cors`, and OPTIONS /upload returned 204"),
        "{}",
        ended.stdout
    );
    let seen: Vec<_> =
        run.capabilities.iter().map(|found| (found.name.as_str(), found.declared, found.detected)).collect();
    let yes = Some(true);
    assert_eq!(
        seen,
        [
            ("videos", None, yes),
            ("status", yes, yes),
            ("pagination", None, yes),
            ("cors", Some(false), yes),
            ("clock", yes, yes)
        ]
    );
}

#[test]
fn a_plan_sends_nothing() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let ended =
        run(command(&["check", "--plan", "--target", &url]).env("UPTAKE_API_KEY", "a key of the tests"))
            .with_code(0);
    assert!(ended.stdout.contains("Suspended (continue with `uptake resume`)"), "{}", ended.stdout);
    assert!(listener.accept().is_err(), "nobody called");
}

/// A target of which only this is asked, with the suite's rules.
fn small_target(folder: &Folder, origin: &str) -> String {
    folder.write("api.key", "a-key-of-the-tests");
    let profile = format!(
        "target: a small one\nbase-url: {origin}\ncredentials: {{ api-key: {{ file: api.key }} }}\nmargin: 1s\n"
    );
    folder.write("target.yaml", &profile)
}

fn check_one(folder: &Folder, profile: &str, scenario: &str, arguments: &[&str]) -> (Ended, Run) {
    let suite = own_suite(folder);
    let path = format!("{suite}/one.yaml");
    fs::write(&path, scenario).unwrap();
    let report = format!("json={}", folder.path("run.json"));
    let runs = folder.path("runs");
    let own = ["check", "--target", profile, "--report", &report, "--runs", &runs, &path];
    let ended = uptake(&[&own, arguments].concat());
    (ended, folder.run("run.json"))
}

const ASKS_ONCE: &str = "scenario: An unknown token is refused
steps:
  - ask for it:
      get: /upload-tokens/toUnknown
      auth: key
      expect: { TOKEN-11: { status: 404 } }
";

#[test]
fn a_429_that_nobody_asked_for_is_waited_out_and_never_fails_a_rule() {
    let refusals = |most: usize| {
        let asked = AtomicUsize::new(0);
        let server = Little::start(move |request: &Asked| {
            if !request.target.starts_with("/upload-tokens") {
                return Reply::status(200);
            }
            if asked.fetch_add(1, Ordering::SeqCst) < most {
                return Reply::status(429)
                    .header("X-RateLimit-Remaining", 0)
                    .header("X-RateLimit-Retry-After", 0);
            }
            Reply::status(404).json(&serde_json::json!({ "title": "not found", "status": 404 }))
        });
        let folder = Folder::new();
        let profile = small_target(&folder, &server.origin());
        check_one(&folder, &profile, ASKS_ONCE, &[])
    };
    let (ended, run) = refusals(2);
    ended.with_code(0);
    assert_eq!((verdict_on(&run, "TOKEN-11"), run.pacing.answered_429), (Verdict::Passed, 2));
    let (ended, run) = refusals(1_000);
    let ended = ended.with_code(3);
    assert_eq!(verdict_on(&run, "TOKEN-11"), Verdict::Inconclusive, "{}", ended.stdout);
    assert!(ended.stdout.contains("returned 429"), "{}", ended.stdout);
}

#[test]
fn a_moment_that_was_missed_is_inconclusive() {
    let server = Little::start(|_| {
        Reply::status(404).json(&serde_json::json!({ "title": "not found", "status": 404 }))
    });
    let folder = Folder::new();
    let profile = small_target(&folder, &server.origin());
    let scenario =
        ASKS_ONCE.replace("steps:\n", "steps:\n  - let time pass:\n      advance: 1\n      at-latest: 0\n");
    let (ended, run) = check_one(&folder, &profile, &scenario, &["--max-wait", "0s"]);
    ended.with_code(75);
    let resumed = uptake(&["resume", "--runs", &folder.path("runs"), "--max-wait", "10s"]).with_code(3);
    let last = folder.run("run.json");
    assert_eq!(verdict_on(&run, "TOKEN-11"), Verdict::Suspended);
    assert_eq!(verdict_on(&last, "TOKEN-11"), Verdict::Inconclusive, "{}", resumed.stdout);
    assert!(last.causes[0].text.contains("had to end by"), "{:?}", last.causes);
    assert_eq!(fs::read_dir(folder.path("runs")).unwrap().count(), 0, "nothing waits, and nothing was made");
}
