//! The segments of an upload: how a file is cut, which segments a step sends, and the request for each.

use super::environment::Environment;
use super::request::{Builder, recipe, size};
use super::scope::Scope;
use super::state::UploadState;
use uptake_payload as payload;
use uptake_payload::{ChunkPlan, Seed, Segment};
use uptake_suite::Scenario;
use uptake_suite::expr::{EvalError, Template};
use uptake_suite::request::{Body, Request};
use uptake_suite::upload::{Cut, DeclaredTotal, Segments, Upload, UploadPlan};
use uptake_wire as wire;

/// The plan of an upload step: its own, or the scenario's of that name.
fn plan_of<'s>(scenario: &'s Scenario, upload: &'s Upload) -> Result<&'s UploadPlan, EvalError> {
    let named = || scenario.uploads.iter().find(|(known, _)| *known == upload.name).map(|(_, plan)| plan);
    let plan = upload.plan.as_ref().or_else(named);
    plan.ok_or_else(|| EvalError::Harness(format!("unknown upload `{}`", upload.name)))
}

/// An upload that begins.
pub(crate) fn new_upload(
    scenario: &Scenario,
    upload: &Upload,
    seed: Seed,
    scope: &Scope<'_>,
) -> Result<UploadState, EvalError> {
    let plan = plan_of(scenario, upload)?;
    // By the upload's name and not the step's: whichever step sends a segment, it sends the same bytes.
    let content = recipe(&plan.source, seed.derive(&upload.name).derive("content"), scope)?;
    let whole = content.content(scope.environment)?.len();
    let file_name = match &plan.file_name {
        Some(name) => name.text(scope)?,
        None => format!("{}.mp4", upload.name.replace(|c: char| !c.is_alphanumeric(), "-")),
    };
    Ok(UploadState { plan: cut(plan, whole, scope)?, content, file_name, carried: Vec::new() })
}

/// Whether a request with a file belongs to no upload that is known already: it carries nothing of an earlier answer.
pub(crate) fn begins_upload(environment: &Environment<'_>, request: &Request) -> bool {
    let carry = &environment.suite.uploads.carry;
    let Body::Form(fields) = &request.body else { return false };
    !carry.is_empty() && !fields.iter().any(|field| carry.iter().any(|(carried, _)| *carried == field.name))
}

/// The same of the first segment of an upload step.
pub(crate) fn is_fresh(environment: &Environment<'_>, upload: &Upload, state: &UploadState) -> bool {
    let carry = &environment.suite.uploads.carry;
    let names = |name: &String| carry.iter().any(|(carried, _)| carried == name);
    upload.carry
        && !carry.is_empty()
        && !state.is_begun()
        && !upload.fields.iter().any(|(name, _)| names(name))
}

/// The numbers of the chosen segments, in the order in which they go.
pub(crate) fn chosen(segments: &Segments, plan: &ChunkPlan) -> Vec<u32> {
    let all: Vec<u32> = plan.segments.iter().map(|segment| segment.number).collect();
    match segments {
        Segments::All => all,
        Segments::First => all.first().copied().into_iter().collect(),
        Segments::Rest => all.into_iter().skip(1).collect(),
        Segments::Last => all.last().copied().into_iter().collect(),
        Segments::These(numbers) => numbers.clone(),
    }
}

/// Where the segments of a step go.
pub(crate) fn destination<'s>(upload: &'s Upload, scope: &Scope<'s>) -> Result<&'s Template, EvalError> {
    let to = upload.to.as_ref().or(scope.environment.suite.uploads.to.as_ref());
    to.ok_or_else(|| EvalError::Harness("neither the step nor the suite says where segments go".to_owned()))
}

/// The segment of this number.
pub(crate) fn segment(state: &UploadState, number: u32) -> Result<&Segment, EvalError> {
    let segment = state.plan.segments.iter().find(|segment| segment.number == number);
    segment.ok_or_else(|| {
        let have = state.plan.segments.len();
        EvalError::Harness(format!("the scenario sends segment {number} of an upload that has {have}"))
    })
}

/// The request that sends a segment, and what it is called.
pub(crate) fn request(
    builder: &Builder<'_>,
    upload: &Upload,
    state: &UploadState,
    number: u32,
) -> Result<(String, wire::Request), EvalError> {
    let scope = &builder.scope;
    let segment = segment(state, number)?;
    let defaults = &scope.environment.suite.uploads;
    let mut form = builder.new_form();
    for (name, value) in &upload.fields {
        form = form.text(name, value.text(scope)?);
    }
    if upload.carry {
        for (name, value) in &state.carried {
            if !upload.fields.iter().any(|(field, _)| field == name) {
                form = form.text(name, value);
            }
        }
    }
    let content = state.content.content(scope.environment)?;
    let (kind, body) = form
        .file(wire::FilePart {
            field: defaults.field.clone(),
            file_name: Some(state.file_name.clone()),
            content_type: None,
            slice: content.slice(segment.from, segment.len),
        })
        .finish();
    let to = destination(upload, scope)?;
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
    Ok((label, builder.assemble("POST", to, &envelope, (Some(kind), body))?))
}

fn cut(spec: &UploadPlan, whole: u64, scope: &Scope<'_>) -> Result<ChunkPlan, EvalError> {
    let fault = |error: payload::PlanError| EvalError::Harness(error.to_string());
    match &spec.cut {
        Cut::Even { segment, framing, total } => ChunkPlan::cut(payload::Cut {
            size: whole,
            segment: segment.as_ref().map_or(Ok(whole.max(1)), |segment| size(segment, scope))?,
            framing: *framing,
            total: match total {
                DeclaredTotal::Named => payload::Total::Named,
                DeclaredTotal::Open => payload::Total::Open,
                DeclaredTotal::Last => payload::Total::OpenUntilLast,
                DeclaredTotal::Claimed(expr) => payload::Total::Claimed(size(expr, scope)?),
            },
        })
        .map_err(fault),
        Cut::Explicit(planned) => {
            let mut segments = Vec::new();
            for (number, planned) in (1_u32..).zip(planned) {
                segments.push(Segment {
                    from: size(&planned.from, scope)?,
                    len: size(&planned.length, scope)?,
                    label: planned.range.as_ref().map(|range| range.text(scope)).transpose()?,
                    number,
                });
            }
            ChunkPlan::new(whole, segments).map_err(fault)
        }
    }
}
