//! The scenario, step by step.

use std::collections::BTreeMap;

use super::super::case::{Piece, ProtocolCase, ProtocolStep, Start};
use super::super::requests::{Position, names, part, segment_request, segment_saves};
use super::super::run::TTL;
use super::request::Placed;
use super::statuses::{answer, set, statuses};
use super::writer::Writer;
use crate::mismatch::{Evidence, Mismatch, ShownBy};
use crate::outcome::SegmentResult;
use crate::subject::Subject;
use crate::yaml::quoted;
use uptake_check::Caller;
use uptake_oracle::upload::{Segment, Verdict};
use uptake_payload::Seed;
use uptake_suite::protocol::{Call, Completion};
use uptake_target::Target;

/// What a scenario is written from.
pub(crate) struct ProtocolScenario<'d> {
    pub(crate) subject: &'d Subject,
    pub(crate) target: &'d Target,
    pub(crate) case: &'d ProtocolCase,
    /// What became of its segments.
    pub(crate) results: &'d [SegmentResult],
    pub(crate) mismatch: &'d Mismatch,
    /// Lines that stand above it, without their `#`.
    pub(crate) remarks: &'d [String],
}

pub(super) struct Script<'d> {
    pub(super) input: &'d ProtocolScenario<'d>,
    /// Knows the numbers of the segment that is written.
    pub(super) caller: Caller<'d>,
    pub(super) writer: Writer,
    results: std::slice::Iter<'d, SegmentResult>,
    /// The segments that were accepted, as the request that completes the upload knows them: what was saved of their answers
    /// stands there as an expression.
    parts: BTreeMap<u64, serde_json::Value>,
    pub(super) segments: usize,
}

impl<'d> Script<'d> {
    pub(super) fn new(input: &'d ProtocolScenario<'d>) -> Self {
        let mut caller = Caller::new(&input.subject.suite, input.target, Seed(0));
        caller.set("total", input.case.total);
        caller.set("count", input.case.count);
        caller.set("ttl", TTL);
        Self {
            input,
            caller,
            writer: Writer::default(),
            results: input.results.iter(),
            parts: BTreeMap::new(),
            segments: 0,
        }
    }

    /// The whole text.
    pub(super) fn text(mut self) -> Option<String> {
        self.write()?;
        Some(self.writer.text)
    }

    fn write(&mut self) -> Option<()> {
        let ProtocolScenario { subject, case, mismatch, remarks, .. } = *self.input;
        for remark in remarks {
            self.writer.line(0, &format!("# {remark}"));
        }
        let title = format!("{}: expected {}, got {}", mismatch.rule, mismatch.expected, mismatch.got);
        self.writer.line(0, &format!("scenario: {}", quoted(&title)));
        self.writer.line(0, "content:");
        self.writer.line(1, &format!("file: {{ size: {} }}", case.content_size().max(1)));
        self.writer.line(0, "steps:");
        let protocol = subject.protocol();
        for (call, name) in [(&protocol.token, "create a token"), (&protocol.create, "create an upload")] {
            if let Some(call) = call {
                self.call(1, name, call)?;
                self.writer.line(3, &format!("expect: {{ status: {} }}", statuses(&call.accepted)));
                self.writer.saves(3, &call.save, "")?;
            }
        }
        for (at, step) in case.steps.iter().enumerate() {
            // What stands behind the fault plays no part in it.
            if at > mismatch.step {
                break;
            }
            self.step(at, step)?;
        }
        self.evidence()
    }

    fn step(&mut self, at: usize, step: &ProtocolStep) -> Option<()> {
        let mismatch = self.input.mismatch;
        let is_failed = |shown_by: &ShownBy| {
            let Evidence::Upload(evidence) = &mismatch.evidence else { return false };
            mismatch.step == at && evidence.shown_by == *shown_by
        };
        match step {
            ProtocolStep::Send(piece) => {
                if piece.start == Start::Reported {
                    self.ask(false)?;
                }
                self.segment(1, piece, Role::of(is_failed(&ShownBy::Segment), false))
            }
            ProtocolStep::AtOnce(pieces) => {
                self.writer.line(1, &format!("- segments at once {}:", at + 1));
                self.writer.line(3, "parallel:");
                for piece in pieces {
                    self.segment(4, piece, Role::of(is_failed(&ShownBy::Segment), true))?;
                }
                Some(())
            }
            // The one that failed is written last.
            ProtocolStep::Ask if is_failed(&ShownBy::Ask) => Some(()),
            ProtocolStep::Ask => self.ask(true),
            ProtocolStep::Complete => self.complete(is_failed(&ShownBy::Complete)),
        }
    }

    fn call(&mut self, indent: usize, name: &str, call: &Call) -> Option<()> {
        self.writer.line(indent, &format!("- {name}:"));
        self.writer.request(indent + 2, &self.caller, &call.request, &Placed::Nothing)
    }

