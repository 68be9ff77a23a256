//! What may be answered to a segment: the faults that it has, or the rule by which it must be accepted.

use super::allowed::Allowed;
use super::fault::{self, Fault};
use super::range::Range;
use super::segment;
use super::state::{ContractLimits, Owner, Phase, Progress, Request, State, Token, Upload, VideoRef};

/// An answer that is allowed, and the state after it.
pub(super) type Outcome = (Allowed, State);

/// What may be answered to a segment that is sent with a token, and the state after each answer.
pub(super) fn outcomes(limits: &ContractLimits, state: &State, request: &Request) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let Some(token) = state.tokens.get(request.token) else { return outcomes };
    // What has not arrived completely changes nothing, and nobody is there to read an answer.
    if request.broken_off {
        return vec![(Allowed::Anything, state.clone())];
    }
    for phase in token.phases(request.arrived, limits) {
        outcomes.push(outcome(limits, state, request, phase));
    }
    if request.odd && outcomes.iter().any(|(kind, _)| matches!(kind, Allowed::Accepted { .. })) {
        outcomes.push((Allowed::AnyRefusal, state.clone()));
    }
    outcomes
}

fn outcome(limits: &ContractLimits, state: &State, request: &Request, phase: Phase) -> Outcome {
    let token = &state.tokens[request.token];
    let upload = match request.link {
        VideoRef::Upload(upload) => state.uploads.get(&upload),
        VideoRef::Begins(_) | VideoRef::Nowhere => None,
    };
    let mut faults: Vec<Fault> = credentials(limits, token, upload, request, phase);
    let entitled = faults.is_empty();
    faults.extend(segment::form(request, limits));
    // What belongs to an upload that is not ours has no place in it.
    let progress = upload.map(|upload| &upload.progress);
    faults.extend(segment::place(request, progress, limits));
    let mut after = state.clone();
    if !faults.is_empty() {
        if entitled && matches!(request.link, VideoRef::Begins(_)) {
            after.tokens[request.token].refused = true;
        }
        return (Allowed::refused(&faults), after);
    }
    let (number, known) = match request.link {
        VideoRef::Begins(number) => (number, None),
        VideoRef::Upload(number) => (number, Some(number)),
        VideoRef::Nowhere => return (Allowed::refused(&[fault::NOT_BEGUN_BY_TOKEN]), after),
    };
    let rule = acceptance(request, progress, phase, token.ttl);
    let progress = segment::with(request, progress.cloned());
    after.uploads.insert(number, Upload { owner: Owner::Token(request.token), progress });
    (Allowed::Accepted { rule, known }, after)
}

fn credentials(
    limits: &ContractLimits,
    token: &Token,
    upload: Option<&Upload>,
    request: &Request,
    phase: Phase,
) -> Vec<Fault> {
    let ours = upload.is_some_and(|upload| upload.owner == Owner::Token(request.token));
    if let Some(deleted) = token.deleted {
        let fault = match (&request.link, deleted.phase) {
            (VideoRef::Upload(_), Phase::Grace) => fault::DELETED_IN_GRACE,
            (VideoRef::Upload(_), _) => fault::DELETED_UNDER_WAY,
            _ if request.began.from <= deleted.at.from => fault::DELETED_ON_THE_WAY,
            _ if token.ttl == 0 => fault::DELETED_UNEXPIRING,
            _ => fault::DELETED,
        };
        return if ours || matches!(request.link, VideoRef::Begins(_)) {
            vec![fault]
        } else {
            vec![fault, fault::NOT_BEGUN_BY_TOKEN]
        };
    }
    let began_active = token.phases(request.began, limits) == [Phase::Active];
    match (request.link, phase) {
        (_, Phase::Over) if ours => vec![fault::GRACE_OVER],
        (VideoRef::Begins(_), Phase::Active) => Vec::new(),
        (VideoRef::Begins(_), _) => vec![if began_active {
            fault::EXPIRED_ON_THE_WAY
        } else if token.refused {
            fault::REFUSED_DOES_NOT_COUNT
        } else if request.range.is_some() {
            fault::EXPIRED_PROGRESSIVE
        } else if phase == Phase::Grace {
            fault::EXPIRED_IN_GRACE
        } else {
            fault::EXPIRED
        }],
        (_, _) if ours => Vec::new(),
        (_, Phase::Active) => vec![fault::NOT_BEGUN_BY_TOKEN],
        (_, _) => vec![fault::NOT_BEGUN_IN_GRACE],
    }
}

/// The rule by which a segment without a fault must be accepted.
pub(super) fn acceptance(
    request: &Request,
    progress: Option<&Progress>,
    phase: Phase,
    ttl: u64,
) -> &'static str {
    let range = request.range.as_deref().map(Range::read);
    let by_bytes = matches!(range, Some(Range::Bytes { .. }));
    match (&range, progress) {
        _ if phase == Phase::Grace && by_bytes => "GRACE-01",
        _ if phase == Phase::Grace => "GRACE-02",
        _ if ttl == 0 && progress.is_some() && request.began.from > 86_400_000 => "GRACE-09",
        _ if ttl == 0 && request.began.from > 86_400_000 => "TTL-09",
        (Some(Range::Bytes { from, to, total }), _) if *total == Some(to + 1) && *from > 0 => "BYTES-08",
        (Some(Range::Bytes { from, .. }), Some(Progress::Bytes { ranges, .. }))
            if ranges.values().any(|(to, _)| to > from) =>
        {
            "BYTES-02"
        }
        (Some(Range::Bytes { .. }), None) => "BYTES-06",
        (Some(Range::Bytes { .. }), _) => "BYTES-01",
        (Some(Range::Part { number: 1, count: Some(1) }), _) => "PART-06",
        (Some(Range::Part { number, .. }), Some(Progress::Parts { parts, .. }))
            if parts.keys().any(|other| other > number) =>
        {
            "PART-03"
        }
        (Some(Range::Part { .. }), _) => "PART-01",
        (None | Some(Range::Malformed), _) => "UPLOAD-01",
    }
}
