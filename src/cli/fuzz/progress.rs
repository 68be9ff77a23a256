//! Progress of a run on stderr.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output;
use uptake_fuzz::FuzzEvent;

/// Progress on stderr.
pub(super) enum Shown {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

impl Shown {
    pub(super) fn new(quiet: bool) -> Self {
        use std::io::IsTerminal as _;
        if quiet {
            return Self::Nothing;
        }
        if !std::io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return Self::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} cases  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::Bar(bar)
    }

    pub(super) fn show(&self, progress: &FuzzEvent) {
        match (self, progress) {
            (Self::Nothing, _) | (Self::Lines, FuzzEvent::Judged { .. }) => {}
            (Self::Bar(bar), FuzzEvent::Judged { cases, of }) => {
                bar.set_position(*cases);
                bar.set_message(of.map(|of| format!("of {of}")).unwrap_or_default());
            }
            (Self::Bar(bar), FuzzEvent::Found { rule, case }) => {
                bar.println(format!("{rule}: case {case} failed; shrinking it"));
            }
            (Self::Lines, FuzzEvent::Found { rule, case }) => {
                output::say(&format!("{rule}: case {case} failed; shrinking it"));
            }
        }
    }

    pub(super) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
