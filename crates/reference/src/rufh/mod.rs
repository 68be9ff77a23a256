//! A reference server for resumable uploads over HTTP, the draft of the IETF: interop versions 6, 8 and 9 side by side.
//!
//! The way of a request: `server` takes the connection, `connection` reads its head, `route` finds who answers it (`create`,
//! `append`, `inspect`), and `transfer` moves its content into an `upload`, whose state is numbers and running digests alone:
//! no content is kept. Where versions differ, the one that an upload was created with decides, and each difference stands
//! where it is used. HTTP is read and written by hand, because interim responses are most of what there is to show.
//!
//! It imports nothing of the harness, and of the rest of this crate only how a listener takes connections, and its errors.

mod append;
mod body;
mod complete;
mod connection;
mod create;
mod defects;
mod digests;
mod fields;
mod head;
mod inspect;
mod interop;
mod lengths;
mod limits;
mod problem;
mod response;
mod route;
mod server;
mod service;
mod transfer;
mod upload;
mod uploads;

pub use defects::RufhDefect;
pub use server::{RufhConfig, RufhServer};
