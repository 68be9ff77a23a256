//! Videos are created as containers, shown and deleted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::json::{Object, invalid};
use crate::app::App;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::server::answer::Reply;
use crate::state::details::Details;
use crate::state::server_state::ServerState;

/// `POST /videos`
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Reply, Problem> {
    app.authorize(Operation::CreateVideo, &headers)?;
    let details = details(&Object::read(body, app.settings.timeout).await?)?;
    let create =
        |state: &mut ServerState| Ok(state.create_video(details, app.now()).json(&app.origin, &app.settings));
    let video = app.commit(create).await?;
    Ok(Reply::json(StatusCode::CREATED, video))
}

/// `GET /videos/{id}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Reply, Problem> {
    app.authorize(Operation::ShowVideo, &headers)?;
    let video = app.state().video(&id, app.now())?.json(&app.origin, &app.settings);
    Ok(Reply::json(StatusCode::OK, video))
}

/// `DELETE /videos/{id}`
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Reply, Problem> {
    app.authorize(Operation::DeleteVideo, &headers)?;
    app.commit(|state| state.delete_video(&id)).await?;
    Ok(Reply::no_content())
}

/// `GET /videos/{id}/status`
pub(crate) async fn status(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Reply, Problem> {
    app.authorize(Operation::ShowStatus, &headers)?;
    let now = app.now();
    let status = app.state().video(&id, now)?.status(&app.settings, now);
    Ok(Reply::json(StatusCode::OK, status))
}

fn details(object: &Object) -> Result<Details, Problem> {
    let mut details = Details::titled(object.required_text("title")?.to_owned());
    if object.get("source").is_some() {
        return Err(invalid("source", "absent: this server fetches nothing"));
    }
    object.text("description")?.unwrap_or_default().clone_into(&mut details.description);
    details.public = object.truth("public")?.unwrap_or(details.public);
    details.panoramic = object.truth("panoramic")?.unwrap_or(details.panoramic);
    details.mp4_support = object.truth("mp4Support")?.unwrap_or(details.mp4_support);
    details.language = object.text("language")?.map(str::to_owned);
    details.player_id = object.text("playerId")?.map(str::to_owned);
    details.tags = each(object, "tags", "a list of texts", |tag| tag.as_str().map(str::to_owned))?;
    details.metadata = each(object, "metadata", "a list of objects with key and value", |pair| {
        Some((pair["key"].as_str()?.to_owned(), pair["value"].as_str()?.to_owned()))
    })?;
    Ok(details)
}

/// Reads a list that may be absent; every item must be one.
fn each<T>(
    object: &Object,
    name: &'static str,
    wanted: &str,
    item: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, Problem> {
    let Some(value) = object.get(name) else { return Ok(Vec::new()) };
    let items = value.as_array().and_then(|items| items.iter().map(item).collect());
    items.ok_or_else(|| invalid(name, wanted))
}
