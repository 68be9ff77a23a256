//! Upload tokens are created, listed, shown and deleted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::super::answer;
use super::super::app::App;
use super::super::listing::Listing;
use super::super::problem::Problem;
use super::super::tokens::{self, MAX_TTL, UploadToken};
use super::json::{Object, invalid};

/// `POST /upload-tokens`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    let ttl = ttl(&Object::read_or_empty(body).await?)?;
    let books = &mut *app.books();
    let token = books.tokens.create(ttl, &mut books.names, app.now());
    Ok(answer::json(StatusCode::OK, &token))
}

/// `GET /upload-tokens`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    let listing = Listing::read(query.as_deref().unwrap_or_default())?;
    let mut active = app.books().tokens.active(app.now());
    tokens::sort(&mut active, listing.sort_by);
    if listing.descending {
        active.reverse();
    }
    let data: Vec<_> = listing.page(&active).iter().map(UploadToken::json).collect();
    let pagination = listing.pagination(active.len(), data.len(), &format!("{}/upload-tokens", app.origin));
    Ok(answer::json(StatusCode::OK, &json!({ "data": data, "pagination": pagination })))
}

/// `GET /upload-tokens/{token}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    let token = app.books().tokens.show(&token, app.now())?;
    Ok(answer::json(StatusCode::OK, &token))
}

/// `DELETE /upload-tokens/{token}`
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    app.books().tokens.delete(&token, app.now())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn ttl(object: &Object) -> Result<i64, Problem> {
    match object.get("ttl") {
        None => Ok(0),
        Some(Value::Number(number)) => number
            .as_i64()
            .filter(|ttl| (0..=MAX_TTL).contains(ttl))
            .ok_or_else(|| invalid("ttl", "a whole number from 0 to 2147483647")),
        Some(_) => Err(invalid("ttl", "a whole number")),
    }
}
