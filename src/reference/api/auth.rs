//! Credentials are exchanged: an API key, or a refresh token, for an access token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::super::answer;
use super::super::app::App;
use super::super::problem::Problem;
use super::json::Object;

/// `POST /auth/api-key`
pub(super) async fn exchange(State(app): State<Arc<App>>, body: Body) -> Result<Response, Problem> {
    let object = Object::read(body).await?;
    let key = object.required_text("apiKey")?;
    let books = &mut *app.books();
    let token = books.access.exchange(key, &mut books.names, app.now())?;
    Ok(answer::json(StatusCode::OK, &token))
}

/// `POST /auth/refresh`
pub(super) async fn refresh(State(app): State<Arc<App>>, body: Body) -> Result<Response, Problem> {
    let object = Object::read(body).await?;
    let refresh = object.required_text("refreshToken")?;
    let books = &mut *app.books();
    let token = books.access.refresh(refresh, &mut books.names, app.now())?;
    Ok(answer::json(StatusCode::OK, &token))
}
