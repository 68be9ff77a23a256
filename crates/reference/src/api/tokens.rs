//! Upload tokens are created, listed, shown and deleted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::super::answer;
use super::super::app::App;
use super::super::books::Books;
use super::super::defect::{Defect, Defects};
use super::super::listing::Listing;
use super::super::problem::Problem;
use super::super::tokens::{self, MAX_TTL};
use super::json::{Object, invalid};

/// `POST /upload-tokens`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.authorize(&headers)?;
    let ttl = ttl(&Object::read_or_empty(body, app.terms.patience).await?, app.terms.defects)?;
    let create = |books: &mut Books| {
        books.tidy(app.now());
        Ok(books.tokens.create(ttl, &mut books.names, app.now()))
    };
    let token = app.settle(create).await?.json(app.terms.defects);
    let created = app.terms.has(Defect::TokenAnswers201);
    Ok(answer::json(if created { StatusCode::CREATED } else { StatusCode::OK }, &token))
}

/// `GET /upload-tokens`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let defects = app.terms.defects;
    if !(is_nobody(&headers) && defects.has(Defect::TokenListIsPublic)) {
        app.authorize(&headers)?;
    }
    let listing = Listing::read(query.as_deref().unwrap_or_default(), defects)?;
    let mut active = app.books().tokens.active(app.now());
    tokens::sort(&mut active, listing.sort_by, defects);
    if listing.descending {
        active.reverse();
    }
    let data: Vec<_> = listing.page(&active).iter().map(|token| token.json(defects)).collect();
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
    Ok(answer::json(StatusCode::OK, &token.json(app.terms.defects)))
}

/// `DELETE /upload-tokens/{token}`
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    if !(is_nobody(&headers) && app.terms.has(Defect::TokenDeletionIsPublic)) {
        app.authorize(&headers)?;
    }
    app.settle(|books| books.delete_token(&token, app.now())).await?;
    if app.terms.has(Defect::DeletionAnswers200) {
        return Ok(answer::json(StatusCode::OK, &json!({})));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn ttl(object: &Object, defects: Defects) -> Result<i64, Problem> {
    let ttl = match object.get("ttl") {
        None if defects.has(Defect::AbsentTtlIsAnHour) => Some(3600),
        None => Some(0),
        #[expect(clippy::cast_possible_truncation, reason = "what is planted here is that a fraction is cut")]
        Some(Value::Number(number)) if defects.has(Defect::TtlFractionCut) => {
            number.as_f64().map(|ttl| ttl as i64)
        }
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) if defects.has(Defect::TtlAsTextAccepted) => text.parse().ok(),
        Some(_) => None,
    };
    let highest = if defects.has(Defect::TtlAboveAMonthRefused) { 30 * 24 * 3600 } else { MAX_TTL };
    match ttl {
        Some(..0) if defects.has(Defect::NegativeTtlAccepted) => Ok(0),
        Some(ttl) if ttl == MAX_TTL + 1 && defects.has(Defect::TtlLimitOffByOne) => Ok(ttl),
        Some(ttl) if (0..=highest).contains(&ttl) => Ok(ttl),
        _ => Err(invalid("ttl", &format!("a whole number from 0 to {highest}"))),
    }
}

fn is_nobody(headers: &HeaderMap) -> bool {
    !headers.contains_key(AUTHORIZATION)
}
