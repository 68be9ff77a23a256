//! Files arrive: with an upload token, or with the key into a container.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::super::answer;
use super::super::app::App;
use super::super::arrival::Arrival;
use super::super::books::Accepted;
use super::super::defect::Defect;
use super::super::form::{Form, FormReader};
use super::super::ledger::Receipt;
use super::super::multipart::boundary_of;
use super::super::problem::{Problem, kind};
use super::super::terms::Terms;
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
    let token = upload_token(query.as_deref().unwrap_or_default());
    let token = token.map_err(|problem| {
        if app.terms.has(Defect::MissingUploadTokenIs400) { problem.but(400) } else { problem }
    })?;
    if app.terms.has(Defect::AuthorizationHeeded) && headers.contains_key(AUTHORIZATION) {
        app.authorize(&headers)?;
    }
    app.books().tokens.power(&token, app.now())?;
    let arrival = arrival(&app, &headers, body).await;
    if arrival.form.broken_off && app.terms.has(Defect::BrokenOffUploadSpendsToken) {
        app.settle(|books| books.delete_token(&token, app.now())).await?;
    }
    let later = arrival.form.video_id.is_some();
    // The token must be good when the segment has arrived, too.
    let (accepted, receipt) = app.decide(|books| books.arrive_by_token(&token, arrival, app.now()));
    let accepted = accepted?;
    let empty = later && accepted.completed.is_none() && app.terms.has(Defect::SegmentAnswerEmpty);
    let answered = accept(app, accepted, receipt).await?;
    if empty {
        return Ok(answer::json(StatusCode::CREATED, &json!({})));
    }
    Ok(answered)
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
        let problem = not_found();
        return Err(if app.terms.has(Defect::UnknownContainerIs400) { problem.but(400) } else { problem });
    }
    let arrival = arrival(&app, &headers, body).await;
    app.authorize(&headers)?;
    let (accepted, receipt) = app.decide(|books| books.arrive_by_key(&id, arrival, app.now()));
    accept(app, accepted?, receipt).await
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
    let (began, accepted_before) = (app.now(), app.books().accepted());
    let largest = largest_file(&app.terms, headers);
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let declared: Option<u64> = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let form = if declared.is_some_and(|length| length > largest.saturating_add(TRIMMINGS)) {
        let detail = format!("A file of one request has at most {largest} bytes.");
        let fault = Some(Problem::new(kind::FILE_TOO_LARGE, detail).of("file"));
        Form { fault, ..Form::default() }
    } else {
        let boundary = text(CONTENT_TYPE).and_then(boundary_of);
        FormReader::new(&app.store, largest, &app.terms).read(boundary, body).await
    };
    // More than one header, or one that is no text, is as malformed as any other nonsense.
    let mut ranges = headers.get_all(CONTENT_RANGE).iter();
    let range = ranges.next().map(|range| match (ranges.next(), range.to_str()) {
        (None, Ok(range)) => range.to_owned(),
        _ => String::new(),
    });
    Arrival { form, range, began, accepted_before }
}

/// How large a file may be.
fn largest_file(terms: &Terms, headers: &HeaderMap) -> u64 {
    let by_bytes = headers.get(CONTENT_RANGE).is_some_and(|range| range.as_bytes().starts_with(b"bytes"));
    let largest = terms.limits.max_request;
    if terms.has(Defect::RequestLimitUnchecked) || by_bytes && terms.has(Defect::RangeMaximumUnchecked) {
        u64::MAX
    } else if terms.has(Defect::RequestLimitOffByOne) {
        largest + 1
    } else if terms.has(Defect::RequestLimitExclusive) {
        largest - 1
    } else {
        largest
    }
}

/// Answers a segment that was accepted, once that is written down; behind the last one the file is put together first.
async fn accept(app: Arc<App>, accepted: Accepted, receipt: Receipt) -> Result<Response, Problem> {
    let Accepted { video_id, completed } = accepted;
    match completed {
        Some(complete) if app.store.keeps() => {
            // A caller that goes away now takes its answer with it, and not the file.
            let putting = Arc::clone(&app);
            let put_together = tokio::spawn(async move { putting.put_together(receipt, complete).await });
            let lost = |_| Problem::new(kind::INTERNAL, "The file could not be put together.");
            put_together.await.map_err(lost)??;
        }
        _ => receipt.settled().await?,
    }
    let video = app.books().video(&video_id, app.now())?.json(&app.origin, app.terms.defects);
    let status = if app.terms.has(Defect::UploadAnswers200) { StatusCode::OK } else { StatusCode::CREATED };
    Ok(answer::json(status, &video))
}