    /// A segment, with what is expected of its answer.
    fn segment(&mut self, indent: usize, piece: &Piece, role: Role) -> Option<()> {
        let ProtocolScenario { subject, case, mismatch, .. } = *self.input;
        let protocol = subject.protocol();
        self.segments += 1;
        let number = self.segments;
        let from = piece.from();
        let length = piece.end - from.unwrap_or(0);
        let is_last = case.is_last(piece);
        let segment =
            Segment { number: piece.number, from: from.unwrap_or(0), length, is_last, broken_off: None };
        for (name, value) in names(case, &segment) {
            self.caller.set(name, value);
        }
        if from.is_none() {
            self.writer.line(1, &format!("- the place of segment {number}:"));
            let (to, end) = (piece.end.saturating_sub(1), piece.end);
            self.writer.line(3, &format!("set: {{ from: received, to: {to}, length: {end} - received }}"));
        }
        let position = Position { is_first: self.parts.is_empty(), is_last };
        let request = segment_request(&protocol.segment, case.label, position);
        let placed = match from {
            Some(from) => Placed::At { from, length },
            None => Placed::Reported,
        };
        self.writer.line(indent, &format!("- segment {number}:"));
        self.writer.request(indent + 2, &self.caller, &request, &placed)?;
        let mut delivery = Vec::new();
        delivery.extend(piece.break_off.map(|after| format!("break-off: {after}")));
        delivery.extend(role.holds().then(|| "hold: nearly there".to_owned()));
        if !delivery.is_empty() {
            self.writer.line(indent + 2, &format!("delivery: {{ {} }}", delivery.join(", ")));
        }
        let result = self.results.next().copied();
        if result == Some(SegmentResult::Accepted) {
            let item = part(&self.caller, &[], &segment);
            self.parts.insert(piece.number, item);
        }
        if role == Role::FailedAtOnce {
            self.writer.line(indent + 2, &format!("save: {{ status_{number}: {{ status: true }} }}"));
            return Some(());
        }
        if role == Role::Failed {
            let Evidence::Upload(evidence) = &mismatch.evidence else { return None };
            if let Some(Verdict::Received { least, .. }) = evidence.allowed.first() {
                return self.writer.received(indent + 2, &protocol.segment.received, Some(*least));
            }
            let expected = answer(&evidence.allowed)?;
            self.writer.line(indent + 2, &format!("expect: {{ {}: {{ {expected} }} }}", mismatch.rule));
            return Some(());
        }
        if piece.break_off.is_some() {
            return Some(());
        }
        match result? {
            SegmentResult::Accepted => {
                let accepted =
                    subject.semantics(case.label).accepted.and(&subject.semantics(case.label).accepted_last);
                self.writer.line(indent + 2, &format!("expect: {{ status: {} }}", set(&accepted)));
                let own = &protocol.segment.call.save;
                let kept = segment_saves(&protocol.segment, position);
                self.writer.segment_saves(indent + 2, (own, &kept), number)?;
                let item = self.parts.get_mut(&piece.number)?;
                for save in own {
                    // The text becomes an expression again where the request that completes the upload is written.
                    item[save.name.as_str()] = format!("${{{}_{number}}}", save.name).into();
                }
            }
            SegmentResult::Refused(status) if !role.holds() => {
                self.writer.line(indent + 2, &format!("expect: {{ status: {status} }}"));
            }
            SegmentResult::Refused(_)
            | SegmentResult::BrokenOff
            | SegmentResult::Unanswered
            | SegmentResult::NotSent => {}
        }
        Some(())
    }

    /// The question what has been received, as a precondition.
    fn ask(&mut self, is_checked: bool) -> Option<()> {
        let Some(ask) = &self.input.subject.protocol().ask else { return Some(()) };
        self.call(1, &format!("ask what has been received before segment {}", self.segments + 1), &ask.call)?;
        if is_checked {
            return Some(());
        }
        self.writer.line(3, &format!("expect: {{ status: {} }}", statuses(&ask.call.accepted)));
        self.writer.received(3, &ask.received, None)
    }

    fn complete(&mut self, is_failed: bool) -> Option<()> {
        let Completion::Request(call) = &self.input.subject.protocol().complete else { return Some(()) };
        let parts: Vec<serde_json::Value> = self.parts.values().cloned().collect();
        self.caller.set("parts", parts);
        self.call(1, &format!("complete the upload {}", self.segments), call)?;
        if is_failed {
            let Evidence::Upload(evidence) = &self.input.mismatch.evidence else { return None };
            let expected = answer(&evidence.allowed)?;
            self.writer.line(3, &format!("expect: {{ {}: {{ {expected} }} }}", self.input.mismatch.rule));
        }
        Some(())
    }
}

/// What part a segment has in what failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It led to it.
    Before,
    /// The same, together with others.
    BeforeAtOnce,
    /// Its answer failed.
    Failed,
    /// The same, together with others.
    FailedAtOnce,
}

impl Role {
    const fn of(is_failed: bool, at_once: bool) -> Self {
        match (is_failed, at_once) {
            (false, false) => Self::Before,
            (false, true) => Self::BeforeAtOnce,
            (true, false) => Self::Failed,
            (true, true) => Self::FailedAtOnce,
        }
    }

    const fn holds(self) -> bool {
        matches!(self, Self::BeforeAtOnce | Self::FailedAtOnce)
    }
}
