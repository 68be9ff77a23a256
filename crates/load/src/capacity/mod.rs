//! Searches the highest offered load that meets a condition: the capacity of a target.
//!
//! [`search`](self::search) decides which load to measure next; it is a state machine that knows neither time nor network.
//! [`figures`](self::figures) holds what was measured against the condition, and says whether that is stable. `find` carries the
//! steps out, each as a load run of its own.

mod figures;
mod find;
mod knee;
#[cfg(test)]
mod model;
mod search;

pub use find::{CapacityEvent, CapacityListener, CapacityOptions, find_capacity};
