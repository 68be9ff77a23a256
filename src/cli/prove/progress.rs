//! How `uptake prove` shows progress: a bar on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output;
use uptake_outcome::text::count;
use uptake_outcome::{DefectResult, Fate};
use uptake_prove::Event;

/// Shows events on stderr.
pub(super) struct Progress(Shown);

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines,
}

impl Progress {
    /// A bar on a terminal, lines elsewhere.
    pub(super) fn new() -> Self {
        Self::of("testing the reference server without defects", "{bar:30} {pos}/{len} defects  {wide_msg}")
    }

    /// The same for mutations.
    pub(super) fn of_mutations() -> Self {
        Self::of("testing the server without mutations", "{bar:30} {pos}/{len} scenarios  {wide_msg}")
    }

    fn of(begins: &'static str, template: &str) -> Self {
        if !io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
            output::say(begins);
            return Self(Shown::Lines);
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(begins);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(Shown::Bar(bar))
    }

    /// Nothing at all.
    pub(super) fn silent() -> Self {
        Self(Shown::Nothing)
    }

    /// Shows an event.
    pub(super) fn show(&self, event: Event<'_>) {
        match (&self.0, event) {
            (Shown::Nothing, _) | (Shown::Lines, Event::ScenarioMutated) => {}
            (Shown::Bar(bar), Event::Mutating { scenarios }) => {
                bar.set_length(scenarios as u64);
                bar.set_message("changing responses, one at a time");
            }
            (Shown::Bar(bar), Event::ScenarioMutated) => bar.inc(1),
            (Shown::Lines, Event::Mutating { scenarios }) => {
                output::say(&format!(
                    "the suite passes; changing the responses of {}, one at a time",
                    count(scenarios, "scenario")
                ));
            }
            (Shown::Bar(bar), Event::Clean { defects, .. }) => bar.set_length(defects as u64),
            (Shown::Lines, Event::Clean { defects, .. }) => {
                output::say(&format!(
                    "the suite passes; planting {}, one at a time",
                    count(defects, "defect")
                ));
            }
            (Shown::Bar(bar), Event::Ended(defect)) => {
                bar.inc(1);
                bar.set_message(defect.name.clone());
                if let Some(line) = line(defect) {
                    bar.println(line);
                }
            }
            (Shown::Lines, Event::Ended(defect)) => {
                if let Some(line) = line(defect) {
                    output::say(&line);
                }
            }
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Shown::Bar(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A line for results that someone waiting for the end wants to see at once.
fn line(defect: &DefectResult) -> Option<String> {
    let told = matches!(defect.fate, Fate::Survived | Fate::Error);
    told.then(|| format!("{}: {} ({})", defect.fate.word(), defect.name, defect.area))
}
