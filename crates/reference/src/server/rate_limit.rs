//! Counts calls a minute. Its headers are always there; it refuses only when a limit was set.

use std::sync::{Arc, Mutex};

use http::{HeaderMap, HeaderValue, Method};

use crate::config::RateLimit;
use crate::policy::decisions::Policy;
use crate::problem::{Problem, kind};
use crate::timestamp::Timestamp;

/// A window, in milliseconds.
const WINDOW: i64 = 60_000;
/// What the headers say when nothing is limited: more than one caller can spend in a minute.
const UNLIMITED: u32 = 1_000_000_000;

/// The kinds of calls that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallKind {
    Upload,
    Write,
    Read,
}

/// What is left of a window, as the headers say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateStatus {
    limit: u32,
    remaining: u32,
    /// Seconds until calls are counted anew.
    retry_after: i64,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Timestamp,
    calls: u32,
}

/// Counts the calls of all clients.
pub(crate) struct RateLimiter {
    limit: Option<RateLimit>,
    policy: Arc<Policy>,
    windows: Mutex<[Option<Window>; 3]>,
}

impl CallKind {
    /// What a call is by its method and path.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        if *method == Method::POST && (path == "/upload" || path.ends_with("/source")) {
            Self::Upload
        } else if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            Self::Read
        } else {
            Self::Write
        }
    }
}

impl RateLimiter {
    pub(crate) fn new(limit: Option<RateLimit>, policy: Arc<Policy>) -> Self {
        Self { limit, policy, windows: Mutex::new([None; 3]) }
    }

    /// What is left, without counting a call.
    pub(crate) fn peek(&self, call: CallKind, now: Timestamp) -> RateStatus {
        let windows = self.windows.lock().expect("nothing panics while it counts");
        self.status(windows[call as usize], call, now)
    }

    /// Counts a call. It is refused when its window is spent; a refused call is not counted.
    pub(crate) fn count(&self, call: CallKind, now: Timestamp) -> (RateStatus, Result<(), Problem>) {
        let mut windows = self.windows.lock().expect("nothing panics while it counts");
        let window = &mut windows[call as usize];
        if window.is_none_or(|window| self.is_over(window, now)) {
            *window = Some(Window { began: now, calls: 0 });
        }
        let spent = self.status(*window, call, now).remaining == 0;
        if spent && self.limit.is_some() {
            let status = self.status(*window, call, now);
            let detail = format!("Requests are accepted again in {} seconds.", status.retry_after);
            return (status, Err(Problem::new(kind::TOO_MANY_REQUESTS, detail)));
        }
        if let Some(window) = window {
            window.calls = window.calls.saturating_add(1);
        }
        (self.status(*window, call, now), Ok(()))
    }

    fn is_over(&self, window: Window, now: Timestamp) -> bool {
        self.policy.rate_window_over(window.began, now, now >= window.began.plus_millis(WINDOW))
    }

    fn status(&self, window: Option<Window>, call: CallKind, now: Timestamp) -> RateStatus {
        let limit = match (self.limit, call) {
            (None, _) => UNLIMITED,
            (Some(limit), CallKind::Upload) => limit.uploads,
            (Some(limit), CallKind::Write) => limit.writes,
            (Some(limit), CallKind::Read) => limit.reads,
        };
        let running = window.filter(|window| !self.is_over(*window, now));
        let calls = running.map_or(0, |window| window.calls);
        let left =
            running.map_or(0, |window| window.began.plus_millis(WINDOW).millis() - now.millis()).max(0);
        // Rounded up: after that many whole seconds the window is over.
        RateStatus { limit, remaining: limit.saturating_sub(calls), retry_after: (left + 999) / 1000 }
    }
}

impl RateStatus {
    /// Writes the three headers.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", self.limit.into());
        headers.insert("x-ratelimit-remaining", self.remaining.into());
        headers.insert("x-ratelimit-retry-after", HeaderValue::from(self.retry_after));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn past_the_limit_a_call_is_refused_until_the_window_is_over() {
        let limiter = RateLimiter::new(Some(RateLimit { uploads: 1, writes: 2, reads: 3 }), Arc::default());
        assert_eq!(limiter.count(CallKind::Write, NOW).0.remaining, 1);
        assert!(limiter.count(CallKind::Write, NOW).1.is_ok());
        let (status, refused) = limiter.count(CallKind::Write, NOW.plus_millis(1));
        assert_eq!(refused.unwrap_err().kind, kind::TOO_MANY_REQUESTS);
        assert_eq!(status.retry_after, 60);
        assert!(limiter.count(CallKind::Read, NOW).1.is_ok(), "kinds are counted apart");
        assert!(limiter.count(CallKind::Write, NOW.plus_millis(WINDOW)).1.is_ok());
    }

    #[test]
    fn without_a_limit_nothing_is_refused_and_remaining_still_falls() {
        let limiter = RateLimiter::new(None, Arc::default());
        let first = limiter.count(CallKind::Read, NOW).0.remaining;
        assert_eq!(limiter.count(CallKind::Read, NOW).0.remaining, first - 1);
        assert_eq!(limiter.peek(CallKind::Read, NOW).remaining, first - 1);
    }

    #[test]
    fn uploads_are_the_calls_that_carry_a_file() {
        assert_eq!(CallKind::of(&Method::POST, "/upload"), CallKind::Upload);
        assert_eq!(CallKind::of(&Method::POST, "/videos/vi1/source"), CallKind::Upload);
        assert_eq!(CallKind::of(&Method::DELETE, "/videos/vi1"), CallKind::Write);
        assert_eq!(CallKind::of(&Method::GET, "/upload-tokens"), CallKind::Read);
    }
}
