//! Sends the segments of a chunk plan, and remembers which upload they belong to.

use futures_util::future::join_all;
use serde_json::Value;

use super::build::size;
use super::exchange::Done;
use super::lane::Lane;
use super::scope::Names;
use super::stop::{Obstacle, Stop};
use super::trial::{Trial, lock};
use uptake_outcome::CauseKind;
use uptake_payload as payload;
use uptake_payload::{ChunkPlan, Content, Segment};
use uptake_suite::Scenario;
use uptake_suite::expr::{EvalError, Template};
use uptake_suite::step::{Cut, Framing, Plan, Segments, Step, Total, Upload};
use uptake_wire as wire;

/// An upload under way.
#[derive(Debug, Clone)]
pub(super) struct UploadState {
    pub(super) plan: ChunkPlan,
    pub(super) content: Content,
    pub(super) file_name: String,
    /// The form fields that the first answer gave to later segments.
    pub(super) carried: Vec<(String, String)>,
}

impl UploadState {
    fn is_begun(&self) -> bool {
        !self.carried.is_empty()
    }
}

impl<'r> Trial<'r> {
    pub(super) async fn upload(
        &self,
        step: &'r Step,
        upload: &Upload,
        names: &mut Names,
        lane: &mut Lane,
    ) -> Result<(), Stop> {
        let state = match self.upload_state(step, upload, names) {
            Ok(state) => state,
            Err(error) => return Err(self.give_up(step, self.evaluation(error, &step.place))),
        };
        let numbers = chosen(&upload.segments, &state.plan);
        let mut dones = Vec::new();
        let mut ahead = numbers.as_slice();
        // The first segment goes alone: only its answer says which upload the others belong to.
        while !ahead.is_empty() {
            let carries = upload.carry && !self.world.suite.uploads.carry.is_empty();
            let alone = !upload.together || (carries && !self.is_begun(&upload.name));
            let count = if alone { 1 } else { ahead.len() };
            let (now, later) = ahead.split_at(count);
            ahead = later;
            let mut requests = Vec::new();
            for number in now {
                match self.segment(step, upload, *number, names, lane) {
                    Ok(request) => requests.push(request),
                    Err(error) => return Err(self.give_up(step, self.evaluation(error, &step.place))),
                }
            }
            let sent =
                join_all(requests.into_iter().map(|(label, request)| self.exchange(label, request))).await;
            let Some(sent) = sent.into_iter().collect::<Option<Vec<_>>>() else {
                return Err(Stop::Interrupted);
            };
            for done in &sent {
                self.carry(upload, done, names);
            }
            let faulty = sent.iter().any(|done| done.fault().is_some());
            dones.extend(sent);
            if faulty {
                break;
            }
            if !ahead.is_empty() && carries && !self.is_begun(&upload.name) {
                // Judged first: that the first answer is wrong may be just what a rule speaks of.
                self.judge_everywhere(step, &dones, names);
                self.conclude(step, &dones, names)?;
                let fields: Vec<_> =
                    self.world.suite.uploads.carry.iter().map(|(_, path)| path.to_string()).collect();
                return Err(self.stop(Obstacle {
                    kind: CauseKind::Precondition,
                    text: format!("{}: the first answer names no {}", dones[0].label, fields.join(", ")),
                    place: step.place.clone(),
                    exchange: Some(self.record(&dones[0].exchange)),
                }));
            }
        }
        self.judge_everywhere(step, &dones, names);
        self.conclude(step, &dones, names)
    }

    fn is_begun(&self, name: &str) -> bool {
        lock(&self.uploads).get(name).is_some_and(UploadState::is_begun)
    }

    /// The upload that the step goes on with, or a new one where it sends the first segment.
    fn upload_state(&self, step: &Step, upload: &Upload, names: &Names) -> Result<UploadState, EvalError> {
        let known = lock(&self.uploads).get(&upload.name).cloned();
        if let Some(state) = known
            && !chosen(&upload.segments, &state.plan).contains(&1)
        {
            return Ok(state);
        }
        let named = planned(self.scenario, &upload.name);
        let spec = upload
            .plan
            .as_ref()
            .or(named)
            .ok_or_else(|| EvalError::Harness(format!("there is no upload `{}`", upload.name)))?;
        let content = {
            // By the upload's name and not the step's: whichever step sends a segment, it sends the same bytes.
            let mut builder = self.builder(step, names);
            builder.seed = self.seed.derive(&upload.name);
            builder.content(&spec.source, "content")?
        };
        let file_name = match &spec.file_name {
            Some(name) => name.text(names)?,
            None => format!("{}.mp4", upload.name.replace(|c: char| !c.is_alphanumeric(), "-")),
        };
        let state =
            UploadState { plan: cut(spec, content.len(), names)?, content, file_name, carried: Vec::new() };
        lock(&self.uploads).insert(upload.name.clone(), state.clone());
        Ok(state)
    }

