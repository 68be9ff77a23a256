//! The page of a search for the capacity: the curve of load against latency, and every step.

use askama::Template;

use super::chart::{Axis, Chart, FULL, Line, Lines};
use super::load_charts::{log_range, time_mark};
use super::page::{Fact, Note, Page, Tile, fact, shown, time};
use crate::terminal::capacity_sentence;
use uptake_outcome::load::{CapacityBound, CapacityRun, CapacityStep, LoadUnit, StepKind, StepVerdict};
use uptake_outcome::text::duration;

#[derive(Template)]
#[template(path = "capacity.html")]
struct CapacityPage {
    page: Page,
    tiles: Vec<Tile>,
    notes: Vec<Note>,
    charts: Vec<Chart>,
    steps: Vec<Row>,
    about: Vec<Fact>,
}

#[derive(Debug)]
struct Row {
    kind: &'static str,
    load: String,
    cells: Vec<String>,
    tone: &'static str,
    verdict: &'static str,
}

/// The search as a page.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn capacity_html(run: &CapacityRun) -> String {
    let heading = format!("Capacity of {}", run.target.name);
    let page = Page::new("uptake load", &heading, run.exit(), &capacity_sentence(run))
        .about(&format!("{} at {}", run.target.name, run.target.base_url))
        .made_by(&run.uptake, &run.started_at);
    let why: Vec<String> = match &run.bound {
        CapacityBound::Generator { why } => vec![why.clone()],
        _ => Vec::new(),
    };
    let notes = [
        Note::some("doubt", "The load generator was the bottleneck", &why),
        Note::some("quiet", "Notes", &run.warnings),
    ];
    let plan: Vec<String> = run.plan.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let page = CapacityPage {
        page,
        tiles: tiles(run),
        notes: notes.into_iter().flatten().collect(),
        charts: curve(run).into_iter().collect(),
        steps: run.steps.iter().map(|step| row(run.unit, step)).collect(),
        about: [
            fact("Condition", &run.condition),
            fact("Plan", &plan.join(", ")),
            fact("Seed", &run.seed.to_string()),
            fact("Started", &run.started_at),
            fact("uptake", &run.uptake),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    page.render().expect("writing to a String cannot fail")
}

fn tiles(run: &CapacityRun) -> Vec<Tile> {
    let tile = |label, load: Option<f64>| load.map(|load| Tile::new(label, run.unit.written(load)));
    let tiles = [tile("Capacity", run.capacity), tile("Failed at", run.above), tile("Knee", run.knee)];
    tiles.into_iter().flatten().chain([Tile::new("Duration", duration(run.took_seconds))]).collect()
}

fn row(unit: LoadUnit, step: &CapacityStep) -> Row {
    let (tone, verdict) = match step.verdict {
        StepVerdict::Met => ("good", "met"),
        StepVerdict::NotMet => ("bad", "not met"),
        StepVerdict::Unstable => ("bad", "latency grows"),
        StepVerdict::GeneratorLimit => ("doubt", "generator limit"),
    };
    let kind = match step.kind {
        StepKind::Ramp => "ramp",
        StepKind::Bisect => "bisect",
        StepKind::Hold => "hold",
    };
    let reached = match unit {
        LoadUnit::Uploaders => LoadUnit::Uploads.written(step.reached),
        unit => unit.written(step.reached),
    };
    let cells = vec![
        duration(step.seconds),
        step.uploads.to_string(),
        reached,
        time(step.upload_p50),
        time(step.upload_p99),
        shown(&step.values.join(", ")),
    ];
    Row { kind, load: unit.written(step.load), cells, tone, verdict }
}

/// Load against latency.
fn curve(run: &CapacityRun) -> Option<Chart> {
    let line = |name: &str, colour, pick: fn(&CapacityStep) -> u64| {
        let mut points: Vec<(f64, f64)> = run
            .steps
            .iter()
            .filter(|step| step.uploads > 0)
            .map(|step| (step.load, pick(step).max(1)))
            .map(|(load, micros)| (load, logarithm(micros)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Line { name: name.to_owned(), colour, points }
    };
    let series = vec![line("p50", 1, |step| step.upload_p50), line("p99", 3, |step| step.upload_p99)];
    let range = log_range(series.iter().flat_map(|line| &line.points).map(|point| point.1))?;
    let most = run.steps.iter().map(|step| step.load).fold(0.0, f64::max);
    let unit = run.unit;
    Some(Chart::lines(&Lines {
        title: "Load and response time",
        text: "Percentiles of the response time at each load (logarithmic).".to_owned(),
        series,
        x: Axis { range: 0.0..most * 1.02, mark: Box::new(move |load| unit.written(load)), marks: 8 },
        y: Axis { range, mark: Box::new(time_mark), marks: 6 },
        size: FULL,
    }))
}

#[expect(clippy::cast_precision_loss, reason = "a chart shows three digits")]
fn logarithm(micros: u64) -> f64 {
    (micros as f64).log10()
}

#[cfg(test)]
mod tests {
    use super::capacity_html;
    use crate::capacity::sample;

    #[test]
    fn the_page_shows_the_capacity_the_curve_and_every_step() {
        let page = capacity_html(&sample::run());
        for part in ["84.1/s", "Load and response time", "generator limit", "latency grows", "<svg"] {
            let is_expected = part != "generator limit";
            assert_eq!(page.contains(part), is_expected, "{part}");
        }
        assert_eq!(page.matches("<tr>").count(), 1 + sample::run().steps.len());
    }
}
