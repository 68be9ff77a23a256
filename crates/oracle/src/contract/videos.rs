//! Videos: containers are created, and videos are shown, deleted, and asked for their status.

use serde_json::{Value as Json, json};

use super::call::{Call, Given};
use super::expectation::{Check, Expectation};
use super::known::{Known, Learn, ShownVideo};
use super::outcome::Outcome;
use super::refusal::{Refusal, refused};
use super::wanted::{JsonType, Wanted};
use crate::state::{ContractLimits, Owner, Phase, Progress, Span, Upload};

/// The states of an upload that is complete.
const DONE: [&str; 3] = ["uploaded", "ingesting", "ingested"];

/// `POST /videos`
pub(super) fn create(
    known: &Known,
    title: &Given,
    call: &Call,
    limits: &ContractLimits,
    authorization: Option<Refusal>,
) -> Outcome {
    let fault = match title {
        Given::Known(_) | Given::KnownAsText(_) | Given::Unknown => None,
        Given::Missing => Some(Refusal::missing_member("SCHEMA-06", "title")),
        Given::NotJson => Some(Refusal::not_json()),
    };
    let refusals: Vec<_> = authorization.into_iter().chain(fault).collect();
    if !refusals.is_empty() {
        return Outcome::unchanged(refused(&refusals), known);
    }
    let mut expectation =
        Expectation::status("SCHEMA-04", 201).with_all(new_video(known, call.arrived, limits));
    if let Given::Known(title) | Given::KnownAsText(title) = title {
        expectation = expectation.with(Check::json("SCHEMA-04", "$.title", Wanted::Is(json!(title))));
    }
    let learn = Learn::Video(known.next_video(), Owner::Key);
    Outcome { expectation, next: known.clone(), learn }
}

/// What a video must be that did not exist before.
pub(super) fn new_video(known: &Known, at: Span, limits: &ContractLimits) -> Vec<Check> {
    let before = known.ids.iter().map(|id| json!(id)).collect();
    let mut checks = vec![
        Check::json("SCHEMA-04", "$.videoId", Wanted::Type(JsonType::Text)),
        Check::json("UPLOAD-09", "$.videoId", Wanted::NoneOf(before)),
        Check::json("SCHEMA-07", "$.createdAt", Wanted::DateTime),
    ];
    checks.extend(types());
    if let Some((from, to)) = known.server_time(at, limits.margin) {
        checks.push(Check::json("SCHEMA-04", "$.createdAt", Wanted::Between(from, to)));
    }
    checks
}

/// A video is shown as the first answer that named it showed it.
pub(super) fn same_video(shown: &ShownVideo) -> Vec<Check> {
    let mut checks = vec![Check::json("SCHEMA-04", "$.videoId", Wanted::Is(json!(shown.id)))];
    for (name, value) in &shown.fields {
        let wanted = if value.is_null() { Wanted::NullOrAbsent } else { Wanted::Is(value.clone()) };
        checks.push(Check::json("SCHEMA-04", format!("$.{name}"), wanted));
    }
    checks.extend(assets(&shown.id));
    checks.extend(types());
    checks
}

/// The assets of a video are absolute URLs that carry its id. Which of them there are is left open.
pub(super) fn assets(id: &str) -> Vec<Check> {
    let path = |name: &str| format!("$.assets.{name}");
    let url = |name: &&str| Check::json("SCHEMA-09", path(name), Wanted::OptionalUrl(id.to_owned()));
    let mut checks: Vec<_> = ["player", "hls", "thumbnail", "mp4"].iter().map(url).collect();
    checks.push(Check::json("SCHEMA-09", path("iframe"), Wanted::OptionalText(id.to_owned())));
    checks
}

