//! Upload tokens are created, listed, shown and deleted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::json::{Object, invalid};
use crate::app::App;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::server::answer::Reply;
use crate::state::list_query::ListQuery;
use crate::state::server_state::ServerState;
use crate::state::token::MAX_TTL;
use crate::state::tokens;

/// `POST /upload-tokens`
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Reply, Problem> {
    app.authorize(Operation::CreateToken, &headers)?;
    let policy = &app.settings.policy;
    let object = Object::read_or_empty(body, app.settings.timeout).await?;
    let ttl = policy.ttl(object.get("ttl"), ttl(object.get("ttl")))?;
    let create = |state: &mut ServerState| {
        state.tidy(app.now());
        Ok(state.tokens.create(ttl, &mut state.ids, app.now()))
    };
    let token = app.commit(create).await?;
    Ok(Reply::json(StatusCode::OK, tokens::json(&token, policy)))
}

/// `GET /upload-tokens`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Reply, Problem> {
    app.authorize(Operation::ListTokens, &headers)?;
    let policy = &app.settings.policy;
    let query = query.unwrap_or_default();
    let query = policy.list_query(&query, ListQuery::read(&query))?;
    let active = app.state().tokens.list(&query, app.now());
    let page = &active[policy.page(&query, active.len(), query.range(active.len()))];
    let data: Vec<_> = page.iter().map(|token| tokens::json(token, policy)).collect();
    let pagination = query.pagination(active.len(), data.len(), &format!("{}/upload-tokens", app.origin));
    Ok(Reply::json(StatusCode::OK, json!({ "data": data, "pagination": pagination })))
}

/// `GET /upload-tokens/{token}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Reply, Problem> {
    app.authorize(Operation::ShowToken, &headers)?;
    let token = app.state().tokens.show(&token, app.now())?;
    Ok(Reply::json(StatusCode::OK, tokens::json(&token, &app.settings.policy)))
}

/// `DELETE /upload-tokens/{token}`
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Reply, Problem> {
    app.authorize(Operation::DeleteToken, &headers)?;
    app.commit(|state| state.delete_token(&token, app.now())).await?;
    Ok(Reply::no_content())
}

/// Absent means no expiry; otherwise it is a whole number.
fn ttl(given: Option<&Value>) -> Result<i64, Problem> {
    match given {
        None => Ok(0),
        Some(value) => value
            .as_i64()
            .filter(|ttl| (0..=MAX_TTL).contains(ttl))
            .ok_or_else(|| invalid("ttl", &format!("a whole number from 0 to {MAX_TTL}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ttl_is_a_whole_number_that_the_contract_allows() {
        for (given, expected) in [
            (json!(0), Some(0)),
            (json!(2_147_483_647), Some(MAX_TTL)),
            (json!(2_147_483_648_i64), None),
            (json!(-1), None),
            (json!(1.5), None),
            (json!(1e30), None),
            (json!("60"), None),
            (json!(true), None),
            (json!(null), None),
            (json!([60]), None),
        ] {
            assert_eq!(ttl(Some(&given)).ok(), expected, "{given}");
        }
        assert_eq!(ttl(None).ok(), Some(0));
    }
}
