//! The reference server: an upload endpoint that keeps the whole contract, and can be told to break it in one point.
//!
//! It imports nothing of ours. What it has in common with the harness that judges it is the written contract alone:
//! two that agree because they are the same code prove nothing.
//!
//! The way of a call: `server` takes the connection, counts the call, routes it and finishes its answer; a handler in
//! `api` reads it (a form by `form`, its bytes into `store`) and asks `state`, which decides behind one short-held lock
//! with the help of `upload`; where a folder was given, `database` records the decision before it is answered. All
//! time is the `clock`'s.
//!
//! Every decision of the contract is asked of `policy`, whose default is the contract. The planted defects are
//! overrides of it and live in `defects`; nothing else knows them.

mod api;
mod app;
mod clock;
mod config;
mod control;
mod database;
mod defects;
mod error;
mod form;
pub mod gcs;
mod ids;
mod limits;
mod operation;
mod policy;
mod problem;
mod protocol;
pub mod rufh;
pub mod s3;
mod server;
mod settings;
mod state;
mod storage;
mod store;
mod timestamp;
mod upload;

pub use config::{ClockKind, Config, RateLimit, Storage, Tls};
pub use defects::set::{Defect, Defects};
pub use error::ReferenceError;
pub use limits::Limits;
pub use protocol::Protocol;
pub use server::lifecycle::Server;
