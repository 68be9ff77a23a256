//! The page of a check: score by area, filters, and every rule with what was sent and what came back.

use askama::Template;

use super::exchange::took;
use super::page::{Chip, Fact, Note, Page, Part, Tile, distinct, fact, shown, tone_of_verdict};
use super::rules::RuleView;
use crate::facts::COLUMNS;
use crate::sentence;
use uptake_outcome::text::{bytes, count, duration};
use uptake_outcome::{FailOn, Level, RuleResult, Run, Verdict};

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    page: Page,
    tiles: Vec<Tile>,
    notes: Vec<Note>,
    columns: Vec<&'static str>,
    areas: Vec<AreaRow>,
    total: AreaRow,
    levels: Vec<String>,
    chips: Vec<Chip>,
    rules: Vec<RuleView>,
    slowest: Vec<(String, String, String)>,
    about: Vec<Fact>,
}

/// A row of the score.
#[derive(Debug)]
struct AreaRow {
    name: String,
    score: String,
    bar: Vec<Part>,
    cells: Vec<String>,
}

/// `run` as a page.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn check_html(run: &Run, fail_on: FailOn) -> String {
    let target = format!("{} at {}", run.target.name, run.target.address());
    let heading = format!("{} against {}", run.suite, run.target.name);
    let page = Page::new("uptake check", &heading, run.exit(fail_on), &sentence(run, fail_on));
    let columns: Vec<Verdict> = COLUMNS.into_iter().filter(|verdict| of(run, *verdict) > 0).collect();
    let all: Vec<&RuleResult> = run.rules.iter().collect();
    let areas = distinct(run.rules.iter().map(|rule| rule.area.as_str())).into_iter().map(|area| {
        let rules: Vec<&RuleResult> = run.rules.iter().filter(|rule| rule.area == area).collect();
        AreaRow::new(area, &rules, &columns)
    });
    let mut rules: Vec<&RuleResult> = run.rules.iter().collect();
    // What needs attention first; the order of the suite otherwise.
    rules.sort_by_key(|rule| std::cmp::Reverse(attention(rule.verdict)));
    let is_of_level = |level: &Level| run.rules.iter().any(|rule| rule.level == *level);
    let check = CheckPage {
        page: page.about(&target).made_by(&run.uptake, &run.started_at),
        tiles: tiles(run),
        notes: notes(run),
        areas: areas.collect(),
        total: AreaRow::new("all", &all, &columns),
        levels: [Level::Must, Level::Should, Level::May]
            .iter()
            .filter(|level| is_of_level(level))
            .map(Level::to_string)
            .collect(),
        chips: columns
            .iter()
            .map(|verdict| Chip {
                word: verdict.word(),
                tone: tone_of_verdict(*verdict),
                count: of(run, *verdict),
            })
            .collect(),
        columns: columns.iter().map(|verdict| verdict.word()).collect(),
        rules: rules.into_iter().map(|rule| RuleView::new(run, rule)).collect(),
        slowest: slowest(run),
        about: about(run),
    };
    check.render().expect("writing to a String cannot fail")
}

/// What a reader must act on comes first.
fn attention(verdict: Verdict) -> Verdict {
    if verdict > Verdict::Tolerated { verdict } else { Verdict::NotCovered }
}

fn of(run: &Run, verdict: Verdict) -> usize {
    run.rules.iter().filter(|rule| rule.verdict == verdict).count()
}

impl AreaRow {
    fn new(name: &str, rules: &[&RuleResult], columns: &[Verdict]) -> Self {
        let of = |verdict: Verdict| rules.iter().filter(|rule| rule.verdict == verdict).count();
        let judged = rules.iter().filter(|rule| rule.verdict.is_judged()).count();
        let kept = of(Verdict::Passed) + of(Verdict::Tolerated);
        let share = (kept * 100).checked_div(judged);
        let score = share.map_or_else(|| "-".to_owned(), |share| format!("{share} %"));
        let bar = columns.iter().map(|verdict| Part { tone: tone_of_verdict(*verdict), count: of(*verdict) });
        let cell = |verdict: &Verdict| match of(*verdict) {
            0 => String::new(),
            number => number.to_string(),
        };
        Self {
            name: shown(name),
            score,
            bar: bar.filter(|part| part.count > 0).collect(),
            cells: columns.iter().map(cell).collect(),
        }
    }
}

