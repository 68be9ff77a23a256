//! How long scenarios may wait for real time, where the target's clock cannot be moved: a policy, and no waiting.

use std::time::Duration;

use uptake_outcome::text::whole_duration;

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
                "the target's clock cannot be advanced, and the scenario would have to wait for {} in real time",
                whole_duration(time.as_secs())
            ))
        } else if may_suspend {
            Wait::Suspend
        } else {
            Wait::Never(format!(
                "the target's clock cannot be advanced, and the scenario would have to wait for {} with requests in progress",
                whole_duration(time.as_secs())
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(decide(11, false), "11 s with requests in progress");
        assert_eq!(decide(100, true), "suspend");
        assert_eq!(decide(101, true), "1 min 41 s in real time");
        assert_eq!(decide(101, false), "1 min 41 s in real time");
    }
}
