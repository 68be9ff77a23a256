//! The target's clocks: the one that its `Date` headers show, and the one by which it dates what it makes.

use std::time::Duration;

use super::clock_offset::ClockOffset;
use super::interpreter::ClockView;
use uptake_outcome::Clocks;

/// What has been seen of the target's clocks.
#[derive(Debug, Default)]
pub(crate) struct TargetClocks {
    pub(crate) date: ClockOffset,
    pub(crate) created: ClockOffset,
}

impl TargetClocks {
    /// The target's clock was moved on.
    pub(crate) fn advanced(&self, by: Duration) {
        self.date.advanced(by);
        self.created.advanced(by);
    }

    /// What judging needs to know.
    pub(crate) fn view(&self) -> ClockView {
        let uncertainty = self.date.reading().map_or(0.0, |reading| reading.uncertainty_seconds);
        ClockView { ahead: self.date.ahead(), uncertainty }
    }

    /// What the report says.
    pub(crate) fn readings(&self) -> Clocks {
        Clocks { date: self.date.reading(), created: self.created.reading() }
    }

    /// Why rules about time cannot be judged: the dates contradict each other by more than the margin.
    pub(crate) fn contradiction(&self, margin: Duration) -> Option<String> {
        let reading = self.date.reading().filter(|reading| reading.samples > 1)?;
        let margin = margin.as_secs_f64();
        (reading.uncertainty_seconds > margin).then(|| {
            format!(
                "the target's clock is known to {:.1} s only, by the dates of its answers, and the margin is {margin:.1} s",
                reading.uncertainty_seconds
            )
        })
    }

    /// What a reader should know of them.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let (Some(date), Some(created)) = (self.date.reading(), self.created.reading()) else {
            return Vec::new();
        };
        let apart = (date.offset_seconds - created.offset_seconds).abs();
        let known = date.uncertainty_seconds + created.uncertainty_seconds;
        if apart <= known + 1.0 || known > apart {
            return Vec::new();
        }
        vec![format!(
            "what the target makes is dated {apart:.1} s apart from its Date headers: it has more than one clock"
        )]
    }
}
