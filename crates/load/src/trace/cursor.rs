//! A position in a trace.

use std::sync::Arc;
use std::time::Duration;

use super::recording::Trace;

/// A position in a trace. Each thread has its own and steps through all arrivals.
#[derive(Debug, Clone)]
pub(crate) struct TraceCursor {
    trace: Arc<Trace>,
    end: Option<Duration>,
    /// An arrival, and when it is due in nanoseconds.
    index: u64,
    at: u64,
}

impl TraceCursor {
    /// A cursor before the first arrival. None is due from `end` on.
    pub(crate) fn new(trace: Arc<Trace>, end: Option<Duration>) -> Self {
        Self { trace, end, index: 0, at: 0 }
    }

    /// When the arrival with this number is due. Numbers must not decrease.
    pub(crate) fn due(&mut self, number: u64) -> Option<Duration> {
        let recorded = self.trace.count() - 1;
        if self.index <= recorded {
            // Recorded arrivals are known without a step.
            self.index = number.min(recorded);
            self.at = usize::try_from(self.index).ok().map_or(0, |index| self.trace.entries[index].at);
        }
        while self.index < number {
            self.index += 1;
            self.at = self.at.saturating_add(self.trace.gap(self.index));
        }
        let due = Duration::from_nanos(self.at);
        (self.end.is_none_or(|end| due < end)).then_some(due)
    }
}
