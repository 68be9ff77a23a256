//! What is asked, and what came back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::content::Content;
use super::pace::Pace;
use crate::recorder::Class;
use uptake_payload::ContentRange;

/// A request, as views into what its caller has.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) method: &'static str,
    pub(crate) path: &'a str,
    pub(crate) auth: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) range: Option<ContentRange>,
    /// What stands before the file in the body; the whole body where there is no file.
    pub(crate) before: &'a [u8],
    pub(crate) file: Option<Window<'a>>,
    pub(crate) after: &'a [u8],
    pub(crate) keep: Keep,
    /// After how many bytes of the file the connection is closed.
    pub(crate) break_off: Option<u64>,
    pub(crate) pace: Option<&'a Pace>,
}

/// Whether the answer's body is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Nothing,
    Body,
}

/// A part of some content.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    pub(crate) content: &'a Arc<Content>,
    pub(crate) from: u64,
    pub(crate) len: u64,
}

impl<'a> Ask<'a> {
    /// A request without a body.
    pub(crate) fn new(method: &'static str, path: &'a str) -> Self {
        Self {
            method,
            path,
            auth: None,
            content_type: None,
            range: None,
            before: b"",
            file: None,
            after: b"",
            keep: Keep::Nothing,
            break_off: None,
            pace: None,
        }
    }

    /// How long the body is.
    pub(super) fn length(&self) -> u64 {
        let file = self.file.map_or(0, |file| file.len);
        self.before.len() as u64 + file + self.after.len() as u64
    }
}

/// An answer, and when what happened.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// When the request began to be written.
    pub(crate) started: Instant,
    /// When its last byte was handed over.
    pub(crate) sent: Instant,
    /// When the answer's first byte came.
    pub(crate) first_byte: Instant,
    /// When its last did.
    pub(crate) finished: Instant,
}

/// What an exchange cost beside its answer; it is there whether one came or not.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) connect: Option<Duration>,
    pub(crate) tls: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It went wrong.
    Failed(Class),
    /// The same, and on a kept connection that showed no sign of life: the server may have closed it while it idled.
    Stale(Class),
    /// The request was broken off, as it was asked for.
    BrokenOff,
}
