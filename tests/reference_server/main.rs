//! The reference server from outside: every point of the contract, over real connections on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot reach its own server fails aloud")]

mod clients;
mod crowd;
mod defects;
mod frames;
mod hostile;
mod hostile_http2;
mod hostile_memory;
mod hostile_slow;
mod hostile_tls;
mod http2;
mod lasting;
mod life;
mod secured;
mod storage;
mod support;
mod talk;
mod talks;
mod uploads;
mod wire;
