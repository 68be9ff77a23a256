use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::collector::{Collector, Entry};
use super::*;
use uptake_outcome::Shard;
use uptake_payload::Seed;

fn options() -> TraceOptions {
    TraceOptions { columns: Columns::default(), path: None, speed: 1.0, seed: Seed(1) }
}

/// Reads a recording that is written to a file with this name.
fn recorded(name: &str, text: &str, options: &TraceOptions) -> Result<Trace, String> {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder: PathBuf = std::env::temp_dir().join(format!("uptake-trace-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    let trace = read(&path, options);
    std::fs::remove_dir_all(&folder).expect("removed");
    trace
}

fn entries(trace: &Trace) -> Vec<(u64, u64)> {
    trace.entries.iter().map(|entry| (entry.at / 1_000_000, entry.bytes)).collect()
}

#[test]
fn an_archive_has_the_times_and_sizes_of_its_uploads() {
    let entry = |at: &str, method: &str, url: &str, size: i64| {
        serde_json::json!({
            "startedDateTime": at, "time": 5,
            "request": {"method": method, "url": url, "bodySize": size, "headers": []},
            "response": {"content": {"text": "x".repeat(1_000)}},
        })
    };
    let archive = serde_json::json!({"log": {"version": "1.2", "entries": [
        entry("2025-10-10T13:00:01.500Z", "PUT", "https://a.example/upload/2?secret=1", 2_000),
        entry("2025-10-10T13:00:00.000Z", "POST", "https://a.example/upload/1", 1_000),
        entry("2025-10-10T13:00:00.100Z", "GET", "https://a.example/upload/1", 0),
        entry("2025-10-10T13:00:00.200Z", "POST", "https://a.example/log-in", 30),
        entry("2025-10-10T13:00:02.000Z", "POST", "https://a.example/upload/3", -1),
        entry("at noon", "POST", "https://a.example/upload/3", 1),
    ]}});
    let options = TraceOptions { path: Some("/upload".to_owned()), ..options() };
    let trace = recorded("a.har", &archive.to_string(), &options).expect("an archive");
    assert_eq!(entries(&trace), [(0, 1_000), (1_500, 2_000)]);
    assert_eq!(
        trace.unread(),
        Some(
            "a.har: 2 of 6 entries could not be read and were left out; the first is entry 5: its bodySize is unknown"
        )
    );
    assert!(!format!("{trace:?}").contains("secret"));
}

#[test]
fn a_log_has_the_times_of_its_uploads_and_sizes_in_a_column() {
    let log = r#"192.0.2.1 - ann [10/Oct/2025:13:00:00 +0000] "POST /up HTTP/1.1" 201 12 "-" "say \"hi\" [x]" 700
192.0.2.1 - - [10/Oct/2025:13:00:01 +0000] "GET /up HTTP/1.1" 200 12 "-" "agent" 90

192.0.2.2 - - [10/Oct/2025:15:00:02 +0200] "PATCH /up HTTP/1.1" 204 0 "-" "agent" 800
garbage
192.0.2.2 - - [10/Oct/2025:13:00:02 +0000] "PUT /up HTTP/1.1" 204 0 "-" "agent" 900
"#;
    let trace = recorded("access.log", log, &options()).expect("a log");
    // Two arrivals in one second are spread over it.
    assert_eq!(entries(&trace), [(0, 0), (2_000, 0), (2_500, 0)]);
    assert!(!trace.has_sizes());
    let unread = trace.unread().expect("a line that is garbage");
    assert!(unread.contains("1 of 5 lines") && unread.contains("line 5"), "{unread}");
    let columns = Columns::parse("bytes=10").expect("columns");
    let trace = recorded("access.log", log, &TraceOptions { columns, ..options() }).expect("a log");
    assert_eq!(entries(&trace), [(0, 700), (2_000, 800), (2_500, 900)]);
}

#[test]
fn a_line_of_a_log_is_not_held_beyond_its_bound() {
    let line = "a - - [10/Oct/2025:13:00:00 +0000] \"POST / HTTP/1.1\" 201 1\n";
    let log = format!("{}\n{line}", "x".repeat(1 << 20));
    let trace = recorded("access.log", &log, &options()).expect("the second line");
    assert_eq!(trace.count(), 1);
    assert!(trace.unread().is_some_and(|unread| unread.contains("line 1: it is longer than 64 KiB")));
}

#[test]
fn a_csv_file_has_named_columns() {
    let columns = Columns::parse("time=started, bytes=size").expect("columns");
    let csv = "user,started,size\n\"ann, a\",100.5,10\nben,100.0,20\ncy,later,1\nann,101,\n";
    let trace = recorded("a.csv", csv, &TraceOptions { columns, ..options() }).expect("a CSV file");
    assert_eq!(entries(&trace), [(0, 20), (500, 10)]);
    assert!(
        trace.unread().is_some_and(|unread| unread.contains("2 of 4 lines") && unread.contains("line 4"))
    );
    let wrong = recorded("a.csv", csv, &options()).expect_err("other columns");
    assert!(wrong.contains("no column `time` (it has: user, started, size)"), "{wrong}");
}

#[test]
fn a_quote_that_is_never_closed_does_not_make_us_hold_the_file() {
    let csv = format!("time,bytes\n1,\"{}", "x".repeat(3 << 20));
    let wrong = recorded("a.csv", &csv, &options()).expect_err("no record ends");
    assert!(wrong.contains("longer than 1 MiB"), "{wrong}");
}

#[test]
fn a_recording_without_uploads_is_refused() {
    for (name, text) in [("a.csv", "time\n"), ("a.log", ""), ("a.har", r#"{"log": {"entries": []}}"#)] {
        let wrong = recorded(name, text, &options()).expect_err("nothing in it");
        assert!(wrong.contains("has no upload"), "{name}: {wrong}");
    }
    let wrong = recorded("a.har", "{\n\"log\": 5}", &options()).expect_err("no archive");
    assert!(wrong.contains("line 2"), "{wrong}");
    let wrong = recorded("a.log", "garbage\n", &options()).expect_err("garbage");
    assert!(wrong.contains("line 1"), "{wrong}");
}

#[test]
fn speed_scales_times_alone() {
    let trace = recorded("a.csv", "time,bytes\n0,5\n8,7\n", &TraceOptions { speed: 4.0, ..options() });
    let trace = trace.expect("a CSV file");
    assert_eq!(entries(&trace), [(0, 5), (2_000, 7)]);
    assert_eq!(trace.length(), Duration::from_secs(4));
}

fn trace(gaps: &[u32], seed: u64) -> Arc<Trace> {
    let mut at = 0_u64;
    let mut collector = Collector::new("a.csv".to_owned(), "line");
    collector.has_sizes = true;
    for (number, gap) in (1..).zip(gaps) {
        at += u64::from(*gap);
        collector.take(number, Ok(Some(Entry { at, bytes: number }))).expect("few");
    }
    Arc::new(Trace::new(collector, String::new(), 1.0, Seed(seed)))
}

fn dues(trace: &Arc<Trace>, end: Duration) -> Vec<(u64, Duration)> {
    let mut cursor = TraceCursor::new(Arc::clone(trace), Some(end));
    (0..).map_while(|number| Some((number, cursor.due(number)?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_replay_has_each_recorded_arrival_once(gaps in prop::collection::vec(1_u32..1_000_000_000, 1..60)) {
        let trace = trace(&gaps, 1);
        let dues = dues(&trace, trace.length());
        prop_assert_eq!(dues.len(), gaps.len());
        for (number, due) in dues {
            let entry = trace.entries[usize::try_from(number).expect("small")];
            prop_assert_eq!((due.as_nanos(), trace.size(number)), (entry.at.into(), entry.bytes));
        }
    }

    #[test]
    fn the_shards_of_a_longer_replay_are_the_whole(
        gaps in prop::collection::vec(1_000_000_u32..1_000_000_000, 1..40),
        of in 1_u64..9,
        seed: u32,
    ) {
        let trace = trace(&gaps, seed.into());
        let end = trace.length() * 3;
        let mut parts: Vec<_> = (1..=of).flat_map(|number| {
            let shard = Shard::new(number, of).expect("one of them");
            let mut cursor = TraceCursor::new(Arc::clone(&trace), Some(end));
            (0..).map_while(move |k| Some((shard.nth(k), cursor.due(shard.nth(k))?))).collect::<Vec<_>>()
        }).collect();
        parts.sort_unstable();
        let whole = dues(&trace, end);
        prop_assert!(whole.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        prop_assert!(whole.len() > gaps.len(), "it goes on after the recording");
        prop_assert_eq!(parts, whole);
    }
}

#[test]
fn resampled_arrivals_keep_the_rate_and_the_sizes_and_follow_the_seed() {
    let gaps: Vec<u32> =
        (0..400).map(|number| if number % 20 == 0 { 100_000_000 } else { 1_000_000 }).collect();
    let one = trace(&gaps, 1);
    let whole = dues(&one, one.length() * 20);
    let expected = 400.0 * 20.0;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let share = whole.len() as f64 / expected;
    assert!((0.9..1.1).contains(&share), "{share}");
    assert!((0..8_000).all(|number| (1..=400).contains(&one.size(number))));
    assert_eq!(whole, dues(&trace(&gaps, 1), one.length() * 20));
    assert_ne!(whole, dues(&trace(&gaps, 2), one.length() * 20));
}
