//! The scenarios that took the longest, where a reader can gain something by knowing them.

use super::{page::Page, style::Tone};
use crate::text::one_line;
use uptake_outcome::text::duration;
use uptake_outcome::{Run, ScenarioRecord};

/// How many are shown.
const SHOWN: usize = 10;
/// A scenario that is faster than this, in seconds, is not worth a line.
const SLOW: f64 = 1.0;

/// The slowest scenarios of a run that has more of them than are shown.
pub(super) fn scenarios(page: &mut Page, run: &Run) {
    let mut slow: Vec<&ScenarioRecord> =
        run.scenarios.iter().filter(|one| one.took_seconds >= SLOW).collect();
    if slow.is_empty() || run.scenarios.len() <= SHOWN {
        return;
    }
    slow.sort_by(|one, other| other.took_seconds.total_cmp(&one.took_seconds));
    page.section(Tone::Plain, "Slowest scenarios");
    for record in slow.into_iter().take(SHOWN) {
        page.item(&format!(
            "{}: {} ({})",
            duration(record.took_seconds),
            one_line(&record.scenario),
            one_line(&record.file)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::scenarios;
    use crate::sample;
    use crate::terminal::{Style, page::Page};
    use uptake_outcome::{Run, ScenarioRecord};

    fn shown(seconds: impl IntoIterator<Item = f64>) -> String {
        let record = |took_seconds| ScenarioRecord {
            scenario: format!("takes {took_seconds}"),
            file: "a.yaml".to_owned(),
            took_seconds,
            exchanges: Vec::new(),
            script: None,
        };
        let run = Run { scenarios: seconds.into_iter().map(record).collect(), ..sample::green() };
        let mut page = Page::new(Style::plain(100));
        scenarios(&mut page, &run);
        page.text()
    }

    #[test]
    fn the_ten_slowest_are_shown_with_the_slowest_first() {
        let text = shown((1..=12).map(f64::from));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 11, "{text}");
        assert_eq!(lines[1], "  12.0 s: takes 12 (a.yaml)");
        assert_eq!(lines[10], "  3.0 s: takes 3 (a.yaml)");
    }

    #[test]
    fn a_small_run_and_fast_scenarios_are_not_mentioned() {
        assert_eq!(shown([5.0; 10]), "");
        assert_eq!(shown([0.9; 30]), "");
        assert_eq!(shown([0.9; 30].into_iter().chain([2.0])).lines().count(), 2);
    }
}
