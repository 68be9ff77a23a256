//! Files arrive: with an upload token, or with the key into a container.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use super::super::answer;
use super::super::app::App;
use super::super::books::{Accepted, Arrival};
use super::super::form::{Form, FormReader};
use super::super::multipart::boundary_of;
use super::super::problem::{Problem, kind};
use super::super::store;
use super::super::videos::not_found;

/// A body that declares to be longer than the largest file and this needs not be read to be refused.
const TRIMMINGS: u64 = 1024 * 1024;

/// `POST /upload`: the token alone decides, whatever else the caller shows.
pub(super) async fn by_token(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let token = upload_token(query.as_deref().unwrap_or_default())?;
    app.books().tokens.power(&token, app.now())?;
    let arrival = arrival(&app, &headers, body).await;
    // The token must be good when the segment has arrived, too.
    let accepted = app.books().arrive_by_token(&token, arrival, app.now())?;
    accept(&app, accepted).await
}

/// `POST /videos/{id}/source`
pub(super) async fn by_key(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    if !app.books().videos.contains_key(&id) {
        return Err(not_found());
    }
    let arrival = arrival(&app, &headers, body).await;
    app.authorize(&headers)?;
    let accepted = app.books().arrive_by_key(&id, arrival, app.now())?;
    accept(&app, accepted).await
}

fn upload_token(query: &str) -> Result<String, Problem> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, token)| name == "token" && !token.is_empty())
        .map(|(_, token)| token.into_owned())
        .ok_or_else(|| {
            Problem::new(kind::MISSING_UPLOAD_TOKEN, "The query names no upload token.").of("token")
        })
}

/// Reads a segment to its end.
async fn arrival(app: &App, headers: &HeaderMap, body: Body) -> Arrival {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let declared: Option<u64> = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let form = if declared.is_some_and(|length| length > app.limits.max_request.saturating_add(TRIMMINGS)) {
        let detail = format!("A file of one request has at most {} bytes.", app.limits.max_request);
        let fault = Some(Problem::new(kind::FILE_TOO_LARGE, detail).of("file"));
        Form { fault, ..Form::default() }
    } else {
        let boundary = text(CONTENT_TYPE).and_then(boundary_of);
        FormReader::new(&app.store, app.limits.max_request).read(boundary, body).await
    };
    // More than one header, or one that is no text, is as malformed as any other nonsense.
    let mut ranges = headers.get_all(CONTENT_RANGE).iter();
    let range = ranges.next().map(|range| match (ranges.next(), range.to_str()) {
        (None, Ok(range)) => range.to_owned(),
        _ => String::new(),
    });
    Arrival { form, range }
}

/// Answers a segment that was accepted; behind the last one the file is put together first.
async fn accept(app: &App, accepted: Accepted) -> Result<Response, Problem> {
    let Accepted { video_id, completed } = accepted;
    if let Some(pieces) = completed {
        put_together(app, &video_id, pieces).await?;
    }
    let video = app.books().show(&video_id, &app.origin)?;
    Ok(answer::json(StatusCode::CREATED, &video))
}

async fn put_together(app: &App, video_id: &str, pieces: Vec<PathBuf>) -> Result<(), Problem> {
    let whole = app.store.assemble(video_id, pieces).await;
    let whole = whole.map_err(|error| {
        Problem::new(kind::INTERNAL, format!("The file could not be put together: {}.", error.kind()))
    })?;
    if let Some(file) = whole {
        let outcome = app.books().assembled(video_id, file);
        match outcome {
            // The segments' files go away here, without the lock.
            Ok(segments) => drop(segments),
            Err(file) => store::remove(&file),
        }
    }
    Ok(())
}
