//! The endpoints of the contract, one file a resource. A handler reads a request, asks the books, and answers; it
//! decides nothing itself, and leaves to the edge whatever all answers have in common.

mod auth;
mod json;
mod routes;
mod tokens;
mod upload;
mod videos;

pub(super) use routes::router;
