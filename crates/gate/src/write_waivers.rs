//! Starts a waiver file from the failures of a run, for a person to go on with.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::Date;

use uptake_outcome::{Run, Verdict, Waiver, WaiverState};

/// How long a waiver holds that nobody has given a day of its own: long enough to plan a repair, too short to be forgotten.
const DAYS: i64 = 30;

/// A waiver file that excuses what failed in `run`; waivers that excused something in it are kept as they were.
pub fn waivers_text(run: &Run) -> String {
    let today = run.started_at.get(..10).unwrap_or_default();
    let mut text = format!(
        "# Failures of the suite {} against {} on {today}, excused by name.\n\
         # Say in each `reason` why it may fail. `until` is the last day on which it may; `issue` may link the repair.\n",
        one_line(&run.suite),
        one_line(&run.target.name),
    );
    let mut any = false;
    for rule in &run.rules {
        let kept = run.waiver_of(&rule.id).filter(|result| result.state == WaiverState::Excuses);
        match (kept, rule.verdict) {
            (Some(result), _) => push(&mut text, &result.waiver),
            (None, Verdict::Failed) => {
                let seen = rule.deciding().next();
                let seen = seen.map_or_else(
                    || "it failed".to_owned(),
                    |finding| format!("expected {}, got {}", finding.expected, finding.observed),
                );
                let waiver = Waiver {
                    rule: rule.id.clone(),
                    reason: format!("not explained yet; {today}: {}", one_line(&seen)),
                    until: last_day(today),
                    issue: None,
                    place: uptake_outcome::Place { file: String::new(), line: 0, column: 0 },
                };
                let _ = writeln!(text, "\n# {}", one_line(&rule.text));
                push_entry(&mut text, &waiver);
            }
            (None, _) => continue,
        }
        any = true;
    }
    if !any {
        text.push_str("[]\n");
    }
    text
}

fn push(text: &mut String, waiver: &Waiver) {
    text.push('\n');
    push_entry(text, waiver);
}

/// A text between JSON's quotes is YAML, whatever stands in it.
fn push_entry(text: &mut String, waiver: &Waiver) {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    // A String takes everything.
    let _ = writeln!(text, "- rule: {}\n  reason: {}", waiver.rule, quoted(&waiver.reason));
    let _ = writeln!(text, "  until: {}", waiver.until);
    if let Some(issue) = &waiver.issue {
        let _ = writeln!(text, "  issue: {}", quoted(issue));
    }
}

fn last_day(today: &str) -> String {
    let date = today.parse::<Date>().and_then(|date| date.checked_add(DAYS.days()));
    date.map_or_else(|_| today.to_owned(), |date| date.to_string())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
