//! Segments arrive: with an upload token, or with the API key into a container.

use serde_json::json;

use super::call::{Call, Segment};
use super::expectation::{Answered, Check, Expectation};
use super::known::{Known, Learn};
use super::outcome::Outcome;
use super::refusal::{Refusal, refused};
use super::videos::{new_video, same_video};
use super::wanted::Wanted;
use crate::allowed::Allowed;
use crate::fault;
use crate::outcome::{acceptance, outcomes};
use crate::segment;
use crate::state::{ContractLimits, Owner, Phase, Request, Upload, VideoRef};

/// A segment on its way, and the limits that it is judged by.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) call: &'a Call,
    pub(super) segment: &'a Segment,
    pub(super) limits: &'a ContractLimits,
}

/// `POST /upload`
pub(super) fn by_token(
    known: &Known,
    sent: Sent<'_>,
    token: Option<&str>,
    video: Option<&str>,
) -> Vec<Outcome> {
    let Sent { call, segment: sent, limits } = sent;
    let number = video.and_then(|id| known.video(id));
    let link = match (video, number) {
        (None, _) => VideoRef::Begins(known.next_video()),
        (Some(_), Some(number)) => VideoRef::Upload(number),
        (Some(_), None) => VideoRef::Nowhere,
    };
    let known_token = token.and_then(|token| known.token(token));
    let request = request(known_token.unwrap_or_default(), link, call, sent);
    if sent.broken_off {
        return vec![unread(known)];
    }
    if known_token.is_none() {
        let refusal =
            if token.is_none() { Refusal::no_upload_token() } else { Refusal::unknown_upload_token() };
        let mut refusals = vec![refusal];
        refusals.extend(segment::form(&request, limits).into_iter().map(Refusal::from));
        refusals.extend(segment::place(&request, None, limits).into_iter().map(Refusal::from));
        if link == VideoRef::Nowhere {
            refusals.push(Refusal::not_found("UPLOAD-13"));
        }
        return vec![Outcome::unchanged(refused(&refusals), known)];
    }
    outcomes(limits, &known.uploads, &request)
        .into_iter()
        .map(|(allowed, uploads)| {
            let mut next = known.clone();
            next.uploads = uploads;
            let owner = Owner::Token(request.token);
            let (expectation, learn) = match &allowed {
                Allowed::Accepted { rule, known: None } => {
                    let title = Wanted::Is(json!(sent.file_name));
                    let expectation = Expectation::status(rule, 201)
                        .with_all(new_video(known, call.arrived, limits))
                        .with(Check::json("UPLOAD-10", "$.title", title));
                    (expectation, Learn::Video(known.next_video(), owner))
                }
                Allowed::Accepted { rule, known: Some(number) } => {
                    let expectation = Expectation::status(rule, 201);
                    let same = known.videos.get(number).map(same_video).unwrap_or_default();
                    (expectation.with_all(same), Learn::Nothing)
                }
                refusal => (refusal_of(refusal), Learn::Nothing),
            };
            Outcome { expectation, next, learn }
        })
        .collect()
}

fn request(token: usize, link: VideoRef, call: &Call, sent: &Segment) -> Request {
    Request {
        token,
        link,
        range: sent.range.clone(),
        offset: sent.offset,
        files: sent.files.clone(),
        broken_off: sent.broken_off,
        odd: false,
        began: call.began,
        arrived: call.arrived,
    }
}

/// A call that was broken off changes nothing, and nobody reads its answer.
fn unread(known: &Known) -> Outcome {
    let expectation =
        Expectation { rule: "UPLOAD-14", answers: Vec::new(), checks: Vec::new(), unread: true };
    Outcome::unchanged(expectation, known)
}

fn refusal_of(allowed: &Allowed) -> Expectation {
    let Allowed::Refused { rule, statuses, slugs } = allowed else {
        return Expectation { rule: "SCHEMA-06", answers: Vec::new(), checks: Vec::new(), unread: false };
    };
    let pairs = statuses
        .iter()
        .flat_map(|status| slugs.iter().map(|slug| Answered { status: *status, slug: Some(slug) }))
        .filter(Answered::is_consistent);
    Expectation { rule, answers: pairs.collect(), checks: Vec::new(), unread: false }
}

/// `POST /videos/{id}/source`
pub(super) fn by_key(known: &Known, sent: Sent<'_>, id: &str, authorization: Option<Refusal>) -> Outcome {
    let Sent { call, segment: sent, limits } = sent;
    if sent.broken_off {
        return unread(known);
    }
    let number = known.video(id);
    let upload = number.and_then(|number| known.uploads.uploads.get(&number));
    let progress = upload.map(|upload| &upload.progress);
    let link = number.map_or(VideoRef::Nowhere, VideoRef::Upload);
    let request = request(0, link, call, sent);
    let mut refusals: Vec<Refusal> = authorization.into_iter().collect();
    if number.is_none() {
        refusals.push(Refusal::not_found("UPLOAD-13"));
    }
    refusals.extend(segment::form(&request, limits).into_iter().map(Refusal::from));
    if matches!(upload, Some(Upload { owner: Owner::Token(_), .. })) {
        refusals.push(Refusal::begun_by_a_token());
        if progress.is_some_and(crate::state::Progress::is_complete) {
            refusals.push(Refusal::from(fault::COMPLETE));
        }
    }
    refusals.extend(segment::place(&request, progress, limits).into_iter().map(Refusal::from));
    let (Some(number), []) = (number, refusals.as_slice()) else {
        return Outcome::unchanged(refused(&refusals), known);
    };
    let rule = acceptance(&request, progress, Phase::Active, 1);
    let mut next = known.clone();
    let progress = segment::with(&request, progress.cloned());
    next.uploads.uploads.insert(number, Upload { owner: Owner::Key, progress });
    let same = known.videos.get(&number).map(same_video).unwrap_or_default();
    let expectation = Expectation::status(rule, 201).with_all(same);
    Outcome { expectation, next, learn: Learn::Nothing }
}
