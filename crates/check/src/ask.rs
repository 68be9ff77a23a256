//! Asks a target what it can do, without testing any rule.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::context::RunContext;
use super::detect::detect;
use super::greeting::try_credentials;
use super::job::{CheckError, KeepExchanges, RunOptions};
use super::selection::Selection;
use uptake_outcome::{CapabilityFinding, Ending};
use uptake_stop::Stopper;
use uptake_suite::Loaded;
use uptake_target::Target;

/// What a target answered.
#[derive(Debug)]
pub struct Asked {
    /// What it can do, as far as the suite can see it.
    pub capabilities: Vec<CapabilityFinding>,
    /// Whether it could be asked at all.
    pub ending: Ending,
}

/// Tries the credentials, and asks for each capability that the suite can see. What that makes is removed again.
pub async fn ask(loaded: &Loaded, target: &Target, stopper: Stopper) -> Result<Asked, CheckError> {
    let options = RunOptions {
        selection: Selection::default(),
        jobs: NonZeroUsize::MIN,
        seed: 1,
        patience: Duration::MAX,
        keep: KeepExchanges::None,
        reports_exchanges: false,
    };
    let context = RunContext::new(loaded, target, &options, stopper)?;
    try_credentials(&context).await;
    let capabilities =
        if context.stop.is_running() { detect(&context, None, loaded).await } else { Vec::new() };
    Ok(Asked { capabilities, ending: context.stop.ending() })
}
