//! What holds of every answer, whatever was asked, and the answers that belong to HTTP alone.

use serde_json::json;

use super::call::{Call, Operation};
use super::expectation::{Check, Difference, Expectation};
use super::refusal::{Refusal, refused};
use super::reply::Reply;
use super::wanted::{JsonType, Subject, Wanted};

/// How a reply breaks what holds of every answer.
pub(super) fn difference(call: &Call, reply: &Reply, is_cors: bool) -> Option<Difference> {
    let status = reply.status?;
    let mut checks = Vec::new();
    if status == 204 {
        checks.push(Check { rule: "HTTP-12", subject: Subject::Body, wanted: Wanted::Empty });
        checks.push(Check::header("HTTP-12", "Content-Type", Wanted::Absent));
    } else if reply.json.is_some() {
        checks.push(Check::header("HTTP-01", "Content-Type", Wanted::JsonContentType));
        checks.push(Check::header("HTTP-09", "Content-Type", Wanted::Is(json!("application/json"))));
    }
    if (400..500).contains(&status) {
        checks.extend(problem(status));
    }
    checks.push(Check { rule: "HTTP-07", subject: Subject::Whole, wanted: Wanted::NoKey });
    if !matches!(call.operation, Operation::Preflight { .. }) {
        for name in ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Retry-After"] {
            checks.push(Check::header("HTTP-04", name, Wanted::HeaderInteger));
        }
    }
    if let Some(origin) = call.origin.as_ref().filter(|_| is_cors && is_called_by_browsers(call)) {
        let rule = if reply.is_success() { "HTTP-06" } else { "HTTP-10" };
        let wanted = Wanted::AllowsOrigin(origin.clone());
        checks.push(Check::header(rule, "Access-Control-Allow-Origin", wanted));
    }
    checks.into_iter().find_map(|check| check.difference(reply))
}

/// Every error is JSON with these members.
fn problem(status: u16) -> [Check; 4] {
    let is = |path: &str, wanted| Check::json("SCHEMA-06", path, wanted);
    [
        Check::header("HTTP-01", "Content-Type", Wanted::JsonContentType),
        is("$.type", Wanted::Type(JsonType::Text)),
        is("$.title", Wanted::Type(JsonType::Text)),
        is("$.status", Wanted::Is(json!(status))),
    ]
}

fn is_called_by_browsers(call: &Call) -> bool {
    matches!(
        call.operation,
        Operation::Upload { .. }
            | Operation::UploadSource { .. }
            | Operation::Refresh(_)
            | Operation::Preflight { .. }
    )
}

/// A pre-flight for a POST with these headers.
pub(super) fn preflight(headers: &[&'static str]) -> Vec<Expectation> {
    let lists = headers
        .iter()
        .map(|name| Check::header("HTTP-06", "Access-Control-Allow-Headers", Wanted::Lists(name)));
    [200, 204].map(|status| Expectation::status("HTTP-06", status).with_all(lists.clone())).to_vec()
}

/// A path that the contract does not have.
pub(super) fn unknown_path() -> Expectation {
    refused(&[Refusal::unknown_path()])
}

/// A body without a Content-Length.
pub(super) fn length_required() -> Expectation {
    Expectation::status("HTTP-08", 411)
}

/// A method that a path does not have: the answer names those that it has (RFC 9110, 15.5.6).
pub(super) fn wrong_method(allowed: &[&'static str]) -> Expectation {
    let lists = allowed.iter().map(|method| Check::header("HTTP-03", "Allow", Wanted::Lists(method)));
    refused(&[Refusal::wrong_method()]).with_all(lists)
}
