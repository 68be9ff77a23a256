//! Which call goes to which handler.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::{auth, tokens, upload, videos};
use crate::app::App;
use crate::problem::{Problem, kind};

/// The whole API.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/auth/api-key", post(auth::exchange))
        .route("/auth/refresh", post(auth::refresh))
        .route("/upload-tokens", get(tokens::list).post(tokens::create))
        .route("/upload-tokens/{token}", get(tokens::show).delete(tokens::delete))
        .route("/upload", post(upload::by_token))
        .route("/videos", post(videos::create))
        .route("/videos/{id}", get(videos::show).delete(videos::delete))
        .route("/videos/{id}/source", post(upload::by_key))
        .route("/videos/{id}/status", get(videos::status))
        .fallback(unknown_url)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(app)
}

async fn unknown_url() -> Problem {
    Problem::new(kind::UNKNOWN_URL, "This API has no such path.")
}

/// The router itself adds the `Allow` header.
async fn method_not_allowed() -> Problem {
    Problem::new(kind::METHOD_NOT_ALLOWED, "The Allow header lists the methods that this path supports.")
}
