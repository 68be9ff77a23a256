//! When a run starts: at an instant, or in a while, rounded so that the shards of a job agree.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::parsers;
use uptake_load::{ClockOffset, clock_offset};
use uptake_outcome::text;
use uptake_results::StartRecord;
use uptake_target::Target;

/// When a run starts.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct StartArgs {
    /// Start at this instant by the target's clock: 2027-01-31T12:00:00Z, or +30s: in 30 s to 1 min, at a multiple of 30 s, so that
    /// shards that are launched together agree
    #[arg(long, value_name = "INSTANT", env = "UPTAKE_START_AT", help_heading = "Shards")]
    start_at: Option<StartAt>,
}

/// As it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StartAt {
    Instant(Timestamp),
    In(Duration),
}

impl FromStr for StartAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(after) = text.strip_prefix('+') {
            let after =
                parsers::duration(after).map_err(|_| format!("invalid start `{text}`: write +30s or +2m"))?;
            if after < Duration::from_secs(1)
                || after.subsec_nanos() != 0
                || after > Duration::from_secs(86_400)
            {
                return Err(format!("invalid start `{text}`: write whole seconds, from +1s to +24h"));
            }
            return Ok(Self::In(after));
        }
        text.parse().map(Self::Instant).map_err(|_| {
            format!("invalid start `{text}`: write an instant with its offset, 2027-01-31T12:00:00Z, or +30s")
        })
    }
}

impl StartAt {
    /// The instant, at `now`. One in a while is a multiple of that while: processes that begin in the same interval agree.
    fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Instant(at) => at,
            Self::In(after) => {
                let step = i64::try_from(after.as_secs()).unwrap_or(i64::MAX).max(1);
                // One nanosecond less, so that a multiple stays what it is.
                let whole = now.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(now).as_second();
                let multiple = whole.div_euclid(step).saturating_add(2).saturating_mul(step);
                Timestamp::from_second(multiple).unwrap_or(now)
            }
        }
    }
}

/// When a run starts, by this machine's clock.
#[derive(Debug, Clone)]
pub(in crate::cli) struct StartTime {
    planned: Timestamp,
    pub(in crate::cli) here: Timestamp,
    offset: Option<ClockOffset>,
}

/// A later start than this is late: threads need some milliseconds.
const LATE_SECONDS: f64 = 0.1;

impl StartArgs {
    /// Whether it is given.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.start_at.is_some()
    }

    /// When to start; `None` is at once. The clock of a named target is compared with this machine's.
    pub(in crate::cli) async fn time(
        &self,
        target: Option<&Target>,
        quiet: bool,
    ) -> Result<Option<StartTime>, CliError> {
        let Some(start_at) = self.start_at else { return Ok(None) };
        let offset = match target {
            Some(target) => clock_offset(target).await?,
            None => None,
        };
        // What is not known for certain to differ is left alone.
        let certain = offset.filter(|offset| offset.is_certain()).map(|offset| offset.seconds);
        let ahead = SignedDuration::from_secs_f64(certain.unwrap_or(0.0));
        let now = Timestamp::now();
        let planned = start_at.instant(now.checked_add(ahead).unwrap_or(now));
        let here = planned.checked_sub(ahead).unwrap_or(planned);
        let wait = here.duration_since(now).as_secs_f64();
        if wait > 0.0 && !quiet {
            output::say(&format!("starting at {planned}, in {}", text::duration(wait)));
        }
        Ok(Some(StartTime { planned, here, offset }))
    }
}

impl StartTime {
    /// How it went, for a run whose start was at `started`.
    pub(in crate::cli) fn record(&self, started: Timestamp) -> StartRecord {
        let late = started.duration_since(self.here).as_secs_f64().max(0.0);
        StartRecord {
            planned: self.planned.to_string(),
            late_seconds: (late * 1_000.0).round() / 1_000.0,
            offset_seconds: self.offset.map(|offset| offset.seconds),
            uncertainty_seconds: self.offset.map(|offset| offset.uncertainty),
        }
    }
}

/// What a reader should know of a start, if it was late.
pub(in crate::cli) fn late(record: &StartRecord) -> Option<String> {
    (record.late_seconds > LATE_SECONDS).then(|| {
        format!(
            "the run started {:.1} s after {}, the instant of --start-at",
            record.late_seconds, record.planned
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_start_in_a_while_is_a_multiple_of_that_while() {
        let start: StartAt = "+30s".parse().expect("a start");
        for (now, wanted) in [
            ("2026-01-01T12:00:00.5Z", "2026-01-01T12:01:00Z"),
            ("2026-01-01T12:00:29.999Z", "2026-01-01T12:01:00Z"),
            ("2026-01-01T12:00:30Z", "2026-01-01T12:01:00Z"),
            ("2026-01-01T12:00:30.001Z", "2026-01-01T12:01:30Z"),
        ] {
            assert_eq!(start.instant(at(now)), at(wanted), "{now}");
        }
    }

    proptest! {
        #[test]
        fn shards_that_begin_in_the_same_interval_agree(second in 0_i64..4_000_000_000, step in 1_i64..4_000, one: u64, other: u64) {
            let start: StartAt = format!("+{step}s").parse().expect("a start");
            let begun = |nanos: u64| {
                let within = nanos % (u64::try_from(step).expect("above 0") * 1_000_000_000) + 1;
                let within = SignedDuration::from_nanos(i64::try_from(within).expect("some hours"));
                at("1970-01-01T00:00:00Z") + SignedDuration::from_secs(second % (4_000_000_000 / step) * step) + within
            };
            let (first, second) = (start.instant(begun(one)), start.instant(begun(other)));
            prop_assert_eq!(first, second);
            let wait = first.duration_since(begun(one));
            prop_assert!(wait >= SignedDuration::from_secs(step) && wait <= SignedDuration::from_secs(2 * step));
        }
    }

    #[test]
    fn what_is_no_start_is_explained() {
        for (text, hint) in [
            ("soon", "write an instant"),
            ("2026-01-01T12:00:00", "with its offset"),
            ("+0s", "from +1s"),
            ("+1500ms", "whole seconds"),
            ("+x", "+30s or +2m"),
        ] {
            assert!(text.parse::<StartAt>().expect_err(text).contains(hint), "{text}");
        }
    }
}
