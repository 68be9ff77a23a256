//! Requests that append to an upload.

use super::body::Body;
use super::complete::{Outcome, conclude, told};
use super::defects::RufhDefect;
use super::fields::{Integer, boolean, integer};
use super::head::Head;
use super::interop::Interop;
use super::lengths::{Inconsistent, length_of};
use super::problem;
use super::response::Response;
use super::service::Service;
use super::transfer::{Ended, Transfer};
use super::upload::{Turn, Upload};

/// The media type of what is appended.
pub(super) const PARTIAL_UPLOAD: &str = "application/partial-upload";

/// Answers PATCH.
pub(super) async fn append(service: &Service, upload: &Upload, head: &Head, body: &mut Body<'_>) -> Outcome {
    let mut turn = if service.has(RufhDefect::AppendsInParallel) {
        upload.turn_beside_previous()
    } else if service.has(RufhDefect::WaitsForPrevious) {
        upload.turn_after_previous().await
    } else {
        upload.turn().await
    };
    let completes = match accepted(service, upload, head, &turn) {
        Ok(completes) => completes,
        Err(response) => return Outcome::Answer(*response),
    };
    let begun = turn.state().clone();
    let digest = head.field("Content-Digest");
    let tells = Interop::of(head) == Some(upload.interop);
    let ended = Transfer { service, upload, turn: &mut turn, digest, tells }.receive(body).await;
    if ended == Ended::Broken && service.has(RufhDefect::ForgetsBrokenOff) {
        *turn.state() = begun;
    }
    conclude(service, (upload, &turn), ended, completes)
}

/// Whether the request completes the upload, or why it is refused before its content is read.
fn accepted(service: &Service, upload: &Upload, head: &Head, turn: &Turn<'_>) -> Result<bool, Box<Response>> {
    let refuse = |response| Err(Box::new(told(response, upload, turn)));
    let interop = upload.interop;
    let state = turn.state().clone();
    if state.is_gone {
        return Err(Box::new(problem::plain(404, "there is no such upload")));
    }
    if head.media_type().as_deref() != Some(PARTIAL_UPLOAD) {
        return refuse(problem::plain(415, "an upload takes application/partial-upload"));
    }
    let completes = match head.field("Upload-Complete").and_then(boolean) {
        Some(completes) => completes,
        // The examples of version 6 leave the field out.
        None if interop == Interop::Six => false,
        None => return refuse(problem::plain(400, "Upload-Complete is missing")),
    };
    let Some(Integer::Valid(offset)) = head.field("Upload-Offset").map(integer) else {
        return refuse(problem::plain(400, "Upload-Offset is missing or invalid"));
    };
    let content = head.content_length();
    if state.completed.is_some() && service.has(RufhDefect::AppendsToCompleted) {
        turn.state().offset += content.unwrap_or_default();
    }
    if state.completed.is_some() && interop == Interop::Six {
        return refuse(problem::completed());
    }
    if offset != state.offset {
        if service.has(RufhDefect::AppendsAtOtherOffset) {
            turn.state().offset += content.unwrap_or_default();
        }
        let response = told(problem::mismatching_offset(state.offset, offset), upload, turn);
        return Err(Box::new(response.with("Upload-Offset", state.offset)));
    }
    if let Some(completed) = state.completed {
        return match (interop, content) {
            // The final response may have been lost.
            (Interop::Nine, Some(0)) if completes => Err(Box::new(completed)),
            (_, Some(0)) => refuse(problem::completed()),
            _ => refuse(problem::inconsistent_length()),
        };
    }
    let limits = &service.limits;
    if content.is_some_and(|content| content > limits.max_append) {
        let response = problem::plain(413, "the content is longer than the limits allow");
        return refuse(response.with("Upload-Limit", limits.field(interop, upload.created.elapsed())));
    }
    if content.is_some_and(|content| content < limits.min_append) && !completes {
        return refuse(problem::plain(400, "the content is shorter than the limits allow"));
    }
    match length_of(head, completes, (state.offset, state.length)) {
        Ok(length) => {
            turn.state().length = length;
            Ok(completes)
        }
        Err(Inconsistent) => refuse(problem::inconsistent_length()),
    }
}
