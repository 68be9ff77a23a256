//! `DELETE` of a session: it is over, and creates no object.

use axum::response::Response;
use http::StatusCode;

use super::answer::{Refusal, with_status};
use super::defects::GcsDefect;
use super::service::Service;

/// The client closed the request: not registered, and so without a constant.
const CLIENT_CLOSED_REQUEST: u16 = 499;

pub(super) fn cancel(service: &Service, id: &str) -> Result<Response, Refusal> {
    let mut contents = service.bucket.lock();
    if !contents.has_session(id) {
        return Err(Refusal::NO_SESSION);
    }
    if !service.has(GcsDefect::KeepsCancelledSessions) {
        let name = contents.end(id);
        if let Some(name) = name.filter(|_| service.has(GcsDefect::CancelsSessionsOfName)) {
            contents.end_all(&name);
        }
    }
    let status = StatusCode::from_u16(CLIENT_CLOSED_REQUEST).expect("a status has three digits");
    Ok(with_status(status))
}
