//! Is every rule able to fail? Runs a suite against the reference server, once faithful and once with each planted
//! defect, and sets up the kill matrix. Any other server, and any suite, is measured by mutations of its answers.
//!
//! It judges nothing itself: a defect is caught where `check` says that a rule failed. It knows no command line and
//! prints nothing; what goes on is told to a listener. The [`Sandbox`] is also what `check` asks where nobody names a
//! target.

mod defect_runs;
mod depth;
mod error;
mod failure_tracker;
mod faithful;
mod found;
mod matrix;
mod mutate;
mod pairs;
mod progress;
mod run;
#[cfg(test)]
mod sample;
mod sandbox;
mod search;
mod suite_run;

pub use depth::Depth;
pub use error::ProveError;
pub use faithful::run_faithful;
pub use mutate::{MutationPlan, Server, prove_by_mutation};
pub use progress::{Event, Listener};
pub use run::{Plan, Proof, prove};
pub use sandbox::{REFERENCE_SUITE, Sandbox};
