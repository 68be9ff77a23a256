//! The oracle: a small, pure model of the delegated-upload contract.
//!
//! Given the history of some tokens and uploads it says which answers the contract allows to the next request, and after
//! it which bytes are there and whether an upload is complete. Where the contract is silent, so is the model: it goes on
//! with every state that the answers so far allow, and only when none is left has the target broken something.
//!
//! It is written from the contract and imports nothing of the house, least of all the reference server: two that agree
//! because they are the same code prove nothing. A test of the crate holds that. It sends nothing and knows no clock but
//! the instants that it is told.

mod allowed;
mod fault;
mod look;
mod model;
mod place;
mod range;
mod state;
#[cfg(test)]
mod tests;

pub use allowed::{Allowed, Answer, Shortfall, Video};
pub use fault::Fault;
pub use look::{Look, LookWanted};
pub use model::Model;
pub use state::{Link, Request, Span, Terms};
