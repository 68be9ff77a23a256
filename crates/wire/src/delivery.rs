//! How a request is delivered: plainly, or with one of the oddities that a server must bear.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;

/// How a request is delivered. The default is plain: the length declared, everything sent at once.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// How the body's length is told.
    pub length: Length,
    /// Send `Expect: 100-continue` and wait this long for a 100 before the body is sent all the same. A final answer that comes
    /// instead is the answer, and the body stays unsent.
    pub expect_continue: Option<Duration>,
    /// Close the connection after so many bytes of the body.
    pub break_off: Option<u64>,
    /// Rest in the middle of the body.
    pub stall: Option<Stall>,
    /// Send all but the body's last byte (of the head, where there is no body), wait for each barrier in turn, then
    /// send it. An exchange that ends before it comes so far still joins its barriers, so that nobody waits for it.
    pub hold: Vec<Arc<Barrier>>,
    /// When the answer is read.
    pub reading: Reading,
}

/// When the answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// As it comes, while the body still goes out.
    #[default]
    AtOnce,
    /// Once the whole request was sent, as simple clients do: a connection that breaks before gave no answer.
    Afterwards,
}

/// How the body's length is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Length {
    /// By a true Content-Length.
    #[default]
    Declared,
    /// By the chunked transfer coding.
    Chunked,
    /// By a Content-Length that names this number, whatever the body has.
    Claimed(u64),
}

/// A rest in the middle of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// After so many bytes of the body.
    pub after: u64,
    /// For so long.
    pub pause: Duration,
}

impl Delivery {
    /// Whether nothing about it is odd.
    pub fn is_plain(&self) -> bool {
        self.length == Length::Declared
            && self.expect_continue.is_none()
            && self.break_off.is_none()
            && self.stall.is_none()
            && self.hold.is_empty()
            && self.reading == Reading::AtOnce
    }
}

/// What is odd about the delivery, in words; nothing for a plain one.
impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        match self.length {
            Length::Declared => {}
            Length::Chunked => words.push("in the chunked coding".to_owned()),
            Length::Claimed(claim) => words.push(format!("with Content-Length {claim}")),
        }
        if self.expect_continue.is_some() {
            words.push("with Expect: 100-continue".to_owned());
        }
        if let Some(Stall { after, pause }) = self.stall {
            words.push(format!("stalled after {after} bytes for {} s", pause.as_secs_f64()));
        }
        if !self.hold.is_empty() {
            words.push("with the last byte held back".to_owned());
        }
        if self.reading == Reading::Afterwards {
            words.push("reading nothing before everything was sent".to_owned());
        }
        if let Some(after) = self.break_off {
            words.push(format!("broken off after {after} bytes"));
        }
        f.write_str(&words.join(", "))
    }
}
