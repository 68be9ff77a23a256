//! Load by a suite's description of an upload, against servers that speak other protocols than the built-in one.

use uptake_outcome::load::{LoadRun, Phase};

use super::common::{Asked, Ended, Folder, Little, Reply, tus_server};
use super::load;

/// The suite of a small protocol: an upload is created, its parts are sent in any order, and a request with their tags
/// completes it.
const PARTS: &str = r#"
suite: parts
areas: { x: all }
rules: [ { id: X-01, area: x, level: must, text: It holds, source: [test] } ]
vars: { bucket: /bucket }
upload:
  create:
    post: "${bucket}/file?uploads=${unique_text()}"
    accepted: 200
    save: { id: $.id, sent: { url: true, match: 'uploads=(.+)' } }
  segment:
    put: "${bucket}/file"
    body: { of: segment }
    labels: { parts: { query: { part: "${number}", id: "${id}", sent: "${sent}" } } }
    accepted: 200
    save: { tag: { header: ETag } }
    order: any
    parallel: true
    again: replaces
  sizes: { multiple: 1KiB }
  broken-off: keeps-nothing
  complete:
    post: "${bucket}/file"
    query: { id: "${id}" }
    json: { parts: "${parts}", total: "${total}" }
    accepted: 200
"#;

fn tus(folder: &Folder, server: &Little, arguments: &[&str]) -> (Ended, Option<LoadRun>) {
    let origin = server.origin();
    load(folder, &[&["--suite", "tus", "--target", &origin], arguments].concat())
}

fn completed(server: &Little, arguments: &[&str]) -> LoadRun {
    let folder = Folder::new();
    let (ended, run) = tus(&folder, server, arguments);
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!(run.errors, [], "{arguments:?}");
    run
}

#[test]
fn tus_is_created_filled_in_turn_and_verified() {
    let server = tus_server();
    let run = completed(
        &server,
        &["-n", "12", "--size", "100KiB..300KiB", "--segment", "64KiB", "--verify", "status"],
    );
    assert_eq!((run.summary.uploads, run.summary.verified), (12, 12));
    assert_eq!(run.phases[&Phase::Create].count, 12);
    assert_eq!(run.phases[&Phase::Segment].count, run.summary.segments);
    assert!(run.summary.segments > 24 && !run.phases.contains_key(&Phase::Token));
    let upload = run.phases[&Phase::Upload].min;
    assert!(upload >= run.phases[&Phase::Create].min, "creation is part of an upload's time");
    let asked = server.asked();
    let created: Vec<&Asked> = asked.iter().filter(|asked| asked.method == "POST").collect();
    assert!(created.iter().all(|asked| asked.header("tus-resumable") == Some("1.0.0")));
    assert!(created.iter().all(|asked| asked.header("authorization").is_none()));
    let first = asked.iter().find(|asked| asked.method == "PATCH").expect("a segment");
    assert_eq!(first.header("upload-offset"), Some("0"));
    assert_eq!(first.header("content-type"), Some("application/offset+octet-stream"));
    assert_eq!(first.body.len(), 64 << 10);
}

#[test]
fn an_interrupted_tus_upload_goes_on_from_the_servers_offset() {
    let server = tus_server();
    let arguments = ["-n", "10", "--size", "512KiB", "--segment", "256KiB", "--resumed", "100%"];
    let run = completed(&server, &[&arguments[..], &["--verify", "status"]].concat());
    assert_eq!((run.summary.resumed, run.summary.verified), (10, 10));
    let asked = server.asked();
    let is_within = |asked: &&Asked| {
        let offset = asked.header("upload-offset").and_then(|text| text.parse::<u64>().ok());
        asked.method == "PATCH" && offset.is_some_and(|offset| offset % (256 << 10) != 0)
    };
    assert!(asked.iter().filter(is_within).count() > 0, "what the server has is not sent again");
}

#[test]
fn a_refused_creation_is_an_error_of_its_step() {
    let server = Little::start(|_| Reply::status(403));
    let folder = Folder::new();
    let run = tus(&folder, &server, &["-n", "3", "--size", "1KiB"]).1.expect("a report");
    let error = &run.errors[0];
    assert_eq!((error.step.as_str(), error.status, error.count), ("create", Some(403), 3));
    let asked = server.asked();
    assert!(asked.iter().all(|asked| asked.method != "PATCH"), "nothing is sent to what is not there");
}

#[test]
fn a_creation_without_a_location_is_no_success() {
    let server = Little::start(|_| Reply::status(201));
    let folder = Folder::new();
    let run = tus(&folder, &server, &["-n", "1", "--size", "1KiB"]).1.expect("a report");
    assert_eq!((run.errors[0].step.as_str(), run.errors[0].class.as_str()), ("create", "protocol"));
}

#[test]
fn nothing_is_sent_to_an_origin_that_a_response_names() {
    let other = Little::start(|_| Reply::status(204));
    let elsewhere = format!("{}/files/1", other.origin());
    let server = Little::start(move |_| Reply::status(201).header("Location", &elsewhere));
    let folder = Folder::new();
    let run = tus(&folder, &server, &["-n", "1", "--size", "1KiB"]).1.expect("a report");
    assert_eq!((run.errors[0].step.as_str(), run.errors[0].class.as_str()), ("segment", "elsewhere"));
    assert_eq!(other.asked().len(), 0);
}

