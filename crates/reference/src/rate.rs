//! Counts calls a minute. Its headers are always there; it refuses only when a limit was set.

use std::sync::Mutex;

use http::{HeaderMap, HeaderValue, Method};

use super::clock::Moment;
use super::config::RateLimit;
use super::defect::{Defect, Defects};
use super::problem::{Problem, kind};

/// A window, in milliseconds.
const WINDOW: i64 = 60_000;
/// What the headers say when nothing is limited: more than one caller can spend in a minute.
const UNLIMITED: u32 = 1_000_000_000;

/// The kinds of calls that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallKind {
    Upload,
    Write,
    Read,
}

/// What is left of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    limit: u32,
    remaining: u32,
    /// Seconds until calls are counted anew.
    retry_after: i64,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Moment,
    calls: u32,
}

/// The meter of all calls.
pub(super) struct Meter {
    limit: Option<RateLimit>,
    defects: Defects,
    windows: Mutex<[Option<Window>; 3]>,
}

impl CallKind {
    /// What a call is by its method and path.
    pub(super) fn of(method: &Method, path: &str) -> Self {
        if *method == Method::POST && (path == "/upload" || path.ends_with("/source")) {
            Self::Upload
        } else if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            Self::Read
        } else {
            Self::Write
        }
    }
}

impl Meter {
    pub(super) fn new(limit: Option<RateLimit>, defects: Defects) -> Self {
        Self { limit, defects, windows: Mutex::new([None; 3]) }
    }

    /// What is left, without counting a call.
    pub(super) fn look(&self, call: CallKind, now: Moment) -> Allowance {
        let windows = self.windows.lock().expect("nothing panics while it counts");
        self.allowance(windows[call as usize], call, now)
    }

    /// Counts a call. It is refused when its window is spent; a refused call is not counted.
    pub(super) fn count(&self, call: CallKind, now: Moment) -> (Allowance, Result<(), Problem>) {
        let mut windows = self.windows.lock().expect("nothing panics while it counts");
        let window = &mut windows[call as usize];
        let recovers = !self.defects.has(Defect::LimitNeverRecovers);
        if window.is_none_or(|window| recovers && now >= window.began.plus_millis(WINDOW)) {
            *window = Some(Window { began: now, calls: 0 });
        }
        let spent = self.allowance(*window, call, now).remaining == 0;
        if spent && self.limit.is_some() {
            let allowance = self.allowance(*window, call, now);
            let detail = format!("Calls are answered again in {} seconds.", allowance.retry_after);
            return (allowance, Err(Problem::new(kind::TOO_MANY_REQUESTS, detail)));
        }
        if let Some(window) = window {
            window.calls = window.calls.saturating_add(1);
        }
        (self.allowance(*window, call, now), Ok(()))
    }

    fn allowance(&self, window: Option<Window>, call: CallKind, now: Moment) -> Allowance {
        let limit = match (self.limit, call) {
            (None, _) => UNLIMITED,
            (Some(limit), CallKind::Upload) => limit.uploads,
            (Some(limit), CallKind::Write) => limit.writes,
            (Some(limit), CallKind::Read) => limit.reads,
        };
        let ended = |window: &Window| now >= window.began.plus_millis(WINDOW);
        let running = window.filter(|window| !ended(window) || self.defects.has(Defect::LimitNeverRecovers));
        let calls = running.map_or(0, |window| window.calls);
        let left =
            running.map_or(0, |window| window.began.plus_millis(WINDOW).millis() - now.millis()).max(0);
        // Rounded up: after that many whole seconds the window is over.
        Allowance { limit, remaining: limit.saturating_sub(calls), retry_after: (left + 999) / 1000 }
    }
}

impl Allowance {
    /// Writes the three headers.
    pub(super) fn write(self, headers: &mut HeaderMap, defects: Defects) {
        if defects.has(Defect::RateHeadersMissing) {
            return;
        }
        let constant = defects.has(Defect::RemainingNeverFalls);
        headers.insert("x-ratelimit-limit", self.limit.into());
        headers.insert("x-ratelimit-remaining", if constant { self.limit } else { self.remaining }.into());
        if !(defects.has(Defect::RetryAfterMissing) && self.remaining == 0) {
            headers.insert("x-ratelimit-retry-after", HeaderValue::from(self.retry_after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_700_000_000_000);

    #[test]
    fn past_the_limit_a_call_is_refused_until_the_window_is_over() {
        let meter = Meter::new(Some(RateLimit { uploads: 1, writes: 2, reads: 3 }), Defects::none());
        assert_eq!(meter.count(CallKind::Write, NOW).0.remaining, 1);
        assert!(meter.count(CallKind::Write, NOW).1.is_ok());
        let (allowance, refused) = meter.count(CallKind::Write, NOW.plus_millis(1));
        assert_eq!(refused.unwrap_err().kind, kind::TOO_MANY_REQUESTS);
        assert_eq!(allowance.retry_after, 60);
        assert!(meter.count(CallKind::Read, NOW).1.is_ok(), "kinds are counted apart");
        assert!(meter.count(CallKind::Write, NOW.plus_millis(WINDOW)).1.is_ok());
    }

    #[test]
    fn without_a_limit_nothing_is_refused_and_remaining_still_falls() {
        let meter = Meter::new(None, Defects::none());
        let first = meter.count(CallKind::Read, NOW).0.remaining;
        assert_eq!(meter.count(CallKind::Read, NOW).0.remaining, first - 1);
        assert_eq!(meter.look(CallKind::Read, NOW).remaining, first - 1);
    }

    #[test]
    fn uploads_are_the_calls_that_carry_a_file() {
        assert_eq!(CallKind::of(&Method::POST, "/upload"), CallKind::Upload);
        assert_eq!(CallKind::of(&Method::POST, "/videos/vi1/source"), CallKind::Upload);
        assert_eq!(CallKind::of(&Method::DELETE, "/videos/vi1"), CallKind::Write);
        assert_eq!(CallKind::of(&Method::GET, "/upload-tokens"), CallKind::Read);
    }
}