/// The fields of a video have their types wherever they are shown.
pub(super) fn types() -> Vec<Check> {
    let fields = [
        ("public", JsonType::Boolean),
        ("panoramic", JsonType::Boolean),
        ("mp4Support", JsonType::Boolean),
        ("discarded", JsonType::Boolean),
        ("tags", JsonType::Array),
        ("metadata", JsonType::Array),
        ("source", JsonType::Object),
        ("assets", JsonType::Object),
    ];
    let field = |(name, kind)| Check::json("SCHEMA-04", format!("$.{name}"), Wanted::Optional(kind));
    let mut checks: Vec<_> = fields.map(field).to_vec();
    for name in ["createdAt", "updatedAt", "publishedAt", "discardedAt", "deletesAt"] {
        checks.push(Check::json("SCHEMA-07", format!("$.{name}"), Wanted::OptionalDateTime));
    }
    checks
}

/// What is done with a video that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Show,
    Delete,
    Status,
}

/// When a call arrived, and the limits that it is judged by.
#[derive(Clone, Copy)]
pub(super) struct Conditions<'a> {
    pub(super) at: Span,
    pub(super) limits: &'a ContractLimits,
}

/// `GET /videos/{id}`, `DELETE /videos/{id}` and `GET /videos/{id}/status`
pub(super) fn existing(
    known: &Known,
    action: Action,
    id: &str,
    conditions: Conditions<'_>,
    authorization: Option<Refusal>,
) -> Vec<Outcome> {
    let Conditions { at, limits } = conditions;
    let Some(number) = known.video(id) else {
        let refusals: Vec<_> = authorization.into_iter().chain([Refusal::not_found("UPLOAD-13")]).collect();
        return vec![Outcome::unchanged(refused(&refusals), known)];
    };
    if let Some(refusal) = authorization {
        return vec![Outcome::unchanged(refused(&[refusal]), known)];
    }
    let without = || {
        let mut next = known.clone();
        next.videos.remove(&number);
        next.uploads.uploads.remove(&number);
        next
    };
    let mut outcomes = Vec::new();
    if can_be_gone(known, number, at, limits) {
        // An upload that nobody can complete any more may be gone.
        let expectation = refused(&[Refusal::not_found("GRACE-05")]);
        outcomes.push(Outcome { expectation, next: without(), learn: Learn::Nothing });
    }
    let shown = &known.videos[&number];
    let expectation = match action {
        Action::Show => Expectation::status("SCHEMA-04", 200).with_all(same_video(shown)),
        Action::Delete => Expectation::status("HTTP-12", 204),
        Action::Status => status(known, number, at, limits),
    };
    let next = if action == Action::Delete { without() } else { known.clone() };
    outcomes.push(Outcome { expectation, next, learn: Learn::Nothing });
    outcomes
}

/// Whether a video's upload can never be completed: its token was deleted, or its grace is over.
fn can_be_gone(known: &Known, number: usize, at: Span, limits: &ContractLimits) -> bool {
    let Some(Upload { owner: Owner::Token(token), progress }) = known.uploads.uploads.get(&number) else {
        return false;
    };
    let token = &known.uploads.tokens[*token];
    let over = token.deleted.is_some() || token.phases(at, limits).contains(&Phase::Over);
    over && !progress.is_complete()
}

