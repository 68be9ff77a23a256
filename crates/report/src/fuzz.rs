//! A fuzz run for a terminal, and as JSON.
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
//!     rerun    uptake check --tiny reports/fuzz-bytes-11-1-17.yaml
//!
//! FAILED: 1 counterexample in 500 cases, in 3.2 s (seed 1, exit code 1)
//! ```

use std::fmt::Write as _;

use super::stored::{pretty, read, schema_of};
use super::text::{one_line, visible};
use uptake_outcome::text::{bytes, count, duration};
use uptake_outcome::{Bound, Counterexample, Ending, Exit, FUZZ_FORMAT, FuzzRun, Stability};

/// The run as JSON, indented, with a line end.
pub fn fuzz_json(run: &FuzzRun) -> String {
    pretty(run)
}

/// The JSON Schema that every rendered run satisfies.
pub fn fuzz_schema() -> String {
    schema_of::<FuzzRun>()
}

/// The run for people. `rerun` is the command that the path of a scenario is appended to.
pub fn fuzz_terminal(run: &FuzzRun, rerun: &str) -> String {
    let mut text = format!("{} at {}\n", one_line(&run.target.name), one_line(&run.target.address()));
    let _ = writeln!(
        text,
        "{}, {}, {} sent, uptake {}, seed {}\n",
        count(run.cases, "case"),
        count(run.requests, "request"),
        bytes(run.bytes_sent),
        run.uptake,
        run.seed
    );
    let name = run.properties.iter().map(|property| property.name.len()).max().unwrap_or(0);
    for property in run.properties.iter().filter(|property| property.cases > 0) {
        let found = match property.counterexamples {
            0 => String::new(),
            found => format!("  {found} found"),
        };
        let _ = writeln!(text, "  {:<name$}  {:>6}  {}{found}", property.name, property.cases, property.text);
    }
    if !run.counterexamples.is_empty() {
        text.push_str("\nCounterexamples\n");
    }
    for counterexample in &run.counterexamples {
        one(&mut text, counterexample, rerun);
    }
    if run.unsaid > 0 {
        let why = run.unsaid_because.as_deref().map_or_else(|| "unknown".into(), one_line);
        let _ =
            writeln!(text, "\n{} without a result; reason for the last: {why}", count(run.unsaid, "case"));
    }
    let _ = writeln!(text, "\n{}", fuzz_sentence(run));
    text
}

fn one(text: &mut String, counterexample: &Counterexample, rerun: &str) {
    let Counterexample { property, rule, case, seen, expected, got, .. } = counterexample;
    let _ = writeln!(text, "  {rule} ({property}, case {case}, {})", seen_times(*seen));
    let _ = writeln!(text, "    expected {}", one_line(expected));
    let _ = writeln!(text, "    got      {}\n", one_line(got));
    for line in visible(&counterexample.picture).lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
    match counterexample.stability {
        Stability::Stable => {}
        Stability::Unstable => {
            text.push_str("\n    UNSTABLE: it did not fail again. Requests and responses of each attempt:\n");
            for (at, transcript) in counterexample.transcripts.iter().enumerate() {
                for (line, said) in transcript.iter().enumerate() {
                    let number = if line == 0 { format!("{}.", at + 1) } else { String::new() };
                    let _ = writeln!(text, "    {number:>3} {said}");
                }
            }
        }
        Stability::NotRepeated => {
            text.push_str(
                "\n    The run ended before this case could be tried again, so it is not minimal.\n",
            );
        }
    }
    if let Some(scenario) = &counterexample.scenario {
        let _ = writeln!(text, "\n    rerun    {rerun} {scenario}");
    }
    text.push('\n');
}

/// What the run came to, in one sentence.
pub fn fuzz_sentence(run: &FuzzRun) -> String {
    let exit = run.exit();
    let found = run.counterexamples.len() as u64;
    let end = format!("in {} (seed {}, exit code {})", duration(run.took_seconds), run.seed, exit.code());
    let so_far = format!("{} in {}", count(found, "counterexample"), count(run.cases, "case"));
    let because = match run.bound {
        Some(Bound::Time) => " (stopped by --time)",
        Some(Bound::Bytes) => " (stopped by --max-bytes)",
        Some(Bound::Counterexamples) => " (stopped by --enough)",
        Some(Bound::Cases) | None => "",
    };
    match &run.ending {
        Ending::Interrupted => format!("INTERRUPTED: {so_far} so far, {end}"),
        Ending::OutOfReach { .. }
        | Ending::CredentialRefused { .. }
        | Ending::HarnessFailed { .. }
        | Ending::NotWritten { .. } => {
            let why = one_line(&run.ending.trouble().unwrap_or_default());
            format!("COULD NOT TEST: {why}; {so_far}, {end}")
        }
        Ending::Completed | Ending::FirstFailure => match exit {
            Exit::Success => format!("PASSED: {so_far}{because}, {end}"),
            Exit::NothingTested => format!("NOTHING TESTED: {so_far}{because}, {end}"),
            _ => format!("FAILED: {so_far}{because}, {end}"),
        },
    }
}

fn seen_times(count: u64) -> String {
    if count == 1 { "seen once".to_owned() } else { format!("seen {count} times") }
}

/// Reads what [`fuzz_json`] wrote; what is wrong with it is told in words.
pub fn read_fuzz(text: &str) -> Result<FuzzRun, String> {
    read(text, "fuzz", (|run: &FuzzRun| run.format, FUZZ_FORMAT))
}
