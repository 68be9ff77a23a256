//! What a forecast takes for granted: requests succeed, and answers hold what the scenario saves of them.

use http::Method;
use serde_json::{Value, json};
use url::Url;

use super::request::joined;
use super::scope::Scope;
use super::segments;
use super::state::{Branch, Made, Undo, UploadState};
use super::turn::Turn;
use super::variables::Variables;
use uptake_suite::expect::Wants;
use uptake_suite::expr::{EvalError, Template};
use uptake_suite::save::{HeaderType, SaveFrom};
use uptake_suite::step::Step;
use uptake_suite::upload::Upload;
use uptake_wire as wire;

/// What stands for a text that only an answer could give.
const UNKNOWN: &str = "unknown";

/// A request without a body, where the step's own cannot be built before its predecessors are answered.
pub(crate) fn request(method: &str, path: &Template, scope: &Scope<'_>) -> wire::Request {
    let method = method.parse().unwrap_or(Method::POST);
    wire::Request::new(method, url(path, scope))
}

/// The same for a segment, of which at least the size is known.
pub(crate) fn segment(
    upload: &Upload,
    state: &UploadState,
    number: u32,
    scope: &Scope<'_>,
) -> Result<(String, wire::Request), EvalError> {
    let segment = segments::segment(state, number)?;
    let to = segments::destination(upload, scope)?;
    let slice = state.content.content(scope.environment)?.slice(segment.from, segment.len);
    let body = wire::Body::content(slice);
    Ok((to.written().to_owned(), wire::Request { body, ..request("POST", to, scope) }))
}

/// The URL, with something in the place of what is not known yet.
fn url(path: &Template, scope: &Scope<'_>) -> Url {
    let text = path.text(scope).unwrap_or_else(|_| {
        let mut parts = path.written().split("${");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + UNKNOWN + part.split_once('}').map_or("", |(_, rest)| rest))
    });
    let base = &scope.environment.target.base_url;
    let whole = if text.contains("://") { text } else { joined(base, &text) };
    Url::parse(&whole).unwrap_or_else(|_| base.clone())
}

/// Makes up what the step saves.
pub(crate) fn saves(step: &Step, variables: &mut Variables) {
    for save in &step.save {
        let value = match (&save.from, save.kind) {
            (SaveFrom::Interim(source), _) if source.is_list => json!([]),
            (SaveFrom::Took, _)
            | (_, HeaderType::Int | HeaderType::HttpDate | HeaderType::StructuredInteger) => json!(0),
            (_, HeaderType::StructuredBoolean) => json!(false),
            (_, HeaderType::StructuredDictionary) => json!({}),
            (SaveFrom::Status, _) => json!(200),
            _ => json!(UNKNOWN),
        };
        variables.assume(&save.name, value);
    }
}

/// Makes up what the first answer says of an upload.
pub(crate) fn carried(turn: &mut Turn<'_, '_>, branch: &mut Branch, upload: &Upload) {
    let Some(state) = turn.shared.uploads.get_mut(&upload.name) else { return };
    if state.is_begun() {
        return;
    }
    for (field, _) in &turn.program.environment.suite.uploads.carry {
        branch.variables.assume(&format!("{}.{field}", upload.name), Value::from(UNKNOWN));
        state.carried.push((field.clone(), UNKNOWN.to_owned()));
    }
}

/// What the request makes is removed again; where the step wants a refusal nothing is made.
pub(crate) fn made(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, request: &wire::Request) {
    let refuses = |wants: &Wants| {
        let fails = |status: &uptake_suite::status::StatusSet| !(200..300).any(|one| status.has(one));
        wants.refused || wants.status.as_ref().is_some_and(fails)
    };
    if step.expect.iter().any(|expectation| refuses(&expectation.wants)) {
        return;
    }
    let environment = turn.program.environment;
    let (method, path) = (request.method.as_str(), environment.relative(request.url.path()));
    let mut resources = environment.suite.resources.iter();
    if let Some(resource) = resources.find(|resource| resource.is_made_by(method, path, &environment.given)) {
        let id = format!("{UNKNOWN}-{}", branch.undo.len());
        branch.undo.push(Undo::Remove(Made { resource: resource.name.clone(), id }));
    }
}