fn status(known: &Known, number: usize, at: Span, limits: &ContractLimits) -> Expectation {
    let is = |rule, path: &str, wanted| Check::json(rule, path, wanted);
    let states: Vec<Json> = DONE.iter().chain(&["uploading"]).map(|state| json!(state)).collect();
    let base = |rule| {
        Expectation::status(rule, 200)
            .with(is("SCHEMA-05", "$.ingest", Wanted::Type(JsonType::Object)))
            .with(is("SCHEMA-05", "$.ingest.status", Wanted::OneOf(states.clone())))
            .with(is("SCHEMA-05", "$.ingest.filesize", Wanted::Optional(JsonType::Integer)))
            .with(is("SCHEMA-05", "$.encoding", Wanted::Type(JsonType::Object)))
            .with(is("SCHEMA-05", "$.encoding.playable", Wanted::Optional(JsonType::Boolean)))
            .with(is("SCHEMA-05", "$.encoding.qualities", Wanted::Optional(JsonType::Array)))
            .with(is("SCHEMA-05", "$.encoding.metadata", Wanted::Optional(JsonType::Object)))
    };
    let done: Vec<Json> = DONE.iter().map(|state| json!(state)).collect();
    let Some(upload) = known.uploads.uploads.get(&number) else {
        // An empty container: which state it shows is left open, but for one that says that a file is there.
        return base("SCHEMA-05").with(is("SCHEMA-05", "$.ingest.status", Wanted::NoneOf(done))).with(is(
            "SCHEMA-05",
            "$.ingest.filesize",
            Wanted::NullOrAbsent,
        ));
    };
    let progress = &upload.progress;
    if progress.is_complete() {
        let size: u64 = progress.pieces().iter().map(|piece| piece.length).sum();
        let rule = completion_rule(known, upload, at, limits);
        return base(rule).with(is(rule, "$.ingest.status", Wanted::OneOf(done))).with(is(
            "UPLOAD-11",
            "$.ingest.filesize",
            Wanted::Is(json!(size)),
        ));
    }
    if can_be_gone(known, number, at, limits) {
        return base("GRACE-05").with(is("GRACE-05", "$.ingest.status", Wanted::NoneOf(done)));
    }
    let under_way = |rule| base(rule).with(is(rule, "$.ingest.status", Wanted::Is(json!("uploading"))));
    let items = |numbers: Vec<u128>| numbers.into_iter().map(number_value).collect::<Vec<_>>();
    match progress {
        Progress::Bytes { ranges, total } => {
            let froms = items(ranges.keys().copied().collect());
            let tos = items(ranges.values().map(|(to, _)| *to).collect());
            let mut expectation = under_way("BYTES-05")
                .with(is("BYTES-04", "$.ingest.receivedBytes[*].from", Wanted::Items(vec![froms])))
                .with(is("BYTES-04", "$.ingest.receivedBytes[*].to", Wanted::Items(vec![tos])));
            for at in 0..ranges.len() {
                let path = format!("$.ingest.receivedBytes[{at}].total");
                // A range that came before the total was named may go on showing none.
                let wanted = match total {
                    Some(total) => Wanted::OneOf(vec![number_value(*total), Json::Null]),
                    None => Wanted::NullOrAbsent,
                };
                expectation = expectation.with(is("BYTES-04", &path, wanted));
            }
            expectation
        }
        Progress::Parts { count, parts } => {
            let numbers = items(parts.keys().copied().collect());
            let total = count.map_or(Wanted::NullOrAbsent, |count| Wanted::Is(number_value(count)));
            under_way("PART-01")
                .with(is("PART-05", "$.ingest.receivedParts.parts", Wanted::Is(Json::Array(numbers))))
                .with(is("PART-05", "$.ingest.receivedParts.total", total))
        }
        Progress::Whole(_) => base("UPLOAD-11"),
    }
}

fn number_value(number: u128) -> Json {
    u64::try_from(number).map_or(Json::Null, Json::from)
}

/// The rule that says that a complete upload is shown as one.
fn completion_rule(known: &Known, upload: &Upload, at: Span, limits: &ContractLimits) -> &'static str {
    let by_framing = match upload.progress {
        Progress::Whole(_) => "UPLOAD-11",
        Progress::Bytes { .. } => "BYTES-01",
        Progress::Parts { .. } => "PART-01",
    };
    let Owner::Token(token) = upload.owner else { return by_framing };
    let token = &known.uploads.tokens[token];
    match token.phases(at, limits).as_slice() {
        _ if token.deleted.is_some() => "REVOKE-07",
        [Phase::Over] => "GRACE-08",
        [Phase::Grace] => "TTL-11",
        _ => by_framing,
    }
}
