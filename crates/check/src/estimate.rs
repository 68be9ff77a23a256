//! What a scenario will send, calculated without sending anything: the calls that are kept for it before it begins, and
//! what `--plan` shows.
//!
//! It may say too much (a step that is left out, a removal of what a server refused to make), never far too little: rounds
//! of `repeat` and tries `within` a time are counted once.

use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::build::{Builder, size};
use super::passing::{Waits, too_long, under_way};
use super::scope::{Contents, Names};
use super::uploads;
use super::world::World;
use uptake_payload::Seed;
use uptake_suite::Scenario;
use uptake_suite::expect::Wants;
use uptake_suite::expr::{Expr, Template};
use uptake_suite::step::{self, Action, Body, FieldValue, Pause, Step};
use uptake_target::Calls;

/// What a scenario will send.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Need {
    /// The calls.
    pub(super) calls: Calls,
    /// The bytes of content.
    pub(super) bytes: u64,
    /// How long it waits, or lets time pass.
    pub(super) time: Duration,
    /// The longest of these times.
    pub(super) longest: Duration,
    /// The longest with other steps under way, which cannot be suspended.
    pub(super) longest_inside: Duration,
}

impl Need {
    /// Why a scenario is not even begun, where it would have to wait longer than anybody is ready to.
    pub(super) fn takes_too_long(&self, waits: Waits) -> Option<String> {
        if self.longest_inside > waits.within {
            Some(under_way(self.longest_inside))
        } else if self.longest > waits.within && self.longest > waits.longest {
            Some(too_long(self.longest))
        } else {
            None
        }
    }
}

/// Calculates.
pub(super) struct Estimate<'e> {
    world: &'e World<'e>,
    scenario: &'e Scenario,
    names: Names,
    need: Need,
    /// How many steps are around the one that is looked at.
    depth: usize,
}

impl<'e> Estimate<'e> {
    /// What all of `scenario` will send.
    pub(super) fn whole(world: &'e World<'e>, scenario: &'e Scenario) -> Need {
        Self::of(world, scenario, &scenario.steps)
    }

    /// What these steps of `scenario`, and its end, will send.
    pub(super) fn of(world: &'e World<'e>, scenario: &'e Scenario, steps: &'e [Step]) -> Need {
        let seed = Seed(0);
        let mut names = Names::new(world.given(), seed);
        for (name, expr) in &scenario.lets {
            if let Ok(value) = expr.eval(&names) {
                names.set(name, value);
            }
        }
        let mut contents = Contents::new();
        for (name, source) in &scenario.contents {
            if let Ok(content) = (Builder { world, names: &names, seed }).content(source, name) {
                contents.insert(name.clone(), content);
            }
        }
        let mut estimate =
            Self { world, scenario, names: names.with_contents(contents), need: Need::default(), depth: 0 };
        estimate.steps(steps);
        estimate.steps(&scenario.finally);
        estimate.need
    }

    fn steps(&mut self, steps: &'e [Step]) {
        for step in steps {
            if self.world.lacking(&step.needs).is_some() {
                continue;
            }
            self.step(step);
            self.steps(&step.finally);
        }
    }

    fn step(&mut self, step: &'e Step) {
        match &step.action {
            Action::Request(request) => {
                let bytes = self.body(&request.body);
                self.call(&request.method, &request.path, bytes);
                let path = self.path(&request.path);
                self.removal(step, &request.method, &path);
            }
            Action::Upload(upload) => {
                let Some(lengths) = self.lengths(upload) else { return };
                let to = upload.to.as_ref().or(self.world.suite.uploads.to.as_ref());
                for (number, length) in lengths {
                    let path = to.map_or_else(|| "/".to_owned(), |to| self.path(to));
                    self.need.calls.add(self.world.kind(&Method::POST, &path), 1);
                    self.need.bytes += length;
                    if number == 1 {
                        self.removal(step, "POST", &path);
                    }
                }
            }
            Action::Raw(raw) => {
                let text = raw.send.text(&self.names).unwrap_or_else(|_| raw.send.written().to_owned());
                let mut words = text.split_ascii_whitespace();
                let method = words.next().and_then(|word| word.parse().ok()).unwrap_or(Method::GET);
                let path = words.next().unwrap_or("/").split('?').next().unwrap_or("/");
                self.need.calls.add(self.world.kind(&method, path), 1);
                self.need.bytes += text.len() as u64;
            }
            Action::Repeat(repeat) => self.inside(&repeat.steps),
            Action::Parallel(branches) => branches.iter().for_each(|branch| self.inside(branch)),
            Action::Advance(expr) => self.time(expr),
            Action::Wait(Pause::Fixed(pause)) if step.only_if.is_none() => self.need.time += *pause,
            Action::Wait(Pause::Seconds(expr)) if step.only_if.is_none() => self.time(expr),
            Action::Set(values) => {
                for (name, expr) in values {
                    if let Ok(value) = expr.eval(&self.names) {
                        self.names.set(name, value);
                    }
                }
            }
            Action::Wait(_) | Action::Meet(_) | Action::Check => {}
        }
    }

