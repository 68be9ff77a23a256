//! A counterexample as a scenario that `uptake check` replays with the same verdict.
//!
//! What led to the fault stands there as preconditions, as it was answered; the expectation that failed names its rule.
//! Sizes are written by the target's limits, so that the scenario says the same of a target with other ones.

mod form;
mod number;
mod probe;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value as Json;

use self::form::content_type;
use self::probe::answer;
use super::attempt::Fate;
use super::case::{Case, Event, Link, Segment, Step};
use super::misfit::{Misfit, Probe};
use super::words;
use uptake_oracle::Allowed;
use uptake_target::Limits;

/// What a scenario is written from.
pub(super) struct Draft<'d> {
    /// The case.
    pub(super) case: &'d Case,
    /// What became of its segments.
    pub(super) fates: &'d [Fate],
    /// What did not fit.
    pub(super) misfit: &'d Misfit,
    /// The target's sizes.
    pub(super) limits: Limits,
    /// How long a status may take to show what has arrived.
    pub(super) patience: Duration,
    /// Lines that stand above it, without their `#`.
    pub(super) remarks: &'d [String],
}

/// Writes it.
pub(super) fn scenario(draft: &Draft<'_>) -> String {
    let mut writer = Writer { draft, text: String::new(), known: BTreeSet::new() };
    writer.write();
    writer.text
}

struct Writer<'d> {
    draft: &'d Draft<'d>,
    text: String,
    /// The uploads whose id is known.
    known: BTreeSet<usize>,
}

/// How deep a step stands, and whether it is one of several.
#[derive(Debug, Clone, Copy)]
struct Level<'h> {
    indent: usize,
    hold: Option<&'h str>,
}

impl Writer<'_> {
    fn write(&mut self) {
        let Draft { case, misfit, remarks, .. } = *self.draft;
        for remark in remarks {
            self.line(0, &format!("# {remark}"));
        }
        let title = format!("{}: expected {}, got {}", misfit.rule, misfit.expected, misfit.got);
        self.line(0, &format!("scenario: {}", quoted(&title)));
        let mut needs = Vec::new();
        if case.moves_the_clock() {
            needs.push("clock");
        }
        match misfit.probe {
            Probe::Look { .. } => needs.push("status"),
            Probe::Stored { .. } => needs.push("stored"),
            Probe::Answer(_) | Probe::Joint | Probe::Token { .. } => {}
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
            if at > misfit.step {
                break;
            }
            self.step(at, step, &mut segment);
        }
        self.probe();
    }

    fn contents(&mut self) {
        let mut sizes: BTreeMap<usize, u64> = BTreeMap::new();
        for segment in self.draft.case.segments() {
            let size = sizes.entry(segment.upload).or_default();
            if !self.is_spare(segment) {
                *size = (*size).max(segment.offset + segment.length);
            }
        }
        if let Probe::Stored { upload, size } = self.draft.misfit.probe {
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

    /// Whether a segment's bytes lie beyond those whose sum is asked for.
    fn is_spare(&self, segment: &Segment) -> bool {
        match self.draft.misfit.probe {
            Probe::Stored { upload, size } => {
                segment.upload == upload && segment.offset + segment.length > size
            }
            _ => false,
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
                self.line(1, &format!("- side by side {}:", at + 1));
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
                self.line(7, "- let the last byte go:");
                self.line(9, "meet: happened");
            }
        }
    }

    fn segment(&mut self, level: Level<'_>, (step, one): (usize, usize), segment: &Segment, count: usize) {
        let misfit = self.draft.misfit;
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
        if matches!(misfit.probe, Probe::Joint) && misfit.step == step {
            self.line(inner, &format!("save: {{ status_{}: {{ status: true }} }}", one + 1));
            return;
        }
        let fate = self.draft.fates.get(count).copied();
        let failed = misfit.step == step && misfit.segment == Some(one);
        match &misfit.probe {
            Probe::Answer(allowed) if failed => {
                let expect = answer(allowed, self.known.contains(&segment.upload), segment.upload);
                self.line(inner, &format!("expect: {{ {}: {{ {expect} }} }}", misfit.rule));
            }
            // What is broken off has no answer; what is answered beside the one that failed says nothing.
            _ if segment.break_off.is_some() || (misfit.step == step && misfit.segment.is_some()) => {}
            _ => match fate {
                Some(Fate::Accepted) => self.line(inner, "expect: { status: 201 }"),
                Some(Fate::Refused(status)) => self.line(inner, &format!("expect: {{ status: {status} }}")),
                Some(Fate::BrokenOff | Fate::Unanswered) | None => {}
            },
        }
        let new = segment.link == Link::Carried && !self.known.contains(&segment.upload);
        if fate == Some(Fate::Accepted) && new && !failed {
            self.line(inner, &format!("save: {{ video_{}: $.videoId }}", letter(segment.upload)));
            self.known.insert(segment.upload);
        }
    }

    fn event(&mut self, level: Level<'_>, at: usize, event: Event) {
        let Level { indent, .. } = level;
        let inner = indent + 2;
        let failed = match &self.draft.misfit.probe {
            Probe::Token { event: failed, allowed } if self.draft.misfit.step == at && *failed == event => {
                Some(allowed.clone())
            }
            _ => None,
        };
        let rule = self.draft.misfit.rule;
        self.line(indent, &format!("- {} {}:", words::event(event), at + 1));
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

    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = indent * 2);
    }
}

fn letter(upload: usize) -> char {
    words::upload(upload).to_ascii_lowercase()
}

/// A text in double quotes: a JSON text is a YAML text, too.
fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}
