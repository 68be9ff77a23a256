//! How a run of `check` shows its progress: one line that is kept up to date on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use super::exchange_lines;
use super::status::Status;
use crate::cli::output;
use uptake_check::RunEvent;
use uptake_outcome::Verdict;
use uptake_outcome::text::{count, whole_duration};

/// How often the line on a terminal is brought up to date.
const TICK: Duration = Duration::from_millis(200);

/// Without a terminal, only waits from here on get a line.
const LONG_WAIT: Duration = Duration::from_secs(5);

/// Shows events on stderr.
pub(super) struct Progress {
    view: View,
    verbosity: u8,
}

enum View {
    Silent,
    Terminal { bar: ProgressBar, status: Arc<Mutex<Status>>, ticker: JoinHandle<()> },
    Lines,
}

impl Progress {
    /// A line on a terminal, plain lines elsewhere, nothing where the user wants it quiet.
    pub(super) fn new(quiet: bool, verbosity: u8) -> Self {
        Self { view: View::new(quiet), verbosity }
    }

    /// Shows an event.
    pub(super) fn show(&self, event: &RunEvent) {
        if let RunEvent::Exchange { scenario, exchange } = event {
            match self.verbosity {
                0 => {}
                1 => self.view.print(&exchange_lines::line(scenario, exchange)),
                _ => self.view.print(&exchange_lines::with_headers(scenario, exchange)),
            }
        }
        self.view.show(event);
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        if let View::Terminal { bar, ticker, .. } = &self.view {
            ticker.abort();
            bar.finish_and_clear();
        }
    }
}

impl View {
    fn new(quiet: bool) -> Self {
        if quiet {
            return Self::Silent;
        }
        if !io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return Self::Lines;
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len} scenarios  {wide_msg}") {
            bar.set_style(style);
        }
        let status = Arc::new(Mutex::new(Status::default()));
        let (shown, current) = (bar.clone(), Arc::clone(&status));
        let ticker = tokio::spawn(async move {
            let mut interval = tokio::time::interval(TICK);
            loop {
                interval.tick().await;
                shown.set_message(lock(&current).line(Instant::now()));
                shown.tick();
            }
        });
        Self::Terminal { bar, status, ticker }
    }

    /// Prints a line that stays.
    fn print(&self, line: &str) {
        match self {
            View::Terminal { bar, .. } => bar.println(line),
            View::Lines | View::Silent => output::say(line),
        }
    }

    fn show(&self, event: &RunEvent) {
        match self {
            View::Silent => {}
            View::Terminal { bar, status, .. } => {
                let line = {
                    let mut status = lock(status);
                    status.update(event);
                    status.line(Instant::now())
                };
                // Before the count is drawn: a scenario that has ended is not named any more.
                bar.set_message(line);
                match event {
                    RunEvent::Started { scenarios } => bar.set_length(*scenarios as u64),
                    RunEvent::Ended { scenario, verdict, .. } => {
                        bar.inc(1);
                        if deserves_a_line(*verdict) {
                            bar.println(format!("{verdict}: {scenario}"));
                        }
                    }
                    RunEvent::ScenarioStarted { .. }
                    | RunEvent::Waiting { .. }
                    | RunEvent::Exchange { .. } => {}
                }
            }
            View::Lines => {
                if let Some(line) = line(event) {
                    output::say(&line);
                }
            }
        }
    }
}

fn lock(status: &Mutex<Status>) -> std::sync::MutexGuard<'_, Status> {
    status.lock().expect("no holder of this lock panics")
}

/// What a log says of an event.
fn line(event: &RunEvent) -> Option<String> {
    match event {
        RunEvent::Started { scenarios } => Some(format!("running {}", count(*scenarios, "scenario"))),
        RunEvent::Ended { scenario, file, verdict, .. } if deserves_a_line(*verdict) => {
            Some(format!("{verdict}: {scenario} ({file})"))
        }
        RunEvent::Waiting { scenario, cause, until } => {
            let left = until.saturating_duration_since(Instant::now());
            (left >= LONG_WAIT).then(|| {
                let of = scenario.as_ref().map_or_else(String::new, |name| format!(": {name}"));
                format!("waiting {} {}{of}", whole_duration(left.as_secs()), super::status::words(*cause))
            })
        }
        RunEvent::Ended { .. } | RunEvent::ScenarioStarted { .. } | RunEvent::Exchange { .. } => None,
    }
}

/// Whether someone who waits for the end wants to see this verdict at once.
fn deserves_a_line(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Failed | Verdict::Blocked | Verdict::Inconclusive)
}
