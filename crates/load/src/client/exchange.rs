//! A request, its response, and what they cost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::content::Content;
use super::pacing::RequestPacing;
use crate::failure::ErrorClass;
use crate::protocol::{Payload, RequestTemplate, Unrenderable, Values};

/// A request, borrowed from its caller.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) template: &'a RequestTemplate,
    /// What is put into it.
    pub(crate) values: Values<'a>,
    /// The body before the file; the whole body if there is no file.
    pub(crate) before: &'a [u8],
    pub(crate) file: Option<ContentSlice<'a>>,
    /// The body after the file.
    pub(crate) after: &'a [u8],
    pub(crate) response_body: ResponseBody,
    /// Closes the connection after so many bytes of the body.
    pub(crate) interrupt_after: Option<u64>,
    pub(crate) pacing: Option<&'a Arc<RequestPacing>>,
}

/// Whether header fields and the body of the response are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseBody {
    Discard,
    Keep,
}

/// A part of a content.
#[derive(Clone, Copy)]
pub(crate) struct ContentSlice<'a> {
    pub(crate) content: &'a Arc<Content>,
    pub(crate) from: u64,
    pub(crate) len: u64,
}

impl<'a> Request<'a> {
    /// A request with the body of its template.
    pub(crate) fn new(template: &'a RequestTemplate, values: Values<'a>, body: &'a str) -> Self {
        Self {
            template,
            values,
            before: body.as_bytes(),
            file: None,
            after: b"",
            response_body: ResponseBody::Keep,
            interrupt_after: None,
            pacing: None,
        }
    }

    /// What a signature says of the body.
    pub(super) fn payload(&self) -> Payload<'a> {
        if self.file.is_some() { Payload::Unsigned } else { Payload::Bytes(self.before) }
    }

    /// The part of the body that is sent: all of it, unless the request is interrupted.
    pub(super) fn sent_part(mut self) -> Self {
        if let Some(at) = self.interrupt_after {
            let in_before = usize::try_from(at).unwrap_or(usize::MAX).min(self.before.len());
            self.before = &self.before[..in_before];
            let in_file = at - in_before as u64;
            self.file = self.file.map(|file| ContentSlice { len: file.len.min(in_file), ..file });
            self.after = b"";
        }
        self
    }

    /// The length of the body.
    pub(super) fn length(&self) -> u64 {
        let file = self.file.map_or(0, |file| file.len);
        self.before.len() as u64 + file + self.after.len() as u64
    }
}

/// A response, and when it came.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The target of the request as it was sent, if the response is wanted.
    pub(crate) requested: String,
    /// The header fields, if they are wanted.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// When the request began to be written.
    pub(crate) started: Instant,
    /// When its last byte was handed to the system.
    pub(crate) sent: Instant,
    /// When the first byte of the response came.
    pub(crate) first_byte: Instant,
    /// When the last byte came.
    pub(crate) finished: Instant,
    /// Whether it came before the last byte of the request had been sent.
    pub(crate) is_early: bool,
    /// Bytes of the file that were sent.
    pub(crate) file_bytes: u64,
}

/// What an exchange cost, whether a response came or not.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExchangeStats {
    /// Bytes written, heads included.
    pub(crate) bytes: u64,
    /// Bytes of the file that were sent in the last attempt.
    pub(crate) file_bytes: u64,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) connect: Option<Duration>,
    pub(crate) tls: Option<Duration>,
}

/// Why there is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExchangeError {
    /// The exchange failed.
    Failed(ErrorClass),
    /// The exchange failed on a reused connection before any byte came: the server may have closed it while it was idle.
    Stale(ErrorClass),
    /// The request was interrupted, as the caller asked.
    Interrupted,
}

impl ExchangeError {
    /// A request that could not be written, and so was not sent.
    pub(crate) fn unrenderable(why: Unrenderable) -> Self {
        Self::Failed(match why {
            Unrenderable::Missing => ErrorClass::Missing,
            Unrenderable::Elsewhere => ErrorClass::Elsewhere,
        })
    }
}
