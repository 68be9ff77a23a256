//! A call that was made, and the clock by which it is timed.

use std::time::Instant;

use super::case::Call;
use super::names::Names;
use super::request::judged;
use crate::client::NoResponse;
use uptake_oracle::Span;
use uptake_oracle::contract::{Exchange, Reply};
use uptake_wire::Answer;

/// The target's clock, as time since the case began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    began: Instant,
    /// Seconds by which it was moved.
    advanced: u64,
}

/// An instant, by the target's clock and by ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallInstant {
    /// Microseconds by our clock: what orders calls.
    real: u64,
    /// Milliseconds by the target's clock: what expires tokens.
    target: u64,
}

/// A call that was made: its reply, and when it was under way.
pub(super) struct Made {
    /// The names that the call used.
    pub(super) names: Names,
    pub(super) reply: Result<Answer, NoResponse>,
    pub(super) began: CallInstant,
    /// When its last byte was sent.
    pub(super) sent: CallInstant,
    /// When the reply had come.
    pub(super) ended: CallInstant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { began: Instant::now(), advanced: 0 }
    }

    pub(super) fn advance(&mut self, seconds: u64) {
        self.advanced += seconds;
    }

    pub(super) fn now(self) -> CallInstant {
        let real = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        CallInstant { real, target: real / 1000 + self.advanced * 1000 }
    }
}

impl CallInstant {
    /// The same by our clock, after the target's was moved.
    pub(super) fn moved(self, seconds: u64) -> Self {
        Self { target: self.target + seconds * 1000, ..self }
    }
}

impl Made {
    /// The exchange as the oracle judges it.
    pub(super) fn exchange(&self, call: &Call, key: &str) -> Exchange {
        let began = Span { from: self.began.target, to: self.sent.target };
        let arrived = Span { from: self.sent.target, to: self.ended.target };
        Exchange {
            call: judged(&self.names, call, began, arrived),
            reply: reply(&self.reply, key),
            from: self.sent.real,
            to: self.ended.real,
        }
    }
}

/// An answer as the oracle reads it.
pub(super) fn reply(answer: &Result<Answer, NoResponse>, key: &str) -> Reply {
    let Ok(answer) = answer else { return Reply::default() };
    let key = key.as_bytes();
    let shows = |text: &[u8]| !key.is_empty() && text.windows(key.len()).any(|part| part == key);
    Reply {
        status: Some(answer.status),
        headers: answer.headers.clone(),
        json: answer.json().ok().filter(|_| !answer.body.is_empty()),
        length: answer.body.len(),
        shows_key: shows(&answer.body) || answer.headers.iter().any(|(_, value)| shows(value.as_bytes())),
    }
}
