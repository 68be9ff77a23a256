//! All requests of an upload, prepared for a run.

use std::sync::Arc;

use super::compile::{Compiler, Extra};
use super::template::RequestTemplate;
use super::values::{Known, Numbers, Saved, Values};
use crate::error::LoadError;
use crate::plan::{LoadPlan, Verification};
use uptake_payload::{Framing, Total};
use uptake_suite::expr::Expr;
use uptake_suite::protocol::{
    BrokenOff, Completion, Label, Received, SegmentCall, Shows, UploadProtocol, Variation,
};
use uptake_suite::save::Save;
use uptake_suite::status::StatusSet;

/// All requests of an upload.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) known: Arc<Known>,
    /// Creates a token for each upload.
    pub(crate) token: Option<RequestTemplate>,
    pub(crate) create: Option<RequestTemplate>,
    pub(crate) whole: Option<RequestTemplate>,
    pub(crate) segment: SegmentScript,
    pub(crate) complete: Option<RequestTemplate>,
    pub(crate) ask: Option<AskScript>,
    pub(crate) stored: Option<StoredScript>,
    pub(crate) broken_off: BrokenOff,
    /// The statuses that refuse a segment at another place than the server expects.
    pub(crate) misplaced: StatusSet,
    /// What each segment size is a multiple of.
    pub(crate) multiple: u64,
}

/// The requests that send segments.
#[derive(Debug)]
pub(crate) struct SegmentScript {
    bytes: Option<Box<Variants>>,
    parts: Option<Box<Variants>>,
    /// Whether something of each response is kept for the request that completes the upload.
    pub(crate) keeps_parts: bool,
}

/// The variants of a request: by what it says of the total, whether it is the first, and whether it is the last.
#[derive(Debug)]
struct Variants {
    named: [[RequestTemplate; 2]; 2],
    open: Option<[[RequestTemplate; 2]; 2]>,
}

/// What decides which variant of the request sends a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentKind {
    pub(crate) framing: Framing,
    pub(crate) total: Total,
    pub(crate) is_first: bool,
    pub(crate) is_last: bool,
}

/// The request that shows what has been received.
#[derive(Debug)]
pub(crate) struct AskScript {
    pub(crate) request: RequestTemplate,
    pub(crate) received: Vec<(Received, Save)>,
    pub(crate) complete: Option<Expr>,
}

/// The request that shows what is stored.
#[derive(Debug)]
pub(crate) struct StoredScript {
    pub(crate) request: RequestTemplate,
    pub(crate) shows: Shows,
}

impl Known {
    /// The names that an upload of this protocol saves, and `token`, if each upload has its own.
    pub(crate) fn of(
        protocol: &UploadProtocol,
        given: std::collections::BTreeMap<String, serde_json::Value>,
        has_own_token: bool,
    ) -> Arc<Self> {
        let segment = &protocol.segment;
        let calls = [
            protocol.token.as_ref().filter(|_| has_own_token),
            protocol.create.as_ref(),
            protocol.whole.as_ref(),
            protocol.ask.as_ref().map(|ask| &ask.call),
        ];
        let of_calls = calls.into_iter().flatten().flat_map(|call| &call.save);
        let varied = [&segment.first, &segment.later, &segment.last];
        let of_segments = varied.into_iter().flat_map(|variation| &variation.save);
        let mut slots: Vec<String> = Vec::new();
        for save in of_calls.chain(of_segments) {
            if !slots.contains(&save.name) {
                slots.push(save.name.clone());
            }
        }
        Arc::new(Self { given, slots })
    }
}

impl Script {
    /// Prepares the requests that the plan needs.
    pub(crate) fn new(
        compiler: &Compiler<'_>,
        protocol: &UploadProtocol,
        plan: &LoadPlan,
    ) -> Result<Self, LoadError> {
        let call = |call: Option<&_>, purpose| {
            call.map(|call| compiler.call(call, &Extra::default(), purpose)).transpose()
        };
        let has_own_token = compiler.known.slot("token").is_some();
        let complete = match &protocol.complete {
            Completion::Request(request) => Some(&**request),
            Completion::WhenFull | Completion::LastSegment => None,
        };
        let is_resumed = plan.outcomes.resumed > 0.0 || plan.outcomes.dropped > 0.0;
        let resumes = is_resumed && protocol.broken_off == BrokenOff::KeepsAPrefix;
        let asks = plan.verify == Verification::Status || resumes;
        let purpose = if resumes { "ask what has been received" } else { "verify uploads by their status" };
        let ask = protocol.ask.as_ref().filter(|_| asks);
        let request = call(ask.map(|ask| &ask.call), purpose)?;
        let stored = protocol.stored.as_ref().filter(|_| plan.needs_digests());
        let shown = call(stored.map(|stored| &stored.call), "read what is stored")?;
        let refused = &protocol.refused;
        let misplaced = [&refused.gap, &refused.overlap].into_iter().flatten();
        Ok(Self {
            known: Arc::clone(&compiler.known),
            token: if has_own_token { Self::token(compiler, protocol)? } else { None },
            create: call(protocol.create.as_ref(), "create uploads")?,
            whole: call(protocol.whole.as_ref(), "send files")?,
            segment: SegmentScript::new(compiler, &protocol.segment)?,
            complete: call(complete, "complete uploads")?,
            ask: ask.zip(request).map(|(ask, request)| AskScript {
                request,
                received: ask.received.clone(),
                complete: ask.complete.clone(),
            }),
            stored: stored
                .zip(shown)
                .map(|(stored, request)| StoredScript { request, shows: stored.shows.clone() }),
            broken_off: protocol.broken_off,
            misplaced: StatusSet(misplaced.flat_map(|set| set.0.iter().copied()).collect()),
            multiple: multiple(compiler, protocol),
        })
    }