fn tiles(run: &Run) -> Vec<Tile> {
    let summary = &run.summary;
    let mut tiles = vec![
        Tile::new("Rules tested", summary.judged).unit(format!("of {}", summary.rules)),
        Tile::new("Passed", summary.passed).toned("good", summary.passed > 0),
        Tile::new("Failed", summary.failed).toned("bad", summary.failed > 0),
    ];
    for (label, number) in [
        ("Tolerated", summary.tolerated),
        ("Waived", summary.waived),
        ("Blocked", summary.blocked),
        ("Inconclusive", summary.inconclusive),
    ] {
        if number > 0 {
            tiles.push(Tile::new(label, number).toned("doubt", true));
        }
    }
    tiles.push(Tile::new("Scenarios", summary.scenarios));
    tiles.push(Tile::new("Requests", summary.requests).unit(format!("{} sent", bytes(summary.bytes_sent))));
    tiles.push(Tile::new("Duration", duration(run.took_seconds)));
    tiles
}

fn notes(run: &Run) -> Vec<Note> {
    let leftovers = run.leftovers.iter();
    let leftovers =
        leftovers.map(|leftover| format!("{}: {} ({})", leftover.scenario, leftover.what, leftover.why));
    let retries = run.retries.iter();
    let retries = retries.map(|retry| format!("{}: {} ({})", retry.scenario, retry.request, retry.fault));
    let suspended = run.suspended.iter();
    let suspended =
        suspended.map(|waits| format!("{}: \"{}\", from {}", waits.scenario, waits.step, waits.from));
    let changes = run.baseline.iter().flat_map(|baseline| {
        let worse = baseline.worse.iter().map(|change| format!("worse: {}", change.words()));
        worse.chain(baseline.better.iter().map(|change| format!("better: {}", change.words())))
    });
    [
        Note::some("doubt", "Warnings", &run.warnings),
        Note::some("quiet", "Compared with the baseline", &changes.collect::<Vec<_>>()),
        Note::some("doubt", "Not removed from the target", &leftovers.collect::<Vec<_>>()),
        Note::some("quiet", "Retried after a lost connection", &retries.collect::<Vec<_>>()),
        Note::some("quiet", "Suspended scenarios", &suspended.collect::<Vec<_>>()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn about(run: &Run) -> Vec<Fact> {
    let detected = |able: bool| {
        let names = run.capabilities.iter().filter(|finding| finding.detected == Some(able));
        names.map(|finding| finding.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let answers: Vec<String> =
        run.answers.iter().map(|(status, times)| format!("{status}: {times}")).collect();
    let waited = run.pacing.waited_seconds;
    [
        fact("Target", &format!("{} at {}", run.target.name, run.target.address())),
        fact("Capabilities declared", &run.target.capabilities.join(", ")),
        fact("Capabilities detected", &detected(true)),
        fact("Capabilities missing", &detected(false)),
        fact("Responses by status", &answers.join(", ")),
        fact("Waited for rate limits", &if waited < 0.1 { String::new() } else { duration(waited) }),
        fact(
            "Responses with 429",
            &if run.pacing.answered_429 == 0 {
                String::new()
            } else {
                count(run.pacing.answered_429, "response")
            },
        ),
        fact("Seed", &run.seed.to_string()),
        fact("Started", &run.started_at),
        fact("Command", run.rerun.as_deref().unwrap_or_default()),
        fact("uptake", &run.uptake),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The ten scenarios that took longest.
fn slowest(run: &Run) -> Vec<(String, String, String)> {
    let mut records: Vec<_> = run.scenarios.iter().collect();
    records.sort_by(|a, b| b.took_seconds.total_cmp(&a.took_seconds));
    let row = |record: &uptake_outcome::ScenarioRecord| {
        (shown(&record.scenario), shown(&record.file), took(record.took_seconds))
    };
    records.into_iter().take(10).map(row).collect()
}
