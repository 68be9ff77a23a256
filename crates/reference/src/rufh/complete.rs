//! The end of an upload: what the resource that it was for answers, once it has all of the content.

use serde_json::json;

use super::defects::RufhDefect;
use super::interop::Interop;
use super::problem;
use super::response::Response;
use super::service::Service;
use super::transfer::Ended;
use super::upload::{Turn, Upload};

/// What becomes of a request.
pub(super) enum Outcome {
    /// It is answered.
    Answer(Response),
    /// Its connection is dropped.
    Abort,
}

/// The response of the resource that content was sent to.
pub(super) fn processed(size: u64) -> Response {
    Response::new(201).json("application/json", &json!({ "size": size }))
}

/// What follows from the end of a transfer; `completes` says whether its request was to complete the upload.
pub(super) fn conclude(
    service: &Service,
    (upload, turn): (&Upload, &Turn<'_>),
    ended: Ended,
    completes: bool,
) -> Outcome {
    let refused = match ended {
        Ended::Broken => {
            if completes && service.has(RufhDefect::CompletesBrokenOff) {
                turn.state().completed = Some(processed(0));
            }
            return Outcome::Abort;
        }
        Ended::PastLength => {
            if upload.interop != Interop::Six {
                remove(service, upload, turn);
            }
            problem::inconsistent_length()
        }
        Ended::TooLarge => problem::plain(413, "the content is longer than the limits allow")
            .with("Upload-Limit", service.limits.field(upload.interop, upload.created.elapsed())),
        Ended::Damaged => problem::plain(400, "the content does not have the digest in Content-Digest"),
        Ended::Malformed => problem::plain(400, "the transfer coding cannot be read"),
        Ended::Whole => {
            let is_full = service.has(RufhDefect::CompletesByLength) && {
                let state = turn.state();
                state.length == Some(state.offset)
            };
            return Outcome::Answer(if completes || is_full {
                complete(service, upload, turn)
            } else {
                appended(upload, turn)
            });
        }
    };
    Outcome::Answer(told(refused, upload, turn))
}

/// A refusal, with what the upload's version says of the state.
pub(super) fn told(refusal: Response, upload: &Upload, turn: &Turn<'_>) -> Response {
    let state = turn.state();
    match upload.interop {
        Interop::Six if state.is_gone => refusal,
        Interop::Six => refusal.with("Upload-Offset", state.offset),
        Interop::Eight | Interop::Nine => refusal.with("Upload-Complete", "?0"),
    }
}

/// The content is there, and more is to come.
fn appended(upload: &Upload, turn: &Turn<'_>) -> Response {
    let status = if upload.interop == Interop::Six { 201 } else { 204 };
    Response::new(status).with("Upload-Complete", "?0").with("Upload-Offset", turn.state().offset)
}

/// All of the content is there.
fn complete(service: &Service, upload: &Upload, turn: &Turn<'_>) -> Response {
    let mut state = turn.state();
    if state.length.is_some_and(|length| length != state.offset) {
        drop(state);
        return told(problem::inconsistent_length(), upload, turn);
    }
    if upload.asked.digest.as_deref().is_some_and(|wanted| !state.digests.agree_with(wanted)) {
        drop(state);
        remove(service, upload, turn);
        return problem::plain(400, "the content does not have the digest in Repr-Digest")
            .with("Upload-Complete", if upload.interop == Interop::Six { "" } else { "?1" });
    }
    let digest = upload.asked.wanted.as_deref().and_then(|wants| state.digests.wanted(wants));
    let response = processed(state.offset)
        .with("Upload-Complete", "?1")
        .with("Upload-Offset", state.offset)
        .with("Repr-Digest", digest.unwrap_or_default());
    state.length = Some(state.offset);
    state.completed = Some(response.clone());
    response
}

/// The upload is no more.
pub(super) fn remove(service: &Service, upload: &Upload, turn: &Turn<'_>) {
    turn.state().is_gone = true;
    service.uploads.remove(&upload.path);
}
