//! The whole suite against the faithful server: once as it is, and once with a rate limit that is soon reached.

use std::sync::Arc;

use super::error::ProveError;
use super::suite_run::SuiteRun;
use uptake_outcome::Run;
use uptake_reference::Defects;
use uptake_stop::Stopper;
use uptake_suite::Loaded;

/// What the suite says of the reference server without a planted defect.
pub async fn run_faithful(loaded: Arc<Loaded>, seed: u64) -> Result<Run, ProveError> {
    let (stopper, defects) = (Stopper::default(), Defects::none());
    SuiteRun { loaded, seed, stopper, defects }.whole().await
}