    /// The request that creates a token, if there is one.
    pub(crate) fn token(
        compiler: &Compiler<'_>,
        protocol: &UploadProtocol,
    ) -> Result<Option<RequestTemplate>, LoadError> {
        let purpose = "create tokens; --upload-token uses an existing token";
        protocol.token.as_ref().map(|call| compiler.call(call, &Extra::default(), purpose)).transpose()
    }

    /// The values of an upload before its first request.
    pub(crate) fn nothing_saved(&self) -> Saved {
        vec![None; self.known.count()]
    }

    /// The values of a request.
    pub(crate) fn values<'v>(&'v self, numbers: Numbers, saved: &'v Saved) -> Values<'v> {
        Values { known: &self.known, numbers, saved, parts: None, status: None }
    }
}

fn multiple(compiler: &Compiler<'_>, protocol: &UploadProtocol) -> u64 {
    let expr = protocol.sizes.multiple.as_ref();
    let number = expr.and_then(|expr| compiler.constant(|scope| expr.integer(scope).ok()));
    number.and_then(|number| u64::try_from(number).ok()).filter(|number| *number > 0).unwrap_or(1)
}

impl SegmentScript {
    fn new(compiler: &Compiler<'_>, segment: &SegmentCall) -> Result<Self, LoadError> {
        let variants = |label: Option<&Label>| {
            label.map(|label| Variants::new(compiler, segment, label).map(Box::new)).transpose()
        };
        Ok(Self {
            bytes: variants(segment.labels.bytes.as_ref())?,
            parts: variants(segment.labels.parts.as_ref())?,
            keeps_parts: !segment.call.save.is_empty(),
        })
    }

    /// The request that sends a segment. The plan was held against the suite before, so there is one.
    pub(crate) fn request(&self, kind: SegmentKind) -> &RequestTemplate {
        let variants = match kind.framing {
            Framing::Parts => self.parts.as_ref().or(self.bytes.as_ref()),
            Framing::Bytes | Framing::None => self.bytes.as_ref().or(self.parts.as_ref()),
        };
        let variants = variants.expect("a suite has a label, which its reader sees to");
        let is_open = match kind.total {
            Total::Named | Total::Claimed(_) => false,
            Total::Open => true,
            Total::OpenUntilLast => !kind.is_last,
        };
        let table = variants.open.as_ref().filter(|_| is_open).unwrap_or(&variants.named);
        &table[usize::from(kind.is_first)][usize::from(kind.is_last)]
    }
}

impl Variants {
    fn new(compiler: &Compiler<'_>, segment: &SegmentCall, label: &Label) -> Result<Self, LoadError> {
        let table = |open| -> Result<_, LoadError> {
            let one = |is_first, is_last| variant(compiler, (segment, label), (is_first, is_last), open);
            Ok([[one(false, false)?, one(false, true)?], [one(true, false)?, one(true, true)?]])
        };
        let open = segment.open_total.as_deref().map(|open| table(Some(open))).transpose()?;
        Ok(Self { named: table(None)?, open })
    }
}

/// The request for a segment at some place, which says `open_total` where the total is not said.
fn variant(
    compiler: &Compiler<'_>,
    (segment, label): (&SegmentCall, &Label),
    (is_first, is_last): (bool, bool),
    open_total: Option<&str>,
) -> Result<RequestTemplate, LoadError> {
    let place = if is_first { &segment.first } else { &segment.later };
    let variations: Vec<&Variation> = if is_last { vec![place, &segment.last] } else { vec![place] };
    let extra = Extra {
        query: label.query.iter().chain(variations.iter().flat_map(|one| &one.query)).collect(),
        headers: label.headers.iter().chain(variations.iter().flat_map(|one| &one.headers)).collect(),
        fields: variations.iter().flat_map(|one| &one.fields).collect(),
        variations,
        open_total,
    };
    compiler.call(&segment.call, &extra, "send segments")
}
