//! The oracle of any upload protocol: a model of the accepted bytes, with what the protocol says as parameters.
//!
//! [`Semantics`] says what the protocol means by order, repetition, sizes and completion. [`Model`] takes the answers of
//! one upload, one after the other, and says which the protocol allows: whether a segment is accepted, how many bytes are
//! received, and whether the upload is complete. It knows no protocol, sends nothing and reads no clock.

mod aspect;
mod at_once;
mod faults;
mod model;
mod report;
mod segment;
mod semantics;
mod state;
#[cfg(test)]
mod tests;
mod violation;

pub use aspect::Aspect;
pub use model::Model;
pub use report::Report;
pub use segment::{Reply, Segment};
pub use semantics::{Again, BrokenOff, Completion, Order, PlacedBy, Refusals, Semantics, Sizes, Statuses};
pub use violation::{Verdict, Violation};
