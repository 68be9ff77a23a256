//! What is asked, and what came back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::content::Content;
use super::pace::Pace;
use crate::load::recorder::Class;
use crate::payload::ContentRange;

/// A request, as views into what its caller has.
#[derive(Clone, Copy)]
pub(in crate::load) struct Ask<'a> {
    pub(in crate::load) method: &'static str,
    pub(in crate::load) path: &'a str,
    pub(in crate::load) auth: Option<&'a str>,
    pub(in crate::load) content_type: Option<&'a str>,
    pub(in crate::load) range: Option<ContentRange>,
    /// What stands before the file in the body; the whole body where there is no file.
    pub(in crate::load) before: &'a [u8],
    pub(in crate::load) file: Option<Window<'a>>,
    pub(in crate::load) after: &'a [u8],
    pub(in crate::load) keep: Keep,
    /// After how many bytes of the file the connection is closed.
    pub(in crate::load) break_off: Option<u64>,
    pub(in crate::load) pace: Option<&'a Pace>,
}

/// Whether the answer's body is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::load) enum Keep {
    Nothing,
    Body,
}

/// A part of some content.
#[derive(Clone, Copy)]
pub(in crate::load) struct Window<'a> {
    pub(in crate::load) content: &'a Arc<Content>,
    pub(in crate::load) from: u64,
    pub(in crate::load) len: u64,
}

impl<'a> Ask<'a> {
    /// A request without a body.
    pub(in crate::load) fn new(method: &'static str, path: &'a str) -> Self {
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
pub(in crate::load) struct Reply {
    pub(in crate::load) status: u16,
    pub(in crate::load) body: Vec<u8>,
    /// When the request began to be written.
    pub(in crate::load) started: Instant,
    /// When its last byte was handed over.
    pub(in crate::load) sent: Instant,
    /// When the answer's first byte came.
    pub(in crate::load) first_byte: Instant,
    /// When its last did.
    pub(in crate::load) finished: Instant,
}

/// What an exchange cost beside its answer; it is there whether one came or not.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::load) struct Cost {
    pub(in crate::load) bytes: u64,
    pub(in crate::load) requests: u64,
    pub(in crate::load) retries: u64,
    pub(in crate::load) connect: Option<Duration>,
    pub(in crate::load) tls: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::load) enum Fault {
    /// It went wrong.
    Failed(Class),
    /// The same, and on a kept connection that showed no sign of life: the server may have closed it while it idled.
    Stale(Class),
    /// The request was broken off, as it was asked for.
    BrokenOff,
}
