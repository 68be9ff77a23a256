//! Credentials are exchanged: an API key, or a refresh token, for an access token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use http::StatusCode;

use super::json::Object;
use crate::app::App;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::server::answer::Reply;
use crate::state::server_state::ServerState;

/// `POST /auth/api-key`
pub(crate) async fn exchange(State(app): State<Arc<App>>, body: Body) -> Result<Reply, Problem> {
    let object = Object::read(body, app.settings.timeout).await?;
    let key = object.required_text("apiKey")?;
    let exchange = |state: &mut ServerState| state.access.exchange(key, &mut state.ids, app.now());
    let mut token = app.commit(exchange).await?;
    app.settings.policy.access_token_shown(Operation::ExchangeKey, key, &mut token);
    Ok(Reply::json(StatusCode::OK, token))
}

/// `POST /auth/refresh`
pub(crate) async fn refresh(State(app): State<Arc<App>>, body: Body) -> Result<Reply, Problem> {
    let object = Object::read(body, app.settings.timeout).await?;
    let refresh = object.required_text("refreshToken")?;
    let exchange = |state: &mut ServerState| state.access.refresh(refresh, &mut state.ids, app.now());
    let mut token = app.commit(exchange).await?;
    app.settings.policy.access_token_shown(Operation::Refresh, refresh, &mut token);
    Ok(Reply::json(StatusCode::OK, token))
}
