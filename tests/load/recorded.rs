//! Recorded traffic is sent as it was recorded, and nothing else of the recording leaves it.

use uptake_outcome::load::{LoadRun, Offered};

use super::common::{Ended, Folder};
use super::load;
use super::sink::Sink;

const TRACE: &str =
    "who,time,bytes\nann@secret.example,100.0,1000\nben,101.0,2000\nann,never,5\ncy,100.5,3000\n";

/// Replays a recording with this name against a sink.
fn replay(name: &str, recording: &str, arguments: &[&str]) -> (Ended, Option<LoadRun>, Sink, String) {
    let (sink, folder) = (Sink::plain(), Folder::new());
    let from = folder.write(name, recording);
    let own = ["--target", sink.url(), "--upload-token", "a-token", "--from", &from];
    let (ended, run) = load(&folder, &[&own, arguments].concat());
    let report = std::fs::read_to_string(folder.path("load.json")).unwrap_or_default();
    (ended, run, sink, report)
}

fn arrivals_due(run: &LoadRun) -> u64 {
    match run.offered {
        Offered::Open { arrivals_due, .. } => arrivals_due,
        Offered::Closed { .. } => panic!("a recording makes the open model"),
    }
}

#[test]
fn a_recording_is_sent_once_with_its_sizes_and_says_what_it_was() {
    let (ended, run, sink, report) = replay("trace.csv", TRACE, &[]);
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!((run.summary.uploads, arrivals_due(&run), sink.requests()), (3, 3, 3));
    assert_eq!(run.summary.goodput_bytes, 6_000);
    assert!(run.took_seconds >= 1.0, "{}", run.took_seconds);
    // The digest is the one that `sha256sum` prints.
    let digest = "9148a052695dcd536379130e8ec2a9d5f153497b4e0adab1ca73568818882c11";
    assert_eq!(run.plan["from"], format!("sha256:{digest} (3 uploads)"));
    let Offered::Open { rate, arrivals, .. } = &run.offered else { panic!("the open model") };
    assert_eq!((rate.as_str(), arrivals.as_str()), ("trace.csv at speed 1", "recorded"));
    let unread = "trace.csv: 1 of 4 lines could not be read and were left out; the first is line 4: its time cannot be read";
    assert!(run.warnings.iter().any(|warning| warning == unread), "{:?}", run.warnings);
    assert!(!report.contains("secret.example"), "the recording is anonymous");
}

#[test]
fn a_recording_is_scaled_and_goes_on_as_long_as_it_is_asked_to() {
    let (ended, run, ..) = replay("trace.csv", TRACE, &["--speed", "10", "--duration", "2s"]);
    ended.with_code(0);
    let run = run.expect("a report");
    // Three uploads in 100 ms, and a mean gap of 50 ms after them.
    assert!((25..=55).contains(&arrivals_due(&run)), "{}", arrivals_due(&run));
    assert_eq!(run.summary.uploads, arrivals_due(&run));
    let (ended, run, ..) = replay("trace.csv", TRACE, &["--speed", "10", "--uploads", "7"]);
    ended.with_code(0);
    assert_eq!(run.expect("a report").summary.uploads, 7);
}

#[test]
fn an_access_log_is_replayed_with_sizes_of_the_plan() {
    let log = "192.0.2.77 - - [10/Oct/2025:13:00:00 +0000] \"POST /up HTTP/1.1\" 201 12\n\
               192.0.2.77 - - [10/Oct/2025:13:00:00 +0000] \"GET /up HTTP/1.1\" 200 12\n\
               192.0.2.77 - - [10/Oct/2025:13:00:01 +0000] \"PUT /up HTTP/1.1\" 201 12\n";
    let (ended, run, _, report) = replay("access.log", log, &["--size", "3KiB", "--speed", "4"]);
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!((run.summary.uploads, run.summary.goodput_bytes), (2, 6_144));
    assert!(!report.contains("192.0.2.77"));
}

#[test]
fn what_cannot_be_replayed_is_refused_before_anything_is_sent() {
    let cases: [(&str, &str, &[&str], &str); 8] = [
        ("trace.csv", "when,bytes\n1,2\n", &[], "it has no column `time` (it has: when, bytes)"),
        ("trace.csv", "time,bytes\n", &[], "has no upload"),
        ("trace.har", "{}", &[], "not an HTTP archive"),
        ("access.log", "garbage\n", &[], "the first is line 1: it has no field 5"),
        ("trace.csv", TRACE, &["--rate", "5/s"], "--rate: recorded traffic has a rate of its own"),
        ("trace.csv", TRACE, &["--size", "5KiB"], "--size: the recording has sizes"),
        ("trace.csv", TRACE, &["--speed", "0"], "--speed: invalid speed `0`"),
        ("trace.csv", TRACE, &["--from-columns", "when"], "--from-columns: invalid columns `when`"),
    ];
    for (name, recording, arguments, wanted) in cases {
        let (ended, _, sink, _) = replay(name, recording, arguments);
        let ended = ended.with_code(2);
        assert!(ended.stderr.contains(wanted), "{arguments:?}: {}", ended.stderr);
        assert_eq!(sink.requests(), 0);
    }
}

#[test]
fn a_plan_file_names_a_recording_beside_it() {
    let (sink, folder) = (Sink::plain(), Folder::new());
    folder.write("trace.csv", TRACE);
    let plan = folder.write("plan.yaml", "load: recorded\nfrom: trace.csv\nspeed: 5\n");
    let own = ["--target", sink.url(), "--upload-token", "a-token"];
    let (ended, run) = load(&folder, &[&[plan.as_str()], &own[..]].concat());
    ended.with_code(0);
    assert_eq!(run.expect("a report").summary.goodput_bytes, 6_000);
    let plan = folder.write("plan.yaml", "load: recorded\nfrom: other.csv\n");
    let (ended, _) = load(&folder, &[&[plan.as_str()], &own[..]].concat());
    let ended = ended.with_code(2);
    assert!(
        ended.stderr.contains("plan.yaml:2:7") && ended.stderr.contains("cannot read"),
        "{}",
        ended.stderr
    );
}
