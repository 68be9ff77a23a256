//! What a run is doing right now, in one line: which scenarios run, what is waited for, how long that takes.

use std::time::Instant;

use uptake_check::{RunEvent, WaitCause};
use uptake_outcome::text::whole_duration;

/// The state of a run, as far as its progress line shows it.
#[derive(Debug, Default)]
pub(super) struct Status {
    /// The scenarios that run, the one that has run for the longest first.
    running: Vec<Running>,
    /// Until when no other scenario can start.
    paced_until: Option<Instant>,
}

#[derive(Debug)]
struct Running {
    scenario: String,
    waits: Option<(WaitCause, Instant)>,
}

impl Status {
    /// Takes an event in.
    pub(super) fn update(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started { .. } | RunEvent::Exchange { .. } => {}
            RunEvent::ScenarioStarted { scenario, .. } => {
                self.running.push(Running { scenario: scenario.clone(), waits: None });
            }
            RunEvent::Waiting { scenario: Some(scenario), cause, until } => {
                let waiting = self.running.iter_mut().find(|running| running.scenario == *scenario);
                if let Some(running) = waiting {
                    running.waits = Some((*cause, *until));
                }
            }
            RunEvent::Waiting { scenario: None, until, .. } => self.paced_until = Some(*until),
            RunEvent::Ended { scenario, .. } => {
                if let Some(at) = self.running.iter().position(|running| running.scenario == *scenario) {
                    self.running.remove(at);
                }
            }
        }
    }

    /// The line.
    pub(super) fn line(&self, now: Instant) -> String {
        let waits = |running: &&Running| running.waits.is_some_and(|(_, until)| until > now);
        let (waiting, active): (Vec<_>, Vec<_>) = self.running.iter().partition(waits);
        let mut parts = Vec::new();
        if let Some(until) = self.paced_until.filter(|until| *until > now) {
            parts.push(format!("waiting {}, {}", words(WaitCause::RateLimit), left(until, now)));
        }
        if let Some(first) = active.first() {
            let others = active.len() - 1;
            let more = if others == 0 { String::new() } else { format!(" (+{others})") };
            parts.push(format!("{}{more}", first.scenario));
        }
        let soonest = waiting
            .iter()
            .filter_map(|running| Some((running.waits?, *running)))
            .min_by_key(|((_, until), _)| *until);
        if let Some(((cause, until), running)) = soonest {
            let others = waiting.len() - 1;
            let more = if others == 0 { String::new() } else { format!(" (+{others})") };
            parts.push(format!("waiting {}, {}: {}{more}", words(cause), left(until, now), running.scenario));
        }
        parts.join("; ")
    }
}

/// What is waited for.
pub(super) fn words(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::RateLimit => "for the target's rate limit",
        WaitCause::Time => "for time to pass",
    }
}

fn left(until: Instant, now: Instant) -> String {
    let seconds = until.saturating_duration_since(now).as_secs_f64().ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and not negative")]
    let seconds = seconds as u64;
    format!("{} left", whole_duration(seconds))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Status;
    use uptake_check::{RunEvent, WaitCause};
    use uptake_outcome::Verdict;

    fn started(scenario: &str) -> RunEvent {
        RunEvent::ScenarioStarted { scenario: scenario.to_owned(), file: String::new() }
    }

    fn ended(scenario: &str) -> RunEvent {
        RunEvent::Ended {
            scenario: scenario.to_owned(),
            file: String::new(),
            verdict: Verdict::Passed,
            failed: Vec::new(),
            took: Duration::ZERO,
        }
    }

    fn status(events: &[RunEvent]) -> Status {
        let mut status = Status::default();
        for event in events {
            status.update(event);
        }
        status
    }

    #[test]
    fn the_line_names_what_runs_and_not_what_has_ended() {
        let now = Instant::now();
        let status = status(&[started("A"), started("B"), started("C"), ended("A")]);
        assert_eq!(status.line(now), "B (+1)");
    }

    #[test]
    fn a_wait_says_what_for_and_counts_down() {
        let now = Instant::now();
        let waiting = RunEvent::Waiting {
            scenario: Some("A token expires".to_owned()),
            cause: WaitCause::Time,
            until: now + Duration::from_secs(62),
        };
        let status = status(&[started("A token expires"), waiting]);
        assert_eq!(status.line(now), "waiting for time to pass, 1 min 2 s left: A token expires");
        let later = now + Duration::from_secs(60);
        assert_eq!(status.line(later), "waiting for time to pass, 2 s left: A token expires");
        assert_eq!(status.line(now + Duration::from_secs(63)), "A token expires");
    }

    #[test]
    fn a_request_that_was_answered_429_waits_for_the_rate_limit() {
        let now = Instant::now();
        let until = now + Duration::from_secs(3);
        let waiting =
            RunEvent::Waiting { scenario: Some("A".to_owned()), cause: WaitCause::RateLimit, until };
        let status = status(&[started("A"), waiting]);
        assert_eq!(status.line(now), "waiting for the target's rate limit, 3 s left: A");
    }

    #[test]
    fn a_rate_limit_holds_back_what_comes_next() {
        let now = Instant::now();
        let until = now + Duration::from_secs(12);
        let waiting = RunEvent::Waiting { scenario: None, cause: WaitCause::RateLimit, until };
        let status = status(&[started("A"), waiting]);
        assert_eq!(status.line(now), "waiting for the target's rate limit, 12 s left; A");
    }
}
