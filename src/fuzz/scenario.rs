//! A counterexample as a scenario that `uptake check` replays with the same verdict.
//!
//! What led to the fault stands there as preconditions, as it was answered; the expectation that failed names its rule.
//! Sizes are written by the target's limits, so that the scenario says the same of a target with other ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value as Json;

use super::attempt::Fate;
use super::case::{Case, Event, Extra, Form, Frame, Link, Order, Segment, Step};
use super::misfit::{Misfit, Probe};
use super::oracle::{Allowed, LookWanted};
use super::words;
use crate::target::Limits;

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

    fn form(&mut self, indent: usize, segment: &Segment) {
        let Form { order, files, field, name, extra, .. } = segment.form;
        let id = match segment.link {
            Link::Unknown => Some("vi000000000000000000000000".to_owned()),
            Link::Carried if self.known.contains(&segment.upload) => {
                Some(format!("${{video_{}}}", letter(segment.upload)))
            }
            Link::Carried => None,
        };
        let ids = |writer: &mut Self| {
            for _ in 0..if extra == Extra::IdTwice { 2 } else { 1 } {
                if let Some(id) = &id {
                    writer.line(indent + 1, &format!("- videoId: \"{id}\""));
                }
            }
        };
        self.line(indent, "form:");
        // A form has a field at least; one that nobody asked for is no file either.
        if extra == Extra::Field || (files == 0 && id.is_none()) {
            self.line(indent + 1, "- comment: nobody asked");
        }
        if order == Order::IdFirst {
            ids(self);
        }
        let content = if segment.length == 0 {
            "text: \"\"".to_owned()
        } else if self.is_spare(segment) {
            format!("size: {}", quoted(&self.number(segment.length)))
        } else {
            let (from, length) = (self.number(segment.offset), self.number(segment.length));
            let of = letter(segment.upload);
            format!("of: upload_{of}, from: {}, length: {}", quoted(&from), quoted(&length))
        };
        for _ in 0..files {
            let (field, name) = (quoted(field), quoted(name));
            self.line(indent + 1, &format!("- {field}: {{ {content}, name: {name} }}"));
        }
        if order == Order::FileFirst {
            ids(self);
        }
    }

    /// The body of a segment whose boundary matters: the language chooses its own, so the form is written out.
    fn to_the_letter(&self, segment: &Segment) -> Option<String> {
        let Form { boundary, files, field, name, .. } = segment.form;
        if boundary == Form::PLAIN.boundary || files != 1 || segment.length > 4096 {
            return None;
        }
        let line = "\r\n";
        let id = match segment.link {
            Link::Carried if self.known.contains(&segment.upload) => {
                format!(
                    "--{boundary}{line}Content-Disposition: form-data; name=\"videoId\"{line}{line}${{video_{}}}{line}",
                    letter(segment.upload)
                )
            }
            Link::Carried => String::new(),
            Link::Unknown => return None,
        };
        let file = "x".repeat(usize::try_from(segment.length).ok()?);
        let name = name.replace('"', "%22");
        let file = format!(
            "--{boundary}{line}Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"{line}\
             Content-Type: video/mp4{line}{line}{file}{line}"
        );
        let (first, second) = if segment.form.order == Order::IdFirst { (id, file) } else { (file, id) };
        Some(quoted(&format!("{first}{second}--{boundary}--{line}")))
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

    /// The expectation that failed, where it is not that of a segment or of a call about a token.
    fn probe(&mut self) {
        let Draft { misfit, patience, .. } = *self.draft;
        let rule = misfit.rule;
        match &misfit.probe {
            Probe::Answer(_) | Probe::Token { .. } => {}
            Probe::Joint => {
                self.line(1, "- one of them is accepted and the other refused:");
                self.line(3, "check: true");
                let that = "(status_1 == 201) != (status_2 == 201)";
                self.line(3, &format!("expect: {{ {rule}: {{ that: [{}] }} }}", quoted(that)));
            }
            Probe::Stored { upload, .. } => {
                let letter = letter(*upload);
                self.line(1, "- what is kept is what was sent:");
                self.line(3, &format!("get: \"${{stored}}/${{video_{letter}}}\""));
                let sum = format!("$.sha256: \"${{digest('sha256', 'hex', 'upload_{letter}')}}\"");
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {sum} }} }} }}"));
            }
            Probe::Look { upload, wanted } => {
                let letter = letter(*upload);
                self.line(1, "- what the status shows:");
                self.line(3, &format!("get: \"/videos/${{video_{letter}}}/status\""));
                self.line(3, "auth: key");
                if !patience.is_zero() {
                    self.line(3, &format!("within: {}s", patience.as_secs().max(1)));
                }
                self.look(rule, wanted);
            }
        }
    }

    fn look(&mut self, rule: &str, wanted: &LookWanted) {
        match wanted {
            LookWanted::Complete { size, .. } if rule == "UPLOAD-11" => {
                let size = self.number(*size);
                let text = format!("$.ingest.filesize: {{ one-of: [\"${{{size}}}\", null] }}");
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
            LookWanted::Complete { .. } => {
                let text = "$.ingest.status: { one-of: [uploaded, ingesting, ingested] }";
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
            LookWanted::NeverComplete { .. } => {
                // It may be gone, and then there is no status to see.
                self.line(3, &format!("expect: {{ {rule}: {{ body: {{ excludes: '\"uploaded\"' }} }} }}"));
            }
            LookWanted::UnderWay { listing, ranges: Some(ranges), .. } if *listing == rule => {
                let froms: Vec<_> = ranges.iter().map(|(from, _)| self.number(*from)).collect();
                let tos: Vec<_> = ranges.iter().map(|(_, to)| self.number(*to)).collect();
                self.line(3, "expect: { status: 200 }");
                self.line(3, "save: { froms: \"$.ingest.receivedBytes[*].from\", tos: \"$.ingest.receivedBytes[*].to\" }");
                self.line(1, "- they are those that arrived:");
                self.line(3, "check: true");
                let that = [
                    format!("sorted(froms) == [{}]", froms.join(", ")),
                    format!("sorted(tos) == [{}]", tos.join(", ")),
                ];
                let that: Vec<_> = that.iter().map(|that| quoted(that)).collect();
                self.line(3, &format!("expect: {{ {rule}: {{ that: [{}] }} }}", that.join(", ")));
            }
            LookWanted::UnderWay { listing, parts: Some((parts, total)), .. } if *listing == rule => {
                let parts: Vec<_> = parts.iter().map(u64::to_string).collect();
                let total = total.map_or_else(|| "null".to_owned(), |total| total.to_string());
                let text = format!(
                    "$.ingest.receivedParts.parts: [{}], $.ingest.receivedParts.total: {total}",
                    parts.join(", ")
                );
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
            LookWanted::UnderWay { .. } => {
                let text = "$.ingest.status: uploading";
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
        }
    }

    fn range(&self, frame: &Frame) -> Option<String> {
        let one = |number: u64| {
            let text = self.number(number);
            if text.chars().all(|sign| sign.is_ascii_digit()) { text } else { format!("${{{text}}}") }
        };
        let open = |number: Option<u64>| number.map_or_else(|| "*".to_owned(), one);
        let text = match frame {
            Frame::None => return None,
            Frame::Malformed(text) => (*text).to_owned(),
            Frame::Bytes { from, to, total } => {
                format!("bytes {}-{}/{}", one(*from), one(*to), open(*total))
            }
            Frame::Part { number, count } => {
                let most = self.draft.limits.max_parts;
                let one = |number: u64| match number.checked_sub(most) {
                    Some(0) => "${limit.max_parts}".to_owned(),
                    Some(more) if more < 16 => format!("${{limit.max_parts + {more}}}"),
                    _ => number.to_string(),
                };
                format!("part {}/{}", one(*number), count.map_or_else(|| "*".to_owned(), one))
            }
        };
        Some(quoted(&text))
    }

    /// A number of bytes, by the target's limits where it lies near one.
    fn number(&self, number: u64) -> String {
        const NEAR: u64 = 16;
        let Limits { min_segment: m, max_segment, max_total, .. } = self.draft.limits;
        let by = |name: &str, place: u64| {
            if number >= place {
                let more = number - place;
                (more <= NEAR).then(|| if more == 0 { name.to_owned() } else { format!("{name} + {more}") })
            } else {
                let less = place - number;
                (less <= NEAR).then(|| format!("{name} - {less}"))
            }
        };
        if number <= NEAR || m <= 4 * NEAR {
            return number.to_string();
        }
        let times = |count: u64| {
            let name = if count == 1 { "m".to_owned() } else { format!("{count} * m") };
            by(&name, count * m)
        };
        (1..=4)
            .find_map(times)
            .or_else(|| by("limit.max_segment", max_segment))
            .or_else(|| by("limit.max_total", max_total))
            .or_else(|| by("limit.max_total - m", max_total.saturating_sub(m)))
            .or_else(|| (5..=64).find_map(times))
            .or_else(|| (number * 2 == m).then(|| "m / 2".to_owned()))
            .unwrap_or_else(|| number.to_string())
    }

    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = indent * 2);
    }
}

/// What an answer must be, as an expectation.
fn answer(allowed: &[Allowed], known: bool, upload: usize) -> String {
    let mut statuses: Vec<String> = Vec::new();
    let mut slugs: Vec<&str> = Vec::new();
    let mut accepted = false;
    let mut any = false;
    for kind in allowed {
        match kind {
            Allowed::Accepted { .. } => {
                accepted = true;
                statuses.push("201".to_owned());
            }
            Allowed::Refused { statuses: more, slugs: names, .. } => {
                statuses.extend(more.iter().map(u16::to_string));
                slugs.extend(names);
            }
            Allowed::AnyRefusal => any = true,
            Allowed::Plain { .. } | Allowed::Listing { .. } | Allowed::Anything => {}
        }
    }
    if any {
        statuses.push("4xx".to_owned());
    }
    let mut words = vec![format!("status: [{}]", statuses.join(", "))];
    if !accepted && !any && !slugs.is_empty() && !statuses.iter().any(|status| status == "413") {
        words.push(format!("problem: [{}]", slugs.join(", ")));
    }
    if accepted && statuses.len() == 1 {
        let id = if known {
            format!("$.videoId: \"${{video_{}}}\"", letter(upload))
        } else {
            "$.videoId: { type: string }".to_owned()
        };
        words.push(format!("json: {{ {id} }}"));
    }
    words.push("answered: true".to_owned());
    words.join(", ")
}

fn content_type(boundary: &str) -> String {
    let token = |sign: char| sign.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(sign);
    let boundary = if boundary.chars().all(token) { boundary.to_owned() } else { format!("\"{boundary}\"") };
    format!("multipart/form-data; boundary={boundary}")
}

fn letter(upload: usize) -> char {
    words::upload(upload).to_ascii_lowercase()
}

/// A text in double quotes: a JSON text is a YAML text, too.
fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}
