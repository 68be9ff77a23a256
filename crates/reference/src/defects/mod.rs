//! The planted defects: deviations as real servers have them. All are off by default.
//!
//! A defect is one entry in one of these files: its name, what goes wrong in one line, and the decisions of the policy
//! that it overrides. What it must remember lives in its own closures. Nothing outside this folder knows a defect.

pub(crate) mod catalogue;
pub(crate) mod entry;
pub(crate) mod memory;
pub(crate) mod plant;
pub(crate) mod set;

mod access;
mod auth;
mod bytes;
mod edits;
mod exchange;
mod forms;
mod grace;
mod http;
mod lifetimes;
mod numbers;
mod part;
mod ranges;
mod revoke;
mod schema;
mod shapes;
mod token;
mod token_lists;
mod ttl;
mod upload;
mod videos;
