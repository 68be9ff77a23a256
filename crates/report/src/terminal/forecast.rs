//! What a run would do, for a terminal.
//!
//! ```text
//! plan: api-video against staging at https://staging.example.test (nothing was sent)
//!
//!  area    scenarios   uploads   writes   reads       bytes
//! ───────────────────────────────────────────────────────────
//!  auth           16         0       34      12      1.2 KiB
//!  …
//!
//! 141 rules in 104 scenarios: about 1204 requests, 96.0 MiB
//! takes at least 12 min at 40 uploads, 40 writes and 100 reads per minute
//! ```

use super::page::Page;
use super::style::{Style, Tone};
use crate::text::one_line;
use uptake_outcome::text::{bytes, count, duration, whole_duration};
use uptake_outcome::{Forecast, ForecastFate, ForecastLoad, ForecastScenario};

/// `forecast` for a terminal.
pub fn forecast_terminal(forecast: &Forecast, style: Style) -> String {
    let mut page = Page::new(style);
    page.strong(
        Tone::Plain,
        &format!(
            "plan: {} against {} at {} (nothing was sent)",
            one_line(&forecast.suite),
            one_line(&forecast.target),
            one_line(&forecast.base_url)
        ),
    );
    page.gap();
    table(forecast).lines().for_each(|line| page.raw(line));
    let not_applicable: Vec<_> = reasons(forecast);
    if !not_applicable.is_empty() {
        page.section(Tone::Plain, "Not applicable");
        for (why, scenarios) in not_applicable {
            page.item(&format!("{}: {why}", count(scenarios, "scenario")));
        }
    }
    let suspended: Vec<_> = with_fate(forecast, &ForecastFate::Suspended).collect();
    if !suspended.is_empty() {
        page.section(Tone::Plain, "Suspended (continue with `uptake resume`)");
        for scenario in suspended {
            page.item(&format!("after {}: {}", whole_duration(scenario.waits_seconds), scenario.name));
        }
    }
    page.gap();
    let run = forecast.scenarios.iter().filter(|scenario| runs(scenario)).count();
    page.broken(&format!(
        "{} in {}: about {}, {}",
        count(forecast.rules, "rule"),
        count(run, "scenario"),
        count(forecast.total.requests(), "request"),
        bytes(forecast.total.bytes)
    ));
    page.strong(Tone::Plain, &time(forecast));
    page.text()
}

fn time(forecast: &Forecast) -> String {
    let mut parts = Vec::new();
    if let Some(budget) = forecast.budgets {
        let per = if (budget.per_seconds - 60.0).abs() < f64::EPSILON {
            "per minute".to_owned()
        } else {
            format!("per {}", duration(budget.per_seconds))
        };
        parts.push(format!(
            "takes at least {} at {}, {} and {} {per}",
            duration(forecast.pacing_seconds),
            count(budget.uploads, "upload"),
            count(budget.writes, "write"),
            count(budget.reads, "read")
        ));
    } else {
        parts.push("the profile declares no rate limits".to_owned());
    }
    if forecast.waiting_seconds > 0.0 {
        parts.push(format!("the longest wait is {}", duration(forecast.waiting_seconds)));
    }
    parts.join("; ")
}

fn runs(scenario: &ForecastScenario) -> bool {
    !matches!(scenario.fate, ForecastFate::NotApplicable { .. })
}

fn with_fate<'f>(
    forecast: &'f Forecast,
    fate: &'f ForecastFate,
) -> impl Iterator<Item = &'f ForecastScenario> {
    forecast.scenarios.iter().filter(move |scenario| scenario.fate == *fate)
}

fn reasons(forecast: &Forecast) -> Vec<(&str, usize)> {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for scenario in &forecast.scenarios {
        let ForecastFate::NotApplicable { why } = &scenario.fate else { continue };
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, scenarios)) => *scenarios += 1,
            None => reasons.push((why, 1)),
        }
    }
    reasons
}

fn table(forecast: &Forecast) -> String {
    let mut areas: Vec<(&str, usize, ForecastLoad)> = Vec::new();
    for scenario in forecast.scenarios.iter().filter(|scenario| runs(scenario)) {
        match areas.iter_mut().find(|(area, ..)| *area == scenario.area) {
            Some((_, scenarios, load)) => {
                *scenarios += 1;
                *load = load.and(scenario.load);
            }
            None => areas.push((&scenario.area, 1, scenario.load)),
        }
    }
    let scenarios = areas.iter().map(|(_, scenarios, _)| scenarios).sum();
    areas.push(("all", scenarios, forecast.total));
    let heading = ["area", "scenarios", "uploads", "writes", "reads", "bytes"].map(str::to_owned);
    let rows = areas.into_iter().map(|(area, scenarios, load)| {
        [
            one_line(area),
            scenarios.to_string(),
            load.uploads.to_string(),
            load.writes.to_string(),
            load.reads.to_string(),
            bytes(load.bytes),
        ]
    });
    drawn(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
}

/// Rows below a heading, and the last of them below a line of its own; numbers stand to the right.
fn drawn(rows: &[[String; 6]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = format!("{}\n", "─".repeat(widths.iter().map(|width| width + 3).sum()));
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        if at == 1 || (at > 1 && at + 1 == rows.len()) {
            text.push_str(&line);
        }
        let cells: Vec<_> = row
            .iter()
            .zip(widths)
            .enumerate()
            .map(
                |(column, (cell, width))| {
                    if column == 0 { format!(" {cell:<width$}") } else { format!("  {cell:>width$}") }
                },
            )
            .collect();
        text.push_str(&cells.join(" "));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use uptake_outcome::Budget;

    #[test]
    fn a_plan_tells_what_is_sent_how_much_and_how_long() {
        let scenario = |area: &str, uploads, fate| ForecastScenario {
            name: format!("Something of {area}"),
            file: format!("scenarios/api-video/{area}/one.yaml"),
            area: area.to_owned(),
            load: ForecastLoad { uploads, writes: 2, reads: 1, bytes: uploads << 20 },
            waits_seconds: 86_462,
            fate,
        };
        let lacking = "the target does not declare the capability `status`".to_owned();
        let forecast = Forecast {
            suite: "api-video".to_owned(),
            target: "staging".to_owned(),
            base_url: "https://staging.example.test".to_owned(),
            budgets: Some(Budget { uploads: 40, writes: 40, reads: 100, per_seconds: 60.0 }),
            rules: 12,
            scenarios: vec![
                scenario("upload", 90, ForecastFate::Runs),
                scenario("grace", 2, ForecastFate::Suspended),
                scenario("part", 2, ForecastFate::NotApplicable { why: lacking }),
            ],
            total: ForecastLoad { uploads: 92, writes: 4, reads: 2, bytes: 92 << 20 },
            pacing_seconds: 120.0,
            waiting_seconds: 62.0,
        };
        insta::assert_snapshot!(forecast_terminal(&forecast, Style::plain(100)));
    }
}
