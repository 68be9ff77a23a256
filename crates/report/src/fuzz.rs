//! A run of generated cases, for people and as JSON.
//!
//! ```text
//! uptake reference server at http://127.0.0.1:41853/
//! 500 cases, 4312 requests, 3.4 MiB sent, uptake 0.1.0, seed 1
//!
//!   refusal       175 cases  a faulty segment is refused as documented and changes nothing  1 found
//!   …
//!
//! Counterexamples
//!   BYTES-11 (refusal, case 17, seen 4 times)
//!     expected 400 video-content-range-by-bytes-range-overlap
//!     got      201 and a known video
//!
//!     1  A bytes 0-1023/2048  1024  accepted
//!     2  A bytes 0-1023/2048  1024  accepted  <-
//!
//!     replay   uptake check --tiny reports/fuzz-bytes-11-1-17.yaml
//!
//! FAILED: 1 counterexample in 500 cases, in 3.2 s (seed 1, exit code 1)
//! ```

use std::fmt::Write as _;

use schemars::schema_for;

use super::text::{one_line, visible};
use uptake_outcome::{Bound, Counterexample, Ending, Exit, FuzzRun, Stability};

/// The run as JSON, indented, with a line end.
pub fn fuzz_json(run: &FuzzRun) -> String {
    let mut text = serde_json::to_string_pretty(run).expect("a run is plain data whose keys are strings");
    text.push('\n');
    text
}

/// The JSON Schema that every rendered run satisfies.
pub fn fuzz_schema() -> String {
    let mut text = serde_json::to_string_pretty(&schema_for!(FuzzRun)).expect("a schema is plain data");
    text.push('\n');
    text
}

/// The run for people. `replay` is the command that a scenario's path is put behind.
pub fn fuzz_terminal(run: &FuzzRun, replay: &str) -> String {
    let mut text = format!("{} at {}\n", one_line(&run.target.name), one_line(&run.target.base_url));
    let _ = writeln!(
        text,
        "{}, {}, {} sent, uptake {}, seed {}\n",
        counted(run.cases, "case"),
        counted(run.requests, "request"),
        size(run.bytes_sent),
        run.uptake,
        run.seed
    );
    let name = run.properties.iter().map(|property| property.name.len()).max().unwrap_or(0);
    for property in run.properties.iter().filter(|property| property.cases > 0) {
        let found = match property.counterexamples {
            0 => String::new(),
            count => format!("  {count} found"),
        };
        let _ = writeln!(text, "  {:<name$}  {:>6}  {}{found}", property.name, property.cases, property.text);
    }
    if !run.counterexamples.is_empty() {
        text.push_str("\nCounterexamples\n");
    }
    for counterexample in &run.counterexamples {
        one(&mut text, counterexample, replay);
    }
    if run.unsaid > 0 {
        let why = run.unsaid_because.as_deref().map_or_else(|| "it is not known why".to_owned(), one_line);
        let _ = writeln!(
            text,
            "\nNothing can be said of {}, the last because: {why}",
            counted(run.unsaid, "case")
        );
    }
    let _ = writeln!(text, "\n{}", fuzz_sentence(run));
    text
}

fn one(text: &mut String, counterexample: &Counterexample, replay: &str) {
    let Counterexample { property, rule, case, seen, expected, got, .. } = counterexample;
    let _ = writeln!(text, "  {rule} ({property}, case {case}, seen {})", counted_times(*seen));
    let _ = writeln!(text, "    expected {}", one_line(expected));
    let _ = writeln!(text, "    got      {}\n", one_line(got));
    for line in visible(&counterexample.picture).lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
    match counterexample.stability {
        Stability::Stable => {}
        Stability::Unstable => {
            text.push_str("\n    UNSTABLE: it did not fail again. What was sent and answered each time:\n");
            for (at, transcript) in counterexample.transcripts.iter().enumerate() {
                for (line, said) in transcript.iter().enumerate() {
                    let number = if line == 0 { format!("{}.", at + 1) } else { String::new() };
                    let _ = writeln!(text, "    {number:>3} {}", one_line(said));
                }
            }
        }
        Stability::NotRepeated => {
            text.push_str("\n    The run ended before it could be tried again: it is as it was found.\n");
        }
    }
    if let Some(scenario) = &counterexample.scenario {
        let _ = writeln!(text, "\n    replay   {replay} {scenario}");
    }
    text.push('\n');
}

/// What the run came to, in one sentence.
pub fn fuzz_sentence(run: &FuzzRun) -> String {
    let exit = run.exit();
    let found = run.counterexamples.len() as u64;
    let end = format!("in {:.1} s (seed {}, exit code {})", run.took_seconds, run.seed, exit.code());
    let so_far = format!("{} in {}", counted(found, "counterexample"), counted(run.cases, "case"));
    let because = match run.bound {
        Some(Bound::Time) => ", then the time was over",
        Some(Bound::Bytes) => ", then no more bytes might be sent",
        Some(Bound::Counterexamples) => ", and that was enough",
        Some(Bound::Cases) | None => "",
    };
    match &run.ending {
        Ending::Interrupted => format!("INTERRUPTED: {so_far} so far, {end}"),
        Ending::OutOfReach { why } | Ending::CredentialRefused { why } | Ending::HarnessFailed { why } => {
            format!("LOST: {so_far}, then {}, {end}", one_line(why))
        }
        Ending::Completed => match exit {
            Exit::Well => format!("PASSED: {so_far}{because}, {end}"),
            Exit::NothingJudged => format!("NOTHING JUDGED: {so_far}{because}, {end}"),
            _ => format!("FAILED: {so_far}{because}, {end}"),
        },
    }
}

fn counted(count: u64, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

fn counted_times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
        _ => format!("{:.1} GiB", bytes as f64 / 1_073_741_824.0),
    }
}
