//! Who answers a request.

use super::append::{PARTIAL_UPLOAD, append};
use super::body::Body;
use super::complete::Outcome;
use super::create::create;
use super::defects::RufhDefect;
use super::head::Head;
use super::inspect::{cancel, discovery, offset};
use super::problem;
use super::response::Response;
use super::service::Service;

/// The resource that uploads are for.
const TARGET: &str = "/files";
/// Where uploads are.
const UPLOADS: &str = "/uploads/";

/// Answers a request.
pub(super) async fn route(service: &Service, head: &Head, body: &mut Body<'_>) -> Outcome {
    match (head.method.as_str(), head.path.as_str()) {
        ("OPTIONS", "*" | TARGET) => discovery(service, head),
        ("POST" | "PUT" | "PATCH", TARGET) => create(service, head, body).await,
        (_, TARGET) => Outcome::Answer(not_allowed().with("Allow", "OPTIONS, PATCH, POST, PUT")),
        (method, path) if path.starts_with(UPLOADS) => {
            let Some(upload) = service.uploads.at(path, service.limits.max_age) else {
                return Outcome::Answer(problem::plain(404, "there is no such upload"));
            };
            Outcome::Answer(match method {
                "HEAD" | "DELETE" if service.has(RufhDefect::Redirects) => {
                    Response::new(302).with("Location", path)
                }
                "HEAD" | "GET" => offset(service, &upload, head).await,
                "PATCH" => return append(service, &upload, head, body).await,
                "DELETE" => cancel(service, &upload, head).await,
                "OPTIONS" => {
                    let allowed = Response::new(204).with("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH");
                    allowed.with("Accept-Patch", PARTIAL_UPLOAD)
                }
                _ => not_allowed().with("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH"),
            })
        }
        _ => Outcome::Answer(problem::plain(404, "uploads are created at /files")),
    }
}

fn not_allowed() -> Response {
    problem::plain(405, "this method is not supported here")
}
