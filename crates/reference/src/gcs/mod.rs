//! A reference server for resumable uploads, as the public reference of the JSON API of Google Cloud Storage describes them: one
//! bucket, one token.
//!
//! The way of a request: `server` takes it from a connection, `route` finds who answers it: `start` for a session, `upload` and
//! `cancel` for the requests to its URI, `objects` for what became of it. `upload` reads what a request says of its content
//! (`content_range`), lets `receiving` append it to the `session`, and in the end `complete` makes an object of it. `bucket` holds sessions and objects, behind one lock that is
//! never held over a wait; each session has a lock of its own, so that its requests run one after the other.
//!
//! It imports nothing of the harness, and of the rest of this crate only `storage`, how a listener takes connections, and its
//! errors.

mod answer;
mod bucket;
mod cancel;
mod complete;
mod conditions;
mod content_range;
mod defects;
mod hashes;
mod metadata;
mod object;
mod objects;
mod receiving;
mod request;
mod route;
mod server;
mod service;
mod session;
mod start;
mod upload;

pub use defects::GcsDefect;
pub use server::{GcsConfig, GcsServer};
