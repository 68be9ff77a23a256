//! The reference server: an upload endpoint that keeps the whole contract, and can be told to break it in one point.
//!
//! It imports nothing of ours. What it has in common with the harness that judges it is the written contract alone:
//! two that agree because they are the same code prove nothing.
//!
//! The way of a call: `server` takes the connection, which `connection` serves; `edge` counts it, routes it and dresses its answer; a handler in
//! `api` reads it (a form by `form` and `multipart`, its bytes into `store`) and asks `books`, which decides behind one
//! short-held lock by `access`, `tokens`, `videos` and `progress`; where a folder was given, `ledger` writes the decision down
//! before it is answered. All time is the `clock`'s.

mod access;
mod answer;
mod api;
mod app;
mod arrival;
mod books;
mod bytes_progress;
mod clock;
mod config;
mod connection;
mod control;
mod defect;
mod edge;
mod error;
mod form;
mod ghosts;
mod intake;
mod ledger;
mod listing;
mod multipart;
mod names;
mod parts_progress;
mod problem;
mod progress;
mod range;
mod rate;
mod recall;
mod server;
mod store;
mod terms;
mod tls;
mod tokens;
mod videos;

pub use config::{ClockKind, Config, Limits, RateLimit, Storage, Tls};
pub use defect::{Defect, Defects};
pub use error::ReferenceError;
pub use server::Server;
