//! A search for the capacity on a terminal: the curve of load against latency, and what was found.

use super::{
    page::Page,
    style::{Style, Tone, tone_of_exit},
};
use crate::figures::micros;
use crate::text::one_line;
use uptake_outcome::load::{
    CapacityBound, CapacityRun, CapacityStep, LoadUnit, ServerOwner, StepKind, StepVerdict,
};
use uptake_outcome::text::duration;

/// The search for a terminal.
pub fn capacity_terminal(run: &CapacityRun, style: Style) -> String {
    let mut page = Page::new(style);
    let target = &run.target;
    let owner = match target.owner {
        ServerOwner::Own => " (uptake's own server, in this process)",
        ServerOwner::Named => "",
    };
    let (name, base_url) = (one_line(&target.name), one_line(&target.base_url));
    page.strong(Tone::Plain, &format!("Capacity of {name} at {base_url}{owner}"));
    page.broken(&format!(
        "condition: {}; uptake {}, seed {}",
        one_line(&run.condition),
        run.uptake,
        run.seed
    ));
    table(&mut page, run);
    if !run.warnings.is_empty() {
        page.section(Tone::Quiet, "Notes");
        for warning in &run.warnings {
            page.item(&one_line(warning));
        }
    }
    page.gap();
    if let CapacityBound::Generator { why } = &run.bound {
        page.broken(&format!("the load generator was the bottleneck: {}", one_line(why)));
    }
    if let Some(knee) = run.knee {
        let knee = run.unit.written(knee);
        page.broken(&format!("knee: the latency rises steeply from {knee} on"));
    }
    page.strong(tone_of_exit(run.exit()), &capacity_sentence(run));
    page.text()
}

/// What was found, and the exit code that follows from it.
pub fn capacity_sentence(run: &CapacityRun) -> String {
    let written = |load: f64| run.unit.written(load);
    let above = run.above.map(|load| format!(", at {} it failed", written(load))).unwrap_or_default();
    let what = match (&run.bound, run.capacity) {
        (CapacityBound::Target, Some(load)) => format!("CAPACITY: {}{above}", written(load)),
        (CapacityBound::Generator { .. }, Some(load)) => {
            format!("COULD NOT TEST: at least {}, which is what the load generator can offer", written(load))
        }
        (CapacityBound::Generator { .. }, None) => {
            "COULD NOT TEST: the load generator was the bottleneck under every load".to_owned()
        }
        (CapacityBound::Steps, Some(load)) => {
            format!("COULD NOT TEST: about {}, but the figures vary too much to confirm it", written(load))
        }
        (CapacityBound::Interrupted, Some(load)) => format!("INTERRUPTED: at least {}", written(load)),
        (CapacityBound::NotWritten { why }, capacity) => {
            let found = capacity.map(|load| format!("; at least {}", written(load))).unwrap_or_default();
            format!("REPORT NOT WRITTEN: {why}{found}")
        }
        (CapacityBound::Interrupted, None) => "INTERRUPTED: no load met the condition so far".to_owned(),
        _ if run.steps.iter().all(|step| step.uploads == 0) => {
            "NOTHING MEASURED: no upload was completed".to_owned()
        }
        _ => {
            let lowest = run.steps.iter().map(|step| step.load).fold(f64::INFINITY, f64::min);
            format!("FAILED: no load met the condition, not even {}", written(lowest))
        }
    };
    format!("{what}, in {} (exit code {})", duration(run.took_seconds), run.exit().code())
}

/// One row for each load, in ascending order; of a load that was measured twice, the later figures.
fn table(page: &mut Page, run: &CapacityRun) {
    let mut steps: Vec<&CapacityStep> = Vec::new();
    for step in &run.steps {
        steps.retain(|earlier| run.unit.written(earlier.load) != run.unit.written(step.load));
        steps.push(step);
    }
    if steps.is_empty() {
        return;
    }
    steps.sort_by(|a, b| a.load.total_cmp(&b.load));
    let heading =
        ["load", "reached", "uploads", "p50", "p99", "failed", "condition"].map(str::to_owned).to_vec();
    let rows = steps.into_iter().map(|step| row(run.unit, step));
    let records: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
    page.figures(&records);
}

fn row(unit: LoadUnit, step: &CapacityStep) -> Vec<String> {
    let reached = match unit {
        LoadUnit::Uploaders => LoadUnit::Uploads.written(step.reached),
        unit => unit.written(step.reached),
    };
    let verdict = match step.verdict {
        StepVerdict::Met => "met",
        StepVerdict::NotMet => "not met",
        StepVerdict::Unstable => "latency grows",
        StepVerdict::GeneratorLimit => "generator limit",
    };
    let held = if step.kind == StepKind::Hold { ", held" } else { "" };
    vec![
        unit.written(step.load),
        reached,
        step.uploads.to_string(),
        micros(step.upload_p50),
        micros(step.upload_p99),
        format!("{:.3} %", step.error_share * 100.0),
        format!("{verdict}{held}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::sample;

    #[test]
    fn a_capacity_that_was_found() {
        insta::assert_snapshot!(capacity_terminal(&sample::run(), Style::plain(80)));
    }

    #[test]
    fn the_sentence_names_what_bounds_the_capacity() {
        let sentence = |bound, capacity| {
            let run = CapacityRun { bound, capacity, ..sample::run() };
            capacity_sentence(&run)
        };
        let why = "no processor".to_owned();
        for (bound, capacity, beginning, code) in [
            (CapacityBound::Target, Some(84.1), "CAPACITY: 84.1/s, at 85.9/s it failed", 0),
            (CapacityBound::Generator { why: why.clone() }, Some(84.1), "COULD NOT TEST: at least 84.1/s", 3),
            (CapacityBound::Generator { why }, None, "COULD NOT TEST: the load generator was", 3),
            (CapacityBound::Steps, Some(84.1), "COULD NOT TEST: about 84.1/s", 3),
            (CapacityBound::Nothing, None, "FAILED: no load met the condition, not even 10.0/s", 1),
            (CapacityBound::Interrupted, None, "INTERRUPTED: no load met the condition so far", 130),
        ] {
            let text = sentence(bound, capacity);
            assert!(text.starts_with(beginning) && text.ends_with(&format!("(exit code {code})")), "{text}");
        }
    }
}
