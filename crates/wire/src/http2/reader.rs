//! Reads the response to one request: interim responses, the head, the body within its bounds, and the stream's end.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::{Reason, RecvStream};
use http::{HeaderMap, Response};

use super::fault::Explained;
use crate::coding::decoded;
use crate::exchange::find;
use crate::response::{Bound, Limits};
use crate::signals::Signals;
use crate::{Answer, Closed, Fault, Interim};

/// What RFC 9113, section 6.5.2, counts for each field beside its name and value.
const FIELD_OVERHEAD: usize = 32;

/// What reading needs.
pub(super) struct Reader<'a> {
    pub(super) signals: &'a Signals,
    pub(super) limits: Limits,
    pub(super) explained: &'a Explained<'a>,
}

/// A part of a response that comes before its body.
enum Beginning {
    Interim(Response<()>),
    Final(Response<RecvStream>),
}

impl Reader<'_> {
    /// Reads the whole response.
    pub(super) async fn read(&self, mut response: ResponseFuture) -> Result<Answer, Fault> {
        let mut interim_bytes = 0;
        let response = loop {
            match self.beginning(&mut response).await? {
                Beginning::Final(response) => break response,
                Beginning::Interim(interim) => {
                    interim_bytes += size(interim.headers());
                    if interim_bytes > self.limits.interim {
                        return Err(Fault::Exceeded(Bound::Interim(self.limits.interim)));
                    }
                    let headers = texts(interim.headers());
                    self.signals.received(Interim { status: interim.status().as_u16(), headers });
                }
            }
        };
        self.signals.timeout.answered();
        if size(response.headers()) > self.limits.head {
            return Err(Fault::Exceeded(Bound::Head(self.limits.head)));
        }
        let status = response.status().as_u16();
        let headers = texts(response.headers());
        let body = self.body(status, &headers, response.into_body()).await?;
        let body = decoded(find(&headers, "content-encoding"), body, self.limits.body)?;
        Ok(Answer { status, headers, interim: self.signals.interim(), body: Bytes::from(body) })
    }

    async fn beginning(&self, response: &mut ResponseFuture) -> Result<Beginning, Fault> {
        let begun = poll_fn(|context| match response.poll_informational(context) {
            Poll::Ready(Some(interim)) => Poll::Ready(interim.map(Beginning::Interim)),
            Poll::Ready(None) => Pin::new(&mut *response).poll(context).map_ok(Beginning::Final),
            Poll::Pending => Poll::Pending,
        });
        begun.await.map_err(|error| self.explained.fault(&error, Closed::Before))
    }

    async fn body(
        &self,
        status: u16,
        headers: &[(String, String)],
        mut stream: RecvStream,
    ) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        let cut = |error: &h2::Error| self.explained.fault(error, Closed::InBody { status });
        while let Some(piece) = stream.data().await {
            let piece = match piece {
                Ok(piece) => piece,
                // A server that has answered tells so that it needs no more of the request (RFC 9113, section 8.1).
                Err(error) if is_answered(&error) && is_whole(headers, body.len()) => return Ok(body),
                Err(error) => return Err(cut(&error)),
            };
            if (body.len() + piece.len()) as u64 > self.limits.body {
                return Err(Fault::Exceeded(Bound::Body(self.limits.body)));
            }
            body.extend_from_slice(&piece);
            // It fails only where the stream has ended meanwhile.
            let _ = stream.flow_control().release_capacity(piece.len());
        }
        match stream.trailers().await {
            Err(error) if !is_answered(&error) => Err(cut(&error)),
            _ => Ok(body),
        }
    }
}

fn is_answered(error: &h2::Error) -> bool {
    error.is_remote() && error.is_reset() && error.reason() == Some(Reason::NO_ERROR)
}

/// Whether a body is as long as its Content-Length says, where there is one.
fn is_whole(headers: &[(String, String)], length: usize) -> bool {
    find(headers, "content-length").is_none_or(|told| told.parse() == Ok(length))
}

/// The size of a header section, as RFC 9113 counts it.
fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + FIELD_OVERHEAD).sum()
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}