    fn inside(&mut self, steps: &'e [Step]) {
        self.depth += 1;
        self.steps(steps);
        self.depth -= 1;
    }

    fn time(&mut self, expr: &Expr) {
        let seconds = expr.integer(&self.names).ok().and_then(|seconds| u64::try_from(seconds).ok());
        let time = Duration::from_secs(seconds.unwrap_or(0));
        self.need.time += time;
        self.need.longest = self.need.longest.max(time);
        if self.depth > 0 {
            self.need.longest_inside = self.need.longest_inside.max(time);
        }
    }

    fn call(&mut self, method: &str, path: &Template, bytes: u64) {
        let path = self.path(path);
        let kind = self.world.kind(&method.parse().unwrap_or(Method::POST), &path);
        self.need.calls.add(kind, 1);
        self.need.bytes += bytes;
    }

    /// What may be made is removed again; where the step wants a refusal nothing should be.
    fn removal(&mut self, step: &Step, method: &str, path: &str) {
        let refuses = |wants: &Wants| {
            wants.refused
                || wants.status.as_ref().is_some_and(|set| !(200..300).any(|status| set.has(status)))
        };
        if step.expect.iter().any(|expectation| refuses(&expectation.wants)) {
            return;
        }
        let resources = &self.world.suite.resources;
        if let Some(resource) = resources.iter().find(|resource| resource.is_made_by(method, path)) {
            let method = resource.remove.0.parse().unwrap_or(Method::DELETE);
            self.need.calls.add(self.world.kind(&method, "/"), 1);
        }
    }

    /// The path, with something in the place of what is not known yet.
    fn path(&self, path: &Template) -> String {
        let text = path.text(&self.names).unwrap_or_else(|_| {
            let mut parts = path.written().split("${");
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |text, part| {
                text + "unknown" + part.split_once('}').map_or("", |(_, behind)| behind)
            })
        });
        let origin = self.world.target.base_url.as_str().trim_end_matches('/');
        let text = text.strip_prefix(origin).unwrap_or(&text);
        text.split('?').next().unwrap_or_default().to_owned()
    }

    fn body(&self, body: &Body) -> u64 {
        match body {
            Body::Empty => 0,
            Body::Json(template) => super::judge::json(template, &self.names)
                .map_or(0, |json: Value| json.to_string().len() as u64),
            Body::Text(text) => text.text(&self.names).map_or(0, |text| text.len() as u64),
            Body::Content(content) => self.length(content),
            Body::Form(fields) => fields
                .iter()
                .map(|field| match &field.value {
                    FieldValue::Text(text) => text.text(&self.names).map_or(0, |text| text.len() as u64),
                    FieldValue::File(part) => self.length(&part.content),
                })
                .sum(),
        }
    }

    fn length(&self, piece: &step::Content) -> u64 {
        if let Some(length) = &piece.length {
            return size(length, &self.names).unwrap_or(0);
        }
        let from = piece.from.as_ref().map_or(0, |from| size(from, &self.names).unwrap_or(0));
        self.builder().content(&piece.source, "").map_or(0, |content| content.len().saturating_sub(from))
    }

    fn builder(&self) -> Builder<'_> {
        Builder { world: self.world, names: &self.names, seed: Seed(0) }
    }

    /// The lengths of the segments that a step sends, by number.
    fn lengths(&self, upload: &step::Upload) -> Option<Vec<(u32, u64)>> {
        let plan = upload.plan.as_ref().or_else(|| uploads::planned(self.scenario, &upload.name))?;
        let whole = self.builder().content(&plan.source, "content").ok()?.len();
        let cut = uploads::cut(plan, whole, &self.names).ok()?;
        let chosen = uploads::chosen(&upload.segments, &cut);
        let length = |number: u32| cut.segments.iter().find(|segment| segment.number == number);
        Some(chosen.into_iter().filter_map(|number| Some((number, length(number)?.len))).collect())
    }
}
