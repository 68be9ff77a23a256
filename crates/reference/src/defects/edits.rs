//! Small changes to answers that many defects are made of.

use http::StatusCode;
use serde_json::{Value, json};

use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::policy::facts::Call;
use crate::problem::{Kind, Problem, kind};
use crate::server::answer::{Answer, Content};

/// Answers an operation with another status where it succeeds.
pub(crate) fn success_is(policy: &mut Overrides, operation: Operation, status: u16) {
    policy.answer(move |call, answer| {
        if call.operation == operation && answer.status.is_success() {
            set_status(answer, status);
        }
    });
}

/// Answers an error of one kind with another status, in the body as well.
pub(crate) fn error_is(policy: &mut Overrides, kind: Kind, status: u16) {
    policy.answer(move |_, answer| {
        if is_error(answer, kind) {
            set_status(answer, status);
        }
    });
}

/// Answers an error of one operation with another status, in the body as well.
pub(crate) fn error_of_is(policy: &mut Overrides, operation: Operation, kind: Kind, status: u16) {
    policy.answer(move |call, answer| {
        if call.operation == operation && is_error(answer, kind) {
            set_status(answer, status);
        }
    });
}

/// Answers an error of one kind as if it were another.
pub(crate) fn error_is_misnamed(policy: &mut Overrides, kind: Kind, other: Kind) {
    policy.answer(move |_, answer| {
        if is_error(answer, kind) {
            let problem = Problem::new(other, answer.json()["detail"].as_str().unwrap_or_default());
            answer.status = problem.status();
            answer.content = Content::Json(problem.body());
        }
    });
}

/// Changes what an operation answers where it succeeds.
pub(crate) fn shown(
    policy: &mut Overrides,
    operation: Operation,
    edit: impl Fn(&mut Value) + Send + Sync + 'static,
) {
    shown_to(policy, operation, move |_, json| edit(json));
}

/// The same, by what was asked and when.
pub(crate) fn shown_to(
    policy: &mut Overrides,
    operation: Operation,
    edit: impl Fn(&Call<'_>, &mut Value) + Send + Sync + 'static,
) {
    policy.answer(move |call, answer| {
        if call.operation == operation
            && answer.status.is_success()
            && let Some(json) = answer.json_mut()
        {
            edit(call, json);
        }
    });
}

/// Answers a deletion with an empty object.
pub(crate) fn deletion_has_body(policy: &mut Overrides, operation: Operation) {
    policy.answer(move |call, answer| {
        if call.operation == operation && answer.status == StatusCode::NO_CONTENT {
            succeed(answer, StatusCode::OK, Content::Json(json!({})));
        }
    });
}

/// Answers a deletion of what is not there as if it had been.
pub(crate) fn deletion_of_nothing_succeeds(
    policy: &mut Overrides,
    operation: Operation,
    is_meant: impl Fn(&Call<'_>) -> bool + Send + Sync + 'static,
) {
    policy.answer(move |call, answer| {
        if call.operation == operation && is_error(answer, kind::NOT_FOUND) && is_meant(call) {
            succeed(answer, StatusCode::NO_CONTENT, Content::Empty);
        }
    });
}

/// Changes the body of every error.
pub(crate) fn every_error(policy: &mut Overrides, edit: impl Fn(&mut Value) + Send + Sync + 'static) {
    policy.answer(move |_, answer| {
        if answer.status.as_u16() >= 400
            && let Some(json) = answer.json_mut()
        {
            edit(json);
        }
    });
}

/// Whether an answer is an error of this kind.
pub(crate) fn is_error(answer: &Answer, kind: Kind) -> bool {
    answer.json()["type"].as_str().and_then(|text| text.rsplit('/').next()) == Some(kind.slug)
        && answer.status.as_u16() >= 400
}

/// Sets the status of an answer; the body of an error repeats it.
pub(crate) fn set_status(answer: &mut Answer, status: u16) {
    let is_error = answer.status.as_u16() >= 400;
    if let Ok(code) = StatusCode::from_u16(status) {
        answer.status = code;
    }
    if is_error && let Some(json) = answer.json_mut() {
        json["status"] = status.into();
    }
}

/// Answers as if nothing had been wrong.
pub(crate) fn succeed(answer: &mut Answer, status: StatusCode, content: Content) {
    answer.status = status;
    answer.headers.remove("content-type");
    if matches!(content, Content::Json(_)) {
        answer.header("content-type", "application/json");
    }
    answer.content = content;
}

/// Removes a member of an object.
pub(crate) fn remove(json: &mut Value, member: &str) {
    if let Some(members) = json.as_object_mut() {
        members.remove(member);
    }
}
