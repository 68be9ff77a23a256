//! How `uptake load` shows progress: a live line on a terminal, a line every few seconds elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output;
use uptake_load::{IntervalReport, LoadPlan, RunningTotals};
use uptake_outcome::load::Second;
use uptake_outcome::text::duration;

/// Shows progress on stderr. Clones share the same line.
#[derive(Clone)]
pub(super) struct LoadProgress(Display);

#[derive(Clone)]
enum Display {
    Off,
    Bar { bar: ProgressBar, goal: Goal },
    Lines { goal: Goal },
}

/// What ends the run.
#[derive(Clone, Copy)]
enum Goal {
    Seconds(u64),
    Uploads(u64),
    /// It runs until it is stopped.
    None,
}

/// The interval between two lines where there is no terminal.
const SECONDS_PER_LINE: u64 = 5;

impl LoadProgress {
    /// A live line on a terminal, plain lines elsewhere.
    pub(super) fn new(plan: &LoadPlan) -> Self {
        let goal = match (plan.uploads, plan.duration) {
            (Some(uploads), _) => Goal::Uploads(plan.shard().share(uploads)),
            (None, Some(duration)) => Goal::Seconds(duration.as_secs().max(1)),
            (None, None) => Goal::None,
        };
        if !plan.warm_up.is_zero() {
            output::say(&format!("warming up for {}", duration(plan.warm_up.as_secs_f64())));
        }
        if !io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return Self(Display::Lines { goal });
        }
        let (length, template) = match goal {
            Goal::Seconds(seconds) => (Some(seconds), "{bar:20} {pos}/{len} s  {wide_msg}"),
            Goal::Uploads(uploads) => (Some(uploads), "{bar:20} {pos}/{len} uploads, {eta} left  {wide_msg}"),
            Goal::None => (None, "{spinner} {elapsed}  {wide_msg}"),
        };
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(Display::Bar { bar, goal })
    }

    /// Shows nothing.
    pub(super) fn silent() -> Self {
        Self(Display::Off)
    }

    /// Shows a second that is over.
    pub(super) fn show(&self, report: &IntervalReport<'_>) {
        let IntervalReport { second, totals, .. } = report;
        match &self.0 {
            Display::Off => {}
            Display::Bar { bar, goal } => {
                match goal {
                    Goal::Seconds(seconds) => bar.set_position((second.second + 1).min(*seconds)),
                    Goal::Uploads(_) => bar.set_position(totals.uploads + totals.errors),
                    Goal::None => {}
                }
                bar.set_message(line(*goal, second, totals));
            }
            Display::Lines { goal } => {
                if (second.second + 1).is_multiple_of(SECONDS_PER_LINE) {
                    let line = line(*goal, second, totals);
                    output::say(&format!("{}  {line}", position(*goal, second, totals)));
                }
            }
        }
    }

    /// Removes the live line.
    pub(super) fn end(&self) {
        if let Display::Bar { bar, .. } = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn position(goal: Goal, second: &Second, totals: &RunningTotals) -> String {
    let elapsed = second.second + 1;
    match goal {
        Goal::Seconds(seconds) => format!("{}/{seconds} s", elapsed.min(seconds)),
        Goal::Uploads(uploads) => {
            format!("{elapsed} s, {}/{uploads} uploads", totals.uploads + totals.errors)
        }
        Goal::None => format!("{elapsed} s"),
    }
}

fn line(goal: Goal, second: &Second, totals: &RunningTotals) -> String {
    // After the planned time no upload is started: all that is left are those in progress.
    if matches!(goal, Goal::Seconds(seconds) if second.second >= seconds) {
        let uploads = if second.in_flight == 1 { "upload" } else { "uploads" };
        return format!("waiting for {} {uploads} in progress (--linger)", second.in_flight);
    }
    rates(second, totals)
}

#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
fn rates(second: &Second, totals: &RunningTotals) -> String {
    format!(
        "{}/s  {:.1} MiB/s  p50 {}  p99 {} (whole run {})  {} in progress  {} failed",
        second.uploads,
        second.goodput_bytes as f64 / 1_048_576.0,
        time(second.upload_p50),
        time(second.upload_p99),
        time(totals.p99),
        second.in_flight,
        totals.errors
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_rates_and_then_what_the_run_waits_for() {
        let second = Second { second: 4, uploads: 12, in_flight: 1, upload_p50: 1_500, ..Second::default() };
        let totals = RunningTotals { uploads: 50, errors: 2, ..RunningTotals::default() };
        assert_eq!(position(Goal::Seconds(5), &second, &totals), "5/5 s");
        assert!(line(Goal::Seconds(5), &second, &totals).starts_with("12/s  0.0 MiB/s  p50 1.5 ms"));
        let later = Second { second: 5, ..second };
        assert_eq!(position(Goal::Seconds(5), &later, &totals), "5/5 s");
        assert_eq!(line(Goal::Seconds(5), &later, &totals), "waiting for 1 upload in progress (--linger)");
        assert_eq!(position(Goal::Uploads(60), &later, &totals), "6 s, 52/60 uploads");
    }
}
