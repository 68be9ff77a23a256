//! Requests to the resource that uploads are for: they create uploads, or are conventional ones.

use super::body::Body;
use super::complete::{Outcome, conclude, processed};
use super::defects::RufhDefect;
use super::fields::boolean;
use super::head::Head;
use super::interop::Interop;
use super::lengths::{Inconsistent, length_of};
use super::problem;
use super::response::Response;
use super::service::Service;
use super::transfer::{Ended, Transfer, announce};
use super::upload::Asked;

/// Answers a request with content.
pub(super) async fn create(service: &Service, head: &Head, body: &mut Body<'_>) -> Outcome {
    let completes = head.field("Upload-Complete").and_then(boolean);
    let interop = Interop::of(head);
    let creates = completes.is_some() && interop.is_some();
    if !creates
        && service.has(RufhDefect::AnnouncesToEveryone)
        && body.interim(104, &[("Location", "/uploads/0")]).await.is_err()
    {
        return Outcome::Abort;
    }
    match (completes, interop) {
        (Some(completes), Some(interop)) => Creation { service, head, interop, completes }.run(body).await,
        (Some(false), None) => Outcome::Answer(problem::plain(
            400,
            "parts of an upload are accepted in the interop versions 6, 8 and 9 only",
        )),
        (Some(true) | None, _) => conventional(service, body).await,
    }
}

/// An upload that nobody can resume.
async fn conventional(service: &Service, body: &mut Body<'_>) -> Outcome {
    let mut size = 0_u64;
    loop {
        match body.next().await {
            Ok(Some(piece)) => size += piece.len() as u64,
            Ok(None) => return Outcome::Answer(processed(size)),
            Err(_) => return Outcome::Abort,
        }
        if size > service.limits.max_size {
            return Outcome::Answer(problem::plain(413, "the content is too large"));
        }
    }
}

struct Creation<'c> {
    service: &'c Service,
    head: &'c Head,
    interop: Interop,
    completes: bool,
}

impl Creation<'_> {
    async fn run(self, body: &mut Body<'_>) -> Outcome {
        let Self { service, head, interop, completes } = self;
        let length = match length_of(head, completes, (0, None)) {
            Ok(length) => length,
            Err(Inconsistent) => return Outcome::Answer(self.refused(problem::inconsistent_length())),
        };
        if let Some(refusal) = self.past_limits(length) {
            return Outcome::Answer(self.refused(refusal));
        }
        let field = |name| head.field(name).map(str::to_owned);
        let asked = Asked { digest: field("Repr-Digest"), wanted: field("Want-Repr-Digest") };
        let Some(upload) = service.uploads.create(interop, asked, service.limits.max_age) else {
            return Outcome::Answer(problem::plain(503, "there are too many uploads"));
        };
        let mut turn = upload.turn().await;
        turn.state().length = length;
        let begun = turn.state().clone();
        if announce(service, &upload, body).await.is_err() {
            return Outcome::Abort;
        }
        let digest = head.field("Content-Digest");
        let mut transfer = Transfer { service, upload: &upload, turn: &mut turn, digest, tells: true };
        let ended = transfer.receive(body).await;
        if ended == Ended::Broken && service.has(RufhDefect::ForgetsBrokenOff) {
            *turn.state() = begun;
        }
        match conclude(service, (&upload, &turn), ended, completes) {
            Outcome::Abort => Outcome::Abort,
            Outcome::Answer(response) if turn.state().is_gone => Outcome::Answer(response),
            Outcome::Answer(response) => {
                let limits = service.limits.field(interop, upload.created.elapsed());
                let response = response.with("Location", &upload.path).with("Upload-Limit", limits);
                // The target's own answer to an upload that is not complete is that there is one.
                let is_accepted = ended == Ended::Whole && !completes;
                Outcome::Answer(if is_accepted { response.with_status(201) } else { response })
            }
        }
    }

    fn past_limits(&self, length: Option<u64>) -> Option<Response> {
        let limits = &self.service.limits;
        let content = self.head.content_length();
        let is_long = length.is_some_and(|length| length > limits.max_size)
            || (content.is_some_and(|content| content > limits.max_append) && self.interop != Interop::Six);
        if is_long {
            return Some(problem::plain(413, "the upload is longer than the limits allow"));
        }
        let is_short = content.is_some_and(|content| content > 0 && content < limits.min_append);
        let is_limited = self.interop != Interop::Six && !self.completes;
        (is_short && is_limited).then(|| problem::plain(400, "the content is shorter than the limits allow"))
    }

    fn refused(&self, response: Response) -> Response {
        let limits = self.service.limits.field(self.interop, std::time::Duration::ZERO);
        let response = response.with("Upload-Limit", limits);
        if self.interop == Interop::Six { response } else { response.with("Upload-Complete", "?0") }
    }
}
