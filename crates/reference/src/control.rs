//! The control surface: what tests may do and see that no caller of the API may. It has an address of its own, exists
//! only when one was given, and is in no way part of the contract.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use crate::app::App;
use crate::store::Held;
use crate::timestamp::Timestamp;
use crate::upload::progress::Progress;

pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/clock", get(clock))
        .route("/clock/advance", post(advance))
        .route("/uploads/{id}", get(upload))
        .with_state(app)
}

async fn clock(State(app): State<Arc<App>>) -> Response {
    now(app.now())
}

/// Moves the clock forward by `{"seconds": N}`; a number in a text is as good.
async fn advance(State(app): State<Arc<App>>, body: Body) -> Response {
    let Some(millis) = read_millis(body).await else {
        return refusal(StatusCode::BAD_REQUEST, "the body must be {\"seconds\": N}");
    };
    match app.advance(millis).await {
        Some(Ok(time)) => now(time),
        Some(Err(problem)) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &problem.detail),
        None => refusal(
            StatusCode::CONFLICT,
            "only a virtual clock can be moved, only forward, and not beyond the year 9000",
        ),
    }
}

/// What has arrived of a video, and the sum of its bytes where they are kept.
async fn upload(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let found = app.state().videos.get(&id).map(|video| {
        (
            video.is_complete(&app.settings.policy),
            video.progress.as_ref().map_or(0, Progress::received),
            video.file.as_ref().map(Held::sum),
        )
    });
    let Some((complete, size, sum)) = found else {
        return refusal(StatusCode::NOT_FOUND, "there is no such video");
    };
    let sum = match sum {
        Some(sum) => sum.await.ok(),
        None => None,
    };
    json_response(StatusCode::OK, &json!({ "complete": complete, "size": size, "sha256": sum }))
}

fn json_response(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn now(time: Timestamp) -> Response {
    json_response(StatusCode::OK, &json!({ "now": time.atom() }))
}

fn refusal(status: StatusCode, error: &str) -> Response {
    json_response(status, &json!({ "error": error }))
}

async fn read_millis(body: Body) -> Option<i64> {
    let bytes = Limited::new(body, 4096).collect().await.ok()?.to_bytes();
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    let seconds = match value.get("seconds")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    to_millis(seconds)
}

fn to_millis(seconds: f64) -> Option<i64> {
    let millis = std::time::Duration::try_from_secs_f64(seconds).ok()?.as_millis();
    i64::try_from(millis).ok()
}
