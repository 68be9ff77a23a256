//! Proves a suite against any server: an interceptor between suite and server alters one answer at a time, and a rule that no
//! alteration fails is unproven.
//!
//! Nothing here knows a protocol. Each scenario runs once through the interceptor, which records its answers; `derive` turns
//! each recorded answer into mutations (a status, a header, a member of a JSON body, a repeated answer, a request that the
//! server never gets); then the scenario runs once for each mutation. `check` judges; this module only compares verdicts.

mod answer;
mod change;
mod connect;
mod derive;
mod interceptor;
mod json;
mod plan;
mod relay;
mod relevance;
mod run;
mod scenario;
mod text;
mod unsent;

pub use plan::{MutationPlan, Server};
pub use run::prove_by_mutation;