#[test]
fn a_server_that_forgets_its_offset_fails_verification() {
    let server = Little::start(|asked| match asked.method.as_str() {
        "POST" => Reply::status(201).header("Location", "/files/1"),
        "HEAD" => Reply::status(200).header("Upload-Offset", 0),
        _ => Reply::status(204),
    });
    let folder = Folder::new();
    let run =
        tus(&folder, &server, &["-n", "1", "--size", "1KiB", "--verify", "status"]).1.expect("a report");
    assert_eq!((run.errors[0].step.as_str(), run.errors[0].class.as_str()), ("status", "verify"));
    let resumed = ["-n", "1", "--size", "512KiB", "--segment", "100KiB", "--resumed", "100%", "--seed", "3"];
    let run = tus(&folder, &server, &resumed).1.expect("a report");
    assert_eq!(run.summary.errors + run.summary.resumed, 1, "{:?}", run.errors);
}

#[test]
fn parts_in_any_order_are_completed_with_what_each_response_gave() {
    let server = Little::start(|asked| match asked.method.as_str() {
        "POST" if asked.target.contains("?uploads") => Reply::status(200).body(r#"{"id": "a b"}"#),
        "PUT" => Reply::status(200).header("ETag", format!("\"{}\"", asked.target.len())),
        _ => Reply::status(200),
    });
    let folder = Folder::new();
    folder.write("suite/suite.yaml", PARTS);
    let suite = folder.path("suite");
    let origin = server.origin();
    let own = ["--suite", &suite, "--target", &origin, "-n", "1", "--size", "10000", "--segment", "3000"];
    let (ended, run) =
        load(&folder, &[&own[..], &["--order", "shuffled", "--parallel-segments", "2"]].concat());
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!(run.errors, []);
    assert_eq!((run.phases[&Phase::Create].count, run.phases[&Phase::Complete].count), (1, 1));
    let asked = server.asked();
    let created = asked.iter().find(|asked| asked.target.contains("uploads=")).expect("a creation");
    let sent = created.target.split('=').nth(1).expect("a value");
    let put = asked.iter().find(|asked| asked.method == "PUT").expect("a part");
    assert!(put.target.ends_with(&format!("&sent={sent}")), "{}: the URL that was sent is saved", put.target);
    let last = asked.last().expect("requests");
    assert_eq!(last.line(), "POST /bucket/file?id=a%20b");
    let json = last.json();
    let parts = json["parts"].as_array().expect("a list");
    let numbers: Vec<u64> = parts.iter().filter_map(|part| part["number"].as_u64()).collect();
    // 3000 is rounded down to a multiple of 1 KiB.
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(
        (&parts[1]["from"], &parts[1]["to"], &json["total"]),
        (&2048.into(), &4095.into(), &10_000.into())
    );
    assert!(parts.iter().all(|part| part["tag"].is_string()), "{json}");
}

#[test]
fn what_a_suite_cannot_do_is_refused_before_anything_is_sent() {
    let server = tus_server();
    let origin = server.origin();
    let folder = Folder::new();
    folder.write("bare/suite.yaml", PARTS.split("upload:").next().expect("a beginning"));
    let bare = folder.path("bare");
    for (arguments, said) in [
        (&["--suite", "tus", "--framing", "parts"][..], "the suite `tus` has no `parts`: write bytes"),
        (&["--suite", "tus", "--framing", "none"], "the suite `tus` has no `none`: write bytes"),
        (&["--suite", "tus", "--total", "open"], "each segment names the total"),
        (&["--suite", "tus", "--order", "shuffled"], "segments are sent in turn"),
        (&["--suite", "tus", "--parallel-segments", "2"], "segments are sent one at a time"),
        (&["--suite", "tus", "--upload-token", "t"], "the suite `tus` has no upload tokens"),
        (&["--suite", "tus", "--ttl", "1h"], "the suite `tus` has no upload tokens"),
        (&["--suite", "tus", "--verify", "digest"], "no request that shows what is stored"),
        (&["--suite", &bare], "the suite `parts` has no section `upload`"),
        (&["--suite", "tuss"], "no built-in suite of this name"),
    ] {
        let (ended, run) = load(&folder, &[&["--target", &origin], arguments].concat());
        let ended = ended.with_code(2);
        assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
        assert!(run.is_none());
    }
    let (ended, _) = load(&folder, &["--suite", "tus"]);
    assert!(ended.with_code(2).stderr.contains("--suite tus needs --target"));
    assert_eq!(server.asked().len(), 0);
}

#[test]
fn a_plan_names_its_suite_and_mistakes_have_their_place() {
    let server = tus_server();
    let folder = Folder::new();
    let plan = format!("load: Tus\nsuite: tus\ntarget: {}\nuploads: 2\nsize: 1KiB\n", server.origin());
    let good = folder.write("good.yaml", &plan);
    let (ended, run) = load(&folder, &[&good]);
    ended.with_code(0);
    assert_eq!(run.expect("a report").summary.uploads, 2);
    let wrong = folder.write("wrong.yaml", &format!("{plan}order: shuffled\n"));
    let stderr = load(&folder, &[&wrong]).0.with_code(2).stderr;
    assert!(stderr.contains("wrong.yaml:6:8") && stderr.contains("sent in turn"), "{stderr}");
}
