//! Which call goes to which handler.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::json;

use super::super::answer;
use super::super::app::App;
use super::super::defect::Defect;
use super::super::problem::{Problem, kind};
use super::{auth, tokens, upload, videos};

/// The whole surface.
pub(in super::super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/auth/api-key", post(auth::exchange))
        .route("/auth/refresh", post(auth::refresh))
        .route("/upload-tokens", get(tokens::list).post(tokens::create))
        .route("/upload-tokens/{token}", get(tokens::show).delete(tokens::delete))
        .route("/upload", post(upload::by_token))
        .route("/videos", post(videos::create))
        .route("/videos/{id}", get(videos::show).delete(videos::delete))
        .route("/videos/{id}/source", post(upload::by_key))
        .route("/videos/{id}/status", get(videos::status))
        .fallback(unknown_url)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(app)
}

async fn unknown_url(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    if app.terms.has(Defect::UnknownUrlIs200) {
        return Ok(answer::json(StatusCode::OK, &json!({})));
    }
    Err(Problem::new(kind::UNKNOWN_URL, "No call of this API has this path."))
}

async fn method_not_allowed(State(app): State<Arc<App>>) -> Problem {
    if app.terms.has(Defect::UnknownMethodIs404) {
        return Problem::new(kind::UNKNOWN_URL, "No call of this API has this method.");
    }
    Problem::new(kind::METHOD_NOT_ALLOWED, "The Allow header names the methods that this path has.")
}
