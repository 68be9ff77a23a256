//! Files arrive: with an upload token, or with the key into a container.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use crate::app::App;
use crate::database::writer::Recorded;
use crate::form::disposition::boundary_of;
use crate::form::reader::{Form, FormLimits, FormReader};
use crate::operation::Operation;
use crate::policy::facts::{AcceptedSegment, Stage, UploadEnd};
use crate::problem::{Problem, kind};
use crate::server::answer::Reply;
use crate::state::server_state::Accepted;
use crate::upload::content_range::ContentRange;
use crate::upload::received_form::ReceivedForm;

/// A body that declares to be longer than the largest file and this needs not be read to be refused.
const FORM_OVERHEAD: u64 = 1024 * 1024;

/// `POST /upload`
pub(crate) async fn by_token(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Reply, Problem> {
    let token = upload_token(query.as_deref().unwrap_or_default())?;
    app.authorize(Operation::Upload, &headers)?;
    app.state().tokens.state(&token, Stage::Head, app.now())?;
    let received = receive(&app, &headers, body).await;
    let end = UploadEnd { token: &token, broken_off: received.form.broken_off };
    if app.settings.policy.spends_token(&end, false) {
        app.commit(|state| state.delete_token(&token, app.now())).await?;
    }
    let is_later = received.form.video_id.is_some();
    let (accepted, recorded) = app.decide(|state| state.upload_by_token(&token, received, app.now()));
    accept(app, accepted?, is_later, recorded).await
}

/// `POST /videos/{id}/source`
pub(crate) async fn by_key(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Reply, Problem> {
    app.authorize(Operation::UploadSource, &headers)?;
    if !app.state().videos.contains_key(&id) {
        return Err(Problem::no_such_video());
    }
    let received = receive(&app, &headers, body).await;
    // An access token must be good when the file has arrived, too.
    app.authorize(Operation::UploadSource, &headers)?;
    let (accepted, recorded) = app.decide(|state| state.upload_by_key(&id, received, app.now()));
    accept(app, accepted?, false, recorded).await
}

fn upload_token(query: &str) -> Result<String, Problem> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, token)| name == "token" && !token.is_empty())
        .map(|(_, token)| token.into_owned())
        .ok_or_else(|| Problem::new(kind::MISSING_UPLOAD_TOKEN, "The query has no upload token.").of("token"))
}

/// Reads a segment to its end.
async fn receive(app: &App, headers: &HeaderMap, body: Body) -> ReceivedForm {
    let (began, accepted_before) = (app.now(), app.state().accepted());
    let max_file = app.settings.policy.largest_file(headers, app.settings.limits.max_request);
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let declared: Option<u64> = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let form = if declared.is_some_and(|length| length > max_file.saturating_add(FORM_OVERHEAD)) {
        let detail = format!("A file of one request has at most {max_file} bytes.");
        let fault = Some(Problem::new(kind::FILE_TOO_LARGE, detail).of("file"));
        Form { fault, ..Form::default() }
    } else {
        let boundary = text(CONTENT_TYPE).and_then(boundary_of);
        let limits = FormLimits { max_file, has_range: headers.contains_key(CONTENT_RANGE) };
        FormReader::new(&app.store, limits, &app.settings).read(boundary, body).await
    };
    ReceivedForm { form, range: content_range(app, headers), began, accepted_before }
}

/// More than one header, or one that is no text, is as malformed as any other nonsense.
fn content_range(app: &App, headers: &HeaderMap) -> ContentRange {
    let mut values = headers.get_all(CONTENT_RANGE).iter();
    let Some(value) = values.next() else { return ContentRange::Absent };
    match (values.next(), value.to_str()) {
        (None, Ok(value)) => app.settings.policy.content_range(value, ContentRange::parse(value)),
        _ => app.settings.policy.content_range("", ContentRange::Malformed),
    }
}

/// Answers a segment that was accepted, once that is recorded; behind the last one the file is put together first.
async fn accept(
    app: Arc<App>,
    accepted: Accepted,
    is_later: bool,
    recorded: Recorded,
) -> Result<Reply, Problem> {
    let Accepted { video_id, completed } = accepted;
    let segment = AcceptedSegment { is_later, completes: completed.is_some() };
    match completed {
        Some(complete) if app.store.keeps() => {
            // A client that goes away now takes its answer with it, and not the file.
            let assembling = Arc::clone(&app);
            let assembled = tokio::spawn(async move { assembling.assemble(recorded, complete).await });
            let lost = |_| Problem::new(kind::INTERNAL, "The file could not be assembled.");
            assembled.await.map_err(lost)??;
        }
        _ => recorded.wait().await?,
    }
    let mut video = app.state().video(&video_id, app.now())?.json(&app.origin, &app.settings);
    app.settings.policy.segment_answered(&segment, &mut video);
    Ok(Reply::json(StatusCode::CREATED, video))
}
