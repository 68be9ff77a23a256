//! `PUT` to the URI of a session: content, or a query of the status.

use std::time::{Duration, Instant};

use axum::response::Response;
use http::StatusCode;
use tokio::time::timeout;

use super::answer::{Refusal, set, with_status};
use super::complete::complete;
use super::content_range::ContentRange;
use super::defects::GcsDefect;
use super::hashes::Hashes;
use super::objects;
use super::receiving::Receiving;
use super::request::Call;
use super::service::Service;
use super::session::Session;
use crate::storage::request_content::RequestContent;

/// How long a request waits for another one to the same session.
const WAIT: Duration = Duration::from_secs(30);

const LENGTH: Refusal = Refusal::invalid("the content is not as long as the request says");

/// What a request sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk {
    first: u64,
    length: Option<u64>,
    total: Option<u64>,
    is_last: bool,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Send(Chunk),
    Status(Option<u64>),
}

impl Purpose {
    const fn total(self) -> Option<u64> {
        match self {
            Self::Send(chunk) => chunk.total,
            Self::Status(total) => total,
        }
    }

    /// Without a Content-Range the content is all of it.
    fn of(call: &Call) -> Result<Self, Refusal> {
        let length = call.number("content-length").map_err(|_| LENGTH)?;
        let Some(range) = call.head.header("content-range") else {
            return Ok(Self::Send(Chunk { first: 0, length, total: length, is_last: true }));
        };
        let range =
            ContentRange::parse(range).map_err(|_| Refusal::invalid("the Content-Range is malformed"))?;
        match range {
            ContentRange::Status { total } => Ok(Self::Status(total)),
            ContentRange::Bytes { first, last, total } => {
                let ranged = last - first + 1;
                if length.is_some_and(|length| length != ranged) {
                    return Err(LENGTH);
                }
                let is_last = total == Some(last + 1);
                Ok(Self::Send(Chunk { first, length: Some(ranged), total, is_last }))
            }
        }
    }
}

pub(super) async fn upload(
    service: &Service,
    call: &Call,
    id: &str,
    body: &mut RequestContent,
) -> Result<Response, Refusal> {
    let shared = service.bucket.lock().session(id, Instant::now())?;
    let mut session = timeout(WAIT, shared.lock()).await.map_err(|_| Refusal::BUSY)?;
    let values = call.head.headers().filter(|(name, _)| *name == "x-goog-hash").map(|(_, value)| value);
    let hashes = Hashes::parse(values).map_err(|_| Refusal::invalid("X-Goog-Hash is malformed"))?;
    let purpose = Purpose::of(call).inspect_err(|_| {
        if service.has(GcsDefect::DiscardsWhenRefused) {
            session.file = None;
        }
    })?;
    session.check_total(purpose.total())?;
    if let Some(object) = &session.object {
        return Ok(objects::described(call, object));
    }
    let is_complete = match purpose {
        Purpose::Status(total) => {
            body.read(0).await?;
            total == Some(session.stored())
        }
        Purpose::Send(chunk) => {
            receive(service, &mut session, chunk, body).await?;
            chunk.is_last || (chunk.total.is_none() && service.has(GcsDefect::EndsAtUnknownTotal))
        }
    };
    if is_complete {
        let object = complete(service, id, &mut session, &hashes)?;
        return Ok(objects::described(call, &object));
    }
    if session.stored() > 0 && service.has(GcsDefect::ShowsIncompleteObjects) {
        objects::create_empty(service, &session)?;
    }
    Ok(incomplete(&session))
}

/// 308, with the stored bytes if there are any.
fn incomplete(session: &Session) -> Response {
    let mut response = with_status(StatusCode::PERMANENT_REDIRECT);
    if let Some(last) = session.stored().checked_sub(1) {
        set(&mut response, "range", &format!("bytes=0-{last}"));
    }
    response
}

/// Appends a chunk to a session.
async fn receive(
    service: &Service,
    session: &mut Session,
    chunk: Chunk,
    body: &mut RequestContent,
) -> Result<(), Refusal> {
    let first = match session.stored() {
        stored if chunk.first > stored && service.has(GcsDefect::ClosesGaps) => stored,
        stored if chunk.first > stored => return Err(Refusal::GAP),
        _ => chunk.first,
    };
    let mut receiving = Receiving::new(service, session, first)?;
    let mut received = 0;
    // An interruption drops what is being received, which keeps what counts as stored.
    while let Some(bytes) = body.next().await? {
        received += bytes.len() as u64;
        let is_longer = chunk.length.is_some_and(|length| received > length);
        let appended = if is_longer { Err(LENGTH) } else { receiving.append(&bytes).map_err(Refusal::from) };
        if let Err(refusal) = appended {
            receiving.undo();
            return Err(refusal);
        }
    }
    if chunk.length.is_some_and(|length| received != length) {
        receiving.undo();
        return Err(LENGTH);
    }
    if chunk.is_last || service.has(GcsDefect::StoresOddChunks) {
        receiving.keep_all();
    } else {
        receiving.keep_units();
    }
    session.set_total(chunk.total);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose(headers: &[(&str, &str)]) -> Result<Purpose, Refusal> {
        let mut request = http::Request::builder().uri("/upload/storage/v1/b/b/o?upload_id=a");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Purpose::of(&Call::new(&request.body(()).unwrap().into_parts().0))
    }

    #[test]
    fn a_request_sends_all_a_chunk_or_nothing() {
        let chunk =
            |first, length, total, is_last| Ok(Purpose::Send(Chunk { first, length, total, is_last }));
        assert_eq!(purpose(&[]), chunk(0, None, None, true));
        assert_eq!(purpose(&[("content-length", "7")]), chunk(0, Some(7), Some(7), true));
        let range = |text| purpose(&[("content-range", text)]);
        assert_eq!(range("bytes 2-4/6"), chunk(2, Some(3), Some(6), false));
        assert_eq!(range("bytes 2-5/6"), chunk(2, Some(4), Some(6), true));
        assert_eq!(range("bytes 2-5/*"), chunk(2, Some(4), None, false));
        assert_eq!(range("bytes */6"), Ok(Purpose::Status(Some(6))));
        assert_eq!(purpose(&[("content-length", "2"), ("content-range", "bytes 0-0/1")]), Err(LENGTH));
    }
}
