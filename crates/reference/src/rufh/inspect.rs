//! Requests without content: for the offset of an upload, to cancel it, and for what can be done.

use super::append::PARTIAL_UPLOAD;
use super::complete::{Outcome, remove};
use super::defects::RufhDefect;
use super::fields::flag;
use super::head::Head;
use super::interop::Interop;
use super::problem;
use super::response::Response;
use super::service::Service;
use super::upload::Upload;

/// Fields that version 6 refuses where they have no place.
fn has_any(head: &Head, names: &[&str]) -> bool {
    names.iter().any(|name| head.field(name).is_some())
}

/// Answers HEAD and GET.
pub(super) async fn offset(service: &Service, upload: &Upload, head: &Head) -> Response {
    let is_beside = service.has(RufhDefect::TellsMovingOffset) || service.has(RufhDefect::AppendsInParallel);
    let turn = if is_beside {
        upload.turn_beside_previous()
    } else if service.has(RufhDefect::WaitsForPrevious) {
        upload.turn_after_previous().await
    } else {
        upload.turn().await
    };
    let state = turn.state().clone();
    if state.is_gone {
        return problem::plain(404, "there is no such upload");
    }
    if upload.interop == Interop::Six && has_any(head, &["Upload-Offset", "Upload-Complete", "Upload-Length"])
    {
        return problem::plain(400, "a request for the offset must not describe the upload");
    }
    Response::new(204)
        .with("Upload-Offset", state.offset)
        .with("Upload-Complete", flag(state.completed.is_some()))
        .with("Upload-Length", state.length.map(|length| length.to_string()).unwrap_or_default())
        .with("Upload-Limit", service.limits.field(upload.interop, upload.created.elapsed()))
        .with("Cache-Control", "no-store")
}

/// Answers DELETE.
pub(super) async fn cancel(service: &Service, upload: &Upload, head: &Head) -> Response {
    if upload.interop == Interop::Six && has_any(head, &["Upload-Offset", "Upload-Complete"]) {
        return problem::plain(400, "a request to cancel must not describe the upload");
    }
    let turn = if service.has(RufhDefect::CancelsWithoutEnding) {
        upload.turn_beside_previous()
    } else if service.has(RufhDefect::WaitsForPrevious) {
        upload.turn_after_previous().await
    } else {
        upload.turn().await
    };
    if turn.state().is_gone {
        return problem::plain(404, "there is no such upload");
    }
    if service.has(RufhDefect::CancelsWithoutEnding) {
        service.uploads.remove(&upload.path);
    } else if !service.has(RufhDefect::KeepsCancelled) {
        remove(service, upload, &turn);
    }
    Response::new(204)
}

/// Answers OPTIONS at the resource that uploads are for.
pub(super) fn discovery(service: &Service, head: &Head) -> Outcome {
    let interop = Interop::of(head).unwrap_or(Interop::Nine);
    let accepts = if interop == Interop::Eight { PARTIAL_UPLOAD } else { "" };
    let limits = service.limits.field(interop, std::time::Duration::ZERO);
    let response = Response::new(204).with("Allow", "OPTIONS, PATCH, POST, PUT");
    Outcome::Answer(response.with("Upload-Limit", limits).with("Accept-Patch", accepts))
}
