//! The endpoints of the contract, one file a resource. A handler reads a request, asks the state, and answers; it
//! decides nothing itself, and leaves to the middleware whatever all answers have in common.

mod auth;
mod json;
pub(crate) mod routes;
mod tokens;
mod upload;
mod videos;
