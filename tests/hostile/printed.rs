//! What a run may print: nothing that a terminal, a CI system or a browser would obey.

use super::runs::Run;

/// What is wrong with what a run printed and wrote.
pub(crate) fn faults(run: &Run) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, bytes) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        faults.extend(plain(name, bytes));
        let text = String::from_utf8_lossy(bytes);
        if text.lines().any(|line| line.trim_start().starts_with("::"))
            || text.contains("##[")
            || text.contains("##vso[")
        {
            faults.push(format!("a workflow command on {name}"));
        }
        if text.contains("panicked at") {
            faults.push(format!("a panic on {name}"));
        }
    }
    for (name, bytes) in &run.reports {
        // A JSON report is data: what its reader shows is up to that. Of its bytes JSON itself forbids the worst.
        if name != "report.json" {
            faults.extend(plain(name, bytes));
        }
        let text = String::from_utf8_lossy(bytes);
        match name.as_str() {
            "report.json" if serde_json::from_str::<serde_json::Value>(&text).is_err() => {
                faults.push("the JSON report is not JSON".to_owned());
            }
            "report.junit" if roxmltree::Document::parse(&text).is_err() => {
                faults.push("the JUnit report is not XML".to_owned());
            }
            "report.markdown" if has_live_markup(&text) => {
                faults.push("live markup in the Markdown report".to_owned());
            }
            _ => {}
        }
    }
    faults
}

/// Text without control characters, and without those that turn the direction of text.
fn plain(name: &str, bytes: &[u8]) -> Option<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Some(format!("{name} is not UTF-8")) };
    let is_bad = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().find(is_bad).map(|bad| format!("{} on {name}", bad.escape_unicode()))
}

/// Elements outside of code. Within code (four spaces, or a fence that what it holds cannot end) nothing is live.
fn has_live_markup(text: &str) -> bool {
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if ticks.len() >= open.len() && line.trim_end() == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                let outside: String = line.split('`').step_by(2).collect();
                if ["<script", "<img", "](javascript:"].iter().any(|markup| outside.contains(markup)) {
                    return true;
                }
            }
        }
    }
    false
}
