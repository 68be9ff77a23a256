//! A counterexample as a scenario that `uptake check` replays with the same verdict.
//!
//! What led to the fault stands there as preconditions, as it was answered; the expectation that failed names its rule.
//! Sizes are written by the target's limits, so that the scenario says the same of a target with other ones.

mod expectation;
mod form;
mod writer;

use std::collections::BTreeMap;

use self::expectation::answer;
use self::form::content_type;
pub(super) use self::writer::ScenarioInput;
use self::writer::Writer;
use super::case::{Event, Segment, Step, VideoRef};
use super::describe;
use super::mismatch::Evidence;
use super::outcome::SegmentResult;
use super::yaml::{letter, quoted};
use uptake_oracle::Allowed;

/// Writes it.
pub(super) fn scenario(input: &ScenarioInput<'_>) -> String {
    let mut writer = Writer::new(input);
    writer.write();
    writer.text
}

/// How deep a step stands, and whether it is one of several.
#[derive(Debug, Clone, Copy)]
struct Level<'h> {
    indent: usize,
    hold: Option<&'h str>,
}

impl Writer<'_> {
    fn write(&mut self) {
        let ScenarioInput { case, mismatch, remarks, .. } = *self.input;
        for remark in remarks {
            self.line(0, &format!("# {remark}"));
        }
        let title = format!("{}: expected {}, got {}", mismatch.rule, mismatch.expected, mismatch.got);
        self.line(0, &format!("scenario: {}", quoted(&title)));
        let mut needs = Vec::new();
        if case.moves_the_clock() {
            needs.push("clock");
        }
        match mismatch.evidence {
            Evidence::Status { .. } => needs.push("status"),
            Evidence::Stored { .. } => needs.push("stored"),
            Evidence::Answer(_)
            | Evidence::Joint
            | Evidence::Token { .. }
            | Evidence::Call(_)
            | Evidence::Upload(_) => {}
        }
        if !needs.is_empty() {
            self.line(0, &format!("needs: [{}]", needs.join(", ")));
        }
        self.line(0, "let: { m: limit.min_segment }");
        self.contents();
        self.line(0, "steps:");
        for (at, ttl) in case.tokens.iter().enumerate() {
            self.token(at, *ttl);
        }
        let mut segment = 0;
        for (at, step) in case.steps.iter().enumerate() {
            // What stands behind the fault plays no part in it.
            if at > mismatch.step {
                break;
            }
            self.step(at, step, &mut segment);
        }
        self.evidence();
    }

    fn contents(&mut self) {
        let mut sizes: BTreeMap<usize, u64> = BTreeMap::new();
        for segment in self.input.case.segments() {
            let size = sizes.entry(segment.upload).or_default();
            if !self.is_spare(segment) {
                *size = (*size).max(segment.offset + segment.length);
            }
        }
        if let Evidence::Stored { upload, size } = self.input.mismatch.evidence {
            sizes.insert(upload, size);
        }
        if sizes.is_empty() {
            return;
        }
        self.line(0, "content:");
        for (upload, size) in sizes {
            let size = self.number(size.max(1));
            self.line(1, &format!("upload_{}: {{ size: {} }}", letter(upload), quoted(&size)));
        }
    }

    fn token(&mut self, at: usize, ttl: u64) {
        self.line(1, &format!("- make token {}:", at + 1));
        self.line(3, "post: /upload-tokens");
        self.line(3, "auth: key");
        self.line(3, &if ttl == 0 { "json: {}".to_owned() } else { format!("json: {{ ttl: {ttl} }}") });
        self.line(3, "expect: { status: 2xx }");
        self.line(3, &format!("save: {{ token_{}: $.token }}", at + 1));
    }

    fn step(&mut self, at: usize, step: &Step, count: &mut usize) {
        let plain = Level { indent: 1, hold: None };
        match step {
            Step::Send(segment) => {
                self.segment(plain, (at, 0), segment, *count);
                *count += 1;
            }
            Step::Event(event) => self.event(plain, at, *event),
            Step::Together(segments) => {
                self.line(1, &format!("- in parallel {}:", at + 1));
                self.line(3, "parallel:");
                let inner = Level { indent: 4, hold: Some("hold: nearly there") };
                let known = self.known.clone();
                for (one, segment) in segments.iter().enumerate() {
                    // None of them knows what the others are answered.
                    let learnt = std::mem::replace(&mut self.known, known.clone());
                    self.segment(inner, (at, one), segment, *count);
                    self.known.extend(learnt);
                    *count += 1;
                }
            }
            Step::During(segment, event) => {
                self.line(1, &format!("- meanwhile {}:", at + 1));
                self.line(3, "parallel:");
                let inner = Level { indent: 4, hold: Some("hold: [nearly there, happened]") };
                self.segment(inner, (at, 0), segment, *count);
                *count += 1;
                self.line(4, "- what happens meanwhile:");
                self.line(6, "steps:");
                self.line(7, "- wait for all but the last byte:");
                self.line(9, "meet: nearly there");
                self.event(Level { indent: 7, hold: None }, at, *event);
                self.line(7, "- release the last byte:");
                self.line(9, "meet: happened");
            }
        }
    }

    fn segment(&mut self, level: Level<'_>, (step, one): (usize, usize), segment: &Segment, count: usize) {
        let mismatch = self.input.mismatch;
        let Level { indent, hold } = level;
        let inner = indent + 2;
        self.line(indent, &format!("- segment {}:", count + 1));
        self.line(inner, "post: /upload");
        self.line(inner, &format!("auth: {{ upload-token: \"${{token_{}}}\" }}", segment.token + 1));
        if let Some(text) = self.to_the_letter(segment) {
            let mut headers = vec![format!("Content-Type: {}", quoted(&content_type(segment.form.boundary)))];
            headers.extend(self.range(&segment.frame).map(|range| format!("Content-Range: {range}")));
            self.line(inner, &format!("headers: {{ {} }}", headers.join(", ")));
            self.line(inner, &format!("text: {text}"));
        } else {
            if let Some(range) = self.range(&segment.frame) {
                self.line(inner, &format!("headers: {{ Content-Range: {range} }}"));
            }
            self.form(inner, segment);
        }
        let mut delivery: Vec<String> = hold.map(str::to_owned).into_iter().collect();
        delivery.extend(segment.break_off.map(|after| format!("break-off: {after}")));
        if !delivery.is_empty() {
            self.line(inner, &format!("delivery: {{ {} }}", delivery.join(", ")));
        }
        if matches!(mismatch.evidence, Evidence::Joint) && mismatch.step == step {
            self.line(inner, &format!("save: {{ status_{}: {{ status: true }} }}", one + 1));
            return;
        }
        let result = self.input.results.get(count).copied();
        let failed = mismatch.step == step && mismatch.segment == Some(one);
        match &mismatch.evidence {
            Evidence::Answer(allowed) if failed => {
                let expect = answer(allowed, self.known.contains(&segment.upload), segment.upload);
                self.line(inner, &format!("expect: {{ {}: {{ {expect} }} }}", mismatch.rule));
            }
            // What is broken off has no answer; what is answered beside the one that failed says nothing.
            _ if segment.break_off.is_some() || (mismatch.step == step && mismatch.segment.is_some()) => {}
            _ => match result {
                Some(SegmentResult::Accepted) => self.line(inner, "expect: { status: 201 }"),
                Some(SegmentResult::Refused(status)) => {
                    self.line(inner, &format!("expect: {{ status: {status} }}"));
                }
                Some(SegmentResult::BrokenOff | SegmentResult::Unanswered | SegmentResult::NotSent)
                | None => {}
            },
        }
        let new = segment.link == VideoRef::Carried && !self.known.contains(&segment.upload);
        if result == Some(SegmentResult::Accepted) && new && !failed {
            self.line(inner, &format!("save: {{ video_{}: $.videoId }}", letter(segment.upload)));
            self.known.insert(segment.upload);
        }
    }

    fn event(&mut self, level: Level<'_>, at: usize, event: Event) {
        let Level { indent, .. } = level;
        let inner = indent + 2;
        let failed = match &self.input.mismatch.evidence {
            Evidence::Token { event: failed, allowed }
                if self.input.mismatch.step == at && *failed == event =>
            {
                Some(allowed.clone())
            }
            _ => None,
        };
        let rule = self.input.mismatch.rule.as_str();
        self.line(indent, &format!("- {} {}:", describe::event(event), at + 1));
        let token = |at: usize| format!("\"/upload-tokens/${{token_{}}}\"", at + 1);
        match event {
            Event::Advance(seconds) => {
                self.line(inner, &format!("advance: {seconds}s"));
                return;
            }
            Event::Delete(at) => self.line(inner, &format!("delete: {}", token(at))),
            Event::Show(at) => self.line(inner, &format!("get: {}", token(at))),
            Event::List(_) => {
                self.line(inner, "get: /upload-tokens");
                self.line(inner, "query: { sortBy: createdAt, sortOrder: desc, pageSize: 100 }");
            }
        }
        self.line(inner, "auth: key");
        match (failed, event) {
            (Some(allowed), Event::List(at)) => {
                let listed = allowed.iter().any(|kind| matches!(kind, Allowed::Listing { listed: true, .. }));
                let word = if listed { "contains" } else { "excludes" };
                let text = format!("\"$.data[*].token\": {{ {word}: \"${{token_{}}}\" }}", at + 1);
                self.line(inner, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
            (Some(allowed), _) => {
                let statuses: Vec<_> = allowed
                    .iter()
                    .filter_map(|kind| match kind {
                        Allowed::Plain { status, .. } => Some(status.to_string()),
                        _ => None,
                    })
                    .collect();
                let statuses = statuses.join(", ");
                self.line(inner, &format!("expect: {{ {rule}: {{ status: [{statuses}] }} }}"));
            }
            (None, _) => {}
        }
    }
}