    fn segment(
        &self,
        step: &Step,
        upload: &Upload,
        number: u32,
        names: &Names,
        lane: &mut Lane,
    ) -> Result<(String, wire::Request), EvalError> {
        let state = lock(&self.uploads).get(&upload.name).cloned();
        let state =
            state.ok_or_else(|| EvalError::Harness(format!("the upload `{}` was not begun", upload.name)))?;
        let segment = state.plan.segments.iter().find(|segment| segment.number == number);
        let segment = segment.ok_or_else(|| {
            let have = state.plan.segments.len();
            EvalError::Harness(format!("the scenario sends segment {number} of an upload that has {have}"))
        })?;
        let defaults = &self.world.suite.uploads;
        let builder = self.builder(step, names);
        let mut form = builder.new_form();
        for (name, value) in &upload.fields {
            form = form.text(name, value.text(names)?);
        }
        if upload.carry {
            for (name, value) in &state.carried {
                if !upload.fields.iter().any(|(field, _)| field == name) {
                    form = form.text(name, value);
                }
            }
        }
        let (kind, body) = form
            .file(wire::FilePart {
                field: defaults.field.clone(),
                file_name: Some(state.file_name.clone()),
                content_type: None,
                slice: state.content.slice(segment.from, segment.len),
            })
            .finish();
        let to = upload.to.as_ref().or(defaults.to.as_ref());
        let to = to.ok_or_else(|| {
            EvalError::Harness("neither the step nor the suite says where segments go".to_owned())
        })?;
        let mut envelope = upload.envelope.clone();
        if let Some(range) = &segment.label
            && !envelope.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&defaults.range_header))
        {
            envelope.headers.push((defaults.range_header.clone(), Template::plain(range)));
        }
        let label = match &segment.label {
            Some(range) => format!("POST {} ({range})", to.written()),
            None => format!("POST {}", to.written()),
        };
        Ok((label, builder.assemble("POST", to, &envelope, (Some(kind), body), lane)?))
    }

    /// Keeps what the first answer says of the upload.
    fn carry(&self, upload: &Upload, done: &Done, names: &mut Names) {
        let mut uploads = lock(&self.uploads);
        let Some(state) = uploads.get_mut(&upload.name) else { return };
        let (Some(body), false) = (&done.body, state.is_begun()) else { return };
        if !done.answer().is_some_and(|answer| (200..300).contains(&answer.status)) {
            return;
        }
        for (field, path) in &self.world.suite.uploads.carry {
            if let Some(Value::String(value)) = path.find(body) {
                names.set(format!("{}.{field}", upload.name), value.clone().into());
                state.carried.push((field.clone(), value));
            }
        }
    }
}

/// The numbers of the chosen segments, in the order in which they go.
pub(super) fn chosen(segments: &Segments, plan: &ChunkPlan) -> Vec<u32> {
    let all: Vec<u32> = plan.segments.iter().map(|segment| segment.number).collect();
    match segments {
        Segments::All => all,
        Segments::First => all.first().copied().into_iter().collect(),
        Segments::Rest => all.into_iter().skip(1).collect(),
        Segments::Last => all.last().copied().into_iter().collect(),
        Segments::These(numbers) => numbers.clone(),
    }
}

/// The plan of this name that the scenario gives.
pub(super) fn planned<'s>(scenario: &'s Scenario, name: &str) -> Option<&'s Plan> {
    scenario.uploads.iter().find(|(known, _)| known == name).map(|(_, plan)| plan)
}

pub(super) fn cut(spec: &Plan, whole: u64, names: &Names) -> Result<ChunkPlan, EvalError> {
    let fault = |error: payload::PlanError| EvalError::Harness(error.to_string());
    match &spec.cut {
        Cut::Even { segment, framing, total } => ChunkPlan::cut(payload::Cut {
            size: whole,
            segment: segment.as_ref().map_or(Ok(whole.max(1)), |segment| size(segment, names))?,
            framing: match framing {
                Framing::None => payload::Framing::None,
                Framing::Bytes => payload::Framing::Bytes,
                Framing::Part => payload::Framing::Parts,
            },
            total: match total {
                Total::Named => payload::Total::Named,
                Total::Open => payload::Total::Open,
                Total::Last => payload::Total::OpenUntilLast,
                Total::Claimed(expr) => payload::Total::Claimed(size(expr, names)?),
            },
        })
        .map_err(fault),
        Cut::Explicit(planned) => {
            let mut segments = Vec::new();
            for (number, planned) in (1_u32..).zip(planned) {
                segments.push(Segment {
                    from: size(&planned.from, names)?,
                    len: size(&planned.length, names)?,
                    label: planned.range.as_ref().map(|range| range.text(names)).transpose()?,
                    number,
                });
            }
            ChunkPlan::new(whole, segments).map_err(fault)
        }
    }
}
