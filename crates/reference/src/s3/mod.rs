//! A reference server for multipart uploads and presigned URLs, as the public reference of Amazon S3 describes them: one
//! bucket, one key.
//!
//! The way of a request: `server` takes it from a connection, `request` reads its head, `signature` verifies it, `content`
//! receives its body into a file, and `route` finds who answers: `initiate`, `parts`, `complete`, `lists` for uploads, `objects`
//! for objects. `bucket` holds both, behind one lock that is never held over a wait.
//!
//! It imports nothing of the harness, and of the rest of this crate only `storage`, how a listener takes connections, and its errors.

mod answer;
mod bucket;
mod checksum;
mod complete;
mod conditions;
mod content;
mod defects;
mod initiate;
mod lists;
mod objects;
mod part;
mod parts;
mod request;
mod route;
mod server;
mod service;
mod signature;
mod signed;
mod xml;

pub use defects::S3Defect;
pub use server::{S3Config, S3Server};
