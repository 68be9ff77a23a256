//! Property-tests chunk boundaries against a live endpoint.
//!
//! `strategy` generates cases, `attempt` does to the target what a case says, and the [`oracle`] holds every answer
//! against the contract. What it finds is repeated, made smaller (`shrink`), drawn (`picture`) and written down as a
//! scenario (`scenario`) that `uptake check` replays. The room knows no command line, starts no server and prints
//! nothing; what goes on is told to a listener.

mod asker;
mod attempt;
mod body;
mod case;
mod error;
mod lane;
mod misfit;
mod picture;
mod progress;
mod property;
mod reduce;
mod run;
mod scenario;
mod shrink;
mod strategy;
mod words;

pub use error::FuzzError;
pub use progress::{Listener, Progress};
pub use property::Property;
pub use run::{Bounds, Plan, fuzz};
