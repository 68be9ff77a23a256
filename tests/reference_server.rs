//! The reference server from outside: every point of the contract, over real connections on loopback.

#[path = "reference_server/support.rs"]
mod support;

#[path = "reference_server/uploads.rs"]
mod uploads;
