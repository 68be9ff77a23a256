//! The oracle: a small, pure model of the delegated-upload contract.
//!
//! Given the history of some tokens and uploads it says which answers the contract allows to the next request, and after
//! it which bytes are stored and whether an upload is complete. Where the contract leaves a choice, the model keeps every
//! state that the answers so far allow. The target has broken the contract when no state is left.
//!
//! [`upload`] is a model of any upload protocol, with what the protocol says as parameters.
//!
//! It is written from the contract and depends on no crate of this workspace, least of all the reference server: two that
//! agree because they share code prove nothing. A test holds that. It sends nothing and reads no clock; callers pass the
//! time in.

mod allowed;
pub mod contract;
mod fault;
mod model;
mod orders;
mod outcome;
mod range;
mod segment;
mod state;
mod status;

#[cfg(test)]
mod tests;
pub mod upload;

pub use allowed::{Allowed, Answer, Video, Violation};
pub use fault::Fault;
pub use model::Model;
pub use state::{ContractLimits, Request, Span, VideoRef};
pub use status::{ExpectedStatus, ObservedStatus};
