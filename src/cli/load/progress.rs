//! How a load run is shown while it goes on: a live line on a terminal, a line every few seconds elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output;
use uptake_load::{Event, Plan, SoFar};
use uptake_outcome::load::Second;

/// Shows events on stderr. Clones show on the same place.
#[derive(Clone)]
pub(super) struct Progress(Shown);

#[derive(Clone)]
enum Shown {
    Nothing,
    Bar { bar: ProgressBar, by: By },
    Lines { by: By },
}

/// What says how far a run is.
#[derive(Clone, Copy)]
enum By {
    /// So many seconds are to pass.
    Seconds(u64),
    /// So many uploads are to end.
    Uploads(u64),
    /// Nothing: it runs until it is stopped.
    Nothing,
}

/// Between two lines where there is no terminal.
const SECONDS_A_LINE: u64 = 5;

impl Progress {
    /// A live line on a terminal, lines elsewhere.
    pub(super) fn new(plan: &Plan) -> Self {
        let by = match (plan.uploads, plan.duration) {
            (Some(uploads), _) => By::Uploads(uploads),
            (None, Some(duration)) => By::Seconds(duration.as_secs().max(1)),
            (None, None) => By::Nothing,
        };
        if !plan.warm_up.is_zero() {
            output::say(&format!("warming up for {:?}", plan.warm_up));
        }
        if !io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return Self(Shown::Lines { by });
        }
        let (length, template) = match by {
            By::Seconds(seconds) => (Some(seconds), "{bar:20} {pos}/{len} s  {wide_msg}"),
            By::Uploads(uploads) => (Some(uploads), "{bar:20} {pos}/{len} uploads, {eta} left  {wide_msg}"),
            By::Nothing => (None, "{spinner} {elapsed}  {wide_msg}"),
        };
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(Shown::Bar { bar, by })
    }

    /// Nothing at all.
    pub(super) fn silent() -> Self {
        Self(Shown::Nothing)
    }

    /// Shows an event.
    pub(super) fn show(&self, event: &Event<'_>) {
        let Event::Second { row, so_far } = event;
        match &self.0 {
            Shown::Nothing => {}
            Shown::Bar { bar, by } => {
                match by {
                    By::Seconds(seconds) => bar.set_position((row.second + 1).min(*seconds)),
                    By::Uploads(_) => bar.set_position(so_far.uploads + so_far.errors),
                    By::Nothing => {}
                }
                bar.set_message(line(row, so_far));
            }
            Shown::Lines { by } => {
                if (row.second + 1).is_multiple_of(SECONDS_A_LINE) {
                    output::say(&format!("{}  {}", far(*by, row, so_far), line(row, so_far)));
                }
            }
        }
    }

    /// Takes the live line away.
    pub(super) fn end(&self) {
        if let Shown::Bar { bar, .. } = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn far(by: By, row: &Second, so_far: &SoFar) -> String {
    let second = row.second + 1;
    match by {
        By::Seconds(seconds) => format!("{second}/{seconds} s"),
        By::Uploads(uploads) => format!("{second} s, {}/{uploads} uploads", so_far.uploads + so_far.errors),
        By::Nothing => format!("{second} s"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
fn line(row: &Second, so_far: &SoFar) -> String {
    format!(
        "{}/s  {:.1} MiB/s  p50 {}  p99 {} (all: {})  {} in flight  {} failed",
        row.uploads,
        row.goodput_bytes as f64 / 1_048_576.0,
        time(row.upload_p50),
        time(row.upload_p99),
        time(so_far.p99),
        row.in_flight,
        so_far.errors
    )
}

#[expect(clippy::cast_precision_loss, reason = "less than an hour")]
fn time(micros: u64) -> String {
    if micros < 1_000_000 {
        format!("{:.1} ms", micros as f64 / 1e3)
    } else {
        format!("{:.2} s", micros as f64 / 1e6)
    }
}
