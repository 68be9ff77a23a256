//! The page of a load run: figures, thresholds, charts, phases and errors.

use askama::Template;

use super::chart::Chart;
use super::load_charts::charts;
use super::page::{Fact, Note, Page, Tile, fact, shown, spelt, time};
use crate::figures::{MIN_BEYOND, percentiles, rate, threshold_text};
use crate::terminal::load_sentence;
use uptake_outcome::load::{LoadRun, Offered, Phase, PhaseResult, ServerOwner};
use uptake_outcome::text::{bytes, count, duration};

#[derive(Template)]
#[template(path = "load.html")]
struct LoadPage {
    page: Page,
    tiles: Vec<Tile>,
    notes: Vec<Note>,
    thresholds: Vec<Threshold>,
    charts: Vec<Chart>,
    phases: Vec<Row>,
    min_beyond: u64,
    is_marked: bool,
    errors: Vec<ErrorRow>,
    about: Vec<Fact>,
}

#[derive(Debug)]
struct Threshold {
    tone: &'static str,
    word: &'static str,
    text: String,
}

/// A phase and its percentiles.
#[derive(Debug)]
struct Row {
    name: &'static str,
    cells: Vec<String>,
}

#[derive(Debug)]
struct ErrorRow {
    count: u64,
    what: String,
    text: String,
}

/// `run` as a page.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn load_html(run: &LoadRun) -> String {
    let heading = format!("{} against {}", run.name, run.target.name);
    let owner = match run.target.owner {
        ServerOwner::Own => " (uptake's own server, in the same process)",
        ServerOwner::Named => "",
    };
    let page = Page::new("uptake load", &heading, run.exit(), &load_sentence(run))
        .about(&format!("{} at {}{owner}", run.target.name, run.target.address()))
        .made_by(&run.uptake, &run.started_at);
    let saturated = "The load generator was the bottleneck, so the figures do not describe the target";
    let load = LoadPage {
        page,
        tiles: tiles(run),
        notes: [Note::some("doubt", saturated, &run.saturation), Note::some("quiet", "Notes", &run.warnings)]
            .into_iter()
            .flatten()
            .collect(),
        thresholds: thresholds(run),
        charts: charts(run),
        phases: run.phases.iter().map(|(phase, result)| row(*phase, result)).collect(),
        min_beyond: MIN_BEYOND,
        is_marked: run
            .phases
            .values()
            .any(|result| percentiles(result).iter().any(|(_, supported)| !supported)),
        errors: errors(run),
        about: about(run),
    };
    load.render().expect("writing to a String cannot fail")
}

fn tiles(run: &LoadRun) -> Vec<Tile> {
    let summary = &run.summary;
    let mut tiles = vec![
        Tile::new("Uploads completed", summary.uploads).unit(format!("{:.1}/s", summary.uploads_per_second)),
        Tile::new("Goodput", rate(summary.goodput_bytes_per_second)),
        Tile::new("Failed", summary.errors)
            .unit(format!("{:.2} %", summary.error_share * 100.0))
            .toned("bad", summary.errors > 0),
    ];
    if let Some(upload) = run.phases.get(&Phase::Upload) {
        tiles.push(Tile::new("Response time p50", time(upload.p50)));
        tiles.push(Tile::new("p99", time(upload.p99)));
        tiles.push(Tile::new("Maximum", time(upload.max)));
    }
    if summary.not_started > 0 {
        tiles.push(Tile::new("Due but never started", summary.not_started).toned("doubt", true));
    }
    tiles.push(Tile::new("Duration", duration(run.took_seconds)));
    tiles
}

fn thresholds(run: &LoadRun) -> Vec<Threshold> {
    let threshold = |threshold| {
        let text = shown(&spelt(&threshold_text(threshold)));
        if threshold.broken {
            Threshold { tone: "bad", word: "failed", text }
        } else {
            Threshold { tone: "good", word: "ok", text }
        }
    };
    run.thresholds.iter().map(threshold).collect()
}

fn row(phase: Phase, result: &PhaseResult) -> Row {
    let mut cells = vec![result.count.to_string()];
    cells.extend(percentiles(result).map(|(value, is_supported)| {
        let mark = if is_supported { "" } else { " *" };
        format!("{}{mark}", time(value))
    }));
    cells.push(time(result.max));
    Row { name: phase.word(), cells }
}

fn errors(run: &LoadRun) -> Vec<ErrorRow> {
    let row = |error: &uptake_outcome::load::ErrorCount| {
        let status = error.status.map(|status| format!(" {status}")).unwrap_or_default();
        let what = shown(&format!("{}, {}{status}", error.step, error.class));
        ErrorRow { count: error.count, what, text: shown(&error.text) }
    };
    run.errors.iter().map(row).collect()
}

fn about(run: &LoadRun) -> Vec<Fact> {
    let model = match &run.offered {
        Offered::Open { rate, arrivals, max_in_flight, arrivals_due } => format!(
            "open: {rate}, {arrivals} arrivals, at most {max_in_flight} at once; {} due",
            count(*arrivals_due, "upload")
        ),
        Offered::Closed { uploaders, think } => {
            format!("closed: {}, think time {think}", count(*uploaders, "uploader"))
        }
    };
    let plan: Vec<String> = run.plan.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let (summary, generator) = (&run.summary, &run.generator);
    [
        fact("Model", &model),
        fact("Plan", &plan.join(", ")),
        fact(
            "Sent",
            &format!(
                "{} in {}; {} on the wire",
                bytes(summary.bytes_sent),
                count(summary.requests, "request"),
                bytes(summary.bytes_on_wire)
            ),
        ),
        fact(
            "Connections",
            &format!("{}, at most {} at once", summary.connections, summary.connections_peak),
        ),
        fact(
            "Generator",
            &format!(
                "{}, busiest at {:.0} % of a processor, {} of memory",
                count(generator.threads, "thread"),
                generator.cpu_busiest * 100.0,
                bytes(generator.resident_bytes)
            ),
        ),
        fact("Seed", &run.seed.to_string()),
        fact("Started", &run.started_at),
        fact("uptake", &run.uptake),
    ]
    .into_iter()
    .flatten()
    .collect()
}
