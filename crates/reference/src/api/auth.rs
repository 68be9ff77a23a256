//! Credentials are exchanged: an API key, or a refresh token, for an access token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use super::super::answer;
use super::super::app::App;
use super::super::books::Books;
use super::super::defect::Defect;
use super::super::problem::{Problem, kind};
use super::json::Object;

/// `POST /auth/api-key`
pub(super) async fn exchange(State(app): State<Arc<App>>, body: Body) -> Result<Response, Problem> {
    let broken = app.terms.has(Defect::NotJsonIs500);
    let object = Object::read(body, app.terms.patience)
        .await
        .map_err(|problem| if broken { problem.but(500) } else { problem })?;
    let confused = app.terms.has(Defect::MissingApiKeyIs404);
    let key = object.required_text("apiKey");
    let key = key.map_err(|problem| if confused { problem.but(404) } else { problem })?;
    let exchange = |books: &mut Books| books.access.exchange(key, &mut books.names, app.now());
    let mut token = app.settle(exchange).await?;
    if app.terms.has(Defect::ApiKeyRepeated) {
        token["api_key"] = key.into();
    }
    let created = app.terms.has(Defect::ExchangeAnswers201);
    Ok(answer::json(if created { StatusCode::CREATED } else { StatusCode::OK }, &token))
}

/// `POST /auth/refresh`
pub(super) async fn refresh(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let labelled =
        headers.get(CONTENT_TYPE).is_some_and(|label| label.as_bytes().starts_with(b"application/json"));
    if !labelled && app.terms.has(Defect::RefreshAsTextRefused) {
        return Err(Problem::new(kind::INVALID_PAYLOAD, "The body must be labelled application/json."));
    }
    let object = Object::read(body, app.terms.patience).await?;
    let refresh = object.required_text("refreshToken")?;
    let exchange = |books: &mut Books| books.access.refresh(refresh, &mut books.names, app.now());
    let token = app.settle(exchange).await?;
    Ok(answer::json(StatusCode::OK, &token))
}
