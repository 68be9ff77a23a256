//! The reference server from outside: every point of the contract, over real connections on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot reach its own server fails aloud")]

mod clients;
mod crowd;
mod defects;
mod hostile;
mod http2;
mod life;
mod secured;
mod storage;
mod support;
mod talk;
mod talks;
mod uploads;
mod wire;
