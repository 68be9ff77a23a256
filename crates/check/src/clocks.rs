//! The target's clocks: the one that its `Date` headers show, and the one by which it dates what it makes.
//!
//! Tokens expire by the clock that they are made by. An HTTP stack or a proxy may write `Date` by another. So rules about time
//! are judged by creation dates where answers show any, and by `Date` elsewhere; the profile may name the clock.

use std::time::Duration;

use super::clock_offset::ClockOffset;
use super::interpreter::ClockView;
use uptake_outcome::{ClockReading, ClockSource, Clocks};

/// What has been seen of the target's clocks.
#[derive(Debug, Default)]
pub(crate) struct TargetClocks {
    pub(crate) date: ClockOffset,
    pub(crate) created: ClockOffset,
    /// The clock that the profile names.
    named: Option<ClockSource>,
}

impl TargetClocks {
    /// The clocks of a target whose profile names the one to judge by.
    pub(crate) fn named(named: Option<ClockSource>) -> Self {
        Self { named, ..Self::default() }
    }

    /// The target's clock was moved on.
    pub(crate) fn advanced(&self, by: Duration) {
        self.date.advanced(by);
        self.created.advanced(by);
    }

    /// The clock that rules about time are judged by. What both show is known better than what one shows.
    fn used(&self) -> Option<(ClockSource, ClockReading)> {
        let created = || Some((ClockSource::Created, self.created.reading_with(&self.date)?));
        let date = || Some((ClockSource::Date, self.date.reading()?));
        match self.named {
            Some(ClockSource::Created) => created(),
            Some(ClockSource::Date) => date(),
            None => created().or_else(date),
        }
    }

    /// What judging needs to know.
    pub(crate) fn view(&self) -> ClockView {
        let advanced = self.date.seconds_advanced();
        self.used().map_or(ClockView { ahead: advanced, uncertainty: 0.0 }, |(_, reading)| ClockView {
            ahead: reading.offset_seconds + advanced,
            uncertainty: reading.uncertainty_seconds,
        })
    }

    /// What the report says.
    pub(crate) fn readings(&self) -> Clocks {
        let used = self.used().map(|(source, _)| source);
        Clocks { date: self.date.reading(), created: self.created.reading(), used }
    }

    /// Whether the dates show that the clock was moved on; nothing where it never was, or nobody looked since.
    pub(crate) fn shows_advances(&self) -> Option<bool> {
        match (self.created.shows_advances(), self.date.shows_advances()) {
            (Some(created), Some(date)) => Some(created || date),
            (created, date) => created.or(date),
        }
    }

    /// Why rules about time cannot be judged: the dates contradict each other by more than the margin.
    pub(crate) fn contradiction(&self, margin: Duration) -> Option<String> {
        let (source, reading) = self.used().filter(|(_, reading)| reading.samples > 1)?;
        let margin = margin.as_secs_f64();
        let by = match source {
            ClockSource::Created => "its Date headers and creation dates",
            ClockSource::Date => "its Date headers",
        };
        (reading.uncertainty_seconds > margin).then(|| {
            format!(
                "the target's clock is only known to within {:.1} s, from {by}, and the margin is {margin:.1} s",
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
            "creation dates differ from Date headers by {apart:.1} s: the target has more than one clock"
        )]
    }
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    const TOOK: Duration = Duration::from_millis(10);

    /// Looks at a clock that is so many seconds ahead.
    fn look(clock: &ClockOffset, ahead: u64, later: Duration) {
        let sent = SystemTime::now() + later;
        let date = sent.duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs() + ahead;
        clock.look(date, sent, TOOK);
    }

    /// An application whose clock was moved on by a day, behind a proxy that writes `Date` by its own.
    fn behind_a_proxy(named: Option<ClockSource>) -> TargetClocks {
        let clocks = TargetClocks::named(named);
        let at_once = Duration::ZERO;
        look(&clocks.date, 0, at_once);
        look(&clocks.created, 0, at_once);
        clocks.advanced(Duration::from_secs(86_400));
        let later = Duration::from_secs(1);
        look(&clocks.date, 0, later);
        look(&clocks.created, 86_400, later);
        clocks
    }

    #[test]
    fn rules_about_time_are_judged_by_the_clock_that_tokens_are_made_by() {
        let clocks = behind_a_proxy(None);
        assert_eq!(clocks.contradiction(Duration::from_secs(2)), None);
        let view = clocks.view();
        assert!((view.ahead - 86_400.0).abs() < 1.0 && view.uncertainty < 1.0, "{view:?}");
        assert_eq!(clocks.readings().used, Some(ClockSource::Created));
        assert_eq!(clocks.shows_advances(), Some(true));
    }

    #[test]
    fn the_profile_may_name_the_clock() {
        let clocks = behind_a_proxy(Some(ClockSource::Date));
        let why = clocks.contradiction(Duration::from_secs(2)).expect("Date did not follow");
        assert!(why.ends_with("from its Date headers, and the margin is 2.0 s"), "{why}");
        assert_eq!(clocks.readings().used, Some(ClockSource::Date));
    }

    #[test]
    fn without_creation_dates_the_clock_is_the_one_of_date() {
        let clocks = TargetClocks::default();
        assert_eq!(clocks.readings().used, None);
        look(&clocks.date, 90, Duration::ZERO);
        assert!((clocks.view().ahead - 90.0).abs() < 1.0, "{:?}", clocks.view());
        assert_eq!(clocks.readings().used, Some(ClockSource::Date));
    }
}
