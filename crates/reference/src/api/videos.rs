//! Videos are created as containers, shown and deleted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::super::answer;
use super::super::app::App;
use super::super::books::Books;
use super::super::problem::Problem;
use super::super::videos::Details;
use super::json::{Object, invalid};

/// `POST /videos`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    let details = details(&Object::read(body, app.terms.patience).await?)?;
    let create =
        |books: &mut Books| Ok(books.create_video(details, app.now()).json(&app.origin, app.terms.defects));
    let video = app.settle(create).await?;
    Ok(answer::json(StatusCode::CREATED, &video))
}

/// `GET /videos/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    let video = app.books().video(&id, app.now())?.json(&app.origin, app.terms.defects);
    Ok(answer::json(StatusCode::OK, &video))
}

/// `DELETE /videos/{id}`
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    app.settle(|books| books.delete_video(&id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /videos/{id}/status`
pub(super) async fn status(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    let now = app.now();
    let status = app.books().video(&id, now)?.status(&app.terms, now);
    Ok(answer::json(StatusCode::OK, &status))
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
