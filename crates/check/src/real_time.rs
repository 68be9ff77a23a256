//! How long scenarios may wait for real time, where the target's clock cannot be moved: a policy, and no waiting.

use std::time::Duration;

/// How long scenarios may wait for real time to pass.
#[derive(Debug, Clone, Copy)]
pub struct WaitLimits {
    /// So long within the run; what takes longer is suspended.
    pub within: Duration,
    /// So long at all; what takes longer is not applicable. Nothing is suspended where that is no more than `within`.
    pub longest: Duration,
}

/// What becomes of a scenario that lets time pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wait {
    /// It waits within the run.
    Now,
    /// It is suspended.
    Suspend,
    /// It is not applicable, for this reason.
    Never(String),
}

impl WaitLimits {
    /// What becomes of a scenario that has to wait for `time`.
    pub(crate) fn decide(self, time: Duration, may_suspend: bool) -> Wait {
        if time <= self.within {
            Wait::Now
        } else if time > self.longest {
            Wait::Never(format!(
                "the target's clock cannot be turned, and it would have to wait for {} in real time",
                format_duration(time)
            ))
        } else if may_suspend {
            Wait::Suspend
        } else {
            Wait::Never(format!(
                "the target's clock cannot be turned, and it would have to wait for {} with requests under way",
                format_duration(time)
            ))
        }
    }
}

/// A time in the two largest units that it has.
pub fn format_duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, 0) => format!("{minutes} min"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, 0, _) => format!("{hours} h"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, 0, ..) => format!("{days} d"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_given_in_their_two_largest_units() {
        let given = |seconds| format_duration(Duration::from_secs(seconds));
        assert_eq!(
            [5, 60, 62, 3_600, 86_452, 90_000, 31_536_000].map(given),
            ["5 s", "1 min", "1 min 2 s", "1 h", "1 d", "1 d 1 h", "365 d"]
        );
    }

    #[test]
    fn a_wait_is_taken_suspended_or_not_applicable() {
        let limits = WaitLimits { within: Duration::from_secs(10), longest: Duration::from_secs(100) };
        let decide = |seconds, may_suspend| match limits.decide(Duration::from_secs(seconds), may_suspend) {
            Wait::Now => "now".to_owned(),
            Wait::Suspend => "suspend".to_owned(),
            Wait::Never(why) => why.rsplit("for ").next().unwrap_or_default().to_owned(),
        };
        assert_eq!(decide(10, true), "now");
        assert_eq!(decide(10, false), "now");
        assert_eq!(decide(11, true), "suspend");
        assert_eq!(decide(11, false), "11 s with requests under way");
        assert_eq!(decide(100, true), "suspend");
        assert_eq!(decide(101, true), "1 min 41 s in real time");
        assert_eq!(decide(101, false), "1 min 41 s in real time");
    }
}
